//! Channels of the person's own, as they are kept.

use crate::endpoint::Address;
use offdesk_protocol::*;
use serde::{Deserialize, Serialize};

/// A channel with all that is secret of it. Kept in a file for its owner alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptChannel {
    /// What the person gave.
    #[serde(flatten)]
    pub given: PutChannel,
    /// It was added at the machine: its server may be in this network.
    pub own: bool,
}

impl std::fmt::Debug for KeptChannel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.given.fmt(f)
    }
}

fn bad(text: &str, hint: &str) -> Problem {
    Problem::new(ErrorCode::BadRequest, format!("{text}; nothing was changed.")).hint(hint)
}

impl KeptChannel {
    /// Takes what a person gave, if messages can go there. `own`: they sit at the machine.
    ///
    /// # Errors
    /// When something of it is missing or cannot be.
    pub fn of(mut given: PutChannel, own: bool) -> Result<Self, Problem> {
        given.name = visible_line(&given.name, 60);
        given.secret =
            given.secret.map(|secret| secret.trim().to_string()).filter(|secret| !secret.is_empty());
        if given.name.is_empty() {
            return Err(bad("A channel needs a name", "Call it what you like."));
        }
        let kept = Self { given, own };
        kept.check()?;
        Ok(kept)
    }

    fn check(&self) -> Result<(), Problem> {
        let secret = self.given.secret.as_deref();
        if secret.is_some_and(|secret| secret.len() > 1024 || secret.chars().any(char::is_control)) {
            return Err(bad("That secret is no line of text", "Give it as one line."));
        }
        match &self.given.kind {
            ChannelKind::Ntfy { topic, .. } => {
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
                if topic.is_empty() || topic.len() > 64 || !topic.chars().all(plain) {
                    return Err(bad(
                        "An ntfy topic has 1 to 64 letters, digits, - and _",
                        "Choose one that nobody guesses.",
                    ));
                }
                self.address().map(drop)
            }
            ChannelKind::Telegram { chat } => {
                let number = chat.strip_prefix('-').unwrap_or(chat);
                let is_id = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
                if !is_id && !chat.starts_with('@') || chat.len() > 64 {
                    return Err(bad(
                        "A Telegram chat is a number or an @name",
                        "Ask @userinfobot for yours.",
                    ));
                }
                let token =
                    secret.ok_or_else(|| bad("A Telegram bot has a token", "@BotFather gives it."))?;
                let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == ':';
                if !token.chars().all(plain) || !token.contains(':') {
                    return Err(bad(
                        "That is no bot token",
                        "It looks like 123456:ABC…; @BotFather gives it.",
                    ));
                }
                Ok(())
            }
            ChannelKind::Webhook { .. } => {
                if secret.is_none_or(|secret| secret.len() < 16) {
                    return Err(bad(
                        "A webhook needs a secret of at least 16 letters",
                        "It signs each message.",
                    ));
                }
                self.address().map(drop)
            }
            ChannelKind::Email { server, port, security, user, from, to } => {
                let mailbox = |text: &str| text.parse::<lettre::message::Mailbox>().is_ok();
                if !mailbox(from) || !mailbox(to) {
                    return Err(bad("Those are no e-mail addresses", "Write them as ada@example.com."));
                }
                if *port == 0 || user.is_some() != secret.is_some() {
                    return Err(bad(
                        "A mail account has a name and a password, or neither",
                        "Give both, or none.",
                    ));
                }
                self.mail_host(server, *security)
            }
        }
    }

    fn mail_host(&self, server: &str, security: MailSecurity) -> Result<(), Problem> {
        let wrapped = if server.contains(':') { format!("[{server}]") } else { server.to_string() };
        let address = match self.own {
            true => Address::own(&format!("https://{wrapped}"))?,
            false => Address::public(&format!("https://{wrapped}"))?,
        };
        if address.0.path() != "/" || address.0.port().is_some() {
            return Err(bad(
                "A mail server is named without a path or port",
                "Write it as smtp.example.com.",
            ));
        }
        // A password in the clear goes no further than this machine.
        let here = ["localhost", "127.0.0.1", "::1"].contains(&server);
        if security == MailSecurity::None && !here {
            return Err(bad("Only a mail server on this machine is spoken to in the clear", "Use TLS."));
        }
        Ok(())
    }

    /// Where it is asked, for those that are asked by HTTP.
    pub(crate) fn address(&self) -> Result<Address, Problem> {
        let text = match &self.given.kind {
            ChannelKind::Ntfy { server, .. } => server.clone(),
            ChannelKind::Webhook { url } => url.clone(),
            ChannelKind::Telegram { .. } => telegram(),
            ChannelKind::Email { .. } => {
                return Err(bad("Mail goes by no address", "This is a mistake of ours."));
            }
        };
        if self.own { Address::own(&text) } else { Address::public(&text) }
    }

    /// Without what must not be known of it.
    pub fn view(&self) -> Channel {
        let (kind, service) = match &self.given.kind {
            ChannelKind::Ntfy { .. } => ("ntfy", self.host()),
            ChannelKind::Telegram { .. } => ("telegram", "api.telegram.org".into()),
            ChannelKind::Webhook { .. } => ("webhook", self.host()),
            ChannelKind::Email { server, .. } => ("email", server.clone()),
        };
        Channel {
            id: self.given.id,
            name: self.given.name.clone(),
            kind: kind.into(),
            service,
            always: self.given.always,
            secret: self.given.secret.is_some(),
        }
    }

    fn host(&self) -> String {
        self.address().map(|address| address.host()).unwrap_or_default()
    }
}

/// Where bots are.
fn telegram() -> String {
    #[cfg(feature = "faults")]
    if let Ok(place) = std::env::var("OFFDESK_TELEGRAM") {
        return place;
    }
    "https://api.telegram.org".into()
}
