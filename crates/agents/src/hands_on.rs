//! *hands-on*: the person's own shell in a terminal that phone and desktop share.

use crate::{Driver, Environment, Fold, FoldContext, Launch, Located, Start, terminal};
use offdesk_protocol::Capabilities;
use std::path::PathBuf;

/// The driver.
pub struct HandsOn;

impl Driver for HandsOn {
    fn kind(&self) -> &'static str {
        "hands-on"
    }

    fn name(&self) -> &'static str {
        "Hands-on terminal"
    }

    fn capabilities(&self) -> Capabilities {
        terminal::capabilities()
    }

    fn locate(&self, environment: &Environment) -> Located {
        let shell = if cfg!(windows) {
            environment.var("COMSPEC").unwrap_or("cmd.exe")
        } else {
            environment.var("SHELL").unwrap_or("/bin/sh")
        };
        match which::which(shell) {
            Ok(path) => Located::Found(path),
            Err(_) if PathBuf::from("/bin/sh").exists() => Located::Found("/bin/sh".into()),
            Err(_) => Located::Missing { program: shell.into(), looked: vec![shell.into()] },
        }
    }

    fn version_args(&self) -> Option<&'static [&'static str]> {
        None
    }

    fn launch(&self, start: &Start, _: &Environment) -> Launch {
        terminal::launch(start, Vec::new(), Vec::new())
    }

    fn fold(&self, _: FoldContext, _: Option<&str>) -> Option<Box<dyn Fold>> {
        None
    }
}
