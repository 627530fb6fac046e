//! What a click in the tray or on a notification does.

use crate::bridge::problem;
use crate::desk::Desk;
use crate::place::Place;
use crate::tray::{Action, Click};
use crate::{diagnostics, notice, quit, update, windows};
use offdesk_protocol::*;
use tauri_plugin_clipboard_manager::ClipboardExt;

/// Does it; what cannot be done is told where the person looks.
pub(crate) async fn act(desk: Desk, click: Click) {
    let action = match click {
        Click::Icon => Action::Show(first_place(&desk)),
        Click::Line(action) => action,
    };
    let place = action.decides();
    if let Err(failed) = done(&desk, action).await {
        notice::say(&desk, "Offdesk could not do that", &failed.to_string()).await;
        if let Some(place) = place {
            windows::show(&desk, place);
        }
    }
}

/// Where somebody who clicks the icon wants to be: at what waits, or at home.
fn first_place(desk: &Desk) -> Place {
    let mirror = desk.mirror();
    if !mirror.pairings.is_empty() {
        return Place::Connect(None);
    }
    match mirror.waiting()[..] {
        [only] => Place::Run(only.request.run),
        _ => Place::Home,
    }
}

async fn done(desk: &Desk, action: Action) -> Result<(), Problem> {
    let client = desk.client();
    match action {
        Action::Show(place) => windows::show(desk, place),
        Action::StartBar => windows::start_bar(desk),
        Action::Allow { approval, hash, .. } => decide(desk, approval, hash, Verdict::Allow).await?,
        Action::Deny { approval, hash, .. } => {
            decide(desk, approval, hash, Verdict::Deny { say: None, stop: false }).await?;
        }
        Action::LetIn { device, approved } => {
            client.let_in(device, approved).await.map_err(problem)?;
        }
        Action::Pause(paused) => {
            let change = ChangeSettings { paused: Some(paused), ..ChangeSettings::default() };
            client.change_settings(&change).await.map_err(problem)?;
        }
        Action::CopyDiagnostics => {
            let text = diagnostics::text(desk).await;
            desk.app().clipboard().write_text(text).map_err(|error| {
                Problem::new(ErrorCode::Internal, format!("The clipboard takes nothing: {error}."))
            })?;
        }
        Action::StartGateway => desk.keeper().try_now(),
        Action::FreshGateway => quit::fresh_gateway(desk).await?,
        Action::Update => update::install(desk).await?,
        Action::Quit => quit::ask(desk).await?,
    }
    Ok(())
}

async fn decide(desk: &Desk, approval: ApprovalId, hash: String, verdict: Verdict) -> Result<(), Problem> {
    // One id for all tries: however often it is sent, it decides once.
    let decision = Decision::new(hash, verdict);
    let mut again = 3;
    loop {
        match desk.client().decide(approval, &decision).await.map_err(problem) {
            Err(unheard) if unheard.code == ErrorCode::Unreachable && again > 0 => {
                again -= 1;
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
            other => return other.map(|_| ()),
        }
    }
}
