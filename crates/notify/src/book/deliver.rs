//! From a notification that is due to receipts.

use super::{Book, ESCALATE, Effect, OLD, Order, Sent, plus};
use jiff::SignedDuration;
use offdesk_protocol::*;

/// Seconds until the next try, by how many there were.
const BACKOFF: [i64; 6] = [3, 10, 30, 120, 300, 900];
/// A service cannot ask for more patience than this.
const MOST_PATIENCE: u64 = 3600;

/// How long it is worth telling.
pub(crate) fn lasts(reason: Reason) -> SignedDuration {
    match reason {
        Reason::Decision | Reason::Question => SignedDuration::from_hours(24),
        Reason::Address | Reason::Device => SignedDuration::from_hours(72),
        Reason::Test => SignedDuration::from_mins(10),
        Reason::Finished | Reason::Failed | Reason::Silent | Reason::Limit | Reason::Reach => {
            SignedDuration::from_hours(4)
        }
    }
}

/// Whether a channel hears that it is over: what somebody may still be on their way to answer or to repair. That an
/// agent went on is no news to who told it to.
fn channels_hear_the_end(reason: Reason) -> bool {
    reason.waits() || reason == Reason::Reach
}

/// What a device shows is to be taken back, but where the person answered: there it is gone. A channel cannot take
/// anything back; it is told that it is over, once.
pub(super) fn take_back(delivery: &mut Delivery, reason: Reason, answered_on: Option<DeviceId>) {
    let shown = matches!(delivery.state, DeliveryState::Accepted | DeliveryState::Shown);
    let elsewhere = match &delivery.to {
        Recipient::Device { device, .. } => answered_on != Some(*device),
        Recipient::Channel { .. } => channels_hear_the_end(reason),
    };
    if shown && elsewhere && delivery.taking_back.is_none() {
        delivery.taking_back = Some(TakingBack::Queued);
        delivery.tries = 0;
        delivery.again_at = None;
    }
}

impl Book {
    /// Chooses to whom what is due goes.
    pub(super) fn begin(&mut self, id: NotificationId, now: Timestamp) {
        let Some(one) = self.notifications.get(&id) else { return };
        if one.sent || one.ended.is_some() || one.due_at > now {
            return;
        }
        let (reason, due) = (one.reason, one.due_at);
        let later = self.after_quiet(reason, now);
        if later > now {
            if let Some(one) = self.notifications.get_mut(&id) {
                one.due_at = later;
                self.dirty.insert(id);
            }
            return;
        }
        if !reason.waits() && now.duration_since(due) > OLD {
            return self.end(id, "The gateway was away, and by now it is old.".into(), None, now);
        }
        let mut deliveries: Vec<Delivery> = self.devices_for(reason, now);
        let alone = deliveries.is_empty();
        let channels = self.channels.values().filter(|one| one.always || alone || reason == Reason::Test);
        deliveries.extend(channels.filter(|_| reason != Reason::Address).map(|one| to_channel(one, now)));
        let Some(one) = self.notifications.get_mut(&id) else { return };
        one.sent = true;
        one.due_at = now;
        one.deliveries = deliveries;
        one.escalated = alone || reason == Reason::Test;
        self.dirty.insert(id);
    }

