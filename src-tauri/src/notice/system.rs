//! Notifications of macOS and Windows. These take them back by themselves; a click brings the app to the front.

use super::Notice;
use super::wanted::Key;
use crate::desk::Desk;

/// Shows notices.
pub(crate) struct Notifier;

impl Notifier {
    pub(crate) async fn new(_: Desk) -> Self {
        Self
    }

    pub(crate) async fn show(&self, _: Key, notice: &Notice) {
        let notice = notice.clone();
        let shown = tokio::task::spawn_blocking(move || {
            notify_rust::Notification::new()
                .appname("Offdesk")
                .summary(&notice.title)
                .body(&notice.body)
                .show()
                .map(|_| ())
        });
        if let Ok(Err(error)) = shown.await {
            tracing::info!("A notification was not shown: {error}");
        }
    }

    pub(crate) async fn close(&self, _: Key) {}
}
