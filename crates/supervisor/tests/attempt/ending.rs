//! How an attempt ends, and that nothing of it is left.

use crate::support::*;
use offdesk_protocol::Exit;
use offdesk_supervisor::*;
use std::time::{Duration, Instant};

fn pid_in(live: &Live, label: &str) -> u32 {
    live.wait_until_it_says(label);
    wait_for("a whole line", || live.said().ends_with('\n'));
    let said = live.said();
    let rest = said.split(label).nth(1).unwrap();
    rest.split_whitespace().next().unwrap().parse().unwrap()
}

fn nothing_is_left(live: &Live) {
    wait_for("the supervisor to end", || !is_alive(&live.dir));
    assert_eq!(live.marked_processes(), [] as [u32; 0], "processes left");
    assert!(!live.dir.join("socket").exists(), "socket left");
}

#[tokio::test]
async fn exit_codes_and_signals_are_reported_also_when_nobody_is_connected() {
    for (script, expected) in [
        ("exit 0", Exit::Exited { code: 0, detail: None }),
        ("echo no such luck >&2; exit 7", Exit::Exited { code: 7, detail: Some("no such luck".into()) }),
        ("kill -SEGV $$", Exit::Signalled { signal: libc::SIGSEGV, detail: None }),
    ] {
        let live = Trial::of(script).launch().await;
        assert_eq!(live.wait_until_over(), expected, "{script}");
        nothing_is_left(&live);
    }
}

#[tokio::test]
async fn an_attempt_whose_folder_was_removed_does_not_keep_its_supervisor() {
    let live = Trial::of("read line").launch().await;
    let (mut sender, _receiver, _) = live.connect().await;
    let supervisor = live.launched.supervisor_pid;
    std::fs::remove_dir_all(&live.dir).unwrap();
    sender.send(ToSupervisor::Input { id: "go".into() }, b"\n".to_vec()).await.unwrap();
    wait_for("the agent to end", || !lives(live.launched.pid));
    wait_for("the supervisor to end", || !lives(supervisor));
}

#[tokio::test]
async fn the_end_is_told_to_whoever_is_connected_after_all_of_the_output() {
    let live = Trial::of("read line; seq 1 20000; exit 3").launch().await;
    let (mut sender, mut receiver, welcome) = live.connect().await;
    assert_eq!((welcome.pid, welcome.exited), (live.launched.pid, None));
    sender.send(ToSupervisor::Input { id: "go".into() }, b"\n".to_vec()).await.unwrap();
    let mut grown = 0;
    let exit = loop {
        match receiver.recv().await.unwrap().unwrap() {
            FromSupervisor::Grown { length } => {
                assert!(
                    std::fs::metadata(live.dir.join("output")).unwrap().len() >= length,
                    "told before kept"
                );
                assert!(length > grown);
                grown = length;
            }
            FromSupervisor::Exited { exit } => break exit,
            _ => {}
        }
    };
    assert_eq!(exit, Exit::Exited { code: 3, detail: None });
    assert_eq!(exit_of(&live.dir), Some(exit));
    let expected: String = (1..=20000).map(|number| format!("{number}\n")).collect();
    assert_eq!(grown, expected.len() as u64);
    assert_eq!(live.said(), expected);
    nothing_is_left(&live);
}

#[tokio::test]
async fn a_secret_in_the_last_words_is_masked() {
    let live =
        Trial::of("echo key ghp_0123456789abcdefghijABCDEFGHIJ012345 refused >&2; exit 1").launch().await;
    let Exit::Exited { detail: Some(detail), .. } = live.wait_until_over() else { panic!("no last words") };
    assert!(detail.contains("refused") && !detail.contains("0123456789"), "{detail}");
}

#[tokio::test]
async fn a_polite_agent_ends_by_the_interrupt() {
    let live =
        Trial::of("trap 'echo bye; exit 130' INT; echo ready; while :; do sleep 0.01; done").launch().await;
    live.wait_until_it_says("ready");
    assert_eq!(live.stop(30_000).await, Exit::Exited { code: 130, detail: None });
    assert!(live.said().contains("bye"));
    nothing_is_left(&live);
}

