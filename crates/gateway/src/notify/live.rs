//! The one task that reads the log for what is to be told, keeps it, and only then sends it.

use super::Notifier;
use crate::{Shared, fault};
use jiff::SignedDuration;
use offdesk_notify::*;
use offdesk_protocol::*;
use offdesk_store::{KeepNotifications, Stored};
use offdesk_tunnel::Status;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Events read at once.
const MOST_EVENTS: usize = 1000;
/// Events that may be read again after a crash, when none of them had a notification.
const UNNOTED: u64 = 2000;
/// Until what could not be kept is tried again.
const KEEP_AGAIN: Duration = Duration::from_secs(1);
/// The way in may be away for so long before anybody is told.
const AWAY: SignedDuration = SignedDuration::from_secs(60);
/// How often agents that work are looked at, whether they are silent.
const LOOK: Duration = Duration::from_secs(20);
/// Devices that are connected learn a new address by the link within this time.
const MOVED: SignedDuration = SignedDuration::from_secs(10);

struct Live {
    notifier: Arc<Notifier>,
    shared: Arc<Shared>,
    devices: BTreeSet<DeviceId>,
    /// The seq that was noted in the store.
    noted: u64,
    down: bool,
    results: mpsc::UnboundedSender<(Order, Sent)>,
}

fn plus(at: Timestamp, more: SignedDuration) -> Timestamp {
    at.saturating_add(more).unwrap_or(at)
}

