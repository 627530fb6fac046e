//! What an attempt was told to say and has not said.

use crate::Runner;
use offdesk_agents::{Controlled, Encoded, Fold, Prompt, PromptFile};
use offdesk_protocol::{Attachment, Control, ControlId, PromptId, RunId};
use std::collections::VecDeque;

/// Something to be said.
pub(crate) enum Waiting {
    Prompt(PromptId, Prompt),
    Control(ControlId, Control),
}

/// What becomes of it now.
#[derive(PartialEq, Eq)]
pub(crate) enum Told {
    Write(Encoded),
    Later,
    Never,
}

impl Waiting {
    /// A terminal has no fold; it is typed into.
    pub(crate) fn told(&self, fold: Option<&dyn Fold>) -> Told {
        match (self, fold) {
            (Waiting::Prompt(id, prompt), Some(fold)) => {
                fold.prompt(*id, prompt).map_or(Told::Later, Told::Write)
            }
            (Waiting::Prompt(id, prompt), None) => {
                let bytes = format!("{}\r", prompt.typed()).into_bytes();
                Told::Write(Encoded { id: format!("prompt:{id}"), bytes })
            }
            (Waiting::Control(id, control), Some(fold)) => match fold.control(*id, control) {
                Controlled::Write(encoded) => Told::Write(encoded),
                Controlled::Later => Told::Later,
                Controlled::Never => Told::Never,
            },
            (Waiting::Control(..), None) => Told::Never,
        }
    }

    /// Takes these prompts out; gives those that were still there.
    pub(crate) fn take_back(waiting: &mut VecDeque<Waiting>, prompts: &[PromptId]) -> Vec<PromptId> {
        let mut taken = Vec::new();
        waiting.retain(|one| match one {
            Waiting::Prompt(id, _) if prompts.contains(id) => {
                taken.push(*id);
                false
            }
            _ => true,
        });
        taken
    }
}

impl Runner {
    /// The prompt with its files where the agent may read them; and what went wrong with one of them.
    pub(crate) async fn prompt(
        &self,
        run: RunId,
        text: String,
        attachments: Vec<Attachment>,
    ) -> (Prompt, Option<String>) {
        let mut prompt = Prompt::words(text);
        if attachments.is_empty() {
            return (prompt, None);
        }
        let (uploads, folder) = (self.uploads().clone(), self.attachments(run));
        let handed = tokio::task::spawn_blocking(move || {
            let hand_over = |attachment: &Attachment| {
                let path = uploads.hand_over(attachment, &folder)?;
                let seen = PromptFile::is_image(&attachment.media_type, attachment.size);
                let image = seen.then(|| std::fs::read(&path)).transpose()?;
                let (name, media_type) = (attachment.name.clone(), attachment.media_type.clone());
                Ok::<_, std::io::Error>(PromptFile { name, media_type, path, image })
            };
            attachments.iter().map(|one| hand_over(one).map_err(|error| (one.name.clone(), error))).collect()
        });
        let handed: Vec<Result<PromptFile, (String, std::io::Error)>> = handed.await.unwrap_or_default();
        let mut lost = Vec::new();
        for file in handed {
            match file {
                Ok(file) => prompt.files.push(file),
                Err((name, error)) => lost.push(format!("{name} ({error})")),
            }
        }
        let trouble =
            format!("The prompt went without these files, which could not be read: {}.", lost.join(", "));
        (prompt, (!lost.is_empty()).then_some(trouble))
    }
}
