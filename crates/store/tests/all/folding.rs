//! The projections are what the log says, however they came about.

use crate::story::*;
use offdesk_protocol::*;
use offdesk_store::{Append, Store, UsageSlot};
use proptest::prelude::*;

/// What can happen to a run, in any order: the fold must cope with what makes no sense too.
fn happening() -> impl Strategy<Value = Event> {
    let approval = |n: u8| ApprovalId(uuid::Uuid::from_u128(u128::from(n % 4)));
    let attempt = |n: u8| AttemptId(uuid::Uuid::from_u128(u128::from(n % 3)));
    let turn = TurnId(uuid::Uuid::nil());
    prop_oneof![
        any::<u8>()
            .prop_map(move |n| Event::RunStarting { attempt: attempt(n), number: 1 + u32::from(n % 3) }),
        any::<u8>().prop_map(move |n| Event::RunStarted {
            attempt: attempt(n),
            pid: 42,
            program: "demo".into()
        }),
        any::<u8>().prop_map(move |n| Event::RunExited {
            attempt: attempt(n),
            exit: Exit::Exited { code: i32::from(n % 2), detail: None }
        }),
        any::<bool>().prop_map(|timed_out| Event::RunStopRequested { by: ada(), timed_out }),
        Just(Event::RunResumed { by: ada(), afresh: false }),
        Just(Event::TurnStarted { turn }),
        Just(Event::TurnFinished { turn, status: TurnStatus::Completed, error: None }),
        "[a-z ]{0,20}".prop_map(|text| said(&text)),
        any::<u8>().prop_map(|n| Event::PromptSent {
            prompt: PromptId(uuid::Uuid::from_u128(u128::from(n % 5))),
            text: "go on".into(),
            by: ada(),
            when: When::Now,
            attachments: Vec::new(),
        }),
        any::<u8>().prop_map(|n| Event::PromptDelivered {
            prompt: PromptId(uuid::Uuid::from_u128(u128::from(n % 5))),
            turned: n % 2 == 0,
        }),
        any::<u8>().prop_map(move |n| Event::ApprovalRequested {
            approval: ApprovalRequest {
                id: approval(n),
                run: RunId(uuid::Uuid::nil()),
                attempt: attempt(0),
                kind: ApprovalKind::Command,
                tool: "Bash".into(),
                title: "Run a command".into(),
                text: "ls".into(),
                diffs: Vec::new(),
                input: serde_json::Value::Null,
                reason: None,
                questions: Vec::new(),
                sub_agent: None,
                web_page: None,
                hash: "h".into(),
            }
        }),
        (any::<u8>(), any::<bool>()).prop_map(move |(n, yes)| Event::ApprovalResolved {
            approval: approval(n),
            resolution: if yes { Resolution::Allowed } else { Resolution::Withdrawn },
            decision: None,
            by: ada(),
        }),
        any::<u8>().prop_map(move |n| Event::ApprovalDelivered { approval: approval(n) }),
        any::<u8>()
            .prop_map(move |n| Event::ApprovalFinished { approval: approval(n), outcome: Outcome::Ok }),
        any::<u8>().prop_map(|n| Event::PromptWithdrawn {
            prompt: PromptId(uuid::Uuid::from_u128(u128::from(n % 5))),
            by: ada()
        }),
        any::<u8>().prop_map(|n| Event::PromptMoved {
            prompt: PromptId(uuid::Uuid::from_u128(u128::from(n % 5))),
            before: (n > 99).then(|| PromptId(uuid::Uuid::from_u128(u128::from(n % 4)))),
            by: ada()
        }),
        any::<u8>().prop_map(|n| Event::AgentModelChanged { model: format!("m{}", n % 3), control: None }),
        (any::<u8>(), any::<bool>()).prop_map(|(n, cost)| Event::UsageReported {
            usage: Usage {
                input_tokens: u64::from(n) * 10,
                output_tokens: u64::from(n),
                cached_tokens: 3,
                cost_usd: cost.then_some(f64::from(n) / 4.0),
            }
        }),
        any::<u8>().prop_map(|n| Event::AgentOffered {
            offers: Offers {
                models: Vec::new(),
                slash: Vec::new(),
                modes_left_out: Vec::new(),
                modes: vec![ModeOffer { id: format!("m{n}"), name: "m".into(), description: None }]
            }
        }),
        Just(Event::RunArchived { by: ada() }),
    ]
}

type Projections = (Vec<Run>, Vec<Approval>, Vec<SearchHit>, Vec<UsageSlot>, Option<Offers>);

fn projections(store: &Store) -> Projections {
    let read = |r: &offdesk_store::Reader| {
        let usage = r.usage(Timestamp::UNIX_EPOCH)?;
        Ok((
            r.runs(true)?,
            r.approvals(None, false)?,
            r.search("a", None, 1000)?,
            usage,
            r.offers_of("demo")?,
        ))
    };
    store.read(read).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// The log folded twice is the log folded once: places read again add nothing, and projections made again from
    /// the log are those that grew with it.
    #[test]
    fn folding_twice_is_folding_once(events in prop::collection::vec(happening(), 0..40), cut in 0usize..40) {
        let dir = tempfile::tempdir().unwrap();
        let (store, closer, _) = open(config(dir.path()));
        let run = run_saying(&store, &[]);
        let attempt = AttemptId::new();
        let read: Vec<_> = events
            .into_iter()
            .enumerate()
            .map(|(index, mut event)| {
                if let Event::ApprovalRequested { approval } = &mut event {
                    approval.run = run;
                }
                let origin = Some(Origin { attempt, offset: index as u64, ordinal: 0 });
                offdesk_store::NewEvent { event, origin }
            })
            .collect();
        let cut = cut.min(read.len());
        store.append_blocking(Append { run, events: read[..cut].to_vec(), fold: None }).unwrap();
        store.append_blocking(Append { run, events: read, fold: None }).unwrap();
        let grown = projections(&store);
        prop_assert_eq!(store.head() as usize, 1 + seqs(&store, Some(run), 1).len());

        store.rebuild().unwrap();
        prop_assert_eq!(&projections(&store), &grown);
        closer.close();
        let (store, _closer, _) = open(config(dir.path()));
        prop_assert_eq!(&projections(&store), &grown);
    }

    /// Applying an event again changes nothing.
    #[test]
    fn a_run_ignores_what_it_has_seen(events in prop::collection::vec(happening(), 1..40)) {
        let id = RunId::new();
        let envelope = |seq: u64, event: Event| Envelope {
            seq, at: Timestamp::UNIX_EPOCH, host: HostId(uuid::Uuid::nil()), run: id, event,
        };
        let mut once = Run::created(&envelope(1, created())).unwrap();
        let mut twice = once.clone();
        for (index, event) in events.into_iter().enumerate() {
            let envelope = envelope(index as u64 + 2, event);
            once.apply(&envelope);
            twice.apply(&envelope);
            twice.apply(&envelope);
            prop_assert_eq!(&once, &twice);
        }
    }
}
