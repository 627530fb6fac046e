//! Through the tree: which commands there are, in which folder each one runs, and what it reads from.

use crate::notes::Notes;
use crate::parse::parse;
use crate::place::Setting;
use crate::source::Source;
use crate::word::{Said, said};
use offdesk_protocol::{CautionKind, FileAccess, FilePlace, FileTouch, Word};
use std::collections::BTreeSet;
use tree_sitter::Node;

mod redirect;

/// How deep commands may be in one another.
const DEEPEST: usize = 60;
/// How often a text may hold a command as text, as `sh -c` has it.
const DEEPEST_TEXT: usize = 12;

/// What a shell knows between two commands.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// The folder it is in, if that is known.
    pub cwd: Option<String>,
    pub home_set: bool,
    pub pwd_set: bool,
    /// Files that came from the network, by their whole paths.
    pub fetched: BTreeSet<String>,
    /// Functions of its own: what is in them was read where they are made.
    pub functions: BTreeSet<String>,
}

/// What a command reads from.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    Nothing,
    /// The commands before it in a pipe; whether one of them fetches.
    Pipe {
        fetches: bool,
    },
    /// This text.
    Text(Said),
    /// A text that is not known before.
    Unknown,
}

pub(crate) struct Walk<'n> {
    pub setting: &'n Setting,
    whole: &'n str,
    pub notes: &'n mut Notes,
    /// Parts that fetch something from the network.
    pub fetches: BTreeSet<u32>,
    depth: usize,
}

impl<'n> Walk<'n> {
    pub(crate) fn new(text: &'n str, setting: &'n Setting, notes: &'n mut Notes) -> Self {
        Self { setting, whole: text, notes, fetches: BTreeSet::new(), depth: 0 }
    }

    pub(crate) fn all(&mut self) {
        let text = self.whole;
        let mut state = State {
            cwd: Some(self.setting.cwd().into()),
            home_set: false,
            pwd_set: false,
            fetched: BTreeSet::new(),
            functions: BTreeSet::new(),
        };
        self.source(&Source::whole(text), &mut state, None, &Input::Nothing);
    }

    /// A command that is a word of another one.
    pub(crate) fn text(&mut self, text: &Said, depth: usize, state: &mut State, within: Option<u32>) {
        if depth >= DEEPEST_TEXT {
            self.notes.unread(text.span.clone(), "it is nested too deeply");
            return;
        }
        self.source(&Source::within(text, depth + 1), state, within, &Input::Nothing);
    }

    fn source(&mut self, source: &Source<'_>, state: &mut State, within: Option<u32>, input: &Input) {
        let all = || source.span(0..source.text.len());
        if source.text.contains('\0') {
            self.notes.unread(all(), "it has a zero byte");
        }
        match parse(source.text) {
            Some(tree) => {
                let before = self.notes.touches.unread.len();
                let root = tree.root_node();
                self.statements(root, source, state, within, input);
                // The whole may be the mistake.
                if root.has_error() && self.notes.touches.unread.len() == before {
                    self.misread(root, source);
                }
            }
            None => self.notes.unread(all(), "it is too tangled"),
        }
    }

    fn parts(&self) -> u32 {
        u32::try_from(self.notes.touches.parts.len()).unwrap_or(u32::MAX)
    }

    /// Statements one after the other, with what separates them.
    fn statements(
        &mut self,
        node: Node<'_>,
        source: &Source<'_>,
        state: &mut State,
        within: Option<u32>,
        input: &Input,
    ) {
        let mut cursor = node.walk();
        let mut first = self.parts();
        for child in node.children(&mut cursor) {
            if child.is_missing() {
                self.misread(child, source);
            } else if child.kind() == "&" {
                self.background(first);
            } else if child.is_named() {
                first = self.parts();
                self.statement(child, source, state, within, input);
            }
            if self.notes.full() {
                return;
            }
        }
    }

    fn background(&mut self, first: u32) {
        if (first as usize) < self.notes.touches.parts.len() {
            let text = self.words(first);
            self.notes.caution(CautionKind::Background, &text, first);
        }
    }

    /// The part as it is written.
    pub(crate) fn words(&self, part: u32) -> String {
        let part = self.notes.touches.parts.get(part as usize);
        let written = part.and_then(|part| self.whole.get(part.start as usize..part.end as usize));
        written.unwrap_or_default().into()
    }

    fn misread(&mut self, node: Node<'_>, source: &Source<'_>) {
        let range = node.byte_range();
        let shown = crate::notes::clipped(source.text.get(range.clone()).unwrap_or_default().trim(), 40);
        let why = if shown.is_empty() {
            "something is missing in it".to_string()
        } else {
            format!("what “{shown}” means is unclear")
        };
        self.notes.unread(source.span(range), &why);
    }

