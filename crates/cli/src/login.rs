//! The environment of the person's login shell. What a desktop starts has a bare PATH and none of the variables that
//! agents are used to; the shell that the person logs in with knows them.

use std::ffi::{OsStr, OsString};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Names the program that prints its environment, in the shell's.
const PROGRAM: &str = "OFFDESK_LOGIN_PROGRAM";
/// Names what stands before and after it.
const MARK: &str = "OFFDESK_LOGIN_MARK";
/// The hidden verb that prints it.
pub(crate) const VERB: &str = "print-environment";
/// The flag in place of `--login-env` once that was done.
const TAKEN: &str = "--login-env-taken";
/// What belongs to one shell and not to its person.
const OWN: [&str; 9] = ["_", "SHLVL", "PWD", "OLDPWD", "TERM", "COLUMNS", "LINES", PROGRAM, MARK];

/// How long a shell may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a shell that has answered may take to end.
const FAREWELL: Duration = Duration::from_millis(500);
/// Most that a shell may say, in bytes.
const MOST: usize = 4 * 1024 * 1024;

type Variables = Vec<(OsString, OsString)>;

/// What is taken of the shell's variables: its PATH before ours, and what is not set here. Nothing is dropped.
fn taken(shell: Variables, own: impl Fn(&OsStr) -> Option<OsString>) -> Variables {
    shell
        .into_iter()
        .filter(|(name, _)| OWN.iter().all(|one| name != one))
        .filter_map(|(name, value)| match own(&name) {
            Some(ours) if name == "PATH" => joined(&value, &ours).map(|path| (name, path)),
            Some(_) => None,
            None => Some((name, value)),
        })
        .collect()
}

fn joined(first: &OsStr, second: &OsStr) -> Option<OsString> {
    let mut folders = Vec::new();
    for folder in std::env::split_paths(first).chain(std::env::split_paths(second)) {
        if folder != Path::new("") && !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    std::env::join_paths(folders).ok()
}

/// Becomes the same program in the environment of the person's login shell, with the same process id. Returns only
/// when that cannot be.
pub(crate) fn enter() -> Result<(), String> {
    let shell = shell()?;
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let variables = ask(&shell, &program)?;
    // The next one is not to ask again by itself, and knows that it may when somebody wants that.
    let args = std::env::args_os().skip(1);
    let args = args.map(|arg| if arg == "--login-env" { TAKEN.into() } else { arg });
    let own = |name: &OsStr| std::env::var_os(name);
    let error = Command::new(&program).args(args).envs(taken(variables, own)).exec();
    Err(format!("{} could not be started again: {error}", program.display()))
}

/// What the shell would add now to this process's environment.
pub(crate) fn again() -> Result<Vec<(String, OsString)>, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let variables = taken(ask(&shell()?, &program)?, |name| std::env::var_os(name));
    Ok(variables.into_iter().filter_map(|(name, value)| Some((name.into_string().ok()?, value))).collect())
}

fn shell() -> Result<OsString, String> {
    let shell = std::env::var_os("SHELL").filter(|shell| Path::new(shell).is_absolute());
    shell.ok_or_else(|| "SHELL names no login shell".into())
}

