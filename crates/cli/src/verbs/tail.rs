//! Verbs that follow: `events`, `logs`, and waiting for a run to rest.

use super::{say, say_json};
use crate::args::{Events, Logs};
use crate::outcome::Outcome;
use offdesk_client::{Client, ClientError, LiveMessage};
use offdesk_protocol::*;
use std::io::Write as _;

/// Events fetched at once.
const PAGE: usize = 1000;

/// Gives all events after `after`, then returns the last number.
async fn history(
    client: &Client,
    run: Option<RunId>,
    mut after: u64,
    mut each: impl FnMut(serde_json::Value) -> Result<(), Outcome>,
) -> Result<u64, Outcome> {
    loop {
        let page = client.events(run, after, PAGE).await?;
        let full = page.len() == PAGE;
        for event in page {
            after = event.get("seq").and_then(serde_json::Value::as_u64).unwrap_or(after);
            each(event)?;
        }
        if !full {
            return Ok(after);
        }
    }
}

/// Gives events as they happen, beginning after `after`, until `each` says that it is enough.
async fn live(
    client: &Client,
    run: Option<RunId>,
    after: u64,
    mut each: impl FnMut(&Envelope) -> Result<bool, Outcome>,
) -> Result<(), Outcome> {
    let mut cursor: Option<Cursor> = None;
    loop {
        let mut live = match cursor {
            Some(cursor) => client.live(Some(cursor)).await?,
            // The log's name is learned from the first snapshot; then the cursor is said.
            None => {
                let mut first = client.live(None).await?;
                let Some(LiveMessage::Message(message)) = first.next().await? else { continue };
                if let ToViewer::Snapshot { cursor: head, .. } = *message {
                    cursor = Some(Cursor { log: head.log, seq: after });
                }
                continue;
            }
        };
        while let Some(message) = live.next().await? {
            let LiveMessage::Message(message) = message else { continue };
            let ToViewer::Events { events } = *message else { continue };
            for event in events {
                if let Some(cursor) = &mut cursor {
                    cursor.seq = event.seq;
                }
                if run.is_none_or(|run| run == event.run) && each(&event)? {
                    return Ok(());
                }
            }
        }
        wait_for_gateway(client).await?;
    }
}

/// The gateway went away: it may come back.
async fn wait_for_gateway(client: &Client) -> Result<(), Outcome> {
    for _ in 0..120 {
        match client.runs(false).await {
            Err(ClientError::NoGateway { .. }) => {
                tokio::time::sleep(std::time::Duration::from_millis(500)).await
            }
            _ => return Ok(()),
        }
    }
    Err(ClientError::NoGateway { place: "the place it was at a minute ago".into() }.into())
}

pub(crate) async fn events(client: &Client, events: Events) -> Result<(), Outcome> {
    if let Some(run) = events.id {
        client.run(run).await?;
    }
    let last = history(client, events.id, events.after, |event| say_json(&event)).await?;
    if !events.follow {
        return Ok(());
    }
    live(client, events.id, last, |event| say_json(event).map(|()| false)).await
}

fn print(event: &Event) -> Result<(), Outcome> {
    told(event).map_or(Ok(()), say)
}

pub(crate) async fn logs(client: &Client, logs: Logs) -> Result<(), Outcome> {
    let view = client.run(logs.id).await?;
    if logs.raw || view.terminal {
        return raw(client, &logs).await;
    }
    let last = history(client, Some(logs.id), 0, |event| {
        serde_json::from_value::<Envelope>(event).map_or(Ok(()), |envelope| print(&envelope.event))
    })
    .await?;
    if !logs.follow {
        return Ok(());
    }
    live(client, Some(logs.id), last, |envelope| print(&envelope.event).map(|()| false)).await
}

/// The bytes themselves. They are meant for a terminal, so only a person who asks for them gets them.
async fn raw(client: &Client, logs: &Logs) -> Result<(), Outcome> {
    let mut from = 0;
    loop {
        let output = client.output(logs.id, logs.attempt, from).await?;
        from += output.bytes.len() as u64;
        let mut out = std::io::stdout();
        out.write_all(&output.bytes)?;
        out.flush()?;
        let complete = from >= output.length;
        if complete && (output.ended || !logs.follow) {
            return Ok(());
        }
        if complete {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    }
}

/// Follows a run until it is idle, over, or needs a person.
pub(crate) async fn until_it_rests(client: &Client, id: RunId, aloud: bool) -> Result<RunView, Outcome> {
    let mut after = 0;
    loop {
        after = history(client, Some(id), after, |event| match serde_json::from_value::<Envelope>(event) {
            Ok(envelope) if aloud => print(&envelope.event),
            _ => Ok(()),
        })
        .await?;
        let view = client.run(id).await?;
        if view.state.is_over() || matches!(view.state, RunState::Idle | RunState::Waiting) {
            return Ok(view);
        }
        live(client, Some(id), after, |_| Ok(true)).await?;
    }
}
