//! The paired devices: what they may, and their connections. Revoking ends those at once.

use crate::storage_problem;
use jiff::Timestamp;
use offdesk_protocol::{Device, DeviceId, DeviceState, ErrorCode, PathKind, Problem};
use offdesk_store::{DeviceKey, Store};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// Changes a viewer may be behind before it is given everything anew.
const RECENT: usize = 64;
/// Connections one device may have; the oldest makes way.
const MOST_CONNECTIONS: usize = 16;
/// A name's length, in characters.
const LONGEST_NAME: usize = 80;

struct Known {
    device: Device,
    keys: Vec<DeviceKey>,
    connections: BTreeMap<u64, (PathKind, CancellationToken)>,
}

impl Known {
    fn view(&self) -> Device {
        let mut device = self.device.clone();
        device.origins = self.keys.iter().map(|key| key.origin.clone()).collect();
        device.origins.dedup();
        device.keys = u32::try_from(self.keys.len()).unwrap_or(u32::MAX);
        device.online = self.connections.values().map(|(path, _)| *path).collect();
        device
    }
}

#[derive(Default)]
struct Inner {
    known: BTreeMap<DeviceId, Known>,
    by_key: HashMap<[u8; 32], DeviceId>,
    next: u64,
}

pub(crate) struct Devices {
    store: Store,
    inner: Mutex<Inner>,
    changed: broadcast::Sender<Device>,
}

/// A device's connection. While it lives the device is shown as connected.
pub(crate) struct Presence {
    devices: Arc<Devices>,
    device: DeviceId,
    number: u64,
    /// The device was revoked, or has too many connections.
    pub(crate) ended: CancellationToken,
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.devices.left(self.device, self.number);
    }
}

impl Devices {
    pub(crate) fn load(store: Store) -> Result<Arc<Self>, Problem> {
        let mut inner = Inner::default();
        for (device, keys) in store.read(|reader| reader.devices()).map_err(storage_problem)? {
            inner.by_key.extend(keys.iter().map(|key| (key.key, device.id)));
            inner.known.insert(device.id, Known { device, keys, connections: BTreeMap::new() });
        }
        Ok(Arc::new(Self { store, inner: Mutex::new(inner), changed: broadcast::Sender::new(RECENT) }))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn changes(&self) -> broadcast::Receiver<Device> {
        self.changed.subscribe()
    }

    fn announce(&self, id: DeviceId) {
        let view = self.inner().known.get(&id).map(Known::view);
        if let Some(device) = view {
            // Nobody watching is no reason to fail.
            let _ = self.changed.send(device);
        }
    }

    /// The device with this key, whatever its state.
    pub(crate) fn by_key(&self, key: &[u8; 32]) -> Option<Device> {
        let inner = self.inner();
        inner.by_key.get(key).and_then(|id| inner.known.get(id)).map(Known::view)
    }

    pub(crate) fn get(&self, id: DeviceId) -> Result<Device, Problem> {
        self.inner().known.get(&id).map(Known::view).ok_or_else(|| {
            Problem::new(ErrorCode::NotFound, format!("There is no device {id}."))
                .hint("`offdesk devices` lists them.")
        })
    }

    /// All devices, with how much each decided.
    pub(crate) fn list(&self) -> Result<Vec<Device>, Problem> {
        let decided = self.store.read(|reader| reader.decided()).map_err(storage_problem)?;
        let mut views: Vec<Device> = self.inner().known.values().map(Known::view).collect();
        for view in &mut views {
            view.decided = decided.get(&view.id).copied().unwrap_or(0);
        }
        Ok(views)
    }

    /// Where devices' pages came from: the only foreign pages that may call.
    pub(crate) fn has_origin(&self, origin: &str) -> bool {
        let inner = self.inner();
        inner
            .known
            .values()
            .filter(|known| known.device.state == DeviceState::Active)
            .any(|known| known.keys.iter().any(|key| key.origin == origin))
    }

    /// Lets a device in, or gives one that is known another key.
    pub(crate) async fn let_in(&self, device: Device, key: DeviceKey) -> Result<(), Problem> {
        self.store.put_device(device.clone()).await.map_err(storage_problem)?;
        self.store.add_device_key(device.id, key.clone()).await.map_err(storage_problem)?;
        let id = device.id;
        {
            let mut inner = self.inner();
            inner.by_key.insert(key.key, id);
            let known = inner.known.entry(id).or_insert_with(|| Known {
                device: device.clone(),
                keys: Vec::new(),
                connections: BTreeMap::new(),
            });
            // What a connection may was settled when it was made: one whose device may now more, or less, is made anew.
            if known.device.role != device.role {
                known.connections.values().for_each(|(_, ended)| ended.cancel());
            }
            known.device = device;
            known.keys.retain(|old| old.key != key.key);
            known.keys.push(key);
        }
        self.announce(id);
        Ok(())
    }

    async fn change(&self, id: DeviceId, change: impl FnOnce(&mut Device)) -> Result<Device, Problem> {
        let mut device = self.get(id)?;
        change(&mut device);
        self.store.put_device(device.clone()).await.map_err(storage_problem)?;
        if let Some(known) = self.inner().known.get_mut(&id) {
            known.device = device;
            if known.device.state == DeviceState::Revoked {
                for (_, ended) in known.connections.values() {
                    ended.cancel();
                }
            }
        }
        self.announce(id);
        self.get(id)
    }

    pub(crate) async fn rename(&self, id: DeviceId, name: &str) -> Result<Device, Problem> {
        let name = name_of(name).ok_or_else(|| {
            Problem::new(
                ErrorCode::BadRequest,
                "A device's name has 1 to 80 letters; it keeps the one it has.",
            )
        })?;
        self.change(id, |device| device.name = name).await
    }

    /// Takes a device's access away. Its connections end before this returns.
    pub(crate) async fn revoke(&self, id: DeviceId) -> Result<Device, Problem> {
        self.change(id, |device| device.state = DeviceState::Revoked).await
    }

    /// A device has connected; nothing when it may not.
    pub(crate) async fn connect(self: &Arc<Self>, id: DeviceId, path: PathKind) -> Option<Presence> {
        let ended = CancellationToken::new();
        let (number, device) = {
            let mut inner = self.inner();
            inner.next += 1;
            let number = inner.next;
            let known = inner.known.get_mut(&id)?;
            if known.device.state != DeviceState::Active {
                return None;
            }
            known.device.seen_at = Some(Timestamp::now());
            if known.connections.len() >= MOST_CONNECTIONS
                && let Some((_, (_, oldest))) = known.connections.pop_first()
            {
                oldest.cancel();
            }
            known.connections.insert(number, (path, ended.clone()));
            (number, known.device.clone())
        };
        // When it was seen is a courtesy; a full disk must not keep anybody out.
        let _ = self.store.put_device(device).await;
        self.announce(id);
        Some(Presence { devices: self.clone(), device: id, number, ended })
    }

    fn left(&self, id: DeviceId, number: u64) {
        if let Some(known) = self.inner().known.get_mut(&id) {
            known.connections.remove(&number);
            known.device.seen_at = Some(Timestamp::now());
        }
        self.announce(id);
    }
}

/// A name as it is kept: no control characters, no odd spaces, not too long.
pub(crate) fn name_of(name: &str) -> Option<String> {
    let name: String = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}
