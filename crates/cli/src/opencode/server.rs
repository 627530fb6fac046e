//! Starting `opencode serve`, and asking things of it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// It may install things of its own at its first start.
const PATIENCE: Duration = Duration::from_secs(120);
/// For one request; none waits for the model.
const ANSWERED_IN: Duration = Duration::from_secs(60);
/// What it says when it can be asked.
const LISTENING: &str = "listening on http://127.0.0.1:";
const USER: &str = "opencode";

/// One server, on this machine's loopback, that only we have the password of.
pub(super) struct Server {
    client: reqwest::Client,
    base: String,
    password: String,
}

impl Server {
    pub(super) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).basic_auth(USER, Some(&self.password))
    }

    /// Status and body, which is text where it is no JSON.
    pub(super) async fn ask(
        &self,
        method: reqwest::Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, Value), String> {
        let request = self.request(method, path).timeout(ANSWERED_IN);
        let request = match body {
            Some(body) => request.json(body),
            None => request,
        };
        let answer = request.send().await.map_err(|error| why(&error))?;
        let status = answer.status().as_u16();
        let text = answer.text().await.map_err(|error| why(&error))?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok((status, body))
    }
}

/// The cause under reqwest's words, without the address.
pub(super) fn why(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(under) = cause.source() {
        cause = under;
    }
    cause.to_string()
}

/// Starts opencode and waits until it listens.
///
/// # Errors
/// A sentence for a person.
pub(super) async fn start(program: &Path) -> Result<(Child, Server), String> {
    let cannot = |error: &dyn std::fmt::Display| format!("opencode could not be started: {error}.");
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| cannot(&error))?;
    let password = URL_SAFE_NO_PAD.encode(secret);
    let args = ["serve", "--hostname", "127.0.0.1", "--port", "0"].map(String::from);
    let command = offdesk_supervisor::bound(program, &args).map_err(|error| cannot(&error))?;
    let mut command = Command::from(command);
    command.env("OPENCODE_SERVER_PASSWORD", &password).env("OPENCODE_SERVER_USERNAME", USER);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|error| cannot(&error))?;
    let output = child.stdout.take().ok_or_else(|| cannot(&"it has no output"))?;
    let mut lines = BufReader::new(output).lines();
    let port = tokio::time::timeout(PATIENCE, listening(&mut lines))
        .await
        .map_err(|_| "opencode did not begin to listen within two minutes.".to_string())?
        .ok_or("opencode ended before it began to listen; what it said is above.")?;
    // A pipe that nobody empties would stop it.
    tokio::spawn(async move {
        while let Ok(Some(line)) = lines.next_line().await {
            eprintln!("{line}");
        }
    });
    // reqwest wants one, also where nothing is encrypted. One that is there already is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client =
        reqwest::Client::builder().no_proxy().tls_certs_only([]).build().map_err(|error| cannot(&error))?;
    Ok((child, Server { client, base: format!("http://127.0.0.1:{port}"), password }))
}

/// The port; nothing: its output ended before.
async fn listening(lines: &mut Lines<BufReader<ChildStdout>>) -> Option<u16> {
    loop {
        let line = lines.next_line().await.ok()??;
        match line.split(LISTENING).nth(1).and_then(|port| port.trim().parse().ok()) {
            Some(port) => return Some(port),
            None => eprintln!("{line}"),
        }
    }
}
