//! Whether a list asks for trust in a folder. That answer is kept by the agent and lets the folder's settings, hooks and
//! servers act from then on, so a person reads all that stands above the choices.

use super::{Asked, ScreenText};
use offdesk_protocol::DetectedKind;

/// Characters of what is asked that are shown.
const LONGEST: usize = 1500;
/// What is trusted.
const TRUSTED: [&str; 6] = ["folder", "directory", "workspace", "project", "files in", "repository"];

/// Says of a list that asks for trust all that it asks.
pub(super) fn whole(screen: &ScreenText, asked: Asked) -> Asked {
    let Some(above) = above(screen, &asked) else { return asked };
    let labels = asked.choices.iter().map(|choice| choice.label.as_str());
    let all = labels.chain([above.as_str()]).collect::<Vec<_>>().join("\n").to_lowercase();
    if !all.contains("trust") || !TRUSTED.iter().any(|what| all.contains(what)) {
        return asked;
    }
    Asked { kind: DetectedKind::Trust, text: above.chars().take(LONGEST).collect(), ..asked }
}

/// A row without the frame around it, and whether nothing else is in it.
fn inner(row: &str) -> (&str, bool) {
    let frame = |c: char| c.is_whitespace() || matches!(c, '\u{2500}'..='\u{259f}' | '|');
    let text = row.trim_matches(frame);
    (text, text.is_empty() && row.chars().any(|c| matches!(c, '\u{2500}'..='\u{2501}' | '\u{2550}')))
}

/// What stands above the choices up to the line the dialog begins with; rows that were wrapped are one.
fn above(screen: &ScreenText, asked: &Asked) -> Option<String> {
    let first = asked.choices.first()?.label.as_str();
    let at = screen.rows.iter().rposition(|row| inner(row).0.ends_with(first))?;
    let rows: Vec<(&str, bool)> = screen.rows[..at].iter().map(|row| inner(row)).collect();
    let from = rows.iter().rposition(|(_, rule)| *rule).map_or(0, |rule| rule + 1);
    let paragraphs = rows[from..].split(|(text, _)| text.is_empty());
    let joined = paragraphs.map(|rows| rows.iter().map(|(text, _)| *text).collect::<Vec<_>>().join(" "));
    let text = joined.filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>().join("\n");
    (!text.is_empty()).then_some(text)
}
