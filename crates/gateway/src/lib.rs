//! The product as a library: [`Gateway::start`] owns runs and approvals and serves the API and the page.
//!
//! `rules` is the pure core: what a command makes of a run and what follows from an event. One actor per run
//! (`actor`) decides, appends and only then acts. `hub` shows what is now to everyone who watches; `live` is one
//! viewer; `http` has one file per resource; `access` and `local` say who may. Nothing below knows HTTP.

mod access;
mod actor;
mod advice;
mod again;
mod artifacts;
mod choices;
mod config;
mod deciding;
mod devices;
mod fault;
mod health;
mod history;
mod http;
mod hub;
mod identity;
mod keyboards;
mod keys;
mod lan;
mod link;
mod live;
mod local;
mod local_models;
mod notify;
mod offers;
mod outer;
mod ownership;
mod page;
mod pairings;
mod pool;
mod probe;
mod reach;
mod rulebook;
mod runs;
mod serving;
mod settings;
mod starting;
mod storage;
mod tunnel;
mod ways;
mod workspaces;

pub use config::{Config, Fixed, KeysIn, Listeners, LoginAnswer, LoginShell};
pub use offdesk_runner::Environment;
pub use offdesk_tunnel::{Credentials, Status as TunnelStatus, Token, TokenError, fetch as tunnel_program};
pub use ownership::Owner;

use access::Access;
use devices::Devices;
use hub::Hub;
use identity::Identity;
use offdesk_protocol::{
    Actor, ErrorCode, HostId, LogId, MakeOffer, PairingOffer, Problem, StopGateway, Timestamp,
};
use offdesk_runner::Runner;
use offdesk_store::{Closer, Store, StoreError};
use ownership::Ownership;
use pairings::Pairings;
use reach::Reach;
use rulebook::Rulebook;
use runs::Runs;
use settings::Keeper;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use ways::Ways;

/// Where pages of this machine reach us, unless told otherwise.
const HERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4477);
/// How long living runs may take to end when the gateway stops them.
const STOP_PATIENCE: Duration = Duration::from_secs(20);
/// How long open connections may take to end when the gateway leaves.
const LEAVE_PATIENCE: Duration = Duration::from_secs(2);

/// What every request can reach.
pub(crate) struct Shared {
    pub(crate) runs: Arc<Runs>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) advice: advice::Advice,
    pub(crate) access: Access,
    pub(crate) identity: Arc<Identity>,
    pub(crate) devices: Arc<Devices>,
    pub(crate) pairings: Pairings,
    pub(crate) reach: Arc<Reach>,
    pub(crate) questions: Arc<probe::Questions>,
    tunnel: Arc<tunnel::Door>,
    pub(crate) ways: Ways,
    pub(crate) settings: Keeper,
    pub(crate) history: history::Histories,
    pub(crate) storage: storage::Measured,
    pub(crate) notifier: Arc<notify::Notifier>,
    pub(crate) url: String,
    pub(crate) host: HostId,
    pub(crate) host_name: String,
    pub(crate) log: LogId,
    pub(crate) viewers: AtomicUsize,
    pub(crate) keyboards: keyboards::Keyboards,
    pub(crate) started_at: Timestamp,
    pub(crate) managed: bool,
    pub(crate) login: Option<LoginShell>,
    /// Held while the tunnel's program is fetched.
    pub(crate) fetching: tokio::sync::Mutex<()>,
    /// Somebody at the machine has asked for the end.
    pub(crate) stop: watch::Sender<Option<StopGateway>>,
    pub(crate) leaving: CancellationToken,
}

impl Shared {
    /// The way in from outside.
    pub(crate) fn tunnel(&self) -> &tunnel::Door {
        &self.tunnel
    }
}

/// A running gateway. Dropping it without [`Gateway::shutdown`] leaves its runs alone as well.
pub struct Gateway {
    shared: Arc<Shared>,
    address: SocketAddr,
    tasks: TaskTracker,
    closer: Closer,
    _ownership: Ownership,
}

