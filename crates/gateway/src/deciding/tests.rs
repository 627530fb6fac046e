//! What deciding promises, whatever comes in whatever order.

use super::*;
use offdesk_protocol::*;
use proptest::prelude::*;
use uuid::Uuid;

const ATTEMPT: AttemptId = AttemptId(Uuid::from_u128(1));

fn phone() -> Actor {
    Actor::Person { name: "phone".into(), device: None }
}

fn able() -> Capabilities {
    Capabilities { resume: true, interrupt: true, ..Capabilities::default() }
}

fn said(id: u128, text: &str, when: When) -> Said {
    Said { id: PromptId(Uuid::from_u128(id)), text: text.into(), when, attachments: Vec::new() }
}

/// A run that is driven by commands and agent events, as its actor does it.
struct Driven {
    run: Run,
    log: Vec<Event>,
}

impl Driven {
    fn new() -> Self {
        let created = Event::RunCreated {
            agent: "demo".into(),
            dir: "/w".into(),
            label: "l".into(),
            time_limit: None,
            approval_limit: None,
            terminal: false,
            local_model: None,
            command: None,
            by: phone(),
        };
        let run = RunId(Uuid::from_u128(9));
        let envelope =
            Envelope { seq: 1, at: Timestamp::UNIX_EPOCH, host: HostId(Uuid::nil()), run, event: created };
        Self { run: Run::created(&envelope).unwrap(), log: Vec::new() }
    }

    /// One whose agent is at work.
    fn working() -> Self {
        let mut driven = Self::new();
        driven.command(Command::Begin { attempt: ATTEMPT }).unwrap();
        driven.command(Command::Started { pid: 42, program: "demo".into() }).unwrap();
        driven.agent(Event::TurnStarted { turn: TurnId(Uuid::nil()) });
        driven
    }

    fn append(&mut self, event: Event) {
        let envelope = Envelope {
            seq: self.run.seq + 1,
            at: Timestamp::UNIX_EPOCH,
            host: HostId(Uuid::nil()),
            run: self.run.id,
            event,
        };
        self.run.apply(&envelope);
        self.log.push(envelope.event);
    }

    fn command(&mut self, command: Command) -> Result<usize, Refusal> {
        let events = decide(&self.run, command)?;
        let count = events.len();
        events.into_iter().for_each(|event| self.append(event));
        Ok(count)
    }

    fn agent(&mut self, event: Event) {
        if let Some(event) = admit(&self.run, event) {
            self.append(event);
        }
    }

    fn asks(&mut self, n: u8, kind: ApprovalKind) -> ApprovalId {
        let id = ApprovalId(Uuid::from_u128(100 + u128::from(n)));
        let request = ApprovalRequest {
            id,
            run: self.run.id,
            attempt: ATTEMPT,
            kind,
            tool: "run".into(),
            title: "Run a command".into(),
            text: "rm -r build".into(),
            diffs: Vec::new(),
            input: serde_json::json!({"command": "rm -r build"}),
            reason: None,
            questions: vec![Question { text: "Which?".into(), ..Question::default() }],
            sub_agent: None,
            web_page: None,
            hash: "seen".into(),
        };
        self.agent(Event::ApprovalRequested { approval: request });
        id
    }

    fn decides(
        &mut self,
        approval: ApprovalId,
        n: u128,
        hash: &str,
        verdict: Verdict,
    ) -> Result<usize, Refusal> {
        let decision = Decision { id: DecisionId(Uuid::from_u128(n)), ..Decision::new(hash, verdict) };
        self.command(Command::Decide { approval, decision, by: phone() })
    }
}

fn deny() -> Verdict {
    Verdict::Deny { say: None, stop: false }
}

#[test]
fn the_first_decision_wins_and_the_same_one_again_is_no_other() {
    let mut driven = Driven::working();
    let asked = driven.asks(1, ApprovalKind::Command);
    assert_eq!(driven.run.state(), RunState::Waiting);
    assert_eq!(driven.decides(asked, 1, "seen", Verdict::Allow), Ok(1));
    assert_eq!(driven.decides(asked, 1, "seen", Verdict::Allow), Ok(0), "sent again");
    let Err(Refusal::AlreadyResolved(record)) = driven.decides(asked, 2, "seen", deny()) else {
        panic!("a second decision was taken")
    };
    assert_eq!(record.decided_by, Some(phone()));
    let problem = Problem::from(Refusal::AlreadyResolved(record));
    assert_eq!(problem.message, "This was already allowed by phone.");
    assert_eq!(
        driven.run.state(),
        RunState::Working,
        "the agent does not have it yet, and nobody is waited for"
    );
}

