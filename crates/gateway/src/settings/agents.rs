//! What is set of agents: those of the person's own, and programs that were chosen.

use super::file;
use super::{Keeper, Kept};
use offdesk_protocol::{ErrorCode, OwnAgent, OwnVariable, Problem};
use offdesk_runner::AgentSettings;
use std::path::PathBuf;

/// Agents of one's own, at most.
const MOST: usize = 50;
/// Bytes of an agent's arguments and variables, at most.
const LARGEST: usize = 64 * 1024;
/// Words in a variable's name by which its value is taken for a secret.
const SECRET_WORDS: [&str; 8] = ["KEY", "TOKEN", "SECRET", "PASS", "CREDENTIAL", "AUTH", "COOKIE", "PRIVATE"];

fn refused(text: impl Into<String>) -> Problem {
    Problem::new(ErrorCode::BadRequest, format!("{} Nothing was changed.", text.into()))
}

impl Keeper {
    /// As the runner takes it.
    pub(crate) fn agents(&self) -> AgentSettings {
        let kept = &self.now().kept;
        AgentSettings { own: kept.agents.clone(), programs: kept.programs.clone() }
    }

    /// Agents of the person's own, for people: without what looks like a secret.
    pub(crate) fn own_agents(&self) -> Vec<OwnAgent> {
        self.now().kept.agents.iter().map(shown).collect()
    }

    /// The agent with the values that are kept for it, as it would be used.
    ///
    /// # Errors
    /// When something of it cannot be.
    pub(crate) fn filled(&self, agent: OwnAgent) -> Result<OwnAgent, Problem> {
        let now = self.now();
        let before = now.kept.agents.iter().find(|known| known.kind == agent.kind);
        fill(checked(agent)?, before)
    }

    /// Adds an agent, or changes one. `kinds` are those that are taken.
    ///
    /// # Errors
    /// When something of it cannot be, or it cannot be written; then what was holds.
    pub(crate) fn put_agent(
        &self,
        agent: OwnAgent,
        change: bool,
        taken: &[String],
    ) -> Result<OwnAgent, Problem> {
        let agent = self.filled(agent)?;
        let view = shown(&agent);
        self.rewrite(|kept| {
            let place = kept.agents.iter().position(|known| known.kind == agent.kind);
            match place {
                Some(at) if change => kept.agents[at] = agent,
                Some(_) => {
                    return Err(refused(format!("There is an agent called “{}” already.", agent.kind))
                        .hint("Change that one, or give this one another kind."));
                }
                None if change => return Err(unknown(&agent.kind)),
                None if taken.contains(&agent.kind) => {
                    return Err(refused(format!("“{}” is an agent that Offdesk brings.", agent.kind))
                        .hint("Give yours another kind, or choose another program for that one."));
                }
                None if kept.agents.len() >= MOST => {
                    return Err(refused(format!("There are {MOST} agents of your own, which is the most.")));
                }
                None => kept.agents.push(agent),
            }
            Ok(())
        })?;
        Ok(view)
    }

    /// Removes an agent.
    ///
    /// # Errors
    /// When there is none of this kind, or it cannot be written.
    pub(crate) fn remove_agent(&self, kind: &str) -> Result<(), Problem> {
        self.rewrite(|kept| {
            let before = kept.agents.len();
            kept.agents.retain(|agent| agent.kind != kind);
            if kept.agents.len() == before { Err(unknown(kind)) } else { Ok(()) }
        })
    }

    /// Chooses an agent's program, or lets it be looked for again.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn choose_program(&self, kind: &str, program: Option<PathBuf>) -> Result<(), Problem> {
        self.rewrite(|kept| {
            match program {
                Some(program) => kept.programs.insert(kind.into(), program),
                None => kept.programs.remove(kind),
            };
            Ok(())
        })
    }

    /// Changes what is kept, whole or not at all.
    pub(super) fn rewrite(
        &self,
        change: impl FnOnce(&mut Kept) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let mut now = self.now();
        let mut kept = now.kept.clone();
        change(&mut kept)?;
        file::write(&self.data, &kept)?;
        now.kept = kept;
        Ok(())
    }
}

fn unknown(kind: &str) -> Problem {
    Problem::new(ErrorCode::NotFound, format!("There is no agent of your own called “{kind}”."))
        .hint("`offdesk agents` lists them.")
}

/// Whether this value is never given out again.
fn looks_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let masked = |text: &str| matches!(offdesk_runner::mask_text(text), std::borrow::Cow::Owned(_));
    SECRET_WORDS.iter().any(|word| name.contains(word)) || masked(&format!("{name}={value}")) || masked(value)
}

fn shown(agent: &OwnAgent) -> OwnAgent {
    let open = |one: &OwnVariable| one.value.clone().filter(|value| !looks_secret(&one.name, value));
    let env = agent.env.iter().map(|one| OwnVariable { name: one.name.clone(), value: open(one) }).collect();
    OwnAgent { env, ..agent.clone() }
}

