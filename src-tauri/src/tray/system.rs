//! The icon on macOS and Windows. A menu that is open there stays as it was opened: the system owns it until it is closed.

use super::{Click, Entry, Shown};
use crate::desk::{Desk, TrayState};
use std::sync::{Arc, Mutex, PoisonError};
use tauri::menu::{CheckMenuItem, IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Wry};
use tokio::sync::mpsc;

/// The icon; nothing where the system has no room for one.
pub(crate) struct Icon {
    app: AppHandle,
    icon: Option<TrayIcon>,
    actions: Actions,
}

/// What the menu's lines do, by their ids: their place in the newest menu.
type Actions = Arc<Mutex<Vec<super::Action>>>;

impl Icon {
    pub(crate) async fn show(desk: &Desk, shown: Shown, clicks: mpsc::UnboundedSender<Click>) -> Self {
        let (app, actions) = (desk.app().clone(), Actions::default());
        let (by_menu, chosen) = (clicks.clone(), actions.clone());
        let built = picture(&shown).and_then(|picture| {
            TrayIconBuilder::with_id("offdesk")
                .icon(picture)
                .icon_as_template(cfg!(target_os = "macos"))
                .tooltip(&shown.tooltip)
                .menu(&menu(&app, &shown, &actions)?)
                .show_menu_on_left_click(cfg!(target_os = "macos"))
                .on_menu_event(move |_, event| {
                    let place = event.id().as_ref().parse::<usize>().ok();
                    let actions = chosen.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Some(action) = place.and_then(|place| actions.get(place)) {
                        // Nobody listens once the app ends.
                        let _ = by_menu.send(Click::Line(action.clone()));
                    }
                })
                .on_tray_icon_event(move |_, event| {
                    if let TrayIconEvent::Click {
                        button: MouseButton::Left,
                        button_state: MouseButtonState::Up,
                        ..
                    } = event
                    {
                        let _ = clicks.send(Click::Icon);
                    }
                })
                .build(&app)
        });
        desk.tray_is(if built.is_ok() { TrayState::Shown } else { TrayState::Missing });
        let icon = built.inspect_err(|error| tracing::warn!("There is no tray: {error}")).ok();
        Self { app, icon, actions }
    }

    pub(crate) async fn update(&self, shown: Shown) {
        let Some(icon) = &self.icon else { return };
        let done = menu(&self.app, &shown, &self.actions)
            .and_then(|menu| icon.set_menu(Some(menu)))
            .and_then(|()| icon.set_tooltip(Some(&shown.tooltip)))
            .and_then(|()| icon.set_icon(Some(picture(&shown)?)))
            .and_then(|()| icon.set_icon_as_template(cfg!(target_os = "macos")));
        if let Err(error) = done {
            tracing::warn!("The tray's icon was not changed: {error}");
        }
    }
}

fn picture(shown: &Shown) -> tauri::Result<tauri::image::Image<'static>> {
    super::pictures::of(shown.glyph)
        .pop()
        .ok_or_else(|| tauri::Error::AssetNotFound("the tray's picture".into()))
}

fn menu(app: &AppHandle, shown: &Shown, actions: &Actions) -> tauri::Result<Menu<Wry>> {
    let mut found = Vec::new();
    let menu = Menu::new(app)?;
    for entry in shown.entries.iter().filter(|entry| !entry.hidden) {
        menu.append(item(app, entry, &mut found)?.as_ref())?;
    }
    *actions.lock().unwrap_or_else(PoisonError::into_inner) = found;
    Ok(menu)
}

fn item(
    app: &AppHandle,
    entry: &Entry,
    found: &mut Vec<super::Action>,
) -> tauri::Result<Box<dyn IsMenuItem<Wry>>> {
    if entry.separator {
        return Ok(Box::new(PredefinedMenuItem::separator(app)?));
    }
    // An ampersand would mark an access key.
    let text = entry.text.replace('&', "&&");
    if !entry.children.is_empty() {
        let menu = Submenu::new(app, text, true)?;
        for child in entry.children.iter().filter(|child| !child.hidden) {
            menu.append(item(app, child, found)?.as_ref())?;
        }
        return Ok(Box::new(menu));
    }
    let id = found.len().to_string();
    let enabled = entry.action.is_some();
    if let Some(action) = &entry.action {
        found.push(action.clone());
    }
    let id = if enabled { id } else { "none".into() };
    Ok(match entry.ticked {
        Some(ticked) => Box::new(CheckMenuItem::with_id(app, id, text, enabled, ticked, None::<&str>)?),
        None => Box::new(MenuItem::with_id(app, id, text, enabled, None::<&str>)?),
    })
}
