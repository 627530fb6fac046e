//! The words Offdesk speaks: ids, events, commands, views, error codes and live messages.
//!
//! Pure by design: no runtime, no clock, no I/O. The only behaviour is [`Run::apply`], the fold that turns
//! events into a run's present state, because the store, the gateway and every test must agree on it.

mod again;
mod agent;
mod approval;
mod artifact;
mod command;
mod control;
mod detected;
mod device;
mod error;
mod event;
mod field;
mod file;
mod health;
mod history;
mod id;
mod keyboard;
mod limit;
mod link;
mod live;
mod notification;
mod own_agent;
mod pattern;
mod place;
mod preset;
mod queue;
mod rule;
mod run;
mod run_view;
mod settings;
mod steering;
mod storage;
mod sub_agent;
mod text;
mod told;
mod touches;
mod upload;
mod web_page;
mod workspace;

pub use again::*;
pub use agent::*;
pub use approval::*;
pub use artifact::*;
pub use command::*;
pub use control::*;
pub use detected::*;
pub use device::*;
pub use error::*;
pub use event::*;
pub use field::*;
pub use file::*;
pub use health::*;
pub use history::*;
pub use id::*;
pub use keyboard::*;
pub use limit::*;
pub use link::*;
pub use live::*;
pub use notification::*;
pub use own_agent::*;
pub use pattern::*;
pub use place::*;
pub use preset::*;
pub use queue::*;
pub use rule::*;
pub use run::*;
pub use run_view::*;
pub use settings::*;
pub use steering::*;
pub use storage::*;
pub use sub_agent::*;
pub use text::*;
pub use told::*;
pub use touches::*;
pub use upload::*;
pub use web_page::*;
pub use workspace::*;

/// The version of the API and of the live messages. A gateway speaks this one and the one before.
pub const PROTOCOL_VERSION: u32 = 1;

/// A moment in UTC; RFC 3339 in JSON.
pub type Timestamp = jiff::Timestamp;
