//! The demo agent's script, read from a prompt.

/// One line of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Say(String),
    Run(String),
    Edit(String),
    Ask(String),
    Flood(u64),
    /// Milliseconds.
    Sleep(u64),
    Crash,
}

/// The steps of a prompt. Lines that are no step are said back, so that a first try with plain words shows something.
pub(super) fn steps(prompt: &str) -> Vec<Step> {
    prompt.lines().map(str::trim).filter(|line| !line.is_empty()).map(step).collect()
}

fn step(line: &str) -> Step {
    if line == "crash" {
        return Step::Crash;
    }
    let Some((verb, rest)) = line.split_once(':') else { return unknown(line) };
    let rest = rest.trim();
    match verb.trim() {
        "say" => Step::Say(rest.into()),
        "run" if !rest.is_empty() => Step::Run(rest.into()),
        "edit" if !rest.is_empty() => Step::Edit(rest.into()),
        "ask" if !rest.is_empty() => Step::Ask(rest.into()),
        "flood" => rest.parse().map_or_else(|_| unknown(line), Step::Flood),
        "sleep" => match rest.parse::<f64>() {
            Ok(seconds) if (0.0..=86_400.0).contains(&seconds) => Step::Sleep((seconds * 1000.0) as u64),
            _ => unknown(line),
        },
        _ => unknown(line),
    }
}

fn unknown(line: &str) -> Step {
    Step::Say(format!(
        "You said “{line}”. I am the demo agent and do only what a script says, one step a line: \
         `run: <command>`, `edit: <file>`, `ask: <question>`, `say: <text>`, `sleep: <seconds>`, \
         `flood: <megabytes>` or `crash`."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_read_line_by_line() {
        let prompt =
            "say: hello\n\nrun: echo a: b && ls\n edit: src/a.rs\nask: Which?\nflood: 3\nsleep: 0.5\ncrash";
        assert_eq!(
            steps(prompt),
            vec![
                Step::Say("hello".into()),
                Step::Run("echo a: b && ls".into()),
                Step::Edit("src/a.rs".into()),
                Step::Ask("Which?".into()),
                Step::Flood(3),
                Step::Sleep(500),
                Step::Crash,
            ]
        );
    }

    #[test]
    fn what_is_no_step_is_answered_with_the_script_it_knows() {
        for line in ["hello", "fix: the tests", "flood: many", "sleep: -1", "run:"] {
            match &steps(line)[..] {
                [Step::Say(text)] => assert!(text.contains(line) && text.contains("run: <command>")),
                other => unreachable!("{line} gave {other:?}"),
            }
        }
    }
}
