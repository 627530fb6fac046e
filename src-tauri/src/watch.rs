//! Keeps the mirror: one live connection, and a look at health every few seconds.

use crate::keeper::Keeper;
use crate::mirror::Mirror;
use jiff::Timestamp;
use offdesk_client::{Client, LiveMessage};
use std::time::Duration;
use tokio::sync::watch;

/// Health is asked this often. The gateway itself asks for its public address every five seconds.
const LOOK: Duration = Duration::from_secs(3);
/// Health is asked at most this often.
const PAUSE: Duration = Duration::from_millis(300);
/// How long an answer about health may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The gateway pings every 15 s; a line silent for longer than this is dead.
const SILENCE: Duration = Duration::from_secs(45);

/// Begins. Each change of the mirror is told.
pub(crate) fn watch(client: Client, keeper: &Keeper) -> watch::Receiver<Mirror> {
    let (tell, mirror) = watch::channel(Mirror::default());
    let mut gateway = keeper.changes();
    let live = (client.clone(), tell.clone());
    tauri::async_runtime::spawn(async move {
        let (client, tell) = live;
        loop {
            if gateway.wait_for(|gateway| gateway.state.is_up()).await.is_err() {
                return;
            }
            follow(&client, &tell).await;
            tell.send_modify(Mirror::lost);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    tauri::async_runtime::spawn(async move {
        let mut changes = tell.subscribe();
        loop {
            if changes.wait_for(|mirror| mirror.connected).await.is_err() {
                return;
            }
            look(&client, &tell).await;
            let before = changes.borrow_and_update().counts();
            // What is said of all must not lag behind what is said of one.
            let _ = tokio::time::timeout(LOOK, changes.wait_for(|mirror| mirror.counts() != before)).await;
            tokio::time::sleep(PAUSE).await;
        }
    });
    mirror
}

async fn follow(client: &Client, tell: &watch::Sender<Mirror>) {
    let Ok(mut live) = client.live(None).await else { return };
    loop {
        match tokio::time::timeout(SILENCE, live.next()).await {
            Ok(Ok(Some(LiveMessage::Message(message)))) => {
                tell.send_if_modified(|mirror| {
                    let before = mirror.clone();
                    mirror.hear(*message);
                    *mirror != before
                });
            }
            Ok(Ok(Some(LiveMessage::Output { .. }))) => {}
            // A message of a newer gateway that is not understood is no reason to be blind to the next ones.
            Ok(Err(error)) => tracing::warn!("A message of the gateway was not understood: {error}"),
            Ok(Ok(None)) | Err(_) => return,
        }
    }
}

async fn look(client: &Client, tell: &watch::Sender<Mirror>) {
    let asked =
        tokio::time::timeout(PATIENCE, async { tokio::join!(client.health(), client.settings()) }).await;
    let Ok((health, settings)) = asked else { return };
    tell.send_modify(|mirror| {
        if let Ok(health) = health {
            mirror.answered(health, Timestamp::now());
        }
        if let Ok(settings) = settings {
            mirror.settings = Some(settings);
        }
    });
}
