//! The book of notifications: what is told, to whom, when, and how far each came. Pure: whoever holds it keeps what it
//! says is to be kept, before sending what it says is to be sent.

mod deliver;
pub(crate) use deliver::lasts;
#[cfg(test)]
mod tests;

use crate::change::{Change, Wish};
use crate::endpoint::KeptSubscription;
use crate::quiet;
use jiff::SignedDuration;
use offdesk_protocol::*;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// News that came up longer ago than this is none any more; what still waits is told all the same.
const OLD: SignedDuration = SignedDuration::from_mins(10);
/// Somebody who did something so long ago is still there.
const ATTENTION: SignedDuration = SignedDuration::from_secs(60);
/// And may answer by themselves before anybody is told.
const GRACE: SignedDuration = SignedDuration::from_secs(15);
/// What no device has shown by then is told by channels.
const ESCALATE: SignedDuration = SignedDuration::from_secs(60);
/// Notifications that are kept to be looked at.
const KEPT: usize = 200;

/// Ids of notifications are derived from what they are about and when it came up.
const IDS: Uuid = Uuid::from_u128(0x6f66_6664_6573_6b20_6e6f_7469_6679_0001);

/// What is known when the book is opened.
#[derive(Clone, Debug, Default)]
pub struct Stock {
    /// What a person wants to be told.
    pub settings: NotifySettings,
    /// Pages that take notifications.
    pub subscriptions: Vec<KeptSubscription>,
    /// Channels.
    pub channels: Vec<Channel>,
    /// What was kept.
    pub notifications: Vec<Notification>,
}

/// A device, as far as it matters here.
#[derive(Clone, Debug)]
struct Known {
    name: String,
    online: bool,
}

/// One message to be sent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    /// Which notification.
    pub notification: NotificationId,
    /// Which of its deliveries.
    pub delivery: usize,
    /// Take back what is shown there, instead.
    pub back: bool,
}

/// What became of sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The service has it.
    Accepted,
    /// Not now; perhaps after so many seconds.
    Later {
        /// Where it broke.
        why: String,
        /// What the service asked for.
        after: Option<u64>,
    },
    /// Not like this.
    Refused {
        /// Where it broke.
        why: String,
    },
    /// The recipient is not there any more.
    Gone {
        /// What was said.
        why: String,
    },
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send this. What it belongs to is kept by then.
    Send(Order),
    /// This page takes none any more.
    Unsubscribe(String),
}

/// What a turn gives.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// To be kept, before anything is done.
    pub keep: Vec<Notification>,
    /// Not to be kept any longer.
    pub forget: Vec<NotificationId>,
    /// To be done then.
    pub effects: Vec<Effect>,
}

/// The book.
#[derive(Debug)]
pub struct Book {
    settings: NotifySettings,
    subscriptions: BTreeMap<String, KeptSubscription>,
    channels: BTreeMap<ChannelId, Channel>,
    devices: BTreeMap<DeviceId, Known>,
    notifications: BTreeMap<NotificationId, Notification>,
    flying: BTreeSet<Order>,
    dirty: BTreeSet<NotificationId>,
    effects: Vec<Effect>,
    forgotten: Vec<NotificationId>,
    attended: Option<Timestamp>,
    opened_at: Timestamp,
}

fn plus(at: Timestamp, more: SignedDuration) -> Timestamp {
    at.saturating_add(more).unwrap_or(at)
}

impl Book {
    /// Opens it with what was kept.
    pub fn open(stock: Stock, now: Timestamp) -> Self {
        let one = |kept: KeptSubscription| (kept.id(), kept);
        let mut book = Self {
            settings: stock.settings,
            subscriptions: stock.subscriptions.into_iter().map(one).collect(),
            channels: stock.channels.into_iter().map(|channel| (channel.id, channel)).collect(),
            devices: BTreeMap::new(),
            notifications: stock.notifications.into_iter().map(|kept| (kept.id, kept)).collect(),
            flying: BTreeSet::new(),
            dirty: BTreeSet::new(),
            effects: Vec::new(),
            forgotten: Vec::new(),
            attended: None,
            opened_at: now,
        };
        let ids: Vec<NotificationId> = book.notifications.keys().copied().collect();
        for id in ids {
            book.unsure(id);
        }
        book
    }

    /// What was on its way when the last gateway died, and is over: it may have been taken, and then is taken back.
    fn unsure(&mut self, id: NotificationId) {
        let Some(one) = self.notifications.get_mut(&id) else { return };
        let Some(end) = one.ended.clone() else { return };
        let reason = one.reason;
        for delivery in one.deliveries.iter_mut().filter(|one| one.state == DeliveryState::Queued) {
            // A channel that may not have heard of it is not told that it is over.
            if matches!(delivery.to, Recipient::Device { .. }) {
                delivery.state = DeliveryState::Accepted;
                deliver::take_back(delivery, reason, end.device);
            }
            delivery.state = DeliveryState::Dropped;
            self.dirty.insert(id);
        }
    }

    /// What a person wants to be told.
    pub fn settings(&self) -> &NotifySettings {
        &self.settings
    }

