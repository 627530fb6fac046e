//! The edge: a public side, a side for tunnels, and a tester who gives orders.

mod control;
mod public;

use crate::certificates;
use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What the command line says.
#[derive(Debug)]
pub struct Options {
    /// Where the public connects, by TLS.
    pub public: SocketAddr,
    /// Where tunnels register.
    pub control: SocketAddr,
    /// Where a client that takes us for its proxy connects.
    pub proxy: SocketAddr,
    /// The folder for `ca.pem`.
    pub certificates: PathBuf,
    /// The file that gets a line per connection and request.
    pub log: PathBuf,
    /// The first quick tunnel's name.
    pub hostname: Option<String>,
}

/// What the tester has ordered, as every connection sees it.
#[derive(Debug, Clone, Copy, Default)]
struct Orders {
    down: bool,
    frozen: bool,
    delay: Duration,
    /// Connections of an older count are cut.
    cut: u64,
    /// Registrations of an older count are dropped.
    forget: u64,
}

struct Registered {
    id: u64,
    address: SocketAddr,
}

struct Edge {
    orders: watch::Sender<Orders>,
    tunnels: Mutex<HashMap<String, Registered>>,
    next_name: Mutex<Option<String>>,
    log: Mutex<File>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Edge {
    fn note(&self, mut event: Value) {
        event["at"] = Timestamp::now().to_string().into();
        // One write, so that a reader never sees half a line.
        let _ = lock(&self.log).write_all(format!("{event}\n").as_bytes());
    }

    fn address_of(&self, host: &str) -> Option<SocketAddr> {
        lock(&self.tunnels).get(host).map(|tunnel| tunnel.address)
    }

    fn order(&self, line: &str) -> Result<()> {
        let mut words = line.split_whitespace();
        let (order, value) = (words.next().unwrap_or_default(), words.next());
        let change = |change: &dyn Fn(&mut Orders)| self.orders.send_modify(|orders| change(orders));
        match (order, value) {
            ("down", None) => change(&|orders| {
                orders.down = true;
                orders.cut += 1;
            }),
            ("up", None) => change(&|orders| orders.down = false),
            ("cut", None) => change(&|orders| orders.cut += 1),
            ("freeze", None) => change(&|orders| orders.frozen = true),
            ("thaw", None) => change(&|orders| orders.frozen = false),
            ("delay", Some(millis)) => {
                let delay = Duration::from_millis(millis.parse()?);
                change(&|orders| orders.delay = delay);
            }
            ("forget", None) => {
                lock(&self.tunnels).clear();
                change(&|orders| orders.forget += 1);
            }
            ("rename", Some(host)) => *lock(&self.next_name) = Some(host.to_owned()),
            _ => bail!("no such order: {line}"),
        }
        Ok(())
    }
}

/// Runs until its input ends; then whoever gave orders is gone.
///
/// # Errors
/// When it cannot listen or write.
pub async fn run(options: Options) -> Result<()> {
    let (ca, acceptor) = certificates::make(&options.certificates)?;
    let log = File::options().create(true).append(true).open(&options.log).context("no log")?;
    let public = TcpListener::bind(options.public).await.context("the public side")?;
    let control = TcpListener::bind(options.control).await.context("the side for tunnels")?;
    let proxy = TcpListener::bind(options.proxy).await.context("the proxy")?;
    let public_address = public.local_addr()?;
    let ready = json!({
        "event": "ready",
        "public": public_address.to_string(),
        "control": control.local_addr()?.to_string(),
        "proxy": proxy.local_addr()?.to_string(),
        "ca": ca,
    });
    let edge = Arc::new(Edge {
        orders: watch::Sender::new(Orders::default()),
        tunnels: Mutex::default(),
        next_name: Mutex::new(options.hostname),
        log: Mutex::new(log),
    });
    tokio::spawn(public::serve(Arc::clone(&edge), public, acceptor));
    tokio::spawn(public::serve_proxy(proxy, public_address));
    tokio::spawn(control::serve(Arc::clone(&edge), control));
    say(&ready.to_string());
    let mut orders = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = orders.next_line().await? {
        match edge.order(&line) {
            Ok(()) => say("ok"),
            Err(error) => say(&format!("error: {error:#}")),
        }
    }
    Ok(())
}

/// Output that nobody reads any more is no reason to end.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