/// As for one started by `nohup`, or by a script with `&`.
#[tokio::test]
async fn an_agent_heeds_the_interrupt_though_its_gateway_was_told_to_ignore_it() {
    // SAFETY: no handler of anybody's is replaced; the system's own is put back below.
    unsafe { libc::signal(libc::SIGINT, libc::SIG_IGN) };
    let live = Trial::of("echo ready; exec sleep 60").launch().await;
    // SAFETY: as above.
    unsafe { libc::signal(libc::SIGINT, libc::SIG_DFL) };
    live.wait_until_it_says("ready");
    assert_eq!(live.stop(30_000).await, Exit::Signalled { signal: libc::SIGINT, detail: None });
    nothing_is_left(&live);
}

#[tokio::test]
async fn an_agent_that_ignores_the_interrupt_dies_after_the_grace() {
    let live = Trial::of("trap '' INT TERM HUP; echo ready; while :; do sleep 0.01; done").launch().await;
    live.wait_until_it_says("ready");
    let asked = Instant::now();
    assert!(matches!(live.stop(300).await, Exit::Signalled { signal: libc::SIGKILL, .. }));
    assert!(asked.elapsed() >= Duration::from_millis(300), "the grace was cut short: {:?}", asked.elapsed());
    nothing_is_left(&live);
}

#[tokio::test]
async fn asking_again_with_less_patience_counts() {
    let live = Trial::of("trap '' INT; echo ready; while :; do sleep 0.01; done").launch().await;
    live.wait_until_it_says("ready");
    let (mut sender, mut receiver, _) = live.connect().await;
    let asked = Instant::now();
    for grace_ms in [600_000, 100] {
        sender.send(ToSupervisor::Stop { grace_ms }, Vec::new()).await.unwrap();
    }
    exit(&mut receiver).await;
    assert!(asked.elapsed() < LONG);
}

#[tokio::test]
async fn a_daemon_that_left_group_and_parent_dies_on_stop() {
    let script = "setsid sh -c '(trap \"\" TERM INT HUP; while :; do sleep 0.05; done) & echo daemon $!' & wait; \
                  while :; do sleep 0.05; done";
    let live = Trial::of(script).launch().await;
    let daemon = pid_in(&live, "daemon ");
    assert!(lives(daemon));
    live.stop(100).await;
    assert!(!lives(daemon));
    nothing_is_left(&live);
}

#[tokio::test]
async fn what_the_agent_leaves_behind_ends_with_it() {
    let live = Trial::of("env -i setsid sleep 1000 >/dev/null 2>&1 & echo left $!; exit 0").launch().await;
    let left = pid_in(&live, "left ");
    assert_eq!(live.wait_until_over(), Exit::Exited { code: 0, detail: None });
    assert!(!lives(left));
    nothing_is_left(&live);
}

#[tokio::test]
async fn background_jobs_of_a_terminal_end_with_it() {
    let script = "(trap '' HUP; exec sleep 1000) & echo job $!; exec cat";
    let live = Trial::of(script).in_a_terminal().launch().await;
    let job = pid_in(&live, "job ");
    live.stop(2_000).await;
    assert!(!lives(job));
    nothing_is_left(&live);
}

#[tokio::test]
async fn an_interactive_shell_that_ignores_the_interrupt_heeds_the_hang_up() {
    let mut trial = Trial::of("").in_a_terminal();
    trial.spec.args = vec!["-i".into()];
    let live = trial.launch().await;
    let asked = Instant::now();
    live.stop(120_000).await;
    assert!(asked.elapsed() < LONG);
    nothing_is_left(&live);
}

#[tokio::test]
async fn a_supervisor_that_is_asked_to_end_stops_its_agent_in_order() {
    let live = Trial::of("trap 'exit 9' INT; echo ready; while :; do sleep 0.01; done").launch().await;
    live.wait_until_it_says("ready");
    signal(live.launched.supervisor_pid, libc::SIGTERM);
    assert_eq!(live.wait_until_over(), Exit::Exited { code: 9, detail: None });
    nothing_is_left(&live);
}

#[tokio::test]
async fn an_agent_that_is_not_there_is_said_in_a_sentence() {
    let mut trial = Trial::of("");
    trial.spec.program = "no-such-agent".into();
    let error = launch(program(), &trial.dir(), &trial.spec).await.unwrap_err();
    assert!(matches!(error, SupervisorError::NotStarted(_)));
    assert!(error.to_string().contains("no-such-agent is not there"), "{error}");
    wait_for("the supervisor to end", || !is_alive(&trial.dir()));
    assert!(!trial.dir().join("socket").exists());
}
