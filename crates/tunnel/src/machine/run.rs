//! One run of the program: what is known of it, and what follows.

use super::{Action, Now};
use crate::command::Protocol;
use crate::line::{Read, Said, is_host};
use crate::metrics::Ready;
use crate::program::ProbeFailure;
use crate::status::{ProgramHealth, Status, Why};
use crate::text::{fix, happened};
use jiff::Timestamp;
use std::time::Duration;

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

const POLL_EVERY: Duration = seconds(2);
/// How soon a failed probe is repeated.
const PROBE_AGAIN: Duration = seconds(2);
/// Until its own server must be there.
const SERVER_PATIENCE: Duration = seconds(60);
/// Until that server must answer.
const ANSWER_PATIENCE: Duration = seconds(30);
/// Until the first connection must stand, before HTTP/2 is tried.
const REGISTER_PATIENCE: Duration = seconds(20);
/// A lost connection comes back within 3 to 12 seconds and the name is kept; a restart would change it for nothing.
const LOST_PATIENCE: Duration = seconds(45);
/// A new name takes a moment until every resolver has it.
const NEW_NAME_PATIENCE: Duration = seconds(20);
const UNPROVED_PATIENCE: Duration = seconds(180);
const WORKED_LONG: Duration = seconds(600);
const FLOOD_LINES: u32 = 200;
/// An adopted program's old lines all come now; they are counted by the time they bear.
const REPLAY: Duration = seconds(10);

#[derive(Debug)]
pub(super) struct Run {
    pub id: u64,
    began: Duration,
    since: Timestamp,
    adopted: bool,
    wrong_kind: bool,
    url: Option<String>,
    confirmed: bool,
    port: Option<(u16, Duration)>,
    asked: bool,
    suggests_http2: bool,
    refusal: Option<(Why, String)>,
    last_text: String,
    health: ProgramHealth,
    second: (String, u32),
    flooded: bool,
    ready: Option<Ready>,
    was_ready: bool,
    lost_since: Option<Duration>,
    silent_since: Option<Duration>,
    polling: bool,
    next_poll: Duration,
    /// The address that is being asked.
    probing: Option<String>,
    next_probe: Duration,
    proof: Option<Timestamp>,
    proved_since: Option<Duration>,
    was_proved: bool,
    failing: Option<(Duration, ProbeFailure)>,
}

pub(super) enum Verdict {
    GoOn,
    /// It is a tunnel of the other kind.
    Replace,
    UseHttp2,
    GiveUp(Why, String),
}

impl Run {
    pub fn new(id: u64, now: Now, adopted: bool, url: Option<String>) -> Self {
        Self {
            id,
            began: now.elapsed,
            since: now.wall,
            adopted,
            wrong_kind: false,
            url,
            confirmed: false,
            port: None,
            asked: false,
            suggests_http2: false,
            refusal: None,
            last_text: String::new(),
            health: ProgramHealth { since: Some(now.wall), ..ProgramHealth::default() },
            second: (String::new(), 0),
            flooded: false,
            ready: None,
            was_ready: false,
            lost_since: None,
            silent_since: None,
            polling: false,
            next_poll: now.elapsed,
            probing: None,
            next_probe: now.elapsed,
            proof: None,
            proved_since: None,
            was_proved: false,
            failing: None,
        }
    }

    pub fn line(&mut self, now: Now, read: &Read) {
        self.count(now, read.stamp.as_deref());
        if !read.message.is_empty() {
            self.last_text.clone_from(&read.message);
        }
        match &read.said {
            Some(Said::Requesting) => self.asked = true,
            Some(Said::Url(url)) if !self.confirmed && self.asked => self.moved(now, url.clone()),
            Some(Said::MetricsPort(port)) => {
                self.port = Some((*port, now.elapsed));
                self.next_poll = now.elapsed;
            }
            Some(Said::Version(version)) => self.health.version = Some(version.clone()),
            Some(Said::Registered { protocol, location }) => {
                self.health.protocol.clone_from(protocol);
                self.health.location.clone_from(location);
                self.refusal = None;
                self.next_poll = now.elapsed;
            }
            Some(Said::Lost) => self.next_poll = now.elapsed,
            Some(Said::Suggests(protocol)) => self.suggests_http2 = protocol == "http2",
            Some(Said::Failed(why)) if self.refusal.is_none() => {
                self.refusal = Some((*why, read.message.clone()));
            }
            _ => {}
        }
    }

