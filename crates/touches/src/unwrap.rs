//! Programs that run another command: what they run is looked at like any other.

use crate::args::Args;
use crate::program::Call;
use crate::walk::{Input, State, Walk};
use crate::word::Said;
use offdesk_protocol::{CautionKind, FileAccess};

/// Wrappers whose command follows their options: options with values, and words before the command.
const WRAPPERS: &[(&str, &[&str], usize)] = &[
    (
        "sudo",
        &["-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "-U", "-r", "-t", "--user", "--group", "--chdir"],
        0,
    ),
    ("doas", &["-u", "-C"], 0),
    ("pkexec", &["--user"], 0),
    ("nohup", &[], 0),
    ("setsid", &[], 0),
    ("timeout", &["-s", "-k", "--signal", "--kill-after"], 1),
    ("gtimeout", &["-s", "-k", "--signal", "--kill-after"], 1),
    ("nice", &["-n", "--adjustment"], 0),
    ("ionice", &["-c", "-n", "-p"], 0),
    ("chrt", &[], 1),
    ("taskset", &[], 1),
    ("stdbuf", &["-i", "-o", "-e"], 0),
    ("unbuffer", &[], 0),
    ("time", &["-f", "-o"], 0),
    ("command", &[], 0),
    ("builtin", &[], 0),
    ("exec", &["-a"], 0),
    ("watch", &["-n", "--interval"], 0),
    ("strace", &["-e", "-o", "-p", "-s", "-u"], 0),
    ("ltrace", &["-e", "-o", "-p", "-s", "-u"], 0),
    ("chroot", &["--userspec", "--groups"], 1),
    ("flock", &["-w", "-E", "--timeout"], 1),
    ("busybox", &[], 0),
    ("caffeinate", &["-t", "-w"], 0),
    (
        "xargs",
        &[
            "-I",
            "-n",
            "-P",
            "-L",
            "-d",
            "-E",
            "-s",
            "-a",
            "--max-args",
            "--max-procs",
            "--delimiter",
            "--replace",
        ],
        0,
    ),
    ("env", &["-u", "-C", "--unset", "--chdir"], 0),
    ("parallel", &["-j", "-a", "--jobs"], 0),
    ("systemd-run", &["-p", "-u", "--unit", "--property"], 0),
    ("tsocks", &[], 0),
    ("proxychains", &["-f"], 0),
    ("noglob", &[], 0),
    ("dotenv", &["-f"], 0),
];

const SHELLS: &[&str] = &["sh", "bash", "zsh", "dash", "ksh", "ash", "fish"];
/// Others that run the text they are given.
const INTERPRETERS: &[&str] = &[
    "python",
    "python2",
    "python3",
    "node",
    "nodejs",
    "deno",
    "bun",
    "perl",
    "ruby",
    "php",
    "lua",
    "Rscript",
    "osascript",
    "pwsh",
    "powershell",
    "cmd",
    "tclsh",
    "groovy",
    "ts-node",
    "tsx",
    "swift",
    "julia",
    "elixir",
];

pub(crate) fn look(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State) -> bool {
    match call.name {
        name if WRAPPERS.iter().any(|(wrapper, ..)| *wrapper == name) => wrapper(walk, call, state),
        name if SHELLS.contains(&name) => shell(walk, call, state),
        name if interprets(name) => interpreter(walk, call, state),
        "eval" => eval(walk, call, state),
        "source" | "." => script(walk, call, state, call.args.first()),
        "su" => su(walk, call, state),
        "find" | "fd" => find(walk, call, state),
        "trap" => {
            if let Some(text) =
                call.args.first().filter(|text| !matches!(text.text.as_str(), "-" | "" | "-l" | "-p"))
            {
                code(walk, call, state, text);
            }
        }
        "cd" | "pushd" => change(walk, call, state),
        _ => return false,
    }
    true
}

fn interprets(name: &str) -> bool {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    INTERPRETERS.contains(&name) || INTERPRETERS.contains(&plain)
}

fn change(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State) {
    let args = Args::read(call.args, &[]);
    let to = match args.free.first() {
        None if call.name == "cd" && !state.home_set => walk.setting.home().map(str::to_owned),
        // Folders of CDPATH come first for a bare name; that it is set is rare, and in no text.
        Some(word) if word.text != "-" => word.known().and_then(|path| walk.whole(path, state)),
        _ => None,
    };
    state.cwd = to;
    state.pwd_set = false;
}

fn wrapper(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State) {
    let Some((_, valued, words)) = WRAPPERS.iter().find(|(name, ..)| *name == call.name) else { return };
    let mut at = 0;
    while let Some(word) = call.args.get(at) {
        let text = word.text.as_str();
        if call.name == "env" && (text == "-S" || text == "--split-string") {
            if let Some(text) = call.args.get(at + 1) {
                code(walk, call, state, text);
            }
            return;
        }
        let assigns =
            text.split_once('=').is_some_and(|(name, _)| !name.is_empty() && !name.starts_with('-'));
        if text == "--" {
            at += 1;
            break;
        } else if valued.contains(&text) {
            at += 2;
        } else if text.starts_with('-') && text.len() > 1
            || matches!(call.name, "env" | "sudo" | "doas") && assigns
        {
            at += 1;
        } else {
            break;
        }
    }
    at += words;
    let mut own = state.clone();
    match call.name {
        "sudo" | "doas" | "pkexec" => {
            let text = walk.words(call.part);
            walk.notes.caution(CautionKind::Privilege, &text, call.part);
        }
        "nohup" | "setsid" | "systemd-run" => {
            let text = walk.words(call.part);
            walk.notes.caution(CautionKind::Background, &text, call.part);
        }
        "command" if Args::read(call.args, &[]).has(&["-v", "-V"]) => return,
        "chroot" => own.cwd = None,
        _ => {}
    }
    if Args::read(call.args, valued).has(&["-C", "--chdir", "-D"]) && matches!(call.name, "env" | "sudo") {
        own.cwd = None;
    }
    let Some(inner) = call.args.get(at..).filter(|inner| !inner.is_empty()) else { return };
    if let ("watch" | "flock" | "parallel", [text]) = (call.name, inner)
        && text.text.contains(char::is_whitespace)
    {
        return code(walk, call, &mut own, text);
    }
    let fed = matches!(call.name, "xargs" | "parallel").then(|| fed(inner));
    self::inner(walk, call, &mut own, fed.as_deref().unwrap_or(inner));
    state.fetched.extend(own.fetched);
}

/// What `xargs` runs has arguments that nobody knows yet.
fn fed(inner: &[Said]) -> Vec<Said> {
    let mut words: Vec<Said> = inner.to_vec();
    if words.iter().any(|word| word.text.contains("{}")) {
        words.iter_mut().for_each(|word| word.known &= !word.text.contains("{}"));
    } else if let Some(last) = inner.last() {
        words.push(Said { text: "(what it is given)".into(), known: false, at: None, ..last.clone() });
    }
    words
}

/// A command that stands in another one's words.
fn inner(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State, words: &[Said]) {
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return };
    if call.depth > 24 {
        walk.notes.unread(first.span.clone(), "it is nested too deeply");
        return;
    }
    let span = first.span.start..last.span.end.max(first.span.end);
    if let Some(part) = walk.notes.part(span, Some(call.part)) {
        let input = call.input.clone();
        walk.program(part, words, state, &input, call.depth + 1);
    }
}

