//! Who is told what: the book of notifications, kept in the store and fed from the log; `live` is its one task.

mod channels;
mod live;

use crate::hub::Hub;
use crate::storage_problem;
use channels::Channels;
pub(crate) use live::live;
use offdesk_notify::*;
use offdesk_protocol::*;
use offdesk_store::{KeepNotifications, Store};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Subscriptions one device may have; the oldest makes way.
const MOST_SUBSCRIPTIONS: usize = 8;
/// Channels there may be.
const MOST_CHANNELS: usize = 16;

/// Up to where the log was read, and what was known then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Read {
    log: LogId,
    seq: u64,
    /// The public address that devices know.
    #[serde(default)]
    edge: Option<String>,
}

pub(crate) struct Notifier {
    store: Store,
    hub: Arc<Hub>,
    host_name: String,
    book: Mutex<Book>,
    read: Mutex<Read>,
    channels: Channels,
    vapid: Option<Vapid>,
    sender: Sender,
    wake: Notify,
}

impl Notifier {
    /// Opens what is kept. The very first time, what has happened before is old.
    pub(crate) fn load(
        store: Store,
        hub: Arc<Hub>,
        data: &Path,
        secret: Option<[u8; 32]>,
        host_name: String,
    ) -> Result<Self, Problem> {
        let (settings, subscriptions, notifications, read) = store
            .read(|reader| {
                Ok((
                    reader.notify_settings()?,
                    reader.subscriptions()?,
                    reader.notifications()?,
                    reader.notify_read()?,
                ))
            })
            .map_err(storage_problem)?;
        let channels = Channels::load(data)?;
        // What a newer version wrote and this one cannot read is left as it is, and does not count.
        let stock = Stock {
            settings: settings.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
            subscriptions: subscriptions.iter().filter_map(|text| serde_json::from_str(text).ok()).collect(),
            channels: channels.views(),
            notifications,
        };
        let log = store.log_id();
        let read = read.and_then(|text| serde_json::from_str::<Read>(&text).ok());
        // The book of another log says nothing of this one.
        let edge = read.as_ref().and_then(|read| read.edge.clone());
        let read = read.filter(|read| read.log == log).unwrap_or(Read { log, seq: store.head(), edge });
        Ok(Self {
            store,
            hub,
            host_name,
            book: Mutex::new(Book::open(stock, Timestamp::now())),
            read: Mutex::new(read),
            channels,
            vapid: secret.map(|secret| Vapid::from_secret(&secret)),
            sender: Sender::new()?,
            wake: Notify::new(),
        })
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> MutexGuard<'_, Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn noted(&self) -> Option<String> {
        serde_json::to_string(&*self.read()).ok()
    }

    /// All there is to see.
    pub(crate) fn view(&self) -> Notifications {
        let mut projects: Vec<String> =
            self.hub.views(false).into_iter().filter(|run| !run.terminal).map(|run| run.dir).collect();
        projects.sort();
        projects.dedup();
        let book = self.book();
        Notifications {
            key: self.vapid.as_ref().map(|vapid| vapid.public().to_string()),
            settings: book.settings().clone(),
            subscriptions: book.subscriptions().map(KeptSubscription::view).collect(),
            channels: book.channels().cloned().collect(),
            recent: book.recent(),
            projects,
        }
    }

    /// One of them.
    pub(crate) fn get(&self, id: NotificationId) -> Result<Notification, Problem> {
        self.book().get(id).cloned().ok_or_else(|| {
            Problem::new(ErrorCode::NotFound, "There is no such notification, or it is no longer kept.")
        })
    }

    /// A person wants to be told other things.
    pub(crate) async fn set(&self, settings: NotifySettings) -> Result<Notifications, Problem> {
        check_settings(&settings)?;
        let body = serde_json::to_string(&settings)
            .map_err(|error| Problem::new(ErrorCode::Internal, error.to_string()))?;
        self.store.put_notify_settings(body).await.map_err(storage_problem)?;
        self.book().set(settings, Timestamp::now());
        self.wake.notify_one();
        Ok(self.view())
    }

