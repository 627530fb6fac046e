//! What makes opencode ask a person before everything that has an effect, whatever else is set.

use crate::Environment;
use crate::json::{items, text};
use serde_json::{Map, Value, json};

/// Variables by which a person, or an opencode that started us, would change what we set.
pub(super) const REMOVED: [&str; 7] = [
    "OPENCODE_AUTO_SHARE",
    "OPENCODE_CLIENT",
    "OPENCODE_EXPERIMENTAL",
    "OPENCODE_EXPERIMENTAL_CODE_MODE",
    "OPENCODE_EXPERIMENTAL_PLAN_MODE",
    "OPENCODE",
    "OPENCODE_PID",
];

/// What only looks, or asks by itself. A sub-agent has its own requests.
const HARMLESS: [&str; 8] = ["read", "glob", "grep", "list", "todowrite", "todoread", "question", "task"];

/// Whether using this needs nobody's word.
pub(super) fn is_harmless(permission: &str) -> bool {
    HARMLESS.contains(&permission) || matches!(permission, "invalid" | "plan_enter" | "plan_exit")
}

/// Variables that win over the person's and the repository's settings.
pub(super) fn variables(environment: &Environment) -> Vec<(String, String)> {
    let own = json!({
        // Both would run programs of the repository (a formatter's plugin, a language server) unasked.
        "formatter": false,
        "lsp": false,
        "share": "disabled",
        "autoupdate": false,
        // A denial is not the end of a turn.
        "experimental": {"continue_loop_on_deny": true},
    });
    // What the person's environment sets there stays, where it is nothing of ours.
    let theirs = environment.var("OPENCODE_CONFIG_CONTENT").and_then(|text| serde_json::from_str(text).ok());
    let content = match (theirs, own) {
        (Some(Value::Object(mut all)), Value::Object(own)) => {
            all.extend(own);
            Value::Object(all)
        }
        (_, own) => own,
    };
    let set = |name: &str, value: String| (name.to_string(), value);
    vec![
        // A repository's opencode.json and .opencode allow, define agents, tools and servers, and bring plugins.
        set("OPENCODE_DISABLE_PROJECT_CONFIG", "1".into()),
        set("OPENCODE_CONFIG_CONTENT", content.to_string()),
        // Merged last of all.
        set("OPENCODE_PERMISSION", Value::Object(permission()).to_string()),
        set("OPENCODE_DISABLE_AUTOUPDATE", "1".into()),
        set("OPENCODE_DISABLE_LSP_DOWNLOAD", "1".into()),
    ]
}

/// The last rule that fits counts, so everything comes first.
fn permission() -> Map<String, Value> {
    let mut all = Map::from_iter([("*".to_string(), json!("ask"))]);
    for asking in ["edit", "bash", "webfetch", "websearch", "skill", "lsp", "external_directory", "doom_loop"]
    {
        all.insert(asking.into(), json!("ask"));
    }
    for harmless in HARMLESS {
        all.insert(harmless.into(), json!("allow"));
    }
    all.insert(
        "read".into(),
        json!({"*": "allow", "*.env": "ask", "*.env.*": "ask", "*.env.example": "allow"}),
    );
    all
}

/// The same as the rules of a conversation, which win over those of its agent; with sub-agents that do not ask denied.
pub(super) fn rules(loose: &[String]) -> Vec<Value> {
    let rule = |permission: &str, pattern: &str, action: &Value| json!({"permission": permission, "pattern": pattern, "action": action});
    let mut rules = Vec::new();
    for (name, value) in permission() {
        match value {
            Value::Object(patterns) => {
                rules.extend(patterns.iter().map(|(pattern, action)| rule(&name, pattern, action)));
            }
            action => rules.push(rule(&name, "*", &action)),
        }
    }
    rules.extend(loose.iter().map(|agent| rule("task", agent, &json!("deny"))));
    rules
}

/// Sub-agents that would act unasked: the rules of a conversation do not reach theirs, and the person's settings may
/// have some of their own for an agent.
pub(super) fn loose_agents(agents: &Value) -> Vec<String> {
    let each = agents.as_array().into_iter().flatten();
    let subs = each.filter(|agent| text(agent, "mode") != "primary");
    subs.filter(|agent| !asks(agent)).map(|agent| text(agent, "name").to_string()).collect()
}

fn asks(agent: &Value) -> bool {
    let mut safe = false;
    for rule in items(agent, "permission") {
        let (permission, action) = (text(rule, "permission"), text(rule, "action"));
        match (permission, text(rule, "pattern"), action) {
            ("*", "*", "ask" | "deny") => safe = true,
            (_, _, "ask" | "deny") => {}
            // Folders of opencode's own, where what it wrote itself is looked up.
            ("external_directory", pattern, _) if pattern != "*" => {}
            (permission, _, _) if is_harmless(permission) => {}
            _ => safe = false,
        }
    }
    safe
}