/// Prints this process's environment between two marks.
pub(crate) fn print() -> ExitCode {
    let Some(mark) = std::env::var_os(MARK) else {
        eprintln!("offdesk: `{VERB}` is run by a login shell and not by hand.");
        return ExitCode::from(2);
    };
    let mut text = [b"\n", mark.as_bytes(), b"\0"].concat();
    for (name, value) in std::env::vars_os().filter(|(name, _)| name != MARK && name != PROGRAM) {
        text.extend([name.as_bytes(), b"=", value.as_bytes(), b"\0"].concat());
    }
    text.extend([mark.as_bytes(), b"\n"].concat());
    match std::io::stdout().write_all(&text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn ask(shell: &OsStr, program: &Path) -> Result<Variables, String> {
    let name = Path::new(shell).display();
    // Whatever else the shell's files print, it is not this.
    let mark = format!("offdesk-{:016x}", RandomState::new().build_hasher().finish());
    let mut command = Command::new(shell);
    command.args(["-l", "-i", "-c", &format!("\"${PROGRAM}\" {VERB}")]);
    command.env(PROGRAM, program).env(MARK, &mark);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    // SAFETY: setsid is safe to call between fork and exec. In a session of its own the shell has no terminal to
    // fight for, and a group by which all it started can be ended.
    unsafe {
        command.pre_exec(|| {
            rustix::process::setsid()?;
            Ok(())
        });
    }
    let mut child = command.spawn().map_err(|error| format!("{name} could not be started: {error}"))?;
    let said = listen(&mut child, mark.as_bytes());
    end(child, matches!(said, Said::All(_)));
    match said {
        Said::All(text) => Ok(parse(&text)),
        Said::TooMuch => Err(format!("{name} printed without end")),
        Said::TooLate => Err(format!("{name} took longer than {} seconds", PATIENCE.as_secs())),
        Said::Nothing => Err(format!("{name} did not print its environment")),
    }
}

enum Said {
    All(Vec<u8>),
    TooMuch,
    TooLate,
    Nothing,
}

/// What stands between the marks.
fn listen(child: &mut Child, mark: &[u8]) -> Said {
    let deadline = Instant::now() + PATIENCE;
    let Some(mut stdout) = child.stdout.take() else { return Said::Nothing };
    let (tell, told) = mpsc::sync_channel(16);
    // Something the shell started may hold the pipe open for ever: nobody waits for its end.
    std::thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(count @ 1..) = stdout.read(&mut buffer) {
            if tell.send(buffer[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    let mut text = Vec::new();
    loop {
        match told.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(piece) => text.extend(piece),
            Err(mpsc::RecvTimeoutError::Timeout) => return Said::TooLate,
            Err(mpsc::RecvTimeoutError::Disconnected) => return Said::Nothing,
        }
        if let Some(between) = between(&text, mark) {
            return Said::All(between.to_vec());
        }
        if text.len() > MOST || Instant::now() > deadline {
            return Said::TooMuch;
        }
    }
}

fn between<'a>(text: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    let find = |text: &[u8], what: &[u8]| text.windows(what.len()).position(|piece| piece == what);
    let opening = [mark, b"\0"].concat();
    let rest = &text[find(text, &opening)? + opening.len()..];
    Some(&rest[..find(rest, &[b"\0", mark].concat())?])
}

fn parse(text: &[u8]) -> Variables {
    let entries = text.split(|byte| *byte == 0);
    let pairs = entries.filter_map(|entry| {
        let at = entry.iter().position(|byte| *byte == b'=').filter(|at| *at > 0)?;
        Some((entry[..at].to_vec(), entry[at + 1..].to_vec()))
    });
    pairs.map(|(name, value)| (OsString::from_vec(name), OsString::from_vec(value))).collect()
}

/// What was to be said was said, or will not be. A shell that is done may end by itself, and leave running what its
/// person wants running; another one is ended with all in its group.
fn end(mut child: Child, done: bool) {
    let deadline = Instant::now() + FAREWELL;
    while done && Instant::now() < deadline {
        match child.try_wait() {
            Ok(None) => std::thread::sleep(Duration::from_millis(5)),
            _ => return,
        }
    }
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_counts() {
        let text = b"Welcome!\nm-1 m-1x\nm-1\0A=1\0B=a=b\n\0=x\0C\0m-1\nbye m-1\0D=2\0m-1";
        let found = parse(between(text, b"m-1").unwrap());
        let names: Vec<_> = found.iter().map(|(name, value)| (name.to_str(), value.to_str())).collect();
        assert_eq!(names, [(Some("A"), Some("1")), (Some("B"), Some("a=b\n"))]);
        assert!(between(b"m-1\0A=1\0", b"m-1").is_none(), "it may still be coming");
    }

    #[test]
    fn the_shells_path_comes_first_and_nothing_that_is_set_is_lost() {
        let shell = [
            ("PATH", "/shell/bin:/usr/bin"),
            ("LANG", "de_DE.UTF-8"),
            ("FLAVOUR", "mint"),
            ("PWD", "/elsewhere"),
            ("SHLVL", "1"),
        ];
        let own = |name: &OsStr| match name.to_str() {
            Some("PATH") => Some("/usr/bin:/own/bin".into()),
            Some("LANG") => Some("C.UTF-8".into()),
            _ => None,
        };
        let taken = taken(shell.map(|(name, value)| (name.into(), value.into())).into(), own);
        let expected = [("PATH", "/shell/bin:/usr/bin:/own/bin"), ("FLAVOUR", "mint")];
        assert_eq!(taken, expected.map(|(name, value)| (OsString::from(name), OsString::from(value))));
    }
}
