//! The supervisor by itself, without the rest of `offdesk`: the program that this crate's tests start. `input` is the
//! smallest of gateways: it sends its standard input once and waits until it was written.

use offdesk_supervisor::{FromSupervisor, ToSupervisor, connect};
use std::ffi::OsString;
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let verb = args.next();
    let rest: Vec<OsString> = args.collect();
    match (verb.as_ref().and_then(|verb| verb.to_str()), rest.as_slice()) {
        (Some("supervise"), [flag, dir]) if flag == "--dir" => offdesk_supervisor::supervise(Path::new(dir)),
        (Some("supervise-child"), _) => offdesk_supervisor::exec_child(rest),
        (Some("input"), [dir, id]) => match input(Path::new(dir), &id.to_string_lossy()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        _ => {
            eprintln!(
                "Usage: offdesk-supervisor supervise --dir DIR | supervise-child -- PROGRAM ARGS… | input DIR ID"
            );
            ExitCode::from(2)
        }
    }
}

fn input(dir: &Path, id: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let (mut sender, mut receiver) = connect(dir).await?.0.split();
        sender.send(ToSupervisor::Input { id: id.into() }, bytes).await?;
        while let Some(message) = receiver.recv().await? {
            match message {
                FromSupervisor::Written { id: written, .. } if written == id => return Ok(()),
                FromSupervisor::Refused { text, .. } => return Err(text.into()),
                _ => {}
            }
        }
        Err("The supervisor ended before it was written.".into())
    })
}
