//! Words typed into an agent's own terminal.

use crate::Encoded;
use offdesk_protocol::PromptId;

/// As a paste, so that no line of it is a command of its own, then Enter.
pub(crate) fn prompt(id: PromptId, text: &str) -> Encoded {
    let words: String = text.chars().filter(|c| !c.is_control() || *c == '\n' || *c == '\t').collect();
    Encoded { id: format!("prompt:{id}"), bytes: format!("\x1b[200~{words}\x1b[201~\r").into_bytes() }
}
