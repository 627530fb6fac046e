//! Ollama's HTTP API, as far as it is used.

use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;

/// How long Ollama may take to be reached. What it then takes to load a model is its own.
const REACH: Duration = Duration::from_secs(5);
/// How long it may take to say what it has.
const PATIENCE: Duration = Duration::from_secs(15);
/// Longest line of an answer, in bytes.
const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// An Ollama server.
#[derive(Clone, Debug)]
pub struct Server {
    base: String,
    http: reqwest::Client,
}

/// Why Ollama could not do it, as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nobody answers.
    Unreachable {
        /// Where.
        base: String,
    },
    /// It has no such model.
    NoModel {
        /// The model.
        model: String,
    },
    /// It said no, or nothing that makes sense.
    Said(String),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Unreachable { base } => write!(
                f,
                "Ollama does not answer at {base}. Start it (its app, or `ollama serve`), then say it again; \
                 OLLAMA_HOST names another place."
            ),
            Trouble::NoModel { model } => {
                write!(f, "Ollama has no model {model}. Get it by `ollama pull {model}`, or choose another.")
            }
            Trouble::Said(text) => f.write_str(text),
        }
    }
}

/// A model that is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Its name, with its tag.
    pub name: String,
    /// Its size on disk, in bytes.
    pub size: u64,
    /// It runs at a service elsewhere, and Ollama only passes it on.
    pub remote: bool,
}

#[derive(Deserialize)]
struct Tags {
    #[serde(default)]
    models: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    remote_host: String,
}

/// What Ollama says of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Words for what it can do. Nothing: an older Ollama, which does not say.
    pub(crate) capabilities: Option<Vec<String>>,
    /// Tokens it was made for.
    pub(crate) context_length: Option<u64>,
    /// Tokens its author set.
    pub(crate) num_ctx: Option<u64>,
}

impl Shown {
    fn read(value: &Value) -> Self {
        let words = value.get("capabilities").and_then(Value::as_array);
        let info = value.get("model_info").and_then(Value::as_object);
        let length = info.and_then(|info| info.iter().find(|(key, _)| key.ends_with(".context_length")));
        let parameters = value.get("parameters").and_then(Value::as_str).unwrap_or_default();
        let set = parameters.lines().find_map(|line| line.trim().strip_prefix("num_ctx"));
        Self {
            capabilities: words
                .map(|words| words.iter().filter_map(Value::as_str).map(String::from).collect()),
            context_length: length.and_then(|(_, value)| value.as_u64()),
            num_ctx: set.and_then(|text| text.trim().parse().ok()),
        }
    }

    pub(crate) fn uses_tools(&self) -> bool {
        self.capabilities.as_ref().is_none_or(|words| words.iter().any(|word| word == "tools"))
    }
}

/// A message of the conversation, as Ollama takes and gives it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) role: String,
    #[serde(default)]
    pub(crate) content: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) thinking: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tool_calls: Vec<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tool_name: Option<String>,
}

impl Message {
    pub(crate) fn new(role: &str, content: impl Into<String>) -> Self {
        Self { role: role.into(), content: content.into(), ..Self::default() }
    }
}

/// A line of a streamed answer.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct Piece {
    #[serde(default)]
    pub(crate) message: Message,
    #[serde(default)]
    pub(crate) done: bool,
    #[serde(default)]
    pub(crate) done_reason: Option<String>,
    #[serde(default)]
    pub(crate) prompt_eval_count: u64,
    #[serde(default)]
    pub(crate) eval_count: u64,
    #[serde(default)]
    error: Option<String>,
}

/// An answer on its way. Dropping it makes Ollama leave off.
pub(crate) struct Answer {
    bytes: std::pin::Pin<Box<dyn futures_util::Stream<Item = reqwest::Result<Vec<u8>>> + Send>>,
    pending: Vec<u8>,
    lines: VecDeque<Vec<u8>>,
    ended: bool,
}

impl Answer {
    /// The next piece; nothing at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Piece>, Trouble> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                let piece: Piece = serde_json::from_slice(&line)
                    .map_err(|error| Trouble::Said(format!("Ollama said what is no answer: {error}.")))?;
                return match piece.error {
                    Some(error) => Err(Trouble::Said(format!("Ollama says: {error}"))),
                    None => Ok(Some(piece)),
                };
            }
            if self.ended {
                return Ok(None);
            }
            match self.bytes.next().await {
                Some(Ok(bytes)) => self.take(&bytes)?,
                Some(Err(_)) => return Err(Trouble::Said("The answer broke off: Ollama is gone.".into())),
                None => {
                    self.ended = true;
                    self.lines.extend((!self.pending.is_empty()).then(|| std::mem::take(&mut self.pending)));
                }
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        self.pending.extend_from_slice(bytes);
        while let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
            let rest = self.pending.split_off(end + 1);
            let mut line = std::mem::replace(&mut self.pending, rest);
            line.pop();
            if !line.iter().all(u8::is_ascii_whitespace) {
                self.lines.push_back(line);
            }
        }
        if self.pending.len() > LONGEST_LINE {
            return Err(Trouble::Said("Ollama said one line without an end.".into()));
        }
        Ok(())
    }
}

