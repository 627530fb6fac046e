//! What went wrong, as a sentence.

use crate::json::text;
use serde_json::Value;

/// An error of a turn; nothing: the person cut it short.
pub(super) fn sentence(error: &Value) -> Option<String> {
    let data = error.get("data").unwrap_or(&Value::Null);
    let said: String = text(data, "message").chars().take(2000).collect();
    let status = data.get("statusCode").and_then(Value::as_u64);
    let what = match (text(error, "name"), status) {
        ("MessageAbortedError", _) => return None,
        ("ProviderAuthError", _) | (_, Some(401 | 403)) => {
            "The model's service does not accept opencode's login. Run `opencode auth login` on the host."
        }
        (_, Some(429)) => "The model's service is limiting requests (429). Try again later.",
        ("MessageOutputLengthError", _) => "The answer was cut off: the model's limit was reached.",
        ("ContextOverflowError", _) => "The conversation is longer than the model can read.",
        ("ProviderModelNotFoundError", _) => "opencode does not know this model.",
        (_, Some(status)) if status >= 500 => "The model's service failed.",
        _ => "opencode could not go on.",
    };
    let status = status.filter(|status| !what.contains(&status.to_string()));
    let status = status.map(|status| format!(" ({status})")).unwrap_or_default();
    Some(if said.is_empty() {
        format!("{what}{status}")
    } else {
        format!("{what} opencode says: {said}{status}")
    })
}

/// Why the server did not do what it was asked, from its answer; nothing: it did.
pub(super) fn refusal(answer: &Value) -> Option<String> {
    let said = match (answer.get("status").and_then(Value::as_u64), answer.get("body")) {
        (Some(200..=299), _) => return None,
        (Some(status), Some(Value::String(said))) if !said.is_empty() => format!("{said} ({status})"),
        (Some(status), Some(body)) => {
            let inner = body.get("data").map(|data| text(data, "message")).filter(|said| !said.is_empty());
            let said = inner.unwrap_or_else(|| text(body, "message"));
            if said.is_empty() { format!("it answered {status}") } else { format!("{said} ({status})") }
        }
        (Some(status), None) => format!("it answered {status}"),
        (None, _) => text(answer, "error").to_string(),
    };
    Some(said.chars().take(1000).collect())
}
