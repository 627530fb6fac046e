//! One viewer's loop.

use super::watches::{Next, Watches};
use super::{Gone, Heard, Pipe, malformed};
use crate::Shared;
use crate::access::Caller;
use crate::hub::{Delta, Mark};
use crate::keyboards::Typist;
use offdesk_protocol::*;
use offdesk_runner::{Order, Size};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::time::Instant;

/// The gateway pings this often.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A viewer that is silent for this long is gone.
const SILENCE: Duration = Duration::from_secs(45);
/// Events in one message, at most.
const MOST_EVENTS: usize = 2000;
/// Typed input that waits to be written, at most.
const MOST_INPUTS: usize = 256;

pub(super) struct Viewer {
    shared: Arc<Shared>,
    caller: Caller,
    /// The cursor it came with.
    wanted: Option<Cursor>,
    /// The last event it was sent.
    seq: u64,
    queue: u64,
    queued: Vec<RunId>,
    watches: Watches,
    typist: Typist,
    /// What is watched, by channel.
    watching: BTreeMap<u32, RunId>,
    /// How large this viewer's terminals are; the run's is so while this viewer types.
    sizes: BTreeMap<RunId, TerminalSize>,
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.shared.keyboards.leave_all(&self.typist);
    }
}

impl Viewer {
    pub(super) fn new(shared: Arc<Shared>, caller: Caller, wanted: Option<Cursor>) -> Self {
        let typist = shared.keyboards.typist(&caller);
        Self {
            shared,
            caller,
            wanted,
            seq: 0,
            queue: 0,
            queued: Vec::new(),
            watches: Watches::default(),
            typist,
            watching: BTreeMap::new(),
            sizes: BTreeMap::new(),
        }
    }

