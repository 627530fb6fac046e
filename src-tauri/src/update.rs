//! New versions of the app. Only signed ones are taken; a build without a key to check signatures takes none.

use crate::desk::Desk;
use offdesk_protocol::{ErrorCode, Problem};
use serde::Serialize;
use std::time::Duration;
use tauri_plugin_updater::UpdaterExt;

/// The first look comes when the start is long over, then one a day.
const FIRST: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct UpdateState {
    state: Standing,
    version: Option<String>,
    text: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Standing {
    None,
    Available,
    Unsupported,
}

impl UpdateState {
    pub(crate) fn none() -> Self {
        Self { state: Standing::None, version: None, text: None }
    }

    fn unsupported(text: &str) -> Self {
        Self { state: Standing::Unsupported, version: None, text: Some(text.into()) }
    }

    pub(crate) fn version(&self) -> Option<String> {
        self.version.clone()
    }
}

/// The key that releases are signed with, in the configuration of a release's build.
fn has_key(desk: &Desk) -> bool {
    let plugins = &desk.app().config().plugins.0;
    let key = plugins.get("updater").and_then(|updater| updater.get("pubkey")).and_then(|key| key.as_str());
    key.is_some_and(|key| !key.is_empty())
}

/// Looks for new versions until the app ends.
pub(crate) async fn look(desk: Desk) {
    if !has_key(&desk) {
        desk.update_is(UpdateState::unsupported(
            "This build does not update itself: update it the way it was installed.",
        ));
        return;
    }
    tokio::time::sleep(FIRST).await;
    loop {
        match check(&desk).await {
            Ok(Some(update)) => {
                let version = Some(update.version.clone());
                desk.update_is(UpdateState {
                    state: Standing::Available,
                    version,
                    text: update.body.clone(),
                });
            }
            Ok(None) => desk.update_is(UpdateState::none()),
            // Without a network there is nothing to tell: the next look may find one.
            Err(error) => tracing::info!("No new version was found: {error}"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn check(desk: &Desk) -> tauri_plugin_updater::Result<Option<tauri_plugin_updater::Update>> {
    desk.app().updater()?.check().await
}

/// Takes the new version and starts it. Gateway and runs go on; the new app offers the new gateway.
pub(crate) async fn install(desk: &Desk) -> Result<(), Problem> {
    let failed = |text: String| {
        Problem::new(ErrorCode::Internal, format!("The new version was not installed: {text}."))
            .hint("This one goes on. Try again later, or install it by hand.")
    };
    let update = check(desk).await.map_err(|error| failed(error.to_string()))?;
    let update = update.ok_or_else(|| failed("there is none".into()))?;
    update.download_and_install(|_, _| {}, || {}).await.map_err(|error| failed(error.to_string()))?;
    desk.app().restart()
}
