//! Addresses with a one-time code: for a page here, a phone, or another page of a device.

use crate::Shared;
use crate::pairings::{Open, Wanted};
use offdesk_link::{LocalCode, Offer};
use offdesk_protocol::*;
use offdesk_tunnel::Status;

/// Longest host name in a code that is to be scanned, in characters.
const LONGEST_NAME: usize = 24;

impl Shared {
    /// A new address with a one-time code.
    ///
    /// # Errors
    /// When a phone is meant and there is no way for it to come, or the system gives no random numbers.
    pub(crate) fn offer(&self, wish: &MakeOffer) -> Result<PairingOffer, Problem> {
        let role = wish.role.unwrap_or(DeviceRole::Admin);
        // An address that does not work right now is not shown, even if it worked a minute ago.
        let works = self.tunnel().status().url().is_some();
        let paths: Vec<Path> =
            self.reach.paths().into_iter().filter(|path| works || path.kind != PathKind::Edge).collect();
        match (wish.wanted, wish.via) {
            (Some(OfferFor::Page), Some(_)) => Err(Problem::new(
                ErrorCode::BadRequest,
                "A page on this machine comes by no network, so no way can be chosen for it.",
            )
            .hint("Leave out the way, or ask for a phone.")),
            (Some(OfferFor::Page), None) => self.for_page(role, None),
            (_, Some(via)) => self.for_phone(role, self.by(via, paths)?),
            (Some(OfferFor::Phone), None) => self.for_phone(role, paths),
            (None, None) if self.identity.remote().is_none() => {
                let why = self.identity.locked().unwrap_or_default();
                self.for_page(
                    role,
                    Some(format!("This address works on this machine only. Remote access is off: {why}")),
                )
            }
            (None, None) if paths.is_empty() => {
                let why = if self.settings.held().paused {
                    "remote access is paused. `offdesk reach --resume` ends that."
                } else {
                    "no way in from outside is open. `offdesk reach --lan on` opens one for phones in the same \
                     network, `offdesk reach --tunnel quick` one from anywhere."
                };
                self.for_page(role, Some(format!("This address works on this machine only: {why}")))
            }
            (None, None) => self.for_phone(role, paths),
        }
    }

    /// The ways there are, this one first.
    fn by(&self, via: Via, mut paths: Vec<Path>) -> Result<Vec<Path>, Problem> {
        let kind = match via {
            Via::Lan => PathKind::Lan,
            Via::Edge => PathKind::Edge,
        };
        if paths.iter().any(|path| path.kind == kind) {
            paths.sort_by_key(|path| path.kind != kind);
            return Ok(paths);
        }
        let refused = |text: String, hint: &str| Err(Problem::new(ErrorCode::WrongState, text).hint(hint));
        if let Some(why) = self.identity.locked() {
            let text = format!("Remote access is off, because this host's keys cannot be read: {why}");
            return refused(text, "Unlock the keyring, or mend what this says, and start the gateway again.");
        }
        let held = self.settings.held();
        if held.paused {
            let text = "Remote access is paused, so a phone cannot come in.";
            return refused(text.into(), "Resume it, in the app or with `offdesk reach --resume`.");
        }
        match (via, self.ways.lan_trouble(), self.tunnel().status()) {
            (Via::Lan, Some(trouble), _) => Err(trouble),
            (Via::Lan, None, _) if held.lan => refused(
                "This machine has no address in a local network now, so a phone cannot come by one.".into(),
                "Connect this machine to the network your phone is in, then try again.",
            ),
            (Via::Lan, None, _) => refused(
                "This network is not served, so a phone cannot come by it.".into(),
                "Turn it on, in the app or with `offdesk reach --lan on`.",
            ),
            (Via::Edge, _, Status::Down { text, fix, .. }) => {
                refused(format!("The way through the tunnel does not work now: {text}"), &fix)
            }
            (Via::Edge, _, Status::Starting { note, .. }) => refused(
                format!("The way through the tunnel is still being opened: {note}."),
                "Wait a moment, then try again; `offdesk doctor` says how it comes along.",
            ),
            (Via::Edge, ..) => refused(
                "There is no tunnel, so a phone cannot come from outside.".into(),
                "Turn one on, in the app or with `offdesk reach --tunnel quick`.",
            ),
        }
    }

