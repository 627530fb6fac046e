//! Requests from standard input, made of the server one after the other, in order.

use super::server::Server;
use super::tell;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

#[derive(Deserialize)]
struct Request {
    id: String,
    method: String,
    path: String,
    #[serde(default)]
    body: Option<Value>,
}

/// Serves until the input ends or nobody listens.
pub(super) async fn serve(server: &Server) {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        // What is no request came from nobody we know.
        let Ok(request) = serde_json::from_str::<Request>(&line) else { continue };
        // Said before it is made, so that what it brings about is never read first.
        if tell(&json!({ "sent": request.id })).is_err() {
            return;
        }
        let answer = match make(server, &request).await {
            Ok((status, body)) => json!({"id": request.id, "status": status, "body": body}),
            Err(error) => json!({"id": request.id, "error": error}),
        };
        if tell(&answer).is_err() {
            return;
        }
    }
}

async fn make(server: &Server, request: &Request) -> Result<(u16, Value), String> {
    let method = Method::from_bytes(request.method.as_bytes()).map_err(|error| error.to_string())?;
    // Anything else could lead to another server.
    if !request.path.starts_with('/') {
        return Err("no path of the server's".into());
    }
    server.ask(method, &request.path, request.body.as_ref()).await
}
