//! What Claude offers, and how it takes what is chosen.

use crate::control;
use crate::json::{items, text};
use offdesk_protocol::{Control, ControlId, Limit, LimitState, ModelOffer, Offers, SlashOffer, Timestamp};
use serde_json::{Value, json};

/// Its modes: id, name, what it does, and whether it still asks in it. Claude does not list them.
const MODES: [(&str, &str, &str, bool); 6] = [
    ("default", "Ask", "Asks before it changes or runs anything.", true),
    ("plan", "Plan", "Looks around and proposes a plan; changes nothing before you approve it.", true),
    ("acceptEdits", "Accept edits", "", false),
    ("auto", "Auto", "", false),
    ("dontAsk", "Don't ask", "", false),
    ("bypassPermissions", "Bypass permissions", "", false),
];

/// Whether Claude still asks in this mode.
pub(super) fn asks_in(mode: &str) -> bool {
    MODES.iter().any(|(id, _, _, asks)| *asks && *id == mode)
}

/// What the answer to `initialize` lists.
pub(super) fn of_initialize(answer: &Value) -> Offers {
    let mut offers = Offers { models: models(answer), slash: commands(answer), ..Offers::default() };
    for (id, name, description, asks) in MODES {
        control::mode(&mut offers, id, name, description, asks);
    }
    offers
}

fn models(answer: &Value) -> Vec<ModelOffer> {
    let models = items(answer, "models");
    control::at_most(models.filter_map(|model| {
        let (name, about) = (text(model, "displayName"), text(model, "description"));
        control::model(text(model, "value"), name, about, text(model, "resolvedModel"))
    }))
}

fn commands(answer: &Value) -> Vec<SlashOffer> {
    control::at_most(items(answer, "commands").filter_map(|command| {
        control::slash(text(command, "name"), text(command, "description"), text(command, "argumentHint"))
    }))
}

/// Leaves out what `system/init` says makes sense in a terminal only, or cannot be typed here.
pub(super) fn narrow(offers: &mut Offers, init: &Value) {
    let named =
        |key: &str| items(init, key).filter_map(Value::as_str).map(str::to_string).collect::<Vec<_>>();
    let (typed, terminal) = (named("slash_commands"), named("terminal_slash_commands"));
    if !typed.is_empty() {
        offers.slash.retain(|command| typed.contains(&command.name));
    }
    offers.slash.retain(|command| !terminal.contains(&command.name));
}

/// The request for what was chosen.
pub(super) fn request(id: ControlId, chosen: &Control) -> Value {
    let request = match chosen {
        Control::Model { id } => json!({"subtype": "set_model", "model": id}),
        Control::Mode { id } => json!({"subtype": "set_permission_mode", "mode": id}),
    };
    json!({"type": "control_request", "request_id": control::request_id(id, chosen), "request": request})
}

/// The limit in a `rate_limit_event`.
pub(super) fn limit(message: &Value) -> Option<Limit> {
    let told = message.get("rate_limit_info")?;
    let state = match text(told, "status") {
        "rejected" => LimitState::Reached,
        "allowed_warning" => LimitState::Near,
        "allowed" => LimitState::Open,
        _ => return None,
    };
    let window = match text(told, "rateLimitType") {
        "" => "account",
        window => window,
    };
    let resets_at = told.get("resetsAt").and_then(Value::as_i64);
    // Told as a part of one.
    let used_percent = told.get("utilization").and_then(Value::as_f64).map(|part| part * 100.0);
    Some(Limit {
        window: window.chars().take(80).collect(),
        state,
        used_percent,
        resets_at: resets_at.and_then(|seconds| Timestamp::from_second(seconds).ok()),
        resets_in: None,
    })
}
