//! The service.

use crate::conversation::Conversation;
use crate::script::{Answer, Block, answer};
use crate::wire::{self, Sent};
use crate::{chat, gemini, ollama, responses, rev};
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Failures of `[[flaky]]` so far, by prompt: the only thing that is remembered.
type Failures = Arc<Mutex<HashMap<String, usize>>>;

/// What callers sent to prove who they are, each once.
type Keys = Arc<Mutex<BTreeSet<String>>>;

/// Headers in which keys travel.
const KEY_HEADERS: [&str; 4] = ["authorization", "x-api-key", "x-goog-api-key", "api-key"];

/// A running service; it ends when this is dropped.
pub struct ScriptedModel {
    task: JoinHandle<()>,
    keys: Keys,
}

impl ScriptedModel {
    /// Answers on this listener. Must be called inside a runtime.
    pub fn start(listener: TcpListener) -> Self {
        let keys = Keys::default();
        let router = Router::new()
            .route("/", get(|| async { "scripted model\n" }))
            .route("/v1/models", get(models))
            .route("/v1/messages", post(|failures, body| answered(Dialect::Messages, failures, body)))
            .route("/v1/responses", post(|failures, body| answered(Dialect::Responses, failures, body)))
            .route("/v1/messages/count_tokens", post(count_tokens))
            .route("/v1/chat/completions", post(completions))
            .route("/v1beta/models/{*call}", post(generate))
            .route("/api/version", get(|| async { Json(json!({ "version": "0.14.0" })) }))
            .route("/api/tags", get(|| async { Json(ollama::tags()) }))
            .route("/api/show", post(show))
            .route("/api/chat", post(chatted))
            // Agents report usage and the like; it is taken and forgotten.
            .fallback(|| async { Json(json!({})) })
            .layer(middleware::from_fn_with_state(keys.clone(), noted))
            .layer(DefaultBodyLimit::max(64 * 1024 * 1024))
            .with_state(Failures::default());
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("scripted model: {error}");
            }
        });
        Self { task, keys }
    }

    /// What callers sent to prove who they are.
    pub fn keys(&self) -> Vec<String> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Waits for the end, which comes only from outside.
    pub async fn serve(mut self) {
        // It ended because its listener failed, which it said.
        let _ = (&mut self.task).await;
    }
}

impl Drop for ScriptedModel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn noted(State(keys): State<Keys>, request: axum::extract::Request, next: Next) -> Response {
    let sent = KEY_HEADERS.iter().filter_map(|name| request.headers().get(*name)?.to_str().ok());
    keys.lock().unwrap_or_else(PoisonError::into_inner).extend(sent.map(String::from));
    next.run(request).await
}

async fn models() -> Json<Value> {
    Json(
        json!({ "data": [{ "type": "model", "id": "scripted-1", "display_name": "Scripted" }], "has_more": false }),
    )
}

async fn count_tokens(body: Bytes) -> Json<Value> {
    Json(json!({ "input_tokens": body.len() / 4 + 1 }))
}

fn error(status: u16) -> Response {
    let kind = match status {
        400 => "invalid_request_error",
        401 => "authentication_error",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        _ => "api_error",
    };
    // Both dialects find what they look for.
    let what = json!({ "type": kind, "code": kind, "message": format!("Scripted error {status}") });
    let body = json!({ "type": "error", "error": what });
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [("retry-after", "1")], Json(body)).into_response()
}

/// Whose words are spoken.
#[derive(Clone, Copy)]
enum Dialect {
    Messages,
    Responses,
}

impl Dialect {
    fn read(self, request: &Value) -> Conversation<'_> {
        match self {
            Dialect::Messages => Conversation::read(request),
            Dialect::Responses => responses::read(request),
        }
    }

    fn whole(self, request: &Value, blocks: &[Block], read: usize) -> Value {
        match self {
            Dialect::Messages => wire::whole(model(request), blocks, read),
            Dialect::Responses => responses::whole(request, blocks, read),
        }
    }

    fn stream(self, request: &Value, blocks: &[Block], read: usize) -> Vec<Sent> {
        match self {
            Dialect::Messages => wire::stream(model(request), blocks, read),
            Dialect::Responses => responses::stream(request, blocks, read),
        }
    }
}

fn model(request: &Value) -> &str {
    request.get("model").and_then(Value::as_str).unwrap_or("scripted-1")
}

/// What a service says and does where it fails.
enum Failing {
    Status(u16),
    /// The account may use nothing until then, in seconds since 1970.
    Limit(u64),
}

/// The model that is asked, and how many images it is shown.
fn seen(model: &str, request: &Value) -> String {
    fn images(value: &Value) -> usize {
        match value {
            Value::Array(items) => items.iter().map(images).sum(),
            Value::Object(fields) => {
                let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
                let own = matches!(kind, "image" | "input_image" | "image_url")
                    || fields.contains_key("inlineData");
                usize::from(own) + fields.values().map(images).sum::<usize>()
            }
            _ => 0,
        }
    }
    format!("Seen: model {model}, {} images.", images(request))
}

