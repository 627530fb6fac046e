//! *ollama*: an agent of ours on a model of the person's own machine. The program is `offdesk-ollama`'s, a hidden verb
//! of this binary; it speaks our own agents' dialect ([`crate::built_in`]).

mod host;

use crate::built_in::BuiltInFold;
use crate::{Driver, Environment, Fold, FoldContext, Launch, Located, Start, locate};
use offdesk_protocol::Capabilities;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

pub use host::{is_this_machine, ollama_base};

/// How long a server on this machine may take to be found.
const MOMENT: Duration = Duration::from_millis(200);

/// The driver.
pub struct Ollama;

/// Where Ollama is, for runs started in this environment.
pub(crate) fn base(environment: &Environment) -> String {
    ollama_base(environment.var("OLLAMA_HOST"))
}

/// Whether somebody answers there. Of another machine it is believed: asking could take long.
fn answers(base: &str) -> bool {
    if !is_this_machine(base) {
        return true;
    }
    let addresses = host::name_and_port(base).and_then(|(name, port)| {
        (name.trim_matches(['[', ']']), port).to_socket_addrs().ok().map(Vec::<SocketAddr>::from_iter)
    });
    addresses.into_iter().flatten().any(|address| TcpStream::connect_timeout(&address, MOMENT).is_ok())
}

impl Driver for Ollama {
    fn kind(&self) -> &'static str {
        "ollama"
    }

    fn name(&self) -> &'static str {
        "Ollama"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            resume: true,
            interrupt: true,
            edit_input: true,
            deny_with_reason: true,
            questions: true,
            local_model: true,
            ..Capabilities::default()
        }
    }

    fn locate(&self, environment: &Environment) -> Located {
        let base = base(environment);
        if answers(&base) {
            return Located::Found(environment.offdesk.clone());
        }
        match locate::locate("ollama", "OFFDESK_OLLAMA", environment) {
            Located::Found(_) => Located::Found(environment.offdesk.clone()),
            Located::Missing { program, mut looked } => {
                looked.insert(0, format!("{base}, where nobody answers (OLLAMA_HOST names another place)"));
                Located::Missing { program, looked }
            }
        }
    }

    /// Its program is this one.
    fn is_choosable(&self) -> bool {
        false
    }

    fn get_it(&self) -> Option<&'static str> {
        Some("Get it from https://ollama.com/download, then a model: `ollama pull qwen3`.")
    }

    fn version_args(&self) -> Option<&'static [&'static str]> {
        None
    }

    fn launch(&self, start: &Start, _: &Environment) -> Launch {
        let folder = start.files.join("conversations").display().to_string();
        let mut args = vec!["ollama-agent".to_string(), "--folder".into(), folder];
        if let Some(model) = &start.local_model {
            args.extend(["--model".into(), model.clone()]);
        }
        if let Some(session) = &start.agent_session {
            args.extend(["--resume".into(), session.clone()]);
        }
        Launch { program: start.program.clone(), args, ..Launch::default() }
    }

    fn fold(&self, context: FoldContext, saved: Option<&str>) -> Option<Box<dyn Fold>> {
        Some(Box::new(BuiltInFold::new(context, saved)))
    }
}
