//! Until the first prompt: who are you, begin or take up a conversation, ask before you do anything.

use super::known::Known;
use crate::json::{items, text};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How far the greeting is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Step {
    /// It was asked who it is.
    #[default]
    Greeted,
    /// It was asked for a conversation.
    Opening,
    /// It was told to ask.
    Setting,
    /// It was told how else to ask.
    Arranging,
    /// It was told which model to use.
    Choosing,
    /// It may be prompted.
    Ready,
    /// It never may.
    Stuck,
}

/// A request of ours; its id is also the one under which it is written once.
pub(super) fn request(id: &str, method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

pub(super) fn initialize(known: &Known) -> Value {
    // The agent's own file and command tools ask before they act; ones of ours would not be asked about.
    let mut capabilities =
        json!({ "fs": { "readTextFile": false, "writeTextFile": false }, "terminal": false });
    if known.forms {
        capabilities["elicitation"] = json!({ "form": {} });
    }
    let params = json!({ "protocolVersion": 1, "clientCapabilities": capabilities,
        "clientInfo": { "name": "offdesk", "title": "Offdesk", "version": env!("CARGO_PKG_VERSION") } });
    request("initialize", "initialize", params)
}

pub(super) fn new_session(known: &Known, id: &str, dir: &str) -> Value {
    request(id, "session/new", session(known, dir))
}

pub(super) fn load_session(known: &Known, id: &str, dir: &str, taken_up: &str) -> Value {
    let mut params = session(known, dir);
    params["sessionId"] = taken_up.into();
    request(id, "session/load", params)
}

fn session(known: &Known, dir: &str) -> Value {
    let mut params = json!({ "cwd": dir, "mcpServers": [] });
    if let Some(meta) = known.meta {
        params["_meta"] = meta(dir);
    }
    params
}

/// The request that sets an option of the agent's.
pub(super) fn set_option(id: &str, session: &str, option: &str, value: &str) -> Value {
    request(
        id,
        "session/set_config_option",
        json!({ "sessionId": session, "configId": option, "value": value }),
    )
}

pub(super) fn set_mode(id: &str, session: &str, mode: &str) -> Value {
    request(id, "session/set_mode", json!({ "sessionId": session, "modeId": mode }))
}

/// Whether an agent's mode is the one a row of the table means.
pub(super) fn is_mode(id: &str, meant: &str) -> bool {
    id == meant || id.rsplit_once('#').is_some_and(|(_, end)| end == meant)
}

/// The agent's id of the mode in which it asks, if it offers that.
pub(super) fn asking_mode<'a>(known: &Known, opened: &'a Value) -> Option<&'a str> {
    let meant = known.asking_mode?;
    let offered = opened.get("modes").into_iter().flat_map(|modes| items(modes, "availableModes"));
    offered.map(|mode| text(mode, "id")).find(|id| is_mode(id, meant))
}

/// What went wrong, in the agent's words.
pub(super) fn failure(error: &Value) -> String {
    let (said, code) = (text(error, "message"), error.get("code").and_then(Value::as_i64).unwrap_or(0));
    let details = error.get("data").map_or("", |data| match data {
        Value::String(details) => details,
        data => {
            ["details", "message"].iter().map(|key| text(data, key)).find(|t| !t.is_empty()).unwrap_or("")
        }
    });
    // Gemini CLI hands on what the service said, in the service's own form.
    let inner: Option<Value> = serde_json::from_str(said).ok();
    let said = inner.as_ref().and_then(|inner| inner.pointer("/error/message")?.as_str()).unwrap_or(said);
    let mut words = match (said, details) {
        ("", "") => "no reason given".to_string(),
        ("", only) | (only, "") => only.to_string(),
        (said, details) if details.contains(said) => details.to_string(),
        (said, details) => format!("{said}: {details}"),
    };
    if code != 0 && !words.contains(&code.to_string()) {
        words = format!("{words} ({code})");
    }
    words.chars().take(2000).collect()
}
