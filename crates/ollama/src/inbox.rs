//! What comes from the driver, while something else goes on.

use offdesk_agents::built_in::ToAgent;
use offdesk_protocol::Answer;
use serde_json::Value;
use std::collections::VecDeque;
use std::io::BufRead;
use std::pin::pin;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Nobody listens any more.
pub(crate) struct Gone;

impl From<std::io::Error> for Gone {
    fn from(_: std::io::Error) -> Self {
        Gone
    }
}

/// A decision on a request.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    pub(crate) allow: bool,
    pub(crate) instead: Option<Value>,
    pub(crate) say: Option<String>,
    pub(crate) stop: bool,
    pub(crate) answers: Vec<Answer>,
}

/// What came and is not dealt with yet.
pub(crate) struct Inbox {
    receive: UnboundedReceiver<ToAgent>,
    /// Prompts that came during a turn: each becomes a turn of its own.
    prompts: VecDeque<String>,
}

impl Inbox {
    /// Reads standard input until it ends.
    pub(crate) fn of_standard_input() -> Self {
        let (send, receive) = unbounded_channel();
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines() {
                let Ok(line) = line else { break };
                if let Ok(message) = serde_json::from_str::<ToAgent>(&line)
                    && send.send(message).is_err()
                {
                    break;
                }
            }
        });
        Self { receive, prompts: VecDeque::new() }
    }

    async fn next(&mut self) -> Result<ToAgent, Gone> {
        self.receive.recv().await.ok_or(Gone)
    }

    /// The next prompt. What else comes between turns means nothing any more.
    pub(crate) async fn prompt(&mut self) -> Result<String, Gone> {
        loop {
            if let Some(text) = self.prompts.pop_front() {
                return Ok(text);
            }
            if let ToAgent::Prompt { text } = self.next().await? {
                self.prompts.push_back(text);
            }
        }
    }

    /// The decision on this request. Nothing: an interrupt came first.
    pub(crate) async fn decision(&mut self, wanted: u64) -> Result<Option<Decided>, Gone> {
        loop {
            match self.next().await? {
                ToAgent::Prompt { text } => self.prompts.push_back(text),
                ToAgent::Interrupt => return Ok(None),
                ToAgent::Decide { request, allow, instead, say, stop, answers } if request == wanted => {
                    return Ok(Some(Decided { allow, instead, say, stop, answers }));
                }
                ToAgent::Decide { .. } => {}
            }
        }
    }

    /// What the work gives. Nothing: an interrupt came first, and the work is dropped.
    pub(crate) async fn unless_interrupted<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> Result<Option<T>, Gone> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                came = self.next() => match came? {
                    ToAgent::Interrupt => return Ok(None),
                    ToAgent::Prompt { text } => self.prompts.push_back(text),
                    ToAgent::Decide { .. } => {}
                },
                done = &mut work => return Ok(Some(done)),
            }
        }
    }
}
