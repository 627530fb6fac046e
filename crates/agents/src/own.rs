//! Agents of the person's own, as they are in the settings.

use crate::{Driver, Environment, Fold, FoldContext, Launch, Located, Start, acp, locate, terminal};
use offdesk_protocol::{Capabilities, OwnAgent, OwnAgentHow};

/// The driver of one.
pub struct Own(OwnAgent);

impl Own {
    /// For this agent.
    pub fn new(agent: OwnAgent) -> Self {
        Self(agent)
    }
}

impl Driver for Own {
    fn kind(&self) -> &str {
        &self.0.kind
    }

    fn name(&self) -> &str {
        &self.0.name
    }

    fn capabilities(&self) -> Capabilities {
        match self.0.how {
            OwnAgentHow::Acp => acp::own_capabilities(),
            OwnAgentHow::Terminal => terminal::capabilities(),
        }
    }

    fn asks_in(&self, mode: &str) -> bool {
        self.0.how == OwnAgentHow::Acp && acp::own_asks_in(mode)
    }

    fn locate(&self, environment: &Environment) -> Located {
        locate::find(&self.0.program, environment)
    }

    /// Its program is what the person set.
    fn is_choosable(&self) -> bool {
        false
    }

    fn own(&self) -> Option<&OwnAgent> {
        Some(&self.0)
    }

    /// Nobody knows whether it would take a flag for that.
    fn version_args(&self) -> Option<&'static [&'static str]> {
        None
    }

    fn launch(&self, start: &Start, _: &Environment) -> Launch {
        let env = self.0.env.iter().filter_map(|one| Some((one.name.clone(), one.value.clone()?))).collect();
        let args = self.0.args.clone();
        match self.0.how {
            OwnAgentHow::Terminal => terminal::launch(start, args, env),
            OwnAgentHow::Acp => Launch { program: start.program.clone(), args, env, ..Launch::default() },
        }
    }

    fn fold(&self, context: FoldContext, saved: Option<&str>) -> Option<Box<dyn Fold>> {
        match self.0.how {
            OwnAgentHow::Acp => Some(acp::own_fold(&self.0.name, &self.0.program, context, saved)),
            OwnAgentHow::Terminal => None,
        }
    }
}