    /// They want something else. What waits to be told is looked at again.
    pub fn set(&mut self, settings: NotifySettings, now: Timestamp) {
        self.settings = settings;
        let waiting: Vec<NotificationId> = self
            .notifications
            .values()
            .filter(|one| !one.sent && one.ended.is_none())
            .map(|one| one.id)
            .collect();
        for id in waiting {
            let Some(one) = self.notifications.get(&id) else { continue };
            if self.settings.off.contains(&one.reason) {
                self.end(id, "This is not told any more.".into(), None, now);
            }
        }
    }

    /// Whether texts may quote.
    pub fn first_line(&self) -> bool {
        self.settings.first_line
    }

    /// A page takes notifications from now on.
    pub fn subscribe(&mut self, kept: KeptSubscription) {
        self.subscriptions.insert(kept.id(), kept);
    }

    /// It takes none any more.
    pub fn unsubscribe(&mut self, id: &str) -> Option<KeptSubscription> {
        self.subscriptions.remove(id)
    }

    /// Pages that take notifications.
    pub fn subscriptions(&self) -> impl Iterator<Item = &KeptSubscription> {
        self.subscriptions.values()
    }

    /// One of them.
    pub fn subscription(&self, id: &str) -> Option<&KeptSubscription> {
        self.subscriptions.get(id)
    }

    /// A channel is there.
    pub fn add_channel(&mut self, channel: Channel) {
        self.channels.insert(channel.id, channel);
    }

    /// A channel is there no more.
    pub fn remove_channel(&mut self, id: ChannelId) -> bool {
        self.channels.remove(&id).is_some()
    }

