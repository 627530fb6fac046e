//! What may go: decided from what is known alone.

use super::{Known, Owner, Thing};
use offdesk_protocol::{StorageKind, Timestamp, visible_line};

/// What nobody is known to need is left alone for so many days: a run may be about to be known.
const LEFT_ALONE: i64 = 7;

/// What becomes of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes; why.
    Goes(String),
    /// It stays; why.
    Stays(String),
    /// It was not asked about.
    NotAsked,
}

/// Whole days since then; none while the clock was set back.
fn days(since: Timestamp, now: Timestamp) -> i64 {
    now.duration_since(since).as_hours() / 24
}

fn ago(days: i64) -> String {
    match days {
        ..1 => "today".into(),
        1 => "yesterday".into(),
        _ => format!("{days} days ago"),
    }
}

impl Known {
    /// What becomes of something, when these kinds are cleaned of runs in which nothing happened for so many days.
    pub fn fate(&self, thing: &Thing, kinds: &[StorageKind], older_than: u32, now: Timestamp) -> Fate {
        if !kinds.contains(&thing.kind) {
            return Fate::NotAsked;
        }
        match &thing.owner {
            Owner::Needed(why) => Fate::Stays((*why).into()),
            Owner::Spare => Fate::Goes("it can be made again, or something newer is used".into()),
            Owner::Nobody if thing.changed_at < self.since => {
                Fate::Stays("it is older than the log, and may be of another one".into())
            }
            Owner::Nobody if days(thing.changed_at, now) >= LEFT_ALONE => {
                Fate::Goes("no run needs it".into())
            }
            Owner::Nobody => Fate::Stays("no run is known to need it, but it is younger than a week".into()),
            Owner::Runs(runs) => {
                let known = runs.iter().filter_map(|run| self.runs.get(run));
                let mut oldest = None;
                for run in known {
                    if !run.put_away {
                        return Fate::Stays("its run is not put away".into());
                    }
                    let days = days(run.changed_at, now);
                    if days < i64::from(older_than) {
                        return Fate::Stays(format!("something happened in its run {}", ago(days)));
                    }
                    oldest = Some(oldest.map_or(days, |oldest: i64| oldest.min(days)));
                }
                match oldest {
                    Some(days) => Fate::Goes(format!("its run was put away, and last changed {}", ago(days))),
                    // The log forgot the runs between two looks.
                    None => Fate::Stays("its run is not known".into()),
                }
            }
        }
    }

    /// What something is called.
    pub fn name(&self, thing: &Thing) -> String {
        match &thing.owner {
            Owner::Runs(runs) => match runs.iter().find_map(|run| self.runs.get(run)) {
                Some(run) => visible_line(&run.label, 80),
                None => thing.name.clone(),
            },
            _ => thing.name.clone(),
        }
    }

    /// Whether only runs need it that were put away, or nobody.
    pub fn is_put_away(&self, thing: &Thing) -> bool {
        match &thing.owner {
            Owner::Runs(runs) => runs.iter().all(|run| self.runs.get(run).is_some_and(|run| run.put_away)),
            Owner::Nobody | Owner::Spare => true,
            Owner::Needed(_) => false,
        }
    }
}
