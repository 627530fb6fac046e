//! Real agents for the tests, at the versions `fixtures/agents.txt` pins.

use crate::pip;
use crate::shell::{Done, ask, cargo, npm, program, root, run};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// An agent that npm has, or PyPI.
struct Agent {
    name: &'static str,
    /// As it is pinned: npm's name, or PyPI's behind its own.
    package: &'static str,
    program: &'static str,
    /// Names another program to be used instead; the tests find it there.
    variable: &'static str,
}

const AGENTS: [Agent; 10] = [
    Agent {
        name: "Claude Code",
        package: "@anthropic-ai/claude-code",
        program: "claude",
        variable: "OFFDESK_CLAUDE",
    },
    Agent { name: "Codex", package: "@openai/codex", program: "codex", variable: "OFFDESK_CODEX" },
    Agent {
        name: "Gemini CLI",
        package: "@google/gemini-cli",
        program: "gemini",
        variable: "OFFDESK_GEMINI",
    },
    Agent { name: "Qwen Code", package: "@qwen-code/qwen-code", program: "qwen", variable: "OFFDESK_QWEN" },
    Agent { name: "opencode", package: "opencode-ai", program: "opencode", variable: "OFFDESK_OPENCODE" },
    Agent {
        name: "GitHub Copilot CLI",
        package: "@github/copilot",
        program: "copilot",
        variable: "OFFDESK_COPILOT",
    },
    Agent { name: "Goose", package: GOOSE, program: "goose", variable: "OFFDESK_GOOSE" },
    Agent {
        name: "Claude Code (ACP adapter)",
        package: "@agentclientprotocol/claude-agent-acp",
        program: "claude-agent-acp",
        variable: "OFFDESK_CLAUDE_ACP",
    },
    Agent {
        name: "Codex (ACP adapter)",
        package: "@agentclientprotocol/codex-acp",
        program: "codex-acp",
        variable: "OFFDESK_CODEX_ACP",
    },
    Agent { name: "rev", package: "pypi:rev-agentic", program: "rev", variable: "OFFDESK_REV" },
];

/// npm has Goose's program as a package for each system.
const GOOSE: &str = match (cfg!(windows), cfg!(target_os = "macos"), cfg!(target_arch = "aarch64")) {
    (true, ..) => "@aaif/goose-binary-win32-x64",
    (_, true, true) => "@aaif/goose-binary-darwin-arm64",
    (_, true, false) => "@aaif/goose-binary-darwin-x64",
    (.., true) => "@aaif/goose-binary-linux-arm64",
    _ => "@aaif/goose-binary-linux-x64",
};

/// Installs each agent as it is pinned and gives, by its variable, its program.
pub(crate) fn pinned() -> Result<Vec<(&'static str, OsString)>, String> {
    let pins = std::fs::read_to_string(root().join("fixtures/agents.txt"))
        .map_err(|error| format!("fixtures/agents.txt cannot be read: {error}."))?;
    AGENTS.iter().map(|agent| agent.for_tests(&pins)).collect()
}

/// Tells the tests that rev could not be had, and why.
const REV_ABSENT: &str = "OFFDESK_REV_ABSENT";

/// What was not tried with the real program, to be said at the end as well.
pub(crate) fn not_tried(agents: &[(&str, OsString)]) -> Option<String> {
    let (_, why) = agents.iter().find(|(name, _)| *name == REV_ABSENT)?;
    Some(format!("NOT TRIED: the real rev. {}", why.to_string_lossy()))
}

/// Around the table in `docs/agents.md`.
const MARKS: [&str; 2] = ["<!-- proved: made by `cargo x agents --write` -->\n", "<!-- end of proved -->"];

