//! A tunnel program with cloudflared's flags, lines and habits.

mod flags;
mod metrics;
mod origin;
mod output;
mod script;

pub use flags::Flags;
use metrics::State;
use output::Output;
use script::Script;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const QUICK: &str = include_str!("../../recordings/quick.jsonl");
const NAMED: &str = include_str!("../../recordings/named.jsonl");
/// The version that was recorded.
pub const VERSION: &str = "cloudflared version 2026.8.2 (built 2026-11-02-1014 UTC)";

/// Runs the program and returns its exit code.
pub async fn run(flags: Flags) -> u8 {
    let output = Arc::new(Output::new(flags.json));
    let script = Script::from_environment();
    let (stop, stopped) = watch::channel(false);
    if !script.ignores_term {
        let grace = flags.grace;
        let output = Arc::clone(&output);
        tokio::spawn(async move {
            asked_to_end().await;
            output.say("info", "Initiating graceful shutdown due to signal terminated ...", json!({}));
            let _ = stop.send(true);
            // The real one waits its grace period to the end even without a connection.
            tokio::time::sleep(grace).await;
            output.say("info", "Metrics server stopped", json!({}));
            output.say("info", "Tunnel server stopped", json!({}));
            std::process::exit(0);
        });
    } else {
        tokio::spawn(async move {
            loop {
                asked_to_end().await;
            }
        });
    }
    let crash = async {
        match script.crash {
            Some(after) => tokio::time::sleep(after).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        code = tunnel(&flags, &script, &output, stopped) => code,
        () = crash => {
            output.plain("panic: runtime error: invalid memory address or nil pointer dereference");
            2
        }
    }
}

#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = interrupt.recv() => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    let _ = tokio::signal::ctrl_c().await;
}

async fn tunnel(flags: &Flags, script: &Script, output: &Arc<Output>, stopped: watch::Receiver<bool>) -> u8 {
    if flags.named && (script.bad_token || !flags.token_is_readable()) {
        output.say("error", "Configuration file /dev/null was empty", json!({}));
        output.plain("Provided Tunnel token is not valid.");
        output.plain("See 'cloudflared tunnel run --help'.");
        return 255;
    }
    let listeners = tokio::try_join!(TcpListener::bind(flags.metrics), TcpListener::bind("127.0.0.1:0"));
    let Ok((metrics_listener, tunnel_listener)) = listeners else {
        output.plain(&format!(
            "Error opening metrics server listener: failed to bind to address {}",
            flags.metrics
        ));
        return 1;
    };
    let state = Arc::new(Mutex::new(State::default()));
    let (Ok(metrics), Ok(address)) = (metrics_listener.local_addr(), tunnel_listener.local_addr()) else {
        return 1;
    };
    for line in if flags.named { NAMED } else { QUICK }.lines() {
        let Ok(mut line) = serde_json::from_str::<Value>(line) else { continue };
        let message = line["message"].as_str().unwrap_or_default().to_owned();
        if message.starts_with("Registered tunnel connection") {
            break;
        } else if message.starts_with("Settings: ") {
            line["message"] = flags.settings().into();
        } else if message.starts_with("|  https://") {
            let url = format!("https://{}", lock(&state).hostname);
            line["message"] = format!("|  {url:<88}  |").into();
        } else if message.starts_with("Starting metrics server on ") {
            line["message"] = format!("Starting metrics server on {metrics}/metrics").into();
        }
        output.line(line);
        if message.starts_with("Requesting new quick Tunnel") {
            if let Some(code) = script.refuse(output) {
                return code;
            }
            tokio::time::sleep(script.late_url).await;
            let answer = control(json!({ "op": "name" })).await;
            let Some((_, answer)) = answer else {
                output.plain("failed to request quick Tunnel: Post \"https://api.trycloudflare.com/tunnel\": dial tcp: connect: connection refused");
                return 1;
            };
            answer["hostname"].as_str().unwrap_or_default().clone_into(&mut lock(&state).hostname);
        }
    }
    if flags.named {
        // For the edge only; `/quicktunnel` of a named tunnel is empty.
        lock(&state).named = true;
        lock(&state).hostname = std::env::var("SCRIPTED_CLOUDFLARED_HOSTNAME")
            .unwrap_or_else(|_| "named.trycloudflare.com".into());
    }
    tokio::spawn(metrics::serve(metrics_listener, Arc::clone(&state), script.zombie));
    tokio::spawn(origin::serve(tunnel_listener, flags.origin(), Arc::clone(output)));
    if script.flood {
        loop {
            output.say(
                "error",
                "Unable to establish connection with Cloudflare edge",
                json!({ "error": "refused" }),
            );
            tokio::task::yield_now().await;
        }
    }
    if script.unauthorized {
        let error = "Unauthorized: Invalid tunnel secret";
        output.say("error", "failed to serve incoming request", json!({ "error": error }));
        std::future::pending::<()>().await;
    }
    stay_registered(script, output, &state, address, stopped).await
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps one connection to the edge, under the same name.
async fn stay_registered(
    script: &Script,
    output: &Output,
    state: &Mutex<State>,
    address: SocketAddr,
    mut stopped: watch::Receiver<bool>,
) -> u8 {
    let hostname = match script.unanswered {
        true => "nobody-asks-here.trycloudflare.com".to_owned(),
        false => lock(state).hostname.clone(),
    };
    let fields = json!({ "connIndex": 0, "event": 0, "ip": "127.0.0.1" });
    let with = |name: &str, value: &Value| {
        let mut fields = fields.clone();
        fields[name] = value.clone();
        fields
    };
    loop {
        let request = json!({ "op": "register", "hostname": hostname, "address": address.to_string() });
        if let Some((mut connection, answer)) = control(request).await {
            lock(state).connections = 1;
            let mut registered = with("connection", &answer["connection"]);
            registered["location"] = answer["location"].clone();
            registered["protocol"] = "http2".into();
            output.say("info", "Registered tunnel connection", registered);
            let mut line = String::new();
            let flap = async {
                match script.flap {
                    true => tokio::time::sleep(Duration::from_secs(3)).await,
                    false => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = connection.read_line(&mut line) => {}
                () = flap => {}
                _ = stopped.wait_for(|stopped| *stopped) => {}
            }
            lock(state).connections = 0;
            if *stopped.borrow() {
                drop(connection);
                output.say("info", "Unregistered tunnel connection", fields.clone());
                std::future::pending::<()>().await;
            }
            output.say("info", "Lost connection with the edge", json!({ "connIndex": 0 }));
            output.say("warn", "Serve tunnel error", with("error", &"connection with edge closed".into()));
        }
        output.say("info", "Retrying connection in up to 1s", fields.clone());
        tokio::time::sleep(Duration::from_millis(700)).await;
        let closed = json!({ "connIndex": 0, "error": "connection with edge closed" });
        output.say("error", "Connection terminated", closed);
    }
}

/// Asks the edge; the connection stays open as long as it is held.
async fn control(request: Value) -> Option<(BufReader<TcpStream>, Value)> {
    let address = std::env::var("SCRIPTED_EDGE_CONTROL").ok()?;
    let mut connection = BufReader::new(TcpStream::connect(address).await.ok()?);
    connection.write_all(format!("{request}\n").as_bytes()).await.ok()?;
    let mut line = String::new();
    connection.read_line(&mut line).await.ok()?;
    Some((connection, serde_json::from_str(&line).ok()?))
}
