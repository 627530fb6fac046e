//! A person's home folder with what agents kept in it.

use offdesk_history::{History, Kept, Places};
use offdesk_protocol::{HistoryItem, HistoryWhat, Role};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub struct Home {
    dir: tempfile::TempDir,
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/history")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

impl Home {
    pub fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// With the samples, and the databases made from theirs.
    pub fn with_samples() -> Self {
        let home = Self::empty();
        copy(&fixtures().join("home"), home.path());
        let opencode = home.path().join(".local/share/opencode");
        std::fs::create_dir_all(&opencode).unwrap();
        let database = rusqlite::Connection::open(opencode.join("opencode.db")).unwrap();
        database.execute_batch(&std::fs::read_to_string(fixtures().join("opencode.sql")).unwrap()).unwrap();
        home.add_zed();
        home
    }

    fn add_zed(&self) {
        let threads = self.path().join(".local/share/zed/threads");
        std::fs::create_dir_all(&threads).unwrap();
        let database = rusqlite::Connection::open(threads.join("threads.db")).unwrap();
        database
            .execute_batch(
                "CREATE TABLE threads (id TEXT PRIMARY KEY, summary TEXT NOT NULL, updated_at TEXT NOT NULL,
                   data_type TEXT NOT NULL, data BLOB NOT NULL, parent_id TEXT, folder_paths TEXT)",
            )
            .unwrap();
        let new = std::fs::read(fixtures().join("zed-0.3.json")).unwrap();
        let packed =
            ruzstd::encoding::compress_to_vec(new.as_slice(), ruzstd::encoding::CompressionLevel::Fastest);
        let old = std::fs::read(fixtures().join("zed-0.2.json")).unwrap();
        let insert = "INSERT INTO threads VALUES (?1, ?2, ?3, ?4, ?5, NULL, ?6)";
        let at = "2026-09-21T14:20:00Z";
        database
            .execute(
                insert,
                rusqlite::params!["z-new", "Till that adds up", at, "zstd", packed, "/home/ada/shop"],
            )
            .unwrap();
        database.execute(insert, rusqlite::params!["z-old", "An older till", at, "json", old, ""]).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn cache(&self) -> PathBuf {
        self.path().join("history.json")
    }

    pub fn history(&self) -> History {
        let vars = BTreeMap::from([("HOME".to_string(), self.path().as_os_str().to_os_string())]);
        History::new(Places::new(vars), self.cache())
    }

    /// Writes a file, with the folders above it.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// A line of Claude Code's: who says what.
pub fn claude_line(kind: &str, uuid: &str, parent: Option<&str>, text: &str) -> String {
    let record = serde_json::json!({
        "parentUuid": parent, "isSidechain": false, "type": kind, "uuid": uuid, "cwd": "/home/ada/shop",
        "timestamp": "2026-11-21T10:00:00Z", "message": { "role": kind, "content": text },
    });
    format!("{record}\n")
}

pub fn one<'a>(all: &'a [Arc<Kept>], agent: &str, id: &str) -> &'a Kept {
    all.iter()
        .find(|kept| kept.agent == agent && kept.id == id)
        .unwrap_or_else(|| panic!("no {agent} {id} in {all:#?}"))
}

/// Everything said in it, a line a thing.
pub fn told(history: &History, kept: &Kept) -> Vec<String> {
    history.read(kept, None, 1000).unwrap().items.iter().map(line).collect()
}

pub fn line(item: &HistoryItem) -> String {
    match &item.what {
        HistoryWhat::Prompt { text } => format!("> {text}"),
        HistoryWhat::Message { role: Role::Agent, text } => format!("< {text}"),
        HistoryWhat::Message { role: Role::Thought, text } => format!("~ {text}"),
        HistoryWhat::Tool { name, title, status, output } => format!("{name}({title}) {status:?} {output}"),
        HistoryWhat::Notice { text } => format!("! {text}"),
        HistoryWhat::Raw { text } => format!("? {text}"),
    }
}
