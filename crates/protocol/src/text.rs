//! Text of agents, files and devices is hostile: what would change how other text is read is shown as what it is.

use std::fmt::Write as _;

/// The text with everything that cannot be seen as `⟨U+202E⟩`: control, format and invisible characters, and spaces that
/// only look like one. Newlines and tabs stay. Its twin is `visible` in `packages/client/src/text.ts`; both read
/// `fixtures/text/visible.json`.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            let _ = write!(out, "⟨U+{:04X}⟩", c as u32);
        } else {
            out.push(c);
        }
    }
    out
}

/// The same in one line of at most `width` characters.
pub fn visible_line(text: &str, width: usize) -> String {
    let line = visible(text).split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= width {
        return line;
    }
    line.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

fn is_hidden(c: char) -> bool {
    if c.is_control() {
        return c != '\n' && c != '\t';
    }
    matches!(c,
        // Spaces that are not the space, line and paragraph ends.
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
        // Format characters (general category Cf).
        | '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}'
        // Letters and marks without a shape.
        | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2800}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_page_shows_it() {
        let table = include_str!("../../../fixtures/text/visible.json");
        let table: Vec<(String, String)> = serde_json::from_str(table).unwrap();
        assert!(table.len() > 10);
        for (text, shown) in table {
            assert_eq!(visible(&text), shown, "{text:?}");
        }
    }

    #[test]
    fn one_line() {
        assert_eq!(visible_line("a\n  b\tc", 10), "a b c");
        assert_eq!(visible_line("abcdef", 4), "abc…");
        assert_eq!(visible_line("\u{202e}x", 20), "⟨U+202E⟩x");
    }
}
