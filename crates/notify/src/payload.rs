//! What a page's service worker gets. The outer part is Declarative Web Push, for browsers that show it by themselves.

use offdesk_protocol::{HostId, Notification, SignedPaths};
use serde_json::{Value, json};

/// A signed record of where the host is now.
pub type Moved = SignedPaths;

/// The message for a page of this origin. `back`: take back what is shown.
pub fn payload(
    one: &Notification,
    host: HostId,
    back: bool,
    origin: &str,
    badge: usize,
    moved: Option<&Moved>,
) -> Value {
    let ended = one.ended.as_ref().filter(|_| back);
    let body = ended.map_or(one.body.as_str(), |end| end.why.as_str());
    let place = format!("{origin}/#{}", one.place);
    let mut message = json!({
        "web_push": 8030,
        "notification": { "title": one.title, "body": body, "navigate": place, "tag": one.key, "silent": back },
        "app_badge": badge,
        // The page's worker may put its own in the place of what a browser shows by itself, and says that it was shown.
        "mutable": true,
        "offdesk": { "id": one.id, "host": host, "back": back, "place": one.place, "waits": one.reason.waits(), "badge": badge },
    });
    if let Some(decidable) = one.decidable.as_ref().filter(|_| !back) {
        message["offdesk"]["decidable"] = json!(decidable);
    }
    if let Some(moved) = moved {
        message["offdesk"]["moved"] = json!(moved);
    }
    message
}

/// Push services keep one undelivered message of each topic: at most 32 letters of an alphabet of their own.
pub(crate) fn topic(key: &str) -> String {
    use base64::Engine as _;
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(key.as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&digest[..18])
}
