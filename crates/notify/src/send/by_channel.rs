//! ntfy, Telegram, webhooks; mail is beside.

use super::said::Said;
use super::{Sender, email, outcome};
use crate::book::Sent;
use crate::channel::KeptChannel;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use offdesk_protocol::{ChannelKind, Reason, visible_line};
use serde_json::json;
use sha2::Sha256;

pub(super) async fn tell(sender: &Sender, channel: &KeptChannel, said: &Said<'_>, host: &str) -> Sent {
    let one = said.about;
    let http = sender.for_channel(channel);
    let secret = channel.given.secret.as_deref();
    let address = match (&channel.given.kind, channel.address()) {
        (ChannelKind::Email { .. }, _) => return email::send(channel, said, host).await,
        (_, Ok(address)) => address,
        (_, Err(problem)) => return Sent::Refused { why: problem.message },
    };
    let host = visible_line(host, 60);
    let answered = match &channel.given.kind {
        ChannelKind::Ntfy { topic, .. } => {
            // As JSON to the root: titles need not be squeezed into headers.
            let priority = match (said.over, one.reason.waits()) {
                (true, _) => 2,
                (false, true) => 4,
                (false, false) => 3,
            };
            let body = json!({ "topic": topic, "title": said.title, "message": format!("{}\n{host}", said.body),
                "priority": priority, "tags": ["desktop_computer"] });
            let request = http.post(address.0).json(&body);
            let request = match secret {
                Some(token) => request.bearer_auth(token),
                None => request,
            };
            outcome(request, "ntfy").await
        }
        ChannelKind::Telegram { chat } => {
            let url = format!("{}/bot{}/sendMessage", address.origin(), secret.unwrap_or_default());
            // Without parse_mode the text is text.
            let text = format!("{}\n{}\n{host}", said.title, said.body);
            let body = json!({ "chat_id": chat, "text": text, "disable_notification": said.over || (!one.reason.waits() && one.reason != Reason::Failed),
                "link_preview_options": { "is_disabled": true } });
            outcome(http.post(url).json(&body), "Telegram").await
        }
        ChannelKind::Webhook { .. } => {
            let at = jiff::Timestamp::now().as_second().to_string();
            let body = json!({ "type": said.kind(), "id": one.id, "key": one.key, "reason": one.reason, "run": one.run,
                "title": said.title, "body": said.body, "place": one.place, "at": one.made_at, "host": host })
            .to_string();
            let signature = sign(secret.unwrap_or_default(), &said.id, &at, &body);
            let request = http
                .post(address.0)
                .header("content-type", "application/json")
                // The names of https://www.standardwebhooks.com.
                .header("webhook-id", said.id.clone())
                .header("webhook-timestamp", at)
                .header("webhook-signature", signature)
                .body(body);
            outcome(request, "The webhook").await
        }
        ChannelKind::Email { .. } => return Sent::Refused { why: "Mail goes another way.".into() },
    };
    // A channel that says "not found" is one that was set up wrong, not one that left.
    match answered {
        Sent::Gone { why } => Sent::Refused { why },
        other => other,
    }
}

/// Over id, time and body, so that none can be put in another's place.
pub(super) fn sign(secret: &str, id: &str, at: &str, body: &str) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(format!("{id}.{at}.{body}").as_bytes());
    format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
}
