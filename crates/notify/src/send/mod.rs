//! Sending: the only part that speaks to anybody.

mod by_channel;
mod by_push;
mod email;
mod said;

use crate::book::Sent;
use crate::channel::KeptChannel;
use crate::endpoint::{KeptSubscription, PublicOnly};
use crate::vapid::Vapid;
use offdesk_protocol::{ErrorCode, Notification, Problem};
use reqwest::{Client, RequestBuilder, StatusCode};
use said::Said;
use std::sync::Arc;
use std::time::Duration;

/// How long a service may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Of what a service says, so much is read.
const LONGEST_ANSWER: usize = 2048;

/// Sends, and says what became of it.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Reaches public addresses alone.
    public: Client,
    /// For servers the person named at the machine.
    own: Client,
}

impl Sender {
    /// One that can send.
    ///
    /// # Errors
    /// When the HTTP client can't be made.
    pub fn new() -> Result<Self, Problem> {
        // One provider of primitives for the whole tree.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = || {
            Client::builder()
                .timeout(PATIENCE)
                .redirect(reqwest::redirect::Policy::none())
                // A proxy would resolve names itself, and lead where we do not look.
                .no_proxy()
                .user_agent(concat!("offdesk/", env!("CARGO_PKG_VERSION")))
        };
        let failed = |error: reqwest::Error| {
            Problem::new(ErrorCode::Internal, format!("Nothing can be sent from here: {error}."))
        };
        let public = client().dns_resolver(Arc::new(PublicOnly)).build().map_err(failed)?;
        let own = client().build().map_err(failed)?;
        Ok(Self { public, own })
    }

    /// To a page of a device.
    pub async fn push(
        &self,
        vapid: &Vapid,
        to: &KeptSubscription,
        one: &Notification,
        message: &serde_json::Value,
        back: bool,
    ) -> Sent {
        match by_push::request(&self.public, vapid, to, one, message, back) {
            Ok(request) => outcome(request, "The push service").await,
            Err(why) => Sent::Refused { why },
        }
    }

    /// To a channel. `over`: say that it is over, instead.
    pub async fn tell(&self, channel: &KeptChannel, one: &Notification, host: &str, over: bool) -> Sent {
        by_channel::tell(self, channel, &Said::of(one, over), host).await
    }

    fn for_channel(&self, channel: &KeptChannel) -> &Client {
        if channel.own { &self.own } else { &self.public }
    }
}

/// What a service's answer means (RFC 8030 §5, §7.3).
async fn outcome(request: RequestBuilder, who: &str) -> Sent {
    let response = match request.send().await {
        Ok(response) => response,
        // Without the address: it is a secret.
        Err(error) => return Sent::Later { why: format!("{who} {}.", trouble(&error)), after: None },
    };
    let status = response.status();
    let after = retry_after(&response);
    if status.is_success() {
        return Sent::Accepted;
    }
    let why = format!("{who} answered {}{}.", status.as_u16(), said(response).await);
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Sent::Gone { why },
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => Sent::Later { why, after },
        status if status.is_server_error() => Sent::Later { why, after },
        _ => Sent::Refused { why },
    }
}

fn retry_after(response: &reqwest::Response) -> Option<u64> {
    let value = response.headers().get(reqwest::header::RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().or_else(|| {
        let at = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
        u64::try_from(at.duration_since(jiff::Timestamp::now()).as_secs()).ok()
    })
}

/// What it says for people, as far as that is harmless.
async fn said(mut response: reqwest::Response) -> String {
    let mut bytes = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        bytes.extend_from_slice(&piece);
        if bytes.len() >= LONGEST_ANSWER {
            break;
        }
    }
    bytes.truncate(LONGEST_ANSWER);
    let text = offdesk_protocol::visible_line(&String::from_utf8_lossy(&bytes), 120);
    if text.is_empty() || text.starts_with('<') { String::new() } else { format!(": “{text}”") }
}

fn trouble(error: &reqwest::Error) -> String {
    use std::error::Error as _;
    if error.is_timeout() {
        return "did not answer in time".into();
    }
    let (mut cause, mut source) = (String::new(), error.source());
    while let Some(error) = source {
        cause = error.to_string();
        source = error.source();
    }
    match cause.is_empty() {
        true => "could not be reached".into(),
        false => format!("could not be reached: {}", offdesk_protocol::visible_line(&cause, 120)),
    }
}

#[cfg(test)]
mod tests;
