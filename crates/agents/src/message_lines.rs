//! Output that is a JSON object to a line.

use crate::out::Out;
use offdesk_protocol::NoticeLevel;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most of a line that is none of those, as it is told, in characters.
const SHOWN: usize = 500;

/// What reading such lines remembers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct MessageLines {
    /// The last one was no message.
    other: bool,
}

impl MessageLines {
    /// The message on this line, if it is one. One notice tells of a run of lines that are not: the output keeps them all.
    pub(crate) fn read(&mut self, line: &[u8], agent: &str, out: &mut Out) -> Option<Value> {
        if line.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        if let Ok(message @ Value::Object(_)) = serde_json::from_slice(line) {
            self.other = false;
            return Some(message);
        }
        if !std::mem::replace(&mut self.other, true) {
            let shown: String = String::from_utf8_lossy(line).chars().take(SHOWN).collect();
            let text = format!("{agent} said something that is no message: {shown}");
            out.notice(NoticeLevel::Warning, "notJson", text);
        }
        None
    }
}
