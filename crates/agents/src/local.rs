//! Bringing another maker's agent to a model on the person's own machine, by what its program takes. Ollama speaks the
//! APIs that these agents know: Anthropic's Messages, OpenAI's Responses and chat completions.
//!
//! Nothing of the person's accounts goes there: their keys are taken out of the environment, and a word that is no
//! secret is sent instead.

use crate::Launch;
use serde_json::{Value, json};

/// What is sent for a key. Ollama asks for none.
const NO_SECRET: &str = "ollama";

/// The person's ways to Anthropic and to clouds that have its models.
const ANTHROPIC: [&str; 13] = [
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_CUSTOM_HEADERS",
    "ANTHROPIC_UNIX_SOCKET",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
    "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR",
    "CLAUDE_CODE_CLIENT_CERT",
    "CLAUDE_CODE_CLIENT_KEY",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_FOUNDRY",
    "CLAUDE_CODE_USE_MANTLE",
    "CLAUDE_CODE_USE_VERTEX",
];

const OPENAI: [&str; 5] =
    ["OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORGANIZATION", "OPENAI_PROJECT", "CODEX_API_KEY"];

/// Where a model is.
pub(crate) struct Local {
    /// Ollama's address.
    pub(crate) base: String,
    /// Its name for the model.
    pub(crate) model: String,
}

impl Local {
    /// Claude Code, with these settings of ours. The person's settings may set variables themselves; ours win there too.
    pub(crate) fn claude(&self, launch: &mut Launch, settings: &mut Value) {
        launch.env_remove.extend(ANTHROPIC.map(String::from));
        let mut env: Vec<(String, String)> = vec![
            ("ANTHROPIC_BASE_URL".into(), self.base.clone()),
            ("ANTHROPIC_AUTH_TOKEN".into(), NO_SECRET.into()),
            // What has nothing to do with the model would go to its maker.
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC".into(), "1".into()),
            ("CLAUDE_CODE_ATTRIBUTION_HEADER".into(), "0".into()),
        ];
        for name in [
            "ANTHROPIC_MODEL",
            "ANTHROPIC_SMALL_FAST_MODEL",
            "ANTHROPIC_DEFAULT_OPUS_MODEL",
            "ANTHROPIC_DEFAULT_SONNET_MODEL",
            "ANTHROPIC_DEFAULT_HAIKU_MODEL",
            "ANTHROPIC_DEFAULT_FABLE_MODEL",
            "CLAUDE_CODE_SUBAGENT_MODEL",
        ] {
            env.push((name.into(), self.model.clone()));
        }
        let set = env.iter().map(|(name, value)| (name.clone(), json!(value)));
        let none = ANTHROPIC.iter().filter(|name| **name != "ANTHROPIC_AUTH_TOKEN");
        settings["env"] = set.chain(none.map(|name| (name.to_string(), json!("")))).collect();
        // A program of the person's that prints their key.
        settings["apiKeyHelper"] = json!("");
        launch.args.extend(["--model".into(), self.model.clone()]);
        launch.env.extend(env);
    }

    /// Codex: a provider of ours beside the person's.
    pub(crate) fn codex(&self, launch: &mut Launch) {
        launch.env_remove.extend(OPENAI.map(String::from));
        // TOML's strings are JSON's, but for one character, which neither has.
        let text = |value: &str| Value::from(value).to_string();
        let url = text(&format!("{}/v1", self.base));
        for setting in [
            format!("model={}", text(&self.model)),
            "model_provider=\"offdesk-local\"".into(),
            format!(
                "model_providers.offdesk-local={{name=\"Ollama\",base_url={url},wire_api=\"responses\"}}"
            ),
        ] {
            launch.args.extend(["-c".into(), setting]);
        }
    }

    /// Qwen Code, by its OpenAI way in.
    pub(crate) fn qwen(&self, launch: &mut Launch) {
        launch.env_remove.extend(OPENAI.map(String::from));
        let url = format!("{}/v1", self.base);
        launch.args.extend(["--auth-type", "openai", "--model", &self.model].map(String::from));
        launch.env.extend([
            ("OPENAI_BASE_URL".into(), url),
            ("OPENAI_API_KEY".into(), NO_SECRET.into()),
            ("OPENAI_MODEL".into(), self.model.clone()),
        ]);
    }

    /// opencode: a provider in the settings of ours that win over the person's.
    pub(crate) fn opencode(&self, launch: &mut Launch) {
        let name = format!("offdesk-local/{}", self.model);
        let provider = json!({ "npm": "@ai-sdk/openai-compatible", "name": "Ollama",
            "options": { "baseURL": format!("{}/v1", self.base), "apiKey": NO_SECRET },
            "models": { &self.model: { "name": self.model } } });
        for (_, value) in launch.env.iter_mut().filter(|(name, _)| name == "OPENCODE_CONFIG_CONTENT") {
            let mut settings: Value = serde_json::from_str(value).unwrap_or_else(|_| json!({}));
            settings["provider"]["offdesk-local"] = provider.clone();
            settings["model"] = json!(name);
            settings["small_model"] = json!(name);
            *value = settings.to_string();
        }
    }
}
