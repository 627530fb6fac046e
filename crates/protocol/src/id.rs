//! Newtype ids. Random ones are UUIDv7, so that they sort by creation; derived ones are UUIDv5.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id that sorts after the ones made before it.
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(s).map(Self)
            }
        }
    };
}

id!(/** One event log. A restored database gets a new one, so that old cursors are recognised. */ LogId);
id!(/** A computer on which agents run. */ HostId);
id!(/** One piece of work by one agent in one workspace. */ RunId);
id!(/** One process of a run. */ AttemptId);
id!(/** One request of an agent to be allowed something, or to be told something. */ ApprovalId);
id!(/** One answer to an approval; the same id sent again is the same answer. */ DecisionId);
id!(/** One thing a person said to an agent. */ PromptId);
id!(/** From a prompt until the agent stops. */ TurnId);
id!(/** One finished message of an agent or a person. */ MessageId);
id!(/** One use of a tool by an agent. */ ToolId);
id!(/** A paired browser. */ DeviceId);
id!(/** One model or mode chosen for a run. */ ControlId);
id!(/** One file brought for a prompt. */ UploadId);
id!(/** One file that is kept with its run. */ ArtifactId);
id!(/** What decides approvals without a person. */ RuleId);
id!(/** One way to start runs that a person keeps. */ PresetId);
id!(/** One thing a person is told. */ NotificationId);
id!(/** One way of a person's own to be told. */ ChannelId);

impl AttemptId {
    /// The id of the thing that this attempt's output said at `offset`, `ordinal`-th of that place: folding the
    /// same bytes again gives the same id.
    pub fn derive(&self, offset: u64, ordinal: u32) -> Uuid {
        Uuid::new_v5(&self.0, format!("{offset}:{ordinal}").as_bytes())
    }

    /// The id of something the agent itself names (a tool call, a message), stable within this attempt.
    pub fn named(&self, native: &str) -> Uuid {
        Uuid::new_v5(&self.0, native.as_bytes())
    }
}
