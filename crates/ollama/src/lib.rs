//! Ollama's API ([`Server`]), and *ollama*, an agent of ours that works through it: a small loop in which a model on the
//! person's own machine uses tools, and every effect is asked for.
//!
//! The agent is a child program of the same binary under a supervisor like any other; its driver and the lines they
//! exchange are in `offdesk-agents`.

mod act;
mod agent;
mod choose;
mod conversation;
mod edit;
mod fit;
mod inbox;
mod look;
mod place;
mod server;
mod shell;
mod tools;

pub use agent::run_ollama_agent;
pub use offdesk_agents::{is_this_machine, ollama_base as base};
pub use server::{Model, Server, Trouble};
