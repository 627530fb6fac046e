//! Notifications of the desktop: that something needs its person, is done, or cannot be reached. One for each thing; gone
//! again when it was answered elsewhere.

mod wanted;

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "system.rs")]
mod platform;

use crate::desk::Desk;
use crate::windows;
use platform::Notifier;
use std::time::Duration;
use tokio::sync::OnceCell;
use wanted::{Key, Seen};

/// Several things in a short time become one look.
const PACE: Duration = Duration::from_millis(300);

/// What is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) urgent: bool,
    pub(crate) place: crate::place::Place,
}

static NOTIFIER: OnceCell<Notifier> = OnceCell::const_new();

async fn notifier(desk: &Desk) -> &'static Notifier {
    NOTIFIER.get_or_init(|| Notifier::new(desk.clone())).await
}

/// Says one thing, now.
pub(crate) async fn say(desk: &Desk, title: &str, body: &str) {
    let place = crate::place::Place::Trouble;
    let notice = Notice { title: title.into(), body: body.into(), urgent: true, place };
    notifier(desk).await.show(Key::Said, &notice).await;
}

/// Keeps notifications true until the app ends.
pub(crate) async fn run(desk: Desk) {
    let mut mirror = desk.mirror_changes();
    let mut seen = Seen::default();
    let mut look = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            changed = mirror.changed() => if changed.is_err() { return },
            // What lasts too long becomes worth a word without anything changing.
            _ = look.tick() => {}
        }
        let now = desk.mirror();
        let at = jiff::Timestamp::now();
        let looked_at = |place| windows::is_looked_at(desk.app(), place);
        let (show, close) = seen.look(&now, &desk.settings().notify, at, looked_at);
        for key in close {
            notifier(&desk).await.close(key).await;
        }
        for (key, notice) in show {
            notifier(&desk).await.show(key, &notice).await;
        }
        tokio::time::sleep(PACE).await;
    }
}
