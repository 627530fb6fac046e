//! What is derived from events, as rows.

use crate::rows::micros;
use crate::{StoreError, rules};
use offdesk_protocol::{Approval, ApprovalState, Envelope, Event, Role, Rule, Run, RunId};
use rusqlite::{Connection, params};
use std::collections::HashMap;
use std::sync::Arc;

/// Folds one event into its run; gives the approval it changed.
pub(crate) fn fold(runs: &mut HashMap<RunId, Arc<Run>>, envelope: &Envelope) -> Option<Approval> {
    match runs.get_mut(&envelope.run) {
        Some(run) => Arc::make_mut(run).apply(envelope),
        None => {
            if let Some(run) = Run::created(envelope) {
                runs.insert(envelope.run, Arc::new(run));
            }
            None
        }
    }
}

/// Rows that follow from this event and the run as it was before it; before the event is folded in.
pub(crate) fn index_run(
    connection: &Connection,
    runs: &HashMap<RunId, Arc<Run>>,
    envelope: &Envelope,
) -> Result<(), StoreError> {
    runs.get(&envelope.run).map_or(Ok(()), |run| crate::usage::index(connection, run, envelope))
}

/// The rule that a decision makes.
pub(crate) fn keep_rule(
    connection: &Connection,
    runs: &HashMap<RunId, Arc<Run>>,
    envelope: &Envelope,
) -> Result<(), StoreError> {
    if let Some(rule) = runs.get(&envelope.run).and_then(|run| Rule::made(run, envelope)) {
        rules::add(connection, &rule)?;
    }
    Ok(())
}

/// Rows that follow from this event alone.
pub(crate) fn index_event(connection: &Connection, envelope: &Envelope) -> Result<(), StoreError> {
    crate::belongings::index(connection, envelope)?;
    let (run, seq) = (envelope.run, envelope.seq as i64);
    let text = match &envelope.event {
        Event::MessageAdded { text, role: Role::Agent, .. } => text,
        Event::PromptSent { text, prompt, .. } => {
            connection
                .prepare_cached("INSERT OR IGNORE INTO prompts (id, run) VALUES (?1, ?2)")?
                .execute(params![prompt.0.as_bytes(), run.0.as_bytes()])?;
            text
        }
        _ => return Ok(()),
    };
    connection
        .prepare_cached("INSERT INTO messages (rowid, text, run) VALUES (?1, ?2, ?3)")?
        .execute(params![seq, text, run.0.as_bytes()])?;
    Ok(())
}

pub(crate) fn put_run(connection: &Connection, run: &Run) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO runs (id, seq, body) VALUES (?1, ?2, ?3)")?
        .execute(params![run.id.0.as_bytes(), run.seq as i64, serde_json::to_string(run)?])?;
    Ok(())
}

pub(crate) fn put_approval(connection: &Connection, approval: &Approval) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO approvals (id, run, open, asked, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            approval.request.id.0.as_bytes(),
            approval.request.run.0.as_bytes(),
            approval.state == ApprovalState::Requested,
            micros(approval.requested_at),
            serde_json::to_string(approval)?
        ])?;
    Ok(())
}

/// Removes everything that can be derived.
pub(crate) fn clear(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(crate::usage::CLEAR)?;
    connection.execute_batch(crate::belongings::CLEAR)?;
    connection.execute_batch(
        "DELETE FROM runs; DELETE FROM approvals; DELETE FROM prompts; DELETE FROM messages;",
    )?;
    Ok(())
}
