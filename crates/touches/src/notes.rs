//! What was found, bounded.

use offdesk_protocol::{Caution, CautionKind, CommandPart, FileTouch, NetworkTouch, Touches, Unread, Word};
use std::ops::Range;

/// Parts that are listed, at most; and of everything else.
const MOST_PARTS: usize = 400;
const MOST_FINDINGS: usize = 1000;
/// Words of one part, at most, and characters of one of them.
const MOST_WORDS: usize = 200;
const LONGEST_WORD: usize = 400;

#[derive(Default)]
pub(crate) struct Notes {
    pub touches: Touches,
    full: bool,
}

/// At most so many characters of it.
pub(crate) fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Notes {
    /// A place for a part; nothing when there are too many already.
    pub(crate) fn part(&mut self, span: Range<usize>, within: Option<u32>) -> Option<u32> {
        if self.touches.parts.len() >= MOST_PARTS {
            if !self.full {
                self.full = true;
                let rest = span.start..span.end.max(span.start);
                self.unread(rest, "it has more than 400 commands; the rest is not listed");
            }
            return None;
        }
        let (start, end) = (offset(span.start), offset(span.end));
        self.touches.parts.push(CommandPart { start, end, program: None, words: Vec::new(), within });
        Some(offset(self.touches.parts.len() - 1))
    }

    pub(crate) fn name(&mut self, part: u32, program: Option<&str>, words: impl Iterator<Item = Word>) {
        if let Some(part) = self.touches.parts.get_mut(part as usize) {
            part.program = program.map(|name| clipped(name, LONGEST_WORD));
            part.words =
                words.take(MOST_WORDS).map(|w| Word { text: clipped(&w.text, LONGEST_WORD), ..w }).collect();
        }
    }

    pub(crate) fn file(&mut self, touch: FileTouch) {
        if self.touches.files.len() < MOST_FINDINGS && !self.touches.files.contains(&touch) {
            self.touches.files.push(touch);
        }
    }

    pub(crate) fn network(&mut self, program: &str, host: Option<String>, part: u32) {
        let touch = NetworkTouch { program: program.into(), host, part };
        if self.touches.network.len() < MOST_FINDINGS && !self.touches.network.contains(&touch) {
            self.touches.network.push(touch);
        }
    }

    pub(crate) fn caution(&mut self, kind: CautionKind, text: &str, part: u32) {
        let caution = Caution { kind, text: clipped(text, 160), part };
        if self.touches.cautions.len() < MOST_FINDINGS && !self.touches.cautions.contains(&caution) {
            self.touches.cautions.push(caution);
        }
    }

    pub(crate) fn unread(&mut self, span: Range<usize>, why: &str) {
        let unread = Unread { start: offset(span.start), end: offset(span.end), why: why.into() };
        if self.touches.unread.len() < MOST_FINDINGS && !self.touches.unread.contains(&unread) {
            self.touches.unread.push(unread);
        }
    }

    /// Whether nothing more is listed.
    pub(crate) fn full(&self) -> bool {
        self.full
    }
}
