//! What is read of commands: a table that the page reads as well, places in the text, and hostile ones.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so"
)]

use offdesk_protocol::{CautionKind, FileAccess, FileDiff, FilePlace, Touches};
use offdesk_touches::{Setting, command, edit, unread};
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn here() -> Setting {
    Setting::new("/home/ada/project", "/home/ada/project", Some("/home/ada"))
}

fn read(text: &str) -> Touches {
    command(text, &here())
}

#[test]
fn the_table_says_what_each_command_touches() {
    let table = include_str!("../../../fixtures/touches/commands.json");
    let table: Vec<(String, Vec<String>)> = serde_json::from_str(table).unwrap();
    assert!(table.len() > 100);
    for (text, expected) in table {
        let lines = read(&text).lines;
        let lines: Vec<String> = lines
            .iter()
            .map(|line| format!("{} {}", if line.grave { '!' } else { '-' }, line.text))
            .collect();
        assert_eq!(lines, expected, "{text}");
    }
}

#[test]
fn every_part_is_where_it_is_written() {
    for (text, parts) in [
        ("cd sub && rm x; ls | wc -l", vec!["cd sub", "rm x", "ls", "wc -l"]),
        (
            "sudo env A=1 sh -c 'rm a; touch b'",
            vec![
                "sudo env A=1 sh -c 'rm a; touch b'",
                "env A=1 sh -c 'rm a; touch b'",
                "sh -c 'rm a; touch b'",
                "rm a",
                "touch b",
            ],
        ),
        ("é; echo \"ü $(rm ö)\" &", vec!["é", "echo \"ü $(rm ö)\"", "rm ö"]),
        // With quotes in it, where its letters are is not known: the word is named whole.
        (
            "sh -c \"echo \\\"a\\\"; rm b\"",
            vec!["sh -c \"echo \\\"a\\\"; rm b\"", "\"echo \\\"a\\\"; rm b\"", "\"echo \\\"a\\\"; rm b\""],
        ),
    ] {
        let found = read(text);
        let found: Vec<&str> =
            found.parts.iter().map(|part| &text[part.start as usize..part.end as usize]).collect();
        assert_eq!(found, parts, "{text}");
    }
}

#[test]
fn a_part_knows_its_program_its_words_and_who_runs_it() {
    let touches = read("timeout 5 rm -f \"$X\" 'a b'");
    let inner = &touches.parts[1];
    assert_eq!((inner.program.as_deref(), inner.within), (Some("rm"), Some(0)));
    let words: Vec<(&str, bool)> = inner.words.iter().map(|word| (word.text.as_str(), word.known)).collect();
    assert_eq!(words, [("rm", true), ("-f", true), ("\"$X\"", false), ("a b", true)]);
    assert_eq!(
        touches.files.iter().map(|file| file.place).collect::<Vec<_>>(),
        [FilePlace::Unknown, FilePlace::Inside]
    );
    assert!(touches.cautions.iter().any(|c| c.kind == CautionKind::Irreversible && c.part == 1));
}

#[test]
fn an_edit_names_its_files_and_what_is_not_read_is_said() {
    let diff =
        |path: &str| FileDiff { path: path.into(), unified: String::new(), base_hash: None, created: true };
    let touches = edit(&[diff("src/a.rs"), diff("/home/ada/.bashrc"), diff("../b")], &here());
    let files: Vec<_> = touches.files.iter().map(|file| (file.path.as_str(), file.place)).collect();
    let outside = FilePlace::Outside;
    assert_eq!(files, [("src/a.rs", FilePlace::Inside), ("~/.bashrc", outside), ("~/b", outside)]);
    assert!(touches.files.iter().all(|file| file.access == FileAccess::Write));
    assert_eq!(touches.lines[0].text, "Writes outside this folder: ~/.bashrc, ~/b");
    let touches = unread("Remove-Item x", "PowerShell is not read");
    assert_eq!(touches.lines[0].text, "Could not be read whole: PowerShell is not read");
}

