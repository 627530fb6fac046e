//! A terminal that several people look at: where it was started, and who types into it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A terminal's size in character cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct TerminalSize {
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
}

/// The terminal on this machine that a run is started from. Its environment may hold secrets: it is kept in memory until
/// the agent was started, and nowhere else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeskTerminal {
    /// Its size.
    pub size: TerminalSize,
    /// Its environment, as the agent is to find it.
    pub env: BTreeMap<String, String>,
}

impl fmt::Debug for DeskTerminal {
    /// Leaves the environment out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeskTerminal").field("size", &self.size).finish_non_exhaustive()
    }
}

/// Who types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct KeyboardHolder {
    /// A device's name, or the program's that they use.
    pub name: String,
    /// They sit at this machine.
    pub here: bool,
}

/// Who types into a run's terminal, as one viewer is told. Presence: never stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Keyboard {
    /// Who has it. Nobody: whoever types first gets it.
    pub holder: Option<KeyboardHolder>,
    /// It is this viewer.
    pub yours: bool,
    /// The terminal's size, where somebody has said one.
    pub size: Option<TerminalSize>,
}