    fn devices_for(&self, reason: Reason, now: Timestamp) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        for (id, kept) in &self.subscriptions {
            let Some(device) = self.devices.get(&kept.device) else { continue };
            // Who is connected knows the new address by the link.
            if reason == Reason::Address && device.online {
                continue;
            }
            let to = Recipient::Device { device: kept.device, subscription: id.clone() };
            deliveries.push(delivery(to, device.name.clone(), now));
        }
        deliveries
    }

    /// Tells by channels what no device has shown.
    pub(super) fn escalate(&mut self, id: NotificationId, now: Timestamp) {
        let Some(one) = self.notifications.get(&id) else { return };
        if !self.escalates(one) || self.escalates_at(one) > now {
            return;
        }
        let told: Vec<&Recipient> = one.deliveries.iter().map(|delivery| &delivery.to).collect();
        let new: Vec<Delivery> = self
            .channels
            .values()
            .filter(|channel| !told.contains(&&Recipient::Channel { channel: channel.id }))
            .map(|channel| to_channel(channel, now))
            .collect();
        if let Some(one) = self.notifications.get_mut(&id) {
            one.escalated = true;
            one.deliveries.extend(new);
            self.dirty.insert(id);
        }
    }

    fn escalates(&self, one: &Notification) -> bool {
        let seen = one.deliveries.iter().any(|one| one.state >= DeliveryState::Shown);
        one.sent
            && !one.escalated
            && one.ended.is_none()
            && !seen
            && one.reason != Reason::Address
            && !self.channels.is_empty()
    }

    /// When nobody showed it for long enough, or at once when no device is left that could.
    fn escalates_at(&self, one: &Notification) -> Timestamp {
        let may = |one: &Delivery| matches!(one.state, DeliveryState::Queued | DeliveryState::Accepted);
        if !one.deliveries.iter().any(may) {
            return one.due_at;
        }
        // After a pause of the gateway's, devices get their minute as well.
        plus(one.due_at.max(self.opened_at), ESCALATE)
    }

    /// Gives what is to be sent now.
    pub(super) fn orders(&mut self, id: NotificationId, now: Timestamp) {
        let Some(one) = self.notifications.get_mut(&id) else { return };
        let until = plus(one.due_at, lasts(one.reason));
        for (index, delivery) in one.deliveries.iter_mut().enumerate() {
            let back = match (delivery.state, delivery.taking_back) {
                (DeliveryState::Queued, _) => false,
                (_, Some(TakingBack::Queued)) => true,
                _ => continue,
            };
            let order = Order { notification: id, delivery: index, back };
            if self.flying.contains(&order) || delivery.again_at.is_some_and(|at| at > now) {
                continue;
            }
            if now > until {
                match back {
                    true => delivery.taking_back = Some(TakingBack::Done),
                    false => delivery.state = DeliveryState::Failed,
                }
                delivery.again_at = None;
                self.dirty.insert(id);
                continue;
            }
            self.flying.insert(order.clone());
            self.effects.push(Effect::Send(order));
        }
    }

    /// What became of an order.
    pub fn sent(&mut self, order: &Order, sent: Sent, now: Timestamp) {
        self.flying.remove(order);
        let Some(one) = self.notifications.get_mut(&order.notification) else { return };
        let ended = one.ended.clone();
        let Some(delivery) = one.deliveries.get_mut(order.delivery) else { return };
        self.dirty.insert(one.id);
        delivery.tries += 1;
        delivery.again_at = None;
        let gone = matches!(sent, Sent::Gone { .. });
        match sent {
            Sent::Later { why, after } if ended.is_none() || order.back => {
                let step =
                    BACKOFF[usize::try_from(delivery.tries).unwrap_or(usize::MAX).min(BACKOFF.len()) - 1];
                let asked = i64::try_from(after.unwrap_or(0).min(MOST_PATIENCE)).unwrap_or(0);
                delivery.again_at = Some(plus(now, SignedDuration::from_secs(step.max(asked))));
                delivery.why = Some(why);
            }
            _ if order.back => delivery.taking_back = Some(TakingBack::Done),
            Sent::Accepted => {
                delivery.why = None;
                delivery.accepted_at = Some(now);
                // A device may say that it was shown before the service says that it took it.
                delivery.state = delivery.state.max(DeliveryState::Accepted);
                if let Some(end) = ended {
                    take_back(delivery, one.reason, end.device);
                }
            }
            // What was shown was taken, whatever is said of it.
            _ if delivery.state >= DeliveryState::Shown => {}
            Sent::Later { why, .. } => {
                (delivery.state, delivery.why) = (DeliveryState::Dropped, Some(why));
            }
            Sent::Refused { why } => (delivery.state, delivery.why) = (DeliveryState::Failed, Some(why)),
            Sent::Gone { why } => (delivery.state, delivery.why) = (DeliveryState::Gone, Some(why)),
        }
        if gone && let Recipient::Device { subscription, .. } = &delivery.to {
            self.subscriptions.remove(subscription);
            self.effects.push(Effect::Unsubscribe(subscription.clone()));
        }
    }

    /// A device says how far a notification came; false when it was not told it.
    pub fn receipt(&mut self, id: NotificationId, by: DeviceId, opened: bool, now: Timestamp) -> bool {
        let Some(one) = self.notifications.get_mut(&id) else { return false };
        let mut known = false;
        for delivery in &mut one.deliveries {
            if !matches!(&delivery.to, Recipient::Device { device, .. } if *device == by) {
                continue;
            }
            known = true;
            let state = if opened { DeliveryState::Opened } else { DeliveryState::Shown };
            if delivery.state == DeliveryState::Dropped || delivery.state >= state {
                continue;
            }
            delivery.shown_at.get_or_insert(now);
            if opened {
                delivery.opened_at = Some(now);
            }
            delivery.state = state;
            // It was shown when it was over already.
            if let Some(end) = &one.ended {
                take_back(delivery, one.reason, end.device);
            }
            self.dirty.insert(id);
        }
        known
    }

    /// When there is something to do again, if nothing else happens.
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let mut next: Option<Timestamp> = None;
        let mut at = |moment: Timestamp| next = Some(next.map_or(moment, |known| known.min(moment)));
        for one in self.notifications.values() {
            if !one.sent && one.ended.is_none() {
                at(one.due_at);
            }
            if self.escalates(one) {
                at(self.escalates_at(one));
            }
            for (index, delivery) in one.deliveries.iter().enumerate() {
                let back = delivery.taking_back == Some(TakingBack::Queued);
                let order = Order { notification: one.id, delivery: index, back };
                let waits = delivery.state == DeliveryState::Queued || back;
                if waits && !self.flying.contains(&order) {
                    at(delivery.again_at.unwrap_or(now));
                }
            }
        }
        next
    }
}

fn delivery(to: Recipient, name: String, now: Timestamp) -> Delivery {
    Delivery {
        to,
        name,
        state: DeliveryState::Queued,
        queued_at: now,
        accepted_at: None,
        shown_at: None,
        opened_at: None,
        tries: 0,
        again_at: None,
        why: None,
        taking_back: None,
    }
}

fn to_channel(channel: &Channel, now: Timestamp) -> Delivery {
    delivery(Recipient::Channel { channel: channel.id }, channel.name.clone(), now)
}
