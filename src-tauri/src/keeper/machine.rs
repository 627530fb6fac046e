//! What to do about the gateway: decided from what was heard, without a clock or a process of its own.

use jiff::{SignedDuration, Timestamp};
use offdesk_protocol::{About, Problem};
use serde::Serialize;
use std::time::Duration;

/// A gateway that answers is asked this often whether it still does.
const CHECK: Duration = Duration::from_secs(2);
/// A gateway that was just started is asked this often.
const SOON: Duration = Duration::from_millis(50);
/// One that answered and is silent is asked again after this.
const DOUBT: Duration = Duration::from_millis(400);
/// So many silences in a row, and it is gone.
const SILENCES: u32 = 3;
/// A start that takes longer than this is told to the person; it is still waited for.
const SLOW: SignedDuration = SignedDuration::from_secs(15);
/// One that ran this long and died is started again at once.
const HELD: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// What was heard.
#[derive(Clone, Debug)]
pub(crate) enum Heard {
    Answers(About),
    Silent,
    /// The one we started: its process id.
    Started(u32),
    /// The one we started has ended, with its last words.
    Ended {
        code: Option<i32>,
        said: Vec<String>,
    },
    /// It could not be started at all.
    NotStarted(Problem),
    /// A person wants it tried now.
    TryNow,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Ask the gateway, after this time.
    Ask(Duration),
    /// Start one.
    Start,
    /// Wait for somebody to say so, at most this long.
    Wait(Option<Duration>),
}

#[derive(Clone, Debug, PartialEq)]
enum Phase {
    Looking,
    Starting { since: Timestamp },
    Running { about: About, since: Timestamp, silences: u32 },
    Down { problem: Problem, log: Vec<String>, retry_at: Option<Timestamp> },
}

/// How the gateway stands, for windows and the tray.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GatewayState {
    pub(crate) state: Standing,
    pub(crate) ours: bool,
    pub(crate) sentence: String,
    pub(crate) fix: Option<String>,
    pub(crate) retry_at: Option<Timestamp>,
    pub(crate) version: Option<String>,
    pub(crate) pid: Option<u32>,
    pub(crate) log: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Standing {
    Looking,
    Starting,
    Running,
    Down,
    OtherVersion,
}

impl Standing {
    /// It answers.
    pub(crate) fn is_up(self) -> bool {
        matches!(self, Self::Running | Self::OtherVersion)
    }
}

pub(crate) struct Machine {
    version: &'static str,
    phase: Phase,
    ours: Option<u32>,
    failures: u32,
}

impl Machine {
    pub(crate) fn new(version: &'static str) -> Self {
        Self { version, phase: Phase::Looking, ours: None, failures: 0 }
    }

    pub(crate) fn hear(&mut self, heard: Heard, now: Timestamp) -> Next {
        match heard {
            Heard::Answers(about) => self.answers(about, now),
            Heard::Silent => self.silent(now),
            Heard::Started(pid) => {
                self.ours = Some(pid);
                self.phase = Phase::Starting { since: now };
                Next::Ask(SOON)
            }
            Heard::Ended { code, said } => self.ended(code, said, now),
            Heard::NotStarted(problem) => self.down(problem, Vec::new(), now),
            Heard::TryNow => match &self.phase {
                Phase::Down { .. } | Phase::Looking => {
                    self.phase = Phase::Looking;
                    Next::Ask(Duration::ZERO)
                }
                Phase::Starting { .. } => Next::Ask(SOON),
                Phase::Running { .. } => Next::Ask(Duration::ZERO),
            },
        }
    }

    fn answers(&mut self, about: About, now: Timestamp) -> Next {
        let since = match &self.phase {
            Phase::Running { since, about: before, .. } if before.pid == about.pid => *since,
            _ => now,
        };
        if now.duration_since(since) >= HELD {
            self.failures = 0;
        }
        self.phase = Phase::Running { about, since, silences: 0 };
        Next::Ask(CHECK)
    }

    fn silent(&mut self, now: Timestamp) -> Next {
        match &mut self.phase {
            Phase::Looking => Next::Start,
            Phase::Starting { .. } => Next::Ask(SOON),
            Phase::Running { silences, .. } if *silences + 1 < SILENCES => {
                *silences += 1;
                Next::Ask(DOUBT)
            }
            Phase::Running { .. } => {
                self.phase = Phase::Looking;
                Next::Start
            }
            Phase::Down { retry_at, .. } => match retry_at {
                Some(at) if *at <= now => Next::Start,
                // Somebody may start one by hand.
                Some(at) => Next::Wait(Some(Duration::try_from(*at - now).unwrap_or(CHECK).min(CHECK))),
                None => Next::Wait(Some(CHECK)),
            },
        }
    }

