//! Health as data: what was asked just now, and what it answered.

mod warnings;

use crate::Shared;
use offdesk_protocol::*;
use offdesk_tunnel::{Status, Why};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::Ordering;

fn hop(name: &str, state: HopState, detail: impl Into<String>) -> Hop {
    Hop { name: name.into(), state, detail: detail.into(), checked_at: Timestamp::now() }
}

fn judged(name: &str, result: Result<String, String>) -> Hop {
    match result {
        Ok(detail) => hop(name, HopState::Ok, detail),
        Err(detail) => hop(name, HopState::Failed, detail),
    }
}

/// The hops outside this process, from the last time somebody went round by them: edge, tunnel, and the gateway's own
/// door to the tunnel.
fn outside(status: &Status) -> [Hop; 3] {
    let listens = |state, detail: &str| hop("gateway", state, detail);
    match status {
        Status::Off => [
            hop("edge", HopState::Off, "remote access is off"),
            hop("tunnel", HopState::Off, "remote access is off"),
            listens(HopState::Ok, "answers on this machine"),
        ],
        Status::Starting { note, .. } => [
            hop("edge", HopState::Unknown, "not asked yet"),
            hop("tunnel", HopState::Unknown, note),
            listens(HopState::Ok, "answers on this machine"),
        ],
        Status::Up { url, verified_at, program } => {
            let mut hops = [
                hop("edge", HopState::Ok, format!("a request through {url} came back")),
                hop("tunnel", HopState::Ok, connections(program.connections.max(1))),
                listens(HopState::Ok, "answers through the tunnel"),
            ];
            hops.iter_mut().for_each(|hop| hop.checked_at = *verified_at);
            hops
        }
        Status::Down { why, text, url, .. } => {
            let failed = crate::tunnel::hop_of(*why);
            // Only an answer of the edge's own shows that it was reached.
            let answered = matches!(why, Why::NoTunnel | Why::GatewayUnreachable);
            let before = |name: &'static str| match url {
                Some(url) if answered => hop(name, HopState::Ok, format!("answers at {url}")),
                _ => hop(name, HopState::Unknown, "cannot be told while another hop fails"),
            };
            match failed {
                "edge" => [
                    hop("edge", HopState::Failed, text),
                    hop("tunnel", HopState::Unknown, "cannot be told while the edge is not reached"),
                    listens(HopState::Ok, "answers on this machine"),
                ],
                "gateway" => [
                    before("edge"),
                    hop("tunnel", HopState::Ok, "connected"),
                    listens(HopState::Failed, text),
                ],
                _ => [
                    before("edge"),
                    hop("tunnel", HopState::Failed, text),
                    listens(HopState::Ok, "answers on this machine"),
                ],
            }
        }
    }
}

/// Asks each part and says what it answered.
pub(crate) async fn check(shared: &Shared) -> Health {
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
    let status = shared.tunnel().status();
    let held = shared.settings.held();
    let [mut edge, mut tunnel, gateway] = outside(&status);
    if let Some(why) = shared.identity.locked().filter(|_| shared.outside()) {
        edge = hop(
            "edge",
            HopState::Failed,
            format!("remote access is off, because the keys cannot be read: {why}"),
        );
    }
    let lan: Vec<String> = shared
        .reach
        .paths()
        .into_iter()
        .filter(|path| path.kind == PathKind::Lan)
        .map(|path| path.url)
        .collect();
    let mut network = match (lan.is_empty(), shared.ways.lan_trouble()) {
        (false, _) => hop("network", HopState::Ok, format!("listens at {}", lan.join(", "))),
        (true, Some(trouble)) => hop("network", HopState::Failed, trouble.message),
        (true, None) if held.lan && shared.identity.remote().is_some() => {
            hop("network", HopState::Unknown, "this machine has no address in a local network now")
        }
        (true, None) => hop("network", HopState::Off, "this network is not served"),
    };
    if held.paused {
        [&mut edge, &mut tunnel, &mut network].into_iter().for_each(|closed| {
            *closed = hop(&closed.name, HopState::Off, "remote access is paused");
        });
    }
    let hops = vec![
        edge,
        tunnel,
        network,
        gateway,
        judged("log", log),
        judged("runner", runner),
        hop("agents", HopState::Ok, found.join(", ")),
    ];
    let warnings = warnings::all(shared, &status, &agents);
    let paused = if held.paused { " Remote access is paused." } else { "" };
    let failed = hops.iter().find(|hop| hop.state == HopState::Failed);
    let (sentence, reached) = match failed {
        Some(hop) => {
            let why = hop.detail.trim_end_matches('.');
            (format!("Not well: {} failed ({why}).{paused}", hop.name), String::new())
        }
        None => {
            let waiting: u32 = views.iter().map(|view| view.waiting).sum();
            let working = views.iter().filter(|view| view.state.takes_place()).count();
            let reached = reached(&status, held.paused);
            (counted(&reached, waiting as usize, working), reached)
        }
    };
    let storage = shared.storage.last();
    Health { ok: failed.is_none(), sentence, reached, hops, warnings, storage }
}

fn connections(many: u32) -> String {
    match many {
        1 => "one connection to the edge".into(),
        _ => format!("{many} connections to the edge"),
    }
}

fn reached(status: &Status, paused: bool) -> String {
    match status {
        _ if paused => "Remote access is paused".into(),
        Status::Up { verified_at, .. } => {
            let ago = Timestamp::now().as_second() - verified_at.as_second();
            format!("Reachable from outside, seen {ago} s ago")
        }
        Status::Starting { .. } => "The way in from outside is being opened".into(),
        _ => "All well on this machine".into(),
    }
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
