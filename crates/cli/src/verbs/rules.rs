//! `rules`: what decides without a person.

use super::{say, say_json};
use crate::outcome::Outcome;
use clap::{Args, Subcommand, ValueEnum};
use offdesk_client::Client;
use offdesk_protocol::*;
use std::fmt::Write;

/// `offdesk rules …`.
#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// Also those that are revoked.
    #[arg(long)]
    all: bool,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    verb: Option<RulesVerb>,
}

#[derive(Debug, Subcommand)]
enum RulesVerb {
    /// Make a rule decide nothing any more. What it decided stands.
    Revoke {
        /// The rule.
        id: RuleId,
    },
    /// Show which rules could be made on an approval, and what each would have covered.
    Preview {
        /// The approval.
        approval: ApprovalId,
    },
    /// Let a rule reach less far or further.
    Change {
        /// The rule.
        id: RuleId,
        /// How far.
        #[arg(long)]
        reach: ReachArg,
    },
}

/// How far a rule reaches, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReachArg {
    /// The run that asks.
    Run,
    /// Every run in this project.
    Project,
    /// Every run on this host.
    Always,
}

impl ReachArg {
    fn reach(self) -> Reach {
        match self {
            Self::Run => Reach::Run,
            Self::Project => Reach::Project,
            Self::Always => Reach::Always,
        }
    }
}

/// Which of the patterns that fit an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PatternArg {
    /// Exactly what is asked: this command, this file, this use of the tool.
    Exact,
    /// Plain commands that begin like this one.
    Beginning,
    /// Files in the same folder.
    Folder,
    /// Files in the workspace.
    Workspace,
    /// Any use of the tool.
    Tool,
}

impl PatternArg {
    fn is(self, pattern: &Pattern) -> bool {
        use Pattern::*;
        match self {
            Self::Exact => matches!(pattern, Command { .. } | File { .. } | Call { .. }),
            Self::Beginning => matches!(pattern, Commands { .. }),
            Self::Folder => matches!(pattern, Folder { .. }),
            Self::Workspace => matches!(pattern, Workspace),
            Self::Tool => matches!(pattern, Tool { .. }),
        }
    }
}

/// The rule a decision is to make: the pattern that was asked for, or else the narrowest.
pub(crate) async fn new_rule(
    client: &Client,
    approval: ApprovalId,
    reach: Option<ReachArg>,
    pattern: Option<PatternArg>,
) -> Result<Option<NewRule>, Outcome> {
    let Some(reach) = reach.map(ReachArg::reach) else { return Ok(None) };
    let previews = client.preview_rules(approval, &PreviewRules::default()).await?;
    let fits = |preview: &&RulePreview| {
        preview.reach == reach && pattern.is_none_or(|pattern| pattern.is(&preview.pattern))
    };
    match previews.iter().find(fits) {
        Some(preview) => Ok(Some(NewRule { pattern: preview.pattern.clone(), reach })),
        None => Err(Outcome::Usage(
            "No such rule can be made on this approval, so nothing was decided. \
             `offdesk rules preview ID` shows those that can."
                .into(),
        )),
    }
}

pub(crate) async fn rules(client: &Client, rules: Rules) -> Result<(), Outcome> {
    match rules.verb {
        None => {
            let found = client.rules().await?;
            let shown: Vec<&Rule> =
                found.iter().filter(|rule| rules.all || rule.revoked_at.is_none()).collect();
            if rules.json {
                return say_json(&shown);
            }
            match shown.is_empty() {
                true => say("No rules: every approval waits for a person."),
                false => say(shown.into_iter().map(line).collect::<String>().trim_end()),
            }
        }
        Some(RulesVerb::Revoke { id }) => told(&client.revoke_rule(id).await?, rules.json),
        Some(RulesVerb::Change { id, reach }) => {
            let old = client.rules().await?.into_iter().find(|rule| rule.id == id);
            let Some(old) = old else { return Err(Outcome::Usage(format!("There is no rule {id}."))) };
            let change = ChangeRule { id: RuleId::new(), pattern: old.pattern, reach: reach.reach() };
            told(&client.change_rule(id, &change).await?, rules.json)
        }
        Some(RulesVerb::Preview { approval }) => {
            let previews = client.preview_rules(approval, &PreviewRules::default()).await?;
            if rules.json {
                return say_json(&previews);
            }
            let mut out = String::new();
            for preview in &previews {
                let reach = match preview.reach {
                    Reach::Run => "in this run",
                    Reach::Project => "in this project",
                    Reach::Always => "in every run",
                };
                let _ = writeln!(
                    out,
                    "{} · {reach}\n  covers {} of the last {} approvals there ({} denied by a person), {} waiting now",
                    visible(&preview.text),
                    preview.covers,
                    preview.of,
                    preview.denied,
                    preview.waiting
                );
                for example in &preview.examples {
                    let _ = writeln!(out, "    {}", visible(example));
                }
            }
            match out.is_empty() {
                true => say("No rule can be made on this: it is a person's to decide."),
                false => say(out.trim_end()),
            }
        }
    }
}

fn told(rule: &Rule, json: bool) -> Result<(), Outcome> {
    if json { say_json(rule) } else { say(line(rule).trim_end()) }
}

fn line(rule: &Rule) -> String {
    let effect = match rule.effect {
        RuleEffect::Allow => "allow",
        RuleEffect::Deny => "deny",
    };
    let by = match &rule.made_by {
        Actor::Person { name, .. } => visible(name),
        _ => "the gateway".into(),
    };
    let end = match &rule.revoked_at {
        Some(at) => format!(" · revoked {}", at.strftime("%Y-%m-%d %H:%M")),
        None => String::new(),
    };
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{}  {effect} {} · {}\n  made {} by {by} in run {} · decided {}{end}",
        rule.id,
        visible(&rule.text),
        visible(&rule.scope.to_string()),
        rule.made_at.strftime("%Y-%m-%d %H:%M"),
        rule.run,
        rule.used,
    );
    out
}
