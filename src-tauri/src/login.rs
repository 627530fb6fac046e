//! Starting with the desktop.

use offdesk_protocol::{ErrorCode, Problem};
use tauri::AppHandle;
use tauri_plugin_autostart::ManagerExt;

/// Has the desktop start the app at login, or not any more.
pub(crate) fn set(app: &AppHandle, on: bool) -> Result<(), Problem> {
    let login = app.autolaunch();
    let done = match on {
        true => login.enable(),
        // What is not there need not be taken away.
        false if !login.is_enabled().unwrap_or(false) => Ok(()),
        false => login.disable(),
    };
    done.map_err(|error| {
        Problem::new(ErrorCode::StorageFailed, format!("Starting at login could not be changed: {error}."))
            .hint("See whether your desktop's autostart folder can be written, or set it in the desktop's own settings.")
    })
}

/// An app that was moved or updated is still the one that is started.
pub(crate) fn refresh(app: &AppHandle, wanted: bool) -> Option<String> {
    wanted.then(|| set(app, true)).and_then(Result::err).map(|problem| problem.to_string())
}
