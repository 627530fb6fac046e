//! Screens of real programs, and what they ask: `fixtures/screens/README.md` says where each is from.

use super::Screen;
use offdesk_agents::{Asked, detect};
use offdesk_protocol::DetectedKind;
use std::path::{Path, PathBuf};

/// A file, and what it asks: the kind of answer, the line, and replies with their keys.
type Row = (&'static str, DetectedKind, &'static str, &'static [(&'static str, &'static str)]);

/// The screen that this output leaves; a text is one of 120 columns.
fn screen(path: &Path) -> Screen {
    let mut bytes = std::fs::read(path).unwrap();
    let mut screen = Screen::default();
    if path.extension().is_some_and(|kind| kind == "txt") {
        screen.resize(120, 60);
        bytes = String::from_utf8(bytes).unwrap().replace('\n', "\r\n").into_bytes();
    }
    screen
        .follow(bytes.len() as u64, |from, max| {
            Ok(bytes[from as usize..].iter().copied().take(max).collect())
        })
        .unwrap();
    screen
}

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/screens").join(folder);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn asked(name: &str) -> Asked {
    let path = fixtures("asks").into_iter().find(|path| path.file_name().unwrap() == name).unwrap();
    detect(&screen(&path).text()).unwrap_or_else(|| panic!("{name} asks"))
}

#[test]
fn real_programs_that_ask() {
    use DetectedKind::*;
    const NO_KEYS: &[(&str, &str)] = &[];
    const YN: &[(&str, &str)] = &[("Yes", "y\r"), ("No", "n\r")];
    const YES_NO: &[(&str, &str)] = &[("Yes", "yes\r"), ("No", "no\r")];
    const ENTER: &[(&str, &str)] = &[("Enter", "\r")];
    let table: &[Row] = &[
        ("apt.txt", Confirm, "Do you want to continue? [Y/n]", YN),
        ("bash-read.bin", Confirm, "Continue? [y/N]", YN),
        ("bash-select.bin", Choice, "#?", &[("staging", "1\r"), ("production", "2\r")]),
        (
            "clack.txt",
            Choice,
            "Select a framework:",
            &[("Vanilla", "\r"), ("Vue", "\x1b[B\r"), ("React", "\x1b[B\x1b[B\r")],
        ),
        (
            "claude-bash.txt",
            Choice,
            "Do you want to proceed?",
            &[
                ("Yes", "\r"),
                ("Yes, and always allow access to /home/dev/claude-tui from this project", "\x1b[B\r"),
                ("Yes, and switch to auto mode · auto mode handles these prompts for you", "\x1b[B\x1b[B\r"),
                ("No", "\x1b[B\x1b[B\x1b[B\r"),
            ],
        ),
        (
            "claude-trust.txt",
            Trust,
            "Accessing workspace:\n/home/dev/claude-tui\nQuick safety check: Is this a project you created or one you trust? (Like your \
             own code, a well-known open source project, or work from your team). If not, take a moment to review what's \
             in this folder first.\nClaude Code'll be able to read, edit, and execute files here.\nSecurity guide",
            &[("No, exit", "\r"), ("Yes, I trust this folder", "\x1b[B\r")],
        ),
        (
            "claude-key.txt",
            Choice,
            "Do you want to use this API key?",
            &[("Yes", "\x1b[A\r"), ("No (recommended)", "\r")],
        ),
        (
            "claude-write.txt",
            Choice,
            "Do you want to create hello.txt?",
            &[
                ("Yes", "\r"),
                (
                    "Yes, and switch to accept edits (auto-approve file edits and common file command",
                    "\x1b[B\r",
                ),
                ("No", "\x1b[B\x1b[B\r"),
            ],
        ),
        (
            "claude-question.txt",
            Choice,
            "Which colour should the button be?",
            &[
                ("Red", "\r"),
                ("Blue", "\x1b[B\r"),
                ("Type something.", "\x1b[B\x1b[B\r"),
                ("Chat about this", "\x1b[B\x1b[B\x1b[B\r"),
            ],
        ),
        (
            "codex-approval.txt",
            Choice,
            "Would you like to run the following command?",
            &[
                ("Yes, proceed (y)", "\r"),
                ("Yes, and don't ask again for commands that start with `touch shared.txt` (p)", "\x1b[B\r"),
                ("No, and tell Codex what to do differently (esc)", "\x1b[B\x1b[B\r"),
            ],
        ),
        ("cp-i.bin", Text, "cp: overwrite 'g'?", NO_KEYS),
        (
            "gemini-first.bin",
            Trust,
            "Do you trust the files in this folder?\nTrusting a folder allows Gemini CLI to load its local configurations, including \
             custom commands, hooks, MCP servers, agent skills, and settings. These configurations could execute code on \
             your behalf or change the behavior of the CLI.",
            &[
                ("Trust folder (r)", "\r"),
                ("Trust parent folder (demo)", "\x1b[B\r"),
                ("Don't trust", "\x1b[B\x1b[B\r"),
            ],
        ),
        (
            "gh.txt",
            Choice,
            "What account do you want to log into?  [Use arrows to move, type to filter]",
            &[("GitHub.com", "\r"), ("Other", "\x1b[B\r")],
        ),
        ("git-add-p.bin", Confirm, "(1/1) Stage this hunk [y,n,q,a,d,e,?]?", YN),
        ("git-credential.bin", Text, "Username for 'https://git.example.com':", NO_KEYS),
        ("npm-init.bin", Text, "package name: (demo)", ENTER),
        ("npm-init-end.bin", Confirm, "Is this OK? (yes)", YES_NO),
        ("npx.bin", Confirm, "Ok to proceed? (y)", YN),
        ("openssl-password.bin", Password, "Enter PEM pass phrase:", NO_KEYS),
        ("press-enter.bin", Key, "Press ENTER to continue, or Ctrl-C to stop...", ENTER),
        ("rm-i.bin", Text, "rm: remove regular file 'g'?", NO_KEYS),
        (
            "ssh-hostkey.txt",
            Confirm,
            "Are you sure you want to continue connecting (yes/no/[fingerprint])?",
            YES_NO,
        ),
        ("ssh-keygen.bin", Password, "Enter passphrase (empty for no passphrase):", NO_KEYS),
        ("ssh-password.txt", Password, "dev@desk.example.com's password:", NO_KEYS),
        ("sudo.txt", Password, "[sudo] password for dev:", NO_KEYS),
        ("terraform.txt", Text, "Enter a value:", NO_KEYS),
        ("unzip.txt", Confirm, "replace a.txt? [y]es, [n]o, [A]ll, [N]one, [r]ename:", YN),
    ];
    for (name, kind, text, keys) in table {
        let asked = asked(name);
        let choices: Vec<_> =
            asked.choices.iter().map(|one| (one.label.as_str(), one.keys.as_str())).collect();
        assert_eq!((asked.kind, asked.text.as_str(), &choices[..]), (*kind, *text, *keys), "{name}");
    }
    let plan = asked("claude-plan.txt");
    assert!(plan.text.ends_with("Would you like to proceed?") && plan.choices.len() == 3, "{plan:#?}");
}

