//! Notifications: what is told to a person who is not looking, to whom it went, and how far it came.

use crate::*;
use serde::{Deserialize, Serialize};

/// Why somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Reason {
    /// An agent asks to be allowed something.
    Decision,
    /// An agent, or a terminal's screen, asks something.
    Question,
    /// An agent is done and waits for the next prompt, or a run ended well.
    Finished,
    /// A turn or a run ended badly.
    Failed,
    /// An agent works, and nothing was heard of it for a while: it may be stuck.
    Silent,
    /// A limit of a model's service was reached, or has reset.
    Limit,
    /// A device got access.
    Device,
    /// Phones may not reach this host, or reach it again.
    Reach,
    /// The host has another address.
    Address,
    /// Somebody tries whether notifications arrive.
    Test,
}

impl Reason {
    /// Those that can be switched.
    pub const SWITCHED: [Reason; 8] = [
        Reason::Decision,
        Reason::Question,
        Reason::Finished,
        Reason::Failed,
        Reason::Silent,
        Reason::Limit,
        Reason::Device,
        Reason::Reach,
    ];

    /// An agent waits for it.
    pub fn waits(self) -> bool {
        matches!(self, Self::Decision | Self::Question)
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Question => "question",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Silent => "silent",
            Self::Limit => "limit",
            Self::Device => "device",
            Self::Reach => "reach",
            Self::Address => "address",
            Self::Test => "test",
        }
    }
}

/// How far a notification came on its way to one recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum DeliveryState {
    /// Kept here, to be sent.
    Queued,
    /// Not sent: it was answered or over before.
    Dropped,
    /// It could not be sent, and is not tried any more.
    Failed,
    /// The recipient is not there any more.
    Gone,
    /// The service that carries it has it.
    Accepted,
    /// The device has shown it.
    Shown,
    /// A person opened it.
    Opened,
}

/// To whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Recipient {
    /// A page of a paired device, through its browser's push service.
    Device {
        /// The device.
        device: DeviceId,
        /// Which of its subscriptions.
        subscription: String,
    },
    /// A channel of the person's own.
    Channel {
        /// Which.
        channel: ChannelId,
    },
}

/// A notification on its way to one recipient: its receipts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// To whom.
    pub to: Recipient,
    /// What people call the recipient.
    pub name: String,
    /// How far it came.
    pub state: DeliveryState,
    /// Since when it was to be sent.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub queued_at: Timestamp,
    /// When the service took it.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub accepted_at: Option<Timestamp>,
    /// When the device showed it.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub shown_at: Option<Timestamp>,
    /// When a person opened it.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub opened_at: Option<Timestamp>,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried again.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub again_at: Option<Timestamp>,
    /// Where it broke, in a sentence.
    pub why: Option<String>,
    /// What was shown there is to be taken back, or was.
    #[serde(default)]
    pub taking_back: Option<TakingBack>,
}

/// How taking back what a device shows stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum TakingBack {
    /// To be sent.
    Queued,
    /// Sent, or given up.
    Done,
}

/// Why a notification is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct NotificationEnd {
    /// When.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub at: Timestamp,
    /// Why, in a sentence.
    pub why: String,
    /// The device on which it was answered, if it was one.
    pub device: Option<DeviceId>,
}

/// A request that may be decided on the notification itself: all of it is in its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Decidable {
    /// The approval.
    pub approval: ApprovalId,
    /// The hash of what is shown.
    pub hash: String,
}

/// What is told to a person about one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// What it is about; a newer one about the same takes its place.
    pub key: String,
    /// Why.
    pub reason: Reason,
    /// The run it is about.
    pub run: Option<RunId>,
    /// Its first line.
    pub title: String,
    /// The rest.
    pub body: String,
    /// Where it leads in the page: `/run/ID`.
    pub place: String,
    /// May be answered on it.
    #[serde(default)]
    pub decidable: Option<Decidable>,
    /// When it came up.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub made_at: Timestamp,
    /// When it is told, unless it is over by then.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub due_at: Timestamp,
    /// It is over.
    pub ended: Option<NotificationEnd>,
    /// Recipients were chosen.
    #[serde(default)]
    pub sent: bool,
    /// Channels were asked, since nobody showed it.
    #[serde(default)]
    pub escalated: bool,
    /// To whom it went.
    pub deliveries: Vec<Delivery>,
}

