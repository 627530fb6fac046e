//! Rules: what decides approvals without a person. Each is seen, and can be revoked.

use crate::{
    Actor, ApprovalId, ApprovalRequest, Asking, Envelope, Event, Pattern, RuleId, Run, RunId, Timestamp,
    Verdict,
};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;

/// Where a rule holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum RuleScope {
    /// In one run.
    Run {
        /// Which.
        run: RunId,
    },
    /// In runs whose workspace is this folder or in it.
    Project {
        /// Absolute.
        dir: String,
    },
    /// In every run on this host.
    Always,
}

/// How far a rule that is about to be made shall reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Reach {
    /// The run that asks.
    Run,
    /// All runs in the project the run works in.
    Project,
    /// Everything on this host.
    Always,
}

/// What a rule does to what it is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum RuleEffect {
    /// It goes ahead without anybody being asked.
    #[default]
    Allow,
    /// It is denied without anybody being asked. Wins over rules that allow.
    Deny,
}

/// A rule to be made with a decision: what is decided now is decided so from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewRule {
    /// What it is about.
    pub pattern: Pattern,
    /// How far it reaches.
    pub reach: Reach,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// Its id: that of the decision it was made with.
    pub id: RuleId,
    /// What it is about.
    pub pattern: Pattern,
    /// The pattern as a line for people.
    pub text: String,
    /// Where it holds.
    pub scope: RuleScope,
    /// What it does.
    pub effect: RuleEffect,
    /// Words the agent reads when it is denied.
    #[serde(default)]
    pub say: Option<String>,
    /// When it was made.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub made_at: Timestamp,
    /// Who made it.
    pub made_by: Actor,
    /// The approval it was made on.
    pub approval: ApprovalId,
    /// The run it was made in.
    pub run: RunId,
    /// When it was revoked; it decides nothing since.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub revoked_at: Option<Timestamp>,
    /// Who revoked it.
    pub revoked_by: Option<Actor>,
    /// How many approvals it has decided.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    #[serde(default)]
    pub used: u64,
    /// When it last decided one.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    #[serde(default)]
    pub used_at: Option<Timestamp>,
}

/// A pattern that would cover an approval, and what it would have covered so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RulePreview {
    /// The pattern.
    pub pattern: Pattern,
    /// The pattern as a line for people.
    pub text: String,
    /// How far it reaches.
    pub reach: Reach,
    /// Approvals in its scope that were looked at, the latest.
    pub of: u32,
    /// How many of them it covers.
    pub covers: u32,
    /// How many that it covers were denied by a person.
    pub denied: u32,
    /// How many that wait now it would decide besides this one.
    pub waiting: u32,
    /// The latest that it covers, a line each, at most five.
    pub examples: Vec<String>,
}

/// Ask what rules could be made on an approval, or what one would cover.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreviewRules {
    /// A pattern of one's own. Nothing: those that fit the approval are proposed.
    #[serde(default)]
    pub pattern: Option<Pattern>,
}

/// Change what a rule is about or how far it reaches: the old one is revoked and a new one made, at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeRule {
    /// Made by whoever asks, so that asking twice makes one.
    #[serde(default = "RuleId::new")]
    pub id: RuleId,
    /// The new pattern.
    pub pattern: Pattern,
    /// The new scope, as far as that of the run it was made in.
    pub reach: Reach,
}

impl RuleScope {
    /// As far as this, seen from a run.
    pub fn of(reach: Reach, asking: Asking<'_>) -> Self {
        match reach {
            Reach::Run => RuleScope::Run { run: asking.run },
            Reach::Project => RuleScope::Project { dir: asking.project.into() },
            Reach::Always => RuleScope::Always,
        }
    }

    /// Whether it reaches a run.
    pub fn reaches(&self, asking: Asking<'_>) -> bool {
        match self {
            RuleScope::Run { run } => *run == asking.run,
            RuleScope::Project { dir } => Path::new(asking.project).starts_with(dir),
            RuleScope::Always => true,
        }
    }
}

impl fmt::Display for RuleScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RuleScope::Run { .. } => f.write_str("in one run"),
            RuleScope::Project { dir } => write!(f, "in {dir}"),
            RuleScope::Always => f.write_str("in every run"),
        }
    }
}

impl Rule {
    /// The rule that a decision makes, if it makes one. `run` is the run as the decision found it or left it.
    pub fn made(run: &Run, envelope: &Envelope) -> Option<Rule> {
        let Event::ApprovalResolved { approval, decision: Some(decision), by, .. } = &envelope.event else {
            return None;
        };
        let NewRule { pattern, reach } = decision.rule.clone()?;
        let (effect, say) = match &decision.verdict {
            Verdict::Allow => (RuleEffect::Allow, None),
            Verdict::Deny { say, .. } => (RuleEffect::Deny, say.clone()),
            Verdict::AllowEdited { .. } | Verdict::Answer { .. } => return None,
        };
        Some(Rule {
            id: RuleId(decision.id.0),
            text: pattern.to_string(),
            pattern,
            scope: RuleScope::of(reach, run.asking()),
            effect,
            say,
            made_at: envelope.at,
            made_by: by.clone(),
            approval: *approval,
            run: run.id,
            revoked_at: None,
            revoked_by: None,
            used: 0,
            used_at: None,
        })
    }

    /// The verdict it stands for.
    pub fn verdict(&self) -> Verdict {
        match self.effect {
            RuleEffect::Allow => Verdict::Allow,
            RuleEffect::Deny => Verdict::Deny { say: self.say.clone(), stop: false },
        }
    }

    /// Whether it decides this request.
    pub fn decides(&self, asking: Asking<'_>, request: &ApprovalRequest) -> bool {
        self.revoked_at.is_none()
            && self.scope.reaches(asking)
            && self.pattern.covers(self.effect, asking, request)
    }
}

/// The rule that decides this request: one that denies before one that allows, an older one before a newer.
pub fn deciding<'a>(rules: &'a [Rule], asking: Asking<'_>, request: &ApprovalRequest) -> Option<&'a Rule> {
    let of = |effect| rules.iter().find(move |rule| rule.effect == effect && rule.decides(asking, request));
    of(RuleEffect::Deny).or_else(|| of(RuleEffect::Allow))
}

#[cfg(test)]
#[path = "rule_tests.rs"]
mod tests;
