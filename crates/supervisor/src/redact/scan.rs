//! Finding secrets in a stretch of text.

use super::literals;
use super::rules::{CREDENTIAL, Class, DOTTED, LONGEST_TOKEN, NAMES, REFERENCES, Rule, TOKEN, Token};
use std::ops::Range;

/// Longest block of armour that is masked as a whole.
const LONGEST_ARMOUR: usize = 16 * 1024;
/// Longest value of a name.
const LONGEST_VALUE: usize = 4 * 1024;
/// Longest user and password of a URL.
const LONGEST_USER: usize = 512;
/// Farthest a rule looks ahead from its literal, with room for names, headers and quotes.
pub(super) const AHEAD: usize = LONGEST_ARMOUR + 512;
/// Farthest a rule looks back from its literal.
pub(super) const BEHIND: usize = 128;

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scan {
    secrets: Vec<Range<usize>>,
    /// From here on it may be a secret; more text will tell.
    pub open: Option<usize>,
    /// As `open`, without what is far more likely a port.
    doubtful: Option<usize>,
}

enum Found {
    Nothing,
    Secret(Range<usize>),
    /// May be a secret from here on.
    Open(usize),
    /// May be one, but rarely is.
    HardlyOpen(usize),
}

/// Finds the secrets in `text`. Unless it has `ended`, one at its end may be open.
pub(super) fn scan(text: &[u8], ended: bool) -> Scan {
    scan_within(text, 0..text.len(), ended)
}

/// As [`scan`], for what begins within `range` only.
pub(super) fn scan_within(text: &[u8], range: Range<usize>, ended: bool) -> Scan {
    let mut scan = Scan::default();
    let text = Text { bytes: text, ended };
    // Secrets may begin within others, and must be found no matter where the text was cut: every literal is judged.
    let looked = literals::each(text.bytes, range, |rule, hit| match text.judge(rule, hit) {
        Found::Nothing => {}
        Found::Secret(secret) => scan.secrets.push(secret),
        Found::Open(start) => {
            scan.open = Some(scan.open.map_or(start, |open| open.min(start)));
            scan.doubtful = Some(scan.doubtful.map_or(start, |open| open.min(start)));
        }
        Found::HardlyOpen(start) => scan.open = Some(scan.open.map_or(start, |open| open.min(start))),
    });
    if !looked {
        // Without a way to look, nothing is shown.
        scan.secrets = std::iter::once(0..text.bytes.len()).collect();
    }
    scan
}

impl Scan {
    pub(super) fn is_clean(&self) -> bool {
        self.secrets.is_empty() && self.doubtful.is_none()
    }

    pub(super) fn mask(&self, text: &mut [u8]) {
        self.secrets.iter().for_each(|secret| mask(&mut text[secret.clone()]));
    }

    /// Masks what may be a secret.
    pub(super) fn mask_open(&self, text: &mut [u8]) {
        self.doubtful.iter().for_each(|start| mask(&mut text[*start..]));
    }
}

/// Ends of lines stay: they tell nothing, and a terminal needs them.
fn mask(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|byte| !matches!(byte, b'\r' | b'\n')).for_each(|byte| *byte = b'*');
}

struct Text<'a> {
    bytes: &'a [u8],
    ended: bool,
}

