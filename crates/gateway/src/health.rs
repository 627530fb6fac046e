//! Health as data: what was asked just now, and what it answered.

use crate::Shared;
use offdesk_protocol::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::Ordering;

fn hop(name: &str, result: Result<String, String>) -> Hop {
    let (state, detail) = match result {
        Ok(detail) => (HopState::Ok, detail),
        Err(detail) => (HopState::Failed, detail),
    };
    Hop { name: name.into(), state, detail, checked_at: Timestamp::now() }
}

/// Asks each part and says what it answered.
pub(crate) async fn check(shared: &Shared) -> Health {
    let off = |name: &str, detail: &str| Hop {
        name: name.into(),
        state: HopState::Off,
        detail: detail.into(),
        checked_at: Timestamp::now(),
    };
    let read = shared.runs.read(|reader| reader.events_after(None, 0, 1)).await;
    let log = match read {
        Ok(_) => Ok(format!("{} events", shared.hub.head())),
        Err(problem) => Err(problem.message),
    };
    let views = shared.hub.views(true);
    let living: Vec<&RunView> = views.iter().filter(|view| view.pid.is_some()).collect();
    let unreached: Vec<&str> = living
        .iter()
        .filter(|view| shared.runs.attempt(view.id).is_none())
        .map(|view| view.label.as_str())
        .collect();
    let runner = match unreached[..] {
        [] => Ok(format!("{} living attempts, all reached", living.len())),
        _ => Err(format!("no way to: {}", unreached.join(", "))),
    };
    let agents = shared.runs.runner.agents().await;
    let found: Vec<&str> =
        agents.iter().filter(|agent| agent.found).map(|agent| agent.name.as_str()).collect();
    let hops = vec![
        off("tunnel", "remote access is not part of this version; the page works on this machine"),
        hop("gateway", Ok(format!("listens at {}", shared.url))),
        hop("log", log),
        hop("runner", runner),
        hop("agents", Ok(found.join(", "))),
    ];
    let mut warnings = Vec::new();
    if agents.iter().all(|agent| !agent.found || matches!(agent.kind.as_str(), "demo" | "hands-on")) {
        warnings.push(Warning {
            code: "noAgent".into(),
            severity: NoticeLevel::Info,
            text:
                "No coding agent was found on this host; only the demo agent and a terminal can be started."
                    .into(),
            fix: "Install Claude Code, or name its program in OFFDESK_CLAUDE.".into(),
            depends_on: None,
            visible_after: 0,
        });
    }
    let failed = hops.iter().find(|hop| hop.state == HopState::Failed);
    let sentence = match failed {
        Some(hop) => format!("Not well: {} failed ({}).", hop.name, hop.detail),
        None => {
            let waiting: u32 = views.iter().map(|view| view.waiting).sum();
            let working = views.iter().filter(|view| view.state.takes_place()).count();
            match waiting {
                0 => format!("All well on this machine: {working} runs at work, nothing waits for you."),
                _ => format!("All well on this machine: {waiting} decisions wait for you."),
            }
        }
    };
    Health { ok: failed.is_none(), sentence, hops, warnings }
}

/// Prometheus text.
pub(crate) fn metrics(shared: &Shared) -> String {
    let views = shared.hub.views(true);
    let mut states: BTreeMap<String, u32> = BTreeMap::new();
    for view in &views {
        *states.entry(view.state.to_string()).or_default() += 1;
    }
    let mut out = String::new();
    let mut gauge = |name: &str, help: &str, rows: &[(String, f64)]| {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in rows {
            let _ = writeln!(out, "{name}{labels} {value}");
        }
    };
    let runs: Vec<(String, f64)> = states
        .into_iter()
        .map(|(state, count)| (format!("{{state=\"{state}\"}}"), f64::from(count)))
        .collect();
    let waiting: u32 = views.iter().map(|view| view.waiting).sum();
    let viewers = shared.viewers.load(Ordering::Relaxed);
    gauge("offdesk_runs", "Runs by state.", &runs);
    gauge(
        "offdesk_approvals_waiting",
        "Decisions that wait for a person.",
        &[(String::new(), f64::from(waiting))],
    );
    gauge("offdesk_log_head", "Number of the last event.", &[(String::new(), shared.hub.head() as f64)]);
    gauge("offdesk_viewers", "Live connections.", &[(String::new(), viewers as f64)]);
    gauge(
        "offdesk_queued_runs",
        "Runs that wait for a place.",
        &[(String::new(), shared.hub.queued().len() as f64)],
    );
    out
}
