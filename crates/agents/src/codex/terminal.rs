//! *codex-terminal*: Codex in its own terminal, on a server that others share. A program of ours beside it (`offdesk
//! codex-terminal`) tells what the server says, and gives it answers, prompts and interrupts.
//!
//! Verified against 0.169.0.

use super::fold::CodexFold;
use super::{Codex, NESTED, SETTINGS, say, toml_string, untrusted};
use crate::json::text;
use crate::{
    Derived, Driver, Encoded, Environment, Fold, FoldContext, Launch, Located, Prompt, Reads, Start,
};
use offdesk_protocol::{ApprovalId, ApprovalRequest, Capabilities, Event, PromptId, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The driver.
pub struct CodexTerminal;

/// Tells our program beside it that Codex is to ask for everything.
pub const ASKS: &str = "--asks";

impl Driver for CodexTerminal {
    fn kind(&self) -> &str {
        "codex-terminal"
    }

    fn name(&self) -> &str {
        "Codex in its terminal"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            terminal: true,
            // Its models are its terminal's.
            models: false,
            local_model: false,
            ..Codex.capabilities()
        }
    }

    fn offered_when_missing(&self) -> bool {
        false
    }

    fn locate(&self, environment: &Environment) -> Located {
        Codex.locate(environment)
    }

    fn version_args(&self) -> Option<&'static [&'static str]> {
        Codex.version_args()
    }

    fn launch(&self, start: &Start, environment: &Environment) -> Launch {
        // What it was begun with was said then.
        let typed = match &start.agent_session {
            Some(session) => vec!["resume".to_string(), session.clone()],
            None => start.args.clone(),
        };
        let codex = start.program.display().to_string();
        let (program, args) = if cfg!(unix) {
            let first = ["codex-terminal".to_string(), codex];
            let server = if start.typed { Vec::new() } else { asking(&start.dir) };
            let first = first.into_iter().chain(server).chain(["--".to_string()]);
            (environment.offdesk.clone(), first.chain(typed).collect())
        } else {
            (start.program.clone(), typed)
        };
        Launch {
            program,
            args,
            env: vec![("COLORTERM".into(), "truecolor".into())],
            env_remove: NESTED.map(String::from).to_vec(),
            terminal: true,
            ..Launch::default()
        }
    }

    fn reads(&self) -> Reads {
        Reads::Asides
    }

    fn fold(&self, context: FoldContext, saved: Option<&str>) -> Option<Box<dyn Fold>> {
        Some(Box::new(SharedFold::new(context, saved)))
    }
}

/// For whoever is away from the machine it asks for everything. Who types its command line has it as they set it up.
fn asking(dir: &Path) -> Vec<String> {
    let untrusted = untrusted(dir);
    let settings = SETTINGS.iter().copied().chain([untrusted.as_str()]);
    let settings = settings.flat_map(|setting| ["-c".to_string(), setting.to_string()]);
    [ASKS.to_string()].into_iter().chain(settings).collect()
}

/// What its server is started with, so that each server of the person's asks before any of its tools. `config` are the
/// settings in force, as its server says them.
pub fn asking_settings(config: &Value) -> Vec<String> {
    let asking = say::asking_servers(config);
    let servers =
        asking.iter().flat_map(|(name, servers)| ["-c".into(), format!("{name}={}", toml(servers))]);
    servers.collect()
}

fn toml(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| format!("{}={}", toml_string(key), toml(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Value::String(text) => toml_string(text),
        other => other.to_string(),
    }
}

#[derive(Serialize, Deserialize, Default)]
struct Saved {
    asides: BTreeMap<ApprovalId, Aside>,
    /// Whoever has this waits for what is to be said to Codex next.
    #[serde(default)]
    listens: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Aside {
    id: String,
    /// It waits for an answer.
    waits: bool,
}

/// What Codex's server says, within asides.
struct SharedFold {
    thread: CodexFold,
    saved: Saved,
}

impl SharedFold {
    fn new(context: FoldContext, saved: Option<&str>) -> Self {
        let (saved, thread) = saved.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let thread: Option<String> = thread;
        Self { thread: CodexFold::shared(context, thread.as_deref()), saved }
    }

    fn said(&mut self, offset: u64, aside: &str, waits: bool, body: &Value) -> Vec<Derived> {
        let params = body.get("params").unwrap_or(&Value::Null);
        match text(body, "method") {
            "offdesk/thread" => return self.thread.follow(offset, params),
            "offdesk/refused" => return self.thread.cannot_ask(offset, params),
            "offdesk/listens" => {
                self.saved.listens = Some(aside.into());
                return Vec::new();
            }
            _ => {}
        }
        let derived = self.thread.line(offset, body.to_string().as_bytes());
        for item in &derived {
            if let Derived::Fact(event) = item
                && let Event::ApprovalRequested { approval } | Event::QuestionAsked { approval } = &**event
            {
                self.saved.asides.insert(approval.id, Aside { id: aside.into(), waits });
            }
        }
        derived
    }

    fn of(&self, aside: &str) -> Option<ApprovalId> {
        self.saved.asides.iter().find(|(_, known)| known.id == aside).map(|(id, _)| *id)
    }
}

impl Fold for SharedFold {
    fn line(&mut self, offset: u64, line: &[u8]) -> Vec<Derived> {
        let Ok(message) = serde_json::from_slice::<Value>(line) else { return Vec::new() };
        let aside = text(&message, "aside");
        match (text(&message, "kind"), message.get("body")) {
            ("said", Some(body)) => {
                let waits = message.get("waits").and_then(Value::as_bool).unwrap_or(false);
                self.said(offset, aside, waits, body)
            }
            ("answered" | "left", _) if self.saved.listens.as_deref() == Some(aside) => {
                self.saved.listens = None;
                Vec::new()
            }
            ("answered", _) => {
                if let Some(known) = self.of(aside).and_then(|id| self.saved.asides.get_mut(&id)) {
                    known.waits = false;
                }
                Vec::new()
            }
            ("left", _) => match self.of(aside) {
                Some(approval) => {
                    self.saved.asides.remove(&approval);
                    self.thread.answered_elsewhere(offset, approval)
                }
                None => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn save(&self) -> String {
        serde_json::to_string(&(&self.saved, Some(self.thread.save()))).unwrap_or_default()
    }

    /// On the thread, never into the terminal: its dialogs take keys.
    fn prompt(&self, id: PromptId, prompt: &Prompt) -> Option<Encoded> {
        self.saved.listens.as_ref().and_then(|_| self.thread.shared_prompt(id, prompt))
    }

    fn beside(&self) -> Option<String> {
        self.saved.listens.clone()
    }

    fn decide(&self, approval: ApprovalId, verdict: &Verdict) -> Option<Vec<u8>> {
        self.saved.asides.get(&approval).filter(|aside| aside.waits)?;
        self.thread.decide(approval, verdict)
    }

    fn aside(&self, approval: ApprovalId) -> Option<String> {
        self.saved.asides.get(&approval).map(|aside| aside.id.clone())
    }

    fn request(&self, approval: ApprovalId) -> Option<ApprovalRequest> {
        self.thread.request(approval)
    }

    /// On the thread; while nobody listens there, Escape, as the person at the keyboard would.
    fn interrupt(&self, nonce: &str) -> Option<Encoded> {
        match self.saved.listens {
            Some(_) => self.thread.interrupt(nonce),
            None => Some(Encoded { id: format!("interrupt:{nonce}"), bytes: vec![0x1b] }),
        }
    }
}
