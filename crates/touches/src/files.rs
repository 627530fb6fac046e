//! Programs that read, write or delete the files they are given.

use crate::args::Args;
use crate::program::Call;
use crate::walk::{State, Walk};
use crate::word::Said;
use offdesk_protocol::FileAccess::{self, Delete, Read, Write};

/// What happens to the words that are no options.
enum Shape {
    /// The same to all; the first so many are something else, such as a pattern.
    All(FileAccess, usize),
    /// All but the last are this, the last is written.
    Into(FileAccess),
}

/// Program, options that take a value, what happens to its files.
const PROGRAMS: &[(&str, &[&str], Shape)] = &[
    ("cat", &[], Shape::All(Read, 0)),
    ("bat", &["-l", "-r"], Shape::All(Read, 0)),
    ("head", &["-n", "-c"], Shape::All(Read, 0)),
    ("tail", &["-n", "-c"], Shape::All(Read, 0)),
    ("less", &[], Shape::All(Read, 0)),
    ("more", &[], Shape::All(Read, 0)),
    ("wc", &[], Shape::All(Read, 0)),
    ("ls", &["-I"], Shape::All(Read, 0)),
    ("tree", &["-L", "-I", "-P"], Shape::All(Read, 0)),
    ("stat", &["-c", "-f"], Shape::All(Read, 0)),
    ("file", &[], Shape::All(Read, 0)),
    ("du", &["-d"], Shape::All(Read, 0)),
    ("realpath", &[], Shape::All(Read, 0)),
    ("readlink", &[], Shape::All(Read, 0)),
    ("uniq", &["-f", "-s", "-w"], Shape::All(Read, 0)),
    ("cut", &["-d", "-f", "-c", "-b"], Shape::All(Read, 0)),
    ("paste", &["-d"], Shape::All(Read, 0)),
    ("column", &["-s", "-t"], Shape::All(Read, 0)),
    ("nl", &[], Shape::All(Read, 0)),
    ("tac", &[], Shape::All(Read, 0)),
    ("fold", &["-w"], Shape::All(Read, 0)),
    ("diff", &["-U", "-C"], Shape::All(Read, 0)),
    ("cmp", &[], Shape::All(Read, 0)),
    ("comm", &[], Shape::All(Read, 0)),
    ("join", &[], Shape::All(Read, 0)),
    ("md5sum", &[], Shape::All(Read, 0)),
    ("sha1sum", &[], Shape::All(Read, 0)),
    ("sha256sum", &[], Shape::All(Read, 0)),
    ("sha512sum", &[], Shape::All(Read, 0)),
    ("shasum", &["-a"], Shape::All(Read, 0)),
    ("cksum", &[], Shape::All(Read, 0)),
    ("xxd", &["-l", "-s", "-c"], Shape::All(Read, 0)),
    ("od", &["-t", "-N", "-j", "-A"], Shape::All(Read, 0)),
    ("hexdump", &["-n", "-s", "-e"], Shape::All(Read, 0)),
    ("strings", &["-n"], Shape::All(Read, 0)),
    ("base64", &["-w"], Shape::All(Read, 0)),
    ("zcat", &[], Shape::All(Read, 0)),
    ("grep", &["-e", "-f", "-m", "-A", "-B", "-C", "--include", "--exclude"], Shape::All(Read, 1)),
    ("egrep", &["-e", "-f", "-m", "-A", "-B", "-C"], Shape::All(Read, 1)),
    ("fgrep", &["-e", "-f", "-m", "-A", "-B", "-C"], Shape::All(Read, 1)),
    ("rg", &["-e", "-f", "-g", "-t", "-T", "-m", "-A", "-B", "-C", "--glob", "--type"], Shape::All(Read, 1)),
    ("ag", &["-A", "-B", "-C"], Shape::All(Read, 1)),
    ("jq", &["--arg", "--argjson", "-f"], Shape::All(Read, 1)),
    ("touch", &["-t", "-d", "-r"], Shape::All(Write, 0)),
    ("mkdir", &["-m", "--mode"], Shape::All(Write, 0)),
    ("mkfifo", &["-m"], Shape::All(Write, 0)),
    ("tee", &[], Shape::All(Write, 0)),
    ("truncate", &["-s", "-r", "--size"], Shape::All(Write, 0)),
    ("chmod", &["--reference"], Shape::All(Write, 1)),
    ("chown", &["--reference"], Shape::All(Write, 1)),
    ("chgrp", &["--reference"], Shape::All(Write, 1)),
    ("chattr", &[], Shape::All(Write, 1)),
    ("setfacl", &["-m", "-x"], Shape::All(Write, 0)),
    ("gzip", &[], Shape::All(Write, 0)),
    ("gunzip", &[], Shape::All(Write, 0)),
    ("rm", &[], Shape::All(Delete, 0)),
    ("unlink", &[], Shape::All(Delete, 0)),
    ("rmdir", &[], Shape::All(Delete, 0)),
    ("shred", &["-n", "-s"], Shape::All(Delete, 0)),
    ("srm", &[], Shape::All(Delete, 0)),
    ("trash", &[], Shape::All(Delete, 0)),
    ("cp", &["-t", "-S", "--target-directory"], Shape::Into(Read)),
    (
        "install",
        &["-m", "-o", "-g", "-t", "--mode", "--owner", "--group", "--target-directory"],
        Shape::Into(Read),
    ),
    ("ln", &["-t", "-S"], Shape::Into(Read)),
    ("mv", &["-t", "-S", "--target-directory"], Shape::Into(Delete)),
];