/// Text that a shell runs.
fn code(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State, text: &Said) {
    if text.known {
        walk.text(text, call.depth, state, Some(call.part));
    } else {
        unknown_code(walk, call, text);
    }
}

fn unknown_code(walk: &mut Walk<'_>, call: &Call<'_>, text: &Said) {
    if walk.fetched_since(call.part) {
        let words = walk.words(call.part);
        walk.notes.caution(CautionKind::RunsFromNetwork, &words, call.part);
    }
    walk.notes.unread(text.span.clone(), "what runs there is only known when it runs");
}

fn eval(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State) {
    let (Some(first), Some(last)) = (call.args.first(), call.args.last()) else { return };
    let span = first.span.start..last.span.end.max(first.span.end);
    let known = call.args.iter().all(|word| word.known);
    let text = call.args.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    let at = if call.args.len() == 1 { first.at } else { None };
    code(walk, call, state, &Said { text, known, span, at });
}

fn shell(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State) {
    let mut at = 0;
    let (mut takes_code, mut takes_input) = (false, false);
    while let Some(word) = call.args.get(at) {
        let text = word.text.as_str();
        if text == "--" {
            at += 1;
            break;
        } else if matches!(text, "--rcfile" | "--init-file" | "-o" | "+o" | "-O" | "+O") {
            at += 2;
        } else if text.starts_with(['-', '+']) && text.len() > 1 {
            let short = text.starts_with('-') && !text.starts_with("--");
            takes_code |= short && text.contains('c');
            takes_input |= short && text.contains('s');
            at += 1;
        } else {
            break;
        }
    }
    match call.args.get(at) {
        Some(text) if takes_code => code(walk, call, &mut state.clone(), text),
        Some(file) if file.text != "-" && !takes_input => script(walk, call, &mut state.clone(), Some(file)),
        _ => given(walk, call, state, true),
    }
}

