//! Words typed into an agent's own terminal.

use crate::Encoded;
use offdesk_protocol::PromptId;

/// Words without what a terminal takes for keys: an Escape among them would be one.
#[must_use]
pub fn plain(text: &str) -> String {
    let kept = |c: char| if c == '\t' { ' ' } else { c };
    text.chars().map(kept).filter(|c| !c.is_control() || *c == '\n').collect()
}

/// As a paste, so that no line of it is a command of its own, then Enter.
pub(crate) fn prompt(id: PromptId, text: &str) -> Encoded {
    let words: String = text.chars().filter(|c| !c.is_control() || *c == '\n' || *c == '\t').collect();
    Encoded { id: format!("prompt:{id}"), bytes: format!("\x1b[200~{words}\x1b[201~\r").into_bytes() }
}
