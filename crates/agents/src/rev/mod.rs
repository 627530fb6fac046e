//! *rev*: the person's `rev` (rev-agentic) in a terminal. It has no protocol: its loop reads lines and works on its own,
//! so that no approval of ours can come before what it does; [`Driver::warning`] says so before it is started.

mod workspace;

use crate::{Driver, Environment, Fold, FoldContext, Launch, Located, Start, locate, terminal};
use offdesk_protocol::Capabilities;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The driver.
pub struct Rev;

/// The variable that names another program.
const CHOSEN_BY: &str = "OFFDESK_REV";

/// Every system has another `rev`, which turns lines round. The one meant is a script that Python's installers write.
fn is_rev(path: &Path) -> bool {
    let mut begin = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(4096).read_to_end(&mut begin));
    // Windows has no other, and its installers write a program.
    cfg!(windows) || (read.is_ok() && String::from_utf8_lossy(&begin).contains("rev.main"))
}

impl Driver for Rev {
    fn kind(&self) -> &'static str {
        "rev"
    }

    fn name(&self) -> &'static str {
        "rev"
    }

    fn capabilities(&self) -> Capabilities {
        // Ctrl-C ends it in the midst of a task, and Escape is heard by some of its modes only. What is typed while it works is
        // lost in it, so words wait until it reads.
        Capabilities { local_model: true, interrupt: false, steer: false, ..terminal::capabilities() }
    }

    fn offered_when_missing(&self) -> bool {
        false
    }

    fn warning(&self) -> Option<&'static str> {
        Some(
            "rev works on its own in its terminal: it changes files and runs commands without asking, but for a few that \
             it holds for destructive. Offdesk cannot ask you first.",
        )
    }

    fn get_it(&self) -> Option<&'static str> {
        Some("Get it by `pipx install rev-agentic`.")
    }

    fn locate(&self, environment: &Environment) -> Located {
        let first = locate::locate("rev", CHOSEN_BY, environment);
        if environment.var(CHOSEN_BY).is_some() {
            return first;
        }
        match (self.choices(environment).into_iter().next(), first) {
            (Some(program), _) => Located::Found(program),
            (None, Located::Found(other)) => {
                let looked = vec![format!("{}, which is another program", other.display())];
                Located::Missing { program: "rev".into(), looked }
            }
            (None, missing) => missing,
        }
    }

    fn choices(&self, environment: &Environment) -> Vec<PathBuf> {
        locate::all("rev", CHOSEN_BY, environment).into_iter().filter(|path| is_rev(path)).collect()
    }

    /// Asked for it, it would run what is in the cache of whatever folder it is asked in.
    fn version_args(&self) -> Option<&'static [&'static str]> {
        None
    }

    fn refuses(&self, start: &Start, environment: &Environment) -> Option<String> {
        let local = start.local(environment);
        let own = environment.var("OLLAMA_BASE_URL").unwrap_or("http://localhost:11434");
        let base = local.as_ref().map_or(own, |local| &local.base);
        workspace::refuses(
            &start.dir,
            &workspace::Model { base, name: local.as_ref().map(|local| local.model.as_str()) },
        )
    }

    fn launch(&self, start: &Start, environment: &Environment) -> Launch {
        let mut launch = terminal::launch(start, vec!["--repl".into()], Vec::new());
        if let Some(local) = start.local(environment) {
            launch.args.extend(["--model".into(), local.model, "--base-url".into(), local.base]);
        }
        launch
    }

    fn ready_mark(&self) -> Option<&'static str> {
        Some("rev>")
    }

    fn fold(&self, _: FoldContext, _: Option<&str>) -> Option<Box<dyn Fold>> {
        None
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn the_other_rev_is_not_taken_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rev");
        std::fs::write(&path, b"\x7fELF and so on").unwrap();
        assert!(!is_rev(&path) && !is_rev(&folder.path().join("nowhere")));
        std::fs::write(&path, "#!/opt/venv/bin/python\nimport sys\nfrom rev.main import main\n").unwrap();
        assert!(is_rev(&path));
    }
}
