//! Programs that connect to somewhere, and what they bring.

use crate::args::Args;
use crate::program::Call;
use crate::walk::{State, Walk};
use crate::word::Said;
use offdesk_protocol::{CautionKind, FileAccess};

/// Program and the verbs by which it connects; none: it always does.
const CONNECTS: &[(&str, &[&str])] = &[
    (
        "npm",
        &[
            "install", "i", "ci", "add", "update", "up", "publish", "exec", "x", "init", "create", "audit",
            "view", "login",
        ],
    ),
    ("pnpm", &["install", "i", "add", "update", "up", "publish", "dlx", "create"]),
    ("yarn", &["install", "add", "upgrade", "up", "publish", "dlx", "create", ""]),
    ("bun", &["install", "i", "add", "update", "publish", "x", "create"]),
    ("pip", &["install", "download", "wheel", "index"]),
    ("uv", &["add", "sync", "lock", "pip", "tool", "run", "publish", "python"]),
    ("poetry", &["install", "add", "update", "publish", "lock"]),
    ("pipx", &["install", "run", "upgrade"]),
    ("conda", &["install", "create", "update"]),
    ("cargo", &["install", "add", "update", "publish", "fetch", "search", "login", "yank"]),
    ("go", &["get", "install", "mod", "run"]),
    ("gem", &["install", "update", "push"]),
    ("bundle", &["install", "update"]),
    ("composer", &["install", "require", "update"]),
    ("brew", &["install", "upgrade", "update", "tap"]),
    ("apt", &["install", "update", "upgrade", "full-upgrade", "dist-upgrade"]),
    ("apt-get", &["install", "update", "upgrade", "full-upgrade", "dist-upgrade"]),
    ("dnf", &["install", "update", "upgrade"]),
    ("yum", &["install", "update", "upgrade"]),
    ("apk", &["add", "update", "upgrade"]),
    ("pacman", &[]),
    ("snap", &["install", "refresh"]),
    ("flatpak", &["install", "update"]),
    ("docker", &["pull", "push", "run", "build", "login", "compose", "search"]),
    ("podman", &["pull", "push", "run", "build", "login"]),
    ("kubectl", &[]),
    ("helm", &[]),
    ("terraform", &["init", "plan", "apply", "destroy"]),
    ("gh", &[]),
    ("glab", &[]),
    ("aws", &[]),
    ("gcloud", &[]),
    ("az", &[]),
    ("heroku", &[]),
    ("vercel", &[]),
    ("netlify", &[]),
    ("fly", &[]),
    ("flyctl", &[]),
    ("wrangler", &[]),
    ("npx", &[]),
    ("bunx", &[]),
    ("pnpx", &[]),
    ("uvx", &[]),
    ("rustup", &["update", "install", "toolchain", "target", "component"]),
    ("nvm", &["install"]),
];

/// They take code from the network and run it at once.
const RUNNERS: &[(&str, &[&str])] = &[
    ("npx", &[]),
    ("bunx", &[]),
    ("pnpx", &[]),
    ("uvx", &[]),
    ("npm", &["exec", "x", "init", "create"]),
    ("pnpm", &["dlx", "create"]),
    ("yarn", &["dlx", "create"]),
    ("bun", &["x", "create"]),
    ("pipx", &["run"]),
    ("docker", &["run"]),
    ("podman", &["run"]),
];

pub(crate) fn look(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State) -> bool {
    match call.name {
        "curl" | "wget" | "http" | "https" | "xh" | "aria2c" | "fetch" => fetch(walk, call, state),
        "ssh" | "mosh" | "telnet" | "ftp" | "sftp" | "nc" | "ncat" | "netcat" | "socat" | "ping" | "dig"
        | "nslookup" | "host" | "traceroute" | "whois" | "openssl" | "nmap" => reach(walk, call),
        "scp" | "rsync" => copy(walk, call, state),
        _ => return package(walk, call),
    }
    true
}

/// The host of an address, or of what `git` and `scp` write.
pub(crate) fn host_of(address: &str) -> Option<String> {
    let rest = match address.split_once("://") {
        Some(("file", _)) => return None,
        Some((_, rest)) => rest,
        None => address
            .split_once(':')
            .map(|(host, _)| host)
            .filter(|host| !host.contains('/') && host.len() > 1)?,
    };
    let place = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = place.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    (!host.is_empty()).then(|| host.to_string())
}

