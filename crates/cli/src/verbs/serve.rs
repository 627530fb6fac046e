//! `serve` and `pair`.

use super::{say, say_json};
use crate::args::{PlaceArgs, Serve, Tunnel};
use crate::environment::{environment, home, host_name};
use crate::finding::data;
use crate::outcome::Outcome;
use crate::qr;
use offdesk_client::Client;
use offdesk_gateway::{Config, Gateway, KeysIn, Listeners};
use offdesk_protocol::{MakeOffer, OfferFor, PairingOffer};
use serde_json::json;
use std::io::IsTerminal;

/// Runs the gateway until it is told to stop.
pub(crate) async fn serve(place: &PlaceArgs, serve: Serve) -> Result<(), Outcome> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("OFFDESK_LOG").unwrap_or_else(|_| "warn".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    let Tunnel::Off = serve.tunnel;
    let roots = match serve.roots.is_empty() {
        false => serve.roots.into_iter().map(std::path::absolute).collect::<Result<_, _>>()?,
        true => vec![home().ok_or_else(|| {
            Outcome::Usage("There is no home folder; say with --root where runs may work.".into())
        })?],
    };
    let config = Config {
        data: data(place)?,
        roots,
        max_working: serve.max_working,
        environment: environment()?,
        host_name: host_name(),
        grace: Config::GRACE,
        keys: KeysIn::default(),
    };
    // Listening for signals begins before anyone is told that we are ready.
    let stopped = Stopped::listen()?;
    let gateway = Gateway::start(config, Listeners::local(serve.listen)).await?;
    // A service manager's journal is no place for a code that lets its reader in.
    let managed = std::env::var_os("INVOCATION_ID").is_some() || std::env::var_os("JOURNAL_STREAM").is_some();
    let offer = if managed { None } else { Some(gateway.offer(&MakeOffer { wanted: Some(OfferFor::Page), role: None })?) };
    ready(&gateway, offer.as_ref(), serve.json)?;
    stopped.wait().await;
    gateway.shutdown(serve.stop_runs).await;
    Ok(())
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
    match offer {
        Some(offer) => show(offer),
        None => say("Run `offdesk pair` for an address that lets a page in."),
    }
}

fn show(offer: &PairingOffer) -> Result<(), Outcome> {
    if std::io::stdout().is_terminal()
        && let Some(code) = qr::render(&offer.login_url)
    {
        say(format!("\n{code}\n"))?;
    }
    say(format!("Open this on this machine, once, within 15 minutes:\n\n  {}\n", offer.login_url))?;
    say("Another one: `offdesk pair`. Stop with Ctrl+C; runs go on without the gateway.")
}

/// A new address.
pub(crate) async fn pair(client: &Client, json: bool) -> Result<(), Outcome> {
    let offer = client.pair(&MakeOffer::default()).await?;
    if json { say_json(&offer) } else { show(&offer) }
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
