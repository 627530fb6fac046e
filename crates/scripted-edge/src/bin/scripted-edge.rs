//! `scripted-edge --public A --control A --certs DIR --log FILE [--proxy A] [--hostname NAME]`: see the library.

use anyhow::{Context as _, Result, bail};
use offdesk_scripted_edge::edge::{Options, run};
use std::net::SocketAddr;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    run(options()?).await?;
    // The thread that reads our input cannot be stopped otherwise.
    std::process::exit(0)
}

fn options() -> Result<Options> {
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let (mut public, mut control, mut proxy) = (free, free, free);
    let (mut certificates, mut log, mut hostname) = (None, None, None);
    let mut args = std::env::args().skip(1);
    while let Some(flag) = args.next() {
        let value = args.next().with_context(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--public" => public = value.parse()?,
            "--control" => control = value.parse()?,
            "--proxy" => proxy = value.parse()?,
            "--certs" => certificates = Some(value.into()),
            "--log" => log = Some(value.into()),
            "--hostname" => hostname = Some(value),
            _ => bail!("no such flag: {flag}"),
        }
    }
    let certificates = certificates.context("--certs DIR is needed")?;
    Ok(Options { public, control, proxy, certificates, log: log.context("--log FILE is needed")?, hostname })
}
