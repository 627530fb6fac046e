//! Which notifications there should be. Pure: from what is known, what was shown, and what a person wants to hear.

use super::Notice;
use crate::mirror::Mirror;
use crate::place::Place;
use crate::settings::Notify;
use jiff::{SignedDuration, Timestamp};
use offdesk_protocol::*;
use std::collections::{BTreeMap, BTreeSet};

/// A way in that fails shorter than this is not worth a word.
const TROUBLE: SignedDuration = SignedDuration::from_secs(10);
/// More new things than this at once are told as one.
const MANY: usize = 3;

/// What a notification is about; there is at most one for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Approval(ApprovalId),
    Device(DeviceId),
    /// Several approvals, told as one.
    Several,
    Run(RunId),
    /// A terminal seems to ask something.
    Asks(RunId),
    Reach,
    ReachedAgain,
    Said,
}

/// What was seen and shown so far.
#[derive(Default)]
pub(crate) struct Seen {
    shown: BTreeSet<Key>,
    /// Approvals that were told of, alone or with others.
    told: BTreeSet<ApprovalId>,
    states: BTreeMap<RunId, RunState>,
    /// What terminals were last seen to ask.
    asked: BTreeMap<RunId, String>,
    unwell_since: Option<Timestamp>,
}

impl Seen {
    /// What to show and what to take back. `looked_at`: somebody sees this place right now.
    pub(crate) fn look(
        &mut self,
        mirror: &Mirror,
        wish: &Notify,
        at: Timestamp,
        looked_at: impl Fn(Place) -> bool,
    ) -> (Vec<(Key, Notice)>, Vec<Key>) {
        if !mirror.connected {
            // Nothing is known: what was shown stays, and nothing new is claimed.
            return (Vec::new(), Vec::new());
        }
        let (mut show, mut close) = (Vec::new(), Vec::new());
        self.approvals(mirror, wish, &looked_at, &mut show, &mut close);
        self.devices(mirror, wish, &looked_at, &mut show, &mut close);
        self.runs(mirror, wish, &looked_at, &mut show);
        self.terminals(mirror, wish, &looked_at, &mut show, &mut close);
        self.reach(mirror, wish, at, &mut show, &mut close);
        self.shown.extend(show.iter().map(|(key, _)| *key));
        for key in &close {
            self.shown.remove(key);
        }
        (show, close)
    }

    fn approvals(
        &mut self,
        mirror: &Mirror,
        wish: &Notify,
        looked_at: &impl Fn(Place) -> bool,
        show: &mut Vec<(Key, Notice)>,
        close: &mut Vec<Key>,
    ) {
        self.told.retain(|id| mirror.approvals.contains_key(id));
        let gone = |key: &&Key| match key {
            Key::Approval(id) => !mirror.approvals.contains_key(id),
            Key::Several => mirror.approvals.is_empty(),
            _ => false,
        };
        close.extend(self.shown.iter().filter(gone));
        let new: Vec<&Approval> =
            mirror.waiting().into_iter().filter(|one| !self.told.contains(&one.request.id)).collect();
        self.told.extend(new.iter().map(|one| one.request.id));
        let unseen: Vec<&Approval> =
            new.into_iter().filter(|one| wish.needs_you && !looked_at(Place::Run(one.request.run))).collect();
        if unseen.len() > MANY {
            let body = "Open Offdesk to read and answer them.".into();
            let title = format!("{} things need you", mirror.approvals.len());
            show.push((Key::Several, Notice { title, body, urgent: true, place: Place::Home }));
            return;
        }
        for approval in unseen {
            show.push((Key::Approval(approval.request.id), needs_you(approval, mirror)));
        }
    }

    fn devices(
        &mut self,
        mirror: &Mirror,
        wish: &Notify,
        looked_at: &impl Fn(Place) -> bool,
        show: &mut Vec<(Key, Notice)>,
        close: &mut Vec<Key>,
    ) {
        let waits = |id: &DeviceId| mirror.pairings.iter().any(|request| request.device == *id);
        close.extend(self.shown.iter().filter(|key| matches!(key, Key::Device(id) if !waits(id))));
        for request in &mirror.pairings {
            let key = Key::Device(request.device);
            if self.shown.contains(&key) || !wish.needs_you || looked_at(Place::Connect(None)) {
                continue;
            }
            let title = format!("{} wants in", visible_line(&request.name, 40));
            let body = format!("Does it show {}, and is it yours? Answer in Offdesk.", request.digits);
            show.push((key, Notice { title, body, urgent: true, place: Place::Connect(None) }));
        }
    }

