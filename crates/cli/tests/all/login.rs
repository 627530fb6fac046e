//! A gateway that a desktop started knows what the person's login shell knows.

use crate::story::*;
use offdesk_protocol::Verdict;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A shell that does this; its fourth argument is what it is to run.
fn shell(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("shell");
    // Written by another process: nobody else's fork then holds it open for writing.
    std::fs::write(folder.join("text"), format!("#!/bin/sh\n{text}\n")).unwrap();
    assert!(Command::new("cp").arg(folder.join("text")).arg(&path).status().unwrap().success());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

const WORKS: &str = r#"
test "$1 $2 $3" = "-l -i -c" || exit 1
echo "Welcome! PATH=/printed/by/the/shell"
export PATH=/from/the/shell:$PATH FLAVOUR='mint
and lime' LANG=xx_XX
eval "$4"
echo "Goodbye, PATH=/printed/by/the/shell"
"#;

/// What agents of this desk find in their environment.
async fn told(desk: &Desk) -> String {
    let run = desk.start_run("demo", r#"run: printf "%s|%s|%s" "$PATH" "$FLAVOUR" "$LANG" > told.txt"#).await;
    let asked = desk.asked(run).await;
    desk.decide(&asked, Verdict::Allow).await;
    eventually("it is told", async || desk.file("told.txt").contains('|')).await;
    desk.file("told.txt")
}

#[tokio::test]
async fn agents_find_what_the_login_shell_knows() {
    let folder = tempfile::tempdir().unwrap();
    let shell = shell(folder.path(), WORKS);
    let env = [("SHELL", shell.to_str().unwrap()), ("LANG", "C.UTF-8"), ("PATH", "/own/bin:/usr/bin:/bin")];
    let desk = Desk::with(&env, &["--login-env"]);
    // It is the process that was started, so that whoever started it can watch over it.
    assert_eq!(desk.client().about().await.unwrap().pid, desk.gateway_pid());
    let told = told(&desk).await;
    assert_eq!(told, "/from/the/shell:/own/bin:/usr/bin:/bin|mint\nand lime|C.UTF-8");
    let left = std::fs::read(format!("/proc/{}/environ", desk.gateway_pid())).unwrap();
    assert!(!String::from_utf8_lossy(&left).contains("OFFDESK_LOGIN"));
    desk.close().await;
}

#[tokio::test]
async fn a_shell_that_fails_is_said_and_the_gateway_starts_all_the_same() {
    for (does, words) in [
        ("exit 1", "did not print its environment"),
        ("echo rubbish; echo offdesk-0000000000000000; echo PATH=/rubbish", "did not print its environment"),
        ("yes rubbish", "without end"),
        ("sleep 1000 & echo $! > ../pids; echo $$ >> ../pids; sleep 1000", "longer than 5 seconds"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        let shell = shell(&inner, &format!("cd {}\n{does}", inner.display()));
        let data = folder.path().join("data");
        let begun = Instant::now();
        let mut gateway = Command::new(offdesk())
            .args(["serve", "--login-env", "--managed", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data)
            .env("SHELL", &shell)
            .env("HOME", folder.path())
            .env("OFFDESK_KEYS", "file")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        use std::io::{BufRead, BufReader};
        BufReader::new(gateway.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("ready"), "{does}: {line}");
        assert!(begun.elapsed() < Duration::from_secs(30), "{does}");
        for pid in std::fs::read_to_string(folder.path().join("pids")).unwrap_or_default().lines() {
            let gone = async || {
                let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
                stat.is_empty() || stat.contains(") Z ")
            };
            eventually("what hung has ended", gone).await;
        }
        Command::new("kill").arg(gateway.id().to_string()).status().unwrap();
        let output = gateway.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(words) && said.contains("login shell"), "{does}: {said}");
    }
}

#[test]
fn two_gateways_start_where_no_address_was_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut gateways = Vec::new();
    let mut urls = Vec::new();
    for name in ["one", "two"] {
        let mut gateway = Command::new(offdesk())
            .args(["serve", "--managed", "--json", "--data"])
            .arg(folder.path().join(name))
            .env("HOME", folder.path())
            .env("OFFDESK_KEYS", "file")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        use std::io::{BufRead, BufReader};
        BufReader::new(gateway.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(ready["loginUrl"], serde_json::Value::Null);
        urls.push(ready["url"].as_str().unwrap().to_string());
        gateways.push(gateway);
    }
    assert_ne!(urls[0], urls[1]);
    for mut gateway in gateways {
        Command::new("kill").arg(gateway.id().to_string()).status().unwrap();
        assert!(gateway.wait().unwrap().success());
    }
}

#[tokio::test]
async fn looking_again_asks_the_login_shell_anew() {
    let folder = tempfile::tempdir().unwrap();
    let at = shell(folder.path(), WORKS);
    let at = at.to_str().unwrap();
    // Not the one that other tests are given.
    let env = [("SHELL", at), ("LANG", "C.UTF-8"), ("PATH", "/own/bin:/usr/bin:/bin"), ("OFFDESK_REV", "")];
    let desk = Desk::with(&env, &["--login-env"]);
    let rev = |agents: serde_json::Value| {
        agents.as_array().unwrap().iter().any(|agent| agent["kind"] == "rev" && agent["found"] == true)
    };
    assert!(!rev(desk.json(&["agents"])));

    // The person installs an agent, and their shell's files know of it.
    let new = folder.path().join("new");
    std::fs::create_dir(&new).unwrap();
    std::fs::rename(shell(folder.path(), "echo 1.2.3 # rev.main"), new.join("rev")).unwrap();
    shell(folder.path(), &WORKS.replace("/from/the/shell", new.to_str().unwrap()));
    assert!(!rev(desk.json(&["agents"])), "nobody asked for that yet");
    assert!(rev(desk.json(&["agents", "look"])));
    let told = told(&desk).await;
    assert!(
        told.starts_with(new.to_str().unwrap()) && told.contains("/own/bin"),
        "agents have it too: {told}"
    );

    shell(folder.path(), "exit 1");
    let refused = desk.refused(1, &["agents", "look"]);
    assert!(refused.message.contains("did not print") && refused.hint.is_some(), "{refused}");
    assert!(rev(desk.json(&["agents"])), "what was known holds");
    desk.close().await;
}
