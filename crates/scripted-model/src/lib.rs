//! Test support: models' services answered by script, so that real agents run without an account: the Anthropic
//! Messages API (`wire`), OpenAI's Responses (`responses`) and chat completions (`chat`), the Gemini API (`gemini`),
//! Ollama's (`ollama`, and what `rev` asks there).
//!
//! The answer depends on the request alone: the last directive (`[[bash cmd='touch x']]`) in the last words a person
//! wrote picks the script, and the number of tool results since then picks its step. So an agent may be restarted,
//! resumed or asked twice and gets the same answer.

mod chat;
mod conversation;
mod directive;
mod gemini;
mod names;
mod ollama;
mod responses;
mod rev;
mod script;
mod service;
mod wire;

pub use service::ScriptedModel;
