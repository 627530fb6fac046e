//! What went wrong, as a sentence.

use crate::json::text;
use serde_json::Value;

const LATER: &str = " Try again later.";

/// A turn's error.
pub(super) fn sentence(error: &Value) -> String {
    match (what(error), said(error)) {
        (Some(what), said) if said.is_empty() => what,
        (Some(what), said) => format!("{what} Codex says: {said}"),
        (None, said) if said.is_empty() => "The turn failed; Codex does not say why.".into(),
        (None, said) => format!("Codex could not go on: {said}"),
    }
}

/// An error after which Codex tries again by itself.
pub(super) fn retry(error: &Value) -> String {
    let what = what(error).unwrap_or("A request to the model's service failed.".into());
    let what = what.strip_suffix(LATER).unwrap_or(&what);
    format!("{what} Codex tries again. ({})", said(error))
}

fn said(error: &Value) -> String {
    text(error, "message").chars().take(2000).collect()
}

fn what(error: &Value) -> Option<String> {
    let info = error.get("codexErrorInfo").unwrap_or(&Value::Null);
    let (kind, status) = match info {
        Value::String(kind) => (kind.as_str(), None),
        Value::Object(kinds) => match kinds.iter().next() {
            Some((kind, detail)) => (kind.as_str(), detail.get("httpStatusCode").and_then(Value::as_u64)),
            None => ("", None),
        },
        _ => ("", None),
    };
    of_kind(kind, status)
}

fn of_kind(kind: &str, status: Option<u64>) -> Option<String> {
    Some(match (kind, status) {
        ("unauthorized", _) | (_, Some(401)) => {
            "The model's service does not accept Codex's login. Run `codex login` on the host.".into()
        }
        ("rateLimitExceeded", _) | (_, Some(429)) => {
            format!("The model's service is limiting requests (429).{LATER}")
        }
        ("usageLimitExceeded" | "sessionBudgetExceeded", _) => {
            "The usage limit of the person's Codex account is reached.".into()
        }
        ("contextWindowExceeded", _) => "The conversation is longer than the model can read.".into(),
        ("modelNotFound", _) => "The model's service does not know this model.".into(),
        ("serverOverloaded" | "policyCapacityUnavailable", _) => {
            format!("The model's service is overloaded.{LATER}")
        }
        ("sandboxError", _) => "Codex's sandbox failed.".into(),
        (_, Some(status)) => format!("The model's service answered {status}."),
        ("httpConnectionFailed" | "responseStreamConnectionFailed", _) => {
            "The model's service could not be reached.".into()
        }
        ("responseStreamDisconnected" | "responseTooManyFailedAttempts", _) => {
            "The connection to the model's service broke.".into()
        }
        ("internalServerError", _) => "The model's service failed.".into(),
        _ => return None,
    })
}
