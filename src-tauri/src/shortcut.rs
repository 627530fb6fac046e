//! The key that opens the start bar from anywhere.

use crate::desk::Desk;
use crate::windows;
use offdesk_protocol::{ErrorCode, Problem};
use serde::Serialize;
use tauri_plugin_global_shortcut::{GlobalShortcutExt, ShortcutState as Pressed};

/// How the shortcut stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ShortcutState {
    keys: String,
    state: Standing,
    text: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Standing {
    Ready,
    Taken,
    Unsupported,
    Off,
}

impl ShortcutState {
    pub(crate) fn off() -> Self {
        Self { keys: String::new(), state: Standing::Off, text: None }
    }
}

/// On Wayland no program may listen for keys of others.
fn is_wayland() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "linux")
        && (std::env::var("XDG_SESSION_TYPE").is_ok_and(|kind| kind == "wayland") || set("WAYLAND_DISPLAY"))
}

/// Listens for these keys, if that is possible here.
pub(crate) fn listen(desk: &Desk, keys: &str) -> ShortcutState {
    if keys.is_empty() {
        return ShortcutState::off();
    }
    let state = |state, text: Option<String>| ShortcutState { keys: keys.into(), state, text };
    if is_wayland() {
        let text = "On Wayland no program may listen for keys. In your desktop's settings, bind a key to the command \
                    `offdesk-tray --start`.";
        return state(Standing::Unsupported, Some(text.into()));
    }
    match register(desk, keys) {
        Ok(()) => state(Standing::Ready, None),
        Err(problem) => {
            tracing::warn!("{problem}");
            state(Standing::Taken, Some(problem.to_string()))
        }
    }
}

/// Changes the keys. If the new ones cannot be had, the old ones stay.
pub(crate) fn replace(desk: &Desk, old: &str, new: &str) -> Result<ShortcutState, Problem> {
    let shortcuts = desk.app().global_shortcut();
    if new.is_empty() || is_wayland() {
        forget(desk, old);
        return Ok(listen(desk, new));
    }
    if shortcuts.is_registered(new) {
        return Ok(ShortcutState { keys: new.into(), state: Standing::Ready, text: None });
    }
    register(desk, new)?;
    forget(desk, old);
    Ok(ShortcutState { keys: new.into(), state: Standing::Ready, text: None })
}

fn forget(desk: &Desk, keys: &str) {
    let shortcuts = desk.app().global_shortcut();
    if !keys.is_empty()
        && shortcuts.is_registered(keys)
        && let Err(error) = shortcuts.unregister(keys)
    {
        tracing::warn!("{keys} is still listened for: {error}");
    }
}

fn register(desk: &Desk, keys: &str) -> Result<(), Problem> {
    let pressed = desk.clone();
    let listening = desk.app().global_shortcut().on_shortcut(keys, move |_, _, event| {
        if event.state == Pressed::Pressed {
            let desk = pressed.clone();
            tauri::async_runtime::spawn(async move { windows::start_bar(&desk) });
        }
    });
    listening.map_err(|error| {
        let text = error.to_string();
        let taken = text.to_lowercase().contains("already registered");
        let text = if taken {
            format!("{keys} is taken by another program.")
        } else {
            format!("{keys} cannot be listened for: {text}.")
        };
        Problem::new(ErrorCode::WrongState, text).hint("Choose other keys in Settings, or free them there.")
    })
}
