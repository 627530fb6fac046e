//! The cells: what a person can do with an agent, whichever it is.

use super::agents::{Agent, Ask, Contract};
use super::proved::Record;
use crate::story::*;
use offdesk_client::LiveMessage;
use offdesk_protocol::*;

const DENY: Verdict = Verdict::Deny { say: None, stop: false };

/// Started by a prompt; what it says arrives in pieces before it is whole; a command is shown whole and runs once.
pub async fn begins_streams_and_approves(desk: &mut Contract, record: &mut Record) {
    let mut live = desk.desk.client().live(None).await.unwrap();
    let words = "many words that a person sees while they are said, one after the other";
    let run = desk.start(&Ask::Tell(words)).await;
    let (mut pieces, mut before) = (String::new(), 0);
    let whole = loop {
        let Some(LiveMessage::Message(message)) = live.next().await.unwrap() else { continue };
        match *message {
            ToViewer::Delta { run: of, role: Role::Agent, text, .. } if of == run => {
                pieces.push_str(&text);
                before += 1;
            }
            ToViewer::Events { events } => {
                let said = events.into_iter().filter(|e| e.run == run).find_map(|e| match e.event {
                    Event::MessageAdded { role: Role::Agent, text, .. } => Some(text),
                    _ => None,
                });
                if let Some(text) = said {
                    break text;
                }
            }
            _ => {}
        }
    };
    assert!(whole.contains(words) && before > 0 && whole.starts_with(&pieces), "{pieces:?} of {whole:?}");
    desk.rests(run, 1).await;
    record.proved("start");
    record.proved("stream");

    let command = "printf \"é  once\\n\" >> once.txt && true";
    desk.send(run, &Ask::Command(command));
    let asked = desk.desk.asked(run).await;
    assert_eq!((asked.request.kind, asked.request.text.as_str()), (ApprovalKind::Command, command));
    assert_eq!(desk.desk.file("once.txt"), "");
    let decision = Decision::new(&asked.request.hash, Verdict::Allow);
    for _ in 0..3 {
        desk.desk.client().decide(asked.request.id, &decision).await.unwrap();
    }
    desk.rests(run, 2).await;
    assert_eq!(desk.desk.file("once.txt"), "é  once\n");
    let kept = desk.record(&asked).await;
    assert_eq!((kept.state, kept.outcome), (ApprovalState::Finished, Some(Outcome::Ok)));
    assert!(kept.delivered_at.is_some() && kept.finished_at.is_some());
    record.proved("approve");
    desk.end(run).await;
}

pub async fn shows_a_whole_diff(desk: &mut Contract, record: &mut Record) {
    std::fs::write(desk.desk.workspace.join("hello.txt"), "hello\nworld\n").unwrap();
    let run = desk.start(&Ask::Edit).await;
    let mut asked = desk.desk.asked(run).await;
    if asked.request.kind == ApprovalKind::Command {
        // Codex reads the file by a command, and asks for that as well.
        desk.desk.decide(&asked, Verdict::Allow).await;
        desk.desk.until(run, "the edit", |view| view.line.contains("Change hello.txt")).await;
        asked = desk.desk.asked(run).await;
    }
    assert_eq!(asked.request.kind, ApprovalKind::Edit);
    let diff = &asked.request.diffs[0];
    let added: Vec<&str> = diff.unified.lines().filter_map(|line| line.strip_prefix('+')).collect();
    assert!(!added.is_empty() && diff.unified.contains(" hello\n") && diff.base_hash.is_some(), "{asked:#?}");
    let touches = asked.touches.as_ref().unwrap();
    assert_eq!((touches.files[0].path.as_str(), touches.files[0].place), ("hello.txt", FilePlace::Inside));
    assert_eq!(desk.desk.file("hello.txt"), "hello\nworld\n");
    desk.desk.decide(&asked, Verdict::Allow).await;
    desk.rests(run, 1).await;
    let now = desk.desk.file("hello.txt");
    assert!(added.iter().all(|line| now.lines().any(|is| is == *line)), "{now}");
    record.proved("edit");
    desk.end(run).await;
}