#[test]
fn a_decision_on_something_else_than_what_was_shown_is_refused() {
    let mut driven = Driven::working();
    let asked = driven.asks(1, ApprovalKind::Command);
    assert_eq!(
        driven.decides(asked, 1, "what I saw before", Verdict::Allow),
        Err(Refusal::Changed { hash: "seen".into() })
    );
    assert_eq!(driven.run.state(), RunState::Waiting);
    let nothing = ApprovalId(Uuid::from_u128(5));
    assert_eq!(driven.decides(nothing, 1, "seen", Verdict::Allow), Err(Refusal::UnknownApproval(nothing)));
}

#[test]
fn questions_are_answered_and_commands_allowed() {
    let answer = |question: &str| Verdict::Answer {
        answers: vec![Answer { question: question.into(), answers: vec!["blue".into()] }],
    };
    let mut driven = Driven::working();
    let (command, question) = (driven.asks(1, ApprovalKind::Command), driven.asks(2, ApprovalKind::Question));
    let misfit =
        |result: Result<usize, Refusal>| assert!(matches!(result, Err(Refusal::VerdictDoesNotFit(_))));
    misfit(driven.decides(command, 1, "seen", answer("Which?")));
    misfit(driven.decides(question, 1, "seen", Verdict::Allow));
    misfit(driven.decides(question, 1, "seen", answer("Another question?")));
    misfit(driven.decides(command, 1, "seen", Verdict::AllowEdited { input: "text".into() }));
    assert_eq!(driven.decides(question, 1, "seen", answer("Which?")), Ok(1));
    assert!(matches!(driven.log.last(), Some(Event::QuestionAnswered { .. })));
}

#[test]
fn no_decision_crosses_attempts() {
    let mut driven = Driven::working();
    let (open, decided) = (driven.asks(1, ApprovalKind::Command), driven.asks(2, ApprovalKind::Command));
    driven.decides(decided, 1, "seen", Verdict::Allow).unwrap();
    driven.command(Command::Exited { exit: Exit::Lost { detail: "the supervisor died".into() } }).unwrap();
    assert_eq!(driven.run.state(), RunState::Lost);
    assert!(driven.run.approvals.is_empty());
    assert!(driven.log.contains(&Event::ApprovalFinished { approval: decided, outcome: Outcome::Unknown }));
    assert_eq!(driven.decides(open, 2, "seen", Verdict::Allow), Err(Refusal::UnknownApproval(open)));

    driven.command(Command::Resume { capabilities: able(), prompt: None, by: phone() }).unwrap();
    assert_eq!(driven.run.state(), RunState::Queued);
    assert_eq!(react(driven.log.last().unwrap()), [Effect::Enqueue]);
    driven.command(Command::Begin { attempt: AttemptId(Uuid::from_u128(2)) }).unwrap();
    assert_eq!(driven.run.attempt.as_ref().map(|attempt| attempt.number), Some(2));
}

#[test]
fn a_request_taken_back_after_it_was_decided_ends_unknown() {
    let mut driven = Driven::working();
    let asked = driven.asks(1, ApprovalKind::Command);
    driven.decides(asked, 1, "seen", Verdict::Allow).unwrap();
    driven.agent(Event::ApprovalResolved {
        approval: asked,
        resolution: Resolution::Withdrawn,
        decision: None,
        by: Actor::Agent,
    });
    assert_eq!(
        driven.log.last(),
        Some(&Event::ApprovalFinished { approval: asked, outcome: Outcome::Unknown })
    );
}

#[test]
fn a_run_stopped_in_the_queue_never_starts() {
    let mut driven = Driven::new();
    assert_eq!(driven.run.state(), RunState::Queued);
    driven.command(Command::Stop { by: phone(), timed_out: false }).unwrap();
    assert_eq!(driven.run.state(), RunState::Stopped);
    assert!(matches!(driven.command(Command::Begin { attempt: ATTEMPT }), Err(Refusal::WrongState { .. })));
}

