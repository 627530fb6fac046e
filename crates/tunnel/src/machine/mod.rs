//! What to do next, without a clock and without input or output: time, lines and answers are handed in, actions
//! come out.

mod run;

use crate::backoff::{Backoff, Jitter};
use crate::command::Protocol;
use crate::line;
use crate::metrics::Ready;
use crate::program::ProbeFailure;
use crate::status::{Status, Why};
use crate::text::{fix, happened};
use jiff::Timestamp;
use run::{Run, Verdict};
use std::collections::VecDeque;
use std::time::Duration;

/// The moment of a step, on a clock that never jumps and on the wall's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    pub elapsed: Duration,
    pub wall: Timestamp,
}

/// What happened.
#[derive(Debug, Clone)]
pub(crate) enum Input {
    /// Whether a program left by another gateway was taken up.
    Adopted(bool),
    /// The program was started.
    Started,
    /// It could not be.
    StartFailed(Why, String),
    /// It wrote a line.
    Line(String),
    /// It ended.
    Exited(Option<i32>),
    /// Its own server was asked.
    Polled { run: u64, ready: Ready, hostname: Option<String> },
    /// The address was asked from outside.
    Probed { run: u64, result: Result<(), ProbeFailure> },
    /// Somebody wants to know now.
    ProbeNow,
    /// It shall end.
    Stop,
    /// Time has passed.
    Tick,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    Start(Protocol),
    Stop,
    Poll { run: u64, port: u16, hostname: bool },
    Probe { run: u64, url: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Start,
    Wait(Duration),
    Off,
}

#[derive(Debug)]
enum Phase {
    Adopting,
    Launching,
    Running(Box<Run>),
    /// It was asked to end; after the deadline we go on without having seen its end.
    Ending {
        next: Next,
        deadline: Duration,
    },
    Waiting {
        until: Duration,
        why: Why,
    },
    Off,
}

/// The lines that are kept for a person who looks for the reason.
const KEPT_LINES: usize = 200;
/// Grace, KILL and some more.
const ENDING: Duration = Duration::from_secs(15);

pub(crate) struct Machine {
    /// The address of a named tunnel; nothing for a quick one.
    named: Option<String>,
    probe_every: Duration,
    jitter: Jitter,
    backoff: Backoff,
    protocol: Protocol,
    phase: Phase,
    stopping: bool,
    runs: u64,
    status: Status,
    lines: VecDeque<String>,
}

impl Machine {
    pub fn new(named: Option<String>, probe_every: Duration, jitter: Jitter, now: Now) -> Self {
        Self {
            named,
            probe_every,
            jitter,
            backoff: Backoff::default(),
            protocol: Protocol::Chosen,
            phase: Phase::Adopting,
            stopping: false,
            runs: 0,
            status: Status::Starting { since: now.wall, note: "Starting cloudflared".into() },
            lines: VecDeque::new(),
        }
    }

    pub fn status(&self) -> &Status {
        &self.status
    }

    pub fn lines(&self) -> impl Iterator<Item = &String> {
        self.lines.iter()
    }

    pub fn is_off(&self) -> bool {
        matches!(self.phase, Phase::Off)
    }

    /// When to be called again if nothing else happens.
    pub fn deadline(&self) -> Option<Duration> {
        match &self.phase {
            Phase::Running(run) => run.deadline(),
            Phase::Ending { deadline, .. } => Some(*deadline),
            Phase::Waiting { until, .. } => Some(*until),
            Phase::Adopting | Phase::Launching | Phase::Off => None,
        }
    }

    pub fn step(&mut self, now: Now, input: Input) -> Vec<Action> {
        let mut actions = Vec::new();
        match input {
            Input::Stop => self.stop(now, &mut actions),
            Input::Adopted(false) if matches!(self.phase, Phase::Adopting) => self.launch(now, &mut actions),
            Input::Adopted(true) if matches!(self.phase, Phase::Adopting) => {
                self.begin(now, true, &mut actions)
            }
            Input::Started if matches!(self.phase, Phase::Launching) => self.begin(now, false, &mut actions),
            Input::StartFailed(why, detail) if matches!(self.phase, Phase::Launching) => {
                self.ended(now, why, &detail);
            }
            Input::Exited(code) => self.exited(now, code, &mut actions),
            Input::ProbeNow => self.hurry(now),
            Input::Line(text) => self.line(now, &text),
            Input::Polled { run, ready, hostname } => {
                if let Phase::Running(current) = &mut self.phase
                    && current.id == run
                {
                    current.polled(now, ready, hostname, self.named.is_none());
                }
            }
            Input::Probed { run, result } => {
                if let Phase::Running(current) = &mut self.phase
                    && current.id == run
                {
                    current.probed(now, result, self.probe_every);
                }
            }
            Input::Adopted(_) | Input::Started | Input::StartFailed(..) | Input::Tick => {}
        }
        self.advance(now, &mut actions);
        actions
    }

    fn line(&mut self, now: Now, text: &str) {
        let Phase::Running(run) = &mut self.phase else { return };
        let read = line::read(text);
        run.line(now, &read);
        if self.lines.len() == KEPT_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(read.text);
    }