/// Whether the model reads the words that come with a denial.
pub async fn hears_a_denial(desk: &mut Contract, record: &mut Record) {
    let run = desk.start(&Ask::Command("touch denied.txt")).await;
    let asked = desk.desk.asked(run).await;
    let say = Some("use the other tool".to_string());
    desk.desk.decide(&asked, Verdict::Deny { say, stop: false }).await;
    desk.rests(run, 1).await;
    assert!(!desk.desk.workspace.join("denied.txt").exists());
    let kept = desk.record(&asked).await;
    assert_eq!((kept.state, kept.resolution), (ApprovalState::Finished, Some(Resolution::Denied)));
    let heard = desk.desk.events(run).await.into_iter().any(|e| match e.event {
        Event::MessageAdded { text, .. } => text.contains("use the other tool"),
        Event::ToolFinished { output, .. } => desk.agent == Agent::Demo && output == "use the other tool",
        _ => false,
    });
    match heard {
        true => record.proved("denyWords"),
        false => record.refused("denyWords", &desk.last_words(run).await),
    }
    desk.end(run).await;
}

pub async fn is_denied_and_stops(desk: &mut Contract, record: &mut Record) {
    let run = desk.start(&Ask::Command("touch denied.txt")).await;
    let asked = desk.desk.asked(run).await;
    desk.desk.decide(&asked, Verdict::Deny { say: None, stop: true }).await;
    desk.rests(run, 1).await;
    assert_eq!(desk.turns(run).await, [TurnStatus::Interrupted]);
    assert!(!desk.desk.workspace.join("denied.txt").exists());
    record.proved("denyStop");
    desk.end(run).await;
}

/// What runs is what the person made of it; or they are told that this agent cannot take it.
pub async fn takes_another_input(desk: &mut Contract, record: &mut Record) {
    let run = desk.start(&Ask::Command("touch as-asked.txt")).await;
    let asked = desk.desk.asked(run).await;
    let mut input = asked.request.input.clone();
    input["command"] = "touch as-edited.txt".into();
    let decision = Decision::new(&asked.request.hash, Verdict::AllowEdited { input });
    match desk.desk.client().decide(asked.request.id, &decision).await {
        Ok(_) => {
            desk.rests(run, 1).await;
            assert!(desk.desk.workspace.join("as-edited.txt").exists());
            record.proved("editInput");
        }
        Err(refused) => {
            record.refused("editInput", &refused.to_string());
            desk.desk.decide(&asked, DENY).await;
            desk.rests(run, 1).await;
            assert!(!desk.desk.workspace.join("as-edited.txt").exists());
        }
    }
    assert!(!desk.desk.workspace.join("as-asked.txt").exists());
    desk.end(run).await;
}

/// A rule made on a card decides the next one like it; revoked, the real agent asks again, also over a restart.
pub async fn goes_by_a_rule(desk: &mut Contract, record: &mut Record) {
    const COMMAND: &str = "echo ruled >> ruled.txt";
    let run = desk.start(&Ask::Command(COMMAND)).await;
    let asked = desk.desk.asked(run).await;
    let client = desk.desk.client();
    let previews = client.preview_rules(asked.request.id, &PreviewRules::default()).await.unwrap();
    let exact = |pattern: &Pattern| matches!(pattern, Pattern::Command { text, .. } if text == COMMAND);
    let preview = previews.into_iter().find(|preview| exact(&preview.pattern)).unwrap();
    let rule = Some(NewRule { pattern: preview.pattern, reach: Reach::Project });
    let decision = Decision { rule, ..Decision::new(&asked.request.hash, Verdict::Allow) };
    client.decide(asked.request.id, &decision).await.unwrap();
    desk.rests(run, 1).await;

    desk.send(run, &Ask::Command(COMMAND));
    desk.rests(run, 2).await;
    assert_eq!(desk.desk.file("ruled.txt"), "ruled\nruled\n");
    let records = client.approvals(Some(run), true).await.unwrap();
    let by_rule = records.iter().filter(|kept| matches!(kept.decided_by, Some(Actor::Rule { .. }))).count();
    assert_eq!((records.len(), by_rule), (2, 1), "{records:#?}");

    let made = client.rules().await.unwrap().into_iter().find(|rule| rule.id.0 == decision.id.0).unwrap();
    client.revoke_rule(made.id).await.unwrap();
    desk.desk.kill_gateway();
    desk.desk.start();
    desk.send(run, &Ask::Command(COMMAND));
    let again = desk.desk.asked(run).await;
    assert_eq!(
        (again.request.text.as_str(), desk.desk.file("ruled.txt").as_str()),
        (COMMAND, "ruled\nruled\n")
    );
    desk.desk.decide(&again, DENY).await;
    desk.rests(run, 3).await;
    record.proved("rule");
    desk.end(run).await;
}