#[test]
fn how_a_run_ended_is_told_apart() {
    for (stop, exit, state) in [
        (None, Exit::Exited { code: 0, detail: None }, RunState::Done),
        (None, Exit::Exited { code: 2, detail: None }, RunState::Failed),
        (None, Exit::Signalled { signal: 9, detail: None }, RunState::Failed),
        (None, Exit::NotStarted { detail: "no program".into() }, RunState::Failed),
        (Some(false), Exit::Signalled { signal: 2, detail: None }, RunState::Stopped),
        (Some(true), Exit::Exited { code: 0, detail: None }, RunState::TimedOut),
        (Some(false), Exit::Lost { detail: "gone".into() }, RunState::Lost),
    ] {
        let mut driven = Driven::working();
        if let Some(timed_out) = stop {
            driven.command(Command::Stop { by: phone(), timed_out }).unwrap();
            assert_eq!(driven.command(Command::Stop { by: phone(), timed_out: false }), Ok(0), "asked twice");
        }
        driven.command(Command::Exited { exit: exit.clone() }).unwrap();
        assert_eq!(driven.run.state(), state, "{exit:?}");
    }
}

#[test]
fn a_prompt_is_work_from_the_moment_it_is_sent_until_the_turn_ends() {
    let mut driven = Driven::working();
    let turn = TurnId(Uuid::nil());
    driven.agent(Event::TurnFinished { turn, status: TurnStatus::Completed, error: None });
    assert_eq!((driven.run.state(), driven.run.view(None).needs), (RunState::Idle, Some(Needs::Prompt)));
    let prompt = said(3, "go on", When::Now);
    driven.command(Command::Prompt { prompt: prompt.clone(), by: phone() }).unwrap();
    assert_eq!(driven.run.state(), RunState::Working);
    assert_eq!(driven.command(Command::Prompt { prompt: prompt.clone(), by: phone() }), Ok(0), "sent again");
    driven.command(Command::PromptDelivered { prompt: prompt.id, turned: false }).unwrap();
    assert_eq!(driven.run.state(), RunState::Working, "the agent has it and has not begun");
    driven.agent(Event::TurnStarted { turn });
    driven.agent(Event::TurnFinished { turn, status: TurnStatus::Completed, error: None });
    assert_eq!(driven.run.state(), RunState::Idle);
}

#[test]
fn a_turn_that_was_over_before_its_prompt_was_known_to_be_delivered_leaves_nothing_awaited() {
    let mut driven = Driven::working();
    let turn = TurnId(Uuid::nil());
    driven.agent(Event::TurnFinished { turn, status: TurnStatus::Completed, error: None });
    let prompt = said(3, "go on", When::Now);
    driven.command(Command::Prompt { prompt: prompt.clone(), by: phone() }).unwrap();
    driven.agent(Event::TurnStarted { turn });
    driven.agent(Event::TurnFinished { turn, status: TurnStatus::Failed, error: Some("No model".into()) });
    driven.command(Command::PromptDelivered { prompt: prompt.id, turned: true }).unwrap();
    assert_eq!(driven.run.state(), RunState::Idle);
}

#[derive(Clone, Debug)]
enum Step {
    Ask(u8),
    Decide { n: u8, id: u8, allow: bool },
    Withdraw(u8),
    Finish(u8),
    Delivered(u8),
    Undeliverable(u8),
    Exit,
    Resume,
    Begin(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0u8..4).prop_map(Step::Ask),
        (0u8..4, 0u8..6, any::<bool>()).prop_map(|(n, id, allow)| Step::Decide { n, id, allow }),
        (0u8..4).prop_map(Step::Withdraw),
        (0u8..4).prop_map(Step::Finish),
        (0u8..4).prop_map(Step::Delivered),
        (0u8..4).prop_map(Step::Undeliverable),
        Just(Step::Exit),
        Just(Step::Resume),
        (2u8..9).prop_map(Step::Begin),
    ]
}