/// Hours in which nobody is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QuietHours {
    /// From: `22:00`.
    pub from: String,
    /// To: `07:00`; before `from`: on the next day.
    pub to: String,
    /// Where these hours hold: `Europe/Berlin`.
    pub zone: String,
    /// Decisions and questions are told all the same.
    #[serde(default)]
    pub waiting_comes_through: bool,
}

/// What is not told of one project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectNotify {
    /// The project's folder.
    pub dir: String,
    /// Reasons that are off for it.
    pub off: Vec<Reason>,
}

/// What a person wants to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct NotifySettings {
    /// Reasons that are off.
    pub off: Vec<Reason>,
    /// What is off for single projects.
    pub projects: Vec<ProjectNotify>,
    /// When nobody is told.
    pub quiet: Option<QuietHours>,
    /// The first line of what is asked or was said is in the text, secrets masked.
    pub first_line: bool,
    /// Minutes without a word after which a working agent is told of as silent.
    pub silent_after: u32,
}

impl Default for NotifySettings {
    fn default() -> Self {
        Self { off: Vec::new(), projects: Vec::new(), quiet: None, first_line: false, silent_after: 15 }
    }
}

/// A page of a device takes notifications from now on, as its browser gave it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutSubscription {
    /// Where its push service takes messages.
    pub endpoint: String,
    /// Its public key, base64url.
    pub p256dh: String,
    /// Its secret, base64url.
    pub auth: String,
    /// The page's origin.
    pub origin: String,
}

impl std::fmt::Debug for PutSubscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Who knows the rest can be told things by this page's service.
        f.debug_struct("PutSubscription").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// A page takes none any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoveSubscription {
    /// The subscription's id.
    pub subscription: String,
}

/// Where notifications go: a page of a device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Its id: of its address, without giving that away.
    pub id: String,
    /// The device.
    pub device: DeviceId,
    /// The page's origin.
    pub origin: String,
    /// The push service's name.
    pub service: String,
    /// Since when.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub made_at: Timestamp,
}

/// A channel's kind, with all that is needed but its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ChannelKind {
    /// An ntfy server; the secret is an access token, or none.
    Ntfy {
        /// `https://ntfy.sh`.
        server: String,
        /// Who knows it reads what is told there.
        topic: String,
    },
    /// A Telegram bot; the secret is its token.
    Telegram {
        /// The chat's id.
        chat: String,
    },
    /// Any address; the secret signs what is sent.
    Webhook {
        /// Where to.
        url: String,
    },
    /// E-mail; the secret is the password, or none.
    Email {
        /// The mail server's name.
        server: String,
        /// Its port.
        port: u16,
        /// How it is secured.
        security: MailSecurity,
        /// The account there; none: it asks for none.
        user: Option<String>,
        /// From whom.
        from: String,
        /// To whom.
        to: String,
    },
}

/// How a mail server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum MailSecurity {
    /// TLS from the first byte (465).
    Tls,
    /// Plain, then TLS before anything is said (587).
    StartTls,
    /// In the clear: only to this machine itself.
    None,
}

/// Adds a channel.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutChannel {
    /// Made by who adds it; the same again is the same channel.
    pub id: ChannelId,
    /// What people call it.
    pub name: String,
    /// What it is.
    pub kind: ChannelKind,
    /// Told everything at once, not only what no device has shown after a minute.
    #[serde(default)]
    pub always: bool,
    /// Its secret; never given out again.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(optional = nullable))]
    pub secret: Option<String>,
}

impl std::fmt::Debug for PutChannel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Topics and addresses are secrets as well.
        f.debug_struct("PutChannel").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// A channel, without what must not be known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// What people call it.
    pub name: String,
    /// `ntfy`, `telegram`, `webhook`, `email`.
    pub kind: String,
    /// Which server it is at.
    pub service: String,
    /// Told everything at once.
    pub always: bool,
    /// It has a secret.
    pub secret: bool,
}

/// A device says how far a notification came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotificationReceipt {
    /// It was opened; otherwise only shown.
    pub opened: bool,
}

/// All there is to see and set of notifications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Notifications {
    /// This host's public key for push services, base64url; none while its keys are locked.
    pub key: Option<String>,
    /// What a person wants to be told.
    pub settings: NotifySettings,
    /// Pages that take notifications.
    pub subscriptions: Vec<Subscription>,
    /// Channels.
    pub channels: Vec<Channel>,
    /// The latest notifications, newest first.
    pub recent: Vec<Notification>,
    /// Folders that runs work in, to choose from.
    pub projects: Vec<String>,
}
