//! What the attempt's supervisor is told, and what comes from it.

use offdesk_protocol::PromptId;
use offdesk_supervisor::{FromSupervisor, Receiver, Sender, ToSupervisor};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

/// Before the supervisor is looked for again.
const PAUSE: Duration = Duration::from_millis(200);

/// The way to the supervisor.
pub(super) struct Supervisor {
    dir: PathBuf,
    /// What is to be said to the server.
    say: mpsc::Sender<Vec<u8>>,
    /// For what is only told.
    telling: Option<(Sender, Receiver)>,
    listens: bool,
}

impl Supervisor {
    pub(super) fn new(dir: PathBuf, say: mpsc::Sender<Vec<u8>>) -> Self {
        Self { dir, say, telling: None, listens: false }
    }

    /// Tells it, and goes on when it is kept, so that all is kept in order.
    pub(super) async fn tell(&mut self, message: Value) {
        let id = PromptId::new().to_string();
        let body = message.to_string().into_bytes();
        for _ in 0..2 {
            if self.telling.is_none() {
                self.telling = offdesk_supervisor::connect(&self.dir).await.ok().map(|(c, _)| c.split());
            }
            let Some((sender, receiver)) = &mut self.telling else { return };
            let aside = ToSupervisor::Aside { id: id.clone(), waits: false };
            if sender.send(aside, body.clone()).await.is_ok() && kept(receiver, &id).await {
                return;
            }
            self.telling = None;
        }
    }

    /// Asks through it; whoever waits is a connection of its own.
    pub(super) async fn ask(&self, message: Value) -> Option<AbortHandle> {
        let (connection, _) = offdesk_supervisor::connect(&self.dir).await.ok()?;
        let (mut sender, mut receiver) = connection.split();
        let id = wait(&mut sender, &mut receiver, &message).await?;
        let say = self.say.clone();
        let waiting = tokio::spawn(async move {
            // Held, so that the supervisor knows that somebody waits.
            let _sender = sender;
            if let Some(body) = answer(&mut receiver, &id).await {
                let _ = say.send(body).await;
            }
        });
        Some(waiting.abort_handle())
    }

    /// From now on waits for what is to be said next, one thing after the other.
    pub(super) fn listen(&mut self) {
        if std::mem::replace(&mut self.listens, true) {
            return;
        }
        let (dir, say) = (self.dir.clone(), self.say.clone());
        let listening = json!({"method": "offdesk/listens", "params": {}});
        tokio::spawn(async move {
            while !say.is_closed() {
                if let Ok((connection, _)) = offdesk_supervisor::connect(&dir).await {
                    let (mut sender, mut receiver) = connection.split();
                    while let Some(id) = wait(&mut sender, &mut receiver, &listening).await {
                        let Some(body) = answer(&mut receiver, &id).await else { break };
                        if say.send(body).await.is_err() {
                            return;
                        }
                    }
                }
                tokio::time::sleep(PAUSE).await;
            }
        });
    }
}

/// Says this as somebody who waits for an answer, and gives the aside's id once it is kept.
async fn wait(sender: &mut Sender, receiver: &mut Receiver, message: &Value) -> Option<String> {
    let id = PromptId::new().to_string();
    let aside = ToSupervisor::Aside { id: id.clone(), waits: true };
    sender.send(aside, message.to_string().into_bytes()).await.ok()?;
    kept(receiver, &id).await.then_some(id)
}

/// The answer to that aside. Nothing: the connection is over.
async fn answer(receiver: &mut Receiver, id: &str) -> Option<Vec<u8>> {
    loop {
        match receiver.recv().await.ok()?? {
            FromSupervisor::Answer { aside, body } if aside == id => return Some(body),
            _ => {}
        }
    }
}

/// Whether the supervisor has kept what was said under this id.
async fn kept(receiver: &mut Receiver, said: &str) -> bool {
    while let Ok(Some(message)) = receiver.recv().await {
        match message {
            FromSupervisor::Written { id, .. } if id == said => return true,
            FromSupervisor::Refused { id, .. } if id == said => return false,
            _ => {}
        }
    }
    false
}