impl Text<'_> {
    fn judge(&self, rule: &Rule, hit: Range<usize>) -> Found {
        match rule {
            Rule::Token(token) => self.token(token, hit),
            Rule::Named => self.named(hit),
            Rule::Jwt => self.jwt(hit),
            Rule::Telegram => self.telegram(hit),
            Rule::Authorization { only_in_header } => self.authorization(hit, *only_in_header),
            Rule::Url => self.url(hit),
            Rule::Armour => self.armour(hit),
        }
    }

    /// How far the class goes on from `from`, and whether the text may go on with it.
    fn run(&self, from: usize, class: Class, most: usize) -> (usize, bool) {
        self.run_while(from, most, |byte| class.has(byte))
    }

    fn run_while(&self, from: usize, most: usize, has: impl Fn(u8) -> bool) -> (usize, bool) {
        let rest = &self.bytes[from.min(self.bytes.len())..];
        let within = &rest[..rest.len().min(most)];
        let length = within.iter().position(|byte| !has(*byte)).unwrap_or(within.len());
        (from + length, length == rest.len() && !self.ended)
    }

    fn at(&self, index: usize) -> Option<u8> {
        self.bytes.get(index).copied()
    }

    fn token(&self, token: &Token, hit: Range<usize>) -> Found {
        if !token.anywhere && !self.is_word_start(hit.start) {
            return Found::Nothing;
        }
        let (least, most) = token.length;
        let (end, open) = self.run(hit.end, token.class, LONGEST_TOKEN);
        let length = end - hit.end;
        if length > most {
            return Found::Nothing;
        }
        if open {
            return open_at(hit.end, end);
        }
        // A shorter token that a letter follows is a word that only begins like one.
        let cut = least == most && self.at(end).is_some_and(|byte| byte.is_ascii_alphanumeric());
        let body = &self.bytes[hit.end..end];
        match length >= least && !cut && (!token.random || looks_random(body)) {
            true => Found::Secret(hit.end..end),
            false => Found::Nothing,
        }
    }

    fn jwt(&self, hit: Range<usize>) -> Found {
        if !self.is_word_start(hit.start) {
            return Found::Nothing;
        }
        let (end, open) = self.run(hit.end, DOTTED, LONGEST_TOKEN);
        if open {
            return open_at(hit.end, end);
        }
        let mut parts = self.bytes[hit.end..end].split(|byte| *byte == b'.');
        let is_part = |part: Option<&[u8]>, least: usize| part.is_some_and(|part| part.len() >= least);
        let header = is_part(parts.next(), 8);
        let payload = parts.next().filter(|part| part.starts_with(b"eyJ"));
        match header && is_part(payload, 8) && is_part(parts.next(), 8) {
            true => Found::Secret(hit.end..end),
            false => Found::Nothing,
        }
    }

    fn telegram(&self, hit: Range<usize>) -> Found {
        let before = &self.bytes[hit.start.saturating_sub(11)..hit.start];
        let digits = before.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        if !(8..=10).contains(&digits) {
            return Found::Nothing;
        }
        let (end, open) = self.run(hit.start + 1, TOKEN, 64);
        match end - hit.start - 1 {
            _ if open => open_at(hit.end, end),
            34..=36 => Found::Secret(hit.end..end),
            _ => Found::Nothing,
        }
    }

    fn authorization(&self, hit: Range<usize>, only_in_header: bool) -> Found {
        let first = hit.start.checked_sub(1).and_then(|before| self.at(before));
        if !first.is_some_and(|byte| matches!(byte, b'b' | b'B')) {
            return Found::Nothing;
        }
        let before = &self.bytes[hit.start.saturating_sub(48)..hit.start];
        let in_header = before.to_ascii_lowercase().windows(13).any(|window| window == b"authorization");
        if only_in_header && !in_header {
            return Found::Nothing;
        }
        let (start, _) = self.run_while(hit.end, 8, |byte| byte == b' ');
        let (end, open) = self.run(start, CREDENTIAL, LONGEST_TOKEN);
        let value = &self.bytes[start.min(self.bytes.len())..end];
        match value.len() {
            _ if open => open_at(start, end),
            8.. if in_header => Found::Secret(start..end),
            16.. if has_digit_and_letter(value) => Found::Secret(start..end),
            _ => Found::Nothing,
        }
    }

    /// `scheme://user:password@host`.
    fn url(&self, hit: Range<usize>) -> Found {
        let belongs = |byte: u8| byte > b' ' && byte != 0x7f && !b"/@?#\"'`<>\\(){}[]|".contains(&byte);
        let (end, open) = self.run_while(hit.end, LONGEST_USER, belongs);
        let userinfo = &self.bytes[hit.end..end];
        let Some(colon) = userinfo.iter().position(|byte| *byte == b':') else { return Found::Nothing };
        let start = hit.end + colon + 1;
        let password = &self.bytes[start..end];
        if open {
            let is_port = password.len() <= 5 && password.iter().all(u8::is_ascii_digit);
            return match open_at(start, end) {
                Found::Open(start) if is_port => Found::HardlyOpen(start),
                found => found,
            };
        }
        match self.at(end) == Some(b'@') && start < end {
            true => Found::Secret(start..end),
            false => Found::Nothing,
        }
    }

    /// `-----BEGIN … PRIVATE KEY-----` up to its end, or as far as such a block may be long.
    fn armour(&self, hit: Range<usize>) -> Found {
        let is_label = |byte: u8| byte == b' ' || byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let (label_end, _) = self.run_while(hit.end, 64, is_label);
        let label = &self.bytes[hit.end..label_end];
        let is_key = label.windows(11).any(|window| window == b"PRIVATE KEY");
        if !is_key || !self.bytes[label_end..].starts_with(b"-----") {
            return Found::Nothing;
        }
        let start = label_end + 5;
        let rest = &self.bytes[start..];
        let within = &rest[..rest.len().min(LONGEST_ARMOUR)];
        match within.windows(8).position(|window| window == b"-----END") {
            Some(length) => Found::Secret(start..start + length),
            None if rest.len() <= LONGEST_ARMOUR && !self.ended => open_at(start, self.bytes.len()),
            None => Found::Secret(start..self.character_end(start + within.len())),
        }
    }

    /// Whether a word may begin here, though a letter of something else stands before: the end of a colour, an escape.
    fn is_word_start(&self, index: usize) -> bool {
        let before = &self.bytes[index.saturating_sub(24)..index];
        let Some((last, rest)) = before.split_last() else { return true };
        if !last.is_ascii_alphanumeric() {
            return true;
        }
        let is_escape = rest.last() == Some(&b'\\') && b"nrtbf".contains(last);
        let is_percent =
            matches!(rest, [.., b'%', high] if high.is_ascii_hexdigit()) && last.is_ascii_hexdigit();
        let parameters =
            rest.iter().rev().take_while(|byte| matches!(byte, b'0'..=b'9' | b';' | b':' | b'?')).count();
        let is_colour = last.is_ascii_alphabetic() && rest[..rest.len() - parameters].last() == Some(&b'[');
        is_escape || is_percent || is_colour
    }

    /// The end of the character that a limit cuts: none is masked in part.
    fn character_end(&self, index: usize) -> usize {
        let rest = &self.bytes[index.min(self.bytes.len())..];
        index + rest.iter().take(3).take_while(|byte| (0x80..0xc0).contains(*byte)).count()
    }

    fn named(&self, hit: Range<usize>) -> Found {
        let Some(place) = self.value_of(hit) else { return Found::Nothing };
        match place.quote {
            Some(quote) => self.quoted(&place, quote),
            None => self.bare(&place),
        }
    }

    fn quoted(&self, place: &Place, quote: Quote) -> Found {
        let start = place.start;
        let (end, open) =
            self.run_while(start, LONGEST_VALUE, |byte| byte != quote.ends_at() && byte != b'\n');
        if open {
            return open_at(start, end);
        }
        let value = &self.bytes[start..end];
        let closed = self.at(end) == Some(quote.ends_at());
        let is_limit = value.len() == LONGEST_VALUE;
        let is_phrase = value.contains(&b' ') && !place.is_phrase;
        match (closed || is_limit) && value.len() >= 8 && !is_phrase && !is_reference(value) {
            true => Found::Secret(start..self.character_end(end)),
            false => Found::Nothing,
        }
    }

    fn bare(&self, place: &Place) -> Found {
        let start = place.start;
        let belongs = |byte: u8| byte > b' ' && byte != 0x7f && !b"\"'`,;)}]>&|\\".contains(&byte);
        let (end, open) = self.run_while(start, LONGEST_VALUE, belongs);
        if open {
            return open_at(start, end);
        }
        let value = &self.bytes[start..end];
        if value.len() < 8 || is_reference(value) || value.contains(&b'(') {
            return Found::Nothing;
        }
        match has_digit_and_letter(value) || place.is_tight {
            true => Found::Secret(start..self.character_end(end)),
            false => Found::Nothing,
        }
    }

    /// Where the value is that a name gives, if the literal is part of such a name and a value has begun.
    fn value_of(&self, hit: Range<usize>) -> Option<Place> {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let (name_end, _) = self.run_while(hit.end, 24, is_name);
        let back = &self.bytes[hit.start.saturating_sub(48)..hit.start];
        let name_start = hit.start - back.iter().rev().take_while(|byte| is_name(**byte)).count();
        let name = &self.bytes[name_start..name_end];
        let plain: String = name
            .iter()
            .filter(|byte| byte.is_ascii_alphanumeric())
            .map(|byte| byte.to_ascii_lowercase() as char)
            .collect();
        if !NAMES.iter().any(|known| plain.ends_with(known)) {
            return None;
        }
        let is_flag = name.starts_with(b"--");
        let (after_quote, _) = self.skip_quote(name_end);
        let separator = self.run_while(after_quote, 4, |byte| matches!(byte, b' ' | b'\t')).0;
        let spaced = separator > after_quote;
        let after = match (self.at(separator)?, self.at(separator + 1)) {
            (b'=', Some(b'=')) => return None,
            (b'=', Some(b'>')) | (b':', Some(b'=')) => separator + 2,
            (b'=' | b':', _) => separator + 1,
            _ if is_flag && spaced => separator,
            _ => return None,
        };
        let opening = self.run_while(after, 4, |byte| matches!(byte, b' ' | b'\t')).0;
        let (start, quote) = self.skip_quote(opening);
        self.at(start)?;
        let is_upper = !name.iter().any(u8::is_ascii_lowercase);
        let is_password = plain.ends_with("password") || plain.ends_with("passwd");
        let is_tight = start == name_end + 1 && self.at(name_end) == Some(b'=') && (is_upper || is_password);
        Some(Place { start, quote, is_tight, is_phrase: plain.ends_with("passphrase") })
    }

    /// Steps over one quotation mark, escaped or not.
    fn skip_quote(&self, index: usize) -> (usize, Option<Quote>) {
        match (self.at(index), self.at(index + 1)) {
            (Some(b'\\'), Some(mark @ (b'"' | b'\''))) => (index + 2, Some(Quote { mark, escaped: true })),
            (Some(mark @ (b'"' | b'\'' | b'`')), _) => (index + 1, Some(Quote { mark, escaped: false })),
            _ => (index, None),
        }
    }
}

/// Where a value begins.
struct Place {
    start: usize,
    quote: Option<Quote>,
    /// Written as in an environment file, so that a word of letters alone is a value too.
    is_tight: bool,
    /// May hold spaces.
    is_phrase: bool,
}

#[derive(Clone, Copy)]
struct Quote {
    mark: u8,
    escaped: bool,
}

impl Quote {
    fn ends_at(self) -> u8 {
        if self.escaped { b'\\' } else { self.mark }
    }
}

/// What isn't there yet needs no holding back.
fn open_at(start: usize, end: usize) -> Found {
    if start < end { Found::Open(start) } else { Found::Nothing }
}

fn is_reference(value: &[u8]) -> bool {
    REFERENCES.iter().any(|reference| value.starts_with(reference.as_bytes()))
}

fn has_digit_and_letter(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_alphabetic)
}

/// A stretch of sixteen letters and digits without a break, both among them: no words look like this.
fn looks_random(body: &[u8]) -> bool {
    body.split(|byte| !byte.is_ascii_alphanumeric())
        .any(|part| part.len() >= 16 && has_digit_and_letter(part))
}
