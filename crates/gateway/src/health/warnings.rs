//! What a person should know, as data.

use crate::Shared;
use crate::keys::Kept;
use offdesk_protocol::{AgentInfo, NoticeLevel, Warning};
use offdesk_tunnel::Status;

/// A warning: code, how bad, the hop it is about, and the seconds it must last before it is shown.
struct About(&'static str, NoticeLevel, Option<&'static str>, u32);

fn warning(about: About, text: impl Into<String>, fix: impl Into<String>) -> Warning {
    let About(code, severity, depends_on, visible_after) = about;
    let depends_on = depends_on.map(String::from);
    Warning { code: code.into(), severity, text: text.into(), fix: fix.into(), depends_on, visible_after }
}

pub(super) fn all(shared: &Shared, status: &Status, agents: &[AgentInfo]) -> Vec<Warning> {
    let agent = agents.iter().any(|agent| agent.found && !matches!(agent.kind.as_str(), "demo" | "hands-on"));
    let no_agent = (!agent).then(|| {
        warning(
            About("noAgent", NoticeLevel::Info, None, 0),
            "No coding agent was found on this host; only the demo agent and a terminal can be started.",
            "Install Claude Code, or name its program in OFFDESK_CLAUDE.",
        )
    });
    no_agent.into_iter().chain(keys(shared)).chain(settings(shared)).chain(tunnel(status)).collect()
}

fn keys(shared: &Shared) -> Option<Warning> {
    if let Some(why) = shared.identity.locked() {
        return Some(warning(
            About("keysLocked", NoticeLevel::Error, None, 0),
            format!("Remote access is off: the keys this host is known by cannot be read. {why}"),
            "Unlock the keyring, or mend what this says, and start the gateway again. Work on this machine goes on meanwhile.",
        ));
    }
    let in_file = shared.identity.remote().is_some_and(|keys| keys.kept() == Kept::File);
    in_file.then(|| {
        warning(
            About("keysInFile", NoticeLevel::Info, None, 0),
            "The keys this host is known by are in a file that only you can read, and not in a keyring.",
            "Nothing has to be done. A copy of the data folder is a copy of these keys, so keep it to yourself.",
        )
    })
}

/// What is paused, what was broken, and what could not be opened.
fn settings(shared: &Shared) -> Vec<Warning> {
    let paused = shared.settings.held().paused.then(|| {
        warning(
            About("paused", NoticeLevel::Info, None, 0),
            "Remote access is paused: nothing comes in from outside. Work on this machine goes on.",
            "Resume it in the app, or with `offdesk reach --resume`.",
        )
    });
    let broken = shared.settings.complaints().iter().map(|complaint| {
        warning(
            About("settingsBroken", NoticeLevel::Warning, None, 0),
            complaint,
            "Set again what you had set, in the app or with `offdesk reach`.",
        )
    });
    let trouble = shared.ways.lan_trouble().map(|trouble| {
        warning(
            About("networkClosed", NoticeLevel::Error, Some("network"), 0),
            trouble.message,
            trouble.hint.unwrap_or_default(),
        )
    });
    paused.into_iter().chain(broken).chain(trouble).collect()
}

fn tunnel(status: &Status) -> Vec<Warning> {
    match status {
        Status::Down { why, text, fix, .. } => {
            let about = About("unreachable", NoticeLevel::Error, Some(crate::tunnel::hop_of(*why)), 10);
            vec![warning(about, text.clone(), fix.clone())]
        }
        Status::Up { url, .. } => {
            let shell = warning(
                About("shellFromTunnel", NoticeLevel::Info, None, 0),
                "The page itself comes through the tunnel, so whoever runs the tunnel could change it. What the page \
                 sends and shows is sealed, unless the page is changed.",
                "docs/security.md says what that means and what helps.",
            );
            let changes = url.ends_with(".trycloudflare.com").then(|| {
                warning(
                    About("quickTunnel", NoticeLevel::Info, None, 0),
                    "This address is free and changes when the tunnel starts anew. Paired devices learn the new one.",
                    "An address of your own stays: offdesk serve --tunnel named.",
                )
            });
            std::iter::once(shell).chain(changes).collect()
        }
        Status::Off | Status::Starting { .. } => Vec::new(),
    }
}
