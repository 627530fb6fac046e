//! What a channel is told: the news, or that it is over.

use offdesk_protocol::Notification;

/// One message to a channel.
pub(super) struct Said<'a> {
    pub(super) about: &'a Notification,
    /// It is over, and this says so.
    pub(super) over: bool,
    /// The same for all tries of this message, and another for the end.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) body: String,
}

impl<'a> Said<'a> {
    pub(super) fn of(about: &'a Notification, over: bool) -> Self {
        if !over {
            let (title, body) = (about.title.clone(), about.body.clone());
            return Self { about, over, id: about.id.to_string(), title, body };
        }
        // Why it is over names who answered; what was asked was said before.
        let body = about.ended.as_ref().map_or_else(|| "It is over.".into(), |end| end.why.clone());
        Self { about, over, id: format!("{}-over", about.id), title: format!("Over: {}", about.title), body }
    }

    /// As a webhook reads it.
    pub(super) fn kind(&self) -> &'static str {
        if self.over { "notification.over" } else { "notification" }
    }
}
