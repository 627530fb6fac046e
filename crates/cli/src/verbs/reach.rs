//! `reach`: how this machine is reached from outside, shown and changed while the gateway runs.

use super::devices::path_name;
use super::serve::token_in;
use super::{say, say_json, text_or_stdin};
use crate::args::{Reach, Switch, Tunnel};
use crate::outcome::Outcome;
use offdesk_client::Client;
use offdesk_protocol::{ChangeSettings, KeysPlace, Reachable, Settings, TunnelChoice};
use std::path::Path;

pub(crate) async fn reach(client: &Client, reach: Reach) -> Result<(), Outcome> {
    let json = reach.json;
    let change = change(reach)?;
    let settings = if change == ChangeSettings::default() {
        client.settings().await?
    } else {
        client.change_settings(&change).await?
    };
    if json {
        return say_json(&settings);
    }
    show(&settings, &client.paths().await?)
}

fn change(reach: Reach) -> Result<ChangeSettings, Outcome> {
    let tunnel_token = match &reach.tunnel_token_file {
        Some(file) if file == Path::new("-") => Some(text_or_stdin("-".into())?),
        Some(file) => Some(token_in(file)?),
        None => None,
    };
    if let Some(token) = &tunnel_token
        && token.trim().is_empty()
    {
        return Err(Outcome::Usage("The token's file is empty; nothing was changed.".into()));
    }
    let cloudflared = match reach.cloudflared {
        Some(path) if !path.is_empty() => Some(std::path::absolute(path)?.display().to_string()),
        other => other,
    };
    Ok(ChangeSettings {
        lan: reach.lan.map(|lan| lan == Switch::On),
        tunnel: reach.tunnel.map(Tunnel::choice),
        tunnel_url: reach.tunnel_url,
        tunnel_token,
        cloudflared,
        paused: match (reach.pause, reach.resume) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        },
        ..ChangeSettings::default()
    })
}

fn show(settings: &Settings, reachable: &Reachable) -> Result<(), Outcome> {
    let fixed = |name: &str| match settings.fixed.iter().any(|fixed| fixed == name) {
        true => "  (said at the start of the gateway)",
        false => "",
    };
    if settings.keys == KeysPlace::Locked {
        say("Remote access is off: this host's keys cannot be read. `offdesk doctor` says why.")?;
    }
    if settings.paused {
        say("Remote access is paused. `offdesk reach --resume` ends that; then this holds:")?;
    }
    say(format!("network  {}{}", if settings.lan { "on" } else { "off" }, fixed("lan")))?;
    let tunnel = match (settings.tunnel, &settings.tunnel_url) {
        (TunnelChoice::Off, _) => "off".into(),
        (TunnelChoice::Quick, _) => "quick".into(),
        (TunnelChoice::Named, Some(url)) => format!("named, {}", offdesk_protocol::visible(url)),
        (TunnelChoice::Named, None) => "named, without an address".into(),
    };
    say(format!("tunnel   {tunnel}{}", fixed("tunnel")))?;
    if let Some(program) = &settings.cloudflared {
        say(format!("program  {}{}", offdesk_protocol::visible(program), fixed("cloudflared")))?;
    }
    reachable.paths.iter().try_for_each(|path| say(format!("{:<20} {}", path_name(path.kind), path.url)))
}
