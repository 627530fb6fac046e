//! Claude's own record of a conversation, read for the one thing its hooks do not tell: that its dialog was answered.

use crate::json::{items, text};
use serde_json::Value;

/// What Claude writes when a person cuts it short.
const CUT_SHORT: &str = "[Request interrupted by user";

/// What became of a request that Claude's dialog shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dialog {
    /// The tool has a result: the dialog is gone.
    pub answered: bool,
    /// The turn was cut short with it.
    pub cut_short: bool,
}

/// Looks for the result of the latest use of this tool with this input, in whole lines of the record.
pub fn dialog(record: &str, tool: &str, input: &Value) -> Dialog {
    let (mut native, mut dialog) = (String::new(), Dialog::default());
    for line in record.lines() {
        let Ok(entry) = serde_json::from_str::<Value>(line) else { continue };
        let Some(message) = entry.get("message") else { continue };
        for block in items(message, "content") {
            match text(block, "type") {
                "tool_use" if text(block, "name") == tool && block.get("input") == Some(input) => {
                    native = text(block, "id").into();
                    dialog = Dialog::default();
                }
                "tool_result" if !native.is_empty() && text(block, "tool_use_id") == native => {
                    dialog.answered = true;
                }
                "text" if dialog.answered && text(block, "text").starts_with(CUT_SHORT) => {
                    dialog.cut_short = true;
                }
                _ => {}
            }
        }
    }
    dialog
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_is_answered_when_its_own_use_has_a_result() {
        let input = json!({"command": "ls"});
        let line = |block: Value| format!("{}\n", json!({"message": {"content": [block]}}));
        let used = |id: &str| line(json!({"type": "tool_use", "id": id, "name": "Bash", "input": input}));
        let result = |id: &str| line(json!({"type": "tool_result", "tool_use_id": id, "is_error": true}));
        let stop = line(json!({"type": "text", "text": "[Request interrupted by user for tool use]"}));
        let of = |record: &str| dialog(record, "Bash", &input);
        assert_eq!(of(&(used("1") + &result("2"))), Dialog::default(), "another's result");
        assert_eq!(of(&(used("1") + &result("1") + &used("3"))), Dialog::default(), "asked again");
        assert_eq!(of(&(used("1") + &result("1"))), Dialog { answered: true, cut_short: false });
        assert_eq!(of(&(used("1") + &result("1") + &stop)), Dialog { answered: true, cut_short: true });
        assert_eq!(of("{\"message\":{\"content\":\"words\"}}\nno json\n"), Dialog::default());
    }
}