    fn count(&mut self, now: Now, stamp: Option<&str>) {
        let replayed = self.adopted && now.elapsed < self.began + REPLAY;
        let second = match stamp {
            Some(stamp) if replayed => stamp.to_owned(),
            None if replayed => return,
            _ => now.elapsed.as_secs().to_string(),
        };
        if self.second.0 == second {
            self.second.1 += 1;
        } else {
            self.second = (second, 1);
        }
        self.flooded |= self.second.1 > FLOOD_LINES;
    }

    pub fn polled(&mut self, now: Now, ready: Ready, hostname: Option<String>, quick: bool) {
        self.polling = false;
        self.next_poll = now.elapsed + POLL_EVERY;
        if let Some(host) = hostname {
            self.wrong_kind = host.is_empty() == quick;
            self.confirmed = true;
            if quick && is_host(&host) {
                self.moved(now, format!("https://{host}"));
            }
        }
        if ready == Ready::Silent {
            self.silent_since.get_or_insert(now.elapsed);
            return;
        }
        self.silent_since = None;
        self.ready = Some(ready);
        match ready {
            Ready::Yes(connections) => {
                self.health.connections = connections;
                if self.lost_since.take().is_some() || !self.was_ready {
                    self.next_probe = now.elapsed;
                }
                self.was_ready = true;
            }
            Ready::No | Ready::Silent => {
                self.health.connections = 0;
                if self.was_ready {
                    self.lost_since.get_or_insert(now.elapsed);
                    self.unproved();
                    self.failing = None;
                }
            }
        }
    }

    /// A proof holds for the address that was asked, and for no other.
    fn moved(&mut self, now: Now, url: String) {
        if self.url.as_ref() != Some(&url) {
            self.url = Some(url);
            self.unproved();
            self.failing = None;
            self.next_probe = now.elapsed;
        }
    }

    fn unproved(&mut self) {
        self.proof = None;
        self.proved_since = None;
    }

    pub fn probed(&mut self, now: Now, result: Result<(), ProbeFailure>, every: Duration) {
        let asked = self.probing.take();
        if asked.is_none() || asked != self.url {
            return;
        }
        match result {
            Ok(()) => {
                self.failing = None;
                self.next_probe = now.elapsed + every;
                if self.lost_since.is_none() {
                    self.proof = Some(now.wall);
                    self.proved_since.get_or_insert(now.elapsed);
                    self.was_proved = true;
                }
            }
            Err(failure) => {
                self.unproved();
                let since = self.failing.take().map_or(now.elapsed, |(since, _)| since);
                self.failing = Some((since, failure));
                self.next_probe = now.elapsed + every.min(PROBE_AGAIN);
            }
        }
    }

    pub fn hurry(&mut self, now: Now) {
        self.next_poll = now.elapsed;
        self.next_probe = now.elapsed;
    }

    pub fn worked_long(&self, now: Now) -> bool {
        self.proved_since.is_some_and(|since| now.elapsed >= since + WORKED_LONG)
    }

    /// Why it ended, and its own last word.
    pub fn reason(&self, code: Option<i32>) -> (Why, String) {
        if let Some((why, text)) = &self.refusal {
            return (*why, text.clone());
        }
        let end = match code {
            Some(code) => format!("exit code {code}"),
            None => "ended by a signal".into(),
        };
        let detail = if self.last_text.is_empty() { end } else { format!("{end}; {}", self.last_text) };
        (Why::Crashed, detail)
    }

    pub fn judge(&self, now: Now, protocol: Protocol) -> Verdict {
        let over = |since: Duration, patience: Duration| now.elapsed >= since + patience;
        let connected = matches!(self.ready, Some(Ready::Yes(_)));
        if self.flooded {
            return Verdict::GiveUp(Why::Flood, self.last_text.clone());
        }
        if self.wrong_kind {
            return Verdict::Replace;
        }
        if let Some((Why::Unauthorized, text)) = &self.refusal
            && !connected
        {
            return Verdict::GiveUp(Why::Unauthorized, text.clone());
        }
        let Some((_, port_since)) = self.port else {
            let gone = over(self.began, SERVER_PATIENCE);
            return if gone { Verdict::GiveUp(Why::Unresponsive, String::new()) } else { Verdict::GoOn };
        };
        if self.silent_since.is_some_and(|since| over(since, ANSWER_PATIENCE)) && self.proof.is_none() {
            return Verdict::GiveUp(Why::Unresponsive, String::new());
        }
        if !self.was_ready && self.ready == Some(Ready::No) {
            let since = port_since.max(self.began);
            if protocol == Protocol::Chosen && (self.suggests_http2 || over(since, REGISTER_PATIENCE)) {
                return Verdict::UseHttp2;
            }
            if over(since, LOST_PATIENCE) {
                return Verdict::GiveUp(Why::ProtocolBlocked, String::new());
            }
        }
        if self.lost_since.is_some_and(|since| over(since, LOST_PATIENCE)) {
            return Verdict::GiveUp(Why::TunnelLost, String::new());
        }
        if let Some((since, failure)) = &self.failing
            && over(*since, UNPROVED_PATIENCE)
            // That is this machine's way out, not the tunnel: a new address would not help.
            && !matches!(failure, ProbeFailure::EdgeUnreachable(_))
        {
            return Verdict::GiveUp(hop(failure), failure.to_string());
        }
        Verdict::GoOn
    }

