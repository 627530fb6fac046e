//! `serve`: the gateway.

use super::pair::{Desk, show};
use super::{say, say_json};
use crate::args::{Keys, PlaceArgs, Serve, Tunnel};
use crate::environment::{environment, home, host_name};
use crate::finding::data;
use crate::outcome::Outcome;
use offdesk_client::{Client, Place};
use offdesk_gateway::{
    Config, Credentials, Fixed, Gateway, KeysIn, Listeners, LoginShell, Token, TunnelStatus,
};
use offdesk_protocol::{MakeOffer, OfferFor, PairingOffer};
use serde_json::json;
use std::io::IsTerminal;
use std::path::Path;
use tokio::sync::watch;

/// Runs the gateway until it is told to stop.
pub(crate) async fn serve(place: &PlaceArgs, serve: Serve) -> Result<(), Outcome> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("OFFDESK_LOG").unwrap_or_else(|_| "warn".into()),
        )
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let edge_url = serve.edge_url.as_ref().map(|url| url.trim_end_matches('/').to_string());
    let tunnel_url = serve.tunnel_url.as_ref().map(|url| url.trim_end_matches('/').to_string());
    if let Some(url) = edge_url.iter().chain(&tunnel_url).find(|url| !url.starts_with("https://")) {
        return Err(Outcome::Usage(format!("{url} is not an https address, and a phone needs one.")));
    }
    let credentials = credentials(&serve)?;
    let listeners =
        Listeners { local: serve.listen, lan: serve.lan.flatten().or(serve.lan_at), edge: serve.edge };
    let roots = serve.roots.iter().map(std::path::absolute).collect::<Result<Vec<_>, _>>()?;
    // A service manager's journal is no place for a code that lets its reader in, and an app's log is none either.
    let managed = serve.managed
        || std::env::var_os("INVOCATION_ID").is_some()
        || std::env::var_os("JOURNAL_STREAM").is_some();
    let data = data(place)?;
    let config = Config {
        data: data.clone(),
        home: home(),
        fixed: Fixed {
            roots: Some(roots).filter(|roots| !roots.is_empty()),
            max_working: serve.max_working,
            lan: serve.lan.map(|_| true),
            tunnel: serve.tunnel.map(Tunnel::choice),
            tunnel_url,
            credentials,
            cloudflared: serve.cloudflared.as_ref().map(std::path::absolute).transpose()?,
        },
        environment: environment()?,
        host_name: host_name(),
        grace: Config::GRACE,
        keys: match serve.keys {
            Keys::Auto => KeysIn::Auto,
            Keys::Keyring => KeysIn::Keyring,
            Keys::File => KeysIn::File,
        },
        edge_url,
        managed,
        login: (serve.login_env || serve.login_env_taken).then(|| LoginShell::new(crate::login::again)),
    };
    // Listening for signals begins before anyone is told that we are ready.
    let stopped = Stopped::listen()?;
    let gateway = Gateway::start(config, listeners).await?;
    let page = MakeOffer { wanted: Some(OfferFor::Page), ..MakeOffer::default() };
    let offer = if managed { None } else { Some(gateway.offer(&page)?) };
    ready(&gateway, offer.as_ref(), serve.json)?;
    let at_the_desk = !serve.json && !managed && std::io::stdin().is_terminal();
    let stop_runs = tokio::select! {
        () = stopped.wait() => serve.stop_runs,
        // Who asked has said what is to become of the runs.
        stop_runs = gateway.asked_to_stop() => stop_runs,
        () = sit(&gateway, &data), if at_the_desk => serve.stop_runs,
    };
    gateway.shutdown(stop_runs).await;
    Ok(())
}

