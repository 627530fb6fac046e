//! One command: which program it is, and who knows what that does.

use crate::args::Args;
use crate::walk::{Input, State, Walk};
use crate::word::Said;
use crate::{files, git, network, unwrap};
use offdesk_protocol::{CautionKind, FileAccess};

/// A command that is looked at.
pub(crate) struct Call<'a> {
    pub part: u32,
    /// The program's name without its folder.
    pub name: &'a str,
    pub args: &'a [Said],
    pub input: &'a Input,
    /// How often the text it stands in was a word of another command.
    pub depth: usize,
}

/// Programs that do no more than say, wait, test or set something in their own shell.
const PLAIN: &[&str] = &[
    ":", "[", "alias", "basename", "break", "continue", "date", "declare", "df", "dirname", "echo", "exit",
    "export", "expr", "false", "free", "getopts", "groups", "hash", "history", "hostname", "id", "jobs",
    "let", "local", "locale", "nproc", "popd", "printenv", "printf", "ps", "pwd", "read", "readonly",
    "return", "seq", "set", "shift", "shopt", "sleep", "test", "times", "tput", "tr", "true", "tty", "type",
    "ulimit", "umask", "unalias", "uname", "unset", "uptime", "wait", "which", "whoami", "yes",
];

impl Walk<'_> {
    /// What a command does, by its words.
    pub(crate) fn program(
        &mut self,
        part: u32,
        words: &[Said],
        state: &mut State,
        input: &Input,
        depth: usize,
    ) {
        let Some((first, args)) = words.split_first() else { return };
        let name = first.known().map(|text| text.rsplit(['/', '\\']).next().unwrap_or(text).to_string());
        let name = name.map(|name| name.strip_suffix(".exe").map(str::to_owned).unwrap_or(name));
        self.notes.name(part, name.as_deref(), words.iter().map(Said::word));
        let Some(name) = name else {
            let text = format!("which program “{}” is", crate::notes::clipped(&first.text, 40));
            self.notes.caution(CautionKind::Opaque, &text, part);
            return;
        };
        if let Some(path) = self.own_file(&first.text, state) {
            if state.fetched.contains(&path) {
                self.notes.caution(CautionKind::RunsFromNetwork, &first.text, part);
            }
            self.file(first, FileAccess::Read, state, Some(part));
            self.notes.caution(CautionKind::Opaque, &format!("what {} does", first.text), part);
            return;
        }
        if state.functions.contains(&name) {
            return;
        }
        let call = Call { part, name: &name, args, input, depth };
        let known = unwrap::look(self, &call, state)
            || git::look(self, &call, state)
            || network::look(self, &call, state)
            || files::look(self, &call, state)
            || drastic(self, &call)
            || PLAIN.contains(&name.as_str());
        if !known {
            self.notes.caution(CautionKind::Opaque, &format!("what {name} does"), part);
        }
    }

    /// A program named by a path of its own, rather than one of the system's.
    fn own_file(&self, text: &str, state: &State) -> Option<String> {
        let system = ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/opt/homebrew/bin/"];
        let own = text.contains(['/', '\\']) && !system.iter().any(|folder| text.starts_with(folder));
        own.then(|| self.whole(text, state).unwrap_or_else(|| text.into()))
    }

    pub(crate) fn irreversible(&mut self, part: u32) {
        let text = self.words(part);
        self.notes.caution(CautionKind::Irreversible, &text, part);
    }
}

/// Programs that end or wipe something.
fn drastic(walk: &mut Walk<'_>, call: &Call<'_>) -> bool {
    let args = Args::read(call.args, &[]);
    match call.name {
        "kill" | "pkill" | "killall" => {
            if !args.has(&["-l", "-0"]) {
                walk.irreversible(call.part);
            }
        }
        "shutdown" | "reboot" | "halt" | "poweroff" | "init" | "wipefs" | "fdisk" | "parted" | "sgdisk"
        | "userdel" | "deluser" | "groupdel" | "lvremove" | "vgremove" | "zpool" | "swapoff" => {
            walk.irreversible(call.part);
        }
        name if name.starts_with("mkfs") => walk.irreversible(call.part),
        "systemctl" | "launchctl" | "service" => {
            let changes =
                ["stop", "disable", "mask", "kill", "poweroff", "reboot", "halt", "bootout", "unload"];
            if call.args.iter().any(|word| changes.contains(&word.text.as_str())) {
                walk.irreversible(call.part);
            }
            return false;
        }
        "psql" | "mysql" | "mariadb" | "sqlite3" | "mongosh" | "mongo" | "redis-cli" | "dropdb" => {
            let said = call.args.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
            let piped = match call.input {
                Input::Text(text) => text.text.as_str(),
                _ => "",
            };
            if call.name == "dropdb" || destroys(&format!("{said} {piped}")) {
                walk.irreversible(call.part);
            }
            return false;
        }
        "docker" | "podman" | "kubectl" | "terraform" | "aws" | "gcloud" | "az" | "helm" => {
            let drops = ["rm", "rmi", "prune", "kill", "delete", "destroy", "drain", "uninstall", "purge"];
            if call
                .args
                .iter()
                .any(|word| drops.contains(&word.text.as_str()) || word.text.starts_with("delete-"))
            {
                walk.irreversible(call.part);
            }
            return false;
        }
        "crontab" | "at" | "batch" => {
            let text = walk.words(call.part);
            walk.notes.caution(CautionKind::Background, &text, call.part);
            return false;
        }
        "disown" | "bg" | "fg" => {
            let text = walk.words(call.part);
            walk.notes.caution(CautionKind::Background, &text, call.part);
        }
        _ => return false,
    }
    true
}

/// Whether a database is told to lose something.
fn destroys(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    let words: Vec<&str> = said.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let pair = |first: &str, second: &[&str]| {
        words.windows(2).any(|pair| pair[0] == first && second.contains(&pair[1]))
    };
    pair("drop", &["table", "database", "schema", "view", "index", "column", "user", "role", "collection"])
        || pair("delete", &["from"])
        || words.iter().any(|word| matches!(*word, "truncate" | "flushall" | "flushdb" | "dropdatabase"))
}