    /// A page of a device takes notifications from now on.
    pub(crate) async fn subscribe(
        &self,
        device: &Device,
        given: PutSubscription,
    ) -> Result<Notifications, Problem> {
        if self.vapid.is_none() {
            let text = "This computer's keys are locked, so no device can be told anything.";
            return Err(Problem::new(ErrorCode::WrongState, text).hint("`offdesk doctor` says what to do."));
        }
        if !device.origins.contains(&given.origin) {
            return Err(Problem::new(ErrorCode::BadRequest, "That page is not this device's."));
        }
        let kept = KeptSubscription::of(device.id, given, Timestamp::now())?;
        let body = serde_json::to_string(&kept)
            .map_err(|error| Problem::new(ErrorCode::Internal, error.to_string()))?;
        let mut own: Vec<(Timestamp, String)> = {
            let book = self.book();
            let own = book.subscriptions().filter(|one| one.device == device.id && one.id() != kept.id());
            own.map(|one| (one.made_at, one.id())).collect()
        };
        own.sort();
        own.truncate((own.len() + 1).saturating_sub(MOST_SUBSCRIPTIONS));
        self.store.put_subscription(kept.id(), device.id, body).await.map_err(storage_problem)?;
        self.forget(own.into_iter().map(|(_, id)| id).collect()).await?;
        self.book().subscribe(kept);
        // Who takes notifications from now on is told of what comes from now on.
        self.note().await?;
        Ok(self.view())
    }

    /// A page takes none any more. A device says so of its own; who may revoke devices of all.
    pub(crate) async fn unsubscribe(
        &self,
        id: String,
        only: Option<DeviceId>,
    ) -> Result<Notifications, Problem> {
        let whose = self.book().subscription(&id).map(|kept| kept.device);
        match whose {
            Some(device) if only.is_none_or(|only| only == device) => self.forget(vec![id]).await?,
            Some(_) => {
                return Err(Problem::new(ErrorCode::NotAllowed, "That page is another device's."));
            }
            None => {}
        }
        Ok(self.view())
    }

    async fn forget(&self, ids: Vec<String>) -> Result<(), Problem> {
        if ids.is_empty() {
            return Ok(());
        }
        let kept = KeepNotifications { unsubscribe: ids.clone(), ..KeepNotifications::default() };
        self.store.keep_notifications(kept).await.map_err(storage_problem)?;
        let mut book = self.book();
        for id in &ids {
            book.unsubscribe(id);
        }
        Ok(())
    }

    async fn note(&self) -> Result<(), Problem> {
        let kept = KeepNotifications { read: self.noted(), ..KeepNotifications::default() };
        self.store.keep_notifications(kept).await.map_err(storage_problem)
    }

    /// Adds a channel. `here`: by somebody at the machine, whose servers may be in this network.
    pub(crate) async fn add_channel(&self, given: PutChannel, here: bool) -> Result<Notifications, Problem> {
        let known = self.book().channels().filter(|one| one.id != given.id).count();
        if known >= MOST_CHANNELS {
            let text = format!("There are {known} channels already; nothing was changed.");
            return Err(Problem::new(ErrorCode::BadRequest, text).hint("Remove one first."));
        }
        let kept = KeptChannel::of(given, here)?;
        let view = kept.view();
        self.channels.put(kept)?;
        self.book().add_channel(view);
        self.note().await?;
        Ok(self.view())
    }

    /// Takes a channel away, with its secret.
    pub(crate) fn remove_channel(&self, id: ChannelId) -> Result<Notifications, Problem> {
        self.channels.remove(id)?;
        if !self.book().remove_channel(id) {
            return Err(Problem::new(ErrorCode::NotFound, format!("There is no channel {id}."))
                .hint("`offdesk notify status` lists them."));
        }
        Ok(self.view())
    }

    /// Sends something everywhere, to see where it arrives.
    pub(crate) async fn try_out(&self) -> Result<Notification, Problem> {
        let now = Timestamp::now();
        let wish = test(NotificationId::new(), &self.host_name);
        let id = self.book().tell(wish, now, now).ok_or_else(|| {
            Problem::new(ErrorCode::WrongState, "Nobody takes notifications yet, so nothing was sent.").hint(
                "Turn them on in the page on your phone, or add a channel: `offdesk notify channel add`.",
            )
        })?;
        self.wake.notify_one();
        self.get(id)
    }

    /// A device says how far a notification came.
    pub(crate) fn receipt(&self, id: NotificationId, by: DeviceId, opened: bool) -> Result<(), Problem> {
        let known = self.book().receipt(id, by, opened, Timestamp::now());
        self.wake.notify_one();
        if known { Ok(()) } else { self.get(id).map(drop) }
    }

    /// Somebody looks at a page of ours.
    pub(crate) fn attend(&self) {
        self.book().attend(Timestamp::now());
    }
}