    fn for_page(&self, role: DeviceRole, note: Option<String>) -> Result<PairingOffer, Problem> {
        let open = self.pairings.offer(Wanted::Page, role)?;
        let code = LocalCode { id: open.id, secret: open.secret, host_key: self.identity.local_public() };
        let login_url = format!("{}/#c={}", self.url, code.encode());
        Ok(PairingOffer {
            wanted: OfferFor::Page,
            login_url,
            expires_at: open.expires,
            host_name: self.host_name.clone(),
            path: PathKind::Local,
            note,
        })
    }

    fn for_phone(&self, role: DeviceRole, paths: Vec<Path>) -> Result<PairingOffer, Problem> {
        if paths.is_empty() {
            let text = "A phone has no way to this machine now, so there is nothing to scan.";
            let hint = if self.settings.held().paused {
                "Remote access is paused: resume it, in the app or with `offdesk reach --resume`."
            } else {
                "Open one, in the app or with `offdesk reach --tunnel quick`, or --lan on for phones in the same \
                 network; if one should be open, `offdesk doctor` says what holds it up."
            };
            return Err(Problem::new(ErrorCode::WrongState, text).hint(hint));
        }
        let by_network = paths.first().is_some_and(|path| path.kind == PathKind::Lan);
        let note = by_network.then(|| self.reach.fingerprint()).flatten().map(|fingerprint| {
            format!(
                "The phone's browser will warn you, because this computer made its certificate itself. Go on if the \
                 certificate's SHA-256 fingerprint is {fingerprint}."
            )
        });
        let open = self.pairings.offer(Wanted::Phone, role)?;
        self.scannable(open, paths, note)
    }

    /// A code by which another page becomes the same device, at `origin`: one of this host's paths, or where the
    /// device's pages are already.
    pub(crate) fn adoption(&self, device: &Device, origin: &str) -> Result<PairingOffer, Problem> {
        let mut paths = self.reach.paths();
        if !paths.iter().any(|path| path.url == origin) {
            if !device.origins.iter().any(|known| known == origin) {
                let text = "That is no address of this host, so no code was made for it.";
                return Err(Problem::new(ErrorCode::BadRequest, text).hint("GET /api/v1/paths lists them."));
            }
            // The page is there already, served from its own store; it reaches us by what we have now.
            paths.insert(0, Path { kind: PathKind::Edge, url: origin.into() });
        }
        paths.sort_by_key(|path| path.url != origin);
        let open = self.pairings.offer(Wanted::Adoption { device: device.id }, device.role)?;
        self.scannable(open, paths, None)
    }

    fn scannable(&self, open: Open, paths: Vec<Path>, note: Option<String>) -> Result<PairingOffer, Problem> {
        let keys = self.identity.remote().ok_or_else(|| {
            let why = self.identity.locked().unwrap_or_default();
            Problem::new(ErrorCode::WrongState, format!("No device can be paired from outside: {why}"))
        })?;
        let path = paths.first().map_or(PathKind::Edge, |path| path.kind);
        let offer = Offer {
            host_key: keys.link_public(),
            id: open.id,
            secret: open.secret,
            expires: u64::try_from(open.expires.as_second()).unwrap_or_default(),
            paths,
            host_name: self.host_name.chars().take(LONGEST_NAME).collect(),
            role: open.role,
        };
        let login_url = offer.url().unwrap_or_default();
        Ok(PairingOffer {
            wanted: OfferFor::Phone,
            login_url,
            expires_at: open.expires,
            host_name: self.host_name.clone(),
            path,
            note,
        })
    }

    /// Names under which a tunnel may bring requests.
    pub(crate) fn edge_names(&self) -> Vec<String> {
        self.reach.edge_names()
    }
}
