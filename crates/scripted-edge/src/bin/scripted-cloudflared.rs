//! `scripted-cloudflared`, which takes cloudflared's flags: see the library.

use offdesk_scripted_edge::cloudflared::{Flags, VERSION, run};
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("--version") {
        println!("{VERSION}");
        return ExitCode::SUCCESS;
    }
    match Flags::parse(std::env::args().skip(1)) {
        Ok(flags) => ExitCode::from(run(flags).await),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
