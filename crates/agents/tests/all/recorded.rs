//! What real agents said (`fixtures/transcripts/*/*.jsonl`), and what it means (`*.events.txt` beside it). After a wanted
//! change, `OFFDESK_BLESS=1 cargo test -p offdesk-agents` writes the latter anew.

use offdesk_agents::{Derived, Driver, Fold, FoldContext, Line, LineReader, Workspace, driver};
use offdesk_protocol::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

pub struct Files;

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

pub fn context() -> FoldContext {
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

/// All of one agent.
pub fn recordings(agent: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/transcripts").join(agent);
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    found.sort();
    let least = match agent {
        "claude-terminal" => 2,
        "copilot" | "goose" => 6,
        _ => 8,
    };
    assert!(found.len() >= least, "recordings are missing: {found:?}");
    found
}

/// Each recording with the driver that reads it.
fn all() -> Vec<(Box<dyn Driver>, PathBuf)> {
    let of = |kind| recordings(kind).into_iter().map(move |path| (driver(kind).unwrap(), path));
    let acp = ["gemini", "qwen", "copilot", "goose", "claude-acp"];
    ["claude", "claude-terminal", "codex", "opencode"].into_iter().chain(acp).flat_map(of).collect()
}

/// Recordings of ACP agents called `load…` take up an earlier conversation.
fn fold(driver: &dyn Driver, path: &Path, saved: Option<&str>) -> Box<dyn Fold> {
    let loads = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("load"));
    let context = FoldContext { agent_session: loads.then(|| "earlier".to_string()), ..context() };
    driver.fold(context, saved).unwrap()
}

fn read(driver: &dyn Driver, path: &Path) -> Vec<(u64, Derived)> {
    let (mut fold, mut lines, mut derived) = (fold(driver, path, None), LineReader::default(), Vec::new());
    lines.feed(&std::fs::read(path).unwrap(), |line| {
        if let Line::Whole(offset, line) = line {
            derived.extend(fold.line(offset, line).into_iter().map(|item| (offset, item)));
        }
    });
    derived
}

/// One line for each, with pieces of a message joined.
fn shown(derived: &[(u64, Derived)]) -> String {
    let mut out = String::new();
    let mut pieces = String::new();
    for (_, item) in derived {
        match item {
            Derived::Delta { text, .. } => pieces.push_str(text),
            Derived::Fact(event) => {
                if !pieces.is_empty() {
                    out.push_str(&format!("delta {:?}\n", std::mem::take(&mut pieces)));
                }
                out.push_str(&format!("{}\n", serde_json::to_string(event).unwrap()));
            }
        }
    }
    out
}

#[test]
fn every_recording_means_what_it_meant() {
    for (driver, path) in all() {
        let meant = shown(&read(&*driver, &path));
        let beside = path.with_extension("events.txt");
        if std::env::var_os("OFFDESK_BLESS").is_some() {
            std::fs::write(&beside, &meant).unwrap();
        }
        let wanted = std::fs::read_to_string(&beside).unwrap_or_default();
        assert_eq!(meant, wanted, "{}", path.display());
    }
}

/// A gateway that dies after any line leaves a position and a state from which the next reads the very same, and wants
/// the very same written.
#[test]
fn reading_on_from_any_saved_state_gives_the_same() {
    for (driver, path) in all() {
        let bytes = std::fs::read(&path).unwrap();
        let whole = read(&*driver, &path);
        let (mut lines, mut derived) = (LineReader::default(), Vec::new());
        let mut reading = fold(&*driver, &path, None);
        lines.feed(&bytes, |line| {
            let Line::Whole(offset, line) = line else { return };
            derived.extend(reading.line(offset, line).into_iter().map(|item| (offset, item)));
            let next = fold(&*driver, &path, Some(&reading.save()));
            assert_eq!(next.due(), reading.due(), "{}", path.display());
            reading = next;
        });
        assert_eq!(derived, whole, "{}", path.display());
    }
}
