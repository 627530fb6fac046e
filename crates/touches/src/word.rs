//! Words as the program would get them.

use crate::source::Source;
use crate::walk::State;
use offdesk_protocol::Word;
use std::ops::Range;
use tree_sitter::Node;

/// One word of a command.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub text: String,
    /// It is the word itself; otherwise as it is written.
    pub known: bool,
    /// Where it is in the whole text.
    pub span: Range<usize>,
    /// Where its text begins there, if it stands there letter by letter.
    pub at: Option<usize>,
}

impl Said {
    pub(crate) fn word(&self) -> Word {
        Word { text: self.text.clone(), known: self.known }
    }

    /// Its text, if it is known.
    pub(crate) fn known(&self) -> Option<&str> {
        self.known.then_some(self.text.as_str())
    }

    /// The rest of it.
    pub(crate) fn after(&self, skip: usize) -> Said {
        let at = self.at.map(|at| at + skip);
        Said { text: self.text.get(skip..).unwrap_or_default().into(), at, ..self.clone() }
    }
}

/// A word of the tree, without its quotes.
pub(crate) fn said(node: Node<'_>, source: &Source<'_>, state: &State, home: Option<&str>) -> Said {
    let mut reading = Reading { source, state, home, text: String::new(), known: true };
    reading.node(node, 0, true);
    let span = source.span(node.byte_range());
    let written = source.text.get(node.byte_range()).unwrap_or_default();
    if !reading.known {
        return Said { text: written.into(), known: false, at: None, span };
    }
    let text = reading.text;
    let range = node.byte_range();
    let at = if text == written {
        source.at(range.start)
    } else if range.len() >= 2 && source.text.get(range.start + 1..range.end - 1) == Some(&text) {
        source.at(range.start + 1)
    } else {
        None
    };
    Said { text, known: true, span, at }
}

struct Reading<'a> {
    source: &'a Source<'a>,
    state: &'a State,
    home: Option<&'a str>,
    text: String,
    known: bool,
}

impl Reading<'_> {
    fn node(&mut self, node: Node<'_>, depth: usize, first: bool) {
        let written = self.source.text.get(node.byte_range()).unwrap_or_default();
        if depth > 20 || node.is_missing() {
            self.known = false;
            return;
        }
        match node.kind() {
            "command_name" | "concatenation" | "translated_string" => self.children(node, depth, first),
            "string" => self.string(node, depth),
            "raw_string" => self.text.push_str(inner(written, 1, 1)),
            "ansi_c_string" if !written.contains('\\') => self.text.push_str(inner(written, 2, 1)),
            "word" | "number" | "test_operator" => self.word(written, first),
            "simple_expansion" | "expansion" => self.variable(written),
            // What braces and brackets of a concatenation are made of.
            "``" => {}
            _ if node.is_named() => self.known = false,
            _ => self.text.push_str(written),
        }
    }

    fn children(&mut self, node: Node<'_>, depth: usize, mut first: bool) {
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            self.node(child, depth + 1, first);
            first = false;
        }
    }

    /// Text between the pieces of a string belongs to it, although the tree leaves white space out.
    fn string(&mut self, node: Node<'_>, depth: usize) {
        let mut at = node.start_byte() + 1;
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            self.quoted(self.source.text.get(at..child.start_byte()).unwrap_or_default());
            match child.kind() {
                "string_content" => {
                    self.quoted(self.source.text.get(child.byte_range()).unwrap_or_default());
                }
                _ => self.node(child, depth + 1, false),
            }
            at = child.end_byte();
        }
        self.quoted(self.source.text.get(at..node.end_byte().saturating_sub(1)).unwrap_or_default());
    }

    fn quoted(&mut self, written: &str) {
        let mut chars = written.chars();
        while let Some(c) = chars.next() {
            match (c, if c == '\\' { chars.next() } else { None }) {
                ('\\', Some('\n')) => {}
                ('\\', Some(next @ ('$' | '`' | '"' | '\\'))) => self.text.push(next),
                ('\\', Some(next)) => self.text.extend(['\\', next]),
                (c, _) => self.text.push(c),
            }
        }
    }

    fn word(&mut self, written: &str, first: bool) {
        let mut rest = written;
        if first && rest.starts_with('~') {
            let name = &rest[1..rest.find('/').unwrap_or(rest.len())];
            match (name, self.home) {
                ("", Some(home)) => {
                    self.text.push_str(home);
                    rest = &rest[1..];
                }
                ("", None) => self.known = false,
                // Somebody else's home folder stays as it is written.
                _ => {}
            }
        }
        let mut chars = rest.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => self.text.extend(chars.next().filter(|c| *c != '\n')),
                '{' => {
                    // Braces may stand for several words.
                    self.known &= !(rest.contains(',') || rest.contains(".."));
                    self.text.push(c);
                }
                c => self.text.push(c),
            }
        }
    }

    fn variable(&mut self, written: &str) {
        let value = match written {
            "$HOME" | "${HOME}" if !self.state.home_set => self.home.map(str::to_owned),
            "$PWD" | "${PWD}" if !self.state.pwd_set => self.state.cwd.clone(),
            _ => None,
        };
        match value {
            Some(value) => self.text.push_str(&value),
            None => self.known = false,
        }
    }
}

fn inner(written: &str, before: usize, after: usize) -> &str {
    written.get(before..written.len().saturating_sub(after)).unwrap_or_default()
}