pub async fn asks_questions(desk: &mut Contract, record: &mut Record) {
    let run = desk.start(&Ask::Question).await;
    let view = desk.desk.until(run, "a question, or an answer", resting).await;
    if view.needs != Some(Needs::Question) {
        record.refused("question", first_words(&desk.last_words(run).await));
        return desk.end(run).await;
    }
    let asked = desk.desk.asked(run).await;
    assert_eq!(asked.request.kind, ApprovalKind::Question);
    let question = &asked.request.questions[0];
    assert_eq!(question.text, "Which colour should the button be?");
    let answer = question.options.get(1).map_or("Green".to_string(), |option| option.label.clone());
    desk.desk.json(&["answer", &asked.request.id.to_string(), &answer]);
    desk.rests(run, 1).await;
    let heard = |e: Envelope| match e.event {
        Event::MessageAdded { text, .. } => text.contains(&answer),
        Event::ToolFinished { output, .. } => output == answer,
        _ => false,
    };
    assert!(desk.desk.events(run).await.into_iter().any(heard));
    record.proved("question");
    desk.end(run).await;
}

pub async fn proposes_plans(desk: &mut Contract, record: &mut Record) {
    let run = match desk.agent {
        // Outside of its plan mode Claude Code refuses a plan; the model enters that mode, and that is asked.
        Agent::Claude | Agent::ClaudeAcp => {
            let enter = r#"[[tool {"name":"EnterPlanMode","input":{}}]]"#;
            let run = desk.desk.start_run(desk.agent.kind(), enter).await;
            let view = desk.desk.until(run, "the mode", resting).await;
            if view.state == RunState::Waiting {
                desk.desk.decide(&desk.desk.asked(run).await, Verdict::Allow).await;
            }
            desk.rests(run, 1).await;
            desk.send(run, &Ask::Plan);
            let plan = |v: &RunView| v.state == RunState::Waiting || v.line.contains("Done (plan)");
            desk.desk.until(run, "a plan, or an answer", plan).await;
            run
        }
        _ => desk.start(&Ask::Plan).await,
    };
    let view = desk.desk.until(run, "a plan, or an answer", resting).await;
    if view.state != RunState::Waiting {
        record.refused("plan", first_words(&desk.last_words(run).await));
        return desk.end(run).await;
    }
    let asked = desk.desk.asked(run).await;
    assert_eq!(asked.request.kind, ApprovalKind::Plan);
    assert!(!asked.request.text.is_empty(), "nobody nods at an empty card: {asked:#?}");
    desk.desk.decide(&asked, Verdict::Allow).await;
    desk.desk.until_state(run, RunState::Idle).await;
    assert_eq!(desk.record(&asked).await.outcome, Some(Outcome::Ok));
    record.proved("plan");
    desk.end(run).await;
}

/// It has begun a turn, and now rests or waits for somebody.
pub fn resting(view: &RunView) -> bool {
    view.state == RunState::Waiting || view.state == RunState::Idle && !view.line.is_empty()
}

