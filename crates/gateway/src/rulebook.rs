//! Rules as they stand, and what they decide. A rule decides on the same way as a person: what is asked is compared
//! with what it is now, the decision is appended, and only then does anything happen.

use crate::deciding::Command;
use crate::runs::{Runs, gone};
use crate::storage_problem;
use offdesk_protocol::*;
use offdesk_runner::Order;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{RwLock, RwLockReadGuard, oneshot};

/// How long an attempt may take to vouch for a request. It may have to read a lot of output first.
const PATIENCE: Duration = Duration::from_secs(30);
/// Approvals a preview looks back over.
const LOOK_BACK: usize = 1000;
/// Examples in a preview.
const EXAMPLES: usize = 5;
/// Longest example, in characters.
const EXAMPLE_LENGTH: usize = 200;

/// The rules that hold. Whoever lets one decide keeps hold of it until the decision is in the log, so that a rule whose
/// revoking was acknowledged decides nothing.
#[derive(Default)]
pub(crate) struct Rulebook {
    rules: RwLock<Vec<Rule>>,
}

impl Rulebook {
    pub(crate) fn holding(rules: Vec<Rule>) -> Self {
        Self { rules: RwLock::new(in_force(rules)) }
    }

    pub(crate) async fn read(&self) -> RwLockReadGuard<'_, Vec<Rule>> {
        self.rules.read().await
    }
}

fn in_force(rules: Vec<Rule>) -> Vec<Rule> {
    rules.into_iter().filter(|rule| rule.revoked_at.is_none()).collect()
}

fn unknown(id: RuleId) -> Problem {
    Problem::new(ErrorCode::NotFound, format!("There is no rule {id}."))
}

/// Why this decision cannot make the rule it comes with.
pub(crate) fn check_new(run: &Run, request: &ApprovalRequest, decision: &Decision) -> Result<(), Problem> {
    let Some(new) = &decision.rule else { return Ok(()) };
    let refuse = |text: &str| Err(Problem::new(ErrorCode::BadRequest, text));
    let effect = match &decision.verdict {
        Verdict::Allow => RuleEffect::Allow,
        Verdict::Deny { .. } => RuleEffect::Deny,
        Verdict::AllowEdited { .. } | Verdict::Answer { .. } => {
            return refuse("A rule can only be made by allowing or denying what is asked as it is.");
        }
    };
    if let Some(problem) = new.pattern.problem() {
        return refuse(problem);
    }
    if !new.pattern.covers(effect, run.asking(), request) {
        return refuse("The rule would not cover this very request.");
    }
    Ok(())
}

impl Runs {
    /// All rules, revoked ones too, oldest first.
    pub(crate) async fn rules(&self) -> Result<Vec<Rule>, Problem> {
        self.read(|reader| reader.rules()).await
    }

    /// Takes up what the log says of rules, and lets those decide that are new.
    pub(crate) async fn rules_changed(self: &Arc<Self>) -> Result<(), Problem> {
        let mut held = self.rulebook.rules.write().await;
        *held = in_force(self.rules().await?);
        drop(held);
        for view in self.hub.views(true).iter().filter(|view| view.waiting > 0) {
            self.judge(view.id);
        }
        Ok(())
    }

    /// Revokes a rule; when this returns it decides nothing any more. What it decided stands.
    pub(crate) async fn revoke_rule(self: &Arc<Self>, id: RuleId, by: Actor) -> Result<Rule, Problem> {
        let runs = self.clone();
        // A caller who hangs up must not leave the rule revoked on disk and in force here.
        let revoked = tokio::spawn(async move {
            let mut held = runs.rulebook.rules.write().await;
            runs.store.revoke_rule(id, by, None).await.map_err(storage_problem)?;
            held.retain(|rule| rule.id != id);
            Ok::<_, Problem>(())
        });
        revoked.await.map_err(|_| gone())??;
        self.rules().await?.into_iter().find(|rule| rule.id == id).ok_or_else(|| unknown(id))
    }

    /// Puts another rule in a rule's place. Its effect and where it came from stay.
    pub(crate) async fn change_rule(
        self: &Arc<Self>,
        id: RuleId,
        change: ChangeRule,
        by: Actor,
    ) -> Result<Rule, Problem> {
        let all = self.rules().await?;
        if let Some(made) = all.iter().find(|rule| rule.id == change.id) {
            return Ok(made.clone());
        }
        let old = all.into_iter().find(|rule| rule.id == id).ok_or_else(|| unknown(id))?;
        if old.revoked_at.is_some() {
            let text = "This rule is revoked, so it cannot be changed.";
            return Err(Problem::new(ErrorCode::BadRequest, text).hint("Make a new one on an approval."));
        }
        if let Some(problem) = change.pattern.problem() {
            return Err(Problem::new(ErrorCode::BadRequest, problem));
        }
        let run = self.hub.run(old.run).ok_or_else(|| crate::runs::unknown_run(old.run))?;
        let new = Rule {
            id: change.id,
            text: change.pattern.to_string(),
            pattern: change.pattern,
            scope: RuleScope::of(change.reach, run.asking()),
            made_at: Timestamp::now(),
            made_by: by.clone(),
            used: 0,
            used_at: None,
            ..old
        };
        let (runs, kept) = (self.clone(), new.clone());
        let changed = tokio::spawn(async move {
            let mut held = runs.rulebook.rules.write().await;
            runs.store.revoke_rule(id, by, Some(kept.clone())).await.map_err(storage_problem)?;
            held.retain(|rule| rule.id != id);
            held.push(kept);
            drop(held);
            runs.rules_changed().await
        });
        changed.await.map_err(|_| gone())??;
        Ok(new)
    }

