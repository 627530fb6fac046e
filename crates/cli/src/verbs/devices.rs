//! `devices`: who has access, and taking it away.

use super::{say, say_json};
use crate::args::{DeviceVerb, Devices};
use crate::outcome::Outcome;
use crate::paint;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use offdesk_client::Client;
use offdesk_protocol::{Device, DeviceState, PathKind};
use serde_json::json;

pub(crate) async fn devices(client: &Client, asked: Devices) -> Result<(), Outcome> {
    match asked.verb {
        None => list(client, asked.json).await,
        Some(DeviceVerb::Approve { id }) => {
            let end = client.let_in(id, true).await?;
            if asked.json { say_json(&end) } else { say("It is let in.") }
        }
        Some(DeviceVerb::Refuse { id }) => {
            let end = client.let_in(id, false).await?;
            if asked.json { say_json(&end) } else { say("It was not let in.") }
        }
        Some(DeviceVerb::Rename { id, name }) => tell(&client.rename_device(id, &name).await?, asked.json),
        Some(DeviceVerb::Revoke { id }) => tell(&client.revoke_device(id).await?, asked.json),
        Some(DeviceVerb::RevokeKey { id }) => {
            client.revoke_key(&id).await?;
            if asked.json { say_json(&()) } else { say("It opens nothing any more.") }
        }
        Some(DeviceVerb::Decisions { id }) => {
            let decisions = client.decisions_of(id).await?;
            if asked.json {
                return say_json(&decisions);
            }
            if decisions.is_empty() {
                return say("It has decided nothing yet.");
            }
            decisions.iter().try_for_each(|approval| say(paint::approval(approval)))
        }
    }
}

async fn list(client: &Client, json: bool) -> Result<(), Outcome> {
    let (devices, waiting, keys) = (client.devices().await?, client.pairings().await?, client.keys().await?);
    if json {
        return say_json(&json!({ "devices": devices, "waiting": waiting, "keys": keys }));
    }
    if devices.is_empty() && waiting.is_empty() && keys.is_empty() {
        return say("No device has access. Show a code for one: offdesk pair");
    }
    for request in &waiting {
        say(super::pair::request_line(request))?;
        say(format!("  offdesk devices approve {}", request.device))?;
    }
    devices.iter().try_for_each(|device| tell(device, false))?;
    keys.iter().try_for_each(|key| {
        let (name, role) = (offdesk_protocol::visible(&key.name), key.role.name());
        say(format!("key {}  {name}  {role} · last used {:.0}", key.id, key.used_at))
    })
}

fn tell(device: &Device, json: bool) -> Result<(), Outcome> {
    if json {
        return say_json(device);
    }
    let now = match (device.state, device.online.as_slice(), device.seen_at) {
        (DeviceState::Revoked, ..) => "revoked".into(),
        (_, [], None) => "never connected".into(),
        (_, [], Some(at)) => format!("last seen {at:.0}"),
        (_, online, _) => {
            let paths: Vec<&str> = online.iter().map(|path| path_name(*path)).collect();
            format!("connected {}", paths.join(" and "))
        }
    };
    say(format!(
        "{}  {}  {} · {} · {now} · {} decisions",
        device.id,
        offdesk_protocol::visible(&device.name),
        offdesk_protocol::visible(&device.platform),
        device.role.name(),
        device.decided
    ))
}

/// Where this machine can be reached. A paired device that lost its way opens the second address where its page is.
pub(crate) async fn paths(client: &Client, json: bool) -> Result<(), Outcome> {
    let reachable = client.paths().await?;
    if json {
        return say_json(&reachable);
    }
    if reachable.paths.is_empty() {
        return say("No way in from outside is open. `offdesk reach` says why, and opens one.");
    }
    for path in &reachable.paths {
        say(format!("{:<20} {}", path_name(path.kind), path.url))?;
    }
    match &reachable.signed {
        Some(signed) => {
            let code = URL_SAFE_NO_PAD.encode(serde_json::to_vec(signed).unwrap_or_default());
            say(format!(
                "\nA paired device whose page still opens under an older address learns this one from\n\n  <that address>/#2.{code}\n\nIt is signed and says nothing but the addresses above."
            ))
        }
        None => Ok(()),
    }
}

/// How a device comes, in words.
pub(crate) fn path_name(path: PathKind) -> &'static str {
    match path {
        PathKind::Local => "on this machine",
        PathKind::Lan => "by this network",
        PathKind::Edge => "through the tunnel",
        PathKind::Relay => "through the relay",
    }
}
