//! Events as people read them in a log.

use crate::*;

/// Who did something.
fn who(by: &Actor) -> String {
    match by {
        Actor::Person { name, .. } => visible(name),
        Actor::Agent => "the agent".into(),
        Actor::Gateway => "the gateway".into(),
        Actor::Rule { text, .. } => format!("the rule “{}”", visible(text)),
    }
}

/// An event as people read a log; nothing for those that say nothing by themselves.
pub fn told(event: &Event) -> Option<String> {
    Some(match event {
        Event::PromptSent { text, .. } => format!("› {}", visible(text)),
        Event::MessageAdded { role: Role::Agent, text, .. } => visible(text),
        Event::MessageAdded { role: Role::Thought, text, .. } => format!("  (thinks) {}", visible(text)),
        Event::ToolStarted { title, .. } => format!("▸ {}", visible(title)),
        Event::ToolFinished { status, output, .. } => {
            let mark = match status {
                ToolStatus::Ok => "  ✓",
                ToolStatus::Failed => "  ✗",
                ToolStatus::Denied => "  ⊘ denied",
            };
            let body: String = visible(output).lines().map(|line| format!("\n    {line}")).collect();
            format!("{mark}{body}")
        }
        Event::ApprovalRequested { approval } | Event::QuestionAsked { approval } => {
            format!("◆ {} ({}): {}", visible(&approval.title), approval.id, visible(&approval.text))
        }
        Event::ApprovalResolved { resolution, by, .. } | Event::QuestionAnswered { resolution, by, .. } => {
            let how = match resolution {
                Resolution::Allowed => "allowed",
                Resolution::Denied => "denied",
                Resolution::Expired => "out of time",
                Resolution::Withdrawn => "withdrawn",
            };
            format!("◆ {how} by {}", who(by))
        }
        Event::WorkspacePrepared { workspace } if workspace.worktree => {
            let notes: String =
                workspace.notes.iter().map(|note| format!("\n    {}", visible(note))).collect();
            format!("⎇ {}{notes}", visible(workspace.branch.as_deref().unwrap_or_default()))
        }
        Event::ChangesRecorded { files, more, .. } if !files.is_empty() => {
            let count = |of: fn(&ChangedFile) -> Option<u32>| files.iter().filter_map(of).sum::<u32>();
            let total = files.len() + *more as usize;
            let noun = if total == 1 { "file" } else { "files" };
            format!("± {total} {noun} changed, +{} −{}", count(|file| file.added), count(|file| file.removed))
        }
        Event::WorkspaceChanged { deed, by } => {
            format!("± {} {}", who(by), visible(&deed.line()))
        }
        Event::ArtifactAdded { artifact } => {
            format!("± {} kept {} ({} bytes)", who(&artifact.by), visible(&artifact.name), artifact.size)
        }
        Event::NoticeRaised { text, .. } => format!("! {}", visible(text)),
        Event::TurnFinished { status: TurnStatus::Failed, error, .. } => {
            format!("✗ {}", visible(error.as_deref().unwrap_or("The turn failed.")))
        }
        Event::TurnFinished { status: TurnStatus::Interrupted, .. } => "■ interrupted".into(),
        Event::RunExited { exit, .. } => match exit {
            Exit::Exited { code, detail } => {
                let detail =
                    detail.as_deref().map_or(String::new(), |detail| format!(": {}", visible(detail)));
                format!("■ ended with code {code}{detail}")
            }
            Exit::Signalled { signal, .. } => format!("■ ended by signal {signal}"),
            Exit::NotStarted { detail } | Exit::Lost { detail } => format!("■ {}", visible(detail)),
        },
        Event::Unknown => "(something this version does not know; update to see it)".into(),
        _ => return None,
    })
}