impl Server {
    /// The server at this address, as `offdesk_agents::ollama_base` gives it.
    pub fn new(base: String) -> reqwest::Result<Self> {
        // One provider of primitives for the whole tree.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut http = reqwest::Client::builder().connect_timeout(REACH);
        // A proxy for the world is none for this machine.
        if offdesk_agents::is_this_machine(&base) {
            http = http.no_proxy();
        }
        Ok(Self { base, http: http.build()? })
    }

    /// Its address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The models that are installed, newest first.
    ///
    /// # Errors
    /// When Ollama does not answer, or not as it should.
    pub async fn models(&self) -> Result<Vec<Model>, Trouble> {
        let request = self.http.get(format!("{}/api/tags", self.base)).timeout(PATIENCE);
        let tags: Tags = self.read(request, "").await?;
        let model = |tag: Tag| Model { name: tag.name, size: tag.size, remote: !tag.remote_host.is_empty() };
        Ok(tags.models.into_iter().map(model).collect())
    }

    /// Whether the model can use tools.
    ///
    /// # Errors
    /// As [`Server::models`], and when there is no such model.
    pub async fn uses_tools(&self, model: &str) -> Result<bool, Trouble> {
        Ok(self.show(model).await?.uses_tools())
    }

    pub(crate) async fn show(&self, model: &str) -> Result<Shown, Trouble> {
        let request = self.http.post(format!("{}/api/show", self.base)).timeout(PATIENCE);
        let shown: Value = self.read(request.json(&json!({ "model": model })), model).await?;
        Ok(Shown::read(&shown))
    }

    async fn read<T: serde::de::DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
        model: &str,
    ) -> Result<T, Trouble> {
        let answer = self.checked(request, model).await?;
        answer
            .json()
            .await
            .map_err(|_| Trouble::Said(format!("What answers at {} is not Ollama.", self.base)))
    }

    async fn checked(
        &self,
        request: reqwest::RequestBuilder,
        model: &str,
    ) -> Result<reqwest::Response, Trouble> {
        let answer = request.send().await.map_err(|_| Trouble::Unreachable { base: self.base.clone() })?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let text = answer.text().await.unwrap_or_default();
        let said = serde_json::from_str::<Value>(&text).ok();
        let said = said.as_ref().and_then(|value| value.get("error")).and_then(Value::as_str);
        let said = said.unwrap_or(&text).chars().take(500).collect::<String>();
        Err(match status.as_u16() {
            404 if !model.is_empty() => Trouble::NoModel { model: model.into() },
            400 if said.contains("does not support tools") => Trouble::Said(no_tools(model)),
            status => Trouble::Said(format!("Ollama answered {status}: {said}")),
        })
    }

    /// Asks for the next message.
    pub(crate) async fn chat(
        &self,
        model: &str,
        num_ctx: u64,
        messages: &[Message],
        tools: &Value,
    ) -> Result<Answer, Trouble> {
        let request = self.http.post(format!("{}/api/chat", self.base));
        let body = json!({ "model": model, "messages": messages, "tools": tools, "stream": true,
            "options": { "num_ctx": num_ctx } });
        let answer = self.checked(request.json(&body), model).await?;
        let bytes = answer.bytes_stream().map(|part| part.map(|part| part.to_vec()));
        Ok(Answer { bytes: Box::pin(bytes), pending: Vec::new(), lines: VecDeque::new(), ended: false })
    }
}

/// What is said of a model that can only talk.
pub(crate) fn no_tools(model: &str) -> String {
    format!(
        "The model {model} cannot use tools, so it could do nothing here. Choose one that can, for example \
         `ollama pull qwen3`."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_model_can_is_read() {
        let shown = Shown::read(&json!({ "capabilities": ["completion", "tools"],
            "parameters": "stop \"x\"\nnum_ctx                        8192\n",
            "model_info": { "general.architecture": "qwen3", "qwen3.context_length": 40960 } }));
        assert!(shown.uses_tools());
        assert_eq!((shown.context_length, shown.num_ctx), (Some(40960), Some(8192)));
        assert!(!Shown::read(&json!({ "capabilities": ["completion"] })).uses_tools());
        assert!(Shown::read(&json!({})).uses_tools(), "an older Ollama does not say");
    }
}
