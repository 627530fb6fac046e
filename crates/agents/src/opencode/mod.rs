//! *opencode*: the opencode CLI by `opencode serve`, HTTP and a stream of events.
//!
//! Its server is spoken with by a bridge, a child program of the same binary (`offdesk opencode-bridge`) under the
//! supervisor like any agent: [`say`] is what it is given, one request a line, and it gives events and answers, one a
//! line. Verified against 1.18.33; `fixtures/transcripts/opencode` holds what the real program said.

mod ask;
mod fold;
mod say;
mod settings;
mod tool;
mod trouble;
mod turn;

use crate::{Driver, Environment, Fold, FoldContext, Launch, Located, Oldest, Start, locate};
use fold::OpencodeFold;
use offdesk_protocol::Capabilities;
use std::path::PathBuf;

/// The driver.
pub struct Opencode;

impl Driver for Opencode {
    fn kind(&self) -> &'static str {
        "opencode"
    }

    fn name(&self) -> &'static str {
        "opencode"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            resume: true,
            interrupt: true,
            steer: true,
            // The protocol has no place for another input.
            edit_input: false,
            deny_with_reason: true,
            questions: true,
            // Its plan agent ends with no request that could be approved.
            plan: false,
            local_model: true,
            ..Capabilities::default()
        }
    }

    fn locate(&self, environment: &Environment) -> Located {
        locate::locate("opencode", "OFFDESK_OPENCODE", environment)
    }

    fn choices(&self, environment: &Environment) -> Vec<PathBuf> {
        locate::all("opencode", "OFFDESK_OPENCODE", environment)
    }

    fn oldest(&self) -> Option<Oldest> {
        Some(Oldest {
            version: "1.18",
            risk: "It may read settings of the repository, and act on them without asking.",
            update: "npm install -g opencode-ai",
        })
    }

    fn version_args(&self) -> Option<&'static [&'static str]> {
        Some(&["--version"])
    }

    fn launch(&self, start: &Start, environment: &Environment) -> Launch {
        let mut launch = Launch {
            program: environment.offdesk.clone(),
            args: vec!["opencode-bridge".into(), start.program.display().to_string()],
            env: settings::variables(environment),
            env_remove: settings::REMOVED.map(String::from).to_vec(),
            ..Launch::default()
        };
        if let Some(local) = start.local(environment) {
            local.opencode(&mut launch);
        }
        launch
    }

    fn fold(&self, context: FoldContext, saved: Option<&str>) -> Option<Box<dyn Fold>> {
        Some(Box::new(OpencodeFold::new(context, saved)))
    }
}
