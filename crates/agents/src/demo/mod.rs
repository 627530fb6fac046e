//! *demo*: a built-in scripted agent, for a first try without any account and as a fair witness in tests.
//!
//! It is a child program of the same binary (`offdesk demo-agent`) under a supervisor like any other agent. It
//! speaks our own agents' dialect ([`crate::built_in`]).

mod program;
mod step;

use crate::built_in::BuiltInFold;
use crate::{Driver, Environment, Fold, FoldContext, Launch, Located, Start};
use offdesk_protocol::Capabilities;
pub use program::run_demo_agent;

/// The driver.
pub struct Demo;

impl Driver for Demo {
    fn kind(&self) -> &'static str {
        "demo"
    }

    fn name(&self) -> &'static str {
        "Demo agent"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            resume: true,
            interrupt: true,
            steer: false,
            edit_input: true,
            deny_with_reason: true,
            questions: true,
            plan: false,
            ..Capabilities::default()
        }
    }

    fn locate(&self, environment: &Environment) -> Located {
        Located::Found(environment.offdesk.clone())
    }

    fn is_choosable(&self) -> bool {
        false
    }

    fn version_args(&self) -> Option<&'static [&'static str]> {
        None
    }

    fn launch(&self, start: &Start, _: &Environment) -> Launch {
        Launch { program: start.program.clone(), args: vec!["demo-agent".into()], ..Launch::default() }
    }

    fn fold(&self, context: FoldContext, saved: Option<&str>) -> Option<Box<dyn Fold>> {
        Some(Box::new(BuiltInFold::new(context, saved)))
    }
}
