//! What an attempt is told, and what it tells.

use offdesk_protocol::*;
use offdesk_supervisor::Size;
use std::path::PathBuf;
use tokio::sync::{mpsc, oneshot};

/// Orders that may wait for an attempt.
const ORDERS: usize = 256;

/// Which attempt to begin with.
#[derive(Clone, Debug)]
pub struct Begin {
    /// Its run.
    pub run: RunId,
    /// Its id; its files are kept under it.
    pub attempt: AttemptId,
    /// The agent's kind.
    pub agent: String,
    /// The workspace.
    pub dir: PathBuf,
    /// The model on this host it is to use.
    pub local_model: Option<String>,
    /// The model a person chose for it.
    pub model: Option<String>,
    /// The mode a person chose for it.
    pub mode: Option<String>,
    /// The command line, for an agent that is one.
    pub command: Vec<String>,
    /// What its screen was last seen to ask.
    pub detected: Option<DetectedPrompt>,
    /// Start it, or take it up.
    pub how: How,
}

/// How an attempt begins.
#[derive(Clone, Debug)]
pub enum How {
    /// Start the agent.
    New {
        /// The conversation to go on with.
        agent_session: Option<String>,
        /// The terminal it is started from, where there is one.
        desk: Option<DeskTerminal>,
    },
    /// It was started before: find it. Reading goes on from this position with this state.
    Adopt {
        /// Offset and state.
        position: Option<(u64, String)>,
        /// The conversation to go on with, should it turn out that nothing was started.
        agent_session: Option<String>,
    },
}

/// What an attempt is told.
#[derive(Debug)]
pub enum Order {
    /// Say this to the agent.
    Prompt {
        /// Written at most once under this id.
        id: PromptId,
        /// The words.
        text: String,
        /// Files that go with them.
        attachments: Vec<Attachment>,
    },
    /// Have the agent work with this model or in this mode.
    Control {
        /// Written at most once under this id.
        id: ControlId,
        /// What.
        control: Control,
    },
    /// Do not say these, where they were not said yet.
    TakeBack {
        /// Which.
        prompts: Vec<PromptId>,
        /// Those that will not be said.
        reply: oneshot::Sender<Vec<PromptId>>,
    },
    /// Give the agent this decision.
    Decide {
        /// On what.
        approval: ApprovalId,
        /// Written at most once under this id.
        decision: DecisionId,
        /// What.
        verdict: Verdict,
    },
    /// How would this request be shown now?
    Check {
        /// Which.
        approval: ApprovalId,
        /// Nothing: it is not asked any more.
        reply: oneshot::Sender<Option<ApprovalRequest>>,
    },
    /// Does this rule really allow this request, as it is now and with the files as they are now?
    Vouch {
        /// Which.
        approval: ApprovalId,
        /// The rule, as a value: runners keep none.
        rule: Box<Rule>,
        /// The request as it would be shown now, and whether it is inside what the rule is about. Nothing: it is not
        /// asked any more.
        reply: oneshot::Sender<Option<(ApprovalRequest, bool)>>,
    },
    /// Keys for the terminal.
    Input {
        /// Written at most once under this id.
        id: String,
        /// What was typed.
        bytes: Vec<u8>,
        /// Told when it was written.
        written: oneshot::Sender<bool>,
        /// Only while the screen asks this. `written` is told false when it does not.
        prompt: Option<String>,
    },
    /// The terminal's new size.
    Resize(Size),
    /// Cut the turn short.
    Interrupt,
    /// End it, with everything it started.
    Stop,
}

/// What an attempt tells.
#[derive(Clone, Debug)]
pub enum Report {
    /// The agent lives.
    Started {
        /// Its process id.
        pid: u32,
        /// Its program.
        program: String,
    },
    /// Facts, read up to this position.
    Facts {
        /// With the places they were read at.
        events: Vec<(Event, Origin)>,
        /// Offset and fold state, to be kept together with the facts.
        position: Option<(u64, String)>,
    },
    /// A piece of an unfinished message.
    Delta {
        /// The message.
        message: MessageId,
        /// Said or thought.
        role: Role,
        /// The piece.
        text: String,
    },
    /// The agent has this prompt.
    PromptDelivered {
        /// Which.
        prompt: PromptId,
        /// A turn began or ended behind it, and was told already.
        turned: bool,
    },
    /// The agent has the decision.
    Delivered(ApprovalId),
    /// The agent does not ask this any more.
    Undeliverable(ApprovalId),
    /// The agent cannot be told this choice.
    ControlRefused(ControlId, String),
    /// Something is wrong and nothing is lost.
    Trouble(String),
    /// What the terminal's screen seems to ask now.
    Detected(Option<DetectedPrompt>),
    /// Something a person should know of the agent's program.
    Notice(AgentProblem),
    /// It is over; nothing follows.
    Exited(Exit),
}

/// The way to tell an attempt something.
#[derive(Clone)]
pub struct AttemptHandle {
    orders: mpsc::Sender<Order>,
}

impl AttemptHandle {
    /// With the end at which the orders come out.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Order>) {
        let (orders, taken) = mpsc::channel(ORDERS);
        (Self { orders }, taken)
    }

    /// Gives the order; waits for room.
    ///
    /// # Errors
    /// When the attempt is over: gives the order back.
    pub async fn send(&self, order: Order) -> Result<(), Order> {
        self.orders.send(order).await.map_err(|error| error.0)
    }

    /// Gives the order if there is room.
    ///
    /// # Errors
    /// When there is no room, or the attempt is over: gives the order back.
    pub fn try_send(&self, order: Order) -> Result<(), Order> {
        self.orders.try_send(order).map_err(|error| match error {
            mpsc::error::TrySendError::Full(order) | mpsc::error::TrySendError::Closed(order) => order,
        })
    }
}
