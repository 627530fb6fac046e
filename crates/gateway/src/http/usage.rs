//! What was used, by day.

use super::Failure;
use super::extract::Asked;
use crate::Shared;
use axum::Json;
use axum::extract::State;
use jiff::tz::{Offset, TimeZone};
use offdesk_protocol::*;
use offdesk_store::UsageSlot;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

const MOST_DAYS: u32 = 400;

#[derive(Deserialize)]
pub(super) struct UsageQuery {
    /// How many days back, today included.
    days: Option<u32>,
    /// Minutes east of UTC in which days are meant; by default as on this host.
    zone: Option<i32>,
}

pub(super) async fn usage(
    State(shared): State<Arc<Shared>>,
    Asked(query): Asked<UsageQuery>,
) -> Result<Json<Vec<UsageDay>>, Failure> {
    let zone = match query.zone.map(|minutes| Offset::from_seconds(minutes.saturating_mul(60))) {
        Some(Ok(offset)) => TimeZone::fixed(offset),
        Some(Err(_)) => {
            let text = "`zone` is the number of minutes east of UTC, e.g. 120.";
            return Err(Problem::new(ErrorCode::BadRequest, text).into());
        }
        None => TimeZone::system(),
    };
    let back = i64::from(query.days.unwrap_or(30).clamp(1, MOST_DAYS)) - 1;
    let today = Timestamp::now().to_zoned(zone.clone()).date();
    let first = today.checked_sub(jiff::ToSpan::days(back)).unwrap_or(today);
    let since = first.to_zoned(zone.clone()).map_or(Timestamp::UNIX_EPOCH, |start| start.timestamp());
    let slots = shared.runs.read(move |reader| reader.usage(since)).await?;
    Ok(Json(by_day(slots, &zone)))
}

/// Latest day first.
fn by_day(slots: Vec<UsageSlot>, zone: &TimeZone) -> Vec<UsageDay> {
    let mut days: BTreeMap<(std::cmp::Reverse<String>, String, Option<String>), Usage> = BTreeMap::new();
    for UsageSlot { at, agent, model, usage } in slots {
        let day = at.to_zoned(zone.clone()).date().to_string();
        let sum = days.entry((std::cmp::Reverse(day), agent, model)).or_default();
        sum.input_tokens += usage.input_tokens;
        sum.output_tokens += usage.output_tokens;
        sum.cached_tokens += usage.cached_tokens;
        sum.cost_usd = match (sum.cost_usd, usage.cost_usd) {
            (None, None) => None,
            (a, b) => Some(a.unwrap_or(0.0) + b.unwrap_or(0.0)),
        };
    }
    days.into_iter()
        .map(|((day, agent, model), usage)| UsageDay { day: day.0, agent, model, usage })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_one_in_the_zone_of_who_asks() {
        let slot = |at: &str, cost| UsageSlot {
            at: at.parse().unwrap(),
            agent: "claude".into(),
            model: Some("m".into()),
            usage: Usage { input_tokens: 10, output_tokens: 1, cached_tokens: 0, cost_usd: cost },
        };
        let slots = || vec![slot("2026-11-20T22:45:00Z", Some(0.5)), slot("2026-11-21T00:30:00Z", None)];
        let days = |minutes: i32| {
            let zone = TimeZone::fixed(Offset::from_seconds(minutes * 60).unwrap());
            by_day(slots(), &zone)
                .into_iter()
                .map(|day| (day.day, day.usage.input_tokens))
                .collect::<Vec<_>>()
        };
        assert_eq!(days(0), [("2026-11-21".to_string(), 10), ("2026-11-20".to_string(), 10)]);
        assert_eq!(days(120), [("2026-11-21".to_string(), 20)]);
        assert_eq!(by_day(slots(), &TimeZone::UTC)[1].usage.cost_usd, Some(0.5));
    }
}
