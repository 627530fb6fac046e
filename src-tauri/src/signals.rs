//! Being asked to end by the system: the same way out as Quit, with runs kept.

use tauri::AppHandle;

/// Waits for it, and ends the app in order.
#[cfg(unix)]
pub(crate) async fn leave_when_asked(app: AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()), signal(SignalKind::hangup()))
    else {
        return tracing::error!("The app hears no signals; Quit in its menu ends it.");
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        _ = hangup.recv() => {}
    }
    app.exit(0);
}

/// Waits for it, and ends the app in order.
#[cfg(windows)]
pub(crate) async fn leave_when_asked(app: AppHandle) {
    if tokio::signal::ctrl_c().await.is_ok() {
        app.exit(0);
    }
}
