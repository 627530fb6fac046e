//! Offdesk in the tray: finds or starts the gateway, shows how all is, calls its person when something waits, and opens
//! windows on what there is. It is a client of the gateway's API, and owns no run.
//!
//! `keeper` watches over the gateway; `mirror` is what the gateway last said, kept by `watch`; `tray` and `notice` are made
//! from those; `windows` opens pages, which speak the API through `bridge`; `desk` is what they all share.

mod act;
mod args;
mod bridge;
mod commands;
mod desk;
mod diagnostics;
mod keeper;
mod login;
mod mirror;
mod notice;
mod place;
mod quit;
mod settings;
mod shortcut;
mod signals;
mod tray;
mod update;
mod watch;
mod windows;

use args::{Args, Wish};
use clap::Parser;
use desk::{Desk, TrayState};
use keeper::Keeper;
use offdesk_client::{Client, Place as GatewayPlace};
use offdesk_protocol::{ErrorCode, Problem};
use quit::{Leaving, Runs};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use tauri::{AppHandle, Manager, RunEvent, WindowEvent};
use tauri_plugin_window_state::StateFlags;

/// Where a window was is kept; whether it was open is not: the app starts in the tray.
const REMEMBERED: StateFlags = StateFlags::all().difference(StateFlags::VISIBLE);

/// Runs the app until it is quit.
pub fn run() {
    let args = Args::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("OFFDESK_LOG").unwrap_or_else(|_| "warn".into()),
        )
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    // Before anything else starts: what cannot work without is said in a sentence, not in a panic.
    let ready = data(&args).and_then(|data| Ok((client(&data)?, data)));
    let (client, data) = match ready {
        Ok(ready) => ready,
        Err(problem) => {
            eprintln!("offdesk-tray: {problem} {}", problem.hint.as_deref().unwrap_or_default());
            std::process::exit(1);
        }
    };
    let wish = args.wish();
    let built = tauri::Builder::default()
        // First of all: a second start must end before it does anything.
        .plugin(tauri_plugin_single_instance::init(|app, words, _| started_again(app, words)))
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_clipboard_manager::init())
        .plugin(tauri_plugin_global_shortcut::Builder::new().build())
        .plugin(tauri_plugin_updater::Builder::new().build())
        .plugin(tauri_plugin_autostart::Builder::new().args(["--hidden"]).app_name("Offdesk").build())
        .plugin(
            tauri_plugin_window_state::Builder::new()
                .with_state_flags(REMEMBERED)
                .with_denylist(&[windows::START, windows::QUIT])
                .build(),
        )
        .manage(bridge::Lives::default())
        .invoke_handler(tauri::generate_handler![
            bridge::ask,
            bridge::live_open,
            bridge::live_send,
            bridge::live_close,
            commands::desk,
            commands::change_settings,
            commands::start_gateway,
            commands::fresh_gateway,
            commands::install_update,
            commands::tell_diagnostics,
            commands::quit_app,
            commands::close_window,
            commands::set_height,
            commands::show,
            commands::open_link,
            commands::copy,
        ])
        .setup(move |app| {
            set_up(app.handle(), client, data, wish);
            Ok(())
        })
        .on_window_event(|window, event| {
            if matches!(event, WindowEvent::Destroyed) {
                window.state::<bridge::Lives>().window_closed(window.label());
            }
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => app.run(on_event),
        Err(error) => {
            eprintln!("offdesk-tray: the app cannot start: {error}.");
            std::process::exit(1);
        }
    }
}

fn set_up(handle: &AppHandle, client: Client, data: PathBuf, wish: Wish) {
    let keeper = Keeper::start(client.clone(), data.clone(), env!("CARGO_PKG_VERSION"));
    let mirror = watch::watch(client.clone(), &keeper);
    let desk = Desk::new(handle.clone(), client, data, keeper, mirror);
    handle.manage(desk.clone());
    let settings = desk.settings();
    desk.shortcut_is(shortcut::listen(&desk, &settings.shortcut));
    desk.login_problem_is(login::refresh(handle, settings.start_at_login));
    links(&desk);
    tauri::async_runtime::spawn(desk.clone().tell());
    tauri::async_runtime::spawn(tray::run(desk.clone()));
    tauri::async_runtime::spawn(notice::run(desk.clone()));
    tauri::async_runtime::spawn(update::look(desk.clone()));
    tauri::async_runtime::spawn(signals::leave_when_asked(handle.clone()));
    tauri::async_runtime::spawn(first_window(desk, wish));
}

/// The data folder, absolute.
fn data(args: &Args) -> Result<PathBuf, Problem> {
    let missing = || {
        Problem::new(ErrorCode::BadRequest, "There is no home folder to keep data in.")
            .hint("Name a folder with --data.")
    };
    let data = args.data.clone().or_else(GatewayPlace::default_data).ok_or_else(missing)?;
    std::path::absolute(data).map_err(|error| Problem::new(ErrorCode::BadRequest, error.to_string()))
}

/// The gateway of this data folder.
fn client(data: &Path) -> Result<Client, Problem> {
    Client::of(GatewayPlace::of(data), concat!("offdesk-tray/", env!("CARGO_PKG_VERSION")))
        .map_err(bridge::problem)
}

/// Addresses that lead here, where the system tells them by an event instead of by a start.
fn links(desk: &Desk) {
    use tauri_plugin_deep_link::DeepLinkExt;
    let opened = desk.clone();
    desk.app().deep_link().on_open_url(move |event| {
        for url in event.urls() {
            if let Some(place) = place::Place::from_link(url.as_str()) {
                windows::show(&opened, place);
            }
        }
    });
}

/// What the start was meant to do; without a tray there must be a window, or nobody could find the app.
async fn first_window(desk: Desk, wish: Wish) {
    if wish == Wish::Nothing {
        tray::ready().await;
        if desk.tray() == TrayState::Missing {
            windows::show(&desk, place::Place::Home);
        }
        return;
    }
    fulfil(&desk, wish).await;
}

async fn fulfil(desk: &Desk, wish: Wish) {
    match wish {
        Wish::Nothing => {}
        Wish::Show(place) => windows::show(desk, place),
        Wish::StartBar => windows::start_bar(desk),
        Wish::Quit => {
            if let Err(problem) = quit::quit(desk, Runs::Keep, false).await {
                tracing::error!("{problem}");
            }
        }
    }
}

/// Somebody started the app while it runs: here its words are heard.
fn started_again(app: &AppHandle, words: Vec<String>) {
    let Some(desk) = app.try_state::<Desk>().map(|desk| desk.inner().clone()) else { return };
    // Words that are not understood still mean that somebody wants to see the app.
    let wish = Args::try_parse_from(words).map_or(Wish::Show(place::Place::Home), |args| args.wish());
    tauri::async_runtime::spawn(async move { fulfil(&desk, wish).await });
}

fn on_event(app: &AppHandle, event: RunEvent) {
    let RunEvent::ExitRequested { code, api, .. } = event else { return };
    let Some(desk) = app.try_state::<Desk>() else { return };
    match quit::leaving(code, desk.tray()) {
        Leaving::Go => {}
        Leaving::Stay => api.prevent_exit(),
        Leaving::Ask => {
            api.prevent_exit();
            let desk = desk.inner().clone();
            tauri::async_runtime::spawn(async move {
                if let Err(problem) = quit::ask(&desk).await {
                    tracing::error!("{problem}");
                }
            });
        }
    }
}
