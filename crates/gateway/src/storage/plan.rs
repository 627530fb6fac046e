//! What goes and what stays, as it is shown and then done.

use offdesk_protocol::*;
use offdesk_runner::{Fate, Known, Owner, Place, Thing, Workspaces};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Something that goes or stays, and why.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    /// Nothing: the log is written anew.
    pub thing: Option<Thing>,
    pub kind: StorageKind,
    pub name: String,
    pub runs: Vec<RunId>,
    pub items: u32,
    pub bytes: u64,
    pub why: String,
}

#[derive(Debug, Default)]
pub(super) struct Plan {
    pub goes: Vec<Planned>,
    pub stays: Vec<Planned>,
}

impl Planned {
    pub(super) fn of(known: &Known, thing: Thing, why: String) -> Self {
        let runs = match &thing.owner {
            Owner::Runs(runs) => runs.clone(),
            _ => Vec::new(),
        };
        let (kind, items, bytes) = (thing.kind, thing.items, thing.bytes);
        Self { name: known.name(&thing), thing: Some(thing), kind, runs, items, bytes, why }
    }
}

impl Plan {
    /// Takes something in as it was judged. Of git's things, only what is safe goes; the rest stays, and says why.
    pub(super) fn take(
        &mut self,
        known: &Known,
        workspaces: &Workspaces,
        thing: Thing,
        fate: Fate,
        ignored: bool,
    ) {
        let why = match fate {
            Fate::NotAsked => return,
            Fate::Stays(why) => return self.stays.push(Planned::of(known, thing, why)),
            Fate::Goes(why) => why,
        };
        let safe = match (&thing.place, &thing.owner) {
            (Place::Worktree(_), Owner::Runs(runs)) => {
                let at = runs.first().and_then(|run| known.runs.get(run)?.at.as_ref());
                at.map_or(Ok(()), |at| workspaces.removable(at, ignored))
            }
            (Place::Worktree(folder), _) => workspaces.forgotten(folder),
            (Place::Snapshots(..), _) => return self.take_snapshots(known, workspaces, &thing, why, false),
            _ => Ok(()),
        };
        match safe {
            Ok(()) => self.goes.push(Planned::of(known, thing, why)),
            Err(problem) => self.stays.push(Planned::of(known, thing, problem.message)),
        }
    }

    /// Snapshots of which everything is elsewhere go; `lose`: the others, too.
    pub(super) fn take_snapshots(
        &mut self,
        known: &Known,
        workspaces: &Workspaces,
        thing: &Thing,
        why: String,
        lose: bool,
    ) {
        let Place::Snapshots(repository, snapshots) = &thing.place else { return };
        let sorted = match workspaces.sort_snapshots(repository, snapshots) {
            Ok(sorted) => sorted,
            Err(problem) => {
                return self.stays.push(Planned::of(known, thing.clone(), problem.message));
            }
        };
        let part = |snapshots: Vec<(String, String)>, bytes| Thing {
            items: u32::try_from(snapshots.len()).unwrap_or(u32::MAX),
            bytes,
            place: Place::Snapshots(repository.clone(), snapshots),
            ..thing.clone()
        };
        // Git shares what snapshots have in common, so bytes belong to all of them or none.
        let all_go = lose || sorted.only_here.is_empty();
        if !sorted.elsewhere.is_empty() {
            let bytes = if all_go { thing.bytes } else { 0 };
            self.goes.push(Planned::of(known, part(sorted.elsewhere, bytes), why));
        }
        if !sorted.only_here.is_empty() {
            let only_here = part(sorted.only_here, thing.bytes);
            match lose {
                true => self.goes.push(Planned::of(
                    known,
                    only_here,
                    "they hold work that is in no branch, and you said that it may go".into(),
                )),
                false => self.stays.push(Planned::of(
                    known,
                    only_here,
                    "they hold work that is in no branch and no tag".into(),
                )),
            }
        }
    }

    /// The log is written anew without what it has too much of.
    pub(super) fn compact(&mut self, bytes: u64) {
        self.goes.push(Planned {
            thing: None,
            kind: StorageKind::Log,
            name: "The log".into(),
            runs: Vec::new(),
            items: 1,
            bytes,
            why: "room in its file that nothing uses; all events stay".into(),
        });
    }

    /// Names exactly what goes.
    pub(super) fn id(&self) -> String {
        let mut lines: Vec<String> = self
            .goes
            .iter()
            .map(|planned| match &planned.thing {
                Some(thing) => format!("{} {:?}", thing.kind, thing.place),
                None => planned.kind.to_string(),
            })
            .collect();
        lines.sort();
        let digest = Sha256::digest(lines.join("\n").as_bytes());
        digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
    }

    /// For a person: what is of one run together, and what stays for one reason.
    pub(super) fn shown(&self) -> StorageClean {
        let goes = together(&self.goes, |one| (one.kind, one.runs.first().copied(), one.why.clone()));
        let stays = together(&self.stays, |one| (one.kind, None, one.why.clone()));
        let bytes = goes.iter().map(|item| item.bytes).sum();
        StorageClean { plan: self.id(), done: false, bytes, goes, stays }
    }
}

fn together(
    all: &[Planned],
    key: impl Fn(&Planned) -> (StorageKind, Option<RunId>, String),
) -> Vec<StorageItem> {
    let mut groups: BTreeMap<_, Vec<&Planned>> = BTreeMap::new();
    for one in all {
        groups.entry(key(one)).or_default().push(one);
    }
    let items = groups.into_iter().filter_map(|((kind, _, why), group)| {
        let first = group.first()?;
        let alike = group.iter().all(|one| one.name == first.name);
        Some(StorageItem {
            kind,
            name: if alike { first.name.clone() } else { format!("{} of them", group.len()) },
            run: first.runs.first().copied().filter(|_| alike),
            items: group.iter().map(|one| one.items).sum(),
            bytes: group.iter().map(|one| one.bytes).sum(),
            why,
        })
    });
    let mut items: Vec<StorageItem> = items.collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.bytes));
    items
}
