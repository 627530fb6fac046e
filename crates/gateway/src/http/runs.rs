//! Runs: starting, telling, reading.

use super::Failure;
use super::extract::{Asked, Body, Id};
use crate::Shared;
use crate::access::Caller;
use crate::deciding::Command;
use crate::runs::unknown_run;
use crate::starting::check_label;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use offdesk_protocol::*;
use offdesk_store::StoredJson;
use serde::Deserialize;
use std::sync::Arc;

/// Events given at once, at most and by default.
const MOST_EVENTS: usize = 1000;
/// Bytes of output given at once, at most and by default.
const MOST_OUTPUT: usize = 1024 * 1024;

type Answer = Result<Json<RunView>, Failure>;

#[derive(Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    archived: bool,
}

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Asked(query): Asked<ListQuery>,
) -> Json<Vec<RunView>> {
    Json(shared.hub.views(query.archived))
}

pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(start): Body<StartRun>,
) -> Answer {
    caller.may_change()?;
    if start.desk.is_some() {
        caller.may_bring_a_terminal()?;
    }
    Ok(Json(shared.history.start(&shared, start, caller.actor).await?))
}

pub(super) async fn show(State(shared): State<Arc<Shared>>, Id(id): Id<RunId>) -> Answer {
    Ok(Json(shared.hub.view(id).ok_or_else(|| unknown_run(id))?))
}

pub(super) async fn prompt(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(prompt): Body<SendPrompt>,
) -> Answer {
    caller.may_change()?;
    if shared.hub.run(id).is_some_and(|run| run.state().is_over()) {
        // This would resume it.
        capabilities(&shared, id)?;
    }
    let said = prompt.id;
    if shared.runs.read(move |reader| reader.prompt_known(said)).await? == Some(id) {
        return show(State(shared), Id(id)).await;
    }
    let run = shared.hub.run(id).ok_or_else(|| unknown_run(id))?;
    let prompt = shared.runs.said(&run.agent, prompt).await?;
    Ok(Json(shared.runs.command(id, Command::Prompt { prompt, by: caller.actor }).await?))
}

fn capabilities(shared: &Shared, id: RunId) -> Result<Capabilities, Problem> {
    let run = shared.hub.run(id).ok_or_else(|| unknown_run(id))?;
    shared.runs.runner.capabilities(&run.agent).map_err(|_| {
        let text = format!(
            "The agent “{}” of this run is not there any more: the run can be read, and not be resumed.",
            run.agent
        );
        Problem::new(ErrorCode::AgentMissing, text)
            .hint("Add it again under the same kind: `offdesk agents add`.")
    })
}

pub(super) async fn interrupt(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
) -> Answer {
    caller.may_change()?;
    let capabilities = capabilities(&shared, id)?;
    Ok(Json(shared.runs.command(id, Command::Interrupt { capabilities, by: caller.actor }).await?))
}

pub(super) async fn stop(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
) -> Answer {
    caller.may_change()?;
    Ok(Json(shared.runs.command(id, Command::Stop { by: caller.actor, timed_out: false }).await?))
}

pub(super) async fn resume(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(resume): Body<ResumeRun>,
) -> Answer {
    caller.may_change()?;
    let run = shared.hub.run(id).ok_or_else(|| unknown_run(id))?;
    let prompt = match resume.prompt {
        Some(prompt) => Some(shared.runs.said(&run.agent, prompt).await?),
        None => None,
    };
    let capabilities = capabilities(&shared, id)?;
    let command = Command::Resume { capabilities, prompt, by: caller.actor };
    Ok(Json(shared.runs.command(id, command).await?))
}

pub(super) async fn archive(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
) -> Answer {
    caller.may_change()?;
    Ok(Json(shared.runs.command(id, Command::Archive { by: caller.actor }).await?))
}

pub(super) async fn label(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(label): Body<LabelRun>,
) -> Answer {
    caller.may_change()?;
    let label = check_label(label.label)?;
    Ok(Json(shared.runs.command(id, Command::Label { label }).await?))
}

#[derive(Deserialize)]
pub(super) struct EventsQuery {
    after: Option<u64>,
    before: Option<u64>,
    limit: Option<usize>,
}

pub(super) async fn events(
    State(shared): State<Arc<Shared>>,
    Id(id): Id<RunId>,
    Asked(query): Asked<EventsQuery>,
) -> Result<Response, Failure> {
    shared.hub.run(id).ok_or_else(|| unknown_run(id))?;
    read_events(&shared, Some(id), query).await
}

pub(super) async fn all_events(
    State(shared): State<Arc<Shared>>,
    Asked(query): Asked<EventsQuery>,
) -> Result<Response, Failure> {
    read_events(&shared, None, query).await
}

async fn read_events(shared: &Shared, run: Option<RunId>, query: EventsQuery) -> Result<Response, Failure> {
    let limit = query.limit.unwrap_or(MOST_EVENTS).clamp(1, MOST_EVENTS);
    let found = match (query.before, run) {
        (Some(before), Some(run)) => {
            shared.runs.read(move |reader| reader.events_before(run, before, limit)).await?
        }
        (Some(_), None) => {
            let text = "`before` is for the events of one run; use `after` here.";
            return Err(Problem::new(ErrorCode::BadRequest, text).into());
        }
        (None, run) => {
            let after = query.after.unwrap_or(0);
            shared.runs.read(move |reader| reader.events_after(run, after, limit)).await?
        }
    };
    Ok(([(header::CONTENT_TYPE, "application/json")], json_list(&found)).into_response())
}

/// The events as stored, so that kinds this program does not know pass through whole.
fn json_list(events: &[StoredJson]) -> String {
    let mut text = String::with_capacity(2 + events.iter().map(|event| event.json.len() + 1).sum::<usize>());
    text.push('[');
    for (index, event) in events.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&event.json);
    }
    text.push(']');
    text
}

#[derive(Deserialize)]
pub(super) struct OutputQuery {
    attempt: Option<AttemptId>,
    #[serde(default)]
    from: u64,
    limit: Option<usize>,
}

pub(super) async fn output(
    State(shared): State<Arc<Shared>>,
    Id(id): Id<RunId>,
    Asked(query): Asked<OutputQuery>,
) -> Result<Response, Failure> {
    let run = shared.hub.run(id).ok_or_else(|| unknown_run(id))?;
    let attempt = query.attempt.or(run.attempt.as_ref().map(|attempt| attempt.id));
    let attempt = attempt.ok_or_else(|| {
        Problem::new(ErrorCode::WrongState, "The run has not begun, so there is no output yet.")
    })?;
    let output = shared.runs.runner.output(attempt)?;
    let limit = query.limit.unwrap_or(MOST_OUTPUT).clamp(1, MOST_OUTPUT);
    let chunk = output
        .read(query.from, limit)
        .await
        .map_err(|error| Problem::new(ErrorCode::Internal, format!("The output cannot be read: {error}.")))?;
    let progress = *output.progress().borrow();
    let number = |name: &'static str, value: u64| (HeaderName::from_static(name), HeaderValue::from(value));
    let mut response = chunk.bytes.into_response();
    let headers = response.headers_mut();
    headers.extend([number("offdesk-offset", chunk.offset), number("offdesk-length", progress.length)]);
    headers.insert("offdesk-ended", HeaderValue::from_static(if progress.ended { "true" } else { "false" }));
    Ok(response)
}