/// What was said, without the list of what else there is: that grows with each version.
pub fn first_words(line: &str) -> &str {
    line.split(" among:").next().unwrap_or(line)
}

/// Two requests of one turn, whether they wait together or one after the other: each has its own decision.
pub async fn asks_for_two_things(desk: &mut Contract, record: &mut Record) {
    let run = desk.start(&Ask::Two("touch two-0.txt", "touch two-1.txt")).await;
    let mut decided = 0;
    while decided < 2 {
        desk.desk.until(run, "something to decide", |view| view.waiting > 0).await;
        let mut open = desk.desk.client().approvals(Some(run), false).await.unwrap();
        open.sort_by(|one, other| one.request.text.cmp(&other.request.text));
        for asked in open {
            // The first is allowed, and the agent has that: Qwen Code ends the turn at the first denial, and opencode
            // denies all that is open with it.
            let verdict = if asked.request.text.ends_with("two-0.txt") { Verdict::Allow } else { DENY };
            desk.desk.decide(&asked, verdict).await;
            let has_it = async || desk.record(&asked).await.delivered_at.is_some();
            eventually("the agent has the decision", has_it).await;
            decided += 1;
        }
    }
    desk.rests(run, 1).await;
    let made = |name: &str| desk.desk.workspace.join(name).exists();
    assert_eq!((made("two-0.txt"), made("two-1.txt")), (true, false));
    record.proved("two");
    desk.end(run).await;
}

/// Words sent during a turn reach that turn; or the next one, and then the receipt says so.
pub async fn hears_words_during_a_turn(desk: &mut Contract, record: &mut Record) {
    // Not a mere `echo`: Gemini CLI runs that unasked.
    let run = desk.start(&Ask::Command("touch first.txt")).await;
    let asked = desk.desk.asked(run).await;
    desk.send(run, &Ask::Say("steered"));
    if record.can("steer") {
        let told = async || delivered(&desk.desk.events(run).await).len() == 2;
        eventually("the agent has the words", told).await;
        assert_eq!(desk.turns(run).await, [], "the turn goes on");
    }
    desk.desk.decide(&asked, Verdict::Allow).await;
    desk.desk.until(run, "the answer", |v| v.state == RunState::Idle && v.line.contains("steered")).await;
    let events = desk.desk.events(run).await;
    let over = |e: &&Envelope| matches!(e.event, Event::TurnFinished { .. });
    let first_turn = events.iter().find(over).unwrap().seq;
    let words = delivered(&events)[1];
    match words < first_turn {
        true => record.proved("steer"),
        false => record.refused("steer", "the words are delivered when the turn is over"),
    }
    desk.end(run).await;
}

/// When prompts reached the agent.
fn delivered(events: &[Envelope]) -> Vec<u64> {
    let reached = events.iter().filter(|e| matches!(e.event, Event::PromptDelivered { .. }));
    reached.map(|e| e.seq).collect()
}

/// The turn is cut, what was asked is taken back, the process stays and works on.
pub async fn is_interrupted(desk: &mut Contract, record: &mut Record) {
    let run = desk.start(&Ask::Slow).await;
    let begun = async || {
        let events = desk.desk.events(run).await;
        events.iter().any(|e| matches!(e.event, Event::TurnStarted { .. }))
    };
    eventually("a turn", begun).await;
    let pid = desk.desk.client().run(run).await.unwrap().pid;
    desk.desk.json(&["interrupt", &run.to_string()]);
    desk.rests(run, 1).await;

    desk.send(run, &Ask::Command("touch interrupted.txt"));
    let asked = desk.desk.asked(run).await;
    desk.desk.json(&["interrupt", &run.to_string()]);
    let view = desk.rests(run, 2).await;
    assert_eq!(view.pid, pid);
    assert_eq!(desk.turns(run).await, [TurnStatus::Interrupted, TurnStatus::Interrupted]);
    assert_eq!(desk.record(&asked).await.state, ApprovalState::Withdrawn);
    assert!(!desk.desk.workspace.join("interrupted.txt").exists());

    desk.send(run, &Ask::Say("still here"));
    desk.desk.until(run, "it works on", |v| v.state == RunState::Idle && v.line.contains("still here")).await;
    record.proved("interrupt");
    desk.end(run).await;
}

