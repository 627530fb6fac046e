//! `approve`, `deny`, `answer`.

use super::{say, say_json};
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
    json: bool,
) -> Result<(), Outcome> {
    let decision = Decision { id: DecisionId::new(), hash, verdict };
    let approval = client.decide(id, &decision).await?;
    if json { say_json(&approval) } else { say(paint::receipts(&approval)) }
}

pub(crate) async fn approve(client: &Client, approve: Approve) -> Result<(), Outcome> {
    let (approval, hash) = seen(client, approve.id, approve.hash, approve.json).await?;
    let verdict = match approve.edit {
        Some(file) => Verdict::AllowEdited { input: edited(&approval, &file)? },
        None => Verdict::Allow,
    };
    decide(client, approve.id, hash, verdict, approve.json).await
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
    if approval.request.kind != ApprovalKind::Command {
        return Err(Outcome::Usage(
            "The edited input must be a JSON object like the `input` of the approval.".into(),
        ));
    }
    let mut input = approval.request.input.clone();
    input["command"] = text.trim_end_matches('\n').into();
    Ok(input)
}

pub(crate) async fn deny(client: &Client, deny: Deny) -> Result<(), Outcome> {
    let (_, hash) = seen(client, deny.id, deny.hash, deny.json).await?;
    decide(client, deny.id, hash, Verdict::Deny { say: deny.say, stop: deny.stop }, deny.json).await
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
        .map(|(question, text)| Answer { question: question.text.clone(), answers: vec![text] })
        .collect();
    decide(client, answer.id, hash, Verdict::Answer { answers }, answer.json).await
}
