//! Where this host can be reached now, as a record that devices can check.

use crate::identity::Identity;
use offdesk_link::sign_paths;
use offdesk_protocol::{HostId, Path, PathKind, Paths, SignedPaths};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Now {
    lan: Vec<String>,
    fingerprint: Option<String>,
    edge: Option<String>,
    /// Names under which a tunnel may bring requests: also one that is only being tried.
    names: Vec<String>,
}

pub(crate) struct Reach {
    host: HostId,
    now: Mutex<Now>,
    signed: watch::Sender<Option<SignedPaths>>,
    identity: Arc<Identity>,
}

impl Reach {
    pub(crate) fn new(host: HostId, identity: Arc<Identity>) -> Self {
        Self { host, now: Mutex::default(), signed: watch::Sender::new(None), identity }
    }

    fn change(&self, change: impl FnOnce(&mut Now)) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let before = now.clone();
        change(&mut now);
        if (&now.lan, &now.edge) == (&before.lan, &before.edge) {
            return;
        }
        let paths = paths(&now);
        // A record without a way would make phones forget the ones that come back.
        if paths.is_empty() {
            self.signed.send_replace(None);
            return;
        }
        let Some(keys) = self.identity.remote() else { return };
        let issued = jiff::Timestamp::now().as_millisecond().unsigned_abs();
        let record = Paths { host: self.host.to_string(), issued, paths };
        self.signed.send_replace(Some(sign_paths(&record, |bytes| keys.sign(bytes))));
    }

    /// The addresses in this network.
    pub(crate) fn lan(&self, urls: Vec<String>) {
        self.change(|now| now.lan = urls);
    }

    /// The network is not served any more.
    pub(crate) fn no_lan(&self) {
        self.change(|now| {
            now.lan.clear();
            now.fingerprint = None;
        });
    }

    /// There is no tunnel any more.
    pub(crate) fn no_edge(&self) {
        self.change(|now| {
            now.edge = None;
            now.names.clear();
        });
    }

    /// The certificate shown to this network.
    pub(crate) fn shows(&self, fingerprint: String) {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).fingerprint = Some(fingerprint);
    }

    /// The SHA-256 of the certificate shown to this network.
    pub(crate) fn fingerprint(&self) -> Option<String> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).fingerprint.clone()
    }

    /// The address through the tunnel, once a request through it has come back. A tunnel that is down for a while keeps
    /// its address: it is still the one to try.
    pub(crate) fn edge(&self, url: Option<String>) {
        self.change(|now| now.edge = url);
    }

    /// Requests may come under this address's name from now on.
    pub(crate) fn expect(&self, url: &str) {
        let Some(name) = url.strip_prefix("https://").map(|rest| rest.trim_end_matches('/').to_string())
        else {
            return;
        };
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if !now.names.contains(&name) {
            now.names.push(name);
            // The one before may still be in use for a moment; older ones are not ours any more.
            let surplus = now.names.len().saturating_sub(2);
            now.names.drain(..surplus);
        }
    }

    /// Names under which a tunnel may bring requests.
    pub(crate) fn edge_names(&self) -> Vec<String> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).names.clone()
    }

    /// All ways, best first for a phone that is away.
    pub(crate) fn paths(&self) -> Vec<Path> {
        paths(&self.now.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The newest record, if there is any way.
    pub(crate) fn signed(&self) -> watch::Receiver<Option<SignedPaths>> {
        self.signed.subscribe()
    }
}

fn paths(now: &Now) -> Vec<Path> {
    let edge = now.edge.iter().map(|url| Path { kind: PathKind::Edge, url: url.clone() });
    let lan = now.lan.iter().map(|url| Path { kind: PathKind::Lan, url: url.clone() });
    edge.chain(lan).collect()
}