    /// Asks what is due.
    pub fn ask(&mut self, now: Now, quick: bool, actions: &mut Vec<Action>) {
        if let Some((port, _)) = self.port
            && !self.polling
            && now.elapsed >= self.next_poll
        {
            self.polling = true;
            let hostname = !self.confirmed && (quick || self.adopted);
            actions.push(Action::Poll { run: self.id, port, hostname });
        }
        if let Some(url) = self.url.clone()
            && self.may_probe()
            && now.elapsed >= self.next_probe
        {
            self.probing = Some(url.clone());
            actions.push(Action::Probe { run: self.id, url });
        }
    }

    fn may_probe(&self) -> bool {
        // Silence of its server alone does not end the probing: the way through it may still work.
        self.probing.is_none() && matches!(self.ready, Some(Ready::Yes(_)))
    }

    /// The next moment at which something is to be asked; each answer is followed by a judgement.
    pub fn deadline(&self) -> Option<Duration> {
        if self.port.is_none() {
            return Some(self.began + SERVER_PATIENCE);
        }
        let poll = (!self.polling).then_some(self.next_poll);
        let probe = (self.may_probe() && self.url.is_some()).then_some(self.next_probe);
        poll.into_iter().chain(probe).min()
    }

    /// What to say; nothing new while a connection that came back is not proved yet.
    pub fn status(&self, now: Now, runs: u64) -> Option<Status> {
        if self.lost_since.is_some() {
            return Some(self.down(Why::TunnelLost, ""));
        }
        if let Some((since, failure)) = &self.failing {
            let may_heal = matches!(
                failure,
                ProbeFailure::Unresolved(_) | ProbeFailure::EdgeUnreachable(_) | ProbeFailure::NoTunnel(_)
            );
            if self.was_proved || !may_heal || now.elapsed >= *since + NEW_NAME_PATIENCE {
                return Some(self.down(hop(failure), &failure.to_string()));
            }
        } else if let (Some(verified_at), Some(url)) = (self.proof, &self.url) {
            let restarts = u32::try_from(runs.saturating_sub(1)).unwrap_or(u32::MAX);
            let program = ProgramHealth { restarts, ..self.health.clone() };
            return Some(Status::Up { url: url.clone(), verified_at, program });
        } else if self.was_proved {
            return None;
        }
        let note = match (&self.url, self.ready) {
            (_, None) if self.adopted => "Taking up the running cloudflared",
            (None, _) if self.asked => "Asking Cloudflare for an address",
            (None, _) => "Starting cloudflared",
            (Some(_), Some(Ready::Yes(_))) => "Connected; asking for the address from outside",
            (Some(_), _) => "Connecting to Cloudflare",
        };
        Some(Status::Starting { since: self.since, note: note.into() })
    }

    fn down(&self, why: Why, detail: &str) -> Status {
        Status::Down {
            why,
            text: happened(why, self.url.as_deref(), detail),
            fix: fix(why).into(),
            next_retry: None,
            url: self.url.clone(),
        }
    }
}

fn hop(failure: &ProbeFailure) -> Why {
    match failure {
        ProbeFailure::Unresolved(_) => Why::Unresolved,
        ProbeFailure::EdgeUnreachable(_) => Why::EdgeUnreachable,
        ProbeFailure::NoTunnel(_) => Why::NoTunnel,
        ProbeFailure::NoGateway(_) => Why::GatewayUnreachable,
        ProbeFailure::Wrong(_) => Why::NotOurs,
    }
}
