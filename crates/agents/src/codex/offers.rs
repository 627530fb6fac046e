//! What Codex offers, and the limits it tells of.

use crate::control;
use crate::json::{items, text};
use offdesk_protocol::{Limit, LimitState, Offers, Timestamp};
use serde_json::Value;

/// From this part on a limit is near: Codex warns its own users then.
const NEAR_PERCENT: f64 = 90.0;

/// The answer to `model/list`.
pub(super) fn models(answer: &Value) -> Offers {
    let shown = |model: &&Value| model.get("hidden").and_then(Value::as_bool) != Some(true);
    let models = items(answer, "data").filter(shown).filter_map(|model| {
        let (name, about) = (text(model, "displayName"), text(model, "description"));
        control::model(text(model, "model"), name, about, "")
    });
    Offers { models: control::at_most(models), ..Offers::default() }
}

/// The limits of `account/rateLimits/updated`.
pub(super) fn limits(params: &Value) -> Vec<Limit> {
    let Some(told) = params.get("rateLimits") else { return Vec::new() };
    let stopped = !text(told, "rateLimitReachedType").is_empty();
    let windows: Vec<&Value> = ["primary", "secondary"]
        .iter()
        .filter_map(|key| told.get(key).filter(|window| window.is_object()))
        .collect();
    let used = |window: &Value| window.get("usedPercent").and_then(Value::as_f64);
    // It says that one is reached, and not which: the fullest.
    let fullest = windows.iter().filter_map(|window| used(window)).fold(0.0, f64::max);
    let limit = |window: &&Value| {
        let percent = used(window);
        let full = percent.is_some_and(|percent| percent >= 100.0);
        let state = match percent {
            _ if full || (stopped && percent == Some(fullest)) => LimitState::Reached,
            Some(percent) if percent >= NEAR_PERCENT => LimitState::Near,
            _ => LimitState::Open,
        };
        let minutes = window.get("windowDurationMins").and_then(Value::as_u64);
        let resets_at = window.get("resetsAt").and_then(Value::as_i64);
        Limit {
            window: minutes.map_or_else(|| "account".into(), in_words),
            state,
            used_percent: percent,
            resets_at: resets_at.and_then(|seconds| Timestamp::from_second(seconds).ok()),
            resets_in: None,
        }
    };
    windows.iter().map(limit).collect()
}

fn in_words(minutes: u64) -> String {
    match minutes {
        days if days % 1440 == 0 => format!("{} days", days / 1440),
        hours if hours % 60 == 0 => format!("{} hours", hours / 60),
        minutes => format!("{minutes} minutes"),
    }
}