    fn ended(&mut self, code: Option<i32>, said: Vec<String>, now: Timestamp) -> Next {
        let held = matches!(&self.phase, Phase::Running { since, .. } if now.duration_since(*since) >= HELD);
        let ran = matches!(self.phase, Phase::Running { .. });
        self.ours = None;
        if ran && code == Some(0) {
            let problem = Problem::new(offdesk_protocol::ErrorCode::WrongState, "The gateway was stopped.")
                .hint("Runs go on without it, and nobody can see or answer them. Start it again.");
            self.phase = Phase::Down { problem, log: Vec::new(), retry_at: None };
            return Next::Wait(Some(CHECK));
        }
        if held {
            self.failures = 0;
        }
        if ran && self.failures == 0 {
            self.failures = 1;
            self.phase = Phase::Looking;
            return Next::Start;
        }
        let problem = last_words(&said).unwrap_or_else(|| {
            let text = match (code, ran) {
                (Some(2), false) => {
                    "The offdesk program beside this app does not understand it: they are of different versions."
                        .to_string()
                }
                (Some(code), false) => format!("The gateway did not start: it ended with exit code {code}."),
                (None, false) => "The gateway did not start: something ended it.".into(),
                (_, true) => "The gateway has ended unexpectedly.".into(),
            };
            let fix = match code {
                Some(2) => "Install Offdesk again.",
                _ => "Runs go on without it. It is started again by itself; its last lines say more.",
            };
            Problem::new(offdesk_protocol::ErrorCode::Internal, text).hint(fix)
        });
        self.down(problem, said, now)
    }

    fn down(&mut self, problem: Problem, log: Vec<String>, now: Timestamp) -> Next {
        let wait = Duration::from_secs(1 << self.failures.min(6)).min(LONGEST_WAIT);
        self.failures += 1;
        let retry_at = now.checked_add(wait).ok();
        self.phase = Phase::Down { problem, log, retry_at };
        Next::Wait(Some(wait.min(CHECK)))
    }

    pub(crate) fn state(&self, now: Timestamp) -> GatewayState {
        let plain = |state, sentence: &str| GatewayState {
            state,
            ours: self.ours.is_some(),
            sentence: sentence.into(),
            fix: None,
            retry_at: None,
            version: None,
            pid: None,
            log: Vec::new(),
        };
        match &self.phase {
            Phase::Looking => plain(Standing::Looking, "Looking for the gateway."),
            Phase::Starting { since } if now.duration_since(*since) > SLOW => GatewayState {
                fix: Some("It is still waited for; a large log or a slow disk may be why.".into()),
                ..plain(Standing::Starting, "The gateway takes long to start.")
            },
            Phase::Starting { .. } => plain(Standing::Starting, "The gateway is starting."),
            Phase::Running { about, .. } => {
                let same = about.version == self.version;
                let state = if same { Standing::Running } else { Standing::OtherVersion };
                let (sentence, fix) = match same {
                    true => ("The gateway runs.".to_string(), None),
                    false => (
                        format!(
                            "The gateway that runs is version {}, this app is {}.",
                            about.version, self.version
                        ),
                        Some(
                            "Change to the new gateway when it suits you; runs go on meanwhile.".to_string(),
                        ),
                    ),
                };
                GatewayState {
                    ours: self.ours == Some(about.pid),
                    fix,
                    version: Some(about.version.clone()),
                    pid: Some(about.pid),
                    ..plain(state, &sentence)
                }
            }
            Phase::Down { problem, log, retry_at } => GatewayState {
                fix: problem.hint.clone(),
                retry_at: *retry_at,
                log: log.clone(),
                ..plain(Standing::Down, &problem.message)
            },
        }
    }
}

