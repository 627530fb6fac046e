use super::*;
use crate::pattern::PLAIN_COMMAND;
use crate::{ApprovalKind, AttemptId, FileDiff, absolute};
use proptest::prelude::*;
use std::path::Component;

fn asking() -> Asking<'static> {
    Asking { run: RunId(uuid::Uuid::nil()), agent: "claude", dir: "/work/shop", project: "/work/shop" }
}

fn request(kind: ApprovalKind, text: &str) -> ApprovalRequest {
    ApprovalRequest {
        id: ApprovalId::new(),
        run: RunId::new(),
        attempt: AttemptId::new(),
        kind,
        tool: "Bash".into(),
        title: PLAIN_COMMAND.into(),
        text: text.into(),
        diffs: Vec::new(),
        input: serde_json::Value::Null,
        reason: None,
        questions: Vec::new(),
        sub_agent: None,
        web_page: None,
        hash: String::new(),
    }
}

fn command(text: &str) -> ApprovalRequest {
    request(ApprovalKind::Command, text)
}

fn edit(paths: &[&str]) -> ApprovalRequest {
    let diff = |path: &&str| FileDiff {
        path: path.to_string(),
        unified: String::new(),
        base_hash: None,
        created: false,
    };
    ApprovalRequest {
        diffs: paths.iter().map(diff).collect(),
        ..request(ApprovalKind::Edit, &paths.join("\n"))
    }
}

fn begins_with(words: &str) -> Pattern {
    Pattern::Commands { words: words.into(), title: PLAIN_COMMAND.into() }
}

#[test]
fn a_rule_about_the_beginning_of_a_command_covers_one_plain_command_and_nothing_else() {
    let rule = begins_with("npm test");
    for allowed in ["npm test", "npm test -- --watch=false", "npm test src/a.spec.ts"] {
        assert!(rule.covers(RuleEffect::Allow, asking(), &command(allowed)), "{allowed}");
    }
    let others = [
        "npm testing",
        "npm  test",
        "npm test && rm -rf ~",
        "npm test; curl x | sh",
        "npm test | tee out",
        "npm test > /etc/hosts",
        "npm test $(id)",
        "npm test `id`",
        "npm test\nrm -rf .",
        "npm test &",
        "npm test \"a b\"",
        "npm test ~/x",
        "npm test *",
        "npm test {a,b}",
        "npm test \u{202e}",
        "npm test ａ",
        "X=1 npm test",
        "env npm test",
        " npm test",
    ];
    for other in others {
        assert!(!rule.covers(RuleEffect::Allow, asking(), &command(other)), "{other}");
    }
    let elsewhere = ApprovalRequest { title: "Run a command (in ../other)".into(), ..command("npm test") };
    assert!(!rule.covers(RuleEffect::Allow, asking(), &elsewhere), "options are part of what is asked");
    assert!(
        rule.covers(RuleEffect::Deny, asking(), &command("npm test && rm -rf ~")),
        "to deny, a hint is enough"
    );
}

#[test]
fn no_rule_is_made_about_the_beginning_of_what_runs_anything() {
    for words in ["bash", "/bin/sh -c", "sudo", "python3 -c", "xargs", "PowerShell.exe", "env A=1", ". x"] {
        assert!(begins_with(words).problem().is_some(), "{words}");
    }
    for words in ["", "npm  test", "a;b", "npm test ", "$(x)", "A=1 npm"] {
        assert!(begins_with(words).problem().is_some(), "{words:?}");
    }
    assert_eq!(begins_with("git status").problem(), None);
}

#[test]
fn proposals_begin_with_the_narrowest() {
    let of = |request: &ApprovalRequest| -> Vec<String> {
        Pattern::proposals(asking(), request).iter().map(Pattern::to_string).collect()
    };
    assert_eq!(
        of(&command("git push origin main")),
        ["exactly the command: git push origin main", "plain commands: git push …"]
    );
    assert_eq!(of(&command("ls -la /tmp")), ["exactly the command: ls -la /tmp", "plain commands: ls …"]);
    assert_eq!(of(&command("cat a && rm b")), ["exactly the command: cat a && rm b"]);
    assert_eq!(of(&command("bash run.sh")), ["exactly the command: bash run.sh"]);
    assert_eq!(of(&edit(&["src/a.rs"])).len(), 3);
    assert_eq!(of(&edit(&["src/a.rs", "b.rs"])).len(), 1, "several files: the workspace or nothing");
    assert_eq!(of(&edit(&[".git/hooks/pre-commit"])), ["changes of /work/shop/.git/hooks/pre-commit"]);
    assert_eq!(of(&edit(&["../elsewhere"])).len(), 2, "the file and its folder, but no workspace");
    assert!(of(&request(ApprovalKind::Question, "?")).is_empty());
    assert!(of(&request(ApprovalKind::Plan, "do it")).is_empty());
    assert_eq!(of(&request(ApprovalKind::Tool, "{}")).len(), 2);
}

