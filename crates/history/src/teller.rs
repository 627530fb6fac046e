//! Tells a conversation from what a format finds in it: for lists and for reading by the same words.

use crate::WINDOW;
use crate::format::{Kept, Source};
use crate::lines::{self, Stretch};
use offdesk_protocol::*;
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Longest text of one thing; the rest is left out and counted.
const TEXT: usize = 48 * 1024;
/// Most of a line that cannot be read.
const RAW: usize = 4 * 1024;
/// Words kept for searching.
const WORDS: usize = 800;
/// A title's length, in characters.
const TITLE: usize = 120;
/// Lines kept of a file of which none is known.
const UNREAD: usize = 1000;
/// What is read of a conversation's file at first.
const FIRST_WINDOW: u64 = 1024 * 1024;
/// Tells what a line says; whether it knows such lines.
pub(crate) type Line = fn(&mut Teller, &Value) -> bool;
/// Things on one line of a file.
const ORDINALS: u64 = 256;

/// What a conversation says of itself.
#[derive(Default)]
pub(crate) struct About {
    pub id: Option<String>,
    pub title: Option<String>,
    pub dir: Option<String>,
    pub model: Option<String>,
    pub started_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    pub first: Option<String>,
    pub last: Option<String>,
    pub follows: Option<String>,
    /// It is no conversation of a person's: a sub-agent's, a probe.
    pub hidden: bool,
}

/// A list needs how a conversation began, how it ended, and the short lines between, where titles are. Making sense of
/// the rest is most of the work.
#[derive(Clone, Copy)]
struct Glance {
    length: u64,
}

impl Glance {
    const BEGINNING: u64 = 32 * 1024;
    const END: u64 = 16 * 1024;
    const SHORT: usize = 1024;
    /// What is as short as this is read whole, so that its messages can be counted. Claude Code takes 150 KiB
    /// for five, most of it notes of its own.
    const WHOLE: u64 = 256 * 1024;

    fn passes(self, offset: u64, line: &[u8]) -> bool {
        let end = offset + line.len() as u64;
        self.length > Self::WHOLE
            && offset > Self::BEGINNING
            && end + Self::END < self.length
            && line.len() > Self::SHORT
    }
}

/// Collects.
#[derive(Default)]
pub(crate) struct Teller {
    pub about: About,
    pub items: Vec<HistoryItem>,
    /// When the line being read was written.
    pub at: Option<Timestamp>,
    calls: HashMap<String, usize>,
    seen: HashSet<String>,
    pos: u64,
    /// For a list: what may be passed over, and whether something was.
    glancing: Option<Glance>,
    passed: bool,
    /// Lines nobody here knows, as they stand: shown only where no line is known.
    unread: Vec<HistoryItem>,
    known: bool,
}

fn shorten(text: String, most: usize) -> (String, u64) {
    if text.len() <= most {
        return (text, 0);
    }
    let end = text.floor_char_boundary(most);
    let left = (text.len() - end) as u64;
    (text[..end].to_string(), left)
}

impl Teller {
    fn has_prompt(&self) -> bool {
        self.items.iter().any(|item| matches!(item.what, HistoryWhat::Prompt { .. }))
    }

    /// What is told next is at this place.
    pub(crate) fn place(&mut self, offset: u64) {
        self.pos = offset * ORDINALS;
    }

    fn put(&mut self, what: HistoryWhat, truncated: u64) {
        let item = HistoryItem { pos: self.pos, at: self.at, truncated, what };
        // More on one line than there are places for keep the last one: they are shown, and paged together.
        if self.pos % ORDINALS < ORDINALS - 1 {
            self.pos += 1;
        }
        self.items.push(item);
    }

    fn text(&mut self, text: String, make: impl FnOnce(String) -> HistoryWhat) {
        if text.trim().is_empty() {
            return;
        }
        let (text, truncated) = shorten(text, TEXT);
        self.put(make(text), truncated);
    }

    pub(crate) fn prompt(&mut self, text: impl Into<String>) {
        self.text(text.into(), |text| HistoryWhat::Prompt { text });
    }

    pub(crate) fn said(&mut self, text: impl Into<String>) {
        self.text(text.into(), |text| HistoryWhat::Message { role: Role::Agent, text });
    }

    pub(crate) fn thought(&mut self, text: impl Into<String>) {
        self.text(text.into(), |text| HistoryWhat::Message { role: Role::Thought, text });
    }

    pub(crate) fn notice(&mut self, text: impl Into<String>) {
        self.text(text.into(), |text| HistoryWhat::Notice { text });
    }