    fn launch(&mut self, now: Now, actions: &mut Vec<Action>) {
        if self.stopping {
            self.off();
            return;
        }
        self.phase = Phase::Launching;
        let note = match self.protocol {
            Protocol::Chosen => "Starting cloudflared",
            Protocol::Http2 => "Starting cloudflared over HTTP/2, because QUIC did not get through",
        };
        self.status = Status::Starting { since: now.wall, note: note.into() };
        actions.push(Action::Start(self.protocol));
    }

    fn begin(&mut self, now: Now, adopted: bool, actions: &mut Vec<Action>) {
        self.runs += 1;
        self.phase = Phase::Running(Box::new(Run::new(self.runs, now, adopted, self.named.clone())));
        if self.stopping {
            self.stop(now, actions);
        }
    }

    fn stop(&mut self, now: Now, actions: &mut Vec<Action>) {
        self.stopping = true;
        match &mut self.phase {
            Phase::Running(_) => self.end(now, Next::Off, actions),
            Phase::Ending { next, .. } => *next = Next::Off,
            Phase::Waiting { .. } => self.off(),
            // The answer is awaited, so that no program is left behind.
            Phase::Adopting | Phase::Launching | Phase::Off => {}
        }
    }

    fn off(&mut self) {
        self.phase = Phase::Off;
        self.status = Status::Off;
    }

    fn end(&mut self, now: Now, next: Next, actions: &mut Vec<Action>) {
        self.phase = Phase::Ending { next, deadline: now.elapsed + ENDING };
        actions.push(Action::Stop);
    }

    fn exited(&mut self, now: Now, code: Option<i32>, actions: &mut Vec<Action>) {
        match &self.phase {
            Phase::Running(run) => {
                let (why, detail) = run.reason(code);
                self.ended(now, why, &detail);
            }
            Phase::Ending { next, .. } => {
                let next = *next;
                self.go_on(now, next, actions);
            }
            _ => {}
        }
    }

    fn go_on(&mut self, now: Now, next: Next, actions: &mut Vec<Action>) {
        match next {
            Next::Start => self.launch(now, actions),
            Next::Off => self.off(),
            Next::Wait(until) => {
                let why = match &self.status {
                    Status::Down { why, .. } => *why,
                    _ => Why::Crashed,
                };
                self.phase = Phase::Waiting { until, why };
            }
        }
    }

    /// The program is gone.
    fn ended(&mut self, now: Now, why: Why, detail: &str) {
        if self.stopping {
            self.off();
            return;
        }
        let until = self.down_for(now, why, detail);
        self.phase = Phase::Waiting { until, why };
    }

    /// Says that it is down and returns when it is started again.
    fn down_for(&mut self, now: Now, why: Why, detail: &str) -> Duration {
        let wait = self.backoff.after(why, &mut self.jitter);
        // A quick tunnel's address goes with its program.
        let url = self.named.clone();
        let next_retry =
            jiff::SignedDuration::try_from(wait).ok().and_then(|wait| now.wall.checked_add(wait).ok());
        self.status = Status::Down {
            why,
            text: happened(why, url.as_deref(), detail),
            fix: fix(why).into(),
            next_retry,
            url,
        };
        now.elapsed + wait
    }

    /// A person or a changed network asks: what only waits need not wait, except where waiting is the cure.
    fn hurry(&mut self, now: Now) {
        match &mut self.phase {
            Phase::Running(run) => run.hurry(now),
            Phase::Waiting { until, why } if !matches!(why, Why::RateLimited | Why::Flood) => {
                *until = now.elapsed
            }
            _ => {}
        }
    }

    fn advance(&mut self, now: Now, actions: &mut Vec<Action>) {
        match &mut self.phase {
            Phase::Waiting { until, .. } if now.elapsed >= *until => self.launch(now, actions),
            Phase::Ending { next, deadline } if now.elapsed >= *deadline => {
                let next = *next;
                self.go_on(now, next, actions);
            }
            Phase::Running(run) => {
                let verdict = run.judge(now, self.protocol);
                match verdict {
                    Verdict::GoOn => {
                        run.ask(now, self.named.is_none(), actions);
                        if run.worked_long(now) {
                            self.backoff.reset();
                        }
                        if let Some(status) = run.status(now, self.runs) {
                            self.status = status;
                        }
                    }
                    Verdict::Replace => self.replace(now, actions),
                    Verdict::UseHttp2 => {
                        self.protocol = Protocol::Http2;
                        self.replace(now, actions);
                    }
                    Verdict::GiveUp(why, detail) => {
                        if why == Why::ProtocolBlocked {
                            self.protocol = Protocol::Chosen;
                        }
                        let until = self.down_for(now, why, &detail);
                        self.end(now, Next::Wait(until), actions);
                    }
                }
            }
            _ => {}
        }
    }

    fn replace(&mut self, now: Now, actions: &mut Vec<Action>) {
        self.status = Status::Starting { since: now.wall, note: "Starting cloudflared again".into() };
        self.end(now, Next::Start, actions);
    }
}