    pub(super) async fn run(mut self, mut pipe: Pipe) -> Result<(), Gone> {
        // Listening begins before anything is read, so nothing falls between.
        let mut marks = self.shared.hub.marks();
        let mut deltas = self.shared.hub.deltas();
        let (written, mut writes) = mpsc::channel::<String>(MOST_INPUTS);
        self.snapshot(&mut pipe).await?;
        marks.mark_changed();
        let leaving = self.shared.leaving.clone();
        let mut devices = self.shared.devices.changes();
        let mut keyboards = self.shared.keyboards.changes();
        let mut pairings = self.shared.pairings.changes();
        let mut paths = self.shared.reach.signed();
        if self.caller.may_see_devices() {
            pairings.mark_changed();
            paths.mark_changed();
        }
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                biased;
                () = leaving.cancelled() => {
                    pipe.send(&ToViewer::Restarting).await?;
                    pipe.close(1001, "the gateway stops").await;
                    return Ok(());
                }
                message = pipe.recv() => {
                    heard = Instant::now();
                    match message {
                        Heard::End => return Ok(()),
                        Heard::Text(text) => self.take(&mut pipe, &text, &written).await?,
                        Heard::Sign => {}
                    }
                }
                Some(id) = writes.recv() => pipe.send(&ToViewer::InputWritten { id }).await?,
                changed = marks.changed() => {
                    changed.map_err(|_| Gone)?;
                    self.catch_up(&mut pipe, &mut marks).await?;
                }
                delta = deltas.recv() => self.delta(&mut pipe, delta).await?,
                next = self.watches.next() => self.output(&mut pipe, next).await?,
                run = keyboards.recv() => match run {
                    Ok(run) => self.keyboard(&mut pipe, |watched| watched == run).await?,
                    Err(broadcast::error::RecvError::Lagged(_)) => self.keyboard(&mut pipe, |_| true).await?,
                    Err(broadcast::error::RecvError::Closed) => return Err(Gone),
                },
                device = devices.recv(), if self.caller.may_see_devices() => {
                    // Who missed some asks for all when the list is opened.
                    if let Ok(device) = device {
                        pipe.send(&ToViewer::Device { device }).await?;
                    }
                }
                Ok(()) = pairings.changed(), if self.caller.may_see_devices() => {
                    pairings.borrow_and_update();
                    let pairings = self.shared.pairings.waiting();
                    pipe.send(&ToViewer::Pairings { pairings }).await?;
                }
                Ok(()) = paths.changed(), if self.caller.may_see_devices() => {
                    let signed = paths.borrow_and_update().clone();
                    if let Some(paths) = signed {
                        pipe.send(&ToViewer::Paths { paths }).await?;
                    }
                }
                _ = heartbeat.tick() => {
                    if pipe.must_speak() && heard.elapsed() > SILENCE {
                        return Ok(());
                    }
                    pipe.ping().await?;
                }
            }
        }
    }

    async fn snapshot(&mut self, pipe: &mut Pipe) -> Result<(), Gone> {
        let (head, runs, approvals) = self.shared.hub.snapshot();
        let approvals = self.shared.advice.with(approvals).await;
        let known = self.wanted.filter(|cursor| cursor.log == self.shared.log && cursor.seq <= head);
        let resync = self.wanted.is_some() && known.is_none();
        self.seq = known.map_or(head, |cursor| cursor.seq);
        let snapshot = ToViewer::Snapshot {
            cursor: Cursor { log: self.shared.log, seq: head },
            version: PROTOCOL_VERSION,
            build: env!("CARGO_PKG_VERSION").into(),
            host: self.shared.host,
            host_name: self.shared.host_name.clone(),
            resync,
            runs,
            approvals,
        };
        pipe.send(&snapshot).await
    }

    /// Sends what is after the cursor, then the runs and approvals it changed.
    async fn catch_up(&mut self, pipe: &mut Pipe, marks: &mut watch::Receiver<Mark>) -> Result<(), Gone> {
        let mut runs: BTreeSet<RunId> = BTreeSet::new();
        let mut approvals: BTreeMap<ApprovalId, RunId> = BTreeMap::new();
        let mark = loop {
            let mark = *marks.borrow_and_update();
            if self.seq >= mark.head {
                break mark;
            }
            match self.shared.hub.after(self.seq, MOST_EVENTS) {
                Some(events) => {
                    let jsons: Vec<&str> = events.iter().map(|event| &*event.json).collect();
                    send_events(pipe, &jsons).await?;
                    for event in &events {
                        let envelope = &event.envelope;
                        self.seq = envelope.seq;
                        runs.insert(envelope.run);
                        approvals.extend(approval_of(&envelope.event).map(|id| (id, envelope.run)));
                    }
                }
                None => {
                    let after = self.seq;
                    let read = self.shared.runs.read(move |r| r.events_after(None, after, MOST_EVENTS)).await;
                    let events = read.map_err(|_| Gone)?;
                    let jsons: Vec<&str> = events.iter().map(|event| &*event.json).collect();
                    send_events(pipe, &jsons).await?;
                    self.seq = events.last().map_or(mark.head, |event| event.seq);
                    // Who was that far behind got every run with the snapshot.
                }
            }
        };
        if mark.queue != self.queue {
            self.queue = mark.queue;
            let queued = self.shared.hub.queued();
            runs.extend(queued.iter().chain(&self.queued));
            self.queued = queued;
        }
        for id in runs {
            if let Some(run) = self.shared.hub.view(id) {
                pipe.send(&ToViewer::Run { run }).await?;
            }
        }
        for (id, run) in approvals {
            let open = self.shared.hub.run(run).and_then(|run| run.approvals.get(&id).cloned());
            let approval = match open {
                Some(approval) => Some(approval),
                None => self.shared.runs.approval(id).await.ok(),
            };
            if let Some(approval) = approval {
                let approval = self.shared.advice.with_one(approval).await;
                pipe.send(&ToViewer::Approval { approval }).await?;
            }
        }
        Ok(())
    }

    async fn delta(
        &mut self,
        pipe: &mut Pipe,
        delta: Result<Delta, broadcast::error::RecvError>,
    ) -> Result<(), Gone> {
        match delta {
            Ok(Delta { run, message, role, text }) => {
                pipe.send(&ToViewer::Delta { run, message, role, text: text.to_string() }).await
            }
            // Pieces are not kept; the finished message has the whole.
            Err(broadcast::error::RecvError::Lagged(_)) => Ok(()),
            Err(broadcast::error::RecvError::Closed) => Err(Gone),
        }
    }

    async fn output(&mut self, pipe: &mut Pipe, next: Next) -> Result<(), Gone> {
        match next {
            Next::Frame(frame) => pipe.send_bytes(frame).await,
            Next::Ended { channel, length } => pipe.send(&ToViewer::OutputEnded { channel, length }).await,
            Next::Failed { channel, problem } => {
                pipe.send(&ToViewer::Error { problem, about: Some(channel.to_string()) }).await
            }
        }
    }

    async fn take(
        &mut self,
        pipe: &mut Pipe,
        text: &str,
        written: &mpsc::Sender<String>,
    ) -> Result<(), Gone> {
        let message: FromViewer = match serde_json::from_str(text) {
            Ok(message) => message,
            Err(error) => {
                return pipe.send(&ToViewer::Error { problem: malformed(&error), about: None }).await;
            }
        };
        let (done, about) = match message {
            FromViewer::Ping { nonce } => return pipe.send(&ToViewer::Pong { nonce }).await,
            FromViewer::Watch { channel, run, attempt, from } => {
                let done = self.watches.watch(&self.shared, channel, run, attempt, from);
                if done.is_ok() {
                    self.watching.insert(channel, run);
                    self.keyboard(pipe, |watched| watched == run).await?;
                }
                (done, channel.to_string())
            }
            FromViewer::Unwatch { channel } => {
                self.watches.unwatch(channel);
                if let Some(run) = self.watching.remove(&channel)
                    && !self.watching.values().any(|watched| *watched == run)
                {
                    self.shared.keyboards.leave(run, &self.typist);
                }
                return Ok(());
            }
            FromViewer::TakeKeyboard { run } => (self.take_keyboard(run), run.to_string()),
            FromViewer::Input { run, id, text } => (self.input(run, id.clone(), text, written), id),
            FromViewer::Resize { run, cols, rows } => (self.resize(run, cols, rows), run.to_string()),
            FromViewer::Hello { .. } => {
                let problem = Problem::new(ErrorCode::BadRequest, "Hello was said before.");
                (Err(problem), String::new())
            }
        };
        match done {
            Ok(()) => Ok(()),
            Err(problem) => pipe.send(&ToViewer::Error { problem, about: Some(about) }).await,
        }
    }

    fn order(&self, run: RunId, order: Order) -> Result<(), Problem> {
        self.caller.may_change()?;
        let known = self.shared.hub.run(run).ok_or_else(|| crate::runs::unknown_run(run))?;
        let attempt = self.shared.runs.attempt(run).ok_or_else(|| {
            Problem::new(
                ErrorCode::WrongState,
                format!("Nothing can be typed: the run is {}.", known.state()),
            )
            .hint("Resume it first.")
        })?;
        attempt.try_send(order).map_err(|_| {
            Problem::new(
                ErrorCode::WrongState,
                "The agent takes no more input for the moment; this was not sent.",
            )
            .hint("Send it again in a moment.")
        })
    }

    /// Keys reach the attempt directly: they are bytes, not events.
    fn input(
        &self,
        run: RunId,
        id: String,
        text: String,
        told: &mpsc::Sender<String>,
    ) -> Result<(), Problem> {
        if !self.shared.hub.run(run).is_some_and(|run| run.terminal) {
            return Err(Problem::new(ErrorCode::Unsupported, "This run has no terminal to type into."));
        }
        self.caller.may_change()?;
        self.shared.keyboards.type_into(run, &self.typist)?;
        let (written, done) = tokio::sync::oneshot::channel();
        self.order(run, Order::Input { id: id.clone(), bytes: text.into_bytes(), written, prompt: None })?;
        let told = told.clone();
        // Ends when the input was written, or its attempt is over.
        tokio::spawn(async move {
            if done.await.is_ok() {
                let _ = told.send(id).await;
            }
        });
        Ok(())
    }

    fn resize(&mut self, run: RunId, cols: u16, rows: u16) -> Result<(), Problem> {
        if !(2..=1000).contains(&cols) || !(2..=1000).contains(&rows) {
            return Err(Problem::new(ErrorCode::BadRequest, "A terminal has 2 to 1000 columns and rows."));
        }
        self.caller.may_change()?;
        let size = TerminalSize { cols, rows };
        self.sizes.insert(run, size);
        if !self.shared.keyboards.resize(run, &self.typist, size) {
            return Ok(());
        }
        self.watches.resized(cols, rows);
        self.order(run, Order::Resize(Size { cols, rows }))
    }

    /// From now on this viewer types, and the terminal has its size.
    fn take_keyboard(&mut self, run: RunId) -> Result<(), Problem> {
        self.caller.may_change()?;
        if !self.shared.hub.run(run).is_some_and(|run| run.terminal) {
            return Err(Problem::new(ErrorCode::Unsupported, "This run has no terminal to type into."));
        }
        self.shared.keyboards.take(run, &self.typist);
        match self.sizes.get(&run).copied() {
            Some(size) => self.resize(run, size.cols, size.rows),
            None => Ok(()),
        }
    }

    /// Tells who types into those of the watched terminals.
    async fn keyboard(&mut self, pipe: &mut Pipe, which: impl Fn(RunId) -> bool) -> Result<(), Gone> {
        let watched: BTreeSet<RunId> = self.watching.values().copied().filter(|run| which(*run)).collect();
        for run in watched {
            let keyboard = self.shared.keyboards.view(run, &self.typist);
            pipe.send(&ToViewer::Keyboard { run, keyboard }).await?;
        }
        Ok(())
    }
}

/// The events as stored, in one message.
async fn send_events(pipe: &mut Pipe, jsons: &[&str]) -> Result<(), Gone> {
    if jsons.is_empty() {
        return Ok(());
    }
    let text = format!("{{\"type\":\"events\",\"events\":[{}]}}", jsons.join(","));
    pipe.send_text(text).await
}

fn approval_of(event: &Event) -> Option<ApprovalId> {
    match event {
        Event::ApprovalRequested { approval } | Event::QuestionAsked { approval } => Some(approval.id),
        Event::ApprovalResolved { approval, .. }
        | Event::QuestionAnswered { approval, .. }
        | Event::ApprovalDelivered { approval }
        | Event::ApprovalFinished { approval, .. } => Some(*approval),
        _ => None,
    }
}