    /// Rules that could be made on this approval, with what each would have covered.
    pub(crate) async fn preview_rules(
        &self,
        id: ApprovalId,
        wish: PreviewRules,
    ) -> Result<Vec<RulePreview>, Problem> {
        let record = self.approval(id).await?;
        let run =
            self.hub.run(record.request.run).ok_or_else(|| crate::runs::unknown_run(record.request.run))?;
        let patterns = match wish.pattern {
            Some(pattern) => match pattern.problem() {
                Some(problem) => return Err(Problem::new(ErrorCode::BadRequest, problem)),
                None => vec![pattern],
            },
            None => Pattern::proposals(run.asking(), &record.request),
        };
        let latest = self.read(|reader| reader.latest_approvals(LOOK_BACK)).await?;
        let previews = patterns.iter().flat_map(|pattern| {
            let hub = &self.hub;
            let (run, latest) = (&run, &latest);
            [Reach::Run, Reach::Project, Reach::Always].map(move |reach| {
                let scope = RuleScope::of(reach, run.asking());
                let mut preview = RulePreview {
                    pattern: pattern.clone(),
                    text: pattern.to_string(),
                    reach,
                    of: 0,
                    covers: 0,
                    denied: 0,
                    waiting: 0,
                    examples: Vec::new(),
                };
                for past in latest.iter().filter(|past| past.request.id != id) {
                    let Some(whose) = hub.run(past.request.run) else { continue };
                    if !scope.reaches(whose.asking()) {
                        continue;
                    }
                    preview.of += 1;
                    if !pattern.covers(RuleEffect::Allow, whose.asking(), &past.request) {
                        continue;
                    }
                    preview.covers += 1;
                    preview.waiting += u32::from(past.state == ApprovalState::Requested);
                    preview.denied += u32::from(past.resolution == Some(Resolution::Denied));
                    if preview.examples.len() < EXAMPLES {
                        preview.examples.push(visible_line(&past.request.text, EXAMPLE_LENGTH));
                    }
                }
                preview
            })
        });
        Ok(previews.collect())
    }

    /// Lets rules decide what a run asks and nobody has decided.
    pub(crate) fn judge(self: &Arc<Self>, run: RunId) {
        let runs = self.clone();
        self.spawn_task(async move {
            let Some(run) = runs.hub.run(run) else { return };
            for record in run.open_approvals() {
                let rule = deciding(&runs.rulebook.read().await, run.asking(), &record.request).cloned();
                if let Some(rule) = rule
                    && let Err(problem) = runs.decide_by_rule(record, rule).await
                {
                    // It waits for a person, as it would without rules.
                    tracing::debug!(approval.id = %record.request.id, "A rule did not decide: {problem}");
                }
            }
        });
    }

    async fn decide_by_rule(self: &Arc<Self>, record: &Approval, rule: Rule) -> Result<(), Problem> {
        let (approval, run) = (record.request.id, record.request.run);
        let Some((now, inside)) = self.vouch(run, approval, rule.clone()).await else { return Ok(()) };
        if now.hash != record.request.hash {
            // Asked anew, it is looked at anew.
            return self.command(run, Command::Refresh { request: now }).await.map(drop);
        }
        if !inside {
            return Ok(());
        }
        let id = DecisionId(uuid::Uuid::new_v5(&rule.id.0, approval.0.as_bytes()));
        let decision = Decision { id, hash: now.hash, verdict: rule.verdict(), rule: None };
        let by = Actor::Rule { rule: rule.id, text: rule.text };
        self.command(run, Command::Decide { approval, decision, by }).await.map(drop)
    }

    async fn vouch(&self, run: RunId, approval: ApprovalId, rule: Rule) -> Option<(ApprovalRequest, bool)> {
        let handle = self.attempt(run)?;
        let (reply, answer) = oneshot::channel();
        handle.send(Order::Vouch { approval, rule: Box::new(rule), reply }).await.ok()?;
        tokio::time::timeout(PATIENCE, answer).await.ok()?.ok()?
    }
}
