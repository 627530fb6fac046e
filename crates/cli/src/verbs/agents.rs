//! `agents`: which there are, those of the person's own, and which programs they are.

use super::{say, say_json};
use crate::outcome::Outcome;
use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use offdesk_client::Client;
use offdesk_protocol::*;

#[derive(Debug, ClapArgs)]
pub(crate) struct Agents {
    #[command(subcommand)]
    verb: Option<AgentVerb>,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
enum AgentVerb {
    /// Add an agent of your own.
    Add {
        /// The word for it in commands: small letters, digits and -.
        kind: String,
        #[command(flatten)]
        wish: Wish,
    },
    /// Change an agent of your own; what is not said stays.
    Change {
        /// Its kind.
        kind: String,
        #[command(flatten)]
        wish: Wish,
    },
    /// Remove an agent of your own; its runs stay, and can be read.
    Remove {
        /// Its kind.
        kind: String,
    },
    /// See whether an agent of your own can be used: its program is found, and says hello where it has a protocol.
    Test {
        /// Its kind.
        kind: String,
    },
    /// Choose which program an agent is.
    Choose {
        /// The agent's kind.
        kind: String,
        /// The program's path. Without it, it is looked for again.
        program: Option<std::path::PathBuf>,
    },
    /// Look for all agents anew, also in your login shell's environment if the gateway was started with that.
    Look,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum HowArg {
    /// It speaks the Agent Client Protocol on its standard input and output.
    Acp,
    /// It is a program in a terminal.
    Terminal,
}

#[derive(Debug, ClapArgs)]
struct Wish {
    /// The name shown to people. By default its kind.
    #[arg(long)]
    name: Option<String>,
    /// How it is driven. By default by the protocol.
    #[arg(long, value_enum)]
    how: Option<HowArg>,
    /// One emoji or letter.
    #[arg(long)]
    icon: Option<String>,
    /// A variable for it: NAME=VALUE, or NAME alone to take the value of that variable here, so that a secret is in no
    /// argument. May be given more than once.
    #[arg(long = "env", value_name = "NAME[=VALUE]")]
    env: Vec<String>,
    /// Take a variable away.
    #[arg(long = "no-env", value_name = "NAME")]
    no_env: Vec<String>,
    /// Its program and arguments. No shell reads them.
    #[arg(last = true, value_name = "PROGRAM")]
    command: Vec<String>,
}

pub(crate) async fn agents(client: &Client, asked: Agents) -> Result<(), Outcome> {
    let json = asked.json;
    match asked.verb {
        None => list(&client.agents().await?, json),
        Some(AgentVerb::Look) => list(&client.look_for_agents().await?, json),
        Some(AgentVerb::Add { kind, wish }) => {
            let name = kind.clone();
            let (how, program) = (OwnAgentHow::Acp, String::new());
            let new = OwnAgent { kind, name, how, program, args: vec![], env: vec![], icon: String::new() };
            let put = PutOwnAgent { agent: wished(new, wish)?, change: false };
            tell(&client.put_agent(&put).await?, json)
        }
        Some(AgentVerb::Change { kind, wish }) => {
            let put = PutOwnAgent { agent: wished(own(client, &kind).await?, wish)?, change: true };
            tell(&client.put_agent(&put).await?, json)
        }
        Some(AgentVerb::Remove { kind }) => {
            let left = client.remove_agent(&kind).await?;
            if json { say_json(&left) } else { say("It was removed. Its runs stay, and can be read.") }
        }
        Some(AgentVerb::Test { kind }) => {
            let tested = client.test_agent(&own(client, &kind).await?).await?;
            match (json, tested.ok) {
                (true, _) => say_json(&tested)?,
                (false, true) => say(visible(&tested.text))?,
                (false, false) => {}
            }
            if tested.ok { Ok(()) } else { Err(Outcome::failed(visible(&tested.text))) }
        }
        Some(AgentVerb::Choose { kind, program }) => {
            let program = program.map(std::path::absolute).transpose()?;
            let program = program.map(|program| program.display().to_string());
            let agents = client.choose_program(&ChooseProgram { kind: kind.clone(), program }).await?;
            let one: Vec<AgentInfo> = agents.into_iter().filter(|agent| agent.kind == kind).collect();
            list(&one, json)
        }
    }
}

async fn own(client: &Client, kind: &str) -> Result<OwnAgent, Outcome> {
    let found = client.own_agents().await?.into_iter().find(|agent| agent.kind == kind);
    found.ok_or_else(|| Outcome::failed(format!("There is no agent of your own called “{kind}”.")))
}

fn wished(mut agent: OwnAgent, wish: Wish) -> Result<OwnAgent, Outcome> {
    agent.name = wish.name.unwrap_or(agent.name);
    agent.icon = wish.icon.unwrap_or(agent.icon);
    agent.how = match wish.how {
        Some(HowArg::Acp) => OwnAgentHow::Acp,
        Some(HowArg::Terminal) => OwnAgentHow::Terminal,
        None => agent.how,
    };
    let mut words = wish.command.into_iter();
    if let Some(program) = words.next() {
        // A path is one of where the command is typed; a name is looked for by the gateway.
        let path = std::path::Path::new(&program);
        agent.program = match path.components().count() {
            1 => program,
            _ => std::path::absolute(path)?.display().to_string(),
        };
        agent.args = words.collect();
    }
    agent.env.retain(|one| !wish.no_env.contains(&one.name));
    for said in wish.env {
        let (name, value) = match said.split_once('=') {
            Some((name, value)) => (name.to_string(), value.to_string()),
            None => {
                let value = std::env::var(&said);
                (
                    said.clone(),
                    value.map_err(|_| Outcome::Usage(format!("The variable {said} is not set here.")))?,
                )
            }
        };
        agent.env.retain(|one| one.name != name);
        agent.env.push(OwnVariable { name, value: Some(value) });
    }
    Ok(agent)
}

fn tell(agent: &OwnAgent, json: bool) -> Result<(), Outcome> {
    if json {
        return say_json(agent);
    }
    let words: Vec<&str> =
        [agent.program.as_str()].into_iter().chain(agent.args.iter().map(String::as_str)).collect();
    say(format!("{} ({}) runs {}", agent.kind, visible(&agent.name), visible(&format!("{words:?}"))))?;
    for one in &agent.env {
        match &one.value {
            Some(value) => say(format!("  {}={}", one.name, visible(value)))?,
            None => say(format!("  {} is kept, and not shown again", one.name))?,
        }
    }
    say(format!("Try it: offdesk agents test {}", agent.kind))
}

fn list(agents: &[AgentInfo], json: bool) -> Result<(), Outcome> {
    if json {
        return say_json(&agents);
    }
    for agent in agents {
        let version = agent.version.as_deref().unwrap_or_default();
        let place = match &agent.program {
            Some(program) => visible(&format!("{program} {version}")),
            None if agent.found => "any program of yours: offdesk run --agent terminal -- PROGRAM".into(),
            None => {
                let get_it = agent.get_it.as_deref().map(|words| format!(". {words}")).unwrap_or_default();
                format!("not found; looked in {}{get_it}", visible(&agent.looked.join(", ")))
            }
        };
        let whose = match (agent.own, agent.chosen) {
            (true, _) => "  (yours)",
            (_, true) => "  (chosen by you)",
            _ => "",
        };
        say(format!("{:<12} {:<18} {}{whose}", agent.kind, visible_line(&agent.name, 18), place.trim_end()))?;
        if let Some(problem) = &agent.problem {
            say(format!(
                "             ! {}\n               {}",
                visible(&problem.text),
                visible(&problem.fix)
            ))?;
        }
        let others = agent.choices.iter().filter(|choice| Some(&choice.program) != agent.program.as_ref());
        for other in others {
            let version = other.version.as_deref().unwrap_or_default();
            say(format!("             also {}", visible(format!("{} {version}", other.program).trim_end())))?;
        }
    }
    Ok(())
}