/// What the gateway gave as its reason, among other lines.
fn last_words(said: &[String]) -> Option<Problem> {
    said.iter().rev().find_map(|line| serde_json::from_str(line).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use offdesk_protocol::ErrorCode;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn about(pid: u32, version: &str) -> About {
        About {
            version: version.into(),
            pid,
            host_name: "desk".into(),
            url: "http://127.0.0.1:4477".into(),
            started_at: at(0),
            managed: true,
        }
    }

    fn crash() -> Heard {
        Heard::Ended { code: None, said: vec!["bang".into()] }
    }

    #[test]
    fn one_that_runs_is_used_and_none_is_started() {
        let mut machine = Machine::new("1.0.0");
        assert_eq!(machine.hear(Heard::Answers(about(7, "1.0.0")), at(0)), Next::Ask(CHECK));
        let state = machine.state(at(0));
        assert_eq!((state.state, state.ours, state.pid), (Standing::Running, false, Some(7)));
    }

    #[test]
    fn none_is_there_so_one_is_started_and_known_as_ours() {
        let mut machine = Machine::new("1.0.0");
        assert_eq!(machine.hear(Heard::Silent, at(0)), Next::Start);
        assert_eq!(machine.hear(Heard::Started(9), at(0)), Next::Ask(SOON));
        assert_eq!(machine.hear(Heard::Silent, at(1)), Next::Ask(SOON));
        assert_eq!(machine.state(at(1)).state, Standing::Starting);
        assert!(machine.state(at(20)).sentence.contains("takes long"));
        machine.hear(Heard::Answers(about(9, "1.0.0")), at(21));
        assert!(machine.state(at(21)).ours);
    }

    #[test]
    fn another_version_is_used_and_told() {
        let mut machine = Machine::new("1.1.0");
        machine.hear(Heard::Answers(about(7, "1.0.0")), at(0));
        let state = machine.state(at(0));
        assert_eq!(state.state, Standing::OtherVersion);
        assert!(state.sentence.contains("1.0.0") && state.sentence.contains("1.1.0"), "{}", state.sentence);
    }

    #[test]
    fn its_reason_reaches_the_person() {
        let mut machine = Machine::new("1.0.0");
        machine.hear(Heard::Silent, at(0));
        machine.hear(Heard::Started(9), at(0));
        let problem =
            Problem::new(ErrorCode::StorageFailed, "The folder cannot be written.").hint("Choose another.");
        let said = vec!["noise".into(), serde_json::to_string(&problem).unwrap()];
        let next = machine.hear(Heard::Ended { code: Some(1), said }, at(1));
        assert_eq!(next, Next::Wait(Some(Duration::from_secs(1))));
        let state = machine.state(at(1));
        assert_eq!(
            (state.state, state.sentence.as_str(), state.fix.as_deref()),
            (Standing::Down, "The folder cannot be written.", Some("Choose another."))
        );
        assert!(state.retry_at.is_some());
    }

    #[test]
    fn a_program_that_does_not_understand_us_is_another_version() {
        let mut machine = Machine::new("1.0.0");
        machine.hear(Heard::Started(9), at(0));
        machine.hear(Heard::Ended { code: Some(2), said: vec!["error: unexpected argument".into()] }, at(0));
        assert!(machine.state(at(0)).sentence.contains("different versions"));
    }

    #[test]
    fn a_crash_after_a_good_while_is_mended_at_once_and_repeated_ones_ever_more_slowly() {
        let mut machine = Machine::new("1.0.0");
        machine.hear(Heard::Started(9), at(0));
        machine.hear(Heard::Answers(about(9, "1.0.0")), at(1));
        machine.hear(Heard::Answers(about(9, "1.0.0")), at(100));
        assert_eq!(machine.hear(crash(), at(101)), Next::Start);
        let mut waits = Vec::new();
        for second in 0..8 {
            machine.hear(Heard::Started(10), at(200 + second));
            machine.hear(crash(), at(200 + second));
            let retry_at = machine.state(at(200 + second)).retry_at.unwrap();
            waits.push((retry_at - at(200 + second)).get_seconds());
        }
        assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60, 60]);
    }

    #[test]
    fn one_that_was_stopped_on_purpose_stays_stopped_until_somebody_says_so() {
        let mut machine = Machine::new("1.0.0");
        machine.hear(Heard::Started(9), at(0));
        machine.hear(Heard::Answers(about(9, "1.0.0")), at(1));
        machine.hear(Heard::Ended { code: Some(0), said: vec![] }, at(50));
        assert_eq!(machine.hear(Heard::Silent, at(500)), Next::Wait(Some(CHECK)));
        assert_eq!(machine.state(at(500)).sentence, "The gateway was stopped.");
        assert_eq!(machine.hear(Heard::TryNow, at(501)), Next::Ask(Duration::ZERO));
        assert_eq!(machine.hear(Heard::Silent, at(501)), Next::Start);
    }

    #[test]
    fn somebody_elses_that_falls_silent_is_replaced() {
        let mut machine = Machine::new("1.0.0");
        machine.hear(Heard::Answers(about(7, "1.0.0")), at(0));
        assert_eq!(machine.hear(Heard::Silent, at(1)), Next::Ask(DOUBT));
        assert_eq!(machine.hear(Heard::Silent, at(2)), Next::Ask(DOUBT));
        assert_eq!(machine.hear(Heard::Silent, at(3)), Next::Start);
    }

    proptest! {
        /// Whatever happens, it is never shown as running after something else than an answer, and it never stops trying
        /// unless a person stopped it.
        #[test]
        fn never_green_without_an_answer(steps in proptest::collection::vec(0u8..6, 1..60)) {
            let mut machine = Machine::new("1.0.0");
            let mut silences = 0;
            for (second, step) in steps.into_iter().enumerate() {
                let now = at(second as i64);
                let heard = match step {
                    0 => Heard::Answers(about(9, "1.0.0")),
                    1 => Heard::Started(9),
                    2 => crash(),
                    3 => Heard::NotStarted(Problem::new(ErrorCode::Internal, "no")),
                    4 => Heard::TryNow,
                    _ => Heard::Silent,
                };
                silences = if matches!(heard, Heard::Silent) { silences + 1 } else { 0 };
                let up_before = machine.state(now).state.is_up();
                let answered = matches!(heard, Heard::Answers(_));
                let keeps = matches!(heard, Heard::TryNow) || (matches!(heard, Heard::Silent) && silences < SILENCES);
                let next = machine.hear(heard, now);
                let up = machine.state(now).state.is_up();
                prop_assert!(!up || answered || (up_before && keeps));
                prop_assert_ne!(next, Next::Wait(None));
            }
        }
    }
}
