//! What people read. Agent output is hostile: control characters are shown, never sent to the terminal.

use offdesk_protocol::*;
use std::fmt::Write as _;

/// A state as shape and word.
pub(crate) fn state(view: &RunView) -> String {
    let shape = view.state.shape();
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
        visible_line(&view.label, 28),
        visible_line(&view.line, 60)
    )
}

/// A run, at length.
pub(crate) fn run(view: &RunView) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", visible(&view.label));
    let _ = writeln!(out, "  id       {}", view.id);
    let _ = writeln!(out, "  agent    {}", view.agent);
    let _ = writeln!(out, "  folder   {}", visible(&view.dir));
    if let Some(workspace) = &view.workspace {
        let branch = visible(workspace.branch.as_deref().unwrap_or("none"));
        let base = workspace.base.as_deref().filter(|_| workspace.worktree);
        let base = base.map_or(String::new(), |base| format!(", from {}", visible(base)));
        let gone = if workspace.removed { ", removed" } else { "" };
        let own = if workspace.worktree { ", a worktree of its own" } else { "" };
        let _ = writeln!(out, "  branch   {branch}{base}{own}{gone}");
        for note in &workspace.notes {
            let _ = writeln!(out, "           {}", visible(note));
        }
    }
    let _ = writeln!(out, "  state    {}", state(view));
    if let Some(pid) = view.pid {
        let _ = writeln!(out, "  process  {pid}, attempt {}", view.attempt);
    }
    if view.usage.output_tokens > 0 {
        let usage = &view.usage;
        let cost = usage.cost_usd.map_or(String::new(), |cost| format!(", ${cost:.2}"));
        let _ = writeln!(out, "  used     {} in, {} out{cost}", usage.input_tokens, usage.output_tokens);
    }
    if let Some(model) = &view.model {
        let asked = view
            .controls
            .model_asked
            .as_ref()
            .map(|asked| format!(", asked for {}", visible_line(asked, 60)));
        let _ = writeln!(out, "  model    {}{}", visible_line(model, 60), asked.unwrap_or_default());
    }
    if let Some(mode) = &view.controls.mode {
        let asked =
            view.controls.mode_asked.as_ref().map(|asked| format!(", asked for {}", visible_line(asked, 60)));
        let _ = writeln!(out, "  mode     {}{}", visible_line(mode, 60), asked.unwrap_or_default());
    }
    if !view.controls.queued.is_empty() {
        let _ = writeln!(
            out,
            "  queue    {} prompts wait; offdesk queue {}",
            view.controls.queued.len(),
            view.id
        );
    }
    if let Some(limit) = &view.controls.limit {
        let _ = writeln!(out, "  limit    {}", limit_line(limit));
    }
    if let Some(until) = view.controls.waits_until {
        let _ = writeln!(out, "  waits    goes on by itself after {until}");
    }
    if !view.line.is_empty() {
        let _ = writeln!(out, "  last     {}", visible(&view.line));
    }
    out
}

/// A limit in a line.
fn limit_line(limit: &Limit) -> String {
    let state = match limit.state {
        LimitState::Reached => "reached",
        LimitState::Near => "near",
        LimitState::Open => "open",
    };
    let used = limit.used_percent.map_or(String::new(), |used| format!(", {used:.0} % used"));
    let resets = limit.resets_at.map_or(String::new(), |at| format!(", resets {at}"));
    format!("{}: {state}{used}{resets}", visible_line(&limit.window, 40))
}

/// An approval with everything a person must see to decide.
pub(crate) fn approval(approval: &Approval) -> String {
    let request = &approval.request;
    let mut out = String::new();
    let _ = writeln!(out, "◆ {}", visible(&request.title));
    let _ = writeln!(out, "  id    {}", request.id);
    let _ = writeln!(out, "  run   {}", request.run);
    let _ = writeln!(out, "  hash  {}", request.hash);
    if let Some(sub_agent) = &request.sub_agent {
        let _ = writeln!(out, "  for   a sub-agent: {}", visible_line(&sub_agent.name, 200));
    }
    for line in visible(&request.text).lines() {
        let _ = writeln!(out, "  │ {line}");
    }
    for diff in &request.diffs {
        let _ = writeln!(out, "  ┌ {}{}", visible(&diff.path), if diff.created { " (new)" } else { "" });
        for line in visible(&diff.unified).lines() {
            let _ = writeln!(out, "  │ {line}");
        }
    }
    if let Some(page) = &request.web_page {
        let _ = writeln!(out, "  leads to {}", visible(&page.host));
    }
    for question in &request.questions {
        if request.questions.len() > 1 || question.text != request.text {
            let left_out = if question.optional { " (may be left out)" } else { "" };
            let _ = writeln!(out, "  ? {}{left_out}", visible(&question.text));
        }
        for option in &question.options {
            let about =
                option.description.as_deref().map_or(String::new(), |about| format!(" — {}", visible(about)));
            let _ = writeln!(out, "  · {}{about}", visible(&option.label));
        }
    }
    for line in approval.touches.iter().flat_map(|touches| &touches.lines) {
        let _ = writeln!(out, "  {} {}", if line.grave { '!' } else { '·' }, visible(&line.text));
    }
    if let Some(reason) = &request.reason {
        let _ = writeln!(out, "  why   {}", visible(reason).replace('\n', "\n        "));
    }
    let _ = writeln!(out, "  {}", receipts(approval));
    out
}

/// How far a decision has come.
pub(crate) fn receipts(approval: &Approval) -> String {
    let who = match &approval.decided_by {
        Some(Actor::Person { name, .. }) => format!(" by {}", visible(name)),
        Some(Actor::Agent) => " by the agent".into(),
        Some(Actor::Gateway) => " by the gateway".into(),
        Some(Actor::Rule { text, .. }) => format!(" by the rule “{}”", visible(text)),
        None => String::new(),
    };
    let how = match approval.resolution {
        None => return "waits for a decision".into(),
        Some(Resolution::Allowed) => "allowed",
        Some(Resolution::Denied) => "denied",
        Some(Resolution::Expired) => "denied, out of time",
        Some(Resolution::Withdrawn) => {
            // Its own dialog was answered where the agent runs.
            return match &approval.decided_by {
                Some(Actor::Person { name, .. }) => format!("answered in {}", visible(name)),
                _ => format!("withdrawn{who}"),
            };
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_as_a_command() {
        assert_eq!(visible("a\x1b[2Jb\u{202e}c\r\n\td"), "a⟨U+001B⟩[2Jb⟨U+202E⟩c⟨U+000D⟩\n\td");
        assert_eq!(visible_line("one\ntwo three", 8), "one two…");
    }
}