impl Gateway {
    /// Takes the data folder, takes up every run where the last gateway left it, and serves.
    ///
    /// # Errors
    /// When another gateway has the data folder, it can't be written, or the address is taken.
    pub async fn start(config: Config, listeners: Listeners) -> Result<Self, Problem> {
        if let Some(local) = listeners.local.filter(|local| !local.ip().is_loopback()) {
            let text = format!("{local} is not an address of this machine alone.");
            return Err(Problem::new(ErrorCode::BadRequest, text).hint("Use 127.0.0.1 and a port."));
        }
        let ownership = Ownership::take(&config.data)?;
        let settings = Keeper::load(&config)?;
        let held = settings.held();
        let host = host_id(&config.data)?;
        let identity = Arc::new(identity(&config, host).await?);
        let hub = Hub::new();
        let publish = {
            let hub = hub.clone();
            move |committed| hub.publish(committed)
        };
        let path = config.data.join("offdesk.db");
        let store_config = offdesk_store::Config { path, host, max_pages: None };
        let (store, closer) = Store::open(store_config, publish).map_err(storage_problem)?;
        let known = store.read(|reader| reader.runs(true)).map_err(storage_problem)?;
        let rulebook = Rulebook::holding(store.read(|reader| reader.rules()).map_err(storage_problem)?);
        hub.load(store.head(), known.clone());

        let listener = listen_here(listeners.local).await?;
        let address = listener.local_addr().map_err(|error| address_problem(HERE, &error))?;
        let socket_path = local::socket_path(&config.data);
        let socket = local::bind(&socket_path).await.map_err(|error| {
            let text = format!("The local socket {} cannot be made: {error}.", socket_path.display());
            Problem::new(ErrorCode::StorageFailed, text).hint("Choose another data folder with --data.")
        })?;
        let runner = Runner::new(offdesk_runner::Config {
            data: config.data.clone(),
            roots: held.roots,
            environment: config.environment.clone(),
            grace: config.grace,
        });
        runner.set_agents(settings.agents());
        let most = usize::try_from(held.max_working).unwrap_or(usize::MAX);
        let runs = Runs::new(store.clone(), hub.clone(), runner, rulebook, most);
        let reach = Arc::new(Reach::new(host, identity.clone()));
        let questions = Arc::new(probe::Questions::default());
        let histories = history::Histories::new(&config);
        let advice = advice::Advice::new(hub.clone(), config.home.as_deref());
        let push_secret = identity.remote().map(keys::HostKeys::push_secret);
        let notifier = Arc::new(notify::Notifier::load(
            store.clone(),
            hub.clone(),
            &config.data,
            push_secret,
            config.host_name.clone(),
        )?);
        let shared = Arc::new(Shared {
            runs: runs.clone(),
            hub,
            advice,
            access: Access::new(store.clone()),
            devices: Devices::load(store.clone())?,
            pairings: Pairings::new(),
            reach: reach.clone(),
            questions: questions.clone(),
            tunnel: tunnel::Door::closed(),
            ways: Ways::new(listeners, config.edge_url),
            settings,
            history: histories,
            storage: storage::Measured::default(),
            notifier: notifier.clone(),
            identity,
            url: format!("http://{address}"),
            host,
            host_name: config.host_name,
            log: store.log_id(),
            viewers: AtomicUsize::new(0),
            keyboards: keyboards::Keyboards::new(),
            started_at: Timestamp::now(),
            managed: config.managed,
            login: config.login,
            fetching: tokio::sync::Mutex::default(),
            stop: watch::Sender::new(None),
            leaving: CancellationToken::new(),
        });
        runs.recover(known);
        runs.spawn_task(storage::tidy_now_and_then(Arc::downgrade(&shared)));
        runs.spawn_task(notify::live(notifier, shared.clone()));

        let tasks = TaskTracker::new();
        let page = http::page_router(shared.clone(), http::Door::local(address));
        tasks.spawn(serving::serve(listener, page, shared.leaving.clone(), tasks.clone()));
        let programs =
            http::socket_router(shared.clone()).into_make_service_with_connect_info::<local::Peer>();
        let leaving = shared.leaving.clone();
        tasks.spawn(serve(async move {
            axum::serve(socket, programs).with_graceful_shutdown(leaving.cancelled_owned()).await
        }));
        shared.open_ways().await?;
        ownership.note(&shared.url).map_err(|error| {
            Problem::new(ErrorCode::StorageFailed, format!("The data folder cannot be written: {error}."))
        })?;
        Ok(Self { shared, address, tasks, closer, _ownership: ownership })
    }

    /// Where pages reach it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where pages reach it, as a URL.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// How the way in from outside stands, and when that changes.
    pub fn tunnel(&self) -> tokio::sync::watch::Receiver<TunnelStatus> {
        self.shared.tunnel().changes()
    }

    /// Where this host can be reached from outside now.
    pub fn paths(&self) -> Vec<offdesk_protocol::Path> {
        self.shared.reach.paths()
    }

    /// A way in from outside is wanted, whether or not it is open.
    pub fn wants_outside(&self) -> bool {
        self.shared.outside()
    }

