//! The agent: turns, and the rounds of a turn in which the model speaks and uses tools.

use crate::act::Used;
use crate::choose::{Chosen, Wish, choose};
use crate::conversation::Conversation;
use crate::fit::fit;
use crate::inbox::{Gone, Inbox};
use crate::server::{Message, Server, Trouble};
use crate::tools;
use offdesk_agents::built_in::{FromAgent, tell};
use offdesk_protocol::{NoticeLevel, TurnStatus, Usage};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use uuid::Uuid;

/// Rounds of a turn without an end; a model that goes round in circles does not stop by itself.
const MOST_ROUNDS: usize = 100;

/// How the agent is started: by its driver, never by hand.
#[derive(Debug, Default)]
struct Start {
    folder: PathBuf,
    resume: Option<Uuid>,
    model: Option<String>,
}

impl Start {
    fn read(args: Vec<OsString>) -> Option<Self> {
        let mut start = Start::default();
        let mut args = args.into_iter();
        while let Some(name) = args.next() {
            let value = args.next()?;
            match name.to_str()? {
                "--folder" => start.folder = value.into(),
                "--resume" => start.resume = Some(value.to_str()?.parse().ok()?),
                "--model" => start.model = Some(value.into_string().ok()?),
                _ => return None,
            }
        }
        (!start.folder.as_os_str().is_empty()).then_some(start)
    }
}

/// Runs the agent on standard input and output until the input ends.
pub fn run_ollama_agent(args: Vec<OsString>) -> ExitCode {
    let Some(start) = Start::read(args) else {
        eprintln!("offdesk: `ollama-agent` is started by the gateway and not by hand.");
        return ExitCode::from(2);
    };
    match prepared(start) {
        Ok((runtime, mut agent)) => {
            // It ends when nobody listens any more.
            let Gone = runtime.block_on(agent.live());
            runtime.shutdown_background();
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("ollama agent: {why}");
            ExitCode::FAILURE
        }
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_string()).filter(|value| !value.is_empty())
}