#[test]
fn every_screen_that_asks_is_seen_and_no_other() {
    for path in fixtures("asks") {
        let text = screen(&path).text();
        assert!(detect(&text).is_some(), "{} asks:\n{}", path.display(), text.rows.join("\n"));
    }
    for path in fixtures("quiet") {
        assert_eq!(detect(&screen(&path).text()), None, "{} asks nothing", path.display());
    }
}

#[test]
fn a_question_that_was_wrapped_is_read_whole_and_arrows_are_said_as_the_program_wants_them() {
    let mut narrow = Screen::default();
    narrow.resize(20, 10);
    let bytes = b"Do you really want to remove everything? [y/N] ".to_vec();
    narrow.follow(bytes.len() as u64, |from, _| Ok(bytes[from as usize..].to_vec())).unwrap();
    assert_eq!(detect(&narrow.text()).unwrap().text, "Do you really want to remove everything? [y/N]");

    let mut menu = Screen::default();
    let bytes = "\x1b[?1hColour?\r\n❯ 1. Red\r\n  2. Blue\r\nEnter to select".as_bytes().to_vec();
    menu.follow(bytes.len() as u64, |from, _| Ok(bytes[from as usize..].to_vec())).unwrap();
    assert_eq!(detect(&menu.text()).unwrap().choices[1].keys, "\x1bOB\r");
}

#[test]
fn a_mark_is_a_line_of_its_own() {
    let says = |text: &str| {
        let mut screen = Screen::default();
        screen
            .follow(text.len() as u64, |from, max| {
                Ok(text.as_bytes()[from as usize..].iter().copied().take(max).collect())
            })
            .unwrap();
        screen.last_says("rev>")
    };
    for (text, so) in [
        ("done\r\n\r\n\x1b[95mrev\x1b[0m\x1b[90m>\x1b[0m ", true),
        ("rev>   ", true),
        ("Running command: echo rev>", false),
        ("rev> half a word", false),
        ("rev> \r\nPLANNING", false),
        ("", false),
    ] {
        assert_eq!(says(text), so, "{text:?}");
    }
}
