//! What somebody who helps would ask first, as text. No secrets, no prompts, no names of runs.

use crate::desk::Desk;
use std::fmt::Write as _;

pub(crate) async fn text(desk: &Desk) -> String {
    let mut out = String::new();
    let view = desk.view();
    let _ = writeln!(
        out,
        "Offdesk {} on {} {}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    );
    for name in ["XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE"] {
        if let Ok(value) = std::env::var(name) {
            let _ = writeln!(out, "{name}={value}");
        }
    }
    if let Ok(about) = serde_json::to_value(&view) {
        for part in ["gateway", "tray", "shortcut", "startAtLogin", "update"] {
            let _ = writeln!(out, "{part}: {}", about[part]);
        }
    }
    let mirror = desk.mirror();
    let _ = writeln!(out, "runs: {}, waiting: {}", mirror.runs.len(), mirror.approvals.len());
    match desk.client().health().await {
        Ok(health) => {
            let _ = writeln!(out, "{}", health.sentence);
            for hop in health.hops {
                let _ = writeln!(out, "  {:?} {}: {} ({})", hop.state, hop.name, hop.detail, hop.checked_at);
            }
            for warning in health.warnings {
                let _ = writeln!(out, "  ! {}: {}", warning.code, warning.text);
            }
        }
        Err(error) => {
            let _ = writeln!(out, "{error}");
        }
    }
    if let Ok(agents) = desk.client().agents().await {
        for agent in agents.into_iter().filter(|agent| agent.found) {
            let _ = writeln!(
                out,
                "agent {} {} {}",
                agent.kind,
                agent.version.unwrap_or_default(),
                agent.program.unwrap_or_default()
            );
        }
    }
    let log = crate::keeper::log(desk.data());
    let _ = writeln!(out, "the gateway's log: {}", log.display());
    out
}
