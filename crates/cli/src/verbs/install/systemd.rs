//! Linux: a unit of the person's own systemd.

use super::unit::{Installed, MARK, Removed, Unit};
use super::{Wish, answers, tools};
use crate::outcome::Outcome;
use std::path::{Path, PathBuf};
use tools::{Found, Said, call, look};

const NAME: &str = "offdesk.service";

/// The unit's text.
pub(super) fn render(unit: &Unit) -> String {
    format!(
        "\
# {MARK}, which writes it anew each time; `offdesk uninstall` removes it.
# To change it, add to it: systemctl --user edit offdesk
[Unit]
Description=Offdesk gateway
# However often it fails, it is tried again.
StartLimitIntervalSec=0

[Service]
Type=exec
ExecStart={start}
# The gateway alone is ended: agents belong to their supervisors and go on.
KillMode=process
TimeoutStopSec=30
# An agent that took too much memory is no reason to stop the gateway.
OOMPolicy=continue
Restart=on-failure
RestartPreventExitStatus=2
RestartSec=1
# Slower each time, up to two minutes (systemd before 254 does not know these two and says so).
RestartSteps=8
RestartMaxDelaySec=120

[Install]
WantedBy=default.target
",
        start = command(unit)
    )
}

/// The words of `ExecStart=`. A program's own name may not have quotes or backslashes in it, and arguments may.
fn command(unit: &Unit) -> String {
    let direct = !unit.program.contains(['"', '\'', '\\', '$']);
    let mut words = if direct {
        vec![quoted(&unit.program.replace('%', "%%"))]
    } else {
        vec!["/bin/sh".into(), "-c".into(), argument(r#"exec "$0" "$@""#), argument(&unit.program)]
    };
    words.extend(unit.args().into_iter().map(argument));
    words.join(" ")
}

fn argument(text: &str) -> String {
    quoted(&text.replace('%', "%%").replace('$', "$$"))
}

fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@,%$".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into();
    }
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

/// Where the person's units are.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(home: &Path) -> Self {
        let own = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        Self(own.unwrap_or_else(|| home.join(".config")).join("systemd/user"))
    }

    pub(super) fn file(&self) -> PathBuf {
        self.0.join(NAME)
    }

    /// What makes systemd start it at login; as `systemctl enable` would make it.
    fn link(&self) -> PathBuf {
        self.0.join("default.target.wants").join(NAME)
    }

    fn additions(&self) -> PathBuf {
        self.0.join(format!("{NAME}.d"))
    }
}

fn user_systemctl(args: &[&str]) -> Said {
    let all: Vec<&str> = std::iter::once("--user").chain(args.iter().copied()).collect();
    call("systemctl", &all).unwrap_or(Said { ok: false, text: "systemctl is not there".into() })
}

/// Whom we can ask to start something.
enum Manager {
    /// systemd does not run this machine.
    None,
    /// It does, and the person has none that we reach.
    OutOfReach,
    There,
}

fn manager() -> Manager {
    if user_systemctl(&["show", "--property=Version"]).ok {
        return Manager::There;
    }
    match call("systemctl", &["is-system-running"]) {
        None => Manager::None,
        Some(said) if said.text.contains("offline") || said.text.contains("not been booted") => Manager::None,
        Some(_) => Manager::OutOfReach,
    }
}

fn user() -> String {
    let said = call("id", &["-un"]).filter(|said| said.ok).map(|said| said.text);
    said.or_else(|| std::env::var("USER").ok()).unwrap_or_else(|| "USER".into())
}

fn lingers(user: &str) -> bool {
    call("loginctl", &["show-user", user, "--property=Linger"])
        .is_some_and(|said| said.text.contains("Linger=yes"))
        || Path::new("/var/lib/systemd/linger").join(user).exists()
}

