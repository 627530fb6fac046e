//! Whatever is kept and whatever is cleaned: what a run needs that was not put away stays.

use super::*;
use crate::{Config, Environment, Runner};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// A run as it may stand, with how many attempts and files it has, and whether it shares a file with the next one.
#[derive(Clone, Debug)]
struct Story {
    put_away: bool,
    days: u32,
    attempts: usize,
    shares: bool,
    conversation: bool,
    known: bool,
}

fn story() -> impl Strategy<Value = Story> {
    let weighted = proptest::bool::weighted(0.85);
    (any::<bool>(), 0..60u32, 0..3usize, any::<bool>(), any::<bool>(), weighted).prop_map(
        |(put_away, days, attempts, shares, conversation, known)| Story {
            put_away,
            days,
            attempts,
            shares,
            conversation,
            known,
        },
    )
}

fn runner(data: &Path) -> Arc<Runner> {
    let offdesk = data.join("installed");
    std::fs::write(&offdesk, "program").unwrap();
    let mut vars: BTreeMap<String, std::ffi::OsString> = BTreeMap::new();
    vars.insert("PATH".into(), std::env::var_os("PATH").unwrap());
    Runner::new(Config {
        data: data.to_path_buf(),
        roots: Vec::new(),
        environment: Environment { vars, offdesk },
        grace: std::time::Duration::from_secs(1),
    })
}

fn put(path: PathBuf) -> PathBuf {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "kept").unwrap();
    path
}

/// When everything has lain there for long: only whose it is decides.
fn much_later() -> Timestamp {
    Timestamp::now() + jiff::SignedDuration::from_hours(90 * 24)
}

fn new_id() -> String {
    RunId::new().to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn cleaning_up_never_takes_what_an_open_run_needs(
        stories in proptest::collection::vec(story(), 1..6),
        kinds in proptest::sample::subsequence(StorageKind::ALL.to_vec(), 1..10),
        older_than in 0..40u32,
    ) {
        let home = tempfile::tempdir().unwrap();
        let data = dunce::canonicalize(home.path()).unwrap();
        let runner = runner(&data);
        let now = much_later();
        let mut known = Known::default();
        let mut needed: BTreeSet<PathBuf> = BTreeSet::new();
        let mut may_go: BTreeSet<PathBuf> = BTreeSet::new();
        let mut shared: Option<(String, bool)> = None;
        for story in &stories {
            let run = RunId::new();
            let open = story.known && !(story.put_away && story.days >= older_than);
            let mut keep = |path: PathBuf, open: bool| {
                if open { needed.insert(path) } else { may_go.insert(path) };
            };
            for _ in 0..story.attempts {
                let attempt = new_id();
                keep(put(data.join("attempts").join(&attempt).join("output")), open);
                if story.known {
                    known.belongings.insert(attempt, vec![run]);
                }
            }
            keep(put(data.join("attachments").join(run.to_string()).join("a.txt")), open);
            let (upload, before) = shared.take().unwrap_or_else(|| (new_id(), false));
            keep(put(data.join("uploads").join(&upload).join("data")), open || before);
            if story.known {
                known.belongings.entry(upload.clone()).or_default().push(run);
            }
            shared = story.shares.then_some((upload, open || before));
            let conversation = story.conversation.then(new_id);
            if let Some(id) = &conversation {
                keep(put(data.join("agents/ollama/conversations").join(format!("{id}.jsonl"))), open);
            }
            if story.known {
                known.runs.insert(run, KnownRun {
                    id: run,
                    label: "a run".into(),
                    put_away: story.put_away,
                    // A little over the days, so that whole ones are counted.
                    changed_at: now - jiff::SignedDuration::from_hours(i64::from(story.days) * 24 + 1),
                    at: None,
                    conversation,
                });
            }
        }
        // What one run may lose and another needs stays.
        may_go.retain(|path| !needed.contains(path));
        for name in ["offdesk.db", "offdesk.db-wal", "settings.json", "host-key", "history.json"] {
            let path = put(data.join(name));
            if name != "history.json" {
                needed.insert(path);
            }
        }
        let current = crate::program::copy_name(&data.join("installed"), env!("CARGO_PKG_VERSION")).unwrap();
        needed.insert(put(data.join("bin").join(current)));
        needed.insert(put(data.join("bin/cloudflared")));
        let old = put(data.join("bin/offdesk-0.0.1-abc"));

        for thing in runner.inventory(&known, None) {
            if let Fate::Goes(_) = known.fate(&thing, &kinds, older_than, now) {
                runner.remove_kept(&thing).unwrap();
            }
        }
        for path in &needed {
            prop_assert!(path.exists(), "{} went: {stories:?}", path.display());
        }
        prop_assert_eq!(old.exists(), !kinds.contains(&StorageKind::Programs));
        // And it does clean: with everything asked for, nothing is left of what may go.
        if kinds.len() == StorageKind::ALL.len() - 1 && !kinds.contains(&StorageKind::Other) {
            for path in &may_go {
                prop_assert!(!path.exists(), "{} stayed: {stories:?}", path.display());
            }
        }
    }
}

#[test]
fn nothing_outside_the_data_folder_is_removed_and_links_are_not_followed() {
    let home = tempfile::tempdir().unwrap();
    let data = dunce::canonicalize(home.path()).unwrap().join("data");
    std::fs::create_dir(&data).unwrap();
    let mine = put(home.path().join("mine/file"));
    let runner = runner(&data);
    #[cfg(unix)]
    {
        std::fs::create_dir(data.join("attempts")).unwrap();
        std::os::unix::fs::symlink(mine.parent().unwrap(), data.join("attempts").join(new_id())).unwrap();
    }
    let known = Known::default();
    for thing in runner.inventory(&known, None) {
        assert!(thing.bytes < 1000);
        if !matches!(thing.owner, Owner::Needed(_)) {
            runner.remove_kept(&thing).unwrap();
        }
    }
    let thing = Thing {
        kind: StorageKind::Leftovers,
        owner: Owner::Nobody,
        place: Place::Path(mine.clone()),
        name: "mine".into(),
        items: 1,
        bytes: 4,
        changed_at: Timestamp::UNIX_EPOCH,
    };
    assert!(runner.remove_kept(&thing).is_err());
    assert!(mine.exists());
    #[cfg(unix)]
    assert_eq!(std::fs::read_dir(data.join("attempts")).unwrap().count(), 0, "the link itself went");
}

#[test]
fn what_is_older_than_the_log_is_left_to_a_person() {
    let home = tempfile::tempdir().unwrap();
    let data = dunce::canonicalize(home.path()).unwrap();
    let runner = runner(&data);
    put(data.join("attempts").join(new_id()).join("output"));
    let fate = |since: Timestamp| {
        let known = Known { since, ..Known::default() };
        let thing =
            runner.inventory(&known, None).into_iter().find(|thing| thing.owner == Owner::Nobody).unwrap();
        known.fate(&thing, &[StorageKind::Leftovers], 7, much_later())
    };
    assert!(matches!(fate(Timestamp::UNIX_EPOCH), Fate::Goes(_)));
    assert!(matches!(fate(much_later()), Fate::Stays(_)), "the log began afterwards");
}