fn fetch(walk: &mut Walk<'_>, call: &Call<'_>, state: &mut State) {
    let valued: &[&str] = match call.name {
        "curl" => &[
            "-o",
            "-H",
            "-d",
            "-X",
            "-u",
            "-A",
            "-e",
            "-b",
            "-c",
            "-F",
            "-T",
            "-m",
            "-x",
            "-K",
            "-w",
            "-E",
            "-D",
            "--output",
            "--header",
            "--data",
            "--data-raw",
            "--data-binary",
            "--request",
            "--user",
            "--max-time",
            "--upload-file",
            "--form",
            "--config",
            "--cookie",
            "--cookie-jar",
            "--retry",
            "--connect-timeout",
            "--url",
            "--output-dir",
            "--proxy",
        ],
        _ => &[
            "-O",
            "-o",
            "-P",
            "-t",
            "-T",
            "-U",
            "-d",
            "--output-document",
            "--directory-prefix",
            "--header",
            "--timeout",
        ],
    };
    let args = Args::read(call.args, valued);
    let mut any = false;
    for address in args.free.iter().copied().chain(args.of(&["--url"])) {
        // A plain name is a host as well.
        let bare = || address.known().map(|text| text.split(['/', ':']).next().unwrap_or(text).to_string());
        let host = address
            .known()
            .and_then(host_of)
            .or_else(bare)
            .filter(|host| host.contains('.') || host == "localhost");
        walk.notes.network(call.name, host, call.part);
        any = true;
    }
    if !any {
        walk.notes.network(call.name, None, call.part);
    }
    walk.fetches.insert(call.part);
    let outputs: &[&str] = match call.name {
        "curl" => &["-o", "--output", "-D", "-c", "--cookie-jar"],
        _ => &["-O", "--output-document", "-o"],
    };
    let mut kept: Vec<Said> = args.of(outputs).cloned().collect();
    if call.name == "wget" && kept.is_empty() || call.name == "curl" && args.has(&["-O", "--remote-name"]) {
        for address in &args.free {
            let name = address.text.split(['?', '#']).next().unwrap_or_default();
            let name = name
                .split_once("://")
                .map_or(name, |(_, rest)| rest)
                .rsplit_once('/')
                .map_or("", |(_, name)| name);
            let name = if name.is_empty() { "index.html" } else { name };
            kept.push(Said { text: name.into(), at: None, ..(*address).clone() });
        }
    }
    for file in &kept {
        walk.file(file, FileAccess::Write, state, Some(call.part));
        state.fetched.extend(file.known().and_then(|path| walk.whole(path, state)));
    }
    let sent = ["-T", "--upload-file", "-K", "--config"];
    for file in args.of(&sent) {
        walk.file(file, FileAccess::Read, state, Some(call.part));
    }
    for data in args.of(&["-d", "--data", "--data-binary", "-F", "--form"]) {
        if let Some(at) = data.text.find('@').filter(|at| *at == 0 || data.text[..*at].ends_with('=')) {
            walk.file(&data.after(at + 1), FileAccess::Read, state, Some(call.part));
        }
    }
}

fn reach(walk: &mut Walk<'_>, call: &Call<'_>) {
    if call.name == "openssl" && call.args.first().is_none_or(|verb| verb.text != "s_client") {
        return walk.notes.caution(CautionKind::Opaque, "what openssl does", call.part);
    }
    let args = Args::read(
        call.args,
        &["-p", "-i", "-l", "-o", "-F", "-L", "-R", "-D", "-J", "-c", "-W", "-w", "-connect"],
    );
    let to = args.free.first().and_then(|to| to.known());
    let host = to.and_then(|to| {
        let host = to.rsplit('@').next().unwrap_or(to);
        (call.name != "socat" && call.name != "openssl" && !host.is_empty()).then(|| host.to_string())
    });
    walk.notes.network(call.name, host, call.part);
    if matches!(call.name, "ssh" | "mosh") {
        walk.notes.caution(CautionKind::Opaque, "what runs on the other machine", call.part);
    }
    if matches!(call.name, "nc" | "ncat" | "socat") && args.has(&["-e", "-c", "--exec"]) {
        walk.notes.caution(CautionKind::Opaque, &format!("what {} runs", call.name), call.part);
    }
}

fn copy(walk: &mut Walk<'_>, call: &Call<'_>, state: &State) {
    let args = Args::read(call.args, &["-P", "-i", "-o", "-F", "-e", "--exclude", "--include", "--rsh"]);
    let Some((to, from)) = args.free.split_last() else { return };
    for (word, access) in from.iter().map(|word| (word, FileAccess::Read)).chain([(to, FileAccess::Write)]) {
        match word.known().map(host_of) {
            Some(Some(host)) => walk.notes.network(call.name, Some(host), call.part),
            _ => walk.file(word, access, state, Some(call.part)),
        }
    }
    if args.flags.iter().any(|flag| flag.starts_with("--delete") || flag == "--remove-source-files") {
        walk.irreversible(call.part);
    }
}

fn package(walk: &mut Walk<'_>, call: &Call<'_>) -> bool {
    let name = if call.name.starts_with("pip") && call.name != "pipx" { "pip" } else { call.name };
    let Some((_, verbs)) = CONNECTS.iter().find(|(program, _)| *program == name) else { return false };
    let verb =
        call.args.iter().find(|word| !word.text.starts_with('-')).map_or("", |word| word.text.as_str());
    if !verbs.is_empty() && !verbs.contains(&verb) {
        return false;
    }
    let named = if verb.is_empty() || verbs.is_empty() { name.to_string() } else { format!("{name} {verb}") };
    let host = call
        .args
        .iter()
        .filter(|word| word.text.contains("://"))
        .find_map(|word| word.known().and_then(host_of));
    walk.notes.network(&named, host, call.part);
    let runs = RUNNERS
        .iter()
        .any(|(program, verbs)| *program == name && (verbs.is_empty() || verbs.contains(&verb)));
    if runs {
        let text = walk.words(call.part);
        walk.notes.caution(CautionKind::RunsFromNetwork, &text, call.part);
    }
    if ["publish", "push", "yank"].contains(&verb) {
        walk.irreversible(call.part);
    }
    // What comes with a package may run when it is installed.
    walk.notes.caution(CautionKind::Opaque, &format!("what {named} brings and runs"), call.part);
    true
}
