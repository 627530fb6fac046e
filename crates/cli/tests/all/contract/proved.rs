//! What was proved with which version: kept in `fixtures/proved`, and each refusal in `fixtures/refusals`.

use super::agents::Agent;
use crate::story::{Desk, eventually};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Each capability and the cell that proves it.
const CAPABILITIES: [(&str, &str); 10] = [
    ("resume", "resume"),
    ("interrupt", "interrupt"),
    ("steer", "steer"),
    ("editInput", "editInput"),
    ("denyWithReason", "denyWords"),
    ("questions", "question"),
    ("plan", "plan"),
    ("images", "images"),
    ("terminal", "inTerminal"),
    ("command", "start"),
];

/// Capabilities with stories of their own, each in a file and with a name that says for whom it is told.
const ELSEWHERE: [(&str, &str, &str); 3] = [
    ("localModel", include_str!("../ollama.rs"), "KIND_works_on_a_model_of_this_machine"),
    ("models", include_str!("../controls.rs"), "KIND_takes_another_model"),
    ("modes", include_str!("../controls.rs"), "KIND_takes_another_"),
];

/// All cells; each must be proved or refused.
const CELLS: [&str; 21] = [
    "start",
    "stream",
    "approve",
    "edit",
    "denyWords",
    "denyStop",
    "editInput",
    "rule",
    "question",
    "plan",
    "images",
    "subAgents",
    "elicitation",
    "two",
    "steer",
    "interrupt",
    "flood",
    "stop",
    "crash",
    "resume",
    "inTerminal",
];

pub struct Record {
    agent: Agent,
    version: String,
    can: Map<String, Value>,
    cells: BTreeMap<&'static str, &'static str>,
    since: Instant,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn updates() -> bool {
    std::env::var_os("OFFDESK_UPDATE_PROVED").is_some_and(|value| value == "1")
}

/// Compares with what is kept, or keeps it.
fn same(path: &Path, now: &Value) {
    if updates() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("{}\n", serde_json::to_string_pretty(now).unwrap())).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_else(|_| {
        panic!("{} is missing; OFFDESK_UPDATE_PROVED=1 writes it: {now}", path.display())
    });
    let kept: Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(&kept, now, "{}: look at it, then OFFDESK_UPDATE_PROVED=1 writes it", path.display());
}

impl Record {
    pub async fn new(agent: Agent, desk: &Desk) -> Self {
        let info = async || {
            let all = desk.client().agents().await.unwrap();
            all.into_iter().find(|info| info.kind == agent.kind()).unwrap()
        };
        // Some unpack themselves first, and say their version when that is done.
        if agent.is_installed() {
            eventually("it says its version", async || info().await.version.is_some()).await;
        }
        let info = info().await;
        let Ok(Value::Object(can)) = serde_json::to_value(&info.capabilities) else { panic!("an object") };
        let version = match agent {
            Agent::Rev => crate::rev::version(),
            _ => info.version.unwrap_or_default(),
        };
        Self { agent, version, can, cells: BTreeMap::new(), since: Instant::now() }
    }

    /// What the driver says it can.
    pub fn can(&self, capability: &str) -> bool {
        self.can[capability].as_bool().unwrap()
    }

    /// The real program did it.
    pub fn proved(&mut self, cell: &'static str) {
        assert!(CELLS.contains(&cell), "{cell} is a cell");
        self.tell(cell);
        assert_eq!(self.cells.insert(cell, "proved"), None, "{cell} is proved once");
    }

    /// The real program, or Offdesk for it, answered this instead.
    pub fn refused(&mut self, cell: &'static str, answer: &str) {
        let said = CAPABILITIES.iter().find(|(_, proves)| *proves == cell);
        assert!(said.is_none_or(|(flag, _)| !self.can(flag)), "{cell} is claimed, and refused: {answer}");
        assert!(!answer.trim().is_empty(), "a refusal has words");
        self.tell(cell);
        let path = fixtures().join("refusals").join(self.agent.kind()).join(format!("{cell}.json"));
        same(&path, &json!({ "cell": cell, "answer": answer }));
        assert_eq!(self.cells.insert(cell, "refused"), None, "{cell} is refused once");
    }

    /// It is not used at all, and says why.
    pub fn refused_all(&mut self, answer: &str) {
        for cell in CELLS {
            self.refused(cell, answer);
        }
    }

    /// How long a cell took, with `--nocapture`.
    fn tell(&mut self, cell: &str) {
        eprintln!("{:?}: {cell} after {:.1} s", self.agent, self.since.elapsed().as_secs_f64());
        self.since = Instant::now();
    }

    /// No cell was skipped, and no capability is claimed that no cell proves.
    pub fn keep(self) {
        for cell in CELLS {
            assert!(self.cells.contains_key(cell), "{cell} was skipped with {:?}", self.agent);
        }
        let claimed = self.can.iter().filter(|(_, can)| can.as_bool() == Some(true)).map(|(flag, _)| flag);
        for flag in claimed {
            // All its cells are on a model of this machine.
            if (self.agent, flag.as_str()) == (Agent::Ollama, "localModel") {
                continue;
            }
            if let Some((_, stories, name)) = ELSEWHERE.iter().find(|(name, ..)| name == flag) {
                let story =
                    format!("async fn {}", name.replace("KIND", &self.agent.kind().replace('-', "_")));
                assert!(stories.contains(&story), "{flag} is claimed, and there is no {story}…");
                continue;
            }
            let cell = CAPABILITIES.iter().find(|(name, _)| name == flag).map(|(_, cell)| *cell);
            let cell = cell.unwrap_or_else(|| panic!("no cell proves the capability {flag}"));
            assert_eq!(self.cells[cell], "proved", "{flag} is claimed by {:?}", self.agent);
        }
        let path = fixtures().join("proved").join(format!("{}.json", self.agent.kind()));
        same(&path, &json!({ "agent": self.agent.kind(), "version": self.version, "cells": self.cells }));
    }
}
