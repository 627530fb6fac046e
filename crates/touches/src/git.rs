//! Git: what reaches a remote, and what loses work.

use crate::args::Args;
use crate::network::host_of;
use crate::program::Call;
use crate::walk::{State, Walk};
use crate::word::Said;
use offdesk_protocol::{CautionKind, FileAccess};

pub(crate) fn look(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State) -> bool {
    if call.name != "git" {
        return false;
    }
    let mut own = state.clone();
    let mut at = 0;
    while let Some(word) = call.args.get(at) {
        match word.text.as_str() {
            "-C" => {
                own.cwd = call.args.get(at + 1).and_then(Said::known).and_then(|path| walk.whole(path, &own));
                at += 2;
            }
            "-c" | "--config-env" => {
                let text =
                    format!("what git runs with {}", call.args.get(at + 1).map_or("", |word| &word.text));
                walk.notes.caution(CautionKind::Opaque, &text, call.part);
                at += 2;
            }
            "--git-dir" | "--work-tree" | "--namespace" => at += 2,
            text if text.starts_with('-') => at += 1,
            _ => break,
        }
    }
    let Some((verb, rest)) = call.args.get(at..).and_then(<[Said]>::split_first) else { return true };
    verb_does(
        walk,
        call,
        &own,
        &verb.text,
        &Args::read(rest, &["-m", "-b", "-B", "-o", "-u", "--depth", "--branch", "--message"]),
    );
    true
}

fn verb_does(walk: &mut Walk<'_>, call: &Call<'_>, state: &State, verb: &str, args: &Args<'_>) {
    let first = args.free.first().copied();
    let has = |names: &[&str]| args.has(names);
    let part = call.part;
    match verb {
        "push" | "pull" | "fetch" | "ls-remote" => {
            let host = first.and_then(Said::known).and_then(host_of);
            walk.notes.network(&format!("git {verb}"), host, part);
        }
        "clone" => {
            walk.notes.network("git clone", first.and_then(Said::known).and_then(host_of), part);
            match (args.free.get(1), first) {
                (Some(folder), _) => walk.file(folder, FileAccess::Write, state, Some(part)),
                (None, Some(from)) if from.known => {
                    let name = from.text.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
                    let name = name.strip_suffix(".git").unwrap_or(name).to_string();
                    walk.file(&Said { text: name, ..from.clone() }, FileAccess::Write, state, Some(part));
                }
                _ => {}
            }
        }
        "submodule" | "lfs" => walk.notes.network(&format!("git {verb}"), None, part),
        "remote" if first.is_some_and(|word| matches!(word.text.as_str(), "update" | "show" | "prune")) => {
            walk.notes.network("git remote", None, part);
        }
        "rm" | "mv" => {
            for word in &args.free {
                walk.file(word, FileAccess::Delete, state, Some(part));
            }
        }
        "apply" | "am" => {
            for word in &args.free {
                walk.file(word, FileAccess::Read, state, Some(part));
            }
        }
        _ => {}
    }
    let refs = || args.free.iter().skip(1);
    let loses = match verb {
        "push" => {
            has(&["-f", "--force", "--force-with-lease", "--mirror", "--delete", "-d", "--prune"])
                || refs().any(|word| word.text.starts_with(['+', ':']))
        }
        "reset" => has(&["--hard", "--merge", "--keep"]),
        "clean" => !has(&["-n", "--dry-run"]),
        "checkout" => {
            has(&["-f", "--force", "-B"])
                || call.args.iter().any(|word| matches!(word.text.as_str(), "--" | "."))
        }
        "switch" => has(&["-f", "--force", "--discard-changes", "-C"]),
        "restore" => !has(&["--staged", "-S"]) || has(&["--worktree", "-W"]),
        "branch" => has(&["-D", "-d", "--delete", "-M", "-f", "--force"]),
        "tag" => has(&["-d", "--delete", "-f", "--force"]),
        "stash" => first.is_some_and(|word| matches!(word.text.as_str(), "drop" | "clear")),
        "reflog" => first.is_some_and(|word| matches!(word.text.as_str(), "expire" | "delete")),
        "worktree" => first.is_some_and(|word| word.text == "remove") && has(&["-f", "--force"]),
        "rebase" | "filter-branch" | "filter-repo" | "gc" | "prune" | "update-ref" | "replace" => true,
        "commit" => has(&["--amend"]),
        "rm" => !has(&["--cached"]),
        _ => false,
    };
    if loses {
        walk.irreversible(part);
        let here = Said { text: ".".into(), known: true, span: 0..0, at: None };
        match verb {
            "clean" => walk.file(&here, FileAccess::Delete, state, Some(part)),
            "reset" | "checkout" | "restore" | "switch" => {
                walk.file(&here, FileAccess::Write, state, Some(part))
            }
            _ => {}
        }
    }
    let known = [
        "status",
        "log",
        "diff",
        "show",
        "add",
        "commit",
        "branch",
        "checkout",
        "switch",
        "restore",
        "reset",
        "clean",
        "push",
        "pull",
        "fetch",
        "clone",
        "ls-remote",
        "remote",
        "tag",
        "stash",
        "rm",
        "mv",
        "init",
        "blame",
        "rev-parse",
        "ls-files",
        "grep",
        "describe",
        "shortlog",
        "reflog",
        "worktree",
        "rebase",
        "merge",
        "cherry-pick",
        "revert",
        "apply",
        "am",
        "gc",
        "prune",
        "submodule",
        "lfs",
        "cat-file",
        "rev-list",
        "name-rev",
        "symbolic-ref",
        "update-ref",
        "for-each-ref",
        "merge-base",
        "check-ignore",
        "--version",
        "version",
        "help",
    ];
    if verb == "config" && args.free.len() > 1 || !known.contains(&verb) && verb != "config" {
        walk.notes.caution(CautionKind::Opaque, &format!("what git {verb} does"), part);
    }
}
