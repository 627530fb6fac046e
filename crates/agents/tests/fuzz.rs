//! What an agent may say: anything, for its words are whatever a model, a file or a web page put into them. Each test
//! here is a fuzz target: `cargo test` feeds it random inputs for a moment, `cargo x fuzz` feeds it what libFuzzer finds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so"
)]

use bolero::{TypeGenerator, check};
use offdesk_agents::{Derived, Driver, Fold, FoldContext, Line, LineReader, Prompt, Workspace, drivers};
use offdesk_protocol::*;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// For each target in a plain test run.
const A_MOMENT: Duration = Duration::from_millis(800);
const MANY: usize = 100_000;

struct Files;

impl Workspace for Files {
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        (path == Path::new("/workspace/hello.txt")).then(|| b"hello\nworld\n".to_vec())
    }

    fn exists(&self, path: &Path) -> bool {
        self.read(path).is_some()
    }

    fn is_link(&self, _: &Path) -> bool {
        false
    }
}

fn context() -> FoldContext {
    FoldContext {
        run: RunId(Uuid::from_u128(1)),
        attempt: AttemptId(Uuid::from_u128(2)),
        dir: "/workspace".into(),
        agent_session: None,
        model: None,
        mode: None,
        workspace: Arc::new(Files),
    }
}

/// Everything a fold does, on these bytes; twice, the second time saved and gone on with after every line.
fn reads(driver: &dyn Driver, bytes: &[u8]) {
    let Some(mut fold) = driver.fold(context(), None) else { return };
    let mut again = driver.fold(context(), None).unwrap();
    let mut lines = LineReader::default();
    lines.feed(bytes, |line| {
        let Line::Whole(offset, line) = line else { return };
        let derived = fold.line(offset, line);
        assert_eq!(again.line(offset, line), derived, "after going on from a saved state");
        again = driver.fold(context(), Some(&again.save())).unwrap();
        for item in derived {
            if let Derived::Fact(event) = item {
                asked(&*fold, &event);
                let json = serde_json::to_string(&*event).unwrap();
                assert_eq!(serde_json::from_str::<Event>(&json).ok(), Some(*event), "{json}");
            }
        }
    });
    assert_eq!(fold.save(), again.save());
    let said = fold.prompt(PromptId(Uuid::from_u128(3)), &Prompt::words("two\nlines\u{1b}[201~\r"));
    if driver.capabilities().terminal {
        said.iter().for_each(|encoded| is_one_paste(&encoded.bytes));
        return;
    }
    for encoded in fold.due().into_iter().chain(fold.interrupt("1")) {
        are_lines(&encoded.bytes);
    }
    said.iter().for_each(|encoded| is_one_line(&encoded.bytes));
}

/// What is asked is shown as it is now, and every decision is one line.
fn asked(fold: &dyn Fold, event: &Event) {
    let (Event::ApprovalRequested { approval } | Event::QuestionAsked { approval }) = event else { return };
    if let Some(now) = fold.request(approval.id) {
        assert_eq!(&now, approval, "nothing has changed since");
    }
    let answers = approval
        .questions
        .iter()
        .map(|question| Answer { question: question.text.clone(), answers: vec!["a\nb".into()] })
        .collect();
    for verdict in [
        Verdict::Allow,
        Verdict::AllowEdited { input: approval.input.clone() },
        Verdict::Deny { say: Some("no\nno".into()), stop: true },
        Verdict::Answer { answers },
    ] {
        match fold.decide(approval.id, &verdict) {
            // A hook that waits gets one answer, whole.
            Some(bytes) if fold.aside(approval.id).is_some() => {
                assert!(serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&bytes).is_ok());
            }
            Some(bytes) => are_lines(&bytes),
            None => {}
        }
    }
}

/// What is written is one message: nothing in it can begin another.
fn is_one_line(bytes: &[u8]) {
    assert_eq!(bytes.iter().position(|byte| *byte == b'\n'), bytes.len().checked_sub(1));
}

/// What is typed into a terminal is one paste and Enter: nothing in it can end the paste.
fn is_one_paste(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap();
    let inside = text.strip_prefix("\u{1b}[200~").and_then(|text| text.strip_suffix("\u{1b}[201~\r"));
    assert!(inside.is_some_and(|words| !words.contains(['\u{1b}', '\r'])), "{text:?}");
}

/// Several messages, each whole: nothing in one can begin another.
fn are_lines(bytes: &[u8]) {
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        is_one_line(line);
        assert!(serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line).is_ok());
    }
}

#[test]
fn no_bytes_are_too_strange() {
    check!().with_iterations(MANY).with_test_time(A_MOMENT).for_each(|bytes: &[u8]| {
        for driver in drivers(&[]) {
            reads(&*driver, bytes);
        }
    });
}

