//! A [`Driver`] per agent dialect. A driver says how to start its agent and what the agent's words mean; it never
//! starts anything itself. Reading is a fold over the attempt's recorded output ([`Fold`]), so that a new gateway
//! stands where the old one fell.

mod acp;
pub mod built_in;
mod claude;
mod codex;
mod control;
mod demo;
mod driver;
mod elicitation;
mod fold;
mod hands_on;
mod json;
mod limit;
mod local;
mod locate;
mod message_lines;
mod ollama;
mod opencode;
mod out;
mod own;
mod paste;
mod places;
mod preview;
mod prompt;
mod request;
mod rev;
mod screen;
mod shorten;
mod terminal;
mod version;

pub use acp::Acp;
pub use claude::{ANSWERED, CUT_SHORT, Claude, ClaudeTerminal, Dialog, dialog};
pub use codex::{ASKS as CODEX_ASKS, Codex, CodexTerminal, asking_settings as codex_asking_settings};
pub use control::Controlled;
pub use demo::{Demo, run_demo_agent};
pub use driver::{Driver, Environment, Launch, Located, Oldest, Reads, Start};
pub use fold::{Derived, Encoded, Fold, FoldContext, LONGEST_LINE, Line, LineReader, Workspace};
pub use hands_on::HandsOn;
pub use locate::in_path;
pub use ollama::{Ollama, is_this_machine, ollama_base};
pub use opencode::Opencode;
pub use own::Own;
pub use paste::plain;
pub use preview::{Disk, write_diff};
pub use prompt::{Prompt, PromptFile};
pub use rev::Rev;
pub use screen::{Asked, ScreenText, detect};
pub use terminal::Terminal;
pub use version::{is_older, version_in};

use offdesk_protocol::OwnAgent;

/// Every agent that can be driven, in the order they are offered: those of this build, and the person's own. A kind of
/// this build wins over one of the person's.
pub fn drivers(own: &[OwnAgent]) -> Vec<Box<dyn Driver>> {
    let mut drivers: Vec<Box<dyn Driver>> = vec![
        Box::new(Claude),
        Box::new(ClaudeTerminal),
        Box::new(Codex),
        Box::new(CodexTerminal),
        Box::new(Opencode),
    ];
    drivers.extend(Acp::known().map(|agent| Box::new(agent) as Box<dyn Driver>));
    drivers.extend([Box::new(Ollama) as Box<dyn Driver>, Box::new(Rev)]);
    drivers.extend([Box::new(HandsOn) as Box<dyn Driver>, Box::new(Terminal), Box::new(Demo)]);
    let built_in = drivers.len();
    for agent in own {
        if drivers[..built_in].iter().all(|driver| driver.kind() != agent.kind) {
            drivers.push(Box::new(Own::new(agent.clone())));
        }
    }
    drivers
}

/// The driver for an agent kind of this build.
pub fn driver(kind: &str) -> Option<Box<dyn Driver>> {
    drivers(&[]).into_iter().find(|driver| driver.kind() == kind)
}