    /// Channels.
    pub fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.channels.values()
    }

    /// A device is so by now. One without access loses its subscriptions: their ids are given.
    pub fn device(&mut self, device: &Device) -> Vec<String> {
        if device.state == DeviceState::Active {
            let known = Known { name: device.name.clone(), online: !device.online.is_empty() };
            self.devices.insert(device.id, known);
            return Vec::new();
        }
        self.devices.remove(&device.id);
        let gone: Vec<String> = self
            .subscriptions
            .iter()
            .filter(|(_, kept)| kept.device == device.id)
            .map(|(id, _)| id.clone())
            .collect();
        for id in &gone {
            self.subscriptions.remove(id);
        }
        gone
    }

    /// Somebody looks at a page of ours, or did something.
    pub fn attend(&mut self, now: Timestamp) {
        self.attended = self.attended.max(Some(now));
    }

    /// A run was deleted: what was told of it is kept no longer.
    pub fn forget_run(&mut self, run: RunId) {
        let ids = self.notifications.values().filter(|one| one.run == Some(run)).map(|one| one.id);
        let ids: Vec<NotificationId> = ids.collect();
        for id in &ids {
            self.notifications.remove(id);
            self.dirty.remove(id);
        }
        self.forgotten.extend(ids);
    }

    /// The latest, newest first.
    pub fn recent(&self) -> Vec<Notification> {
        let mut all: Vec<Notification> = self.notifications.values().cloned().collect();
        all.sort_by_key(|one| std::cmp::Reverse((one.made_at, one.id)));
        all
    }

    /// One of them.
    pub fn get(&self, id: NotificationId) -> Option<&Notification> {
        self.notifications.get(&id)
    }

    /// Those that are told, or to be told, for this reason, and not over.
    pub fn open_of(&self, reason: Reason) -> Vec<Notification> {
        let open = self.notifications.values().filter(|one| one.reason == reason && one.ended.is_none());
        open.cloned().collect()
    }

    /// How many things wait for a person, as far as they were told.
    pub fn badge(&self) -> usize {
        self.notifications.values().filter(|one| one.reason.waits() && one.ended.is_none()).count()
    }

    /// Something happened at `at`; it is `now`.
    pub fn change(&mut self, change: Change, at: Timestamp, now: Timestamp) {
        match change {
            Change::Tell(wish) => {
                self.tell(*wish, at, now);
            }
            Change::End { key, why, device } => {
                let over: Vec<NotificationId> = self.open_about(&key).collect();
                for id in over {
                    self.end(id, why.clone(), device, now);
                }
            }
            Change::Attended => {
                if now.duration_since(at) < ATTENTION {
                    self.attend(at);
                }
            }
        }
    }

    fn open_about<'a>(&'a self, key: &'a str) -> impl Iterator<Item = NotificationId> + 'a {
        self.notifications.values().filter(move |one| one.ended.is_none() && one.key == key).map(|one| one.id)
    }

    /// Something should be told; gives its id where it is going to be.
    pub fn tell(&mut self, wish: Wish, at: Timestamp, now: Timestamp) -> Option<NotificationId> {
        if self.is_off(&wish) || (!wish.reason.waits() && now.duration_since(at) > OLD) {
            return None;
        }
        if self.subscriptions.is_empty() && self.channels.is_empty() {
            return None;
        }
        let before: Vec<NotificationId> = self.open_about(&wish.key).collect();
        if let Some(known) = before.first().and_then(|id| self.notifications.get_mut(id))
            && known.reason == wish.reason
        {
            // Told once; what it says is brought up to date for those who are not told yet.
            known.decidable = wish.decidable;
            (known.title, known.body) = (wish.title, wish.body);
            self.dirty.insert(known.id);
            return Some(known.id);
        }
        for id in before {
            self.replaced(id, now);
        }
        let id =
            NotificationId(Uuid::new_v5(&IDS, format!("{}@{}", wish.key, at.as_nanosecond()).as_bytes()));
        let due_at = self.due(&wish, at, now);
        let made = Notification {
            id,
            key: wish.key,
            reason: wish.reason,
            run: wish.run,
            title: wish.title,
            body: wish.body,
            place: wish.place,
            decidable: wish.decidable,
            made_at: at,
            due_at,
            ended: None,
            sent: false,
            escalated: false,
            deliveries: Vec::new(),
        };
        // The same event again.
        if self.notifications.contains_key(&id) {
            return Some(id);
        }
        self.notifications.insert(id, made);
        self.dirty.insert(id);
        Some(id)
    }

    fn is_off(&self, wish: &Wish) -> bool {
        if self.settings.off.contains(&wish.reason) {
            return true;
        }
        let Some(dir) = &wish.project else { return false };
        self.settings.projects.iter().any(|one| one.dir == *dir && one.off.contains(&wish.reason))
    }

    fn due(&self, wish: &Wish, at: Timestamp, now: Timestamp) -> Timestamp {
        let mut due = wish.due.unwrap_or(at);
        if matches!(wish.reason, Reason::Test) {
            return due;
        }
        let there = self.attended.is_some_and(|seen| now.duration_since(seen) < ATTENTION);
        if there && !matches!(wish.reason, Reason::Device | Reason::Address) {
            due = due.max(plus(now, GRACE));
        }
        self.after_quiet(wish.reason, due)
    }

    fn after_quiet(&self, reason: Reason, due: Timestamp) -> Timestamp {
        match &self.settings.quiet {
            Some(quiet) if !(quiet.waiting_comes_through && reason.waits()) && reason != Reason::Test => {
                quiet::until(quiet, due).unwrap_or(due)
            }
            _ => due,
        }
    }

    /// A newer one about the same is told; what is shown of the older one is replaced by it.
    fn replaced(&mut self, id: NotificationId, now: Timestamp) {
        let Some(one) = self.notifications.get_mut(&id) else { return };
        one.ended = Some(NotificationEnd { at: now, why: "Something newer was told.".into(), device: None });
        self.drop_queued(id);
        self.dirty.insert(id);
    }

    fn end(&mut self, id: NotificationId, why: String, device: Option<DeviceId>, now: Timestamp) {
        let Some(one) = self.notifications.get_mut(&id) else { return };
        one.ended = Some(NotificationEnd { at: now, why, device });
        self.drop_queued(id);
        let Some(one) = self.notifications.get_mut(&id) else { return };
        for delivery in &mut one.deliveries {
            deliver::take_back(delivery, one.reason, device);
        }
        self.dirty.insert(id);
    }

    fn drop_queued(&mut self, id: NotificationId) {
        let Some(one) = self.notifications.get_mut(&id) else { return };
        for (index, delivery) in one.deliveries.iter_mut().enumerate() {
            let order = Order { notification: id, delivery: index, back: false };
            if delivery.state == DeliveryState::Queued && !self.flying.contains(&order) {
                delivery.state = DeliveryState::Dropped;
                delivery.again_at = None;
            }
        }
    }

    /// Does what is due, and gives what is to be kept and done.
    pub fn turn(&mut self, now: Timestamp) -> Given {
        let ids: Vec<NotificationId> = self.notifications.keys().copied().collect();
        for id in ids {
            self.begin(id, now);
            self.escalate(id, now);
            self.orders(id, now);
        }
        let mut forget = self.prune();
        forget.append(&mut self.forgotten);
        let dirty = std::mem::take(&mut self.dirty);
        let keep = dirty.iter().filter_map(|id| self.notifications.get(id).cloned()).collect();
        Given { keep, forget, effects: std::mem::take(&mut self.effects) }
    }

    fn prune(&mut self) -> Vec<NotificationId> {
        let over = |one: &&Notification| {
            let moving = |delivery: &Delivery| {
                delivery.state == DeliveryState::Queued || delivery.taking_back == Some(TakingBack::Queued)
            };
            (one.ended.is_some() || (one.sent && !one.reason.waits())) && !one.deliveries.iter().any(moving)
        };
        let surplus = self.notifications.len().saturating_sub(KEPT);
        if surplus == 0 {
            return Vec::new();
        }
        let mut old: Vec<(Timestamp, NotificationId)> =
            self.notifications.values().filter(over).map(|one| (one.made_at, one.id)).collect();
        old.sort();
        old.truncate(surplus);
        for (_, id) in &old {
            self.notifications.remove(id);
            self.dirty.remove(id);
        }
        old.into_iter().map(|(_, id)| id).collect()
    }
}