proptest! {
    /// No order of commands, reports and agent events resolves one asking of an approval twice, delivers what was
    /// not decided, or finishes what was never asked.
    #[test]
    fn an_approval_has_one_resolution(steps in prop::collection::vec(step(), 0..60)) {
        let mut driven = Driven::working();
        for step in steps {
            let id = |n: u8| ApprovalId(Uuid::from_u128(100 + u128::from(n)));
            match step {
                // An agent never asks the same thing twice: the id is its place in the output.
                Step::Ask(n) if driven.log.iter().any(|e| matches!(e,
                    Event::ApprovalRequested { approval } if approval.id == id(n))) => {}
                Step::Ask(n) => { driven.asks(n, ApprovalKind::Command); }
                Step::Decide { n, id: d, allow } => {
                    let verdict = if allow { Verdict::Allow } else { deny() };
                    let _ = driven.decides(id(n), u128::from(d), "seen", verdict);
                }
                Step::Withdraw(n) => driven.agent(Event::ApprovalResolved {
                    approval: id(n), resolution: Resolution::Withdrawn, decision: None, by: Actor::Agent }),
                Step::Finish(n) => driven.agent(Event::ApprovalFinished { approval: id(n), outcome: Outcome::Ok }),
                Step::Delivered(n) => { let _ = driven.command(Command::Delivered { approval: id(n) }); }
                Step::Undeliverable(n) => { let _ = driven.command(Command::Undeliverable { approval: id(n) }); }
                Step::Exit => {
                    let _ = driven.command(Command::Exited { exit: Exit::Exited { code: 0, detail: None } });
                }
                Step::Resume => {
                    let _ = driven.command(Command::Resume { capabilities: able(), prompt: None, by: phone() });
                }
                Step::Begin(n) => {
                    let attempt = AttemptId(Uuid::from_u128(u128::from(n)));
                    let _ = driven.command(Command::Begin { attempt });
                }
            }
        }
        for n in 0..4u8 {
            let id = ApprovalId(Uuid::from_u128(100 + u128::from(n)));
            let places = |wanted: &dyn Fn(&Event) -> bool| -> Vec<usize> {
                driven.log.iter().enumerate().filter(|(_, e)| wanted(e)).map(|(i, _)| i).collect()
            };
            let asked = places(&|e| matches!(e, Event::ApprovalRequested { approval } if approval.id == id));
            let resolved = places(&|e| matches!(e, Event::ApprovalResolved { approval, .. } if *approval == id));
            let delivered = places(&|e| matches!(e, Event::ApprovalDelivered { approval } if *approval == id));
            let finished = places(&|e| matches!(e, Event::ApprovalFinished { approval, .. } if *approval == id));
            prop_assert!(resolved.len() <= asked.len() && delivered.len() <= 1 && finished.len() <= 1);
            if let Some(first) = resolved.first() { prop_assert!(asked[0] < *first); }
            if let Some(first) = delivered.first() { prop_assert!(resolved[0] < *first); }
            if let Some(first) = finished.first() { prop_assert!(resolved[0] < *first); }
        }
    }
}

#[test]
fn what_a_screen_asks_is_told_once_and_ends_with_its_attempt() {
    let asks = |id: &str| {
        let (kind, text) = (DetectedKind::Confirm, "Continue? [y/N]".into());
        Some(DetectedPrompt { id: id.into(), kind, text, choices: Vec::new() })
    };
    let mut driven = Driven::new();
    driven.run.terminal = true;
    assert_eq!(
        driven.command(Command::Detected { detected: asks("a") }),
        Ok(0),
        "nothing lives that could ask"
    );
    driven.command(Command::Begin { attempt: ATTEMPT }).unwrap();
    driven.command(Command::Started { pid: 42, program: "sh".into() }).unwrap();
    assert_eq!(driven.run.view(None).needs, None);
    assert_eq!(driven.command(Command::Detected { detected: asks("a") }), Ok(1));
    let view = driven.run.view(None);
    assert_eq!((view.needs, view.line.as_str()), (Some(Needs::Prompt), "Continue? [y/N]"));
    assert_eq!(driven.command(Command::Detected { detected: asks("a") }), Ok(0));
    assert_eq!(
        driven.command(Command::Detected { detected: asks("b") }),
        Ok(1),
        "another one takes its place"
    );
    driven.append(Event::PromptGone { id: "a".into() });
    assert_eq!(driven.run.detected, asks("b"), "the end of an earlier one is not its end");
    assert_eq!(driven.command(Command::Detected { detected: None }), Ok(1));
    assert_eq!(driven.run.view(None).needs, None);
    driven.command(Command::Detected { detected: asks("c") }).unwrap();
    driven.command(Command::Exited { exit: Exit::Exited { code: 0, detail: None } }).unwrap();
    assert_eq!(driven.run.view(None).detected, None);
}

fn queued(driven: &Driven) -> Vec<u128> {
    driven.run.prompts.iter().map(|prompt| prompt.id.0.as_u128()).collect()
}

