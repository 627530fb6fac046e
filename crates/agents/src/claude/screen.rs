//! What Claude Code's own screen shows and no hook of its says: words that wait in its box, and a turn that was cut.

use crate::ScreenText;

/// Most of a prompt that is looked for: its end, as it is drawn last.
const TAIL: usize = 16;
/// Below its box while it works.
const WORKS: &str = "esc to interrupt";

/// The box in which a person types.
struct Typing<'a> {
    /// The rows above it.
    above: &'a [String],
    /// What stands in it behind its mark, without blanks: those depend on where a line is wrapped.
    words: String,
    /// The rows below it.
    below: &'a [String],
}

fn typing(screen: &ScreenText) -> Option<Typing<'_>> {
    let is_rule = |row: &String| row.chars().filter(|c| *c == '─').count() > 20;
    let lower = screen.rows.iter().rposition(is_rule)?;
    let upper = screen.rows[..lower].iter().rposition(is_rule)?;
    let inside = bare(&screen.rows[upper + 1..lower].concat());
    let words = inside.strip_prefix('❯')?.to_string();
    Some(Typing { above: &screen.rows[..upper], words, below: &screen.rows[lower + 1..] })
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Whether this prompt was typed and not sent.
pub(super) fn still_typed(screen: &ScreenText, prompt: &str) -> bool {
    let Some(typed) = typing(screen) else { return false };
    let words = bare(prompt);
    let tail: String = words.chars().skip(words.chars().count().saturating_sub(TAIL)).collect();
    // Of many lines it shows how many they are.
    let folded = typed.words.starts_with("[Pastedtext#") && typed.words.ends_with(']');
    !tail.is_empty() && (typed.words.ends_with(&tail) || folded)
}

/// Whether it stopped working before it was done: it says so behind the last prompt, or gave the prompt back.
pub(super) fn was_cut(screen: &ScreenText) -> bool {
    let Some(typed) = typing(screen) else { return false };
    if typed.below.iter().any(|row| row.contains(WORKS)) {
        return false;
    }
    let answer = typed.above.iter().rev().take_while(|row| !row.starts_with('❯'));
    let says = answer.into_iter().any(|row| row.trim_start().starts_with('⎿') && row.contains("Interrupted"));
    says || !typed.words.is_empty()
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
        assert!(still_typed(
            &screen(&["❯ count the apples, and then all of the pears "], "manual mode"),
            words
        ));
        assert!(still_typed(&screen(&["❯ count the apples, and then all of the pe", "  ars"], ""), words));
        assert!(still_typed(&screen(&["❯ [Pasted text #1 +12 lines]"], ""), words));
        // Sent; another's words; an answer in a dialog.
        assert!(!still_typed(&screen(&["❯ "], "esc to interrupt"), words));
        assert!(!still_typed(&screen(&["❯ of the pears, and more"], ""), words));
        assert!(!still_typed(&screen(&["  1. Yes, all of the pears"], ""), words));
        assert!(!still_typed(&ScreenText::default(), words));
        assert!(!still_typed(&screen(&["❯ "], ""), "  "));
    }

    #[test]
    fn a_turn_was_cut_when_it_says_so_or_gives_the_prompt_back() {
        let shown = |answer: &[&str], typed: &str, below: &str| {
            let rule = "─".repeat(80);
            let rows = ["❯ [[slow]]", ""].into_iter().chain(answer.iter().copied());
            let rows = rows.chain([rule.as_str(), typed, &rule, below]).map(String::from).collect();
            ScreenText { rows, ..ScreenText::default() }
        };
        let cut = "  ⎿  Interrupted · What should Claude do instead?";
        assert!(was_cut(&shown(&["● tick tick", cut], "❯ ", "  ⏸ manual mode on")));
        assert!(was_cut(&shown(&[], "❯ [[slow]]", "  ⏸ manual mode on")));
        // It works; it rests as ever; the cut was an earlier turn's.
        assert!(!was_cut(&shown(&["● tick", cut], "❯ ", "  ⏸ manual mode on · esc to interrupt")));
        assert!(!was_cut(&shown(&["● tick"], "❯ ", "  ⏸ manual mode on")));
        assert!(!was_cut(&shown(&[cut, "❯ [[hello]]", "● Hello"], "❯ ", "  ⏸ manual mode on")));
        assert!(!was_cut(&ScreenText::default()));
    }
}