pub(crate) fn look(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State) -> bool {
    if let Some((_, valued, shape)) = PROGRAMS.iter().find(|(name, ..)| *name == call.name) {
        shaped(walk, call, state, &Args::read(call.args, valued), shape);
        return true;
    }
    match call.name {
        "sed" | "gsed" => sed(walk, call, state),
        "awk" | "gawk" | "mawk" => {
            let args = Args::read(call.args, &["-F", "-v", "-f"]);
            let skip = usize::from(!args.has(&["-f"]));
            each(walk, call, state, args.free.iter().skip(skip), Read);
            each(walk, call, state, args.of(&["-f"]), Read);
            // Its programs can start others and write files.
            if args
                .free
                .first()
                .is_some_and(|text| text.text.contains(['|', '>']) || text.text.contains("system"))
            {
                opaque(walk, call, "what awk runs");
            }
        }
        "sort" => {
            let args = Args::read(call.args, &["-k", "-t", "-o", "-T", "-S", "--output"]);
            each(walk, call, state, args.free.iter(), Read);
            each(walk, call, state, args.of(&["-o", "--output"]), Write);
        }
        "dd" => dd(walk, call, state),
        "tar" | "bsdtar" => tar(walk, call, state),
        "zip" => {
            let args = Args::read(call.args, &["-x", "-i"]);
            each(walk, call, state, args.free.iter().take(1), Write);
            each(walk, call, state, args.free.iter().skip(1), Read);
        }
        "unzip" => {
            let args = Args::read(call.args, &["-d", "-x"]);
            each(walk, call, state, args.free.iter().take(1), Read);
            if !args.has(&["-l", "-t", "-v", "-Z"]) {
                into(walk, call, state, args.of(&["-d"]).next());
            }
        }
        "patch" => {
            let args = Args::read(call.args, &["-p", "-i", "-d", "-o", "--input"]);
            each(walk, call, state, args.of(&["-i", "--input"]), Read);
            each(walk, call, state, args.free.iter().take(1), Write);
            opaque(walk, call, "which files patch changes");
        }
        _ => return false,
    }
    true
}

fn opaque(walk: &mut Walk<'_>, call: &Call<'_>, what: &str) {
    walk.notes.caution(offdesk_protocol::CautionKind::Opaque, what, call.part);
}

fn each<'a, W: std::borrow::Borrow<Said> + 'a>(
    walk: &mut Walk<'_>,
    call: &Call<'_>,
    state: &State,
    words: impl Iterator<Item = &'a W>,
    access: FileAccess,
) {
    for word in words {
        walk.file(word.borrow(), access, state, Some(call.part));
    }
}

/// Something is unpacked into this folder, or into the present one.
fn into(walk: &mut Walk<'_>, call: &Call<'_>, state: &State, folder: Option<&Said>) {
    let here = Said { text: ".".into(), known: true, span: 0..0, at: None };
    walk.file(folder.unwrap_or(&here), Write, state, Some(call.part));
}

