//! The settings in force, asked of Codex before its server begins: the server takes its own from its command line only.

use super::Wanted;
use offdesk_agents::codex_asking_settings;
use serde_json::{Value, json};
use std::io;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

/// How long it may take to say them, and then to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// The greeting.
pub(super) fn initialize() -> Value {
    json!({"id": "initialize", "method": "initialize", "params": {
        "clientInfo": {"name": "offdesk", "title": "Offdesk", "version": env!("CARGO_PKG_VERSION")},
        "capabilities": {"experimentalApi": true, "requestAttestation": false}}})
}

/// What to start Codex with, so that each server of the person's asks before any of its tools.
pub(super) async fn asking(wanted: &Wanted) -> io::Result<Vec<String>> {
    let mut codex = Command::new(&wanted.program)
        .arg("app-server")
        .args(&wanted.settings)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let (Some(mut say), Some(hear)) = (codex.stdin.take(), codex.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let config = json!({"id": "config", "method": "config/read",
        "params": {"cwd": std::env::current_dir()?, "includeLayers": false}});
    for message in [initialize(), json!({"method": "initialized"}), config] {
        say.write_all(format!("{message}\n").as_bytes()).await?;
    }
    let mut lines = BufReader::new(hear).lines();
    let heard = async {
        while let Some(line) = lines.next_line().await? {
            let message: Value = serde_json::from_str(&line).unwrap_or_default();
            if message.get("id").and_then(Value::as_str) == Some("config") {
                return Ok(message.pointer("/result/config").cloned());
            }
        }
        Ok::<_, io::Error>(None)
    };
    let config = timeout(PATIENCE, heard).await.map_err(io::Error::other)??;
    // It ends with what it is told.
    drop(say);
    let _ = timeout(PATIENCE, codex.wait()).await;
    let config = config.ok_or_else(|| io::Error::other("its settings cannot be read"))?;
    Ok(codex_asking_settings(&config))
}
