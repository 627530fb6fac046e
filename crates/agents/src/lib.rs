//! A [`Driver`] per agent dialect. A driver says how to start its agent and what the agent's words mean; it never
//! starts anything itself. Reading is a fold over the attempt's recorded output ([`Fold`]), so that a new gateway
//! stands where the old one fell.

mod acp;
mod claude;
mod codex;
mod control;
mod demo;
mod driver;
mod fold;
mod hands_on;
mod json;
mod limit;
mod locate;
mod out;
mod preview;
mod prompt;
mod shorten;

pub use acp::Acp;
pub use claude::Claude;
pub use codex::Codex;
pub use control::Controlled;
pub use demo::{Demo, run_demo_agent};
pub use driver::{Driver, Environment, Launch, Located, Start};
pub use fold::{Derived, Encoded, Fold, FoldContext, LONGEST_LINE, Line, LineReader, Workspace};
pub use hands_on::HandsOn;
pub use preview::Disk;
pub use prompt::{Prompt, PromptFile};

/// Every agent this build can drive, in the order they are offered.
pub fn drivers() -> Vec<Box<dyn Driver>> {
    let mut drivers: Vec<Box<dyn Driver>> = vec![Box::new(Claude), Box::new(Codex)];
    drivers.extend(Acp::known().map(|agent| Box::new(agent) as Box<dyn Driver>));
    drivers.extend([Box::new(HandsOn) as Box<dyn Driver>, Box::new(Demo)]);
    drivers
}

/// The driver for an agent kind.
pub fn driver(kind: &str) -> Option<Box<dyn Driver>> {
    drivers().into_iter().find(|driver| driver.kind() == kind)
}
