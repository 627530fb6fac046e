//! What went wrong, as a sentence.

use crate::json::text;
use serde_json::Value;

/// A turn's error.
pub(super) fn sentence(error: &Value) -> String {
    let info = error.get("codexErrorInfo").unwrap_or(&Value::Null);
    let (kind, status) = match info {
        Value::String(kind) => (kind.as_str(), None),
        Value::Object(kinds) => match kinds.iter().next() {
            Some((kind, detail)) => (kind.as_str(), detail.get("httpStatusCode").and_then(Value::as_u64)),
            None => ("", None),
        },
        _ => ("", None),
    };
    let said: String = text(error, "message").chars().take(2000).collect();
    match (what(kind, status), said.is_empty()) {
        (Some(what), false) => format!("{what} Codex says: {said}"),
        (Some(what), true) => what,
        (None, false) => said,
        (None, true) => "The turn failed; Codex does not say why.".into(),
    }
}

fn what(kind: &str, status: Option<u64>) -> Option<String> {
    Some(match (kind, status) {
        ("unauthorized", _) | (_, Some(401)) => {
            "The model's service does not accept Codex's login. Run `codex login` on the host.".into()
        }
        ("rateLimitExceeded", _) | (_, Some(429)) => {
            "The model's service is limiting requests (429). Try again later.".into()
        }
        ("usageLimitExceeded" | "sessionBudgetExceeded", _) => {
            "The usage limit of the person's Codex account is reached.".into()
        }
        ("contextWindowExceeded", _) => "The conversation is longer than the model can read.".into(),
        ("modelNotFound", _) => "The model's service does not know this model.".into(),
        ("serverOverloaded" | "policyCapacityUnavailable", _) => {
            "The model's service is overloaded. Try again later.".into()
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
