//! The conversation, kept on disk so that it can be taken up again: one message a line, readable by its owner alone.

use crate::server::Message;
use serde::{Deserialize, Serialize};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use uuid::Uuid;

/// What the model reads of a tool whose end nobody saw.
const UNSEEN: &str =
    "Unknown: the agent ended before it could say whether this was done. Look before doing it again.";

/// A line that is no message: which model goes on from here.
#[derive(Serialize, Deserialize)]
struct Chosen {
    model: String,
}

/// One conversation.
pub(crate) struct Conversation {
    pub(crate) id: Uuid,
    pub(crate) messages: Vec<Message>,
    /// The model that was used last.
    pub(crate) model: Option<String>,
    file: File,
}

impl Conversation {
    /// Takes up the conversation, or begins one where there is none.
    pub(crate) fn open(folder: &Path, resume: Option<Uuid>) -> io::Result<Self> {
        private(DirBuilder::new().recursive(true)).create(folder)?;
        let id = resume.unwrap_or_else(Uuid::now_v7);
        let path = folder.join(format!("{id}.jsonl"));
        let text = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut file = owned(OpenOptions::new().create(true).append(true)).open(&path)?;
        if text.last().is_some_and(|byte| *byte != b'\n') {
            // The last line was cut off by a crash; it stays what it is, and the next has a line of its own.
            file.write_all(b"\n")?;
        }
        let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
        let messages = lines.iter().filter_map(|line| serde_json::from_slice(line).ok()).collect();
        let chosen = lines.iter().rev().find_map(|line| serde_json::from_slice::<Chosen>(line).ok());
        let mut conversation = Self { id, messages, model: chosen.map(|chosen| chosen.model), file };
        for name in conversation.unanswered() {
            conversation.add(Message { tool_name: Some(name), ..Message::new("tool", UNSEEN) })?;
        }
        Ok(conversation)
    }

    /// Keeps the message.
    pub(crate) fn add(&mut self, message: Message) -> io::Result<()> {
        self.keep(&message)?;
        self.messages.push(message);
        Ok(())
    }

    /// Keeps which model goes on.
    pub(crate) fn goes_on_with(&mut self, model: &str) -> io::Result<()> {
        if self.model.as_deref() != Some(model) {
            self.keep(&Chosen { model: model.into() })?;
            self.model = Some(model.into());
        }
        Ok(())
    }

    fn keep(&mut self, line: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(line)?;
        line.push(b'\n');
        self.file.write_all(&line)
    }

    /// Tools of the last answer that have no result, by name.
    fn unanswered(&self) -> Vec<String> {
        let Some(at) = self.messages.iter().rposition(|message| message.role == "assistant") else {
            return Vec::new();
        };
        let results = self.messages[at + 1..].iter().filter(|message| message.role == "tool").count();
        let names = self.messages[at].tool_calls.iter().skip(results);
        names.map(|call| call["function"]["name"].as_str().unwrap_or_default().to_string()).collect()
    }
}

#[cfg(unix)]
fn owned(options: &mut OpenOptions) -> &OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(unix)]
fn private(builder: &mut DirBuilder) -> &DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    builder.mode(0o700)
}

/// Elsewhere what is in a person's own folders is theirs.
#[cfg(not(unix))]
fn owned(options: &mut OpenOptions) -> &OpenOptions {
    options
}

#[cfg(not(unix))]
fn private(builder: &mut DirBuilder) -> &DirBuilder {
    builder
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_is_taken_up_again_whole_also_after_a_crash() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = Conversation::open(folder.path(), None).unwrap();
        first.goes_on_with("qwen3").unwrap();
        first.add(Message::new("user", "do it")).unwrap();
        let call = |name: &str| json!({ "function": { "name": name, "arguments": {} } });
        let calls = vec![call("read"), call("run")];
        first.add(Message { tool_calls: calls, ..Message::new("assistant", "") }).unwrap();
        first.add(Message { tool_name: Some("read".into()), ..Message::new("tool", "text") }).unwrap();
        let path = folder.path().join(format!("{}.jsonl", first.id));
        first.file.write_all(b"{\"role\":\"to").unwrap();

        let mut again = Conversation::open(folder.path(), Some(first.id)).unwrap();
        assert_eq!(again.model.as_deref(), Some("qwen3"));
        assert_eq!(again.messages.len(), 4, "{:#?}", again.messages);
        assert_eq!(
            again.messages[3],
            Message { tool_name: Some("run".into()), ..Message::new("tool", UNSEEN) }
        );
        again.add(Message::new("user", "go on")).unwrap();
        let third = Conversation::open(folder.path(), Some(first.id)).unwrap();
        assert_eq!(third.messages, again.messages);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(path.exists());
    }
}
