//! The grammar, with an end to its work.

use std::ops::ControlFlow;
use tree_sitter::{ParseOptions, Parser, Tree};

/// How often the parser may report that it is still at work, which it does every hundred steps: an ordinary command of
/// 128 KiB needs a third of this, and hostile ones must not take seconds.
const MOST_REPORTS: u32 = 6_000;

/// Here-documents of one command, at most: the grammar keeps all that are open at every step.
const MOST_HEREDOCS: usize = 64;

/// The command's tree; nothing if it could not be made in time.
pub(crate) fn parse(text: &str) -> Option<Tree> {
    if text.matches("<<").count() > MOST_HEREDOCS {
        return None;
    }
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_bash::LANGUAGE.into()).ok()?;
    let mut reports = 0;
    let mut within = |_: &_| {
        reports += 1;
        if reports > MOST_REPORTS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let plain = plain(text);
    let mut read = |at: usize, _| plain.get(at..).unwrap_or_default();
    parser.parse_with_options(&mut read, None, Some(ParseOptions::new().progress_callback(&mut within)))
}

/// The text as far as the shell's grammar goes, byte for byte: what is not ASCII is a letter to a shell, also a space that
/// only looks like one, and so are control characters but tab and line end. The grammar would take some of them for
/// white space, and for others its scanner asks C's `isdigit`, which must not be asked.
fn plain(text: &str) -> Vec<u8> {
    let letter = |byte: u8| !byte.is_ascii() || byte.is_ascii_control() && !matches!(byte, b'\n' | b'\t');
    text.bytes().map(|byte| if letter(byte) { b'x' } else { byte }).collect()
}