    fn statement(
        &mut self,
        node: Node<'_>,
        source: &Source<'_>,
        state: &mut State,
        within: Option<u32>,
        input: &Input,
    ) {
        if self.notes.full() {
            return;
        }
        if self.depth >= DEEPEST {
            self.notes.unread(source.span(node.byte_range()), "it is nested too deeply");
            return;
        }
        self.depth += 1;
        self.kind(node, source, state, within, input);
        self.depth -= 1;
    }

    fn kind(
        &mut self,
        node: Node<'_>,
        source: &Source<'_>,
        state: &mut State,
        within: Option<u32>,
        input: &Input,
    ) {
        match node.kind() {
            "comment" => {}
            "command" => self.command(node, source, state, within, input),
            "redirected_statement" => self.redirected(node, source, state, within, input),
            "pipeline" => self.pipeline(node, source, state, within, input),
            "list" => self.list(node, source, state, within, input),
            "subshell" => self.statements(node, source, &mut state.clone(), within, input),
            "command_substitution" | "process_substitution" => {
                self.statements(node, source, &mut state.clone(), within, &Input::Nothing);
            }
            "compound_statement" | "do_group" | "negated_command" => {
                self.statements(node, source, state, within, input);
            }
            "if_statement"
            | "while_statement"
            | "for_statement"
            | "c_style_for_statement"
            | "case_statement"
            | "elif_clause"
            | "else_clause"
            | "case_item"
            | "function_definition" => {
                let named = node.child_by_field_name("name").filter(|_| node.kind() == "function_definition");
                state.functions.extend(named.map(|name| source.text[name.byte_range()].to_string()));
                let before = state.cwd.clone();
                self.statements(node, source, state, within, input);
                // Whether it went there is not known.
                if state.cwd != before {
                    state.cwd = None;
                }
            }
            "variable_assignment" => {
                let name = node.child_by_field_name("name").map(|name| &source.text[name.byte_range()]);
                state.home_set |= name == Some("HOME");
                state.pwd_set |= name == Some("PWD");
                if let Some(name) = name.filter(|name| steers(name)) {
                    let text = format!("{name} says which programs or code run");
                    self.note_opaque(node, source, within, &text);
                }
                self.statements(node, source, state, within, input);
            }
            "declaration_command" | "unset_command" => {
                let part = self.notes.part(source.span(node.byte_range()), within);
                let program = source.text[node.byte_range()].split_whitespace().next();
                let words = source.text[node.byte_range()].split_whitespace();
                let words = words.map(|text| Word { text: text.into(), known: !text.contains(['$', '`']) });
                if let Some(part) = part {
                    self.notes.name(part, program, words);
                }
                self.statements(node, source, state, part.or(within), input);
            }
            "file_redirect" => self.redirect(node, source, state, within),
            "ERROR" => {
                self.misread(node, source);
                self.statements(node, source, state, within, input);
            }
            _ => self.statements(node, source, state, within, &Input::Nothing),
        }
    }

    fn note_opaque(&mut self, node: Node<'_>, source: &Source<'_>, within: Option<u32>, text: &str) {
        let part = within.or_else(|| self.notes.part(source.span(node.byte_range()), None));
        if let Some(part) = part {
            self.notes.caution(CautionKind::Opaque, text, part);
        }
    }

    /// `a && b || c` is a tree that leans to the left, however long it is.
    fn list(
        &mut self,
        node: Node<'_>,
        source: &Source<'_>,
        state: &mut State,
        within: Option<u32>,
        input: &Input,
    ) {
        let mut rest = Vec::new();
        let mut left = node;
        while left.kind() == "list" {
            let count = left.child_count();
            let either = (0..count).filter_map(|at| left.child(at)).any(|child| child.kind() == "||");
            let mut cursor = left.walk();
            let named: Vec<Node<'_>> = left.named_children(&mut cursor).collect();
            let Some((first, others)) = named.split_first() else { break };
            rest.extend(others.iter().rev().map(|other| (*other, either)));
            left = *first;
        }
        self.statement(left, source, state, within, input);
        for (node, either) in rest.into_iter().rev() {
            let before = state.cwd.clone();
            self.statement(node, source, state, within, input);
            if either && state.cwd != before {
                state.cwd = None;
            }
        }
    }

    fn pipeline(
        &mut self,
        node: Node<'_>,
        source: &Source<'_>,
        state: &mut State,
        within: Option<u32>,
        input: &Input,
    ) {
        let mut cursor = node.walk();
        let first = self.parts();
        let mut input = input.clone();
        for stage in node.named_children(&mut cursor) {
            // Each one is a shell of its own.
            let mut own = state.clone();
            self.statement(stage, source, &mut own, within, &input);
            state.fetched.extend(own.fetched);
            input = Input::Pipe { fetches: self.fetched_since(first) };
        }
    }