    /// A tool is used; `call` is what its result will name.
    pub(crate) fn tool(&mut self, call: &str, name: &str, input: &Value) {
        if self.calls.contains_key(call) && !call.is_empty() {
            return;
        }
        let (title, truncated) = shorten(title_of(input), RAW);
        if !call.is_empty() {
            self.calls.insert(call.into(), self.items.len());
        }
        let tool = HistoryWhat::Tool { name: name.into(), title, status: None, output: String::new() };
        self.put(tool, truncated);
    }

    /// The tool that was called so gave this.
    pub(crate) fn result(&mut self, call: &str, text: String, ended: ToolStatus) {
        let Some(item) = self.calls.get(call).and_then(|index| self.items.get_mut(*index)) else {
            return self.notice(text);
        };
        if let HistoryWhat::Tool { status, output, .. } = &mut item.what {
            let (text, left) = shorten(text, TEXT);
            (*status, *output) = (Some(ended), text);
            item.truncated += left;
        }
    }

    /// Something that cannot be read, as it stands.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        let cut = bytes.get(..RAW).unwrap_or(bytes);
        let text = String::from_utf8_lossy(cut).into_owned();
        self.put(HistoryWhat::Raw { text }, (bytes.len() - cut.len()) as u64);
    }

    /// Whether this was told before: some formats write a thing again when they know more.
    pub(crate) fn again(&mut self, id: &str) -> bool {
        !self.seen.insert(id.into())
    }

    /// When, as RFC 3339 or milliseconds since 1970; keeps the first and the last.
    pub(crate) fn moment(&mut self, at: Option<&Value>) {
        self.at = at.and_then(moment);
        if let Some(at) = self.at {
            self.about.started_at.get_or_insert(at);
            self.about.updated_at = self.about.updated_at.max(Some(at));
        }
    }

    /// Reads the lines of a stretch; `line` says whether it knows what kind of line it was given.
    pub(crate) fn lines(&mut self, stretch: &Stretch, base: u64, line: Line) {
        for (offset, bytes) in stretch.lines() {
            if self.glancing.is_some_and(|glance| glance.passes(offset, bytes) && self.has_prompt()) {
                self.passed = true;
                continue;
            }
            self.place(base + offset);
            self.at = None;
            if skipped_unread(bytes) {
                continue;
            }
            match serde_json::from_slice::<Value>(bytes) {
                Ok(value) if value.is_object() => {
                    let known = line(self, &value);
                    self.known |= known;
                    if !known && !self.known && self.unread.len() < UNREAD {
                        self.raw(bytes);
                        self.unread.extend(self.items.pop());
                    }
                }
                _ => self.raw(bytes),
            }
        }
    }

    /// What was told. Where nothing could be read, the lines as they stand.
    pub(crate) fn told(self) -> Vec<HistoryItem> {
        if self.known || self.unread.is_empty() {
            return self.items;
        }
        let mut all = self.unread;
        all.extend(self.items);
        all.sort_by_key(|item| item.pos);
        all
    }

    /// What is known of the conversation; nothing where there is none.
    pub(crate) fn kept(self, format: &str, source: &Source, counted: bool) -> Option<Kept> {
        let prompts: Vec<&str> = self
            .items
            .iter()
            .filter_map(|item| match &item.what {
                HistoryWhat::Prompt { text } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        let talk = |item: &&HistoryItem| {
            matches!(item.what, HistoryWhat::Prompt { .. } | HistoryWhat::Message { role: Role::Agent, .. })
        };
        let messages = self.items.iter().filter(talk).count();
        let about = self.about;
        // What nobody said anything in was opened and left; what cannot be read at all is still shown.
        let nothing = self.unread.is_empty() && self.items.is_empty();
        let unreadable = !(self.known || nothing);
        if about.hidden || (messages == 0 && !unreadable) {
            return None;
        }
        let title = about.title.filter(|title| !title.trim().is_empty());
        let title = title.or_else(|| prompts.first().map(ToString::to_string)).unwrap_or_default();
        let updated_at = about.updated_at.unwrap_or_else(|| source.stamp.at());
        Some(Kept {
            agent: source.agent.into(),
            id: about.id.unwrap_or_else(|| crate::format::stem(&source.path)),
            title: one_line(&title),
            dir: about.dir.filter(|dir| !dir.trim().is_empty()),
            started_at: about.started_at,
            updated_at,
            messages: counted.then(|| u32::try_from(messages).unwrap_or(u32::MAX)),
            model: about.model,
            place: source.place.clone(),
            words: shorten(prompts.join("\n"), WORDS).0,
            path: source.path.clone(),
            before: Vec::new(),
            format: format.into(),
            first: about.first,
            last: about.last,
            follows: about.follows,
        })
    }
}

/// Requests as they went to the model, which some programs keep beside the conversation: large, and not part of it.
fn skipped_unread(line: &[u8]) -> bool {
    line.starts_with(br#"{"type":"api-request"#) || line.starts_with(br#"{"type":"file-history-snapshot"#)
}

/// For a file with one JSON value a line: what a list says of it.
pub(crate) fn summary(format: &str, source: &Source, line: Line) -> Option<Kept> {
    let peek = lines::peek(&source.path).ok()?;
    let glancing = Some(Glance { length: source.stamp.size });
    let mut teller = Teller { glancing, ..Teller::default() };
    teller.lines(&peek.head, 0, line);
    if let Some(tail) = &peek.tail {
        teller.lines(tail, 0, line);
    }
    let counted = peek.tail.is_none() && !teller.passed;
    teller.kept(format, source, counted)
}

/// For such a file: what was said, up to a place. Reads ever more of it until there is enough: the end of a conversation
/// of any length is there at once.
pub(crate) fn items(
    kept: &Kept,
    before: Option<u64>,
    wanted: usize,
    line: Line,
) -> std::io::Result<(Vec<HistoryItem>, bool)> {
    let mut most = FIRST_WINDOW;
    loop {
        let (items, cut) = items_within(kept, before, most, line)?;
        let upto = items.iter().filter(|item| before.is_none_or(|before| item.pos < before)).count();
        // Twice: at the beginning of what was read are results of tools whose use was not.
        if !cut || upto >= wanted.saturating_mul(2) || most >= WINDOW {
            return Ok((items, cut));
        }
        most = (most * 4).min(WINDOW);
    }
}

fn items_within(
    kept: &Kept,
    before: Option<u64>,
    most: u64,
    line: Line,
) -> std::io::Result<(Vec<HistoryItem>, bool)> {
    // Earlier files keep their places: each begins where the one before it ends.
    let mut base = 0;
    let mut parts = Vec::new();
    for path in kept.before.iter().chain([&kept.path]) {
        let length = path.metadata().map(|meta| meta.len()).unwrap_or_default();
        parts.push((path, base, base + length));
        base += length;
    }
    let upto = before.map(|pos| pos / ORDINALS);
    let (mut left, mut cut) = (most, false);
    let mut stretches = Vec::new();
    // From the end, so that there is no gap in what was read.
    for (path, start, end) in parts.into_iter().rev() {
        if upto.is_some_and(|upto| upto < start) {
            continue;
        }
        if left == 0 {
            cut = true;
            break;
        }
        let upto = upto.filter(|upto| *upto < end).map(|upto| upto - start);
        match lines::window(path, upto, left) {
            Ok((stretch, more)) => {
                left = left.saturating_sub(end - start);
                stretches.push((stretch, start));
                cut = more;
                if more {
                    break;
                }
            }
            Err(error) if path == &kept.path => return Err(error),
            Err(_) => {}
        }
    }
    let mut teller = Teller::default();
    for (stretch, start) in stretches.iter().rev() {
        teller.lines(stretch, *start, line);
    }
    Ok((teller.told(), cut))
}

/// What was told from memory, whole.
pub(crate) fn told_whole(teller: Teller) -> std::io::Result<(Vec<HistoryItem>, bool)> {
    Ok((teller.told(), false))
}

/// The text as one line of a title's length.
pub(crate) fn one_line(text: &str) -> String {
    visible_line(text, TITLE)
}

/// RFC 3339, or milliseconds since 1970.
pub(crate) fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => {
            let millis = number.as_i64().or_else(|| number.as_f64().map(|millis| millis as i64))?;
            Timestamp::from_millisecond(millis).ok()
        }
        _ => None,
    }
}

/// What a tool is used for: its command or file, else its input.
fn title_of(input: &Value) -> String {
    const TELLING: [&str; 13] = [
        "command",
        "cmd",
        "file_path",
        "filePath",
        "absolute_path",
        "path",
        "pattern",
        "query",
        "url",
        "prompt",
        "description",
        "question",
        "content",
    ];
    for name in TELLING {
        match input.get(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => return text.clone(),
            Some(Value::Array(words)) if words.iter().all(Value::is_string) && !words.is_empty() => {
                let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
                return words.join(" ");
            }
            _ => {}
        }
    }
    match input {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A text, or the texts of a list of parts, in the many ways these are written.
pub(crate) fn text_in(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<String> = parts.iter().map(text_in).filter(|text| !text.is_empty()).collect();
            texts.join("\n")
        }
        Value::Object(part) => {
            let inner =
                ["text", "Text", "content", "output", "error"].iter().find_map(|name| part.get(*name));
            inner.map(text_in).unwrap_or_default()
        }
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
