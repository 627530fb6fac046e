//! Who outlives whom.

use crate::support::*;
use offdesk_protocol::Exit;
use offdesk_supervisor::*;
use std::process::{Command, Stdio};

#[tokio::test]
async fn the_agent_keeps_its_pid_when_what_launched_it_is_killed() {
    let trial = Trial::of("echo ready; read line; echo heard $line");
    // What launches it is a shell, which is killed with its whole group.
    std::fs::create_dir_all(trial.dir()).unwrap();
    let spec = trial.folder.path().join("spec");
    std::fs::write(&spec, serde_json::to_vec(&trial.spec).unwrap()).unwrap();
    let script =
        format!("{} supervise --dir {} < {}; :", program().display(), trial.dir().display(), spec.display());
    let mut shell = Command::new("sh");
    std::os::unix::process::CommandExt::process_group(&mut shell, 0);
    let mut shell = shell.args(["-c", &script]).stdout(Stdio::null()).spawn().unwrap();
    wait_for("the supervisor", || trial.dir().join("supervisor.json").exists());
    let (_, welcome) = connect(&trial.dir()).await.unwrap();
    // SAFETY: a plain call with the group that was just made.
    unsafe { libc::killpg(shell.id() as i32, libc::SIGKILL) };
    shell.wait().unwrap();
    let (connection, again) = connect(&trial.dir()).await.unwrap();
    assert_eq!((again.pid, again.supervisor_pid), (welcome.pid, welcome.supervisor_pid));
    assert!(lives(welcome.pid));
    let (mut sender, mut receiver) = connection.split();
    sender.send(ToSupervisor::Input { id: "1".into() }, b"you\n".to_vec()).await.unwrap();
    assert_eq!(exit(&mut receiver).await, Exit::Exited { code: 0, detail: None });
    assert_eq!(std::fs::read_to_string(trial.dir().join("output")).unwrap(), "ready\nheard you\n");
}

#[tokio::test]
async fn a_killed_supervisor_takes_its_agent_along_and_sweeping_ends_the_rest() {
    let live = Trial::of("setsid sleep 1000 & echo rest $!; exec sleep 1000").launch().await;
    live.wait_until_it_says("rest ");
    wait_for("a whole line", || live.said().ends_with('\n'));
    let rest: u32 = live.said().trim_start_matches("rest ").trim().parse().unwrap();
    assert!(is_alive(&live.dir));
    sweep(&live.dir);
    assert!(lives(rest), "sweeping leaves a living supervisor's tree alone");
    signal(live.launched.supervisor_pid, libc::SIGKILL);
    wait_for("the agent to follow", || !lives(live.launched.pid));
    // The agent may be gone a moment before the system has taken the dead supervisor's lock back.
    wait_for("the lock to be free", || !is_alive(&live.dir));
    assert!(lives(rest), "what left the agent's group is still there");
    sweep(&live.dir);
    assert!(!lives(rest));
    assert!(!live.dir.join("socket").exists());
    assert_eq!(exit_of(&live.dir), None, "nobody saw how it ended");
    assert!(connect(&live.dir).await.is_err());
}

#[tokio::test]
async fn a_folder_has_one_supervisor() {
    let live = Trial::of("exec sleep 1000").launch().await;
    let mut second = Trial::of("echo second");
    second.spec.attempt = live.attempt;
    let error = launch(program(), &live.dir, &second.spec).await.unwrap_err();
    assert!(error.to_string().contains("another supervisor"), "{error}");
    assert_eq!(live.connect().await.2.pid, live.launched.pid);
}

#[tokio::test]
async fn a_socket_that_has_no_room_in_the_folder_is_put_elsewhere_and_leaves_with_it() {
    let trial = Trial::of("read line");
    let dir = trial.folder.path().join("d".repeat(120));
    let launched = launch(program(), &dir, &trial.spec).await.unwrap();
    let (connection, welcome) = connect(&dir).await.unwrap();
    assert_eq!(welcome.pid, launched.pid);
    let card: serde_json::Value =
        serde_json::from_slice(&std::fs::read(dir.join("supervisor.json")).unwrap()).unwrap();
    let socket = std::path::Path::new(card["socket"].as_str().unwrap()).to_path_buf();
    assert!(socket.exists() && !socket.starts_with(&dir));
    let (mut sender, mut receiver) = connection.split();
    sender.send(ToSupervisor::Stop { grace_ms: 1000 }, Vec::new()).await.unwrap();
    exit(&mut receiver).await;
    wait_for("the supervisor to end", || !is_alive(&dir));
    assert!(!socket.exists());
}

#[tokio::test]
async fn files_and_socket_are_for_their_owner_only() {
    use std::os::unix::fs::MetadataExt;
    let live = Trial::of("exec cat").launch().await;
    live.connect().await;
    assert_eq!(std::fs::metadata(&live.dir).unwrap().mode() & 0o777, 0o700);
    for name in ["output", "stderr", "inputs", "supervisor.json", "lock", "socket"] {
        assert_eq!(std::fs::metadata(live.dir.join(name)).unwrap().mode() & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn secrets_in_the_environment_reach_the_agent_and_no_file_or_argument() {
    let live =
        Trial::of("echo got ${#KEY}; exec sleep 1000").with_env("KEY", "very-secret-value").launch().await;
    live.wait_until_it_says("got 17");
    for entry in std::fs::read_dir(&live.dir).unwrap().flatten() {
        let content = std::fs::read(entry.path()).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&content).contains("very-secret"), "{:?}", entry.path());
    }
    for pid in live.marked_processes() {
        let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap();
        assert!(!String::from_utf8_lossy(&arguments).contains("very-secret"));
    }
}

#[tokio::test]
async fn what_an_agent_starts_is_known_as_inside_and_we_are_not() {
    let script = "env -i setsid sh -c 'exec sleep 1000' & echo deep $!; exec sleep 1000";
    let live = Trial::of(script).launch().await;
    live.wait_until_it_says("deep ");
    wait_for("a whole line", || live.said().ends_with('\n'));
    let deep: u32 = live.said().trim_start_matches("deep ").trim().parse().unwrap();
    assert!(is_inside_an_attempt(live.launched.supervisor_pid));
    assert!(is_inside_an_attempt(live.launched.pid));
    assert!(is_inside_an_attempt(deep), "without a mark of its own, by descent");
    if std::env::var_os("OFFDESK_ATTEMPT").is_none() {
        assert!(!is_inside_an_attempt(std::process::id()));
    }
    live.stop(100).await;
    assert!(is_inside_an_attempt(live.launched.pid), "nobody knows a process that is gone");
}
