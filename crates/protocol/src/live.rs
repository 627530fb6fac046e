//! Messages of the one WebSocket a viewer has. Text frames are these; binary frames are output bytes.
//!
//! A binary frame is `channel: u32 LE`, `flags: u32 LE`, `offset: u64 LE`, then the bytes of a watched output
//! from `offset` on. Flag bit 0: this is a picture of the terminal's screen at `offset`, not output; draw it on a
//! cleared terminal and go on from `offset`.

use crate::*;
use serde::{Deserialize, Serialize};

/// A place in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Cursor {
    /// Which log.
    pub log: LogId,
    /// The last event applied.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub seq: u64,
}

/// Where to begin with an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum OutputStart {
    /// At this byte.
    Offset {
        /// Bytes from the start.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        offset: u64,
    },
    /// With a picture of the screen, then what comes after it.
    Screen,
}

/// What a viewer sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FromViewer {
    /// First message, within 10 seconds.
    Hello {
        /// The viewer's protocol version.
        version: u32,
        /// The bearer key; none over the local socket.
        #[serde(default)]
        token: Option<String>,
        /// What it has. Nothing: only what happens from now on, after the snapshot.
        #[serde(default)]
        cursor: Option<Cursor>,
    },
    /// Send an attempt's output on this channel. A channel in use is moved.
    Watch {
        /// Chosen by the viewer.
        channel: u32,
        /// The run.
        run: RunId,
        /// The attempt; by default the latest.
        #[serde(default)]
        attempt: Option<AttemptId>,
        /// From where.
        from: OutputStart,
    },
    /// Stop sending on this channel.
    Unwatch {
        /// The channel.
        channel: u32,
    },
    /// Keys typed into a terminal run.
    Input {
        /// The run.
        run: RunId,
        /// Unique for this input; the same again is written once.
        id: String,
        /// What was typed.
        text: String,
    },
    /// The terminal's new size, in cells.
    Resize {
        /// The run.
        run: RunId,
        /// Columns.
        cols: u16,
        /// Rows.
        rows: u16,
    },
    /// From now on this viewer types into the run's terminal, which takes its size.
    TakeKeyboard {
        /// The run.
        run: RunId,
    },
    /// Answered by `pong` at once.
    Ping {
        /// Given back.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        nonce: u64,
    },
}

/// What a viewer receives.
#[allow(clippy::large_enum_variant, reason = "each is made once and sent")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ToViewer {
    /// After `hello`: everything that is, as of `cursor`. Events follow: those after the viewer's own cursor if it was
    /// known, else those after this one. `resync` says that the viewer's cursor was not known: drop what you have.
    Snapshot {
        /// The log and its head at this moment.
        cursor: Cursor,
        /// The gateway's protocol version.
        version: u32,
        /// The gateway's build version.
        build: String,
        /// This host.
        host: HostId,
        /// This host's name.
        host_name: String,
        /// The viewer's cursor was unknown.
        resync: bool,
        /// All runs that are not archived.
        runs: Vec<RunView>,
        /// All approvals that wait.
        approvals: Vec<Approval>,
    },
    /// Events in log order, each once.
    Events {
        /// In order.
        events: Vec<Envelope>,
    },
    /// This run is now so.
    Run {
        /// The whole view.
        run: RunView,
    },
    /// This approval is now so.
    Approval {
        /// The whole approval.
        approval: Approval,
    },
    /// A piece of a message that is being written. Never stored; `message.added` has the whole.
    Delta {
        /// The run.
        run: RunId,
        /// The message.
        message: MessageId,
        /// Said or thought.
        role: Role,
        /// The next piece.
        text: String,
    },
    /// The input was written to the agent (or had been before).
    InputWritten {
        /// Its id.
        id: String,
    },
    /// The watched output is complete up to here and its attempt is over.
    OutputEnded {
        /// The channel.
        channel: u32,
        /// The output's length in bytes.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        length: u64,
    },
    /// Answer to `ping`.
    Pong {
        /// As sent.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        nonce: u64,
    },
    /// Something sent could not be done; the connection goes on unless it is closed next.
    Error {
        /// What.
        problem: Problem,
        /// The channel or input it belongs to.
        #[serde(default)]
        about: Option<String>,
    },
    /// Who types into a run's terminal; sent when it is watched, and whenever that changes.
    Keyboard {
        /// The run.
        run: RunId,
        /// How it stands.
        keyboard: Keyboard,
    },
    /// Where this host can be reached has changed.
    Paths {
        /// The newest record.
        paths: SignedPaths,
    },
    /// This device is now so: paired, renamed, revoked, come or gone.
    Device {
        /// The whole device.
        device: Device,
    },
    /// These devices wait to be let in; sent whenever that changes.
    Pairings {
        /// All of them.
        pairings: Vec<PairingRequest>,
    },
    /// The gateway stops; come back.
    Restarting,
}
