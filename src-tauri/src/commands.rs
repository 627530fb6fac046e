//! What windows ask of this app.

use crate::desk::{Desk, DeskView};
use crate::place::Place;
use crate::quit::{self, Runs};
use crate::settings::ChangeDeskSettings;
use crate::{diagnostics, update, windows};
use offdesk_protocol::{ErrorCode, Problem};
use tauri::{State, WebviewWindow};
use tauri_plugin_clipboard_manager::ClipboardExt;
use tauri_plugin_opener::OpenerExt;

#[tauri::command]
pub(crate) fn desk(desk: State<'_, Desk>) -> DeskView {
    desk.view()
}

#[tauri::command]
pub(crate) async fn change_settings(
    desk: State<'_, Desk>,
    change: ChangeDeskSettings,
) -> Result<DeskView, Problem> {
    desk.change_settings(&change)?;
    Ok(desk.view())
}

#[tauri::command]
pub(crate) fn start_gateway(desk: State<'_, Desk>) {
    desk.keeper().try_now();
}

#[tauri::command]
pub(crate) async fn fresh_gateway(desk: State<'_, Desk>) -> Result<(), Problem> {
    quit::fresh_gateway(&desk).await
}

#[tauri::command]
pub(crate) async fn install_update(desk: State<'_, Desk>) -> Result<(), Problem> {
    update::install(&desk).await
}

#[tauri::command(rename = "diagnostics")]
pub(crate) async fn tell_diagnostics(desk: State<'_, Desk>) -> Result<String, Problem> {
    Ok(diagnostics::text(&desk).await)
}

#[tauri::command(rename = "quit")]
pub(crate) async fn quit_app(desk: State<'_, Desk>, runs: Runs, remember: bool) -> Result<(), Problem> {
    quit::quit(&desk, runs, remember).await
}

#[tauri::command]
pub(crate) fn close_window(window: WebviewWindow) {
    if let Err(error) = window.destroy() {
        tracing::error!("A window could not be closed: {error}");
    }
}

#[tauri::command]
pub(crate) fn set_height(window: WebviewWindow, height: f64) {
    if window.label() == windows::START && height.is_finite() {
        windows::set_height(&window, height);
    }
}

// Not on the main thread: a window that is built there from a command may wait for itself.
#[tauri::command]
pub(crate) async fn show(desk: State<'_, Desk>, place: String) -> Result<(), Problem> {
    let place = Place::from_path(&place).ok_or_else(|| {
        Problem::new(ErrorCode::BadRequest, format!("{place:?} is no place of the window."))
    })?;
    windows::show(&desk, place);
    Ok(())
}

#[tauri::command]
pub(crate) fn open_link(desk: State<'_, Desk>, url: String) -> Result<(), Problem> {
    let refused = |text: String| Problem::new(ErrorCode::BadRequest, text);
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return Err(refused("Only web addresses are opened.".into()));
    }
    desk.app()
        .opener()
        .open_url(url, None::<String>)
        .map_err(|error| refused(format!("No browser could be opened: {error}.")))
}

#[tauri::command]
pub(crate) fn copy(desk: State<'_, Desk>, text: String) -> Result<(), Problem> {
    desk.app()
        .clipboard()
        .write_text(text)
        .map_err(|error| Problem::new(ErrorCode::Internal, format!("The clipboard takes nothing: {error}.")))
}