/// All that is named must be there, and nothing in the text may be passed over in silence.
fn holds(text: &str) {
    let touches = read(text);
    let inside = |start: u32, end: u32| {
        assert!(
            start <= end && text.get(start as usize..end as usize).is_some(),
            "{start}..{end} of {text:?}"
        );
    };
    touches.parts.iter().for_each(|part| inside(part.start, part.end));
    touches.unread.iter().for_each(|unread| inside(unread.start, unread.end));
    let count = touches.parts.len() as u32;
    assert!(touches.parts.iter().enumerate().all(|(at, part)| part.within.is_none_or(|w| w < at as u32)));
    assert!(touches.cautions.iter().all(|caution| caution.part < count), "{text:?}");
    assert!(touches.network.iter().all(|network| network.part < count), "{text:?}");
    assert!(touches.files.iter().all(|file| file.part.is_none_or(|part| part < count)), "{text:?}");
    assert!(touches.lines.iter().all(|line| !line.text.contains('\n')), "{text:?}");
}

const PIECES: &[&str] = &[
    "rm",
    " ",
    "-rf",
    "/",
    "~",
    "$HOME",
    "$X",
    "'",
    "\"",
    "`",
    "$(",
    ")",
    "(",
    "&&",
    "||",
    ";",
    "|",
    "&",
    "\n",
    "<<E",
    "<<'E'",
    "E\n",
    ">",
    "<",
    "<<<",
    "2>&1",
    "sh -c ",
    "eval ",
    "xargs ",
    "sudo ",
    "env A=1 ",
    "find . -exec ",
    "{}",
    "\\;",
    "curl http://a.b/c",
    "cd ",
    "..",
    "if ",
    "then ",
    "fi",
    "for i in ",
    "do ",
    "done",
    "case ",
    "esac",
    "{",
    "}",
    "[[",
    "]]",
    "\\",
    "#",
    "$((",
    "))",
    "é",
    "\u{202e}",
    "\0",
    "𝒳",
    "*",
    "=",
    "git ",
    "push ",
    "f() ",
    "!",
    "<(",
    "tar xf",
    "timeout 1 ",
    "-",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_read_without_harm(text in ".{0,200}") {
        holds(&text);
    }

    #[test]
    fn any_tangle_of_shell_is_read_without_harm(pieces in prop::collection::vec(0..PIECES.len(), 0..60)) {
        holds(&pieces.into_iter().map(|at| PIECES[at]).collect::<String>());
    }

    #[test]
    fn a_deletion_is_seen_whatever_stands_before_it(pieces in prop::collection::vec(0..PIECES.len(), 0..12)) {
        let before: String = pieces.into_iter().map(|at| PIECES[at]).collect();
        let touches = read(&format!("{before}\nrm -rf /srv/precious\n"));
        // It is listed, or it is said that something was not read or is not known: never silence.
        let said = touches.lines.iter().any(|line| {
            line.text.contains("/srv/precious") || line.text.starts_with("Could not") || line.text.starts_with("Not known")
        });
        let quoted = touches.parts.iter().any(|part| part.words.iter().any(|word| word.text.contains("precious")));
        let comment = before.rsplit('\n').next().is_some_and(|line| line.contains('#')) && before.ends_with('\\');
        prop_assert!(said || quoted || comment || before.contains("<<") || before.contains("=") || before.contains("for ") || before.contains("case "), "{before:?}: {touches:#?}");
    }
}

#[test]
fn long_and_deep_commands_end_soon_and_never_in_silence() {
    let deep = |open: &str, close: &str| format!("{}rm x{}", open.repeat(4000), close.repeat(4000));
    for text in [
        deep("(", ")"),
        deep("$(", ")"),
        deep("{ ", ";}"),
        deep("if a; then ", "; fi"),
        "(".repeat(100_000),
        "a && ".repeat(20_000) + "rm x",
        "rm x; ".repeat(16_000),
        "<".repeat(100_000),
        "cat <<A <<B\n".repeat(8_000),
        "${".repeat(50_000),
        "[[ a && ".repeat(12_000),
        "`a ".repeat(33_000),
        "sh -c \"".repeat(10_000),
        "xargs ".repeat(16_000),
        "\u{202e}é𝒳; ".repeat(9_000),
        "x".repeat(200_000),
    ] {
        let began = Instant::now();
        let touches = read(&text);
        // A tenth of this in an optimised build; the machine may be busy.
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}: {:.40}", began.elapsed(), text);
        assert!(!touches.lines.is_empty(), "{text:.40}");
        assert!(serde_json::to_vec(&touches).unwrap().len() < 2_000_000, "{text:.40}");
        holds(&text);
    }
}
