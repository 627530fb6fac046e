//! *terminal*: any command line of the person's, in a terminal that phone and desktop share.

use crate::{Driver, Environment, Fold, FoldContext, Launch, Located, Start};
use offdesk_protocol::Capabilities;

/// The driver.
pub struct Terminal;

/// What a program in a terminal can do.
pub(crate) fn capabilities() -> Capabilities {
    Capabilities { terminal: true, interrupt: true, steer: true, ..Capabilities::default() }
}

/// Starts a program in a terminal.
pub(crate) fn launch(start: &Start, args: Vec<String>, env: Vec<(String, String)>) -> Launch {
    let terminal = [("TERM", "xterm-256color"), ("COLORTERM", "truecolor")];
    let terminal = terminal.map(|(name, value)| (name.to_string(), value.to_string()));
    Launch {
        program: start.program.clone(),
        args,
        env: terminal.into_iter().chain(env).collect(),
        terminal: true,
        ..Launch::default()
    }
}

impl Driver for Terminal {
    fn kind(&self) -> &str {
        "terminal"
    }

    fn name(&self) -> &str {
        "Command in a terminal"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { command: true, ..capabilities() }
    }

    /// Nothing is to be found: each run brings its program.
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
        launch(start, start.args.clone(), Vec::new())
    }

    fn fold(&self, _: FoldContext, _: Option<&str>) -> Option<Box<dyn Fold>> {
        None
    }
}
