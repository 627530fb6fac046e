//! Notifications: what is told, where to, and how far it came.

use crate::{Answer, Client};
use offdesk_protocol::*;

impl Client {
    /// All there is to see of notifications.
    pub async fn notifications(&self) -> Answer<Notifications> {
        self.get("/notifications").await
    }

    /// One of them.
    pub async fn notification(&self, id: NotificationId) -> Answer<Notification> {
        self.get(&format!("/notifications/{id}")).await
    }

    /// Sends something everywhere, to see where it arrives.
    pub async fn test_notifications(&self) -> Answer<Notification> {
        self.post("/notifications/test", &serde_json::json!({})).await
    }

    /// Says what a person wants to be told.
    pub async fn change_notify_settings(&self, settings: &NotifySettings) -> Answer<Notifications> {
        self.post("/notifications/settings", settings).await
    }

    /// Adds a channel.
    pub async fn put_channel(&self, channel: &PutChannel) -> Answer<Notifications> {
        self.post("/notifications/channels", channel).await
    }

    /// Takes a channel away.
    pub async fn remove_channel(&self, id: ChannelId) -> Answer<Notifications> {
        self.post(&format!("/notifications/channels/{id}/remove"), &serde_json::json!({})).await
    }
}