/// How the named tunnel that was asked for is proved to be the person's.
fn credentials(serve: &Serve) -> Result<Option<Credentials>, Outcome> {
    let named = serve.tunnel == Some(Tunnel::Named);
    if named && serve.tunnel_url.is_none() {
        return Err(Outcome::Usage(
            "A named tunnel has an address of your own: say it with --tunnel-url https://…".into(),
        ));
    }
    if let Some(file) = &serve.tunnel_config {
        return Ok(Some(Credentials::ConfigFile(std::path::absolute(file)?)));
    }
    let token = match (&serve.tunnel_token_file, std::env::var("OFFDESK_TUNNEL_TOKEN")) {
        (Some(file), _) => token_in(file)?,
        (None, Ok(token)) if named => token,
        // Set for another start perhaps; a tunnel that is not asked for is no reason not to start.
        (None, Ok(token)) => {
            let parsed = Token::parse(&token);
            if let Err(error) = &parsed {
                tracing::warn!("OFFDESK_TUNNEL_TOKEN is not used: {error}.");
            }
            return Ok(parsed.ok().map(Credentials::Token));
        }
        (None, Err(_)) if named => {
            return Err(Outcome::Usage(
                "A named tunnel needs its token: set OFFDESK_TUNNEL_TOKEN, or name a file with \
                 --tunnel-token-file, or a config.yml with --tunnel-config."
                    .into(),
            ));
        }
        (None, Err(_)) => return Ok(None),
    };
    let token = Token::parse(&token).map_err(|error| Outcome::Usage(format!("{error}.")))?;
    Ok(Some(Credentials::Token(token)))
}

/// The token in this file.
pub(crate) fn token_in(file: &Path) -> Result<String, Outcome> {
    std::fs::read_to_string(file).map_err(|error| {
        Outcome::Usage(format!("The token's file {} cannot be read: {error}.", file.display()))
    })
}

fn ready(gateway: &Gateway, offer: Option<&PairingOffer>, json: bool) -> Result<(), Outcome> {
    if json {
        let mut line = json!({"event": "ready", "url": gateway.url(), "pid": std::process::id(),
            "version": env!("CARGO_PKG_VERSION")});
        if let Some(offer) = offer {
            line["loginUrl"] = offer.login_url.clone().into();
        }
        return say_json(&line);
    }
    say(format!("Offdesk {} is ready at {}", env!("CARGO_PKG_VERSION"), gateway.url()))?;
    if gateway.is_paused() {
        say("Remote access is paused: nothing comes in from outside. `offdesk reach --resume` ends that.")?;
    }
    match offer {
        // The picture is for the phone: with a way in from outside, it comes when that works.
        Some(offer) if gateway.wants_outside() => {
            say(format!("On this machine, once, within 15 minutes:\n\n  {}\n", offer.login_url))?
        }
        Some(offer) => show(offer)?,
        None => say("Run `offdesk pair` for an address that lets a page in.")?,
    }
    say("Another one: `offdesk pair`. Stop with Ctrl+C; runs go on without the gateway.")
}

/// Shows the phone's code as soon as a phone can come, and asks about each that does.
async fn sit(gateway: &Gateway, data: &Path) {
    if let Err(Outcome::Failed(problem)) = try_sit(gateway, data).await {
        eprintln!("offdesk: {problem}");
    }
    // The gateway goes on all the same.
    std::future::pending::<()>().await;
}

async fn try_sit(gateway: &Gateway, data: &Path) -> Result<(), Outcome> {
    // The network's door is there at once; a tunnel takes a moment, and is the better way.
    let network = !gateway.paths().is_empty();
    if !opened(gateway.tunnel(), network).await? {
        return Ok(());
    }
    let client = Client::new(Place::of(data))?;
    let wish = MakeOffer { wanted: Some(OfferFor::Phone), ..MakeOffer::default() };
    let desk = Desk::sit_down(&client, wish.clone()).await?;
    show(&client.pair(&wish).await?)?;
    say("Press Enter for a new code.")?;
    desk.stay().await
}

/// Says how the tunnel comes along, until it works, or until it fails while there is the network; false when there is
/// no way at all.
async fn opened(mut status: watch::Receiver<TunnelStatus>, network: bool) -> Result<bool, Outcome> {
    let mut said = String::new();
    loop {
        let mut down = false;
        let text = match &*status.borrow_and_update() {
            TunnelStatus::Off => return Ok(network),
            TunnelStatus::Up { url, .. } => {
                say(format!("Reachable from outside at {url}"))?;
                return Ok(true);
            }
            TunnelStatus::Starting { note, .. } => note.clone(),
            TunnelStatus::Down { text, fix, .. } => {
                down = true;
                format!("{text} {fix}")
            }
        };
        if text != said {
            say(&text)?;
            said = text;
        }
        if down && network {
            return Ok(true);
        }
        if status.changed().await.is_err() {
            return Ok(false);
        }
    }
}

#[cfg(unix)]
struct Stopped {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Stopped {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Stopped(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Stopped {
    fn listen() -> std::io::Result<Self> {
        Ok(Self(tokio::signal::windows::ctrl_c()?))
    }

    async fn wait(mut self) {
        self.0.recv().await;
    }
}