pub(super) async fn install(wish: &Wish, folder: &Folder) -> Result<Installed, Outcome> {
    let manager = manager();
    if matches!(manager, Manager::None) {
        return Err(Outcome::Failed(super::unsupported(
            "systemd does not run this machine, so there is nobody to start the gateway by itself. Nothing was \
             written.",
        )));
    }
    let file = folder.file();
    let mut changed = tools::put(&file, &render(&wish.unit)).map_err(Outcome::failed)?;
    changed |= enable(&folder.link())?;
    let mut done = Installed { installed: file.display().to_string(), changed, ..Installed::default() };
    linger(wish.linger, &mut done.notes);
    if matches!(manager, Manager::OutOfReach) {
        let user = user();
        done.notes.push(format!(
            "Your systemd could not be reached from here (after su or sudo it cannot), so the gateway was not \
             started; it starts when {user} logs in. To start it now, log in as {user} and run: systemctl --user \
             daemon-reload && systemctl --user start offdesk"
        ));
        return Ok(done);
    }
    let reload = user_systemctl(&["daemon-reload"]);
    if !reload.ok {
        done.notes.push(format!("systemctl --user daemon-reload failed: {}.", reload.line()));
    }
    start(wish, &mut done).await?;
    Ok(done)
}

fn enable(link: &Path) -> Result<bool, Outcome> {
    if std::fs::symlink_metadata(link).is_ok() {
        return Ok(false);
    }
    std::fs::create_dir_all(link.parent().unwrap_or(link))?;
    #[cfg(unix)]
    std::os::unix::fs::symlink(Path::new("..").join(NAME), link)?;
    Ok(true)
}

async fn start(wish: &Wish, done: &mut Installed) -> Result<(), Outcome> {
    if !wish.start {
        done.notes.push("It starts at your next login. Now: systemctl --user start offdesk".into());
        return Ok(());
    }
    let active = user_systemctl(&["is-active", NAME]).ok;
    if active && !done.changed && answers(&wish.data).await {
        done.running = true;
        return Ok(());
    }
    if !active && answers(&wish.data).await {
        done.notes.push(
            "A gateway that was started otherwise runs on this data folder and was left alone. This one takes over \
             at your next login, or when you stop that one and run: systemctl --user start offdesk"
                .into(),
        );
        return Ok(());
    }
    let said = user_systemctl(&["restart", NAME]);
    done.running = said.ok && super::comes_up(&wish.data).await;
    if !said.ok {
        return Err(Outcome::Failed(super::not_started(said.line(), "journalctl --user -u offdesk")));
    }
    if !done.running {
        return Err(Outcome::Failed(super::not_started(
            "systemd started it, and it does not answer",
            "journalctl --user -u offdesk",
        )));
    }
    Ok(())
}

/// Without lingering, systemd ends everything of a person's when they log out.
fn linger(wanted: bool, notes: &mut Vec<String>) {
    let user = user();
    if lingers(&user) {
        return;
    }
    if !wanted {
        notes.push(
            "When you log out, systemd ends the gateway and its runs. To keep them, also after a restart without a \
             login: offdesk install --linger"
                .into(),
        );
        return;
    }
    let said = call("loginctl", &["enable-linger"]);
    match said {
        Some(said) if said.ok => notes.push(
            "Lingering is on: the gateway starts with the machine, and it and its runs go on when you log out. \
             (Off again: loginctl disable-linger)"
                .into(),
        ),
        other => {
            let why = other.map_or_else(|| "loginctl is not there".into(), |said| said.line().to_string());
            notes.push(format!(
                "Lingering could not be switched on ({why}). Until it is, the gateway and its runs end when you log \
                 out. An administrator switches it on by: sudo loginctl enable-linger {user}"
            ));
        }
    }
}