fn shaped(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State, args: &Args<'_>, shape: &Shape) {
    match shape {
        Shape::All(access, skip) => {
            // Given as an option, the pattern is none of the words.
            let skip = if args.has(&["-e", "-f", "--reference"]) { 0 } else { *skip };
            each(walk, call, state, args.free.iter().skip(skip), *access);
            each(walk, call, state, args.of(&["-f"]), Read);
        }
        Shape::Into(access) => {
            let folder: Vec<&Said> = args.of(&["-t", "--target-directory"]).collect();
            let (from, to) = match args.free.split_last() {
                _ if !folder.is_empty() => (&args.free[..], folder.first().copied()),
                Some((last, from)) if !from.is_empty() => (from, Some(*last)),
                _ => (&args.free[..], None),
            };
            let makes = call.name == "install" && args.has(&["-d"]);
            each(walk, call, state, from.iter(), if makes { Write } else { *access });
            each(walk, call, state, to.iter(), Write);
            // What was fetched stays so under its new name.
            let known = |word: &Said, walk: &Walk<'_>, state: &State| walk.whole(&word.text, state);
            if from
                .iter()
                .any(|word| known(word, walk, state).is_some_and(|path| state.fetched.contains(&path)))
            {
                state.fetched.extend(to.and_then(|to| known(to, walk, state)));
            }
        }
    }
    let all = args.has(&["-R", "-r", "--recursive"]);
    let forced = args.has(&["-f", "--force"]);
    match call.name {
        "rm" | "unlink" | "rmdir" | "shred" | "srm" => walk.irreversible(call.part),
        "chmod" | "chown" | "chgrp" | "chattr" if all => walk.irreversible(call.part),
        "truncate" => walk.irreversible(call.part),
        "mv" | "cp" | "ln" if forced => walk.irreversible(call.part),
        _ => {}
    }
}

fn sed(walk: &mut Walk<'_>, call: &Call<'_>, state: &State) {
    let args = Args::read(call.args, &["-e", "-f", "-l", "--expression", "--file"]);
    let skip = usize::from(!args.has(&["-e", "-f", "--expression", "--file"]));
    let writes = args.has(&["-i", "--in-place"]) || args.flags.iter().any(|flag| flag.starts_with("-i"));
    each(walk, call, state, args.free.iter().skip(skip), if writes { Write } else { Read });
    let scripts = args.free.iter().take(skip).copied().chain(args.of(&["-e", "--expression"]));
    let runs = |script: &Said| {
        let ends = script.text.trim_end();
        !script.known
            || ends.ends_with("/e")
            || ends.ends_with("/ge")
            || ends.contains("/w ")
            || ends.contains("w /")
    };
    if scripts.into_iter().any(runs) {
        opaque(walk, call, "what the sed script runs or writes");
    }
}

fn dd(walk: &mut Walk<'_>, call: &Call<'_>, state: &State) {
    for word in call.args {
        if word.text.starts_with("if=") {
            walk.file(&word.after(3), Read, state, Some(call.part));
        } else if word.text.starts_with("of=") {
            walk.file(&word.after(3), Write, state, Some(call.part));
        }
    }
    walk.irreversible(call.part);
}

fn tar(walk: &mut Walk<'_>, call: &Call<'_>, state: &State) {
    // The first word may be options without their dash.
    let mut words = call.args.to_vec();
    if let Some(first) = words.first_mut().filter(|first| !first.text.starts_with('-')) {
        first.text.insert(0, '-');
        first.at = None;
    }
    let valued = ["-f", "-C", "-X", "-T", "--file", "--directory", "--exclude", "--exclude-from"];
    let args = Args::read(&words, &valued);
    let (makes, takes) =
        (args.has(&["-c", "-r", "-u", "--create", "--append"]), args.has(&["-x", "--extract", "--get"]));
    each(walk, call, state, args.of(&["-f", "--file"]), if makes { Write } else { Read });
    let folder = args.of(&["-C", "--directory"]).next();
    if makes {
        each(walk, call, state, args.free.iter(), Read);
    } else if takes {
        into(walk, call, state, folder);
    }
    if args.values.iter().any(|(name, _)| name == "--to-command" || name == "--checkpoint-action") {
        opaque(walk, call, "what tar runs");
    }
}