/// Megabytes of output: the run goes on, and what is shown stays small.
pub async fn floods(desk: &mut Contract, record: &mut Record) {
    let run = desk.start(&Ask::Command("seq 1 600000 | tee flood.txt")).await;
    desk.desk.decide(&desk.desk.asked(run).await, Verdict::Allow).await;
    desk.rests(run, 1).await;
    let shown: usize = desk.desk.events(run).await.iter().map(|e| serde_json::to_vec(e).unwrap().len()).sum();
    assert!(shown < 1024 * 1024, "{shown} bytes of events");
    desk.send(run, &Ask::Say("dry again"));
    desk.desk.until(run, "it goes on", |v| v.state == RunState::Idle && v.line.contains("dry again")).await;
    record.proved("flood");
    desk.end(run).await;
}

pub async fn is_stopped_with_all_it_started(desk: &mut Contract, record: &mut Record) {
    // No `sleep`: Claude Code answers for long ones itself.
    let run = desk.start(&Ask::Command("tail -f /dev/null & echo $! > child.pid; wait")).await;
    desk.desk.decide(&desk.desk.asked(run).await, Verdict::Allow).await;
    eventually("it runs", async || desk.desk.file("child.pid").ends_with('\n')).await;
    let child: u32 = desk.desk.file("child.pid").trim().parse().unwrap();
    // Whose a process is can't be read in the moment in which it becomes another program.
    eventually("it is the run's", async || desk.desk.processes().contains(&child)).await;
    desk.desk.json(&["stop", &run.to_string()]);
    desk.desk.until_state(run, RunState::Stopped).await;
    eventually("nothing of it is left", async || desk.desk.processes().is_empty()).await;
    record.proved("stop");
}

/// Killed, it is told; resumed, it goes on in its own conversation, or says that it cannot.
pub async fn crashes_and_goes_on_with_its_conversation(desk: &mut Contract, record: &mut Record) {
    let run = desk.start(&Ask::Say("before the crash")).await;
    desk.rests(run, 1).await;
    desk.send(run, &Ask::Command("touch crashed.txt"));
    let asked = desk.desk.asked(run).await;
    let before = desk.conversation(run).await;
    let pid = desk.desk.client().run(run).await.unwrap().pid.unwrap();
    let killed = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    assert!(killed.success());
    desk.desk.until_state(run, RunState::Failed).await;
    assert_eq!(desk.record(&asked).await.state, ApprovalState::Withdrawn);
    assert!(!desk.desk.workspace.join("crashed.txt").exists());
    record.proved("crash");

    let prompt = desk.agent.prompt(&Ask::Say("after the crash"));
    desk.desk.json(&["resume", &run.to_string(), &prompt]);
    let back =
        |v: &RunView| v.attempt == 2 && v.state == RunState::Idle && v.line.contains("after the crash");
    desk.desk.until(run, "the next attempt", back).await;
    let events = desk.desk.events(run).await;
    let anew = |e: &Envelope| matches!(&e.event, Event::NoticeRaised { code, .. } if code == "beganAnew");
    let told = events.iter().any(anew);
    assert_eq!(desk.conversation(run).await != before, told, "a new conversation is told: {events:#?}");
    // Gemini CLI forgets a conversation within its first minute; then this is what is proved.
    assert!(!told || desk.agent == Agent::Gemini);
    let said = |words: &str| {
        let says = |e: &&Envelope| matches!(&e.event, Event::MessageAdded { text, .. } if text == words);
        events.iter().filter(says).count()
    };
    assert_eq!((said("before the crash"), said("after the crash")), (1, 1), "nothing is said twice");
    record.proved("resume");
    desk.end(run).await;
}
