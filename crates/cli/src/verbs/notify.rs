//! `notify`: what you are told while you are away, where to, and whether it arrives.

use super::{say, say_json, text_or_stdin};
use crate::outcome::Outcome;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use offdesk_client::Client;
use offdesk_protocol::*;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Notifications that are listed.
const LISTED: usize = 10;

#[derive(Debug, ClapArgs)]
pub(crate) struct Notify {
    #[command(subcommand)]
    pub(crate) verb: Option<NotifyVerb>,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum NotifyVerb {
    /// Say who is told what, and how far the latest came.
    Status,
    /// Send something everywhere and follow it; fails when it reached nobody.
    Test {
        /// Seconds to wait for a phone to show it.
        #[arg(long, default_value_t = 30, value_name = "N")]
        wait: u64,
    },
    /// Turn a reason on or off, everywhere or for one project.
    Reason {
        /// Which.
        reason: ReasonArg,
        /// On or off.
        switch: crate::args::Switch,
        /// Only for runs in this folder.
        #[arg(long, value_name = "DIR")]
        project: Option<PathBuf>,
    },
    /// Set the hours in which you are told nothing; what still waits then is told at their end.
    Quiet(Quiet),
    /// Say after how many minutes without a word a working agent counts as silent.
    SilentAfter {
        /// From 1 to 1440.
        minutes: u32,
    },
    /// Show the first line of what is asked in notifications, secrets masked, or never.
    FirstLine {
        /// On or off.
        switch: crate::args::Switch,
    },
    /// Ways to be told beside your devices.
    #[command(subcommand)]
    Channel(ChannelVerb),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReasonArg {
    /// An agent asks to be allowed something.
    Decision,
    /// An agent or a terminal asks something.
    Question,
    /// An agent is done.
    Finished,
    /// A turn or a run ended badly.
    Failed,
    /// An agent works and says nothing for a while.
    Silent,
    /// A limit was reached, or has reset.
    Limit,
    /// A device got access.
    Device,
    /// Phones may not reach this machine.
    Reach,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Quiet {
    /// From when to when, as 22:00-07:00.
    #[arg(required_unless_present = "off")]
    hours: Option<String>,
    /// The time zone, as Europe/Berlin. Default: this machine's.
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Decisions and questions come through.
    #[arg(long)]
    decisions_come_through: bool,
    /// No quiet hours.
    #[arg(long, conflicts_with = "hours")]
    off: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ChannelVerb {
    /// Add one. It is told what no phone has shown after a minute, or everything with --always.
    #[command(subcommand)]
    Add(AddChannel),
    /// Take one away, with its secret.
    Remove {
        /// Its id or name.
        channel: String,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AddArgs {
    /// What to call it.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Tell it everything at once.
    #[arg(long)]
    always: bool,
    /// A file with its secret (token, password, signing key); `-` reads standard input. Arguments can be seen by others.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AddChannel {
    /// A topic of an ntfy server; its secret is an access token, if it needs one.
    Ntfy {
        /// The topic. Who knows it can read it: choose one that nobody guesses. `-` reads standard input.
        topic: String,
        /// The server.
        #[arg(long, default_value = "https://ntfy.sh", value_name = "URL")]
        server: String,
        #[command(flatten)]
        more: AddArgs,
    },
    /// A Telegram bot of your own; its secret is the token that @BotFather gave you.
    Telegram {
        /// The chat's number, or @name.
        #[arg(allow_hyphen_values = true)]
        chat: String,
        #[command(flatten)]
        more: AddArgs,
    },
    /// Any address; each message is signed with the secret (HMAC-SHA256 over id, time and body).
    Webhook {
        /// The address; `-` reads standard input.
        address: String,
        #[command(flatten)]
        more: AddArgs,
    },
    /// E-mail; its secret is the account's password.
    Email {
        /// To whom.
        to: String,
        /// From whom.
        #[arg(long, value_name = "ADDRESS")]
        from: String,
        /// The mail server.
        #[arg(long, value_name = "HOST")]
        server: String,
        /// Its port. Default: that of its security.
        #[arg(long, value_name = "N")]
        port: Option<u16>,
        /// How it is spoken to.
        #[arg(long, value_enum, default_value_t = SecurityArg::StartTls)]
        security: SecurityArg,
        /// The account.
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
        #[command(flatten)]
        more: AddArgs,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecurityArg {
    /// TLS from the first byte.
    Tls,
    /// Plain, then TLS before anything is said.
    StartTls,
    /// In the clear: only a server on this machine.
    None,
}

impl From<ReasonArg> for Reason {
    fn from(arg: ReasonArg) -> Self {
        match arg {
            ReasonArg::Decision => Self::Decision,
            ReasonArg::Question => Self::Question,
            ReasonArg::Finished => Self::Finished,
            ReasonArg::Failed => Self::Failed,
            ReasonArg::Silent => Self::Silent,
            ReasonArg::Limit => Self::Limit,
            ReasonArg::Device => Self::Device,
            ReasonArg::Reach => Self::Reach,
        }
    }
}

pub(crate) async fn notify(client: &Client, asked: Notify) -> Result<(), Outcome> {
    let json = asked.json;
    let on = |switch| switch == crate::args::Switch::On;
    let now = match asked.verb {
        None | Some(NotifyVerb::Status) => client.notifications().await?,
        Some(NotifyVerb::Test { wait }) => return test(client, wait, json).await,
        Some(NotifyVerb::Reason { reason, switch, project }) => {
            let mut settings = client.notifications().await?.settings;
            let project = project.map(std::path::absolute).transpose()?;
            turn(&mut settings, reason.into(), on(switch), project.as_deref());
            client.change_notify_settings(&settings).await?
        }
        Some(NotifyVerb::Quiet(quiet)) => {
            let before = client.notifications().await?.settings;
            let settings = NotifySettings { quiet: hours(quiet)?, ..before };
            client.change_notify_settings(&settings).await?
        }
        Some(NotifyVerb::SilentAfter { minutes }) => {
            let before = client.notifications().await?.settings;
            client.change_notify_settings(&NotifySettings { silent_after: minutes, ..before }).await?
        }
        Some(NotifyVerb::FirstLine { switch }) => {
            let before = client.notifications().await?.settings;
            client.change_notify_settings(&NotifySettings { first_line: on(switch), ..before }).await?
        }
        Some(NotifyVerb::Channel(ChannelVerb::Add(add))) => client.put_channel(&channel(add)?).await?,
        Some(NotifyVerb::Channel(ChannelVerb::Remove { channel })) => {
            let known = client.notifications().await?.channels;
            let found = known.iter().find(|one| one.name == channel || one.id.to_string() == channel);
            let found = found.ok_or_else(|| {
                Problem::new(ErrorCode::NotFound, "There is no channel of that name; nothing was changed.")
                    .hint("`offdesk notify status` lists them.")
            })?;
            client.remove_channel(found.id).await?
        }
    };
    if json { say_json(&now) } else { show(&now) }
}

fn turn(settings: &mut NotifySettings, reason: Reason, on: bool, project: Option<&Path>) {
    let change = |off: &mut Vec<Reason>| {
        off.retain(|known| *known != reason);
        if !on {
            off.push(reason);
        }
    };
    let Some(dir) = project.map(|dir| dir.display().to_string()) else { return change(&mut settings.off) };
    match settings.projects.iter_mut().find(|one| one.dir == dir) {
        Some(one) => change(&mut one.off),
        None => {
            let mut one = ProjectNotify { dir, off: Vec::new() };
            change(&mut one.off);
            settings.projects.push(one);
        }
    }
    settings.projects.retain(|one| !one.off.is_empty());
}

fn hours(quiet: Quiet) -> Result<Option<QuietHours>, Outcome> {
    let Some(hours) = quiet.hours.filter(|_| !quiet.off) else { return Ok(None) };
    let usage = || Outcome::Usage("Write the hours as 22:00-07:00; nothing was changed.".into());
    let (from, to) = hours.split_once(['-', '–']).ok_or_else(usage)?;
    let here = || jiff::tz::TimeZone::system().iana_name().unwrap_or("UTC").to_string();
    Ok(Some(QuietHours {
        from: from.trim().into(),
        to: to.trim().into(),
        zone: quiet.zone.unwrap_or_else(here),
        waiting_comes_through: quiet.decisions_come_through,
    }))
}

fn channel(add: AddChannel) -> Result<PutChannel, Outcome> {
    let (kind, usual, more) = match add {
        AddChannel::Ntfy { topic, server, more } => {
            let topic = text_or_stdin(topic)?.trim().to_string();
            (ChannelKind::Ntfy { server, topic }, "ntfy", more)
        }
        AddChannel::Telegram { chat, more } => (ChannelKind::Telegram { chat }, "Telegram", more),
        AddChannel::Webhook { address, more } => {
            (ChannelKind::Webhook { url: text_or_stdin(address)?.trim().to_string() }, "webhook", more)
        }
        AddChannel::Email { to, from, server, port, security, user, more } => {
            let (security, usual) = match security {
                SecurityArg::Tls => (MailSecurity::Tls, 465),
                SecurityArg::StartTls => (MailSecurity::StartTls, 587),
                SecurityArg::None => (MailSecurity::None, 25),
            };
            let port = port.unwrap_or(usual);
            (ChannelKind::Email { server, port, security, user, from, to }, "e-mail", more)
        }
    };
    let secret = match &more.secret_file {
        Some(file) if file == Path::new("-") => Some(text_or_stdin("-".into())?),
        Some(file) => Some(std::fs::read_to_string(file).map_err(|error| {
            Outcome::failed(format!("{} cannot be read: {error}. Nothing was changed.", file.display()))
        })?),
        None => None,
    };
    let name = more.name.unwrap_or_else(|| usual.into());
    Ok(PutChannel { id: ChannelId::new(), name, kind, always: more.always, secret })
}

async fn test(client: &Client, wait: u64, json: bool) -> Result<(), Outcome> {
    let mut sent = client.test_notifications().await?;
    let deadline = Instant::now() + Duration::from_secs(wait);
    while Instant::now() < deadline && !settled(&sent) {
        tokio::time::sleep(Duration::from_millis(250)).await;
        sent = client.notification(sent.id).await?;
    }
    if json {
        say_json(&sent)?;
    } else {
        sent.deliveries.iter().try_for_each(|one| say(line(one)))?;
    }
    let arrived = |one: &Delivery| match one.to {
        Recipient::Device { .. } => one.state >= DeliveryState::Shown,
        Recipient::Channel { .. } => one.state >= DeliveryState::Accepted,
    };
    match sent.deliveries.iter().all(arrived) && !sent.deliveries.is_empty() {
        true => Ok(()),
        false => Err(Problem::new(
            ErrorCode::WrongState,
            "It did not arrive everywhere; above is where it broke.",
        )
        .hint("A phone that took it and does not show it may be off, or may not let its browser notify.")
        .into()),
    }
}

fn settled(one: &Notification) -> bool {
    let done = |one: &Delivery| match one.to {
        Recipient::Device { .. } => !matches!(one.state, DeliveryState::Queued | DeliveryState::Accepted),
        Recipient::Channel { .. } => one.state != DeliveryState::Queued,
    };
    one.sent && one.deliveries.iter().all(done)
}

fn show(now: &Notifications) -> Result<(), Outcome> {
    if now.key.is_none() {
        say("This machine's keys are locked, so no phone can be told anything. `offdesk doctor` says why.")?;
    }
    if now.subscriptions.is_empty() && now.channels.is_empty() {
        say("Nobody is told anything yet. Open Notifications in the page on your phone.")?;
    }
    for one in &now.subscriptions {
        say(format!("device   {}  by {}", one.device, visible(&one.service)))?;
    }
    for one in &now.channels {
        let when = if one.always { "everything" } else { "what no phone shows within a minute" };
        say(format!("channel  {}  {} at {} · {when}", visible(&one.name), one.kind, visible(&one.service)))?;
    }
    let names = |off: &[Reason]| off.iter().map(|reason| reason.name()).collect::<Vec<_>>().join(", ");
    if !now.settings.off.is_empty() {
        say(format!("off      {}", names(&now.settings.off)))?;
    }
    for one in &now.settings.projects {
        say(format!("off      {} in {}", names(&one.off), visible(&one.dir)))?;
    }
    if !now.settings.off.contains(&Reason::Silent) {
        say(format!("silent   after {} minutes without a word", now.settings.silent_after))?;
    }
    if let Some(quiet) = &now.settings.quiet {
        let through = if quiet.waiting_comes_through { ", but for decisions and questions" } else { "" };
        say(format!("quiet    {}–{} {}{through}", quiet.from, quiet.to, visible(&quiet.zone)))?;
    }
    for one in now.recent.iter().take(LISTED) {
        let end = one.ended.as_ref().map_or(String::new(), |end| format!(" · {}", visible(&end.why)));
        say(format!("{:.0}  {}: {}{end}", one.made_at, one.reason.name(), visible_line(&one.title, 60)))?;
        one.deliveries.iter().try_for_each(|one| say(line(one)))?;
    }
    Ok(())
}

fn line(one: &Delivery) -> String {
    let state = match one.state {
        DeliveryState::Queued if one.tries > 0 => "waits to be sent again",
        DeliveryState::Queued => "waits to be sent",
        DeliveryState::Dropped => "not needed any more",
        DeliveryState::Failed => "failed",
        DeliveryState::Gone => "not there any more",
        DeliveryState::Accepted => "taken by its service",
        DeliveryState::Shown => "shown",
        DeliveryState::Opened => "opened",
    };
    let why = one.why.as_ref().map_or(String::new(), |why| format!(" · {}", visible(why)));
    format!("  {}: {state}{why}", visible_line(&one.name, 40))
}