    /// Nothing comes in from outside until somebody resumes it.
    pub fn is_paused(&self) -> bool {
        self.shared.settings.held().paused
    }

    /// Waits until somebody at the machine asks for its end, through the API; gives whether runs are to end too.
    pub async fn asked_to_stop(&self) -> bool {
        let mut stop = self.shared.stop.subscribe();
        match stop.wait_for(Option::is_some).await {
            Ok(asked) => asked.is_some_and(|asked| asked.stop_runs),
            Err(_) => std::future::pending().await,
        }
    }

    /// A new address with a one-time code.
    ///
    /// # Errors
    /// When a phone is meant and there is no way for it to come, or the system gives no random numbers.
    pub fn offer(&self, wish: &MakeOffer) -> Result<PairingOffer, Problem> {
        self.shared.offer(wish)
    }

    /// Leaves in order. Runs go on without it, unless they are to be stopped too.
    pub async fn shutdown(self, stop_runs: bool) {
        if stop_runs {
            self.shared
                .runs
                .stop_all(
                    Actor::Person { name: "the one who stopped the gateway".into(), device: None },
                    STOP_PATIENCE,
                )
                .await;
        }
        self.shared.leaving.cancel();
        self.shared.close_ways().await;
        self.tasks.close();
        if tokio::time::timeout(LEAVE_PATIENCE, self.tasks.wait()).await.is_err() {
            tracing::info!("Some connections were still open when the gateway left.");
        }
        self.shared.runs.close().await;
        self.closer.close();
    }
}

pub(crate) async fn serve(serving: impl Future<Output = std::io::Result<()>>) {
    if let Err(error) = serving.await {
        tracing::error!("A listener ended: {error}");
    }
}

/// This machine's own listener. Where no address was said, one that is taken is no reason not to start.
async fn listen_here(wanted: Option<SocketAddr>) -> Result<TcpListener, Problem> {
    match wanted {
        Some(wanted) => listen(wanted).await,
        None => match listen(HERE).await {
            Ok(listener) => Ok(listener),
            Err(_) => listen(SocketAddr::new(HERE.ip(), 0)).await,
        },
    }
}

pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, Problem> {
    TcpListener::bind(address).await.map_err(|error| address_problem(address, &error))
}

pub(crate) fn address_problem(address: SocketAddr, error: &std::io::Error) -> Problem {
    Problem::new(ErrorCode::WrongState, format!("The gateway cannot listen at {address}: {error}."))
        .hint("Choose another address with --listen, or 127.0.0.1:0 for any free port.")
}

/// The keys this host is known by. Asking a keyring may take a while.
async fn identity(config: &Config, host: HostId) -> Result<Identity, Problem> {
    let choice = match config.keys {
        KeysIn::Auto => keys::Choice::Auto,
        KeysIn::Keyring => keys::Choice::Keyring,
        KeysIn::File => keys::Choice::File,
    };
    let local = keys::local_key(&config.data)?;
    let data = config.data.clone();
    let opened = tokio::task::spawn_blocking(move || keys::open(&data, host, choice)).await;
    let opened = opened.map_err(|error| Problem::new(ErrorCode::Internal, error.to_string()))?;
    if let keys::Opened::Locked { why } = &opened {
        tracing::warn!("Remote access is off: {why}");
    }
    Ok(Identity::new(opened, local))
}

/// This host's id, made once and kept in the data folder.
fn host_id(data: &Path) -> Result<HostId, Problem> {
    let path = data.join("host-id");
    if let Some(id) = std::fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok()) {
        return Ok(id);
    }
    let id = HostId::new();
    std::fs::write(&path, id.to_string()).map_err(|error| {
        Problem::new(ErrorCode::StorageFailed, format!("{} cannot be written: {error}.", path.display()))
    })?;
    Ok(id)
}

/// What the store says, for a person.
pub(crate) fn storage_problem(error: StoreError) -> Problem {
    match error {
        StoreError::UnknownRun(run) => runs::unknown_run(run),
        StoreError::NotOver(_) => Problem::new(ErrorCode::WrongState, error.to_string()),
        other => Problem::new(ErrorCode::StorageFailed, other.to_string())
            .hint("Make room on the disk of the data folder, then try again. Nothing that was acknowledged is lost."),
    }
}

/// Masks secrets in a line that is shown in lists.
pub(crate) fn mask_line(line: &mut String) {
    if let std::borrow::Cow::Owned(masked) = offdesk_runner::mask_text(line) {
        *line = masked;
    }
}
