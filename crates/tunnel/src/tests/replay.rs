//! Every recorded output of the real program through the machine.

use crate::machine::{Action, Input, Machine, Now};
use crate::metrics::Ready;
use crate::program::ProbeFailure;
use crate::status::{Status, Why};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::time::Duration;

fn at(millis: u64) -> Now {
    let wall = Timestamp::UNIX_EPOCH + SignedDuration::from_millis(millis as i64);
    Now { elapsed: Duration::from_millis(millis), wall }
}

fn machine(named: Option<&str>) -> Machine {
    Machine::new(named.map(Into::into), Duration::from_secs(5), Box::new(|| 0.0), at(0))
}

/// What a replay has shown on its way.
struct Replayed {
    machine: Machine,
    was_up: Option<String>,
}

/// Feeds a recording; polls and probes are answered as if all were well, `/ready` by whether it has registered.
fn replay(file: &str, exit: Option<i32>) -> Replayed {
    let path = format!("{}/fixtures/cloudflared/{file}", env!("CARGO_MANIFEST_DIR"));
    let recording = std::fs::read_to_string(path).unwrap();
    let named = file.starts_with("named").then_some("https://o.example");
    let mut machine = machine(named);
    machine.step(at(0), Input::Adopted(false));
    let mut actions = machine.step(at(0), Input::Started);
    let (mut was_up, mut registered, mut millis) = (None, false, 0);
    for line in recording.lines() {
        registered |= line.contains("Registered tunnel connection");
        millis += 100;
        actions.extend(machine.step(at(millis), Input::Line(line.into())));
        while let Some(action) = actions.pop() {
            let ready = if registered { Ready::Yes(1) } else { Ready::No };
            let input = match action {
                Action::Poll { run, hostname, .. } => Input::Polled {
                    run,
                    ready,
                    hostname: hostname.then(|| "brave-test-words-here.trycloudflare.com".into()),
                },
                Action::Probe { run, .. } => Input::Probed { run, result: Ok(()) },
                Action::Start(_) | Action::Stop => continue,
            };
            actions.extend(machine.step(at(millis), input));
        }
        if let Status::Up { url, .. } = machine.status() {
            was_up = Some(url.clone());
        }
    }
    if let Some(code) = exit {
        machine.step(at(millis), Input::Exited(Some(code)));
    }
    Replayed { machine, was_up }
}

fn why(replayed: &Replayed) -> Option<Why> {
    match replayed.machine.status() {
        Status::Down { why, .. } => Some(*why),
        _ => None,
    }
}

#[test]
fn every_recording_is_read_as_what_it_was() {
    let quick = Some("https://brave-test-words-here.trycloudflare.com");
    let named = Some("https://o.example");
    for (file, exit, up, reason) in [
        ("quick-ok.json.stderr.txt", 0, quick, Why::Crashed),
        ("quick-ok.stderr.txt", 0, quick, Why::Crashed),
        ("quick-metrics-port0.stderr.txt", 0, quick, Why::Crashed),
        ("quick-reconnect.json.stderr.txt", 0, quick, Why::Crashed),
        ("named-ok.json.stderr.txt", 0, named, Why::Crashed),
        ("quick-429.json.stderr.txt", 1, None, Why::RateLimited),
        ("quick-429.stderr.txt", 1, None, Why::RateLimited),
        ("quick-500.stderr.txt", 1, None, Why::ServiceRefused),
        ("quick-no-network.json.stderr.txt", 1, None, Why::NoNetwork),
        ("quick-no-network.stderr.txt", 1, None, Why::NoNetwork),
        ("named-bad-token.stderr.txt", 255, None, Why::BadToken),
        ("named-unauthorized.json.stderr.txt", 0, None, Why::Unauthorized),
    ] {
        let replayed = replay(file, Some(exit));
        assert_eq!(replayed.was_up.as_deref(), up, "{file}");
        assert_eq!(why(&replayed), Some(reason), "{file}");
        let Status::Down { text, fix, next_retry, .. } = replayed.machine.status() else { unreachable!() };
        assert!(text.ends_with('.') && fix.ends_with('.') && next_retry.is_some(), "{file}: {text} {fix}");
        assert!(!text.contains('{'), "{file} speaks to a person: {text}");
    }
}

#[test]
fn an_unauthorized_tunnel_never_ends_and_is_told_by_its_words() {
    let replayed = replay("named-unauthorized.json.stderr.txt", None);
    assert_eq!(why(&replayed), Some(Why::Unauthorized));
}

#[test]
fn the_status_is_what_programs_read() {
    let up = replay("quick-ok.json.stderr.txt", None);
    let value = serde_json::to_value(up.machine.status()).unwrap();
    assert_eq!(value["state"], "up");
    assert!(value["verifiedAt"].is_string());
    assert_eq!(value["program"]["version"], "2026.8.2");
    assert_eq!(value["program"]["protocol"], "http2");
    let down = replay("quick-429.json.stderr.txt", Some(1));
    let value = serde_json::to_value(down.machine.status()).unwrap();
    assert_eq!((&value["state"], &value["why"]), (&"down".into(), &"rateLimited".into()));
    assert_eq!(value["nextRetry"], "1970-01-01T00:01:00.5Z");
}

fn input() -> impl Strategy<Value = Input> {
    let ready = prop::sample::select(vec![Ready::Yes(1), Ready::No, Ready::Silent]);
    prop_oneof![
        any::<bool>().prop_map(Input::Adopted),
        Just(Input::Started),
        Just(Input::StartFailed(Why::CannotStart, "no".into())),
        prop::collection::vec(any::<u8>(), 0..80)
            .prop_map(|bytes| Input::Line(String::from_utf8_lossy(&bytes).into_owned())),
        Just(Input::Line("Requesting new quick Tunnel".into())),
        Just(Input::Line("|  https://a-b.trycloudflare.com  |".into())),
        Just(Input::Line("Starting metrics server on 127.0.0.1:4/metrics".into())),
        prop::option::of(any::<i32>()).prop_map(Input::Exited),
        (1..4u64, ready, prop::option::of("[a-z.-]{0,20}"))
            .prop_map(|(run, ready, hostname)| Input::Polled { run, ready, hostname }),
        (1..4u64, any::<bool>()).prop_map(|(run, good)| Input::Probed {
            run,
            result: if good { Ok(()) } else { Err(ProbeFailure::NoTunnel("530".into())) },
        }),
        Just(Input::ProbeNow),
        Just(Input::Tick),
    ]
}

proptest! {
    /// Whatever comes in whatever order: no panic, and never up without a good probe just before.
    #[test]
    fn nothing_is_up_without_a_proof(inputs in prop::collection::vec((input(), 0..30_000u64), 0..60)) {
        let mut machine = machine(None);
        let mut millis = 0;
        for (input, wait) in inputs {
            millis += wait;
            let good = matches!(input, Input::Probed { result: Ok(()), .. });
            let was_up = matches!(machine.status(), Status::Up { .. });
            machine.step(at(millis), input);
            let is_up = matches!(machine.status(), Status::Up { .. });
            prop_assert!(!is_up || was_up || good);
        }
    }
}
