//! The notification service of the session (org.freedesktop.Notifications). A click on one opens what it is about.

use super::Notice;
use super::wanted::Key;
use crate::desk::Desk;
use crate::windows;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tokio::sync::Mutex;
use zbus::zvariant::Value;

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
trait Notifications {
    #[allow(clippy::too_many_arguments, reason = "the service's own method")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;

    fn close_notification(&self, id: u32) -> zbus::Result<()>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action_key: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

type Open = Arc<Mutex<BTreeMap<Key, (u32, Notice)>>>;

/// Shows notices, if the session has somebody who does.
pub(crate) struct Notifier {
    service: Option<NotificationsProxy<'static>>,
    open: Open,
}

impl Notifier {
    pub(crate) async fn new(desk: Desk) -> Self {
        let open = Open::default();
        let service = match listen(&desk, open.clone()).await {
            Ok(service) => Some(service),
            Err(error) => {
                tracing::info!("This session shows no notifications: {error}");
                None
            }
        };
        Self { service, open }
    }

    pub(crate) async fn show(&self, key: Key, notice: &Notice) {
        let Some(service) = &self.service else { return };
        let mut open = self.open.lock().await;
        let replaces = open.get(&key).map_or(0, |(id, _)| *id);
        let urgency: u8 = if notice.urgent { 2 } else { 1 };
        let hints = HashMap::from([
            ("urgency", Value::from(urgency)),
            ("desktop-entry", Value::from("Offdesk")),
            ("category", Value::from("im.received")),
        ]);
        // What is urgent stays until it is answered; the service decides about the rest.
        let lasts = if notice.urgent { 0 } else { -1 };
        let body = escape(&notice.body);
        let actions = ["default", "Open"];
        let shown =
            service.notify("Offdesk", replaces, "offdesk-tray", &notice.title, &body, &actions, hints, lasts);
        match shown.await {
            Ok(id) => {
                open.insert(key, (id, notice.clone()));
            }
            Err(error) => tracing::info!("A notification was not shown: {error}"),
        }
    }

    pub(crate) async fn close(&self, key: Key) {
        let closed = self.open.lock().await.remove(&key);
        if let (Some(service), Some((id, _))) = (&self.service, closed) {
            // It may have been closed by hand already.
            let _ = service.close_notification(id).await;
        }
    }
}

async fn listen(desk: &Desk, open: Open) -> zbus::Result<NotificationsProxy<'static>> {
    use futures_util::StreamExt;
    let connection = zbus::Connection::session().await?;
    let service = NotificationsProxy::new(&connection).await?;
    let mut clicked = service.receive_action_invoked().await?;
    let mut closed = service.receive_notification_closed().await?;
    let desk = desk.clone();
    tauri::async_runtime::spawn(async move {
        loop {
            tokio::select! {
                Some(signal) = clicked.next() => {
                    let Ok(args) = signal.args() else { continue };
                    let id = *args.id();
                    let place = open.lock().await.values().find(|(one, _)| *one == id).map(|(_, n)| n.place);
                    if let Some(place) = place {
                        windows::show(&desk, place);
                    }
                }
                Some(signal) = closed.next() => {
                    let Ok(args) = signal.args() else { continue };
                    let id = *args.id();
                    open.lock().await.retain(|_, (one, _)| *one != id);
                }
                else => return,
            }
        }
    });
    Ok(service)
}

/// Bodies are markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
