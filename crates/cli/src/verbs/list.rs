//! Verbs that only look.

use super::{say, say_json};
use crate::args::{Approvals, Ls, OneRun, Search};
use crate::outcome::Outcome;
use crate::paint;
use offdesk_client::{Client, ClientError};
use offdesk_protocol::{Health, Hop, HopState, Timestamp};

pub(crate) async fn runs(client: &Client, ls: Ls) -> Result<(), Outcome> {
    let runs = client.runs(ls.all).await?;
    if ls.json {
        return say_json(&runs);
    }
    if runs.is_empty() {
        return say("No runs yet. Start one: offdesk run --agent demo 'say: hello'");
    }
    runs.iter().try_for_each(|view| say(paint::run_line(view)))
}

pub(crate) async fn show(client: &Client, one: OneRun) -> Result<(), Outcome> {
    let view = client.run(one.id).await?;
    if one.json {
        return say_json(&view);
    }
    say(paint::run(&view))?;
    let approvals = client.approvals(Some(one.id), false).await?;
    approvals.iter().try_for_each(|approval| say(paint::approval(approval)))
}

pub(crate) async fn approvals(client: &Client, asked: Approvals) -> Result<(), Outcome> {
    let approvals = client.approvals(asked.run, asked.all).await?;
    if asked.json {
        return say_json(&approvals);
    }
    if approvals.is_empty() {
        return say("Nothing waits for you.");
    }
    approvals.iter().try_for_each(|approval| say(paint::approval(approval)))
}

pub(crate) async fn search(client: &Client, search: Search) -> Result<(), Outcome> {
    let hits = client.search(&search.words, search.run).await?;
    if search.json {
        return say_json(&hits);
    }
    hits.iter().try_for_each(|hit| {
        say(format!("{} #{}  {}", hit.run, hit.seq, offdesk_protocol::visible(&hit.snippet)))
    })
}

pub(crate) async fn doctor(client: &Client, json: bool) -> Result<(), Outcome> {
    let mut nobody = None;
    let health = match client.health().await {
        Ok(health) => health,
        Err(ClientError::NoGateway { place }) => {
            let health = unreachable_health(&place);
            nobody = Some(place);
            health
        }
        Err(error) => return Err(error.into()),
    };
    if json {
        say_json(&health)?;
    } else {
        say(&health.sentence)?;
        for hop in &health.hops {
            let mark = match hop.state {
                HopState::Unknown => "…",
                HopState::Ok => "✓",
                HopState::Failed => "✗",
                HopState::Off => "–",
            };
            say(format!("  {mark} {:<8} {}", hop.name, hop.detail))?;
        }
        // Not looked at yet since the start: now, then.
        let storage = match (&health.storage, nobody.is_none()) {
            (None, true) => client.storage().await.ok(),
            (known, _) => known.clone(),
        };
        if let Some(storage) = storage {
            say(format!("  – {:<8} {}", "storage", super::storage::in_one_line(&storage)))?;
        }
        for warning in &health.warnings {
            say(format!("  ! {}\n    {}", warning.text, warning.fix))?;
        }
    }
    match nobody {
        Some(place) => Err(ClientError::NoGateway { place }.into()),
        None if health.ok => Ok(()),
        None => Err(Outcome::failed(health.sentence)),
    }
}

/// What can be said when nobody answers.
fn unreachable_health(place: &str) -> Health {
    let detail = format!("nobody answers at {place}");
    let hop = |name: &str, state, detail: &str| Hop {
        name: name.into(),
        state,
        detail: detail.into(),
        checked_at: Timestamp::now(),
    };
    Health {
        ok: false,
        sentence: "The gateway is not running, or not for this data folder.".into(),
        reached: String::new(),
        hops: vec![
            hop("gateway", HopState::Failed, &detail),
            hop("log", HopState::Off, "unknown without a gateway"),
            hop("runner", HopState::Off, "unknown without a gateway; agents that were at work go on"),
        ],
        warnings: Vec::new(),
        storage: None,
    }
}
