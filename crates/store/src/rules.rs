//! Rules. A rule is made by a decision, in the same transaction; from then on its row is what counts, so that making
//! the projections again does not bring back a rule that was revoked.

use crate::rows::{micros, now, timestamp};
use crate::{Reader, StoreError};
use offdesk_protocol::{Actor, Approval, Rule, RuleId};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;

fn json<T: serde::Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// Keeps a rule, unless one with its id was kept before.
pub(crate) fn add(rows: &Connection, rule: &Rule) -> rusqlite::Result<()> {
    rows.prepare_cached("INSERT OR IGNORE INTO rules (id, made_at, body) VALUES (?1, ?2, ?3)")?
        .execute(params![rule.id.0.as_bytes(), micros(rule.made_at), json(rule)?])
        .map(drop)
}

/// Revokes a rule, unless it was revoked before.
pub(crate) fn revoke(rows: &Connection, id: RuleId, by: &Actor) -> rusqlite::Result<()> {
    let body: Option<String> = rows
        .prepare_cached("SELECT body FROM rules WHERE id = ?1")?
        .query_row([id.0.as_bytes()], |row| row.get(0))
        .optional()?;
    let Some(mut rule) = body.and_then(|body| serde_json::from_str::<Rule>(&body).ok()) else {
        return Ok(());
    };
    if rule.revoked_at.is_none() {
        rule.revoked_at = Some(now());
        rule.revoked_by = Some(by.clone());
        rows.prepare_cached("UPDATE rules SET body = ?2 WHERE id = ?1")?
            .execute(params![id.0.as_bytes(), json(&rule)?])?;
    }
    Ok(())
}

impl Reader {
    /// All rules, revoked ones too, oldest first, with how often each was used.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn rules(&self) -> Result<Vec<Rule>, StoreError> {
        let mut statement = self.rows().prepare_cached(
            "SELECT json_extract(body, '$.decidedBy.rule'), count(*), max(asked) FROM approvals \
             WHERE json_extract(body, '$.decidedBy.rule') IS NOT NULL GROUP BY 1",
        )?;
        let mut uses = HashMap::new();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let last = timestamp(row.get(2)?);
            uses.insert(row.get::<_, String>(0)?, (row.get::<_, i64>(1)? as u64, last));
        }
        let mut statement = self.rows().prepare_cached("SELECT body FROM rules ORDER BY made_at, id")?;
        let bodies = statement.query_map([], |row| row.get::<_, String>(0))?;
        bodies
            .map(|body| {
                let mut rule: Rule = serde_json::from_str(&body?)?;
                if let Some((used, last)) = uses.get(&rule.id.to_string()) {
                    (rule.used, rule.used_at) = (*used, Some(*last));
                }
                Ok(rule)
            })
            .collect()
    }

    /// The latest approvals of every run, newest first.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn latest_approvals(&self, limit: usize) -> Result<Vec<Approval>, StoreError> {
        let mut statement =
            self.rows().prepare_cached("SELECT body FROM approvals ORDER BY asked DESC, id DESC LIMIT ?1")?;
        let bodies = statement.query_map([limit as i64], |row| row.get::<_, String>(0))?;
        bodies.map(|body| Ok(serde_json::from_str(&body?)?)).collect()
    }
}
