//! What may happen unasked: rules, made on a card, seen, used and taken back; and what happens when nobody answers.

use crate::story::*;
use offdesk_protocol::*;

async fn rule_on(desk: &Desk, asked: &Approval, verdict: Verdict, reach: Reach, wide: bool) -> Rule {
    let previews = desk.client().preview_rules(asked.request.id, &PreviewRules::default()).await.unwrap();
    let mut fitting = previews.iter().filter(|preview| preview.reach == reach);
    let preview = if wide { fitting.next_back() } else { fitting.next() }.unwrap();
    let new = NewRule { pattern: preview.pattern.clone(), reach };
    let decision = Decision { rule: Some(new), ..Decision::new(&asked.request.hash, verdict) };
    // A phone that is not sure says it again.
    for _ in 0..2 {
        desk.client().decide(asked.request.id, &decision).await.unwrap();
    }
    let made = desk.client().rules().await.unwrap();
    made.into_iter().find(|rule| rule.id.0 == decision.id.0).unwrap()
}

async fn deciders(desk: &Desk, run: RunId) -> Vec<String> {
    let mut of_run = desk.client().approvals(Some(run), true).await.unwrap();
    of_run.sort_by_key(|record| record.requested_at);
    let who = |record: Approval| match record.decided_by {
        Some(Actor::Rule { text, .. }) => text,
        Some(Actor::Person { .. }) => "a person".into(),
        other => format!("{other:?}"),
    };
    of_run.into_iter().map(who).collect()
}

#[tokio::test]
async fn a_rule_made_on_a_card_decides_what_is_like_it_until_it_is_revoked() {
    let mut desk = Desk::new();
    let run = desk.start_run("demo", "run: mkdir -p a\nrun: mkdir -p b\nrun: mkdir -p c && touch d").await;
    let first = desk.asked(run).await;
    assert_eq!(first.request.text, "mkdir -p a");
    let rule = rule_on(&desk, &first, Verdict::Allow, Reach::Project, true).await;
    assert_eq!(
        (rule.text.as_str(), rule.run, rule.approval),
        ("plain commands: mkdir …", run, first.request.id)
    );

    // The second goes by the rule; the third is more than the rule is about.
    desk.until(run, "the third question", |view| view.line.contains("touch d")).await;
    assert_eq!(desk.asked(run).await.request.text, "mkdir -p c && touch d");
    assert!(desk.workspace.join("b").is_dir() && !desk.workspace.join("c").exists());
    assert_eq!(deciders(&desk, run).await, ["a person", "plain commands: mkdir …", "None"]);

    // It outlives the gateway, and holds for other runs in the project.
    desk.kill_gateway();
    desk.start();
    let second = desk.start_run("demo", "run: mkdir -p e").await;
    desk.until_state(second, RunState::Idle).await;
    assert!(desk.workspace.join("e").is_dir());
    let listed = desk.json(&["rules"]);
    assert_eq!(
        (listed[0]["used"].as_u64(), listed[0]["text"].as_str()),
        (Some(2), Some("plain commands: mkdir …"))
    );

    // Taken back, it decides nothing any more; not after a restart either, nor when all is derived anew.
    desk.json(&["rules", "revoke", &rule.id.to_string()]);
    let third = desk.start_run("demo", "run: mkdir -p f").await;
    desk.asked(third).await;
    desk.kill_gateway();
    desk.start();
    let fourth = desk.start_run("demo", "run: mkdir -p g").await;
    desk.asked(fourth).await;
    assert!(!desk.workspace.join("f").exists() && !desk.workspace.join("g").exists());
    assert_eq!(desk.json(&["rules"]).as_array().unwrap().len(), 0);
    let revoked = desk.client().rules().await.unwrap().remove(0);
    assert!(revoked.revoked_at.is_some() && matches!(revoked.revoked_by, Some(Actor::Person { .. })));
    desk.close().await;
}

#[tokio::test]
async fn all_like_this_are_denied_at_once_and_from_now_on() {
    let desk = Desk::new();
    let mut runs = Vec::new();
    for name in ["a", "b", "c"] {
        runs.push(desk.start_run("demo", &format!("run: mkdir -p {name}")).await);
    }
    let mut asked = Vec::new();
    for run in &runs {
        asked.push(desk.asked(*run).await);
    }
    let id = asked[0].request.id.to_string();
    let shown = desk.json(&["rules", "preview", &id]);
    let wide = shown
        .as_array()
        .unwrap()
        .iter()
        .find(|p| p["reach"] == "always" && p["pattern"]["type"] == "commands");
    assert_eq!(wide.unwrap()["waiting"], 2, "{shown}");
    desk.json(&["deny", &id, "--say", "no folders, please", "--rule", "always", "--pattern", "beginning"]);
    for run in &runs {
        desk.until_state(*run, RunState::Idle).await;
    }
    let later = desk.start_run("demo", "run: mkdir -p d").await;
    desk.until_state(later, RunState::Idle).await;
    let words = |e: &Envelope| matches!(&e.event, Event::ToolFinished { status: ToolStatus::Denied, output, .. } if output == "no folders, please");
    assert!(desk.events(later).await.iter().any(words), "the agent reads why");
    assert!(["a", "b", "c", "d"].iter().all(|name| !desk.workspace.join(name).exists()));

    // A rule that allows does not win against it.
    let rule = desk.client().rules().await.unwrap().remove(0);
    let narrow = desk.json(&["rules", "change", &rule.id.to_string(), "--reach", "run"]);
    assert_eq!(narrow["scope"]["run"], runs[0].to_string().as_str());
    let free = desk.start_run("demo", "run: mkdir -p e").await;
    desk.asked(free).await;
    desk.close().await;
}

