//! What the real Claude Code said (`fixtures/transcripts/claude/*.jsonl`), and what it means
//! (`*.events.txt` beside it). After a wanted change, `OFFDESK_BLESS=1 cargo test -p offdesk-agents` writes the latter anew.

use offdesk_agents::{Claude, Derived, Driver, Fold, FoldContext, Line, LineReader, Workspace};
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
        workspace: Arc::new(Files),
    }
}

fn fold(saved: Option<&str>) -> Box<dyn Fold> {
    Claude.fold(context(), saved).unwrap()
}

fn recordings() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/transcripts/claude");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    found.sort();
    assert!(found.len() >= 8, "recordings are missing: {found:?}");
    found
}

fn read(bytes: &[u8]) -> Vec<(u64, Derived)> {
    let (mut fold, mut lines, mut derived) = (fold(None), LineReader::default(), Vec::new());
    lines.feed(bytes, |line| {
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
    for path in recordings() {
        let meant = shown(&read(&std::fs::read(&path).unwrap()));
        let beside = path.with_extension("events.txt");
        if std::env::var_os("OFFDESK_BLESS").is_some() {
            std::fs::write(&beside, &meant).unwrap();
        }
        let wanted = std::fs::read_to_string(&beside).unwrap_or_default();
        assert_eq!(meant, wanted, "{}", path.display());
    }
}

/// A gateway that dies after any line leaves a position and a state from which the next reads the very same.
#[test]
fn reading_on_from_any_saved_state_gives_the_same() {
    for path in recordings() {
        let bytes = std::fs::read(&path).unwrap();
        let whole = read(&bytes);
        let (mut reading, mut lines, mut derived) = (fold(None), LineReader::default(), Vec::new());
        lines.feed(&bytes, |line| {
            let Line::Whole(offset, line) = line else { return };
            derived.extend(reading.line(offset, line).into_iter().map(|item| (offset, item)));
            reading = fold(Some(&reading.save()));
        });
        assert_eq!(derived, whole, "{}", path.display());
    }
}

#[test]
fn a_decision_names_the_agents_own_request_and_only_while_it_is_asked() {
    let path = recordings().into_iter().find(|path| path.ends_with("bash-allow.jsonl")).unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let mut reading = fold(None);
    let (mut offset, mut asked) = (0, None);
    for line in text.lines() {
        for item in reading.line(offset, line.as_bytes()) {
            if let Derived::Fact(event) = item {
                match *event {
                    Event::ApprovalRequested { approval } => asked = Some(approval),
                    Event::ApprovalFinished { .. } => {
                        let id = asked.take().unwrap().id;
                        assert_eq!(reading.decide(id, &Verdict::Allow), None, "it is not asked any more");
                        return;
                    }
                    _ => {}
                }
            }
        }
        offset += line.len() as u64 + 1;
        if let Some(approval) = &asked {
            assert_eq!(reading.request(approval.id).as_ref(), Some(approval));
            let answer = |verdict: &Verdict| -> serde_json::Value {
                serde_json::from_slice(&reading.decide(approval.id, verdict).unwrap()).unwrap()
            };
            let allowed = answer(&Verdict::Allow);
            assert!(
                line.contains(allowed["response"]["request_id"].as_str().unwrap())
                    || !line.contains("can_use_tool")
            );
            assert_eq!(allowed["response"]["response"]["updatedInput"], approval.input);
            let denied = answer(&Verdict::Deny { say: Some("no".into()), stop: true });
            assert_eq!(denied["response"]["response"]["message"], "no");
            assert_eq!(denied["response"]["response"]["interrupt"], true);
        }
    }
    panic!("the recording has no finished approval");
}