/// A program that runs what it reads.
fn given(walk: &mut Walk<'_>, call: &Call<'_>, state: &State, shell: bool) {
    match call.input {
        Input::Pipe { fetches } => {
            if *fetches {
                let text = format!("{} runs what was fetched", call.name);
                walk.notes.caution(CautionKind::RunsFromNetwork, &text, call.part);
            }
            let text = format!("what {} is given to run", call.name);
            walk.notes.caution(CautionKind::Opaque, &text, call.part);
        }
        Input::Text(text) if shell => walk.text(text, call.depth, &mut state.clone(), Some(call.part)),
        _ => {
            let text = format!("what {} runs", call.name);
            walk.notes.caution(CautionKind::Opaque, &text, call.part);
        }
    }
}

/// A file that is run.
fn script(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State, file: Option<&Said>) {
    let Some(file) = file else { return };
    if !file.known {
        return unknown_code(walk, call, file);
    }
    walk.file(file, FileAccess::Read, state, Some(call.part));
    let whole = walk.whole(&file.text, state);
    if whole.is_some_and(|whole| state.fetched.contains(&whole)) {
        walk.notes.caution(CautionKind::RunsFromNetwork, &file.text, call.part);
    }
    walk.notes.caution(CautionKind::Opaque, &format!("what {} does", file.text), call.part);
    if matches!(call.name, "source" | ".") {
        state.cwd = None;
        (state.home_set, state.pwd_set) = (true, true);
    }
}

fn interpreter(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State) {
    let text = |at: usize| call.args.get(at).map(|word| word.text.as_str());
    let asks = matches!(text(0), Some("--version" | "-V" | "--help" | "-h" | "-v"));
    if asks && call.args.len() == 1 {
        return;
    }
    let first = call.args.iter().position(|word| !word.text.starts_with('-') || word.text == "-");
    let flag = call.args.iter().find(|word| {
        matches!(
            word.text.as_str(),
            "-c" | "-e"
                | "-E"
                | "-r"
                | "-p"
                | "-m"
                | "--eval"
                | "--print"
                | "-Command"
                | "-command"
                | "/c"
                | "/C"
                | "-EncodedCommand"
        )
    });
    match (flag, first) {
        (Some(flag), _) => {
            let after =
                call.args.iter().position(|word| word.span == flag.span).and_then(|at| call.args.get(at + 1));
            if let Some(code) = after.filter(|code| !code.known) {
                return unknown_code(walk, call, code);
            }
            let what = if flag.text == "-m" { "runs" } else { "is given to run" };
            walk.notes.caution(CautionKind::Opaque, &format!("what {} {what}", call.name), call.part);
        }
        (None, Some(at)) if text(at) != Some("-") => {
            script(walk, call, &mut state.clone(), call.args.get(at))
        }
        _ => given(walk, call, state, false),
    }
}

fn su(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State) {
    let text = walk.words(call.part);
    walk.notes.caution(CautionKind::Privilege, &text, call.part);
    let args = Args::read(call.args, &["-c", "--command", "-s", "--shell", "-g", "-G", "-w"]);
    if let Some(text) = args.of(&["-c", "--command"]).next() {
        code(walk, call, &mut state.clone(), text);
    }
}

fn find(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State) {
    let folders = || call.args.iter().take_while(|word| !word.text.starts_with(['-', '(', '!']));
    let here = Said { text: ".".into(), known: true, span: 0..0, at: None };
    let mut wheres: Vec<Said> = if call.name == "find" { folders().cloned().collect() } else { Vec::new() };
    if wheres.is_empty() {
        wheres.push(here);
    }
    let deletes = call.args.iter().any(|word| word.text == "-delete");
    for folder in &wheres {
        let access = if deletes { FileAccess::Delete } else { FileAccess::Read };
        walk.file(folder, access, state, Some(call.part));
    }
    if deletes {
        walk.irreversible(call.part);
    }
    let mut rest = call.args;
    while let Some(at) = rest.iter().position(|word| {
        matches!(
            word.text.as_str(),
            "-exec" | "-execdir" | "-ok" | "-okdir" | "-x" | "-X" | "--exec" | "--exec-batch"
        )
    }) {
        let after = &rest[at + 1..];
        let end =
            after.iter().position(|word| matches!(word.text.as_str(), ";" | "+")).unwrap_or(after.len());
        let words: Vec<Said> = after[..end]
            .iter()
            .map(|word| Said { known: word.known && !word.text.contains("{}"), ..word.clone() })
            .collect();
        inner(walk, call, &mut state.clone(), &words);
        rest = &after[end..];
    }
    for pair in call.args.windows(2) {
        if matches!(pair[0].text.as_str(), "-fprint" | "-fprintf" | "-fls" | "-fprint0") {
            walk.file(&pair[1], FileAccess::Write, state, Some(call.part));
        }
    }
}
