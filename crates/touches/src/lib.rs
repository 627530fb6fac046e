//! What a command or an edit would touch, read from its text alone: pure, bounded, advice and nothing more.
//!
//! Fences tree-sitter. What a shell really does depends on variables, links, aliases and programs that are not in the
//! text; so this names what it sees, says what it could not read, and never that a thing is safe.

mod args;
mod files;
mod git;
mod lines;
mod network;
mod notes;
mod parse;
mod place;
mod program;
mod source;
mod unwrap;
mod walk;
mod word;

use offdesk_protocol::{FileAccess, FileDiff, FileTouch, Touches, Unread};
pub use place::Setting;

/// Longest command that is read, in bytes.
const LONGEST: usize = 128 * 1024;

/// What a command of a POSIX shell would touch.
///
/// ```
/// use offdesk_touches::{Setting, command};
/// let setting = Setting::new("/home/ada/project", "/home/ada/project", Some("/home/ada"));
/// let touches = command("cd .. && rm -rf notes", &setting);
/// assert_eq!(touches.files[0].path, "~/notes");
/// assert_eq!(touches.lines[0].text, "Cannot be undone: rm -rf notes");
/// ```
pub fn command(text: &str, setting: &Setting) -> Touches {
    let mut notes = notes::Notes::default();
    if text.len() > LONGEST {
        notes.unread(0..text.len(), "it is longer than 128 KiB");
    } else {
        walk::Walk::new(text, setting, &mut notes).all();
    }
    finish(notes.touches)
}

/// What a command in a language that is not read here would touch: nobody knows.
pub fn unread(text: &str, why: &str) -> Touches {
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    finish(Touches { unread: vec![Unread { start: 0, end, why: why.into() }], ..Touches::default() })
}

/// What an edit would touch.
pub fn edit(diffs: &[FileDiff], setting: &Setting) -> Touches {
    let mut files: Vec<FileTouch> = Vec::new();
    for diff in diffs {
        let (path, place) = setting.shown(&setting.resolve(setting.cwd(), &diff.path));
        let touch = FileTouch { path, access: FileAccess::Write, place, part: None };
        if !files.contains(&touch) {
            files.push(touch);
        }
    }
    finish(Touches { files, ..Touches::default() })
}

fn finish(mut touches: Touches) -> Touches {
    touches.lines = lines::lines(&touches);
    touches
}
