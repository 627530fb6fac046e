//! Test support: the Anthropic Messages and the OpenAI Responses API, answered by script, so that the real Claude Code
//! and the real Codex run without an account.
//!
//! The answer depends on the request alone: the last directive (`[[bash cmd='touch x']]`) in the last words a person
//! wrote picks the script, and the number of tool results since then picks its step. So an agent may be restarted,
//! resumed or asked twice and gets the same answer.

mod conversation;
mod directive;
mod responses;
mod script;
mod service;
mod wire;

pub use service::ScriptedModel;