/// What works with what, as tests of the real programs left it, and what is on this machine.
pub(crate) fn proved(rest: &[String]) -> Done {
    let table = ask(cargo(&["run", "-q", "-p", "offdesk-agents", "--example", "proved"]))
        .ok_or("What was proved could not be read from fixtures/proved.")?;
    if rest == ["--write"] {
        let path = root().join("docs/agents.md");
        let problem = |error| format!("{}: {error}.", path.display());
        let page = std::fs::read_to_string(&path).map_err(problem)?;
        let parts =
            page.split_once(MARKS[0]).and_then(|(before, rest)| Some((before, rest.split_once(MARKS[1])?.1)));
        let (before, after) = parts.ok_or("docs/agents.md has no place for the table.")?;
        return std::fs::write(
            &path,
            format!("{before}{}{}\n{}{after}", MARKS[0], table.trim_end(), MARKS[1]),
        )
        .map_err(problem);
    }
    println!("{}\n\non this machine:", table.trim_end());
    for agent in &AGENTS {
        let own = std::env::var_os(agent.variable).map(PathBuf::from);
        let place = own.unwrap_or_else(|| PathBuf::from(agent.program));
        let said = says(&place).and_then(|said| agent.version(&said)).unwrap_or("not found".into());
        println!("  {:<12} {said}", agent.name);
    }
    Ok(())
}

impl Agent {
    fn installed(&self, pins: &str) -> Result<PathBuf, String> {
        if let Some(own) = std::env::var_os(self.variable) {
            return Ok(PathBuf::from(own));
        }
        let versioned =
            |line: &str| line.strip_prefix(self.package).is_some_and(|rest| rest.starts_with('@'));
        let pin = pins.lines().find(|line| versioned(line));
        let pin = pin.ok_or(format!("fixtures/agents.txt names no {}@VERSION.", self.package))?;
        let version = pin.rsplit('@').next().unwrap_or_default();
        let folder = root().join("target/agents").join(self.program);
        if let Some(package) = self.of_pypi() {
            let path = pip::place(&folder, self.program);
            if !self.is_there(&path, version) {
                pip::install(&format!("Installing {}", self.name), &folder, package, version)?;
            }
            return self.started(path, pin);
        }
        // Goose's package has its program under the package's own name.
        let name = if self.package == GOOSE { GOOSE.trim_start_matches("@aaif/") } else { self.program };
        let file = if cfg!(windows) { format!("{name}.cmd") } else { name.into() };
        let path = folder.join("node_modules/.bin").join(file);
        if self.is_there(&path, version) {
            return Ok(path);
        }
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("{} cannot be made: {error}.", folder.display()))?;
        std::fs::write(folder.join("package.json"), "{\"private\":true}\n")
            .map_err(|error| format!("{} cannot be written: {error}.", folder.display()))?;
        let prefix = folder.to_string_lossy().into_owned();
        let install = npm(&["install", "--prefix", &prefix, "--no-audit", "--no-fund", pin]);
        run(&format!("Installing {}", self.name), install)?;
        self.started(path, pin)
    }

    /// What the tests are told of it. npm is needed for the page anyway; PyPI for this alone, and what it has is large: where
    /// that cannot be had all else is tested, and it is said.
    fn for_tests(&self, pins: &str) -> Result<(&'static str, OsString), String> {
        match self.installed(pins) {
            Ok(path) => Ok((self.variable, path.into())),
            Err(why) if self.of_pypi().is_some() => {
                let told = (REV_ABSENT, OsString::from(why));
                eprintln!("{}", not_tried(std::slice::from_ref(&told)).unwrap_or_default());
                Ok(told)
            }
            Err(why) => Err(why),
        }
    }

    fn of_pypi(&self) -> Option<&'static str> {
        self.package.strip_prefix("pypi:")
    }

    /// What it says of its version. Every system has another `rev`, which says one as well.
    fn version(&self, said: &str) -> Option<String> {
        match self.of_pypi() {
            Some(_) => said.lines().find_map(|line| line.trim().strip_prefix("Version:")),
            None => Some(said),
        }
        .map(|version| version.trim().to_string())
    }

    fn is_there(&self, path: &Path, version: &str) -> bool {
        let is_version = |word: &str| word.trim_end_matches('.') == version;
        says(path)
            .and_then(|said| self.version(&said))
            .is_some_and(|said| said.split_whitespace().any(is_version))
    }

    fn started(&self, path: PathBuf, pin: &str) -> Result<PathBuf, String> {
        match says(&path) {
            Some(_) => Ok(path),
            None => Err(format!("{pin} was installed and does not start: {}.", path.display())),
        }
    }
}

fn says(path: &Path) -> Option<String> {
    ask(program(&path.to_string_lossy(), &["--version"]))
}