#[tokio::test]
async fn several_are_decided_at_once_and_each_stands_alone() {
    let desk = Desk::new();
    let (one, two) =
        (desk.start_run("demo", "run: mkdir one").await, desk.start_run("demo", "run: mkdir two").await);
    let ids = [desk.asked(one).await.request.id.to_string(), desk.asked(two).await.request.id.to_string()];
    desk.json(&["deny", &ids[0]]);
    let output = desk.cli(&["approve", &ids[0], &ids[1]]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "one was decided before: {text}");
    desk.until_state(two, RunState::Idle).await;
    assert!(desk.workspace.join("two").is_dir() && !desk.workspace.join("one").exists());
    desk.close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_rule_about_the_workspace_does_not_follow_a_link_out_of_it_nor_into_git() {
    let desk = Desk::new();
    std::os::unix::fs::symlink(desk.home.path(), desk.workspace.join("up")).unwrap();
    std::fs::create_dir(desk.workspace.join(".git")).unwrap();
    let steps = ["edit: a.md", "edit: b.md", "edit: up/escaped.md", "edit: .git/config", "edit: c.md"];
    let run = desk.start_run("demo", &steps.join("\n")).await;
    let first = desk.asked(run).await;
    rule_on(&desk, &first, Verdict::Allow, Reach::Run, true).await;
    for waits in ["up/escaped.md", ".git/config"] {
        desk.until(run, waits, |view| view.state == RunState::Waiting && view.line.contains(waits)).await;
        let asked = desk.asked(run).await;
        desk.decide(&asked, Verdict::Deny { say: None, stop: false }).await;
    }
    desk.until_state(run, RunState::Idle).await;
    assert!(["a.md", "b.md", "c.md"].iter().all(|name| desk.workspace.join(name).is_file()));
    assert!(!desk.home.path().join("escaped.md").exists());
    desk.close().await;
}

#[tokio::test]
async fn what_nobody_answers_in_time_is_denied_also_by_the_next_gateway() {
    let mut desk = Desk::new();
    let start = StartRun {
        prompt: Some("run: mkdir late\nsay: and on".into()),
        approval_limit: Some(1),
        ..StartRun::of("demo", desk.workspace.to_str().unwrap())
    };
    let run = desk.client().start(&start).await.unwrap().id;
    desk.asked(run).await;
    desk.kill_gateway();
    desk.start();
    desk.until(run, "the run goes on", |view| view.state == RunState::Idle && view.line == "and on").await;
    let record = desk.client().approvals(Some(run), true).await.unwrap().remove(0);
    assert_eq!((record.resolution, record.outcome), (Some(Resolution::Expired), Some(Outcome::Ok)));
    let words = |e: &Envelope| matches!(&e.event, Event::ToolFinished { status: ToolStatus::Denied, output, .. } if output.starts_with("Nobody answered"));
    assert!(desk.events(run).await.iter().any(words), "the agent reads why");
    assert!(!desk.workspace.join("late").exists());
    desk.close().await;
}

#[tokio::test]
async fn no_rule_is_made_that_would_not_be_about_what_was_decided() {
    let desk = Desk::new();
    let run = desk.start_run("demo", "run: mkdir -p a\nask: Which colour?").await;
    let asked = desk.asked(run).await;
    let refused = async |pattern: Pattern, verdict: Verdict| {
        let rule = Some(NewRule { pattern, reach: Reach::Always });
        let decision = Decision { rule, ..Decision::new(&asked.request.hash, verdict) };
        desk.client().decide(asked.request.id, &decision).await.unwrap_err().to_string()
    };
    let begins = |words: &str| Pattern::Commands { words: words.into(), title: asked.request.title.clone() };
    assert!(refused(begins("rm"), Verdict::Allow).await.contains("would not cover"));
    assert!(refused(begins("bash"), Verdict::Allow).await.contains("anything"));
    let input = serde_json::json!({"command": "mkdir -p z"});
    assert!(refused(begins("mkdir"), Verdict::AllowEdited { input }).await.contains("as it is"));
    assert_eq!(desk.client().approval(asked.request.id).await.unwrap().state, ApprovalState::Requested);
    desk.decide(&asked, Verdict::Allow).await;

    desk.until(run, "the question", |view| view.needs == Some(Needs::Question)).await;
    let question = desk.asked(run).await;
    let previews = desk.client().preview_rules(question.request.id, &PreviewRules::default()).await.unwrap();
    assert_eq!(previews, []);
    desk.close().await;
}