    pub(crate) fn fetched_since(&self, first: u32) -> bool {
        self.fetches.range(first..).next().is_some()
    }

    /// The stages of a pipe whose first one stands before it.
    fn stages(
        &mut self,
        node: Node<'_>,
        source: &Source<'_>,
        state: &State,
        within: Option<u32>,
        input: &Input,
    ) {
        let mut cursor = node.walk();
        for stage in node.named_children(&mut cursor) {
            self.statement(stage, source, &mut state.clone(), within, input);
        }
    }

    /// A file that is touched, as it is written.
    pub(crate) fn file(&mut self, path: &Said, access: FileAccess, state: &State, part: Option<u32>) {
        const NONE: [&str; 9] = [
            "",
            "-",
            "/dev/stdin",
            "/dev/stdout",
            "/dev/stderr",
            "/dev/tty",
            "/dev/null",
            "/dev/zero",
            "/dev/urandom",
        ];
        if NONE.contains(&path.text.as_str()) {
            return;
        }
        // A file that stands for a command is a pipe.
        if !path.known && (path.text.starts_with("<(") || path.text.starts_with(">(")) {
            return;
        }
        let whole =
            path.known().filter(|path| !path.starts_with('~')).and_then(|path| self.whole(path, state));
        let (path, place) = match (&whole, path.known()) {
            (Some(whole), _) => self.setting.shown(whole),
            (None, Some(path)) if path.starts_with('~') => (path.to_string(), FilePlace::Outside),
            _ => (path.text.clone(), FilePlace::Unknown),
        };
        self.notes.file(FileTouch { path: crate::notes::clipped(&path, 400), access, place, part });
    }

    /// The whole path, if the folder it is in is known.
    pub(crate) fn whole(&self, path: &str, state: &State) -> Option<String> {
        if self.setting.is_relative(path) {
            return state.cwd.as_deref().map(|cwd| self.setting.resolve(cwd, path));
        }
        Some(self.setting.resolve("/", path))
    }

    fn command(
        &mut self,
        node: Node<'_>,
        source: &Source<'_>,
        state: &mut State,
        within: Option<u32>,
        input: &Input,
    ) {
        let Some(part) = self.notes.part(source.span(node.byte_range()), within) else { return };
        let mut words: Vec<Said> = Vec::new();
        let mut input = input.clone();
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            match child.kind() {
                _ if child.is_missing() => self.misread(child, source),
                "variable_assignment" => {
                    // It holds for this command alone.
                    let mut own = state.clone();
                    self.statement(child, source, &mut own, Some(part), &Input::Nothing);
                }
                "file_redirect" => self.redirect(child, source, state, Some(part)),
                "herestring_redirect" => {
                    self.statements(child, source, state, Some(part), &Input::Nothing);
                    input = self.herestring(child, source, state);
                }
                "subshell" => self.statements(child, source, &mut state.clone(), Some(part), &Input::Nothing),
                "ERROR" => {
                    self.misread(child, source);
                    self.statements(child, source, state, Some(part), &Input::Nothing);
                }
                _ => {
                    words.push(said(child, source, state, self.setting.home()));
                    self.within_word(child, source, state, part);
                }
            }
        }
        self.program(part, &words, state, &input, source.depth);
    }

    /// The commands a word is made from run before it.
    fn within_word(&mut self, node: Node<'_>, source: &Source<'_>, state: &State, part: u32) {
        match node.kind() {
            "word" | "number" | "raw_string" | "ansi_c_string" | "simple_expansion" => {}
            _ if node.is_named() => {
                self.statement(node, source, &mut state.clone(), Some(part), &Input::Nothing)
            }
            _ => {}
        }
    }
}

/// Variables by which one program makes another one run something.
fn steers(name: &str) -> bool {
    matches!(
        name,
        "PATH"
            | "LD_PRELOAD"
            | "LD_LIBRARY_PATH"
            | "LD_AUDIT"
            | "BASH_ENV"
            | "ENV"
            | "PROMPT_COMMAND"
            | "IFS"
            | "PYTHONPATH"
            | "PYTHONSTARTUP"
            | "NODE_OPTIONS"
            | "PERL5OPT"
            | "RUBYOPT"
            | "GIT_SSH"
            | "GIT_SSH_COMMAND"
            | "GIT_EXTERNAL_DIFF"
            | "GIT_PAGER"
            | "PAGER"
            | "EDITOR"
            | "VISUAL"
            | "RUSTC_WRAPPER"
            | "DYLD_INSERT_LIBRARIES"
    ) || name.starts_with("GIT_CONFIG")
}
