//! What a model's service lets an account use.

use crate::*;
use serde::{Deserialize, Serialize};

/// How near a limit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum LimitState {
    /// Far off.
    Open,
    /// The agent warns of it.
    Near,
    /// Nothing more until it resets.
    Reached,
}

/// A limit as the agent told it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Limit {
    /// Over which time, in the agent's word: `five_hour`, `10080 minutes`. Each has one limit.
    pub window: String,
    /// How near.
    pub state: LimitState,
    /// How much of it is used, 0 to 100, where the agent says.
    #[serde(default)]
    pub used_percent: Option<f64>,
    /// When it begins anew, where the agent says.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub resets_at: Option<Timestamp>,
    /// The same as seconds from when it was told, for agents that say so; only in events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number", optional))]
    pub resets_in: Option<u64>,
}

impl Limit {
    /// With the moment of its reset, as told at `at`.
    pub(crate) fn told_at(&self, at: Timestamp) -> Limit {
        let after = self.resets_in.and_then(|secs| i64::try_from(secs).ok());
        let after = after.and_then(|secs| at.checked_add(jiff::SignedDuration::from_secs(secs)).ok());
        Limit { resets_at: self.resets_at.or(after), resets_in: None, ..self.clone() }
    }
}

/// Go on by itself when the limit that stopped a run resets, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResumeWhenReset {
    /// Whether it does.
    pub on: bool,
}

/// What one agent used on one day with one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct UsageDay {
    /// The day, `2026-11-21`, in the zone that was asked for.
    pub day: String,
    /// The agent's kind.
    pub agent: String,
    /// The model, where the agent said.
    pub model: Option<String>,
    /// The figures.
    pub usage: Usage,
}