pub(super) fn uninstall(folder: &Folder) -> Result<Removed, Outcome> {
    let file = folder.file();
    let mut done = Removed::default();
    match look(&file)? {
        Found::Nothing => return Ok(done),
        Found::SomebodyElses => {
            done.notes.push(format!(
                "{} was not written by `offdesk install`, and was left alone.",
                file.display()
            ));
            return Ok(done);
        }
        Found::Ours(_) => {}
    }
    // While systemd still knows what it is.
    let reached = matches!(manager(), Manager::There);
    if reached {
        let said = user_systemctl(&["stop", NAME]);
        if !said.ok {
            done.notes.push(format!("The gateway could not be stopped: {}.", said.line()));
        }
    }
    let link = folder.link();
    if std::fs::read_link(&link).is_ok_and(|end| end.file_name() == Path::new(NAME).file_name()) {
        std::fs::remove_file(&link)?;
    }
    std::fs::remove_file(&file)?;
    done.removed = Some(file.display().to_string());
    if reached {
        user_systemctl(&["daemon-reload"]);
    }
    if folder.additions().exists() {
        done.notes.push(format!("What you added is still in {}.", folder.additions().display()));
    }
    if lingers(&user()) {
        done.notes.push("Lingering is on and was left so. Off: loginctl disable-linger".into());
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verbs::install::unit::odd;
    use proptest::prelude::*;

    /// As systemd reads a line: words, quotes, escapes.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quote, mut inside) = (Vec::new(), String::new(), None, false);
        let mut chars = line.chars();
        while let Some(c) = chars.next() {
            match (quote, c) {
                (_, '\\') => {
                    let next = chars.next().unwrap();
                    assert!("\\\"".contains(next), "\\{next} is another character");
                    word.push(next);
                    inside = true;
                }
                (Some(open), c) if c == open => quote = None,
                (None, '"' | '\'') => (quote, inside) = (Some(c), true),
                (None, ' ') => {
                    if std::mem::take(&mut inside) {
                        words.push(std::mem::take(&mut word));
                    }
                }
                (_, c) => {
                    word.push(c);
                    inside = true;
                }
            }
        }
        assert_eq!(quote, None, "a quote is open");
        words.extend(inside.then_some(word));
        words
    }

    /// What `sign` introduces is itself, and never a name.
    fn undoubled(word: &str, sign: char) -> String {
        let mut chars = word.chars();
        let mut out = String::new();
        while let Some(c) = chars.next() {
            assert!(c != sign || chars.next() == Some(sign), "{word} has a lone {sign}");
            out.push(c);
        }
        out
    }

    /// What systemd would run.
    fn run(text: &str) -> Vec<String> {
        let line = text.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
        let words: Vec<String> = words(line).iter().map(|word| undoubled(word, '%')).collect();
        let program = words[0].clone();
        assert!(!program.contains(['"', '\'', '\\', '$']), "systemd takes no such program: {program}");
        let args: Vec<String> = words[1..].iter().map(|word| undoubled(word, '$')).collect();
        match args.as_slice() {
            [c, script, rest @ ..] if program == "/bin/sh" => {
                assert_eq!((c.as_str(), script.as_str()), ("-c", r#"exec "$0" "$@""#));
                rest.to_vec()
            }
            _ => std::iter::once(program).chain(args).collect(),
        }
    }

    #[test]
    fn the_unit_reads_as_it_should() {
        let unit = Unit { program: "/usr/bin/offdesk".into(), data: "/home/me/.local/share/offdesk".into() };
        let shipped = include_str!("../../../../../installers/linux/offdesk.service");
        let ours = render(&unit).replace("--data /home/me/.local/share/offdesk ", "");
        let body = |text: &str| text.split_once("[Unit]").unwrap().1.to_string();
        assert_eq!(body(&ours), body(shipped), "the unit that packages ship is the same");
        for (program, data, line) in [
            ("/usr/bin/offdesk", "/d", "/usr/bin/offdesk --data /d serve --managed --login-env"),
            ("/a b/offdesk", "/d e", r#""/a b/offdesk" --data "/d e" serve --managed --login-env"#),
            ("/50%/offdesk", "/$x", "/50%%/offdesk --data /$$x serve --managed --login-env"),
            (
                "/it's/offdesk",
                "/d",
                r#"/bin/sh -c "exec \"$$0\" \"$$@\"" "/it's/offdesk" --data /d serve --managed --login-env"#,
            ),
        ] {
            let unit = Unit { program: program.into(), data: data.into() };
            assert_eq!(command(&unit), line);
        }
    }

    proptest! {
        #[test]
        fn any_path_comes_back(unit in odd::unit("/")) {
            let expected: Vec<String> =
                std::iter::once(unit.program.as_str()).chain(unit.args()).map(str::to_string).collect();
            prop_assert_eq!(run(&render(&unit)), expected);
        }
    }
}
