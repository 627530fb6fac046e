//! The server's events, followed whatever happens to the connection.

use super::server::Server;
use super::tell;
use eventsource_stream::Eventsource;
use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use std::io;
use std::time::Duration;

/// Between two tries to connect.
const AGAIN: Duration = Duration::from_millis(200);
/// Of these there are many, and they say nothing of the work.
const NOISE: [&str; 9] = [
    "server.heartbeat",
    "plugin.added",
    "catalog.updated",
    "reference.updated",
    "integration.updated",
    "file.watcher.updated",
    "session.updated",
    "session.diff",
    "lsp.updated",
];

/// Follows until nobody listens to us.
pub(super) async fn follow(server: &Server) -> io::Result<()> {
    let mut times = 0u64;
    loop {
        if let Ok(answer) = server.request(Method::GET, "/event").send().await
            && answer.status().is_success()
        {
            times += 1;
            let mut events = answer.bytes_stream().eventsource();
            // What waits now was asked while nobody followed. What is asked from here on comes as an event, too.
            let mut connected = json!({"bridge": "connected", "times": times});
            for (name, path) in [
                ("health", "/global/health"),
                ("permissions", "/permission"),
                ("questions", "/question"),
                ("busy", "/session/status"),
            ] {
                let answer = server.ask(Method::GET, path, None).await;
                connected[name] =
                    answer.ok().filter(|(status, _)| *status == 200).map_or(Value::Null, |(_, b)| b);
            }
            tell(&connected)?;
            while let Some(Ok(event)) = events.next().await {
                let Ok(event) = serde_json::from_str::<Value>(&event.data) else { continue };
                if !event.get("type").and_then(Value::as_str).is_some_and(|kind| NOISE.contains(&kind)) {
                    tell(&json!({ "event": event }))?;
                }
            }
            tell(&json!({"bridge": "lost", "times": times}))?;
        }
        tokio::time::sleep(AGAIN).await;
    }
}
