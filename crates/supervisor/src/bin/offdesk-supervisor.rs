//! The supervisor by itself, without the rest of `offdesk`: the program that this crate's tests start.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let verb = args.next();
    let rest: Vec<OsString> = args.collect();
    match (verb.as_ref().and_then(|verb| verb.to_str()), rest.as_slice()) {
        (Some("supervise"), [flag, dir]) if flag == "--dir" => offdesk_supervisor::supervise(Path::new(dir)),
        (Some("supervise-child"), _) => offdesk_supervisor::exec_child(rest),
        _ => {
            eprintln!("Usage: offdesk-supervisor supervise --dir DIR | supervise-child -- PROGRAM ARGS…");
            ExitCode::from(2)
        }
    }
}