/// A change to what was really said.
#[derive(Clone, Debug, TypeGenerator)]
enum Change {
    /// A line is said again, elsewhere.
    Repeat {
        line: u16,
        at: u16,
    },
    Leave {
        line: u16,
    },
    Cut {
        line: u16,
        at: u16,
    },
    Flip {
        line: u16,
        at: u16,
        bits: u8,
    },
    /// A word of one line for a word of another.
    Swap {
        line: u16,
        word: u16,
        with: u16,
        other: u16,
    },
    Say {
        at: u16,
        line: Vec<u8>,
    },
}

fn change(lines: &mut Vec<Vec<u8>>, words: &[Vec<u8>], change: &Change) {
    let count = lines.len().max(1);
    let nth = |number: &u16| usize::from(*number) % count;
    match change {
        Change::Say { at, line } => lines.insert(nth(at).min(lines.len()), line.clone()),
        _ if lines.is_empty() => {}
        Change::Repeat { line, at } => lines.insert(nth(at), lines[nth(line)].clone()),
        Change::Leave { line } => drop(lines.remove(nth(line))),
        Change::Cut { line, at } => {
            let line = &mut lines[nth(line)];
            line.truncate(usize::from(*at) % (line.len() + 1));
        }
        Change::Flip { line, at, bits } => {
            let line = &mut lines[nth(line)];
            let at = usize::from(*at) % line.len().max(1);
            if let Some(byte) = line.get_mut(at) {
                *byte ^= bits;
            }
        }
        Change::Swap { line, word, with, other } => {
            let line = &mut lines[nth(line)];
            let mut pieces: Vec<Vec<u8>> =
                line.split_inclusive(|byte| b",:{}[]".contains(byte)).map(Vec::from).collect();
            if let Some(count) = pieces.len().checked_sub(1).filter(|count| *count > 0) {
                let at = usize::from(*word) % count;
                let last = pieces[at].pop();
                pieces[at] = words[(usize::from(*with) * 256 + usize::from(*other)) % words.len()].clone();
                pieces[at].extend(last);
            }
            *line = pieces.concat();
        }
    }
}

/// What the demo agent says, one of each.
const DEMO: &str = r#"{"type":"ready","version":"1"}
{"type":"turn"}
{"type":"delta","message":1,"text":"He"}
{"type":"said","message":1,"text":"Hello"}
{"type":"asked","request":1,"what":{"ask":"run","command":"true"}}
{"type":"done","request":1,"ok":true,"denied":false,"output":"out"}
{"type":"asked","request":2,"what":{"ask":"edit","path":"hello.txt","content":"hi\n"}}
{"type":"withdrawn","request":2}
{"type":"asked","request":3,"what":{"ask":"question","question":"Which?"}}
{"type":"noise","text":"x"}
{"type":"flooded","megabytes":1}
{"type":"end","status":"completed","error":null}
"#;

/// Everything that was recorded, a list of lines each.
fn recordings() -> Vec<Vec<Vec<u8>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/transcripts");
    let of = |agent: &str| std::fs::read_dir(folder.join(agent)).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = of("claude").chain(of("codex")).chain(of("opencode")).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    paths.sort();
    assert!(paths.len() >= 16, "recordings are missing: {paths:?}");
    let lines = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').map(Vec::from).collect();
    let said = paths.iter().map(|path| lines(&std::fs::read(path).unwrap()));
    said.chain([lines(DEMO.as_bytes())]).collect()
}

#[test]
fn no_change_to_what_was_said_is_too_strange() {
    let recordings = recordings();
    let mut words: Vec<Vec<u8>> = recordings
        .iter()
        .flatten()
        .flat_map(|line| line.split(|byte| b",:{}[]".contains(byte)))
        .filter(|word| word.len() < 200)
        .map(Vec::from)
        .collect();
    words.extend(
        [&b"null"[..], b"0", b"-1", b"18446744073709551615", b"1e999", b"\"\\u0000\\n\"", b"{}", b"[[]]"]
            .map(Vec::from),
    );
    words.sort();
    words.dedup();
    check!()
        .with_type::<(u8, u16, u16, Vec<Change>)>()
        .with_iterations(MANY)
        .with_test_time(A_MOMENT)
        .for_each(|(which, from, count, changes)| {
            let whole = &recordings[usize::from(*which) % recordings.len()];
            // Some of it, so that many inputs are tried.
            let from = usize::from(*from) % whole.len();
            let mut lines: Vec<_> =
                whole[from..].iter().take(1 + usize::from(*count) % 40).cloned().collect();
            for one in changes.iter().take(8) {
                change(&mut lines, &words, one);
            }
            let mut bytes = lines.join(&b'\n');
            bytes.push(b'\n');
            for driver in drivers(&[]) {
                reads(&*driver, &bytes);
            }
        });
}
