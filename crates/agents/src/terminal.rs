//! *terminal*: any command line in a terminal that phone and desktop share.

use crate::{Driver, Environment, Fold, FoldContext, Launch, Located, Start};
use offdesk_protocol::Capabilities;

/// The driver.
pub struct Terminal;

impl Driver for Terminal {
    fn kind(&self) -> &'static str {
        "terminal"
    }

    fn name(&self) -> &'static str {
        "Any program"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { terminal: true, interrupt: true, ..Capabilities::default() }
    }

    fn offered_when_missing(&self) -> bool {
        false
    }

    /// The program is the command line's own; the supervisor says when it is not there.
    fn locate(&self, environment: &Environment) -> Located {
        crate::HandsOn.locate(environment)
    }

    fn version_args(&self) -> Option<&'static [&'static str]> {
        None
    }

    fn launch(&self, start: &Start, _: &Environment) -> Launch {
        let (program, args) = match start.command.as_deref().and_then(<[String]>::split_first) {
            Some((program, args)) => (program.into(), args.to_vec()),
            None => (start.program.clone(), Vec::new()),
        };
        Launch {
            program,
            args,
            env: vec![("COLORTERM".into(), "truecolor".into())],
            terminal: true,
            ..Launch::default()
        }
    }

    fn fold(&self, _: FoldContext, _: Option<&str>) -> Option<Box<dyn Fold>> {
        None
    }
}
