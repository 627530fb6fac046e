//! Runs the console program as Windows would, under Wine, as far as Wine goes.
//!
//! A build for Windows that was only ever checked says nothing of pipes, jobs and the Credential Manager; here they are
//! used. What Wine lacks is named and not counted. The real system's tests run in CI.

use crate::shell::{Done, program, run};
use crate::system::{Need, tool};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

pub(crate) const NEEDS: &[Need] = &[
    tool("wine", "wine", "it runs programs made for Windows"),
    tool(LOADER, "wine64", "the programs have 64 bits"),
];
const LOADER: &str = "/usr/lib/wine/wine64";

/// Rust's standard library takes its random numbers from a function that Debian 12's Wine does not have.
const RANDOM: &str = r#"#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) {
    while (size) {
        ULONG part = size > 0x10000000 ? 0x10000000 : (ULONG)size;
        if (!RtlGenRandom(data, part)) return FALSE;
        data += part;
        size -= part;
    }
    return TRUE;
}
"#;

/// What is not run here, and why.
const NOT_RUN: [&str; 4] = [
    "terminals: Wine 8's pseudo console runs the program and gives none of its output",
    "the tray app: its windows need WebView2, which Wine does not have",
    "starting at login: Wine has no task scheduler that runs at login",
    "who may open the pipe: one account owns all there is",
];

/// How long anything may take: the machine may be busy, and Wine starts slowly.
const PATIENCE: Duration = Duration::from_secs(90);
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// A Windows of its own in a folder.
struct Wine {
    program: PathBuf,
    folder: PathBuf,
}

/// Runs this `offdesk.exe` in a new folder under `folder`.
pub(crate) fn try_out(built: &Path, folder: &Path) -> Done {
    let folder = folder.join("wine");
    let wine = Wine::prepare(built, &folder)?;
    let done = wine.all();
    // Also ends what a failure left.
    let _ = wine.server(&["-k"]).status();
    let _ = wine.server(&["-w"]).status();
    done?;
    // After a failure it stays, to be looked at; it is large.
    let _ = std::fs::remove_dir_all(folder.join("prefix"));
    eprintln!("\nNot run under Wine, and so not shown to work:");
    NOT_RUN.iter().for_each(|what| eprintln!("  {what}"));
    Ok(())
}

impl Wine {
    fn prepare(built: &Path, folder: &Path) -> Result<Self, String> {
        let wine = Self { program: folder.join("offdesk.exe"), folder: folder.into() };
        let files = || {
            if folder.exists() {
                std::fs::remove_dir_all(folder)?;
            }
            std::fs::create_dir_all(folder.join("work"))?;
            std::fs::copy(built, &wine.program)?;
            std::fs::write(folder.join("random.c"), RANDOM)
        };
        files().map_err(|error| format!("{} cannot be written: {error}.", folder.display()))?;
        let mut shim =
            program("x86_64-w64-mingw32-gcc", &["-shared", "-o", "bcryptprimitives.dll", "random.c"]);
        shim.arg("-ladvapi32").current_dir(folder);
        run("Making what Wine lacks", shim)?;
        let mut boot = wine.loader();
        boot.args(["wineboot", "--init"]).stdout(Stdio::null()).stderr(Stdio::null());
        run("Setting up a Windows", boot)?;
        Ok(wine)
    }

    fn within(&self, mut command: Command) -> Command {
        // The agent of a developer's own session must not be taken for one of this gateway's.
        let inherited =
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OFFDESK_"));
        inherited.for_each(|(name, _)| {
            command.env_remove(name);
        });
        command
            .current_dir(&self.folder)
            .env("WINEPREFIX", self.folder.join("prefix"))
            .env("WINEARCH", "win64")
            .env("WINEDEBUG", "-all")
            // Nobody is to be asked about Mono or Gecko.
            .env("WINEDLLOVERRIDES", "mscoree,mshtml=");
        command.env_remove("DISPLAY");
        command.stdin(Stdio::null());
        command
    }

    fn loader(&self) -> Command {
        self.within(program(LOADER, &[]))
    }

