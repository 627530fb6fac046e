//! What the gateway last said: the tray's and the notifications' only source.

use jiff::{SignedDuration, Timestamp};
use offdesk_protocol::*;
use std::collections::BTreeMap;

/// An answer about health that is older than this says nothing of now.
const STALE: SignedDuration = SignedDuration::from_secs(10);

/// Runs, what waits, and how all is, as last heard.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Mirror {
    /// A live connection stands.
    pub(crate) connected: bool,
    /// What this machine calls itself.
    pub(crate) host_name: Option<String>,
    pub(crate) runs: BTreeMap<RunId, RunView>,
    /// Those that wait for a decision.
    pub(crate) approvals: BTreeMap<ApprovalId, Approval>,
    /// Devices that wait to be let in.
    pub(crate) pairings: Vec<PairingRequest>,
    pub(crate) settings: Option<Settings>,
    pub(crate) health: Option<(Timestamp, Health)>,
}

impl Mirror {
    /// The connection is gone: what was known stays known, and is not believed to be so now.
    pub(crate) fn lost(&mut self) {
        self.connected = false;
        self.health = None;
    }

    pub(crate) fn hear(&mut self, message: ToViewer) {
        match message {
            ToViewer::Snapshot { runs, approvals, host_name, .. } => {
                self.connected = true;
                self.host_name = Some(host_name);
                self.runs = runs.into_iter().map(|run| (run.id, run)).collect();
                self.approvals = approvals.into_iter().map(|one| (one.request.id, one)).collect();
                self.approvals.retain(|_, one| one.state == ApprovalState::Requested);
            }
            ToViewer::Run { run } => {
                self.runs.insert(run.id, run);
            }
            ToViewer::Approval { approval } if approval.state == ApprovalState::Requested => {
                self.approvals.insert(approval.request.id, approval);
            }
            ToViewer::Approval { approval } => {
                self.approvals.remove(&approval.request.id);
            }
            ToViewer::Pairings { pairings } => self.pairings = pairings,
            _ => {}
        }
    }

    pub(crate) fn answered(&mut self, health: Health, at: Timestamp) {
        self.health = Some((at, health));
    }

    /// How all is, if that was heard lately.
    pub(crate) fn health(&self, now: Timestamp) -> Option<&Health> {
        self.health.as_ref().filter(|(at, _)| now.duration_since(*at) < STALE).map(|(_, health)| health)
    }

    /// Runs that are not put away, those that changed last first.
    pub(crate) fn shown_runs(&self) -> Vec<&RunView> {
        let mut runs: Vec<&RunView> = self.runs.values().filter(|run| !run.archived).collect();
        runs.sort_by_key(|run| std::cmp::Reverse(run.updated_at));
        runs
    }

    /// What waits for a person, oldest first.
    pub(crate) fn waiting(&self) -> Vec<&Approval> {
        let mut waiting: Vec<&Approval> = self.approvals.values().collect();
        waiting.sort_by_key(|one| one.requested_at);
        waiting
    }

    /// Runs whose terminal seems to ask something.
    pub(crate) fn asking(&self) -> impl Iterator<Item = &RunView> {
        self.runs.values().filter(|run| run.detected.is_some() && !run.state.is_over())
    }

    /// What sentences about all of it count.
    pub(crate) fn counts(&self) -> (bool, usize, usize, usize) {
        let working = self.runs.values().filter(|run| run.state.takes_place()).count();
        (self.connected, self.approvals.len(), self.pairings.len(), working)
    }

    pub(crate) fn paused(&self) -> bool {
        self.settings.as_ref().is_some_and(|settings| settings.paused)
    }
}
