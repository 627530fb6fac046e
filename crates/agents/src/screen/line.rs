//! A line with the cursor at its end.

use super::{Asked, ScreenText, reply};
use offdesk_protocol::{DetectedKind, QuickReply};

/// Characters of a line that are looked at and shown.
const LONGEST: usize = 300;
/// Rows above the line in which numbered choices are looked for.
const ABOVE: usize = 15;

/// Words of lines that want a secret.
const SECRETS: [&str; 11] = [
    "password",
    "passphrase",
    "pass phrase",
    "passcode",
    "passwort",
    "pin",
    "pin code",
    "verification code",
    "authentication code",
    "one-time code",
    "otp",
];
/// Beginnings of lines that end with a colon and want words.
const WANTS: [&str; 16] = [
    "username",
    "login",
    "user name",
    "email",
    "e-mail",
    "enter ",
    "type ",
    "please ",
    "choose ",
    "select ",
    "selection",
    "your ",
    "name",
    "what ",
    "which ",
    "new ",
];
/// What asks for a key.
const KEYS: [&str; 8] = [
    "press enter",
    "press return",
    "press any key",
    "press a key",
    "press [enter]",
    "press <enter>",
    "hit enter",
    "hit return",
];

pub(super) fn detect(screen: &ScreenText) -> Option<Asked> {
    if !screen.at_end || screen.full_screen {
        return None;
    }
    let whole = screen.line.trim();
    let from = whole.char_indices().rev().nth(LONGEST).map_or(0, |(at, _)| at);
    let text = &whole[from..];
    if text.is_empty() || follows_a_shells_sign(whole) {
        return None;
    }
    let lower = text.to_lowercase();
    let asked = |kind, choices| Some(Asked { kind, text: text.to_string(), choices });
    if wants_secret(&lower) {
        return asked(DetectedKind::Password, Vec::new());
    }
    if let Some(choices) = yes_or_no(&lower) {
        return asked(DetectedKind::Confirm, choices);
    }
    if KEYS.iter().any(|key| lower.contains(key)) {
        return asked(DetectedKind::Key, vec![reply("Enter", "\r")]);
    }
    let numbers = numbered(&screen.rows);
    if numbers.len() > 1 && wants_number(&lower) {
        return asked(DetectedKind::Choice, numbers);
    }
    if lower.ends_with('?') && text.split_whitespace().count() > 1 {
        return asked(DetectedKind::Text, Vec::new());
    }
    let wants =
        lower.ends_with(':') && WANTS.iter().any(|word| lower.trim_start_matches("? ").starts_with(word));
    if wants || has_default(text) {
        return asked(
            DetectedKind::Text,
            has_default(text).then(|| reply("Enter", "\r")).into_iter().collect(),
        );
    }
    None
}

/// What stands in a shell is being typed by somebody.
fn follows_a_shells_sign(line: &str) -> bool {
    let mut before = ' ';
    for (at, sign) in line.char_indices() {
        let next = line[at + sign.len_utf8()..].chars().next();
        let number = before.is_ascii_digit() && sign == '%';
        if matches!(sign, '$' | '#' | '%' | '➜' | '❯') && next.is_none_or(|c| c == ' ') && !number {
            return true;
        }
        before = sign;
    }
    line.starts_with("> ") || line.starts_with(">>> ") || line.starts_with("... ")
}

fn wants_secret(lower: &str) -> bool {
    let Some(before) = lower.strip_suffix([':', '：']) else { return false };
    // `[sudo] password for dev:` and `Enter passphrase for key '/home/dev/.ssh/id':`
    let main = before.split(" for ").next().unwrap_or(before).trim_end();
    let ends = |text: &str, word: &str| {
        text.strip_suffix(word).is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric()))
    };
    let main = main.strip_suffix(" again").unwrap_or(main);
    let main = main.split(" (").next().unwrap_or(main);
    SECRETS.iter().any(|word| ends(main, word)) || ends(before, "'s password")
}

/// Keys for a line that ends with its two answers: `[Y/n]`, `(yes/no/[fingerprint])?`, `Is this OK? (yes)`.
fn yes_or_no(lower: &str) -> Option<Vec<QuickReply>> {
    let end = lower.trim_end_matches([' ', '?', ':', '>', '.']);
    let (inside, closed) = match end.char_indices().next_back() {
        Some((at, ')')) => (inner(&end[..at], '(', ')'), true),
        Some((at, ']')) => (inner(&end[..at], '[', ']'), true),
        _ => (end.rsplit(' ').next().unwrap_or_default(), false),
    };
    let plain: String = inside.chars().filter(|c| !matches!(c, '[' | ']' | '(' | ')' | ' ')).collect();
    let words: Vec<&str> = plain.split(['/', '|', ',']).collect();
    let (yes, no) = match words[..] {
        ["y", "n", ..] => ("y", "n"),
        ["yes", "no", ..] => ("yes", "no"),
        ["y"] | ["n"] if closed && lower.contains('?') => ("y", "n"),
        // npm's way to say what Enter means.
        ["yes"] | ["no"] if closed && lower.contains('?') => ("yes", "no"),
        // unzip: `replace a.txt? [y]es, [n]o, [A]ll, [N]one, [r]ename:`
        _ if lower.contains("[y]es, [n]o") => ("y", "n"),
        _ => return None,
    };
    Some(vec![reply("Yes", format!("{yes}\r")), reply("No", format!("{no}\r"))])
}

/// What stands between the last bracket and the one that belongs to it.
fn inner(before: &str, open: char, close: char) -> &str {
    let mut depth = 0;
    for (at, c) in before.char_indices().rev() {
        if c == close {
            depth += 1;
        } else if c == open && depth == 0 {
            return &before[at + c.len_utf8()..];
        } else if c == open {
            depth -= 1;
        }
    }
    ""
}

/// `package name: (demo)` and `version: (1.0.0)`.
fn has_default(text: &str) -> bool {
    let Some((name, rest)) = text.split_once(": (") else { return false };
    let words = name.split_whitespace().count();
    rest.ends_with(')')
        && (1..=4).contains(&words)
        && name.chars().all(|c| c.is_alphanumeric() || " -_".contains(c))
}

fn wants_number(lower: &str) -> bool {
    lower.starts_with("#?")
        || ((lower.ends_with([':', '?', '>', ']', ')'])) && {
            let words = ["number", "select", "choose", "choice", "option", "pick", "which", "enter"];
            words.iter().any(|word| lower.contains(word))
        })
}

/// `1) one` and `2. two` in the rows just above, each by its number.
fn numbered(rows: &[String]) -> Vec<QuickReply> {
    let used = rows.iter().rposition(|row| !row.is_empty()).unwrap_or(0);
    let above = &rows[used.saturating_sub(ABOVE)..used];
    let mut found: Vec<QuickReply> = Vec::new();
    for row in above {
        let row = row.trim();
        let digits = row.len() - row.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, rest) = row.split_at(digits);
        let Some(label) = rest.strip_prefix([')', '.']).map(str::trim).filter(|label| !label.is_empty())
        else {
            continue;
        };
        if number == (found.len() + 1).to_string() {
            found.push(reply(label.chars().take(80).collect::<String>(), format!("{number}\r")));
        } else if number == "1" {
            found = vec![reply(label.chars().take(80).collect::<String>(), "1\r")];
        }
    }
    found
}
