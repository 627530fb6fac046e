//! An agent that is started from a person's terminal finds what it would find there.

use offdesk_agents::Environment;
use offdesk_protocol::DeskTerminal;

/// What says which terminal it is: the agent has another one, and it is looked at from several places.
const OF_THE_TERMINAL: [&str; 12] = [
    "TERM",
    "TERMCAP",
    "TERM_PROGRAM",
    "TERM_PROGRAM_VERSION",
    "COLUMNS",
    "LINES",
    "TMUX",
    "TMUX_PANE",
    "STY",
    "SSH_TTY",
    "GPG_TTY",
    "WINDOWID",
];

/// Brings the desk's variables in under those the driver set, and takes out what the gateway has and the desk has not.
pub(crate) fn environment(
    desk: &DeskTerminal,
    gateway: &Environment,
    env: &mut Vec<(String, String)>,
    env_remove: &mut Vec<String>,
) {
    let ours = |name: &str| name.starts_with("OFFDESK_") || OF_THE_TERMINAL.contains(&name);
    for name in gateway.vars.keys().filter(|name| !ours(name) && !desk.env.contains_key(*name)) {
        env_remove.push(name.clone());
    }
    env_remove.extend(OF_THE_TERMINAL.iter().skip(1).map(ToString::to_string));
    for (name, value) in &desk.env {
        let set = env.iter().any(|(set, _)| set == name) || env_remove.contains(name);
        if !ours(name) && !set && !name.is_empty() && !name.contains('=') {
            env.push((name.clone(), value.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use offdesk_protocol::TerminalSize;
    use std::collections::BTreeMap;

    #[test]
    fn the_agent_finds_what_the_terminal_has_and_not_what_only_the_gateway_has() {
        let vars = |list: &[(&str, &str)]| -> BTreeMap<String, String> {
            list.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
        };
        let desk = DeskTerminal {
            size: TerminalSize { cols: 80, rows: 24 },
            env: vars(&[
                ("VIRTUAL_ENV", "/v"),
                ("CLAUDECODE", "1"),
                ("TMUX", "x"),
                ("OFFDESK_TOKEN", "t"),
                ("SET", "theirs"),
            ]),
        };
        let mut gateway = Environment::default();
        gateway.vars = vars(&[("ONLY_GATEWAY", "1"), ("OFFDESK_CLAUDE", "/c"), ("VIRTUAL_ENV", "/old")])
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect();
        let (mut env, mut remove) = (vec![("SET".into(), "ours".into())], vec!["CLAUDECODE".into()]);
        environment(&desk, &gateway, &mut env, &mut remove);
        assert_eq!(env, [("SET".into(), "ours".into()), ("VIRTUAL_ENV".into(), "/v".into())]);
        assert!(remove.contains(&"ONLY_GATEWAY".into()) && remove.contains(&"TMUX".into()));
        assert!(!remove.contains(&"OFFDESK_CLAUDE".into()));
    }
}