    fn runs(
        &mut self,
        mirror: &Mirror,
        wish: &Notify,
        looked_at: &impl Fn(Place) -> bool,
        show: &mut Vec<(Key, Notice)>,
    ) {
        for run in mirror.runs.values() {
            // The first time a run is seen, what it is is not news.
            let before = self.states.insert(run.id, run.state);
            let worked = before.is_some_and(|before| before.takes_place() || before == RunState::Queued);
            let place = Place::Run(run.id);
            if !worked || !wish.finished || looked_at(place) || run.terminal {
                continue;
            }
            let what = match run.state {
                RunState::Idle | RunState::Done => "is done",
                RunState::Failed => "has failed",
                RunState::Lost => "was lost",
                RunState::TimedOut => "ran out of time",
                _ => continue,
            };
            let title = format!("{} {what}", visible_line(&run.label, 40));
            let body = visible_line(&run.line, 160);
            show.push((Key::Run(run.id), Notice { title, body, urgent: false, place }));
        }
        self.states.retain(|id, _| mirror.runs.contains_key(id));
    }

    fn terminals(
        &mut self,
        mirror: &Mirror,
        wish: &Notify,
        looked_at: &impl Fn(Place) -> bool,
        show: &mut Vec<(Key, Notice)>,
        close: &mut Vec<Key>,
    ) {
        let asks = |id: &RunId| mirror.asking().any(|run| run.id == *id);
        close.extend(self.shown.iter().filter(|key| matches!(key, Key::Asks(id) if !asks(id))));
        self.asked.retain(|id, _| asks(id));
        for run in mirror.asking() {
            let Some(detected) = &run.detected else { continue };
            let known = self.asked.insert(run.id, detected.id.clone());
            let place = Place::Run(run.id);
            if known.as_ref() == Some(&detected.id) || !wish.needs_you || looked_at(place) {
                continue;
            }
            let title = format!("{} needs you", visible_line(&run.label, 40));
            let body = "Its terminal seems to ask something.".into();
            show.push((Key::Asks(run.id), Notice { title, body, urgent: true, place }));
        }
    }

    fn reach(
        &mut self,
        mirror: &Mirror,
        wish: &Notify,
        at: Timestamp,
        show: &mut Vec<(Key, Notice)>,
        close: &mut Vec<Key>,
    ) {
        let Some(health) = mirror.health(at) else { return };
        if health.ok {
            self.unwell_since = None;
            if self.shown.contains(&Key::Reach) {
                close.push(Key::Reach);
                let title = "Phones reach this machine again".into();
                let body = visible_line(&health.sentence, 200);
                show.push((Key::ReachedAgain, Notice { title, body, urgent: false, place: Place::Trouble }));
            }
            return;
        }
        close.extend(self.shown.get(&Key::ReachedAgain));
        let since = *self.unwell_since.get_or_insert(at);
        if wish.reach && at.duration_since(since) >= TROUBLE && !self.shown.contains(&Key::Reach) {
            let title = "Phones may not reach this machine".into();
            let body = visible_line(&health.sentence, 200);
            show.push((Key::Reach, Notice { title, body, urgent: false, place: Place::Trouble }));
        }
    }
}

/// Says that something is asked, not what: a desktop shows notifications to whoever passes.
fn needs_you(approval: &Approval, mirror: &Mirror) -> Notice {
    let request = &approval.request;
    let run = mirror.runs.get(&request.run);
    let label = run.map_or_else(|| "A run".into(), |run| visible_line(&run.label, 40));
    let what = match request.kind {
        ApprovalKind::Command => "It asks to run a command.",
        ApprovalKind::Edit => "It asks to change files.",
        ApprovalKind::Tool => "It asks to use a tool.",
        ApprovalKind::Plan => "It has a plan for you to read.",
        ApprovalKind::Question => "It has a question.",
    };
    let title = format!("{label} needs you");
    Notice { title, body: what.into(), urgent: true, place: Place::Run(request.run) }
}

#[cfg(test)]
#[path = "wanted_tests.rs"]
mod tests;
