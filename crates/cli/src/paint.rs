//! What people read. Agent output is hostile: control characters are shown, never sent to the terminal.

use offdesk_protocol::*;
use std::fmt::Write as _;

/// The text with everything a terminal would act on made visible; newlines and tabs stay.
pub(crate) fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        if (c.is_control() && c != '\n' && c != '\t') || hidden {
            let _ = write!(out, "⟨U+{:04X}⟩", c as u32);
        } else {
            out.push(c);
        }
    }
    out
}

fn clip(text: &str, width: usize) -> String {
    let line = safe(text).replace(['\n', '\t'], " ");
    if line.chars().count() <= width {
        return line;
    }
    line.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// A state as shape and word.
pub(crate) fn state(view: &RunView) -> String {
    let shape = match view.state {
        RunState::Waiting => "◆",
        RunState::Working | RunState::Starting => "●",
        RunState::Idle => "○",
        RunState::Queued => "…",
        RunState::Done => "✓",
        RunState::Failed | RunState::Lost => "✗",
        RunState::Stopped | RunState::TimedOut => "■",
    };
    let place = view.queue.map_or(String::new(), |place| format!(" #{place}"));
    format!("{shape} {}{place}", view.state)
}

/// One line for a run.
pub(crate) fn run_line(view: &RunView) -> String {
    format!(
        "{}  {:<12} {:<9} {:<28} {}",
        view.id,
        state(view),
        view.agent,
        clip(&view.label, 28),
        clip(&view.line, 60)
    )
}

/// A run, at length.
pub(crate) fn run(view: &RunView) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", safe(&view.label));
    let _ = writeln!(out, "  id       {}", view.id);
    let _ = writeln!(out, "  agent    {}", view.agent);
    let _ = writeln!(out, "  folder   {}", safe(&view.dir));
    let _ = writeln!(out, "  state    {}", state(view));
    if let Some(pid) = view.pid {
        let _ = writeln!(out, "  process  {pid}, attempt {}", view.attempt);
    }
    if view.usage.output_tokens > 0 {
        let usage = &view.usage;
        let cost = usage.cost_usd.map_or(String::new(), |cost| format!(", ${cost:.2}"));
        let _ = writeln!(out, "  used     {} in, {} out{cost}", usage.input_tokens, usage.output_tokens);
    }
    if !view.line.is_empty() {
        let _ = writeln!(out, "  last     {}", safe(&view.line));
    }
    out
}

/// An approval with everything a person must see to decide.
pub(crate) fn approval(approval: &Approval) -> String {
    let request = &approval.request;
    let mut out = String::new();
    let _ = writeln!(out, "◆ {}", safe(&request.title));
    let _ = writeln!(out, "  id    {}", request.id);
    let _ = writeln!(out, "  run   {}", request.run);
    let _ = writeln!(out, "  hash  {}", request.hash);
    for line in safe(&request.text).lines() {
        let _ = writeln!(out, "  │ {line}");
    }
    for diff in &request.diffs {
        let _ = writeln!(out, "  ┌ {}{}", safe(&diff.path), if diff.created { " (new)" } else { "" });
        for line in safe(&diff.unified).lines() {
            let _ = writeln!(out, "  │ {line}");
        }
    }
    for question in &request.questions {
        for option in &question.options {
            let about =
                option.description.as_deref().map_or(String::new(), |about| format!(" — {}", safe(about)));
            let _ = writeln!(out, "  · {}{about}", safe(&option.label));
        }
    }
    if let Some(reason) = &request.reason {
        let _ = writeln!(out, "  why   {}", safe(reason).replace('\n', "\n        "));
    }
    let _ = writeln!(out, "  {}", receipts(approval));
    out
}

/// How far a decision has come.
pub(crate) fn receipts(approval: &Approval) -> String {
    let who = match &approval.decided_by {
        Some(Actor::Person { name, .. }) => format!(" by {}", safe(name)),
        Some(Actor::Agent) => " by the agent".into(),
        Some(Actor::Gateway) => " by the gateway".into(),
        None => String::new(),
    };
    let how = match approval.resolution {
        None => return "waits for a decision".into(),
        Some(Resolution::Allowed) => "allowed",
        Some(Resolution::Denied) => "denied",
        Some(Resolution::Expired) => "denied, out of time",
        Some(Resolution::Withdrawn) => return format!("withdrawn{who}"),
    };
    let end = match (approval.state, approval.outcome) {
        (ApprovalState::Finished, Some(Outcome::Ok)) => " → finished",
        (ApprovalState::Finished, Some(Outcome::Failed)) => " → failed",
        (ApprovalState::Finished, _) => " → end unknown",
        (ApprovalState::Delivered, _) => " → the agent has it",
        _ => " → on its way",
    };
    format!("{how}{who}{end}")
}

/// An event as people read a log; nothing for those that say nothing by themselves.
pub(crate) fn event(event: &Event) -> Option<String> {
    Some(match event {
        Event::PromptSent { text, .. } => format!("› {}", safe(text)),
        Event::MessageAdded { role: Role::Agent, text, .. } => safe(text),
        Event::MessageAdded { role: Role::Thought, text, .. } => format!("  (thinks) {}", safe(text)),
        Event::ToolStarted { title, .. } => format!("▸ {}", safe(title)),
        Event::ToolFinished { status, output, .. } => {
            let mark = match status {
                ToolStatus::Ok => "  ✓",
                ToolStatus::Failed => "  ✗",
                ToolStatus::Denied => "  ⊘ denied",
            };
            let body: String = safe(output).lines().map(|line| format!("\n    {line}")).collect();
            format!("{mark}{body}")
        }
        Event::ApprovalRequested { approval } | Event::QuestionAsked { approval } => {
            format!("◆ {} ({}): {}", safe(&approval.title), approval.id, safe(&approval.text))
        }
        Event::ApprovalResolved { resolution, by, .. } | Event::QuestionAnswered { resolution, by, .. } => {
            let who = match by {
                Actor::Person { name, .. } => safe(name),
                Actor::Agent => "the agent".into(),
                Actor::Gateway => "the gateway".into(),
            };
            let how = match resolution {
                Resolution::Allowed => "allowed",
                Resolution::Denied => "denied",
                Resolution::Expired => "out of time",
                Resolution::Withdrawn => "withdrawn",
            };
            format!("◆ {how} by {who}")
        }
        Event::NoticeRaised { text, .. } => format!("! {}", safe(text)),
        Event::TurnFinished { status: TurnStatus::Failed, error, .. } => {
            format!("✗ {}", safe(error.as_deref().unwrap_or("The turn failed.")))
        }
        Event::TurnFinished { status: TurnStatus::Interrupted, .. } => "■ interrupted".into(),
        Event::RunExited { exit, .. } => match exit {
            Exit::Exited { code, detail } => {
                let detail = detail.as_deref().map_or(String::new(), |detail| format!(": {}", safe(detail)));
                format!("■ ended with code {code}{detail}")
            }
            Exit::Signalled { signal, .. } => format!("■ ended by signal {signal}"),
            Exit::NotStarted { detail } | Exit::Lost { detail } => format!("■ {}", safe(detail)),
        },
        Event::Unknown => "(something this version does not know; update to see it)".into(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_as_a_command() {
        assert_eq!(safe("a\x1b[2Jb\u{202e}c\r\n\td"), "a⟨U+001B⟩[2Jb⟨U+202E⟩c⟨U+000D⟩\n\td");
        assert_eq!(clip("one\ntwo three", 8), "one two…");
    }
}
