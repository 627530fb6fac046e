//! Plans of the real Claude Code in its plan mode: shown whole, sent back with words, changed, and gone on with.

use crate::claude::desk_with_claude;
use crate::story::*;
use offdesk_protocol::*;

const FIRST: &str =
    "# Add a button\n\n1. Find the form in `src/form.ts`\n2. Add the button\n3. Try it: é, 日本";
const SECOND: &str = "# Add a button\n\n1. Find the form\n2. Write a test that fails\n3. Add the button";
const CHANGED: &str = "# Add a button\n\n1. Write a test that fails\n2. Add a blue button";

/// Has Claude propose this plan, and gives its card. Claude keeps the plan in a file of its own; where that asks, it is allowed.
async fn proposed(desk: &Desk, run: RunId, plan: &str) -> Approval {
    loop {
        let asked = desk.asked(run).await;
        if asked.request.kind == ApprovalKind::Plan {
            assert_eq!(asked.request.text, plan, "the whole plan is on the card");
            return asked;
        }
        assert!(asked.request.text.contains("/plans/"), "nothing else is asked for: {asked:#?}");
        desk.decide(&asked, Verdict::Allow).await;
        let next = |view: &RunView| view.state != RunState::Waiting || view.line.contains("plan");
        desk.until(run, "it goes on", next).await;
    }
}

async fn said(desk: &Desk, run: RunId) -> String {
    desk.until_state(run, RunState::Idle).await;
    let last = desk.events(run).await.into_iter().rev().find_map(|e| match e.event {
        Event::MessageAdded { role: Role::Agent, text, .. } => Some(text),
        _ => None,
    });
    last.unwrap()
}

#[tokio::test]
async fn a_plan_is_sent_back_with_words_then_changed_and_gone_on_with() {
    let (mut desk, _model) = desk_with_claude().await;
    let dir = desk.workspace.to_str().unwrap().to_string();
    let prompt = |plan: &str| format!("[[plan text='{}']]", plan.replace('\n', "\\n"));
    let begun = prompt(FIRST);
    let run = desk.json(&["run", "--agent", "claude", "--dir", &dir, "--mode", "plan", "--detach", &begun]);
    let run: RunId = run["id"].as_str().unwrap().parse().unwrap();
    let plan = proposed(&desk, run, FIRST).await;
    let say = Some("smaller steps, please".to_string());
    desk.decide(&plan, Verdict::Deny { say, stop: false }).await;
    let heard = said(&desk, run).await;
    assert!(heard.contains("smaller steps, please"), "{heard}");
    let mode = async |desk: &Desk| desk.client().run(run).await.unwrap().controls.mode;
    assert_eq!(mode(&desk).await.as_deref(), Some("plan"), "it plans on");

    // The next one is changed by hand, after the gateway died: what Claude goes on with is what the person wrote.
    desk.json(&["send", &run.to_string(), &prompt(SECOND)]);
    let plan = proposed(&desk, run, SECOND).await;
    desk.kill_gateway();
    desk.start();
    assert_eq!(desk.asked(run).await, plan);
    let mut input = plan.request.input.clone();
    input["plan"] = CHANGED.into();
    desk.decide(&plan, Verdict::AllowEdited { input }).await;
    desk.until_state(run, RunState::Idle).await;
    let events = desk.events(run).await;
    let read = |wanted: &str| {
        let told =
            |e: &Envelope| matches!(&e.event, Event::ToolFinished { output, .. } if output.contains(wanted));
        events.iter().any(told)
    };
    assert!(read(CHANGED) && !read(SECOND), "{events:#?}");
    assert_eq!(mode(&desk).await.as_deref(), Some("default"), "it asks again before everything");
    let kept = desk.client().approval(plan.request.id).await.unwrap();
    assert_eq!((kept.state, kept.outcome), (ApprovalState::Finished, Some(Outcome::Ok)));

    desk.json(&["send", &run.to_string(), "[[bash cmd='touch built.txt']]"]);
    let asked = desk.asked(run).await;
    assert_eq!(
        (asked.request.text.as_str(), desk.workspace.join("built.txt").exists()),
        ("touch built.txt", false)
    );
    desk.close().await;
}
