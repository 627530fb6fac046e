//! A person's home with a repository, for the tests of everything here.

mod costs;
mod hostile;
mod never_loses;
mod staging;

use super::*;
use std::collections::BTreeMap;
use std::process::Command;

pub(super) struct Home {
    pub home: tempfile::TempDir,
    pub repository: PathBuf,
    pub workspaces: Workspaces,
    pub run: RunId,
}

impl Home {
    /// A repository on `main` with a few files and one commit.
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let at = dunce::canonicalize(home.path()).unwrap();
        let config =
            "[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n[gc]\nauto = 0\n";
        std::fs::write(at.join(".gitconfig"), config).unwrap();
        let mut vars: BTreeMap<String, std::ffi::OsString> = BTreeMap::new();
        vars.insert("PATH".into(), std::env::var_os("PATH").unwrap());
        vars.insert("HOME".into(), at.clone().into());
        let environment = Environment { vars, offdesk: "offdesk".into() };
        std::fs::create_dir(at.join("data")).unwrap();
        let workspaces = Workspaces::new(at.join("data"), environment);
        let repository = at.join("repository");
        std::fs::create_dir(&repository).unwrap();
        let one = Self { home, repository, workspaces, run: RunId::new() };
        one.git(&one.repository, &["init", "-q"]);
        for (name, content) in [
            ("a", "a\n"),
            ("b.txt", "b\nb\n"),
            ("d/x", "x\n"),
            ("d/e/z", "z\n"),
            (".gitignore", "*.ign\nign/\n"),
        ] {
            write(&one.repository, name, content);
        }
        one.git(&one.repository, &["add", "."]);
        one.git(&one.repository, &["commit", "-qm", "First"]);
        one
    }

    /// The person's own git. Its failure is what the person sees, and no matter here.
    pub fn git(&self, dir: &Path, args: &[&str]) -> String {
        String::from_utf8_lossy(&self.bytes(dir, args, b"")).trim_end().to_string()
    }

    pub fn bytes(&self, dir: &Path, args: &[&str], input: &[u8]) -> Vec<u8> {
        use std::io::Write;
        use std::process::Stdio;
        let mut command = Command::new("git");
        command.args(args).current_dir(dir).env_clear();
        command.envs(&self.workspaces.environment.vars).env("GIT_EDITOR", ":");
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = piped.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // It may not read it.
        let _ = stdin.write_all(input);
        drop(stdin);
        child.wait_with_output().unwrap().stdout
    }

    /// A run in a worktree of its own.
    pub fn in_worktree(&self) -> At {
        let wish = NewWorktree::default();
        let (dir, workspace) = self.workspaces.prepare(self.run, &self.repository, &wish, "Do it").unwrap();
        At { run: self.run, dir, workspace, snapshots: Snapshots::default() }
    }

    /// A run in the person's own checkout.
    pub fn in_place(&self) -> At {
        let workspace = self.workspaces.in_place(&self.repository).unwrap().unwrap();
        At { run: self.run, dir: self.repository.clone(), workspace, snapshots: Snapshots::default() }
    }
}

pub(super) fn write(dir: &Path, name: &str, content: &str) {
    let path = dir.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}
