//! The one binary: `serve` is the gateway, every other verb is a client of it. Hidden verbs are the programs that a
//! run needs beside its agent.

mod args;
mod environment;
mod finding;
#[cfg_attr(windows, path = "login_windows.rs")]
mod login;
mod opencode;
mod outcome;
mod paint;
mod qr;
mod verbs;

use args::{Args, Verb};
use clap::Parser;
use outcome::{Outcome, report};
use std::process::ExitCode;

fn main() -> ExitCode {
    // These come before anything else is set up: a supervisor is to be small, and a trampoline leaves nothing.
    let mut early = std::env::args_os().skip(1);
    match early.next().as_deref().and_then(|verb| verb.to_str()) {
        Some("supervise") => return verbs::supervise(early.collect()),
        Some("supervise-child") => return offdesk_supervisor::exec_child(early.collect()),
        Some(login::VERB) => return login::print(),
        #[cfg(unix)]
        Some("codex-terminal") => return verbs::codex_terminal(early.collect()),
        Some("hook") => return verbs::hook(early.collect()),
        Some("demo-agent") => return offdesk_agents::run_demo_agent(),
        Some("ollama-agent") => return offdesk_ollama::run_ollama_agent(early.collect()),
        Some("opencode-bridge") => return opencode::bridge(early.collect()),
        _ => {}
    }
    let args = Args::parse();
    let json = args.verb.wants_json();
    if let Verb::Serve(serve) = &args.verb
        && serve.login_env
        && let Err(why) = login::enter()
    {
        eprintln!("offdesk: The environment of your login shell is not used, because {why}.");
    }
    let runtime = match runtime(matches!(args.verb, Verb::Serve(_))) {
        Ok(runtime) => runtime,
        Err(error) => {
            return report(
                Outcome::failed(format!("The program could not start its threads: {error}.")),
                json,
            );
        }
    };
    let outcome = runtime.block_on(verbs::run(args));
    // Reading from a terminal blocks a thread that nothing can wake.
    runtime.shutdown_background();
    report(outcome, json)
}

fn runtime(serving: bool) -> std::io::Result<tokio::runtime::Runtime> {
    if serving {
        tokio::runtime::Builder::new_multi_thread().enable_all().build()
    } else {
        tokio::runtime::Builder::new_current_thread().enable_all().build()
    }
}
