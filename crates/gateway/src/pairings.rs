//! Offers to pair, and devices that wait for a person's yes.
//!
//! An offer serves once: the first message that proves its secret burns it, whatever comes after. All of it is in
//! memory: a gateway that restarts has made no promises.

use crate::access::random;
use jiff::{SignedDuration, Timestamp};
use offdesk_protocol::{Consent, Device, DeviceId, DeviceRole, ErrorCode, PairingRequest, PathKind, Problem};
use offdesk_store::DeviceKey;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How long an offer lives.
const PHONE_LIFE: SignedDuration = SignedDuration::from_secs(120);
const PAGE_LIFE: SignedDuration = SignedDuration::from_mins(15);
const ADOPTION_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// How long a person may take to say yes.
const ANSWER_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// Wrong secrets after which an offer is closed.
const MOST_TRIES: u8 = 5;
/// Offers that are open and devices that wait, at most; the oldest make way.
const MOST: usize = 32;

/// Whom an offer is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A page on this machine: who can read its code is there already.
    Page,
    /// A new device, for which a person must say yes.
    Phone,
    /// Another page of a device that asked for this itself.
    Adoption {
        /// The device.
        device: DeviceId,
    },
}

impl Wanted {
    fn comes_by(&self, path: PathKind) -> bool {
        (*self == Self::Page) == (path == PathKind::Local)
    }

    fn life(&self) -> SignedDuration {
        match self {
            Self::Page => PAGE_LIFE,
            Self::Phone => PHONE_LIFE,
            Self::Adoption { .. } => ADOPTION_LIFE,
        }
    }
}

/// An offer that is open.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub id: [u8; 8],
    pub secret: [u8; 32],
    pub expires: Timestamp,
    pub wanted: Wanted,
    pub role: DeviceRole,
    tries: u8,
}

struct Waiting {
    request: PairingRequest,
    device: Device,
    key: DeviceKey,
    answer: watch::Sender<Consent>,
}

#[derive(Default)]
struct Inner {
    offers: HashMap<[u8; 8], Open>,
    waiting: HashMap<DeviceId, Waiting>,
}

pub(crate) struct Pairings {
    inner: Mutex<Inner>,
    changed: watch::Sender<u64>,
}

impl Pairings {
    pub(crate) fn new() -> Self {
        Self { inner: Mutex::default(), changed: watch::Sender::new(0) }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Timestamp::now();
        inner.offers.retain(|_, offer| offer.expires > now);
        inner.waiting.retain(|_, waiting| waiting.request.asked_at + ANSWER_LIFE > now);
        inner
    }

    /// Makes an offer.
    pub(crate) fn offer(&self, wanted: Wanted, role: DeviceRole) -> Result<Open, Problem> {
        let (id, secret) = (random()?, random()?);
        let expires = Timestamp::now() + wanted.life();
        let open = Open { id, secret, expires, wanted, role, tries: 0 };
        let mut inner = self.inner();
        if inner.offers.len() >= MOST
            && let Some(oldest) =
                inner.offers.values().min_by_key(|offer| offer.expires).map(|offer| offer.id)
        {
            inner.offers.remove(&oldest);
        }
        inner.offers.insert(id, open.clone());
        Ok(open)
    }

    /// The secret of an offer that may be taken by this path.
    pub(crate) fn secret(&self, id: &[u8; 8], path: PathKind) -> Option<[u8; 32]> {
        self.inner().offers.get(id).filter(|offer| offer.wanted.comes_by(path)).map(|offer| offer.secret)
    }

    /// Somebody did not know the secret.
    pub(crate) fn fail(&self, id: &[u8; 8]) {
        let mut inner = self.inner();
        if let Some(offer) = inner.offers.get_mut(id) {
            offer.tries += 1;
            if offer.tries >= MOST_TRIES {
                inner.offers.remove(id);
            }
        }
    }

    /// Takes the offer, once.
    pub(crate) fn take(&self, id: &[u8; 8]) -> Option<Open> {
        self.inner().offers.remove(id)
    }

    /// A device waits; gives where the answer will come.
    pub(crate) fn ask(
        &self,
        request: PairingRequest,
        device: Device,
        key: DeviceKey,
    ) -> watch::Receiver<Consent> {
        let (answer, asked) = watch::channel(Consent::Waiting);
        let mut inner = self.inner();
        if inner.waiting.len() >= MOST
            && let Some(oldest) =
                inner.waiting.values().min_by_key(|w| w.request.asked_at).map(|w| w.request.device)
        {
            inner.waiting.remove(&oldest);
        }
        inner.waiting.insert(request.device, Waiting { request, device, key, answer });
        drop(inner);
        self.changed.send_modify(|n| *n += 1);
        asked
    }

    /// A device that waits, as it will be, and its key.
    pub(crate) fn candidate(&self, device: DeviceId) -> Result<(Device, DeviceKey), Problem> {
        let found =
            self.inner().waiting.get(&device).map(|waiting| (waiting.device.clone(), waiting.key.clone()));
        found.ok_or_else(|| {
            Problem::new(ErrorCode::NotFound, "No device with this id waits to be let in.")
                .hint("It waits for five minutes. Show a new code with `offdesk pair` and scan it.")
        })
    }

    /// Tells a device that waits.
    pub(crate) fn answer(&self, device: DeviceId, consent: Consent) {
        if let Some(waiting) = self.inner().waiting.remove(&device) {
            // It may have left; then it finds out when it comes back.
            waiting.answer.send_replace(consent);
        }
        self.changed.send_modify(|n| *n += 1);
    }

    /// Devices that wait, oldest first.
    pub(crate) fn waiting(&self) -> Vec<PairingRequest> {
        let mut waiting: Vec<PairingRequest> =
            self.inner().waiting.values().map(|waiting| waiting.request.clone()).collect();
        waiting.sort_by_key(|request| request.asked_at);
        waiting
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_serves_once_and_only_by_its_path() {
        let pairings = Pairings::new();
        let phone = pairings.offer(Wanted::Phone, DeviceRole::Admin).unwrap();
        assert_eq!(
            pairings.secret(&phone.id, PathKind::Local),
            None,
            "a phone's code is none for this machine"
        );
        assert_eq!(pairings.secret(&phone.id, PathKind::Edge), Some(phone.secret));
        let page = pairings.offer(Wanted::Page, DeviceRole::Admin).unwrap();
        assert_eq!(pairings.secret(&page.id, PathKind::Edge), None, "a page's code is none from outside");
        assert!(pairings.take(&phone.id).is_some());
        assert!(pairings.take(&phone.id).is_none());
        assert_eq!(pairings.secret(&phone.id, PathKind::Edge), None);
    }

    #[test]
    fn guessing_closes_the_window() {
        let pairings = Pairings::new();
        let offer = pairings.offer(Wanted::Phone, DeviceRole::Admin).unwrap();
        for _ in 0..MOST_TRIES {
            assert!(pairings.secret(&offer.id, PathKind::Edge).is_some());
            pairings.fail(&offer.id);
        }
        assert_eq!(pairings.secret(&offer.id, PathKind::Edge), None);
    }
}