#[test]
fn what_waits_is_given_in_its_order_and_as_the_agent_takes_it() {
    let mut driven = Driven::working();
    for (id, when) in [(1, When::AfterTurn), (2, When::Now), (3, When::AfterTurn)] {
        driven.command(Command::Prompt { prompt: said(id, "x", when), by: phone() }).unwrap();
    }
    let steers = Capabilities { steer: true, ..able() };
    let given =
        |run: &Run, can: &Capabilities| due(run, can).iter().map(|p| p.id.0.as_u128()).collect::<Vec<_>>();
    assert_eq!((given(&driven.run, &steers), given(&driven.run, &able())), (vec![2], vec![]));
    driven.agent(Event::TurnFinished {
        turn: TurnId(Uuid::nil()),
        status: TurnStatus::Completed,
        error: None,
    });
    assert_eq!((given(&driven.run, &steers), given(&driven.run, &able())), (vec![2], vec![1]));
    let change = |driven: &mut Driven, id, change| {
        let prompt = PromptId(Uuid::from_u128(id));
        driven.command(Command::Queue { prompt, change, taken: Vec::new(), by: phone() })
    };
    change(&mut driven, 3, QueueChange::Move { before: Some(PromptId(Uuid::from_u128(1))) }).unwrap();
    change(&mut driven, 2, QueueChange::Withdraw).unwrap();
    assert_eq!((queued(&driven), given(&driven.run, &steers)), (vec![3, 1], vec![3]));
    assert!(matches!(change(&mut driven, 2, QueueChange::Withdraw), Err(Refusal::WrongState { .. })));
}

#[test]
fn a_run_goes_on_once_for_each_reset_and_only_when_a_person_wished_it() {
    let mut driven = Driven::working();
    let resets = |at: i64| Event::LimitReported {
        limit: Limit {
            window: "five_hour".into(),
            state: LimitState::Reached,
            used_percent: None,
            resets_at: Timestamp::from_second(at).ok(),
            resets_in: None,
        },
    };
    let failed =
        || Event::TurnFinished { turn: TurnId(Uuid::nil()), status: TurnStatus::Failed, error: None };
    let go_on = || Command::Steer(Steer::GoOn);
    driven.agent(resets(100));
    driven.agent(failed());
    assert_eq!((driven.run.waits_until(), driven.command(go_on()).unwrap()), (None, 0), "nobody wished it");
    driven.command(Command::Steer(Steer::ResumeWhenReset { on: true, by: phone() })).unwrap();
    assert_eq!(driven.run.waits_until(), Timestamp::from_second(100).ok());
    assert_eq!((driven.command(go_on()).unwrap(), driven.command(go_on()).unwrap()), (1, 0), "once");
    let prompt = driven.run.prompts[0].id;
    driven.command(Command::PromptDelivered { prompt, turned: false }).unwrap();
    // It fails again and names the same reset: nothing would ever end that.
    driven.agent(failed());
    assert_eq!(driven.run.waits_until(), None);
    driven.agent(resets(200));
    driven.agent(failed());
    assert_eq!(driven.run.waits_until(), Timestamp::from_second(200).ok());
    driven.command(Command::Steer(Steer::ResumeWhenReset { on: false, by: phone() })).unwrap();
    assert_eq!((driven.run.waits_until(), driven.command(go_on()).unwrap()), (None, 0), "cancelled");
}

#[test]
fn a_choice_waits_for_the_agents_word_and_the_next_attempt_starts_with_it() {
    let mut driven = Driven::working();
    let choose = |id: u128, model: &str| {
        let control = Control::Model { id: model.into() };
        Command::Steer(Steer::Choose { id: ControlId(Uuid::from_u128(id)), control, by: phone() })
    };
    assert_eq!((driven.command(choose(1, "a")).unwrap(), driven.command(choose(2, "a")).unwrap()), (1, 0));
    assert_eq!(driven.run.view(None).controls.model_asked.as_deref(), Some("a"));
    assert_eq!(driven.run.view(None).model, None, "not before the agent says so");
    driven
        .agent(Event::AgentModelChanged { model: "a".into(), control: Some(ControlId(Uuid::from_u128(1))) });
    let view = driven.run.view(None);
    assert_eq!((view.model.as_deref(), view.controls.model_asked), (Some("a"), None));
    driven.command(choose(3, "b")).unwrap();
    driven
        .command(Command::Steer(Steer::Refused { id: ControlId(Uuid::from_u128(3)), why: "no".into() }))
        .unwrap();
    assert_eq!((driven.run.model.as_deref(), driven.run.steering.wanted_model.as_deref()), (Some("a"), None));
}