fn prepared(start: Start) -> Result<(tokio::runtime::Runtime, Agent), String> {
    let here = std::env::current_dir().and_then(dunce::canonicalize);
    let root = here.map_err(|error| format!("the workspace cannot be entered: {error}"))?;
    let conversation = Conversation::open(&start.folder, start.resume)
        .map_err(|error| format!("the conversation cannot be kept in {}: {error}", start.folder.display()))?;
    let base = offdesk_agents::ollama_base(variable("OLLAMA_HOST").as_deref());
    let server = Server::new(base).map_err(|error| format!("the network cannot be used: {error}"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("its threads could not be started: {error}"))?;
    let model = start.model.or_else(|| variable("OFFDESK_OLLAMA_MODEL")).or(conversation.model.clone());
    let num_ctx = variable("OFFDESK_OLLAMA_NUM_CTX").and_then(|text| text.parse().ok());
    let agent = Agent {
        root,
        server,
        inbox: Inbox::of_standard_input(),
        conversation,
        wish: Wish { model, num_ctx },
        chosen: None,
        next: 0,
        usage: Usage::default(),
        trimmed: false,
    };
    Ok((runtime, agent))
}

/// How a turn ended.
enum End {
    Completed,
    Interrupted,
    Failed(String),
}

/// What the model gave in a round.
enum Spoken {
    Whole(Message),
    Interrupted(Message),
    Broken(Message, String),
}

pub(crate) struct Agent {
    /// The workspace, absolute and without links.
    pub(crate) root: PathBuf,
    server: Server,
    pub(crate) inbox: Inbox,
    conversation: Conversation,
    wish: Wish,
    chosen: Option<Chosen>,
    next: u64,
    usage: Usage,
    /// That something was left out was said in this turn.
    trimmed: bool,
}

impl Agent {
    async fn live(&mut self) -> Gone {
        loop {
            if let Err(gone) = self.one_turn().await {
                return gone;
            }
        }
    }

    async fn one_turn(&mut self) -> Result<(), Gone> {
        if self.next == 0 {
            self.introduce(None)?;
        }
        let prompt = self.inbox.prompt().await?;
        tell(&FromAgent::Turn)?;
        self.trimmed = false;
        let (status, error) = match self.turn(prompt).await? {
            End::Completed => (TurnStatus::Completed, None),
            End::Interrupted => (TurnStatus::Interrupted, None),
            End::Failed(why) => (TurnStatus::Failed, Some(why)),
        };
        Ok(tell(&FromAgent::End { status, error })?)
    }

    fn introduce(&mut self, model: Option<String>) -> Result<(), Gone> {
        self.fresh();
        let session = Some(self.conversation.id.to_string());
        Ok(tell(&FromAgent::Ready { version: env!("CARGO_PKG_VERSION").into(), session, model })?)
    }

    /// A number for a message or a tool use.
    pub(crate) fn fresh(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Longest result of a tool, in bytes, so that several fit into the model's context.
    pub(crate) fn longest_result(&self) -> usize {
        let tokens = self.chosen.as_ref().map_or(8192, |chosen| chosen.num_ctx);
        (tokens as usize / 2).clamp(2000, 48_000)
    }

    fn keep(&mut self, message: Message) -> Result<(), String> {
        self.conversation.add(message).map_err(|error| format!("The conversation cannot be kept: {error}."))
    }

    async fn turn(&mut self, prompt: String) -> Result<End, Gone> {
        let chosen = match self.model().await? {
            Some(Ok(chosen)) => chosen,
            Some(Err(trouble)) => return Ok(End::Failed(trouble.to_string())),
            None => return Ok(End::Interrupted),
        };
        if let Err(why) = self.keep(Message::new("user", prompt)) {
            return Ok(End::Failed(why));
        }
        for _ in 0..MOST_ROUNDS {
            match self.round(&chosen).await? {
                Ok(None) => {}
                Ok(Some(end)) => return Ok(end),
                Err(why) => return Ok(End::Failed(why)),
            }
        }
        Ok(End::Failed(format!(
            "The model used tools {MOST_ROUNDS} times without an end, so it was halted. Say something to let it go on."
        )))
    }

    async fn model(&mut self) -> Result<Option<Result<Chosen, Trouble>>, Gone> {
        if let Some(chosen) = &self.chosen {
            return Ok(Some(Ok(chosen.clone())));
        }
        let chosen = self.inbox.unless_interrupted(choose(&self.server, &self.wish)).await?;
        if let Some(Ok(chosen)) = &chosen {
            self.introduce(Some(chosen.model.clone()))?;
            // Which model it was is a convenience; the conversation itself is what must be kept.
            let _ = self.conversation.goes_on_with(&chosen.model);
            self.chosen = Some(chosen.clone());
        }
        Ok(chosen)
    }

    /// The model speaks once and its tools are used. Nothing: it wants to go on.
    async fn round(&mut self, chosen: &Chosen) -> Result<Result<Option<End>, String>, Gone> {
        let message = match self.speak(chosen).await? {
            Spoken::Whole(message) => message,
            Spoken::Interrupted(message) => return Ok(self.cut(message).map(|()| Some(End::Interrupted))),
            Spoken::Broken(message, why) => return Ok(self.cut(message).and(Err(why))),
        };
        let calls = message.tool_calls.clone();
        if let Err(why) = self.keep(message) {
            return Ok(Err(why));
        }
        let mut stopped = false;
        for call in &calls {
            let (name, input) = tools::said(call);
            let result = if stopped {
                "Not done: the person ended the turn.".into()
            } else {
                match self.use_tool(&name, input).await? {
                    Used::Gave(text) => text,
                    Used::Stopped(text) => {
                        stopped = true;
                        text
                    }
                }
            };
            let message = Message { tool_name: Some(name), ..Message::new("tool", result) };
            if let Err(why) = self.keep(message) {
                return Ok(Err(why));
            }
        }
        Ok(Ok(match (stopped, calls.is_empty()) {
            (true, _) => Some(End::Interrupted),
            (false, true) => Some(End::Completed),
            (false, false) => None,
        }))
    }

    /// What was said of an answer that was cut stays said; what it was about to do is not done.
    fn cut(&mut self, mut message: Message) -> Result<(), String> {
        message.tool_calls.clear();
        if message.content.is_empty() { Ok(()) } else { self.keep(message) }
    }

    async fn speak(&mut self, chosen: &Chosen) -> Result<Spoken, Gone> {
        let offered = tools::offered();
        let system = Message::new("system", system_prompt(&self.root));
        let tools_size = offered.to_string().len();
        let Some((messages, out)) = fit(&system, &self.conversation.messages, chosen.num_ctx, tools_size)
        else {
            let why = format!(
                "This is longer than the {} tokens that the model has room for. Say it shorter, or give it more \
                 room by OFFDESK_OLLAMA_NUM_CTX.",
                chosen.num_ctx
            );
            return Ok(Spoken::Broken(Message::default(), why));
        };
        if out != Default::default() && !std::mem::replace(&mut self.trimmed, true) {
            let (level, code) = (NoticeLevel::Info, "contextTrimmed".into());
            tell(&FromAgent::Notice { level, code, text: out.words(chosen.num_ctx) })?;
        }
        let mut said = Said { message: Message::new("assistant", ""), thought: None, text: None };
        let asked = self.server.chat(&chosen.model, chosen.num_ctx, &messages, &offered);
        let mut answer = match self.inbox.unless_interrupted(asked).await? {
            Some(Ok(answer)) => answer,
            Some(Err(trouble)) => return Ok(Spoken::Broken(said.message, trouble.to_string())),
            None => return Ok(Spoken::Interrupted(said.message)),
        };
        loop {
            match self.inbox.unless_interrupted(answer.next()).await? {
                Some(Ok(Some(piece))) => {
                    said.take(&piece.message, || self.fresh())?;
                    if piece.done {
                        said.finish()?;
                        self.count(piece.prompt_eval_count, piece.eval_count)?;
                        if piece.done_reason.as_deref() == Some("length") {
                            return Ok(Spoken::Broken(
                                said.message,
                                "The answer was cut: the model's room was used up. OFFDESK_OLLAMA_NUM_CTX gives it \
                                 more."
                                    .into(),
                            ));
                        }
                        return Ok(Spoken::Whole(said.message));
                    }
                }
                Some(Ok(None)) => {
                    said.finish()?;
                    let why =
                        "The answer broke off: Ollama left in the middle of it. Say something to go on.";
                    return Ok(Spoken::Broken(said.message, why.into()));
                }
                Some(Err(trouble)) => {
                    said.finish()?;
                    return Ok(Spoken::Broken(said.message, trouble.to_string()));
                }
                None => {
                    said.finish()?;
                    return Ok(Spoken::Interrupted(said.message));
                }
            }
        }
    }

    fn count(&mut self, read: u64, written: u64) -> Result<(), Gone> {
        self.usage.input_tokens += read;
        self.usage.output_tokens += written;
        Ok(tell(&FromAgent::Used { usage: self.usage.clone() })?)
    }
}

/// An answer as it comes.
struct Said {
    message: Message,
    /// Numbers of the messages it is shown as.
    thought: Option<u64>,
    text: Option<u64>,
}

impl Said {
    fn take(&mut self, piece: &Message, mut fresh: impl FnMut() -> u64) -> Result<(), Gone> {
        if !piece.thinking.is_empty() {
            let message = *self.thought.get_or_insert_with(&mut fresh);
            self.message.thinking.push_str(&piece.thinking);
            tell(&FromAgent::Delta { message, thought: true, text: piece.thinking.clone() })?;
        }
        if !piece.content.is_empty() {
            self.finish_thought()?;
            let message = *self.text.get_or_insert_with(&mut fresh);
            self.message.content.push_str(&piece.content);
            tell(&FromAgent::Delta { message, thought: false, text: piece.content.clone() })?;
        }
        self.message.tool_calls.extend(piece.tool_calls.iter().cloned());
        Ok(())
    }

    fn finish_thought(&mut self) -> Result<(), Gone> {
        if let Some(message) = self.thought.take() {
            let text = self.message.thinking.clone();
            tell(&FromAgent::Said { message, thought: true, text })?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Gone> {
        self.finish_thought()?;
        if let Some(message) = self.text.take() {
            tell(&FromAgent::Said { message, thought: false, text: self.message.content.clone() })?;
        }
        Ok(())
    }
}

fn system_prompt(root: &std::path::Path) -> String {
    format!(
        "You are a coding agent on a person's computer. You work in the folder {}, which is called the workspace, and \
         act only through your tools. Look before you change something: list, read, search. Each change and each \
         command is shown to the person, who allows it, changes it, or denies it and may say why; when it is denied, \
         do not try the same again another way. Do what was asked, check that it works, and end with a short answer \
         without tools. The system is {}.",
        root.display(),
        std::env::consts::OS
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_started_by_its_driver_only() {
        let read = |args: &[&str]| Start::read(args.iter().map(OsString::from).collect());
        let id = Uuid::now_v7().to_string();
        let start = read(&["--folder", "/data", "--resume", &id, "--model", "qwen3:8b"]).unwrap();
        assert_eq!((start.folder.to_str(), start.model.as_deref()), (Some("/data"), Some("qwen3:8b")));
        for wrong in [
            &[][..],
            &["--folder"],
            &["--folder", "/d", "--resume", "../../x"],
            &["--folder", "/d", "-x", "y"],
        ] {
            assert!(read(wrong).is_none(), "{wrong:?}");
        }
    }
}
