//! Leaving: the app alone, or the gateway and its runs too.

use crate::bridge::problem;
use crate::desk::{Desk, TrayState};
use crate::settings::{ChangeDeskSettings, OnQuit};
use crate::windows;
use offdesk_protocol::{ErrorCode, Problem};
use serde::Deserialize;
use std::time::Duration;

/// How long an orderly end of the gateway may take, its runs included.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is to become of runs, and of the gateway that phones talk to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Runs {
    /// They go on, and phones reach them.
    Keep,
    /// They end, and so does the gateway.
    Stop,
}

/// What to do when all that is left of the app is about to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// Stay in the tray.
    Stay,
    /// Find out what the person wants.
    Ask,
    /// Go.
    Go,
}

/// The last window was closed (`code` is none), or somebody asked the app to end.
pub(crate) fn leaving(code: Option<i32>, tray: TrayState) -> Leaving {
    match (code, tray) {
        (Some(_), _) => Leaving::Go,
        (None, TrayState::Shown) => Leaving::Stay,
        // Without an icon nobody could find it again; who closes the last window is asked.
        (None, TrayState::Missing) => Leaving::Ask,
    }
}

/// Quit was chosen: does what was said to be done each time, or asks.
pub(crate) async fn ask(desk: &Desk) -> Result<(), Problem> {
    match desk.settings().on_quit {
        OnQuit::Ask => {
            windows::quit(desk);
            Ok(())
        }
        OnQuit::Keep => quit(desk, Runs::Keep, false).await,
        OnQuit::Stop => quit(desk, Runs::Stop, false).await,
    }
}

/// Ends the app.
pub(crate) async fn quit(desk: &Desk, runs: Runs, remember: bool) -> Result<(), Problem> {
    if remember {
        let on_quit = Some(if runs == Runs::Keep { OnQuit::Keep } else { OnQuit::Stop });
        desk.change_settings(&ChangeDeskSettings { on_quit, ..ChangeDeskSettings::default() })?;
    }
    if runs == Runs::Stop {
        desk.keeper().rest(true);
        if let Err(problem) = stop(desk, true).await {
            desk.keeper().rest(false);
            return Err(problem);
        }
    }
    desk.app().exit(0);
    Ok(())
}

/// Ends the gateway that runs and starts the one that came with this app. Runs go on meanwhile.
pub(crate) async fn fresh_gateway(desk: &Desk) -> Result<(), Problem> {
    desk.keeper().rest(true);
    let stopped = stop(desk, false).await;
    desk.keeper().rest(false);
    stopped
}

async fn stop(desk: &Desk, stop_runs: bool) -> Result<(), Problem> {
    if !desk.gateway().state.is_up() {
        return Ok(());
    }
    desk.client().stop_gateway(stop_runs).await.map_err(problem)?;
    let mut gateway = desk.keeper().changes();
    let gone = tokio::time::timeout(PATIENCE, gateway.wait_for(|gateway| !gateway.state.is_up())).await;
    match gone {
        Ok(_) => Ok(()),
        Err(_) => Err(Problem::new(ErrorCode::WrongState, "The gateway has not ended within half a minute.")
            .hint(
                "Some run may be hard to stop; what it did so far is kept. Try again, or quit and keep runs.",
            )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_the_window_leaves_the_tray_and_without_a_tray_asks() {
        assert_eq!(leaving(None, TrayState::Shown), Leaving::Stay);
        assert_eq!(leaving(None, TrayState::Missing), Leaving::Ask);
        assert_eq!(leaving(Some(0), TrayState::Missing), Leaving::Go);
    }
}
