//! `approve`, `deny`, `answer`.

use super::{rules, say, say_json};
use crate::args::{self, Approve, Deny};
use crate::outcome::Outcome;
use crate::paint;
use offdesk_client::Client;
use offdesk_protocol::*;
use serde_json::Value;
use std::path::Path;

/// The approval as it stands. Without a hash of what was seen, it is printed: then that is what was seen.
async fn seen(
    client: &Client,
    id: ApprovalId,
    hash: Option<String>,
    json: bool,
) -> Result<(Approval, String), Outcome> {
    let approval = client.approval(id).await?;
    let hash = match hash {
        Some(hash) => hash,
        None => {
            if !json && approval.state == ApprovalState::Requested {
                say(paint::approval(&approval))?;
            }
            approval.request.hash.clone()
        }
    };
    Ok((approval, hash))
}

async fn decide(
    client: &Client,
    id: ApprovalId,
    hash: String,
    verdict: Verdict,
    rule: Option<NewRule>,
    json: bool,
) -> Result<(), Outcome> {
    let decision = Decision { rule, ..Decision::new(hash, verdict) };
    let approval = client.decide(id, &decision).await?;
    if json { say_json(&approval) } else { say(paint::receipts(&approval)) }
}

pub(crate) async fn approve(client: &Client, approve: Approve) -> Result<(), Outcome> {
    let [id] = approve.ids[..] else {
        if approve.hash.is_some() || approve.edit.is_some() || approve.rule.is_some() {
            return Err(Outcome::Usage("--hash, --edit and --rule are for one approval.".into()));
        }
        return many(client, &approve.ids, &Verdict::Allow, approve.json).await;
    };
    let (approval, hash) = seen(client, id, approve.hash, approve.json).await?;
    let verdict = match approve.edit {
        Some(file) => Verdict::AllowEdited { input: edited(&approval, &file)? },
        None => Verdict::Allow,
    };
    let rule = rules::new_rule(client, id, approve.rule, approve.pattern).await?;
    decide(client, id, hash, verdict, rule, approve.json).await
}

/// The same for several approvals; each is shown, and stands or falls alone.
async fn many(client: &Client, ids: &[ApprovalId], verdict: &Verdict, json: bool) -> Result<(), Outcome> {
    let mut decisions = Vec::with_capacity(ids.len());
    for id in ids {
        let (_, hash) = seen(client, *id, None, json).await?;
        decisions.push(DecideOne { approval: *id, decision: Decision::new(hash, verdict.clone()) });
    }
    let decided = client.decide_many(decisions).await?;
    if json {
        say_json(&decided)?;
    }
    let mut refused = None;
    for one in decided {
        match (one.approval, one.problem) {
            (Some(approval), _) if !json => say(format!("{} {}", one.id, paint::receipts(&approval)))?,
            (None, Some(problem)) => {
                if !json {
                    say(format!("{} {}", one.id, problem.message))?;
                }
                refused.get_or_insert(problem);
            }
            _ => {}
        }
    }
    refused.map_or(Ok(()), |problem| Err(problem.into()))
}

/// The tool's input as the person wants it: the whole as JSON, or just a command's text.
fn edited(approval: &Approval, file: &Path) -> Result<Value, Outcome> {
    let text = match file == Path::new("-") {
        true => std::io::read_to_string(std::io::stdin())?,
        false => std::fs::read_to_string(file)?,
    };
    if let Ok(input @ Value::Object(_)) = serde_json::from_str(&text) {
        return Ok(input);
    }
    let field = match approval.request.kind {
        ApprovalKind::Command => "command",
        ApprovalKind::Plan => "plan",
        _ => {
            return Err(Outcome::Usage(
                "The edited input must be a JSON object like the `input` of the approval.".into(),
            ));
        }
    };
    let mut input = approval.request.input.clone();
    input[field] = text.trim_end_matches('\n').into();
    Ok(input)
}

pub(crate) async fn deny(client: &Client, deny: Deny) -> Result<(), Outcome> {
    let verdict = Verdict::Deny { say: deny.say, stop: deny.stop };
    let [id] = deny.ids[..] else {
        if deny.hash.is_some() || deny.rule.is_some() {
            return Err(Outcome::Usage("--hash and --rule are for one approval.".into()));
        }
        return many(client, &deny.ids, &verdict, deny.json).await;
    };
    let (_, hash) = seen(client, id, deny.hash, deny.json).await?;
    let rule = rules::new_rule(client, id, deny.rule, deny.pattern).await?;
    decide(client, id, hash, verdict, rule, deny.json).await
}

pub(crate) async fn answer(client: &Client, answer: args::Answer) -> Result<(), Outcome> {
    let (approval, hash) = seen(client, answer.id, None, answer.json).await?;
    let questions = &approval.request.questions;
    if approval.state == ApprovalState::Requested && questions.len() != answer.text.len() {
        let text = format!("It asks {} questions and got {} answers.", questions.len(), answer.text.len());
        return Err(Outcome::Usage(text));
    }
    let answers = questions
        .iter()
        .zip(answer.text)
        .map(|(question, text)| {
            let left_out = text.is_empty() && question.optional;
            Answer {
                question: question.text.clone(),
                answers: if left_out { Vec::new() } else { vec![text] },
            }
        })
        .collect();
    decide(client, answer.id, hash, Verdict::Answer { answers }, None, answer.json).await
}
