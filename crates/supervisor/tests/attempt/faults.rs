//! A gateway that dies between the record and the word that it was written sends the same again; it acts once.

use crate::support::*;
use offdesk_supervisor::*;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};

/// A gateway of its own process, which may be killed.
fn send(live: &Live, id: &str, bytes: &[u8]) -> ExitStatus {
    let mut gateway = Command::new(program());
    let mut gateway = gateway.arg("input").arg(&live.dir).arg(id).stdin(Stdio::piped()).spawn().unwrap();
    gateway.stdin.take().unwrap().write_all(bytes).unwrap();
    gateway.wait().unwrap()
}

fn sends_until_told(point: &str, more: &[(&str, &str)]) -> String {
    let plan = format!("{point}:1");
    let faults: Vec<_> =
        [("OFFDESK_FAULT_KILL_PEER", plan.as_str())].into_iter().chain(more.iter().copied()).collect();
    let live = Trial::of("exec cat").launch_with(&faults);
    for time in 0..3 {
        let status = send(&live, "decision:1", b"allowed\n");
        if time == 0 {
            assert_eq!(status.signal(), Some(libc::SIGKILL), "the gateway was killed at {point}");
        }
        // What it caused is there before the next one starts.
        live.wait_until_it_says("allowed\n");
    }
    let mut end = false;
    wait_for("a last word", || {
        end = end || send(&live, "end", b"end\n").code() == Some(0) || live.said().contains("end\n");
        end
    });
    live.wait_until_it_says("end\n");
    assert!(is_alive(&live.dir));
    live.said()
}

#[test]
fn a_gateway_killed_after_the_record_repeats_itself_and_it_is_written_once() {
    assert_eq!(sends_until_told("input.recorded", &[]), "allowed\nend\n");
}

#[test]
fn a_gateway_killed_after_the_writing_repeats_itself_and_it_is_written_once() {
    assert_eq!(sends_until_told("input.written", &[]), "allowed\nend\n");
}

#[test]
fn without_the_record_it_would_be_written_again() {
    let said = sends_until_told("input.written", &[("OFFDESK_FAULT_NO_DEDUP", "1")]);
    assert!(said.matches("allowed\n").count() > 1, "{said:?}: the tests above could not have failed");
}