/// Tells people, until the gateway leaves.
pub(crate) async fn live(notifier: Arc<Notifier>, shared: Arc<Shared>) {
    let (results, mut arrived) = mpsc::unbounded_channel();
    let mut devices = shared.devices.changes();
    let mut marks = shared.hub.marks();
    let mut tunnel = shared.tunnel().changes();
    let mut signed = shared.reach.signed();
    let noted = notifier.read().seq;
    let mut live =
        Live { notifier: notifier.clone(), shared, devices: BTreeSet::new(), noted, down: false, results };
    let mut gone = live.all_devices();
    tunnel.mark_changed();
    signed.mark_changed();
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        live.catch_up().await;
        live.spoke();
        live.turn(std::mem::take(&mut gone)).await;
        let now = Timestamp::now();
        let next = notifier.book().next(now);
        let sleep = async {
            match next {
                Some(at) => {
                    let wait = Duration::try_from(at.duration_since(now)).unwrap_or_default();
                    // A little more, so that it is due then.
                    tokio::time::sleep(wait + Duration::from_millis(2)).await;
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = marks.changed() => if changed.is_err() { return },
            () = notifier.wake.notified() => {}
            _ = look.tick() => live.silent(),
            () = sleep => {}
            Some((order, sent)) = arrived.recv() => {
                notifier.book().sent(&order, sent, Timestamp::now());
            }
            device = devices.recv() => gone = match device {
                Ok(device) => live.device(&device),
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => live.all_devices(),
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
            },
            Ok(()) = tunnel.changed() => {
                let status = tunnel.borrow_and_update().clone();
                live.reach(&status);
            }
            Ok(()) = signed.changed() => {
                let record = signed.borrow_and_update().clone();
                live.moved(record.as_ref());
            }
        }
    }
}

impl Live {
    fn all_devices(&mut self) -> Vec<String> {
        let all = self.shared.devices.list().unwrap_or_default();
        // Those that are there at the start are no news.
        let mut book = self.notifier.book();
        let gone = all.iter().flat_map(|device| book.device(device)).collect();
        self.devices =
            all.iter().filter(|device| device.state == DeviceState::Active).map(|one| one.id).collect();
        gone
    }

    fn device(&mut self, device: &Device) -> Vec<String> {
        let now = Timestamp::now();
        let mut book = self.notifier.book();
        let gone = book.device(device);
        match device.state {
            DeviceState::Active if self.devices.insert(device.id) && !device.local => {
                book.tell(device_came(device.id, &device.name, &self.shared.host_name), now, now);
            }
            DeviceState::Active => {}
            DeviceState::Revoked => drop(self.devices.remove(&device.id)),
        }
        gone
    }

    /// The way in from outside stands so.
    fn reach(&mut self, status: &Status) {
        let now = Timestamp::now();
        let mut book = self.notifier.book();
        match status {
            Status::Down { text, .. } if !self.down => {
                self.down = true;
                book.tell(reach_lost(text, plus(now, AWAY)), now, now);
            }
            Status::Up { .. } | Status::Off => {
                self.down = false;
                let why = "Phones reach your computer again.".to_string();
                book.change(Change::End { key: "reach".into(), why, device: None }, now, now);
            }
            Status::Down { .. } | Status::Starting { .. } => {}
        }
    }

    /// Tells of agents that work and of which nothing was heard for long.
    fn silent(&mut self) {
        let now = Timestamp::now();
        let working = self.shared.hub.views(false).into_iter().filter(|run| run.state == RunState::Working);
        let runs: Vec<Arc<Run>> = working.filter_map(|run| self.shared.hub.run(run.id)).collect();
        let mut book = self.notifier.book();
        let told = book.open_of(Reason::Silent);
        let mask = |text: &str| offdesk_runner::mask_text(text).into_owned();
        for run in runs.iter().filter(|run| told.iter().all(|one| one.run != Some(run.id))) {
            let (minutes, first_line) = (book.settings().silent_after, book.first_line());
            if let Some((since, wish)) = silence(run, minutes, now, first_line, &mask) {
                book.tell(wish, since, now);
            }
        }
    }

    /// What was silent and is not is over.
    fn spoke(&mut self) {
        let now = Timestamp::now();
        let mut book = self.notifier.book();
        for one in book.open_of(Reason::Silent) {
            let run = one.run.and_then(|run| self.shared.hub.run(run));
            if let Some(over) = spoke(run.as_deref(), &one) {
                book.change(over, now, now);
            }
        }
    }

    /// The record of paths is so now.
    fn moved(&mut self, record: Option<&SignedPaths>) {
        let Some(paths) = record.and_then(|record| serde_json::from_str::<Paths>(&record.record).ok()) else {
            return;
        };
        let Some(edge) = paths.paths.iter().find(|path| path.kind == PathKind::Edge) else { return };
        let before = self.notifier.read().edge.replace(edge.url.clone());
        if before.as_ref() == Some(&edge.url) {
            return;
        }
        // Noted with the next thing that is kept, at the latest with this.
        self.noted = 0;
        if before.is_some() {
            let now = Timestamp::now();
            let wish = address_changed(&self.shared.host_name, plus(now, MOVED));
            let mut book = self.notifier.book();
            // One that is still under way says the older address.
            book.change(
                Change::End { key: "address".into(), why: "There is a newer one.".into(), device: None },
                now,
                now,
            );
            book.tell(wish, now, now);
        }
    }

    /// Reads what happened since.
    async fn catch_up(&mut self) {
        loop {
            let after = self.notifier.read().seq;
            let events = match self.shared.hub.after(after, MOST_EVENTS) {
                Some(events) => events,
                None => self.stored(after).await,
            };
            let Some(last) = events.last().map(|one| one.envelope.seq) else { return };
            let now = Timestamp::now();
            for stored in &events {
                let envelope = &stored.envelope;
                if matches!(envelope.event, Event::RunDeleted { .. }) {
                    self.notifier.book().forget_run(envelope.run);
                }
                let Some(run) = self.shared.hub.run(envelope.run) else { continue };
                let mut book = self.notifier.book();
                let mask = |text: &str| offdesk_runner::mask_text(text).into_owned();
                for change in changes_of(envelope, &run, book.first_line(), &mask) {
                    book.change(change, envelope.at, now);
                }
            }
            self.notifier.read().seq = last;
        }
    }

    async fn stored(&self, after: u64) -> Vec<Arc<Stored>> {
        let read = self.shared.runs.read(move |reader| reader.events_after(None, after, MOST_EVENTS)).await;
        let events = read.unwrap_or_default();
        let whole = events.into_iter().filter_map(|one| {
            let envelope = serde_json::from_str(&one.json).ok()?;
            Some(Arc::new(Stored { envelope, json: one.json }))
        });
        whole.collect()
    }

    /// Keeps what changed, then does what follows.
    async fn turn(&mut self, unsubscribe: Vec<String>) {
        let given = self.notifier.book().turn(Timestamp::now());
        let gone = given.effects.iter().filter_map(|effect| match effect {
            Effect::Unsubscribe(id) => Some(id.clone()),
            Effect::Send(_) => None,
        });
        let unsubscribe: Vec<String> = unsubscribe.into_iter().chain(gone).collect();
        let seq = self.notifier.read().seq;
        let nothing = given.keep.is_empty() && given.forget.is_empty() && unsubscribe.is_empty();
        if nothing && given.effects.is_empty() && seq.saturating_sub(self.noted) < UNNOTED {
            return;
        }
        let read = self.notifier.noted();
        let kept = KeepNotifications { keep: given.keep, forget: given.forget, unsubscribe, read };
        // Nothing is sent that is not kept: a disk that is full has to be made room on first.
        while let Err(error) = self.notifier.store.keep_notifications(kept.clone()).await {
            tracing::warn!("Notifications wait, because they cannot be kept: {error}");
            tokio::time::sleep(KEEP_AGAIN).await;
        }
        self.noted = seq;
        fault::point("notify.kept");
        for effect in given.effects {
            if let Effect::Send(order) = effect {
                self.send(order);
            }
        }
    }

    fn send(&self, order: Order) {
        let (notifier, shared, results) = (self.notifier.clone(), self.shared.clone(), self.results.clone());
        self.shared.runs.spawn_task(async move {
            let sent = one(&notifier, &shared, &order).await;
            fault::point("notify.sent");
            // Nobody listens when the gateway leaves; the next one sends it again.
            let _ = results.send((order, sent));
        });
    }
}

async fn one(notifier: &Notifier, shared: &Shared, order: &Order) -> Sent {
    let refused = |why: &str| Sent::Refused { why: why.into() };
    let (notification, to, badge) = {
        let book = notifier.book();
        let Some(one) = book.get(order.notification) else { return refused("It is no longer kept.") };
        let Some(delivery) = one.deliveries.get(order.delivery) else {
            return refused("It is no longer kept.");
        };
        (one.clone(), delivery.to.clone(), book.badge())
    };
    match to {
        Recipient::Channel { channel } => match notifier.channels.get(channel) {
            Some(channel) => {
                notifier.sender.tell(&channel, &notification, &shared.host_name, order.back).await
            }
            None => Sent::Gone { why: "The channel was removed.".into() },
        },
        Recipient::Device { subscription, .. } => {
            let kept = notifier.book().subscription(&subscription).cloned();
            let Some(kept) = kept else {
                return Sent::Gone { why: "The device takes no notifications any more.".into() };
            };
            let Some(vapid) = &notifier.vapid else {
                return Sent::Later { why: "This computer's keys are locked.".into(), after: None };
            };
            let moved =
                shared.reach.signed().borrow().clone().filter(|_| notification.reason == Reason::Address);
            let message =
                payload(&notification, shared.host, order.back, &kept.given.origin, badge, moved.as_ref());
            notifier.sender.push(vapid, &kept, &notification, &message, order.back).await
        }
    }
}
