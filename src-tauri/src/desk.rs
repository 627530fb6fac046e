//! Everything this app knows, for its windows, its tray and its notifications.

use crate::keeper::{GatewayState, Keeper};
use crate::mirror::Mirror;
use crate::settings::{ChangeDeskSettings, DeskSettings};
use crate::shortcut::{self, ShortcutState};
use crate::update::UpdateState;
use offdesk_client::Client;
use offdesk_protocol::Problem;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tauri::{AppHandle, Emitter};
use tokio::sync::watch;

/// Told to windows whenever it changes.
pub(crate) const EVENT: &str = "desk";

/// Whether the tray's icon can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum TrayState {
    Shown,
    /// This desktop shows no icons of programs: the window is all there is.
    Missing,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct StartAtLogin {
    pub(crate) on: bool,
    pub(crate) problem: Option<String>,
}

/// What windows see.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeskView {
    version: &'static str,
    data: String,
    host: String,
    gateway: GatewayState,
    tray: TrayState,
    shortcut: ShortcutState,
    start_at_login: StartAtLogin,
    update: UpdateState,
    note: Option<String>,
    settings: DeskSettings,
}

/// What changes besides the gateway and its mirror.
struct Own {
    settings: DeskSettings,
    tray: TrayState,
    shortcut: ShortcutState,
    login_problem: Option<String>,
    update: UpdateState,
    note: Option<String>,
}

struct Inner {
    app: AppHandle,
    client: Client,
    data: PathBuf,
    keeper: Keeper,
    mirror: watch::Receiver<Mirror>,
    own: Mutex<Own>,
    changed: watch::Sender<u64>,
}

/// The app's knowledge and what it can do, shared.
#[derive(Clone)]
pub(crate) struct Desk(Arc<Inner>);

impl Desk {
    pub(crate) fn new(
        app: AppHandle,
        client: Client,
        data: PathBuf,
        keeper: Keeper,
        mirror: watch::Receiver<Mirror>,
    ) -> Self {
        let (settings, note) = DeskSettings::load(&data);
        let own = Own {
            settings,
            // Until a tray has said that it shows the icon, nobody can rely on it.
            tray: TrayState::Missing,
            shortcut: ShortcutState::off(),
            login_problem: None,
            update: UpdateState::none(),
            note,
        };
        let changed = watch::Sender::new(0);
        Self(Arc::new(Inner { app, client, data, keeper, mirror, own: Mutex::new(own), changed }))
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        self.0.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Own)) {
        change(&mut self.own());
        self.0.changed.send_modify(|count| *count += 1);
    }

    pub(crate) fn app(&self) -> &AppHandle {
        &self.0.app
    }

    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }

    pub(crate) fn keeper(&self) -> &Keeper {
        &self.0.keeper
    }

    pub(crate) fn data(&self) -> &Path {
        &self.0.data
    }

    pub(crate) fn gateway(&self) -> GatewayState {
        self.0.keeper.state()
    }

    pub(crate) fn mirror(&self) -> Mirror {
        self.0.mirror.borrow().clone()
    }

    pub(crate) fn mirror_changes(&self) -> watch::Receiver<Mirror> {
        self.0.mirror.clone()
    }

    pub(crate) fn settings(&self) -> DeskSettings {
        self.own().settings.clone()
    }

    pub(crate) fn tray(&self) -> TrayState {
        self.own().tray
    }

    /// The tray's host came or went.
    pub(crate) fn tray_is(&self, tray: TrayState) {
        self.change(|own| own.tray = tray);
    }

    pub(crate) fn shortcut_is(&self, shortcut: ShortcutState) {
        self.change(|own| own.shortcut = shortcut);
    }

    pub(crate) fn update_is(&self, update: UpdateState) {
        self.change(|own| own.update = update);
    }

    pub(crate) fn login_problem_is(&self, problem: Option<String>) {
        self.change(|own| own.login_problem = problem);
    }

    pub(crate) fn update_version(&self) -> Option<String> {
        self.own().update.version()
    }

    pub(crate) fn view(&self) -> DeskView {
        let mirror = self.mirror();
        let own = self.own();
        DeskView {
            version: env!("CARGO_PKG_VERSION"),
            data: self.0.data.display().to_string(),
            host: mirror.host_name.unwrap_or_else(|| "this machine".into()),
            gateway: self.0.keeper.state(),
            tray: own.tray,
            shortcut: own.shortcut.clone(),
            start_at_login: StartAtLogin {
                on: own.settings.start_at_login,
                problem: own.login_problem.clone(),
            },
            update: own.update.clone(),
            note: own.note.clone(),
            settings: own.settings.clone(),
        }
    }

    /// Changes what a person chose; what cannot be done is refused and changes nothing.
    pub(crate) fn change_settings(&self, change: &ChangeDeskSettings) -> Result<(), Problem> {
        let before = self.settings();
        let after = before.with(change);
        if after.shortcut != before.shortcut {
            let state = shortcut::replace(self, &before.shortcut, &after.shortcut)?;
            self.shortcut_is(state);
        }
        if after.start_at_login != before.start_at_login {
            crate::login::set(self.app(), after.start_at_login)?;
            self.login_problem_is(None);
        }
        after.save(&self.0.data)?;
        self.change(|own| own.settings = after.clone());
        if after.appearance != before.appearance {
            crate::windows::appear(self.app(), after.appearance);
        }
        Ok(())
    }

    /// Tells windows of every change, until the app ends.
    pub(crate) async fn tell(self) {
        let (mut gateway, mut own) = (self.0.keeper.changes(), self.0.changed.subscribe());
        loop {
            // A window that is not there hears nothing, and asks when it comes.
            let _ = self.0.app.emit(EVENT, self.view());
            tokio::select! {
                Ok(()) = gateway.changed() => {}
                Ok(()) = own.changed() => {}
                else => return,
            }
        }
    }
}
