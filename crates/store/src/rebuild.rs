//! The projections made again, from the log alone.

use crate::rows::{blob, timestamp};
use crate::{StoreError, projection};
use offdesk_protocol::{Approval, ApprovalId, Envelope, HostId, Run, RunId};
use rusqlite::Connection;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Replaces all projections by what the log gives. The caller holds the transaction.
pub(crate) fn refold(connection: &Connection) -> Result<HashMap<RunId, Arc<Run>>, StoreError> {
    projection::clear(connection)?;
    let mut runs = HashMap::new();
    let mut approvals: BTreeMap<ApprovalId, Approval> = BTreeMap::new();
    let mut statement = connection.prepare("SELECT seq, at, host, run, body FROM events ORDER BY seq")?;
    let mut found = statement.query([])?;
    while let Some(row) = found.next()? {
        let body: String = row.get(4)?;
        let envelope = Envelope {
            seq: row.get::<_, i64>(0)? as u64,
            at: timestamp(row.get(1)?),
            host: HostId(blob(row, 2)?),
            run: RunId(blob(row, 3)?),
            event: serde_json::from_str(&body)?,
        };
        projection::index_event(connection, &envelope)?;
        projection::index_run(connection, &runs, &envelope)?;
        if let Some(approval) = projection::fold(&mut runs, &envelope) {
            approvals.insert(approval.request.id, approval);
        }
        projection::keep_rule(connection, &runs, &envelope)?;
    }
    for run in runs.values() {
        projection::put_run(connection, run)?;
    }
    for approval in approvals.values() {
        projection::put_approval(connection, approval)?;
    }
    Ok(runs)
}