/// Takes the values that were not said from what is kept.
fn fill(mut agent: OwnAgent, before: Option<&OwnAgent>) -> Result<OwnAgent, Problem> {
    for one in agent.env.iter_mut().filter(|one| one.value.is_none()) {
        let kept = before.and_then(|before| before.env.iter().find(|known| known.name == one.name));
        one.value = kept.and_then(|kept| kept.value.clone());
        if one.value.is_none() {
            return Err(refused(format!("The variable {} has no value.", one.name)));
        }
    }
    Ok(agent)
}

fn checked(mut agent: OwnAgent) -> Result<OwnAgent, Problem> {
    let slug = |kind: &str| {
        kind.len() <= 32
            && kind.starts_with(|c: char| c.is_ascii_lowercase())
            && kind.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    if !slug(&agent.kind) {
        return Err(refused(format!("“{}” cannot be an agent's kind.", agent.kind))
            .hint("Use small letters, digits and -, beginning with a letter, 32 at most: my-agent."));
    }
    agent.name = agent.name.trim().to_string();
    let plain = |text: &str| offdesk_protocol::visible(text) == text && !text.contains(['\n', '\t']);
    if agent.name.is_empty() || agent.name.chars().count() > 60 || !plain(&agent.name) {
        return Err(refused("An agent's name is one line of at most 60 visible characters."));
    }
    // An emoji may be several characters joined.
    if agent.icon.chars().count() > 8 || agent.icon.len() > 32 || agent.icon.chars().any(char::is_control) {
        return Err(refused("An icon is one emoji or letter."));
    }
    if agent.program.trim().is_empty() {
        return Err(refused("The agent has no program.").hint(
            "Give its name, or the whole path; its arguments come one by one, as no shell reads them.",
        ));
    }
    for text in agent.args.iter().chain([&agent.program]) {
        if text.contains('\0') {
            return Err(refused("An argument holds a character that no program can be given."));
        }
    }
    let mut names: Vec<&str> = Vec::new();
    for OwnVariable { name, value } in &agent.env {
        let good = !name.is_empty() && !name.contains(['=', '\0']) && !name.chars().any(char::is_whitespace);
        if !good || value.as_deref().is_some_and(|value| value.contains('\0')) {
            return Err(refused(format!("“{name}” cannot be a variable.")));
        }
        if name.starts_with("OFFDESK_") {
            return Err(refused(format!(
                "{name} is a variable of Offdesk's own, and tells who an agent is."
            )));
        }
        if names.contains(&name.as_str()) {
            return Err(refused(format!("The variable {name} is there twice.")));
        }
        names.push(name);
    }
    let size: usize = agent.args.iter().map(String::len).sum::<usize>()
        + agent
            .env
            .iter()
            .map(|one| one.name.len() + one.value.as_ref().map_or(0, String::len))
            .sum::<usize>();
    if size > LARGEST {
        return Err(refused("Its arguments and variables are longer than 64 KiB together."));
    }
    Ok(agent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use offdesk_protocol::OwnAgentHow;

    fn agent(kind: &str, env: &[(&str, Option<&str>)]) -> OwnAgent {
        let env = env
            .iter()
            .map(|(name, value)| OwnVariable { name: name.to_string(), value: value.map(String::from) })
            .collect();
        let (name, program) = ("Mine".into(), "mine".into());
        OwnAgent {
            kind: kind.into(),
            name,
            how: OwnAgentHow::Acp,
            program,
            args: vec![],
            env,
            icon: "M".into(),
        }
    }

    #[test]
    fn what_looks_like_a_secret_is_not_given_out_and_stays_when_it_is_not_said() {
        for (name, value, secret) in [
            ("OPENAI_API_KEY", "x", true),
            ("GITHUB_TOKEN", "x", true),
            ("DB_PASSWORD", "x", true),
            ("HELPER", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", true),
            ("MODEL", "qwen3-coder", false),
            ("LANG", "C.UTF-8", false),
        ] {
            let kept = agent("mine", &[(name, Some(value))]);
            let view = shown(&kept);
            assert_eq!(view.env[0].value.is_none(), secret, "{name}={value}");
            assert_eq!(fill(view, Some(&kept)).unwrap(), kept, "what is shown can be sent back");
        }
        assert!(fill(agent("mine", &[("NEW", None)]), None).is_err());
    }

    #[test]
    fn what_cannot_be_an_agent_is_refused() {
        assert!(checked(agent("my-agent-2", &[("A", Some("b c=d"))])).is_ok());
        for kind in ["", "Mine", "-x", "2x", "../x", "a b", &"x".repeat(33)] {
            assert!(checked(agent(kind, &[])).is_err(), "{kind}");
        }
        for env in [("", "x"), ("A=B", "x"), ("A B", "x"), ("A", "x\0y"), ("OFFDESK_DATA", "/tmp")] {
            assert!(checked(agent("mine", &[(env.0, Some(env.1))])).is_err(), "{env:?}");
        }
        assert!(checked(agent("mine", &[("A", Some("1")), ("A", Some("2"))])).is_err());
        for name in ["", "  ", "a\nb", "\u{202e}live"] {
            assert!(checked(OwnAgent { name: name.into(), ..agent("mine", &[]) }).is_err(), "{name:?}");
        }
        assert!(checked(OwnAgent { program: " ".into(), ..agent("mine", &[]) }).is_err());
    }
}
