//! A list of choices with a mark before the one that is meant.

use super::{Asked, ScreenText, reply};
use offdesk_protocol::DetectedKind;

/// Marks that stand before the choice that is meant.
const MARKS: [char; 7] = ['❯', '›', '➤', '▸', '●', '➜', '>'];
/// Marks that stand before the others.
const OTHERS: [char; 2] = ['○', '◯'];
/// Rows from the last one that are looked at.
const NEAR: usize = 24;
/// Rows that may follow the choices: what the keys do.
const MOST_BELOW: usize = 4;
/// Choices that are given as replies.
const MOST_CHOICES: usize = 9;

/// What says that keys move something.
const HINTS: [&str; 8] = [
    "enter to confirm",
    "enter to select",
    "enter to continue",
    "to navigate",
    "arrow",
    "return to submit",
    "esc to cancel",
    "↑/↓",
];

struct Row<'a> {
    /// Where its text begins.
    indent: usize,
    mark: Option<char>,
    number: Option<u32>,
    text: &'a str,
}

fn read(row: &str) -> Row<'_> {
    // Frames around a list are no part of it.
    let inner = row.trim_end().trim_end_matches(['│', '┃', '║', '|']).trim_end();
    let mut indent = 0;
    let mut text = inner;
    let mut mark = None;
    while let Some(first) = text.chars().next() {
        let listed = MARKS.contains(&first) || OTHERS.contains(&first);
        let marks = mark.is_none() && listed && text[first.len_utf8()..].starts_with(' ');
        if marks {
            mark = Some(first);
        } else if !first.is_whitespace() && !matches!(first, '│' | '┃' | '║' | '|') {
            break;
        }
        indent += 1;
        text = &text[first.len_utf8()..];
    }
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = text.split_at(digits);
    match (number.parse(), rest.strip_prefix(['.', ')']).and_then(|rest| rest.strip_prefix(' '))) {
        (Ok(number), Some(rest)) => Row { indent, mark, number: Some(number), text: rest.trim() },
        _ => Row { indent, mark, number: None, text: text.trim() },
    }
}

fn is_rule(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| matches!(c, '\u{2500}'..='\u{259f}' | '-' | '=' | '_' | ' '))
}

pub(super) fn detect(screen: &ScreenText) -> Option<Asked> {
    let used: Vec<&str> =
        screen.rows.iter().map(String::as_str).filter(|row| !row.trim().is_empty()).collect();
    let rows: Vec<Row<'_>> = used[used.len().saturating_sub(NEAR)..].iter().map(|row| read(row)).collect();
    // The last mark counts: a place to type in, below a list that was answered, has one too.
    let at = rows.iter().rposition(|row| row.mark.is_some_and(|mark| MARKS.contains(&mark)))?;
    let meant = &rows[at];
    if meant.text.is_empty() {
        return None;
    }
    let choices = match meant.number {
        Some(_) => numbered(&rows, at),
        None => plain(&rows, at),
    };
    let (first, last) = (*choices.first()?, *choices.last()?);
    let below: Vec<&Row<'_>> = rows[last + 1..].iter().filter(|row| !is_rule(row.text)).collect();
    if choices.len() < 2 || below.len() > MOST_BELOW {
        return None;
    }
    let above = rows[..first].iter().rev().filter(|row| !is_rule(row.text) && !row.text.is_empty()).take(6);
    let above: Vec<&str> = above.map(|row| row.text).collect();
    let question = above.iter().find(|text| text.ends_with('?') || text.starts_with("? "));
    let says_how = |text: &str| {
        let text = text.to_lowercase();
        HINTS.iter().any(|hint| text.contains(hint))
    };
    let hinted =
        below.iter().any(|row| says_how(row.text)) || above.iter().take(2).any(|text| says_how(text));
    let radio = choices.iter().any(|choice| rows[*choice].mark.is_some_and(|mark| OTHERS.contains(&mark)));
    // A list that somebody only quotes has none of these. Marks alone stand before much that is no list.
    let shown = match (meant.number, meant.mark) {
        (_, Some('>')) => hinted,
        (Some(_), _) => hinted || question.is_some(),
        (None, Some('●' | '➜')) => radio,
        (None, _) => hinted || radio,
    };
    if !shown {
        return None;
    }
    let place = choices.iter().position(|choice| *choice == at)?;
    let (up, down) = if screen.application_cursor { ("\x1bOA", "\x1bOB") } else { ("\x1b[A", "\x1b[B") };
    let replies = choices.iter().enumerate().take(MOST_CHOICES).map(|(number, choice)| {
        let way = if number < place { up.repeat(place - number) } else { down.repeat(number - place) };
        reply(rows[*choice].text.chars().take(80).collect::<String>(), format!("{way}\r"))
    });
    let text = question.or(above.first()).map_or(meant.text, |text| text);
    let text = text.trim_start_matches(['?', '◆', ' ']).chars().take(300).collect();
    Some(Asked { kind: DetectedKind::Choice, text, choices: replies.collect() })
}

/// Rows with the numbers before and after the one that is meant, whatever stands between them.
fn numbered(rows: &[Row<'_>], at: usize) -> Vec<usize> {
    let mut choices = vec![at];
    let mut number = rows[at].number.unwrap_or(0);
    for (index, row) in rows[..at].iter().enumerate().rev() {
        if row.number.is_some() && row.number == number.checked_sub(1) {
            choices.insert(0, index);
            number -= 1;
        }
    }
    let mut number = rows[at].number.unwrap_or(0);
    for (index, row) in rows.iter().enumerate().skip(at + 1) {
        if row.number == Some(number + 1) {
            choices.push(index);
            number += 1;
        }
    }
    // A list begins with its first.
    if rows[choices[0]].number == Some(1) { choices } else { Vec::new() }
}

/// Rows around the one that is meant that begin in the same column.
fn plain(rows: &[Row<'_>], at: usize) -> Vec<usize> {
    let fits = |row: &Row<'_>| {
        let other = row.mark.is_none_or(|mark| OTHERS.contains(&mark));
        other && row.indent == rows[at].indent && !row.text.is_empty() && !is_rule(row.text)
    };
    let before = rows[..at].iter().rev().take_while(|row| fits(row)).count();
    let after = rows[at + 1..].iter().take_while(|row| fits(row)).count();
    (at - before..=at + after).collect()
}
