//! Viewers come and go and miss nothing.

use crate::story::*;
use offdesk_client::LiveMessage;
use offdesk_protocol::*;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_that_reconnects_five_hundred_times_has_exactly_the_log() {
    let desk = Desk::new();
    let script: String = (0..400).map(|n| format!("say: m{n}\n")).collect();
    let run = desk.start_run("demo", &script).await;
    let client = desk.client();
    let (mut cursor, mut seen): (Option<Cursor>, Vec<Envelope>) = (None, Vec::new());
    let mut connections = 0;
    while connections < 500 || !seen.iter().any(|e| matches!(e.event, Event::TurnFinished { .. })) {
        connections += 1;
        let mut live = client.live(cursor).await.unwrap();
        // Sometimes it hears a little, sometimes nothing.
        let mut patience = Duration::from_millis(connections % 23);
        loop {
            let message = match tokio::time::timeout(patience, live.next()).await {
                Ok(message) => message.unwrap(),
                Err(_) => break,
            };
            let Some(LiveMessage::Message(message)) = message else { break };
            match *message {
                ToViewer::Snapshot { cursor: head, resync, .. } => {
                    assert!(!resync);
                    // A viewer without a cursor asks for all there is.
                    if cursor.is_none() {
                        cursor = Some(Cursor { log: head.log, seq: 0 });
                        break;
                    }
                }
                ToViewer::Events { events } => {
                    cursor = cursor.map(|c| Cursor { seq: events.last().unwrap().seq, ..c });
                    seen.extend(events);
                    if connections % 3 == 0 {
                        break;
                    }
                }
                _ => {}
            }
            patience = Duration::from_millis(connections % 7);
        }
    }
    let log = desk.events(run).await;
    let seqs = |events: &[Envelope]| events.iter().map(|event| event.seq).collect::<Vec<_>>();
    // The run may have gone on for an event or two after the turn's end.
    assert_eq!(seqs(&seen), seqs(&log[..seen.len()]));
    assert!(seen.len() + 3 >= log.len());
    desk.close().await;
}

#[tokio::test]
async fn a_cursor_of_another_log_is_told_to_begin_again() {
    let desk = Desk::new();
    let client = desk.client();
    let mut live = client.live(Some(Cursor { log: LogId::new(), seq: 3 })).await.unwrap();
    let Some(LiveMessage::Message(first)) = live.next().await.unwrap() else { panic!("no snapshot") };
    let ToViewer::Snapshot { resync: true, cursor, .. } = *first else { panic!("{first:?}") };

    let ahead = Cursor { seq: cursor.seq + 100, ..cursor };
    let mut live = client.live(Some(ahead)).await.unwrap();
    let Some(LiveMessage::Message(first)) = live.next().await.unwrap() else { panic!("no snapshot") };
    assert!(
        matches!(*first, ToViewer::Snapshot { resync: true, .. }),
        "a cursor beyond the head is not of this log"
    );
    desk.close().await;
}

#[tokio::test]
async fn words_stream_before_they_are_finished_and_views_follow_events() {
    let desk = Desk::new();
    let mut live = desk.client().live(None).await.unwrap();
    let run = desk.start_run("demo", "say: one two three four five six").await;
    let (mut pieces, mut states) = (String::new(), Vec::new());
    let reading = async {
        loop {
            let Some(LiveMessage::Message(message)) = live.next().await.unwrap() else { panic!("ended") };
            match *message {
                ToViewer::Delta { text, run: of, .. } if of == run => pieces.push_str(&text),
                ToViewer::Run { run: view } => {
                    let idle = view.state == RunState::Idle;
                    states.push(view.state);
                    if idle {
                        break;
                    }
                }
                _ => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.unwrap();
    assert_eq!(pieces, "one two three four five six");
    assert!(states.contains(&RunState::Working), "{states:?}");
    desk.close().await;
}
