//! Words typed into an agent's own terminal.

use crate::{Encoded, ScreenText};
use offdesk_protocol::PromptId;

/// As a paste, so that no line of it is a command of its own, then Enter.
pub(crate) fn prompt(id: PromptId, text: &str) -> Encoded {
    let words: String = text.chars().filter(|c| !c.is_control() || *c == '\n' || *c == '\t').collect();
    Encoded { id: format!("prompt:{id}"), bytes: format!("\x1b[200~{words}\x1b[201~\r").into_bytes() }
}

/// Most of a prompt that is looked for on the screen: its end, as it is drawn last.
const TAIL: usize = 16;

/// Whether the words stand in the box in which Claude Code has a person type: between its two rules, behind its mark.
pub(crate) fn stands_in_a_box(screen: &ScreenText, prompt: &str) -> bool {
    let is_rule = |row: &&String| row.chars().filter(|c| *c == '─').count() > 20;
    let mut from_below = screen.rows.iter().rev().skip_while(|row| !is_rule(row)).skip(1);
    let mut inside: Vec<&str> =
        from_below.by_ref().take_while(|row| !is_rule(row)).map(String::as_str).collect();
    inside.reverse();
    let typed = bare(&inside.concat());
    let Some(typed) = typed.strip_prefix('❯') else { return false };
    let words = bare(prompt);
    let tail: String = words.chars().skip(words.chars().count().saturating_sub(TAIL)).collect();
    // Of many lines it shows how many they are.
    !tail.is_empty() && (typed.ends_with(&tail) || typed.starts_with("[Pastedtext#") && typed.ends_with(']'))
}

/// Without what a terminal adds and leaves out where it wraps a line.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(inside: &[&str], below: &str) -> ScreenText {
        let rule = "─".repeat(80);
        let rows = ["❯ an earlier prompt", "", &rule].into_iter().chain(inside.iter().copied());
        let rows = rows.chain([rule.as_str(), below]).map(String::from).collect();
        ScreenText { rows, ..ScreenText::default() }
    }

    #[test]
    fn words_in_the_box_are_typed_and_not_sent() {
        let words = "count the apples, and then all of the pears";
        assert!(stands_in_a_box(
            &screen(&["❯ count the apples, and then all of the pears "], "manual mode"),
            words
        ));
        assert!(stands_in_a_box(
            &screen(&["❯ count the apples, and then all of the pe", "  ars"], ""),
            words
        ));
        assert!(stands_in_a_box(&screen(&["❯ [Pasted text #1 +12 lines]"], ""), words));
        // Sent; another's words; an answer in a dialog.
        assert!(!stands_in_a_box(&screen(&["❯ "], "esc to interrupt"), words));
        assert!(!stands_in_a_box(&screen(&["❯ of the pears, and more"], ""), words));
        assert!(!stands_in_a_box(&screen(&["  1. Yes, all of the pears"], ""), words));
        assert!(!stands_in_a_box(&ScreenText::default(), words));
        assert!(!stands_in_a_box(&screen(&["❯ "], ""), "  "));
    }
}
