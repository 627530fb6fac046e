//! A text that is read, and where its letters are in the whole that a person sees.

use crate::word::Said;
use std::ops::Range;

/// A text that is read as commands.
pub(crate) struct Source<'a> {
    pub text: &'a str,
    map: Map,
    /// How often it is a word of a command in another text.
    pub depth: usize,
}

enum Map {
    /// It begins here, letter by letter.
    At(usize),
    /// It is somewhere in here, with other quotes.
    Within(Range<usize>),
}

impl<'a> Source<'a> {
    pub(crate) fn whole(text: &'a str) -> Self {
        Self { text, map: Map::At(0), depth: 0 }
    }

    /// A word of a command that is a command itself.
    pub(crate) fn within(text: &'a Said, depth: usize) -> Self {
        let map = text.at.map_or_else(|| Map::Within(text.span.clone()), Map::At);
        Self { text: &text.text, map, depth }
    }

    pub(crate) fn at(&self, offset: usize) -> Option<usize> {
        match &self.map {
            Map::At(base) => Some(base + offset),
            Map::Within(_) => None,
        }
    }

    pub(crate) fn span(&self, range: Range<usize>) -> Range<usize> {
        match &self.map {
            Map::At(base) => base + range.start..base + range.end,
            Map::Within(whole) => whole.clone(),
        }
    }
}
