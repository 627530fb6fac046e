//! The third party: between Codex's server and the attempt's supervisor.

use super::Socket;
use super::settings::initialize;
use super::supervisor::Supervisor;
use super::threads::{Next, Threads};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio_tungstenite::tungstenite::Message;

/// Between two looks for threads that Codex's terminal began.
const LOOK: Duration = Duration::from_millis(300);
/// What is told of a thread; pieces of messages are in the terminal.
const TOLD: [&str; 9] = [
    "turn/started",
    "turn/completed",
    "turn/plan/updated",
    "item/started",
    "item/completed",
    "thread/tokenUsage/updated",
    "account/rateLimits/updated",
    "mcpServer/startupStatus/updated",
    "error",
];

/// Why it is followed no longer.
pub(super) enum Ended {
    /// The server is gone.
    Left,
    /// Codex was to ask for everything, and cannot be brought to.
    CannotAsk(String),
}

/// Follows the server until its connection ends.
pub(super) async fn follow(socket: Socket, dir: &Path, asks: bool) -> Ended {
    let (mut say, mut hear) = socket.split();
    let (answer, mut answers) = mpsc::channel::<Vec<u8>>(16);
    let mut ticks = tokio::time::interval(LOOK);
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut bridge = Bridge {
        supervisor: Supervisor::new(dir.into(), answer),
        threads: Threads::new(asks, since),
        waiting: HashMap::new(),
    };
    let mut next = vec![initialize(), json!({"method": "initialized"})];
    loop {
        for message in next.drain(..) {
            if say.send(Message::Text(message.to_string().into())).await.is_err() {
                return Ended::Left;
            }
        }
        tokio::select! {
            message = hear.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    if let Ok(message) = serde_json::from_str::<Value>(&text) {
                        match bridge.hear(message).await {
                            Ok(say) => next = say,
                            Err(why) => return Ended::CannotAsk(why),
                        }
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Ended::Left,
            },
            Some(lines) = answers.recv() => {
                let lines = String::from_utf8_lossy(&lines).into_owned();
                next = lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            }
            _ = ticks.tick() => {
                next = vec![json!({"id": "loaded", "method": "thread/loaded/list", "params": {}})];
            }
        }
    }
}

struct Bridge {
    supervisor: Supervisor,
    threads: Threads,
    /// Requests that wait for an answer, by the server's id.
    waiting: HashMap<String, AbortHandle>,
}

impl Bridge {
    /// Takes a message of the server's and gives what to say next; or why Codex cannot be brought to ask.
    async fn hear(&mut self, message: Value) -> Result<Vec<Value>, String> {
        let method = message.get("method").and_then(Value::as_str).unwrap_or_default().to_string();
        let thread = |pointer: &str| message.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        match (message.get("id"), method.as_str()) {
            (Some(_), "") => return self.heard_answer(message).await,
            (Some(id), _) => {
                let id = id.to_string();
                if !self.waiting.contains_key(&id)
                    && let Some(waiting) = self.supervisor.ask(message).await
                {
                    self.waiting.insert(id, waiting);
                }
            }
            (None, "serverRequest/resolved") => {
                let id = message.pointer("/params/requestId").map(Value::to_string).unwrap_or_default();
                // Answered from here, it goes on; answered in the terminal, nobody waits here any more.
                match self.waiting.remove(&id) {
                    Some(waiting) if waiting.is_finished() => self.supervisor.tell(message).await,
                    Some(waiting) => waiting.abort(),
                    None => {}
                }
            }
            (None, "thread/started") => return Ok(self.threads.met(thread("/params/thread/id"))),
            // It comes to those as well who have not joined.
            (None, "thread/status/changed") => return Ok(self.threads.met(thread("/params/threadId"))),
            (None, method) if TOLD.contains(&method) && self.threads.is_news(method, &message) => {
                self.supervisor.tell(message).await;
            }
            _ => {}
        }
        Ok(Vec::new())
    }

    async fn heard_answer(&mut self, message: Value) -> Result<Vec<Value>, String> {
        let id = message.get("id").and_then(Value::as_str).unwrap_or_default();
        if id == "loaded" {
            let loaded = message.pointer("/result/data").and_then(Value::as_array);
            let loaded = loaded.into_iter().flatten().filter_map(Value::as_str);
            return Ok(loaded.flat_map(|thread| self.threads.met(thread)).collect());
        }
        if let Some(Next { say, tell, listen, cannot_ask }) = self.threads.heard(&message) {
            if let Some(why) = cannot_ask {
                let told = json!({"method": "offdesk/refused", "params": {"why": why}});
                self.supervisor.tell(told).await;
                return Err(why);
            }
            for told in tell {
                self.supervisor.tell(told).await;
            }
            if listen {
                self.supervisor.listen();
            }
            return Ok(say);
        }
        if matches!(id.split(':').next(), Some("prompt" | "words" | "interrupt")) {
            self.supervisor.tell(message).await;
        }
        Ok(Vec::new())
    }
}