/// A limit as Anthropic's and OpenAI's services tell of one.
fn limited(reset: u64) -> Response {
    let left = reset.saturating_sub(now());
    let what = json!({ "type": "usage_limit_reached", "code": "usage_limit_reached", "resets_at": reset,
        "resets_in_seconds": left, "plan_type": "plus",
        "message": format!("The scripted usage limit is reached. Try again in {left} seconds.") });
    let mut response =
        (StatusCode::TOO_MANY_REQUESTS, Json(json!({ "type": "error", "error": what }))).into_response();
    let reset = reset.to_string();
    for (name, value) in [
        ("anthropic-ratelimit-unified-status", "rejected"),
        ("anthropic-ratelimit-unified-representative-claim", "five_hour"),
        ("anthropic-ratelimit-unified-reset", &reset),
        ("x-should-retry", "false"),
        ("x-codex-primary-used-percent", "100"),
        ("x-codex-primary-window-minutes", "300"),
        ("x-codex-primary-reset-at", &reset),
    ] {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// The script's answer, or how the service fails.
fn scripted(
    mut conversation: Conversation<'_>,
    seen: String,
    failures: &Failures,
) -> Result<Vec<Block>, Failing> {
    conversation.seen = seen;
    let conversation = &conversation;
    match answer(conversation) {
        Answer::Blocks(blocks) => Ok(blocks),
        Answer::Error(status) => Err(Failing::Status(status)),
        Answer::Limit { secs } => {
            // Told once when it resets, it keeps to that.
            let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
            let reset = *failures
                .entry(conversation.prompt.clone())
                .or_insert(usize::try_from(now() + secs).unwrap_or(0));
            Err(Failing::Limit(reset as u64))
        }
        Answer::Flaky { times, status } => {
            let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
            let failed = failures.entry(conversation.prompt.clone()).or_insert(0);
            if *failed < times {
                *failed += 1;
                return Err(Failing::Status(status));
            }
            Ok(vec![Block::Text {
                text: format!("It works after {times} failures."),
                chunk: 24,
                pause: std::time::Duration::ZERO,
            }])
        }
    }
}

fn streamed(steps: Vec<Sent>) -> Response {
    let events = stream::unfold(steps.into_iter(), |mut steps| async move {
        loop {
            match steps.next()? {
                Sent::Event(bytes) => return Some((Ok(bytes), steps)),
                Sent::Pause(time) => tokio::time::sleep(time).await,
                Sent::Cut => return Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), steps)),
            }
        }
    });
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(events)).into_response()
}

fn failed(status: u16, body: Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(body)).into_response()
}

fn wants_stream(request: &Value) -> bool {
    request.get("stream").and_then(Value::as_bool) == Some(true)
}

async fn answered(dialect: Dialect, State(failures): State<Failures>, body: Bytes) -> Response {
    let Ok(request) = serde_json::from_slice::<Value>(&body) else { return error(400) };
    let blocks = match scripted(dialect.read(&request), seen(model(&request), &request), &failures) {
        Ok(blocks) => blocks,
        Err(Failing::Status(status)) => return error(status),
        Err(Failing::Limit(reset)) => return limited(reset),
    };
    if wants_stream(&request) {
        return streamed(dialect.stream(&request, &blocks, body.len()));
    }
    Json(dialect.whole(&request, &blocks, body.len())).into_response()
}

async fn completions(State(failures): State<Failures>, body: Bytes) -> Response {
    let Ok(asked) = serde_json::from_slice::<Value>(&body) else { return failed(400, chat::error(400)) };
    let request = chat::Request::new(&asked, body.len());
    match scripted(request.conversation(), seen(model(&asked), &asked), &failures) {
        Ok(blocks) if wants_stream(&asked) => streamed(request.stream(blocks)),
        Ok(blocks) => Json(request.whole(blocks)).into_response(),
        Err(Failing::Limit(reset)) => limited(reset),
        Err(Failing::Status(status)) => failed(status, chat::error(status)),
    }
}

async fn generate(State(failures): State<Failures>, Path(call): Path<String>, body: Bytes) -> Response {
    let (model, verb) = call.split_once(':').unwrap_or((&call, ""));
    if verb == "countTokens" {
        return Json(json!({ "totalTokens": body.len() / 4 + 1 })).into_response();
    }
    let Ok(asked) = serde_json::from_slice::<Value>(&body) else { return failed(400, gemini::error(400)) };
    let request = gemini::Request::new(&asked, model, body.len());
    match scripted(request.conversation(), seen(model, &asked), &failures) {
        Ok(blocks) if verb == "streamGenerateContent" => streamed(request.stream(blocks)),
        Ok(blocks) => Json(request.whole(blocks)).into_response(),
        Err(Failing::Limit(reset)) => limited(reset),
        Err(Failing::Status(status)) => failed(status, gemini::error(status)),
    }
}

async fn show(body: Bytes) -> Response {
    let (status, body) = ollama::show(&serde_json::from_slice(&body).unwrap_or_default());
    (status, Json(body)).into_response()
}

async fn chatted(State(failures): State<Failures>, body: Bytes) -> Response {
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    if let Some((status, body)) = ollama::refused(&asked) {
        return (status, Json(body)).into_response();
    }
    let request = ollama::Request::new(&asked, body.len());
    let messages = asked.get("messages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if let Some(words) = rev::beside_the_task(messages) {
        return Json(request.said(&words)).into_response();
    }
    let seen = seen(model(&asked), &asked);
    match scripted(request.conversation(), seen, &failures) {
        // Unlike the other APIs, this one streams unless told not to.
        Ok(blocks) if asked.get("stream") == Some(&json!(false)) => {
            tokio::time::sleep(ollama::Request::takes(&blocks)).await;
            Json(request.whole(blocks)).into_response()
        }
        Ok(blocks) => streamed(request.stream(blocks)),
        Err(Failing::Limit(reset)) => limited(reset),
        Err(Failing::Status(status)) => {
            failed(status, json!({ "error": format!("Scripted error {status}") }))
        }
    }
}
