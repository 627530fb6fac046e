//! Its own small server.

use crate::head;
use serde_json::json;
use std::sync::{Arc, Mutex};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

/// What it says about itself.
#[derive(Debug, Default)]
pub(super) struct State {
    pub hostname: String,
    pub named: bool,
    pub connections: u32,
}

pub(super) async fn serve(listener: TcpListener, state: Arc<Mutex<State>>, zombie: bool) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            if zombie {
                // Held open, so that whoever asks waits.
                return std::future::pending().await;
            }
            let Ok(Some(head)) = head::read(&mut stream).await else { return };
            let (status, body) = answer(&head.path, &super::lock(&state));
            let text = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(text.as_bytes()).await;
        });
    }
}

fn answer(path: &str, state: &State) -> (&'static str, String) {
    match path {
        "/ready" => {
            let (line, status) = match state.connections {
                0 => ("503 Service Unavailable", 503),
                _ => ("200 OK", 200),
            };
            let connector = "b354b9de-1c3c-41c1-aa56-be8ba82b8046";
            let body =
                json!({ "status": status, "readyConnections": state.connections, "connectorId": connector });
            (line, body.to_string())
        }
        "/quicktunnel" => {
            let hostname = if state.named { "" } else { &state.hostname };
            ("200 OK", json!({ "hostname": hostname }).to_string())
        }
        "/healthcheck" => ("200 OK", "OK\n".into()),
        _ => ("404 Not Found", "404 page not found\n".into()),
    }
}