    fn server(&self, args: &[&str]) -> Command {
        self.within(program("/usr/lib/wine/wineserver64", args))
    }

    /// `offdesk.exe` with these words.
    fn offdesk(&self, args: &[&str]) -> Command {
        let mut command = self.loader();
        command.arg(&self.program).args(args);
        command
    }

    /// What it says, if it ends well and in time.
    fn say(&self, args: &[&str]) -> Result<String, String> {
        let what = format!("offdesk.exe {}", args.join(" "));
        let mut command = self.offdesk(args);
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{what} could not start: {error}."))?;
        let output = child.stdout.take();
        let heard = std::thread::spawn(move || output.map(std::io::read_to_string));
        let code = ended(&mut child, &what)?;
        let text = heard.join().ok().flatten().and_then(Result::ok).unwrap_or_default();
        if code == Some(0) { Ok(text) } else { Err(format!("{what} ended with {code:?} and said: {text}")) }
    }

    fn all(&self) -> Done {
        let version = step("it starts", || self.say(&["--version"]))?;
        expect(&version, "offdesk ")?;
        // The second gateway finds the keys that the first one kept.
        let fresh = self.gateway("it serves, with its keys in the Credential Manager")?;
        step("a gateway ends by the pipe", || self.quit(fresh))?;
        let gateway = self.gateway("it serves again, and finds its keys")?;
        step("ls by the named pipe", || {
            self.say(&["ls", "--json", DATA]).and_then(|said| expect(&said, "["))
        })?;
        step("doctor", || {
            self.say(&["doctor", "--json", DATA]).and_then(|said| expect(&said, r#""ok":true"#))
        })?;
        step("reach", || {
            self.say(&["reach", "--json", DATA]).and_then(|said| expect(&said, r#""keys":"keyring""#))
        })?;
        step("many callers at one time", || self.crowd())?;
        let run = step("a run asks before it does anything", || self.ask(MAKE))?;
        step("what was allowed is done, there", || self.allow(&run))?;
        step("an agent that calls the gateway is none of its people", || self.call_from_inside(&run))?;
        step("a run ends when it is told to", || self.stop(&run))?;
        let left = step("another run is at work", || self.ask(MAKE))?;
        step("the gateway ends, its pipe too, while a run goes on", || self.quit(gateway))?;
        let gateway = self.gateway("the next gateway finds the run")?;
        step("that run is still asking", || {
            self.until(&["show", &left, "--json", DATA], r#""needs":"approval""#)
        })?;
        step("that run ends when it is told to", || self.stop(&left))?;
        step("the last gateway ends", || self.quit(gateway))
    }

    fn gateway(&self, what: &str) -> Result<Child, String> {
        step(what, || {
            let words =
                ["serve", "--json", "--listen", "127.0.0.1:0", "--keys", "keyring", "--root", "work", DATA];
            let mut child = self
                .offdesk(&words)
                .stdout(Stdio::piped())
                .spawn()
                .map_err(|error| format!("serve could not start: {error}."))?;
            let output = child.stdout.take();
            let (tell, told) = channel();
            std::thread::spawn(move || {
                let mut line = String::new();
                if let Some(output) = output {
                    let _ = BufReader::new(output).read_line(&mut line);
                }
                let _ = tell.send(line);
            });
            match told.recv_timeout(PATIENCE) {
                Ok(line) => expect(&line, r#""event":"ready""#)?,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    return Err(format!("serve did not say that it is ready within {PATIENCE:?}."));
                }
            }
            Ok(child)
        })
    }

    fn quit(&self, mut gateway: Child) -> Done {
        self.say(&["quit", "--json", DATA])?;
        match ended(&mut gateway, "serve")? {
            Some(0) => Ok(()),
            code => Err(format!("serve ended with {code:?}.")),
        }
    }

    /// A pipe that takes one caller at a time would turn the others away.
    fn crowd(&self) -> Done {
        std::thread::scope(|scope| {
            let callers: Vec<_> = (0..8).map(|_| scope.spawn(|| self.say(&["ls", "--json", DATA]))).collect();
            callers
                .into_iter()
                .try_for_each(|caller| caller.join().map_err(|_| String::from("A caller failed."))?.map(drop))
        })
    }

    /// Starts a run and waits until it asks; its id.
    fn ask(&self, prompt: &str) -> Result<String, String> {
        let words = ["run", "--detach", "--json", "--agent", "demo", "--dir", "work", prompt, DATA];
        let run = field(&self.say(&words)?, "id")?;
        self.until(&["show", &run, "--json", DATA], r#""needs":"approval""#)?;
        match self.folder.join("work/made.txt").exists() {
            true => Err("The command ran before it was allowed.".into()),
            false => Ok(run),
        }
    }

    fn allow(&self, run: &str) -> Done {
        let approval = field(&self.say(&["approvals", "--json", DATA])?, "id")?;
        self.say(&["approve", &approval, "--json", DATA])?;
        self.until(&["show", run, "--json", DATA], r#""state":"idle""#)?;
        expect(&self.say(&["logs", run, DATA])?, "hello")?;
        expect(&self.made()?, "hi")
    }

    /// What it may not do by itself, it may not do by our own program either: ending the gateway is for people.
    fn call_from_inside(&self, run: &str) -> Done {
        self.say(&[
            "send",
            run,
            r"run: ..\offdesk.exe quit --json --data=..\data > made.txt 2>&1",
            "--json",
            DATA,
        ])?;
        self.until(&["show", run, "--json", DATA], r#""needs":"approval""#)?;
        let approval = field(&self.say(&["approvals", "--json", DATA])?, "id")?;
        self.say(&["approve", &approval, "--json", DATA])?;
        self.until(&["show", run, "--json", DATA], r#""state":"idle""#)?;
        expect(&self.made()?, r#""code":"notAllowed""#)
    }

    /// What the run's command left; taken away, for the next.
    fn made(&self) -> Result<String, String> {
        let made = self.folder.join("work/made.txt");
        let text = std::fs::read_to_string(&made)
            .map_err(|error| format!("{} is not there: {error}.", made.display()))?;
        std::fs::remove_file(&made).map_err(|error| format!("{} stays: {error}.", made.display()))?;
        Ok(text)
    }

    fn stop(&self, run: &str) -> Done {
        self.say(&["stop", run, "--json", DATA])?;
        self.until(&["show", run, "--json", DATA], r#""state":"stopped""#)
    }

    fn until(&self, args: &[&str], wanted: &str) -> Done {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let said = self.say(args)?;
            if said.contains(wanted) {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(format!("{wanted} never came; the last was: {said}"));
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }
}

/// The folder is the one all of them are started in.
const DATA: &str = "--data=data";
const MAKE: &str = "say: hello\nrun: echo hi> made.txt";

fn step<T>(what: &str, body: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let began = Instant::now();
    let done = body().map_err(|why| format!("Under Wine, this failed: {what}.\n{why}"))?;
    eprintln!("  ✓ {what} ({:.1} s)", began.elapsed().as_secs_f32());
    Ok(done)
}

fn expect(said: &str, wanted: &str) -> Done {
    if said.contains(wanted) { Ok(()) } else { Err(format!("{wanted} was expected, and this came: {said}")) }
}

/// The first text of this name in JSON of ours, which escapes nothing in ids.
fn field(json: &str, name: &str) -> Result<String, String> {
    let start = format!("\"{name}\":\"");
    let rest = json.split_once(&start).and_then(|(_, rest)| rest.split_once('"'));
    rest.map(|(value, _)| value.into()).ok_or_else(|| format!("There is no {name} in this: {json}"))
}

/// Waits for its end; one that goes on for too long is ended.
fn ended(child: &mut Child, what: &str) -> Result<Option<i32>, String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.code()),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(LOOK_AGAIN / 10),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("{what} did not end within {PATIENCE:?}."));
            }
            Err(error) => return Err(format!("{what} is lost: {error}.")),
        }
    }
}
