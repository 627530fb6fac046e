//! The bridge between a run's pipes and `opencode serve`: what the opencode driver has started under the supervisor.
//!
//! It knows no meanings. A line in is a request to make of that one server (`id`, `method`, `path`, `body`); a line out
//! is an event of the server's (`event`), that a request is being made (`sent`), its answer (`id` with `status` and
//! `body`, or `error`), or how the connection is (`bridge`). opencode ends with it, however it ends.

mod events;
mod requests;
mod server;

use serde_json::Value;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// The hidden verb `opencode-bridge PROGRAM`.
pub(crate) fn bridge(args: Vec<OsString>) -> ExitCode {
    let [program] = args.as_slice() else {
        eprintln!("offdesk: `opencode-bridge` is started by the gateway and not by hand.");
        return ExitCode::from(2);
    };
    // One thread: opencode is bound to the life of the one that starts it.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&format!("The bridge to opencode could not begin: {error}.")),
    };
    let code = runtime.block_on(live(Path::new(program)));
    // Reading standard input blocks a thread that nothing can wake.
    runtime.shutdown_background();
    code
}

async fn live(program: &Path) -> ExitCode {
    let (mut child, server) = match server::start(program).await {
        Ok(started) => started,
        Err(why) => return failed(&why),
    };
    tokio::select! {
        ended = child.wait() => match ended.ok().and_then(|status| status.code()) {
            Some(0) => ExitCode::SUCCESS,
            code => failed(&format!("opencode ended by itself ({}).", code.map_or("no code".into(), |c| c.to_string()))),
        },
        // Nobody speaks to us any more, or nobody listens: dropping the child ends it.
        () = requests::serve(&server) => ExitCode::SUCCESS,
        _ = events::follow(&server) => ExitCode::SUCCESS,
    }
}

fn failed(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}

/// Says a line. An error: nobody listens.
fn tell(line: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
