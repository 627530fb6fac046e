//! A Web Push message: RFC 8030, encrypted by RFC 8291.

use crate::endpoint::{Address, KeptSubscription, keys_of};
use crate::payload::topic;
use crate::vapid::Vapid;
use offdesk_protocol::{Notification, Reason};
use reqwest::{Client, RequestBuilder};
use web_push_native::{Auth, encrypt};

/// Push services take bodies of at least 4096 bytes, of which encryption needs 103.
const MOST: usize = 3993;
/// Lengths are rounded up to this, so that a service that carries a message learns little from it.
const STEP: usize = 512;

pub(super) fn request(
    http: &Client,
    vapid: &Vapid,
    to: &KeptSubscription,
    one: &Notification,
    message: &serde_json::Value,
    back: bool,
) -> Result<RequestBuilder, String> {
    let address = Address::public(&to.given.endpoint).map_err(|problem| problem.message)?;
    let (public, auth) = keys_of(&to.given)?;
    let mut text = message.to_string();
    if text.len() > MOST {
        return Err("The message is too long for a push service.".into());
    }
    // JSON may end with spaces.
    let padded = text.len().next_multiple_of(STEP).min(MOST);
    text.extend(std::iter::repeat_n(' ', padded - text.len()));
    let sealed = encrypt(text.into_bytes(), &public, &Auth::clone_from_slice(&auth))
        .map_err(|_| "The message could not be encrypted for this browser.".to_string())?;
    let ttl = crate::book::lasts(one.reason).as_secs();
    let urgency = match one.reason {
        _ if back => "normal",
        Reason::Finished | Reason::Silent | Reason::Limit => "normal",
        _ => "high",
    };
    Ok(http
        .post(address.0.clone())
        .header(
            "authorization",
            vapid.authorization(&address.origin(), &to.given.origin, jiff::Timestamp::now()),
        )
        .header("content-encoding", "aes128gcm")
        .header("content-type", "application/octet-stream")
        .header("ttl", ttl)
        .header("urgency", urgency)
        .header("topic", topic(&one.key))
        .body(sealed))
}
