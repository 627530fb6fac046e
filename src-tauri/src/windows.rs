//! Windows: made when they are first needed, and gone when they are closed, so that a tray at rest has no web view.

use crate::desk::Desk;
use crate::place::Place;
use crate::settings::Appearance;
use std::time::Instant;
use tauri::webview::PageLoadEvent;
use tauri::window::Color;
use tauri::{
    AppHandle, Emitter, LogicalSize, Manager, Theme, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Wry,
};

pub(crate) const MAIN: &str = "main";
pub(crate) const START: &str = "start";
pub(crate) const QUIT: &str = "quit";

/// The start bar's height before the page says another, in logical pixels.
const BAR: (f64, f64) = (680.0, 72.0);

fn theme(appearance: Appearance) -> Option<Theme> {
    match appearance {
        Appearance::System => None,
        Appearance::Light => Some(Theme::Light),
        Appearance::Dark => Some(Theme::Dark),
    }
}

/// The ground of a page before it is drawn: a white flash in a dark room is not nice.
fn ground(appearance: Appearance) -> Color {
    match appearance {
        Appearance::Dark => Color(0x14, 0x16, 0x1a, 0xff),
        Appearance::System | Appearance::Light => Color(0xf6, 0xf5, 0xf2, 0xff),
    }
}

/// A window as all of them are. What pages keep (drafts, what was looked at) is in the data folder, which nobody else can
/// read.
fn window<'a>(desk: &'a Desk, label: &str, page: &str) -> WebviewWindowBuilder<'a, Wry, AppHandle> {
    let appearance = desk.settings().appearance;
    WebviewWindowBuilder::new(desk.app(), label, WebviewUrl::App(page.into()))
        .theme(theme(appearance))
        .background_color(ground(appearance))
        .data_directory(desk.data().join("windows"))
}

/// Opens the main window at a place, or takes the one that is open there.
pub(crate) fn show(desk: &Desk, place: Place) {
    let app = desk.app();
    if let Some(window) = app.get_webview_window(MAIN) {
        let told = app.emit_to(MAIN, "go", serde_json::json!({ "place": place.path() }));
        report(
            told.and_then(|()| window.unminimize())
                .and_then(|()| window.show())
                .and_then(|()| window.set_focus()),
        );
        return;
    }
    let built = window(desk, MAIN, &format!("index.html#{}", place.path()))
        .title("Offdesk")
        .inner_size(980.0, 680.0)
        .min_inner_size(480.0, 480.0)
        .build();
    focused(built);
}

/// Opens the start bar above everything else.
pub(crate) fn start_bar(desk: &Desk) {
    let app = desk.app();
    let asked = Instant::now();
    if let Some(window) = app.get_webview_window(START) {
        return report(window.show().and_then(|()| window.set_focus()));
    }
    let built = window(desk, START, "start.html")
        .title("Start a run")
        .inner_size(BAR.0, BAR.1)
        // One that cannot be resized could not shrink again by itself either.
        .min_inner_size(BAR.0, 1.0)
        .decorations(false)
        .always_on_top(true)
        .skip_taskbar(true)
        .visible_on_all_workspaces(true)
        .center()
        .on_page_load(move |_, page| {
            if page.event() == PageLoadEvent::Finished {
                tracing::debug!("The start bar was there after {} ms.", asked.elapsed().as_millis());
            }
        })
        .build();
    focused(built);
}

/// Asks what quitting means.
pub(crate) fn quit(desk: &Desk) {
    let app = desk.app();
    if let Some(window) = app.get_webview_window(QUIT) {
        return report(window.show().and_then(|()| window.set_focus()));
    }
    let built = window(desk, QUIT, "quit.html")
        .title("Quit Offdesk")
        .inner_size(460.0, 300.0)
        .resizable(false)
        .always_on_top(true)
        .center()
        .build();
    focused(built);
}

/// The bar grows with what it shows.
pub(crate) fn set_height(window: &WebviewWindow, height: f64) {
    let height = height.clamp(BAR.1, 640.0);
    report(window.set_size(LogicalSize::new(BAR.0, height)));
}

/// All windows that are open take this appearance.
pub(crate) fn appear(app: &AppHandle, appearance: Appearance) {
    for window in app.webview_windows().values() {
        report(window.set_theme(theme(appearance)));
    }
}

/// Somebody looks at this place now.
pub(crate) fn is_looked_at(app: &AppHandle, place: Place) -> bool {
    app.get_webview_window(MAIN).is_some_and(|window| {
        window.is_focused().unwrap_or(false)
            && window.url().is_ok_and(|url| url.fragment() == Some(place.path().as_str()))
    })
}

fn focused(built: tauri::Result<WebviewWindow>) {
    report(built.and_then(|window| window.set_focus()));
}

fn report(done: tauri::Result<()>) {
    if let Err(error) = done {
        tracing::error!("A window could not be shown: {error}");
    }
}
