//! Asking for our own address from outside in: only an answer that this process alone could give counts.

use crate::access::random;
use crate::reach::Reach;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use offdesk_tunnel::ProbeFailure;
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The header that carries what is asked.
pub(crate) const HEADER: &str = "offdesk-probe";
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(4);
/// Longest answer that is read, in bytes.
const LONGEST: usize = 4096;

/// Questions that are on their way, and the answer to each.
#[derive(Default)]
pub(crate) struct Questions(Mutex<HashMap<String, String>>);

impl Questions {
    fn ask(&self) -> Option<(String, String)> {
        let text = || random::<24>().ok().map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        let (question, answer) = (text()?, text()?);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(question.clone(), answer.clone());
        Some((question, answer))
    }

    fn forget(&self, question: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(question);
    }

    /// The answer to a question of ours; a stranger's has none.
    pub(crate) fn answer(&self, question: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(question).cloned()
    }
}

/// Asks through the public path.
pub(crate) struct Outside {
    questions: Arc<Questions>,
    reach: Arc<Reach>,
    http: reqwest::Client,
}

impl Outside {
    pub(crate) fn new(questions: Arc<Questions>, reach: Arc<Reach>) -> reqwest::Result<Self> {
        // One provider of primitives for the whole tree.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            // A connection that is kept would prove an old path.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { questions, reach, http })
    }

    async fn ask(&self, url: &str, question: &str, answer: &str) -> Result<(), ProbeFailure> {
        let asked = self.http.get(format!("{url}/healthz")).header(HEADER, question).send().await;
        let response = asked.map_err(|error| failure(&error))?;
        let status = response.status().as_u16();
        let body = response.bytes().await.map_err(|error| failure(&error))?;
        let text = String::from_utf8_lossy(&body[..body.len().min(LONGEST)]).into_owned();
        match status {
            200 if text.trim() == answer => Ok(()),
            530 => Err(ProbeFailure::NoTunnel(format!("status {status}"))),
            _ if text.contains("error code: 1033") => Err(ProbeFailure::NoTunnel(format!("status {status}"))),
            502..=504 => Err(ProbeFailure::NoGateway(format!("status {status}"))),
            _ => Err(ProbeFailure::Wrong(format!("status {status}, without our answer"))),
        }
    }
}

impl offdesk_tunnel::Probe for Outside {
    async fn probe(&self, url: &str) -> Result<(), ProbeFailure> {
        self.reach.expect(url);
        let Some((question, answer)) = self.questions.ask() else {
            return Err(ProbeFailure::Wrong("the system gives no random numbers".into()));
        };
        let result = self.ask(url, &question, &answer).await;
        self.questions.forget(&question);
        result
    }
}

fn failure(error: &reqwest::Error) -> ProbeFailure {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = cause.to_string();
        source = cause.source();
    }
    let lower = format!("{error:?}").to_lowercase();
    if lower.contains("dns error") || lower.contains("failed to lookup") {
        ProbeFailure::Unresolved(text)
    } else if error.is_timeout() {
        ProbeFailure::EdgeUnreachable("no answer within four seconds".into())
    } else {
        ProbeFailure::EdgeUnreachable(text)
    }
}
