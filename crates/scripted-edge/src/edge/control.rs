//! The side for tunnels: one JSON object per line. `{"op":"name"}` gets a name; `{"op":"register","hostname":…,
//! "address":…}` registers for as long as its connection lasts.

use super::{Edge, Registered, lock};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

static NEXT: AtomicU64 = AtomicU64::new(1);
const WORDS: [&str; 16] = [
    "amber", "brave", "cedar", "delta", "early", "fable", "grand", "hazel", "ivory", "jolly", "kind",
    "lunar", "maple", "noble", "olive", "plain",
];

pub(super) async fn serve(edge: Arc<Edge>, listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        let edge = Arc::clone(&edge);
        tokio::spawn(async move {
            if let Err(error) = tunnel(&edge, stream).await {
                eprintln!("scripted-edge: a tunnel: {error:#}");
            }
        });
    }
}

async fn tunnel(edge: &Edge, stream: TcpStream) -> Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut orders = edge.orders.subscribe();
    let forgotten = orders.borrow_and_update().forget;
    let mut registered = None;
    let outcome = async {
        loop {
            tokio::select! {
                line = lines.next_line() => {
                    let Some(line) = line? else { return Ok(()) };
                    let request: Value = serde_json::from_str(&line)?;
                    let answer = if request["op"] == "name" {
                        json!({ "hostname": name(edge) })
                    } else {
                        registered = Some(register(edge, &request)?);
                        json!({ "location": "loc01", "connection": uuid::Uuid::new_v4() })
                    };
                    writer.write_all(format!("{answer}\n").as_bytes()).await?;
                }
                changed = orders.changed() => {
                    changed?;
                    if orders.borrow_and_update().forget != forgotten {
                        return Ok(());
                    }
                }
            }
        }
    }
    .await;
    if let Some((host, id)) = registered {
        let mut tunnels = lock(&edge.tunnels);
        // It may have registered again over another connection.
        if tunnels.get(&host).is_some_and(|tunnel| tunnel.id == id) {
            tunnels.remove(&host);
        }
    }
    outcome
}

fn register(edge: &Edge, request: &Value) -> Result<(String, u64)> {
    let host = request["hostname"].as_str().context("no hostname")?.to_owned();
    let address = request["address"].as_str().context("no address")?.parse()?;
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    lock(&edge.tunnels).insert(host.clone(), Registered { id, address });
    Ok((host, id))
}

/// The ordered name, once; otherwise three words that nobody had before.
fn name(edge: &Edge) -> String {
    if let Some(name) = lock(&edge.next_name).take() {
        return name;
    }
    let random = uuid::Uuid::new_v4().into_bytes();
    let word = |index: usize| WORDS[usize::from(random[index]) % WORDS.len()];
    let count = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{}-{}-{}{count}.trycloudflare.com", word(0), word(1), word(2))
}
