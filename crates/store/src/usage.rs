//! What was used, by quarter of an hour, so that days can be made of it in any zone.

use crate::rows::sql;
use crate::{Reader, StoreError};
use offdesk_protocol::{Envelope, Event, Offers, Run, RunId, Timestamp, Usage};
use rusqlite::{Connection, OptionalExtension, params};

pub(crate) const TABLES: &str = "
-- Projections: what was used (`slot` counts quarters of an hour since 1970), and what each run's agent offers.
CREATE TABLE usage (
    slot INTEGER NOT NULL,
    agent TEXT NOT NULL,
    model TEXT NOT NULL,
    input INTEGER NOT NULL,
    output INTEGER NOT NULL,
    cached INTEGER NOT NULL,
    cost REAL,
    PRIMARY KEY (slot, agent, model)
) WITHOUT ROWID;
CREATE TABLE offers (run BLOB PRIMARY KEY, agent TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX offers_by_agent ON offers (agent, seq);
";

const SLOT_SECONDS: i64 = 900;

/// What was used in a quarter of an hour.
#[derive(Clone, Debug, PartialEq)]
pub struct UsageSlot {
    /// When it began.
    pub at: Timestamp,
    /// The agent's kind.
    pub agent: String,
    /// The model, where the agent said.
    pub model: Option<String>,
    /// The figures.
    pub usage: Usage,
}

/// Rows that follow from this event and the run as it was before it.
pub(crate) fn index(connection: &Connection, run: &Run, envelope: &Envelope) -> Result<(), StoreError> {
    match &envelope.event {
        Event::UsageReported { usage } => count(connection, "usage", run, envelope.at, usage),
        Event::AgentOffered { offers } => {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO offers (run, agent, seq, body) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![
                    run.id.0.as_bytes(),
                    run.agent,
                    sql(envelope.seq),
                    serde_json::to_string(offers)?
                ])?;
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Agents tell what a conversation used so far; what is new is counted where and when it was told.
pub(crate) fn count(
    connection: &Connection,
    table: &'static str,
    run: &Run,
    at: Timestamp,
    now: &Usage,
) -> Result<(), StoreError> {
    let before = &run.usage;
    // One that tells less began to count anew.
    let anew = now.input_tokens < before.input_tokens || now.output_tokens < before.output_tokens;
    let more = |now: u64, before: u64| sql(if anew { now } else { now.saturating_sub(before) });
    let cost = now.cost_usd.map(|cost| match before.cost_usd {
        Some(before) if !anew && cost >= before => cost - before,
        _ => cost,
    });
    let (input, output, cached) = (
        more(now.input_tokens, before.input_tokens),
        more(now.output_tokens, before.output_tokens),
        more(now.cached_tokens, before.cached_tokens),
    );
    if (input, output, cached) == (0, 0, 0) && cost.unwrap_or(0.0) <= 0.0 {
        return Ok(());
    }
    connection
        .prepare_cached(&format!(
            "INSERT INTO {table} (slot, agent, model, input, output, cached, cost) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
             ON CONFLICT DO UPDATE SET input = input + excluded.input, output = output + excluded.output, \
             cached = cached + excluded.cached, \
             cost = CASE WHEN cost IS NULL AND excluded.cost IS NULL THEN NULL \
                    ELSE coalesce(cost, 0) + coalesce(excluded.cost, 0) END",
        ))?
        .execute(params![
            at.as_second().div_euclid(SLOT_SECONDS),
            run.agent,
            run.model.as_deref().unwrap_or_default(),
            input,
            output,
            cached,
            cost
        ])?;
    Ok(())
}

pub(crate) const CLEAR: &str =
    "DELETE FROM usage; DELETE FROM offers; INSERT INTO usage SELECT * FROM usage_of_deleted;";

impl Reader {
    /// What was used since this moment, oldest first.
    pub fn usage(&self, since: Timestamp) -> Result<Vec<UsageSlot>, StoreError> {
        let mut statement = self.rows().prepare_cached(
            "SELECT slot, agent, model, input, output, cached, cost FROM usage WHERE slot >= ?1 ORDER BY slot, agent, model",
        )?;
        let mut rows = statement.query([since.as_second().div_euclid(SLOT_SECONDS)])?;
        let mut slots = Vec::new();
        while let Some(row) = rows.next()? {
            let at = Timestamp::from_second(row.get::<_, i64>(0)?.saturating_mul(SLOT_SECONDS));
            let number = |column: usize| row.get::<_, i64>(column).map(|number| number as u64);
            slots.push(UsageSlot {
                at: at.unwrap_or(Timestamp::UNIX_EPOCH),
                agent: row.get(1)?,
                model: Some(row.get(2)?).filter(|model: &String| !model.is_empty()),
                usage: Usage {
                    input_tokens: number(3)?,
                    output_tokens: number(4)?,
                    cached_tokens: number(5)?,
                    cost_usd: row.get(6)?,
                },
            });
        }
        Ok(slots)
    }

    /// What a run's agent offers, if it said.
    pub fn offers(&self, run: RunId) -> Result<Option<Offers>, StoreError> {
        self.offered("SELECT body FROM offers WHERE run = ?1", params![run.0.as_bytes()])
    }

    /// What this kind of agent offered last, in whatever run.
    pub fn offers_of(&self, agent: &str) -> Result<Option<Offers>, StoreError> {
        self.offered("SELECT body FROM offers WHERE agent = ?1 ORDER BY seq DESC LIMIT 1", params![agent])
    }

    fn offered(&self, query: &str, params: impl rusqlite::Params) -> Result<Option<Offers>, StoreError> {
        let body: Option<String> =
            self.rows().prepare_cached(query)?.query_row(params, |row| row.get(0)).optional()?;
        Ok(body.map(|body| serde_json::from_str(&body)).transpose()?)
    }
}
