//! What windows ask of the gateway, carried unread over its local socket. A window has no key and no address of its own.

use crate::desk::Desk;
use offdesk_client::{ClientError, Wire, WireMessage};
use offdesk_protocol::{ErrorCode, Problem};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use tauri::ipc::{Channel, InvokeResponseBody};
use tauri::{State, Webview};
use tokio::sync::mpsc;

/// An answer of the API.
#[derive(Serialize)]
pub(crate) struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

/// What a window is told by its channel, besides frames of output.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum News {
    Open,
    Text { text: String },
    Closed { code: u16 },
}

struct LiveWindow {
    window: String,
    say: mpsc::UnboundedSender<String>,
}

/// The windows' live connections.
#[derive(Default)]
pub(crate) struct Lives {
    next: AtomicU32,
    open: Mutex<HashMap<u32, LiveWindow>>,
}

impl Lives {
    /// A window is gone, and with it what it listened to.
    pub(crate) fn window_closed(&self, window: &str) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, live| live.window != window);
    }
}

/// What went wrong, as the API would say it.
pub(crate) fn problem(error: ClientError) -> Problem {
    match error {
        ClientError::Problem(problem) => problem,
        ClientError::NoGateway { .. } => Problem::new(ErrorCode::Unreachable, "The gateway does not answer.")
            .hint("Runs go on. It is looked for and started by itself."),
        ClientError::Garbled(text) => Problem::new(ErrorCode::Internal, text),
    }
}

#[tauri::command]
pub(crate) async fn ask(
    desk: State<'_, Desk>,
    method: String,
    path: String,
    body: Option<String>,
) -> Result<Answer, Problem> {
    let carried = desk.client().carry(&method, &path, body).await.map_err(problem)?;
    Ok(Answer {
        status: carried.status,
        headers: carried.headers.into_iter().collect(),
        body: String::from_utf8_lossy(&carried.body).into_owned(),
    })
}

#[tauri::command]
pub(crate) async fn live_open(
    desk: State<'_, Desk>,
    lives: State<'_, Lives>,
    webview: Webview,
    news: Channel<InvokeResponseBody>,
) -> Result<u32, Problem> {
    let wire = desk.client().wire().await.map_err(problem)?;
    let id = lives.next.fetch_add(1, Ordering::Relaxed);
    let (say, said) = mpsc::unbounded_channel();
    let live = LiveWindow { window: webview.label().into(), say };
    lives.open.lock().unwrap_or_else(PoisonError::into_inner).insert(id, live);
    tauri::async_runtime::spawn(follow(wire, said, news));
    Ok(id)
}

#[tauri::command]
pub(crate) fn live_send(lives: State<'_, Lives>, webview: Webview, id: u32, text: String) {
    let open = lives.open.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(live) = open.get(&id).filter(|live| live.window == webview.label()) {
        // A connection that is over has told the window so.
        let _ = live.say.send(text);
    }
}

#[tauri::command]
pub(crate) fn live_close(lives: State<'_, Lives>, webview: Webview, id: u32) {
    let mut open = lives.open.lock().unwrap_or_else(PoisonError::into_inner);
    if open.get(&id).is_some_and(|live| live.window == webview.label()) {
        open.remove(&id);
    }
}

async fn follow(
    mut wire: Wire,
    mut said: mpsc::UnboundedReceiver<String>,
    news: Channel<InvokeResponseBody>,
) {
    let mut heard = tell(&news, &News::Open);
    while heard {
        tokio::select! {
            text = said.recv() => match text {
                Some(text) => heard = wire.send(text).await.is_ok() || tell(&news, &News::Closed { code: 1006 }),
                None => return,
            },
            message = wire.next() => heard = match message {
                WireMessage::Text(text) => tell(&news, &News::Text { text }),
                WireMessage::Bytes(bytes) => news.send(InvokeResponseBody::Raw(bytes)).is_ok(),
                WireMessage::Closed(code) => {
                    tell(&news, &News::Closed { code });
                    return;
                }
            },
        }
    }
}

fn tell(news: &Channel<InvokeResponseBody>, what: &News) -> bool {
    serde_json::to_string(what).is_ok_and(|text| news.send(InvokeResponseBody::Json(text)).is_ok())
}
