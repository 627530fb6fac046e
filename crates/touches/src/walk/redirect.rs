//! Redirects: what a command reads instead of its terminal, and which files it writes to beside its arguments.

use super::{Input, Source, State, Walk};
use crate::word::{Said, said};
use offdesk_protocol::FileAccess;
use tree_sitter::Node;

impl Walk<'_> {
    pub(super) fn redirected(
        &mut self,
        node: Node<'_>,
        source: &Source<'_>,
        state: &mut State,
        within: Option<u32>,
        input: &Input,
    ) {
        let mut input = input.clone();
        let mut cursor = node.walk();
        let redirects: Vec<Node<'_>> = node.children_by_field_name("redirect", &mut cursor).collect();
        for redirect in &redirects {
            match redirect.kind() {
                "heredoc_redirect" => input = heredoc(*redirect, source),
                "herestring_redirect" => input = self.herestring(*redirect, source, state),
                _ if source.text[redirect.byte_range()].starts_with('<') => input = Input::Unknown,
                _ => {}
            }
        }
        let first = self.parts();
        let body = node.child_by_field_name("body");
        match body {
            Some(body) => self.statement(body, source, state, within, &input),
            None => {
                self.notes.part(source.span(node.byte_range()), within);
            }
        }
        let part = (self.parts() > first).then_some(first).or(within);
        for redirect in redirects {
            match redirect.kind() {
                "file_redirect" => self.redirect(redirect, source, state, part),
                "heredoc_redirect" => self.behind(redirect, source, state, within, first),
                _ => self.statements(redirect, source, state, part, &Input::Nothing),
            }
        }
    }

    /// What follows `<<END` on its line: a pipe, a next command, a file.
    fn behind(
        &mut self,
        heredoc: Node<'_>,
        source: &Source<'_>,
        state: &mut State,
        within: Option<u32>,
        first: u32,
    ) {
        let mut cursor = heredoc.walk();
        let piped =
            heredoc.children(&mut cursor).any(|child| child.kind() == "|" || child.kind() == "pipeline");
        let input = match piped {
            true => Input::Pipe { fetches: self.fetched_since(first) },
            false => Input::Nothing,
        };
        let mut cursor = heredoc.walk();
        for child in heredoc.named_children(&mut cursor) {
            match child.kind() {
                "heredoc_start" | "heredoc_end" | "file_descriptor" => {}
                "file_redirect" => self.redirect(child, source, state, Some(first)),
                "heredoc_body" => self.statements(child, source, state, Some(first), &Input::Nothing),
                "pipeline" => self.stages(child, source, state, within, &input),
                "word" | "string" | "raw_string" | "concatenation" | "number" => {
                    self.notes.unread(source.span(child.byte_range()), "arguments follow a here-document");
                }
                _ => self.statement(child, source, state, within, &input),
            }
        }
    }

    pub(super) fn herestring(&mut self, redirect: Node<'_>, source: &Source<'_>, state: &State) -> Input {
        let mut cursor = redirect.walk();
        let word =
            redirect.named_children(&mut cursor).filter(|child| child.kind() != "file_descriptor").last();
        match word.map(|word| said(word, source, state, self.setting.home())) {
            Some(text) if text.known => Input::Text(text),
            _ => Input::Unknown,
        }
    }

    pub(super) fn redirect(
        &mut self,
        node: Node<'_>,
        source: &Source<'_>,
        state: &mut State,
        part: Option<u32>,
    ) {
        self.statements(node, source, state, part, &Input::Nothing);
        let mut cursor = node.walk();
        let sign =
            node.children(&mut cursor).find(|child| !child.is_named()).map_or("", |child| child.kind());
        let mut cursor = node.walk();
        for target in node.children_by_field_name("destination", &mut cursor) {
            let target = said(target, source, state, self.setting.home());
            let copies = sign.ends_with('&') && target.text.chars().all(|c| c.is_ascii_digit() || c == '-');
            if copies || sign.ends_with("&-") {
                continue;
            }
            let access = if sign.starts_with('<') { FileAccess::Read } else { FileAccess::Write };
            self.file(&target, access, state, part);
            if let Some(rest) = target
                .known()
                .and_then(|path| path.strip_prefix("/dev/tcp/").or_else(|| path.strip_prefix("/dev/udp/")))
            {
                let host = rest.split('/').next().map(str::to_owned);
                self.notes.network("the shell", host, part.unwrap_or_default());
            }
        }
    }
}

/// A here-document's text: known when nothing in it is replaced.
fn heredoc(redirect: Node<'_>, source: &Source<'_>) -> Input {
    let mut cursor = redirect.walk();
    let mut start = None;
    let mut body = None;
    for child in redirect.named_children(&mut cursor) {
        match child.kind() {
            "heredoc_start" => start = Some(child),
            "heredoc_body" => body = Some(child),
            _ => {}
        }
    }
    let (Some(start), Some(body)) = (start, body) else { return Input::Unknown };
    let range = body.byte_range();
    let text = source.text.get(range.clone()).unwrap_or_default();
    let raw = source.text.get(start.byte_range()).is_some_and(|word| word.starts_with(['\'', '"', '\\']));
    if !raw && text.contains(['$', '`', '\\']) {
        return Input::Unknown;
    }
    let (at, span) = (source.at(range.start), source.span(range));
    Input::Text(Said { text: text.into(), known: true, span, at })
}
