//! The gateway as the person's own unit, with a service manager that only writes down what it is told.

use crate::story::*;
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A person's home, and the system's programs as it sees them.
struct Person {
    home: tempfile::TempDir,
}

impl Person {
    /// `systemctl` does as the shell's lines say; what it was asked is written down first.
    fn with(systemctl: &str) -> Self {
        let person = Self { home: tempfile::tempdir().unwrap() };
        for (name, lines) in [("systemctl", systemctl), ("loginctl", "echo Access denied >&2; exit 1")] {
            let path = person.home.path().join("bin").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let said = person.home.path().join("said");
            let script = format!("#!/bin/sh\necho \"{name} $*\" >> '{}'\n{lines}\n", said.display());
            std::fs::write(&path, script).unwrap();
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        person
    }

    fn cli(&self, args: &[&str]) -> Output {
        let path = format!("{}:/usr/bin:/bin", self.home.path().join("bin").display());
        let mut command = Command::new(offdesk());
        for name in ["OFFDESK_DATA", "OFFDESK_URL", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"] {
            command.env_remove(name);
        }
        command.env("HOME", self.home.path()).env("PATH", path).args(args).output().unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        let output = self.cli(args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn units(&self) -> PathBuf {
        self.home.path().join(".config/systemd/user")
    }

    /// What the system's programs were asked, and forgets it.
    fn said(&self) -> String {
        let path = self.home.path().join("said");
        let said = std::fs::read_to_string(&path).unwrap_or_default();
        let _ = std::fs::remove_file(path);
        said
    }
}

#[test]
fn installing_twice_is_as_once_and_uninstalling_takes_away_just_that() {
    let person = Person::with("exit 0");
    let done = person.json(&["install", "--no-start", "--json"]);
    let unit = person.units().join("offdesk.service");
    assert_eq!(done["installed"], unit.to_str().unwrap());
    assert_eq!((&done["changed"], &done["running"]), (&Value::from(true), &Value::from(false)));
    let notes = done["notes"].to_string();
    assert!(notes.contains("--linger") && notes.contains("next login"), "{notes}");
    let text = std::fs::read_to_string(&unit).unwrap();
    let data = person.home.path().join(".local/share/offdesk");
    assert!(text.contains(&format!("--data {} serve --managed --login-env\n", data.display())), "{text}");
    assert!(text.contains("KillMode=process\n"));
    let link = person.units().join("default.target.wants/offdesk.service");
    assert_eq!(link.canonicalize().unwrap(), unit.canonicalize().unwrap());
    let said = person.said();
    assert!(said.contains("systemctl --user daemon-reload") && !said.contains("start offdesk"), "{said}");

    assert_eq!(person.json(&["install", "--no-start", "--json"])["changed"], false);
    assert_eq!(person.json(&["install", "--no-start", "--json", "--data", "/srv/d"])["changed"], true);
    person.said();

    std::fs::write(person.units().join("mine.service"), "[Unit]\n").unwrap();
    std::fs::create_dir_all(person.units().join("offdesk.service.d")).unwrap();
    std::fs::create_dir_all(&data).unwrap();
    let gone = person.json(&["uninstall", "--json"]);
    assert_eq!(gone["removed"], unit.to_str().unwrap());
    let notes = gone["notes"].to_string();
    assert!(notes.contains("offdesk.service.d") && notes.contains("left alone"), "{notes}");
    assert!(person.said().contains("systemctl --user stop offdesk.service"));
    assert!(!unit.exists() && std::fs::symlink_metadata(&link).is_err());
    assert!(person.units().join("mine.service").exists() && data.exists());
    assert_eq!(person.json(&["uninstall", "--json"])["removed"], Value::Null);
}

#[test]
fn nothing_is_written_where_nobody_would_start_it() {
    let person = Person::with(
        "[ \"$1\" = is-system-running ] && echo offline; echo 'Failed to connect to bus' >&2; exit 1",
    );
    let output = person.cli(&["install", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let problem: offdesk_protocol::Problem = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(problem.code, offdesk_protocol::ErrorCode::Unsupported);
    assert!(
        problem.message.contains("Nothing was written") && problem.hint.unwrap().contains("serve --managed")
    );
    assert!(!person.units().exists());
    let shown = person.cli(&["install", "--print"]);
    assert!(shown.status.success() && String::from_utf8_lossy(&shown.stdout).contains("KillMode=process"));
    assert!(!person.units().exists(), "showing writes nothing");
}

#[test]
fn a_manager_out_of_reach_is_said_with_what_to_do() {
    let person = Person::with(
        "[ \"$1\" = is-system-running ] && echo running && exit 0; echo 'Failed to connect to bus' >&2; exit 1",
    );
    let done = person.json(&["install", "--linger", "--json"]);
    let notes = done["notes"].to_string();
    assert!(notes.contains("logs in") && notes.contains("systemctl --user daemon-reload"), "{notes}");
    assert!(notes.contains("Access denied") && notes.contains("sudo loginctl enable-linger"), "{notes}");
    assert!(person.units().join("default.target.wants/offdesk.service").exists(), "it starts at login");
}

#[test]
fn what_somebody_else_put_there_stays() {
    let person = Person::with("exit 0");
    let unit = person.units().join("offdesk.service");
    std::fs::create_dir_all(person.units()).unwrap();
    std::fs::write(&unit, "[Service]\nExecStart=/my/own\n").unwrap();
    let output = person.cli(&["install", "--no-start"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("Nothing was changed"));
    assert_eq!(person.json(&["uninstall", "--json"])["removed"], Value::Null);
    assert!(std::fs::read_to_string(&unit).unwrap().contains("/my/own"));
    assert!(!person.said().contains("stop offdesk"), "a unit that is not ours is not stopped");
}

#[tokio::test]
async fn a_gateway_that_runs_is_not_fought() {
    let desk = Desk::new();
    let person = Person::with("[ \"$2\" = is-active ] && exit 3; exit 0");
    let done = person.json(&["install", "--json", "--data", desk.data.to_str().unwrap()]);
    let notes = done["notes"].to_string();
    assert!(notes.contains("started otherwise"), "{notes}");
    assert_eq!(done["running"], false);
    assert!(!person.said().contains("restart"));
    desk.close().await;
}
