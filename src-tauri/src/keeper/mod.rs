//! Finds the gateway, or starts the one that came with this app and keeps it alive.

mod machine;
mod program;

pub(crate) use machine::{GatewayState, Standing};
pub(crate) use program::log;

use jiff::Timestamp;
use machine::{Heard, Machine, Next};
use offdesk_client::Client;
use program::Started;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// How long a gateway may take to say who it is.
const PATIENCE: Duration = Duration::from_secs(3);

/// Watches over the gateway, until the app ends.
#[derive(Clone)]
pub(crate) struct Keeper {
    state: watch::Receiver<GatewayState>,
    try_now: Arc<Notify>,
    resting: Arc<watch::Sender<bool>>,
}

impl Keeper {
    /// Begins. The gateway's life does not depend on this task's.
    pub(crate) fn start(client: Client, data: PathBuf, version: &'static str) -> Self {
        let machine = Machine::new(version);
        let (tell, state) = watch::channel(machine.state(Timestamp::now()));
        let try_now = Arc::new(Notify::new());
        let resting = Arc::new(watch::Sender::new(false));
        let work = Work { machine, client, data, child: None, tell };
        tauri::async_runtime::spawn(work.run(try_now.clone(), resting.subscribe()));
        Self { state, try_now, resting }
    }

    pub(crate) fn state(&self) -> GatewayState {
        self.state.borrow().clone()
    }

    pub(crate) fn changes(&self) -> watch::Receiver<GatewayState> {
        self.state.clone()
    }

    /// Tries at once what would be tried later.
    pub(crate) fn try_now(&self) {
        self.try_now.notify_one();
    }

    /// Starts none while this is on: somebody is ending it on purpose.
    pub(crate) fn rest(&self, on: bool) {
        self.resting.send_replace(on);
        if !on {
            self.try_now();
        }
    }
}

struct Work {
    machine: Machine,
    client: Client,
    data: PathBuf,
    child: Option<Started>,
    tell: watch::Sender<GatewayState>,
}

impl Work {
    async fn run(mut self, try_now: Arc<Notify>, mut resting: watch::Receiver<bool>) {
        let mut next = Next::Ask(Duration::ZERO);
        loop {
            let heard = match next {
                Next::Start if *resting.borrow() => {
                    let _ = resting.wait_for(|resting| !resting).await;
                    Heard::Silent
                }
                Next::Start => match program::start(&self.data) {
                    Ok(started) => {
                        let pid = started.child.id().unwrap_or_default();
                        self.child = Some(started);
                        Heard::Started(pid)
                    }
                    Err(problem) => Heard::NotStarted(problem),
                },
                Next::Ask(after) | Next::Wait(Some(after)) => {
                    tokio::select! {
                        heard = ended(&mut self.child) => heard,
                        () = try_now.notified() => Heard::TryNow,
                        () = tokio::time::sleep(after) => self.ask().await,
                    }
                }
                Next::Wait(None) => {
                    try_now.notified().await;
                    Heard::TryNow
                }
            };
            if matches!(heard, Heard::Ended { .. }) {
                self.child = None;
            }
            let now = Timestamp::now();
            next = self.machine.hear(heard, now);
            let state = self.machine.state(now);
            self.tell.send_if_modified(|before| {
                let changed = *before != state;
                *before = state;
                changed
            });
        }
    }

    async fn ask(&self) -> Heard {
        match tokio::time::timeout(PATIENCE, self.client.about()).await {
            Ok(Ok(about)) => Heard::Answers(about),
            _ => Heard::Silent,
        }
    }
}

/// Waits for the end of the one we started.
async fn ended(child: &mut Option<Started>) -> Heard {
    match child {
        Some(started) => {
            let code = started.child.wait().await.ok().and_then(|status| status.code());
            Heard::Ended { code, said: started.said() }
        }
        None => std::future::pending().await,
    }
}
