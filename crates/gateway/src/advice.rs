//! What a waiting request would touch, said with it whenever it is served. Advice: not stored, not part of what is decided.

use crate::hub::Hub;
use offdesk_protocol::{Approval, ApprovalKind, ApprovalRequest, ApprovalState, RunId, Touches};
use offdesk_touches::Setting;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Readings that are kept; when there are more, all are made again.
const MOST_KEPT: usize = 256;
/// Nobody waits longer for advice.
const PATIENCE: Duration = Duration::from_secs(2);

/// Reads requests, each once.
pub(crate) struct Advice {
    hub: Arc<Hub>,
    home: Option<String>,
    /// By the request's hash, which covers all that is read, and the run whose folder counts.
    kept: Mutex<HashMap<(RunId, String), Touches>>,
}

impl Advice {
    pub(crate) fn new(hub: Arc<Hub>, home: Option<&Path>) -> Self {
        Self { hub, home: home.map(|home| home.display().to_string()), kept: Mutex::default() }
    }

    /// The approvals with what they would touch, where they wait for somebody.
    pub(crate) async fn with(&self, mut approvals: Vec<Approval>) -> Vec<Approval> {
        for approval in &mut approvals {
            if approval.state == ApprovalState::Requested {
                approval.touches = self.of(&approval.request).await;
            }
        }
        approvals
    }

    /// The same for one.
    pub(crate) async fn with_one(&self, mut approval: Approval) -> Approval {
        if approval.state == ApprovalState::Requested {
            approval.touches = self.of(&approval.request).await;
        }
        approval
    }

    async fn of(&self, request: &ApprovalRequest) -> Option<Touches> {
        if !matches!(request.kind, ApprovalKind::Command | ApprovalKind::Edit) {
            return None;
        }
        let key = (request.run, request.hash.clone());
        if let Some(touches) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Some(touches.clone());
        }
        let workspace = self.hub.run(request.run)?.dir.clone();
        let (home, request) = (self.home.clone(), request.clone());
        let reading = tokio::task::spawn_blocking(move || read(&request, &workspace, home.as_deref()));
        let touches = match tokio::time::timeout(PATIENCE, reading).await {
            Ok(Ok(touches)) => touches,
            _ => offdesk_touches::unread("", "reading it took too long"),
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(key, touches.clone());
        Some(touches)
    }
}

fn read(request: &ApprovalRequest, workspace: &str, home: Option<&str>) -> Touches {
    let said = |key: &str| request.input.get(key).and_then(|value| value.as_str());
    // Codex says in which folder a command would run; others run it in the workspace.
    let setting = Setting::new(workspace, said("cwd").unwrap_or(workspace), home);
    match request.kind {
        ApprovalKind::Edit => offdesk_touches::edit(&request.diffs, &setting),
        _ if request.tool == "PowerShell" => {
            offdesk_touches::unread(&request.text, "PowerShell is not read by Offdesk")
        }
        _ => offdesk_touches::command(&request.text, &setting),
    }
}