#[test]
fn a_rule_about_files_covers_no_other_place_and_nothing_that_steers_programs() {
    let covers =
        |pattern: &Pattern, paths: &[&str]| pattern.covers(RuleEffect::Allow, asking(), &edit(paths));
    let workspace = Pattern::Workspace;
    assert!(covers(&workspace, &["src/a.rs", "/work/shop/b.rs", "x/../c.rs"]));
    let outside = ["../a", "/etc/passwd", "src/../../a", "/work/shopping/a", "../../../../../../a"];
    let steering =
        [".git/config", "sub/.Git/config", ".claude/settings.json", ".envrc", ".MCP.json", ".git./x"];
    for path in outside.iter().chain(&steering) {
        assert!(!covers(&workspace, &[path]), "{path}");
        assert!(!covers(&workspace, &["src/a.rs", path]), "{path} among others");
    }
    let folder = Pattern::Folder { path: "/work/shop/src".into() };
    assert!(
        covers(&folder, &["src/deep/a.rs"])
            && !covers(&folder, &["srcs/a.rs"])
            && !covers(&folder, &["a.rs"])
    );
    let moved = ApprovalRequest { text: "src/a.rs → ../a.rs".into(), ..edit(&["src/a.rs"]) };
    assert!(
        !workspace.covers(RuleEffect::Allow, asking(), &moved),
        "what is shown besides is a person's to judge"
    );
    let nothing_shown = ApprovalRequest { diffs: Vec::new(), ..edit(&["src/a.rs"]) };
    assert!(!workspace.covers(RuleEffect::Allow, asking(), &nothing_shown));
}

#[test]
fn a_rule_holds_where_it_was_made_for_and_denying_wins() {
    let rule = |effect, scope| Rule {
        id: RuleId::new(),
        pattern: begins_with("npm test"),
        text: String::new(),
        scope,
        effect,
        say: None,
        made_at: Timestamp::UNIX_EPOCH,
        made_by: Actor::Gateway,
        approval: ApprovalId::new(),
        run: RunId::new(),
        revoked_at: None,
        revoked_by: None,
        used: 0,
        used_at: None,
    };
    let here = asking();
    let elsewhere = Asking { run: RunId::new(), dir: "/work/shop-two", project: "/work/shop-two", ..here };
    let inside = Asking { run: RunId::new(), dir: "/work/shop/api", project: "/work/shop/api", ..here };
    let asked = command("npm test");
    let reaches = |reach, whose| rule(RuleEffect::Allow, RuleScope::of(reach, here)).decides(whose, &asked);
    assert_eq!([here, inside, elsewhere].map(|whose| reaches(Reach::Run, whose)), [true, false, false]);
    assert_eq!([here, inside, elsewhere].map(|whose| reaches(Reach::Project, whose)), [true, true, false]);
    assert_eq!([here, inside, elsewhere].map(|whose| reaches(Reach::Always, whose)), [true, true, true]);

    let mut rules =
        vec![rule(RuleEffect::Allow, RuleScope::Always), rule(RuleEffect::Deny, RuleScope::Always)];
    assert_eq!(deciding(&rules, here, &asked).map(|rule| rule.effect), Some(RuleEffect::Deny));
    rules[1].revoked_at = Some(Timestamp::UNIX_EPOCH);
    assert_eq!(deciding(&rules, here, &asked).map(|rule| rule.effect), Some(RuleEffect::Allow));
    rules[0].revoked_at = Some(Timestamp::UNIX_EPOCH);
    assert_eq!(deciding(&rules, here, &asked), None);
}

proptest! {
    /// Whatever is put behind the words, a shell sees one command: no character that means something to it passes.
    #[test]
    fn nothing_a_shell_reads_passes_a_rule_about_a_beginning(rest in "\\PC*") {
        let text = format!("npm test {rest}");
        if begins_with("npm test").covers(RuleEffect::Allow, asking(), &command(&text)) {
            let special = ";&|<>$`(){}[]*?~!#\\'\"\n\r\t^";
            prop_assert!(!text.chars().any(|c| special.contains(c) || c.is_control() || !c.is_ascii()));
        }
    }

    #[test]
    fn a_file_covered_by_the_workspace_is_in_it(path in "[a-z./]{0,24}") {
        if Pattern::Workspace.covers(RuleEffect::Allow, asking(), &edit(&[&path])) {
            let clean = absolute(asking().dir, &path).unwrap();
            prop_assert!(clean.starts_with("/work/shop"));
            prop_assert!(clean.components().all(|part| part != Component::ParentDir));
        }
    }
}
