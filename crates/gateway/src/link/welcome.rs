//! The handshake: who is it, and may they come in?

use crate::Shared;
use crate::access::random;
use crate::devices::name_of;
use crate::identity::LinkKeys;
use crate::pairings::{Open, Wanted};
use axum::extract::ws::{Message, WebSocket};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use offdesk_link::{Asked, Opening, Responder, Sealed, VERSIONS, digits, refuse_version};
use offdesk_protocol::*;
use offdesk_store::DeviceKey;
use serde::Serialize;
use std::time::Duration;
use tokio::sync::watch;

/// How long somebody may take to say who they are.
const PATIENCE: Duration = Duration::from_secs(10);
/// A refusal comes after this, whatever was wrong: it tells nothing, and guessing takes long.
const RELUCTANCE: Duration = Duration::from_millis(300);
/// Longest text a stranger says of itself, in bytes.
const LONGEST: usize = 2048;

/// Not let in.
pub(super) struct Refused;

/// Somebody with a sealed connection.
pub(super) struct Welcomed {
    pub sealed: Sealed,
    pub who: Who,
}

/// Who came.
pub(super) enum Who {
    /// A device that may use the API.
    Device(DeviceId),
    /// One that waits for a person's yes.
    Waiting(watch::Receiver<Consent>),
    /// One that was just let in; it comes back as itself.
    Paired,
}

pub(super) async fn welcome(
    shared: &Shared,
    path: PathKind,
    origin: Option<String>,
    socket: &mut WebSocket,
) -> Result<Welcomed, Refused> {
    let begun = tokio::time::Instant::now();
    let welcomed = match tokio::time::timeout(PATIENCE, converse(shared, path, origin, socket)).await {
        Ok(welcomed) => welcomed,
        Err(_) => Err(Refused),
    };
    if welcomed.is_err() {
        tokio::time::sleep_until(begun + RELUCTANCE).await;
    }
    welcomed
}

async fn converse(
    shared: &Shared,
    path: PathKind,
    origin: Option<String>,
    socket: &mut WebSocket,
) -> Result<Welcomed, Refused> {
    let Some(Ok(Message::Binary(first))) = socket.recv().await else { return Err(Refused) };
    let opening = Opening::parse(&first).map_err(|_| Refused)?;
    if !VERSIONS.contains(&opening.version) {
        send(socket, refuse_version(&VERSIONS)).await?;
        return Err(Refused);
    }
    let keys = shared.identity.keys(path).ok_or(Refused)?;
    // An offer that is not there is tried with a secret nobody has, so that it takes as long.
    let secret = match opening.offer.and_then(|id| shared.pairings.secret(&id, path)) {
        Some(secret) => secret,
        None => random().map_err(|_| Refused)?,
    };
    let read = Responder::read(&opening, path, shared.host.0.as_bytes(), keys.link_secret(), &secret);
    let asked = match read {
        Ok(asked) => asked,
        Err(_) => {
            if let Some(id) = opening.offer {
                shared.pairings.fail(&id);
            }
            return Err(Refused);
        }
    };
    match opening.offer {
        Some(id) => {
            let open = shared.pairings.take(&id).ok_or(Refused)?;
            pair(shared, path, origin, open, asked, &keys, opening.version, socket).await
        }
        None => session(shared, path, asked, &keys, opening.version, socket).await,
    }
}

async fn send(socket: &mut WebSocket, message: Vec<u8>) -> Result<(), Refused> {
    socket.send(Message::Binary(message.into())).await.map_err(|_| Refused)
}

fn said<T: serde::de::DeserializeOwned>(payload: &[u8]) -> Result<T, Refused> {
    if payload.len() > LONGEST {
        return Err(Refused);
    }
    serde_json::from_slice(payload).map_err(|_| Refused)
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Refused> {
    serde_json::to_vec(value).map_err(|_| Refused)
}

/// Both could speak a newer version, so somebody in between talked them down.
fn check_version(used: u8, newest: u8) -> Result<(), Refused> {
    if newest.min(*VERSIONS.end()) > used { Err(Refused) } else { Ok(()) }
}

fn words(shared: &Shared, keys: &LinkKeys<'_>) -> HostWords {
    HostWords {
        id: shared.host.to_string(),
        name: shared.host_name.clone(),
        signing_key: keys.signing_public().map(|key| URL_SAFE_NO_PAD.encode(key)),
    }
}

fn paths(shared: &Shared, path: PathKind) -> Option<SignedPaths> {
    (path != PathKind::Local).then(|| shared.reach.signed().borrow().clone()).flatten()
}

#[allow(clippy::too_many_arguments, reason = "one moment of one handshake")]
async fn pair(
    shared: &Shared,
    path: PathKind,
    origin: Option<String>,
    open: Open,
    asked: Asked,
    keys: &LinkKeys<'_>,
    version: u8,
    socket: &mut WebSocket,
) -> Result<Welcomed, Refused> {
    let hello: PairingHello = said(&asked.payload)?;
    check_version(version, hello.newest)?;
    let signing = URL_SAFE_NO_PAD.decode(&hello.signing_key).ok().and_then(|key| key.try_into().ok());
    // What the browser says of its origin, before what the page says of itself.
    let origin = origin.unwrap_or(hello.origin);
    let key = DeviceKey { key: asked.key, signing, origin: origin.chars().take(255).collect() };
    let known = shared.devices.by_key(&asked.key);
    let again = known.as_ref().is_some_and(|device| device.state == DeviceState::Revoked);
    let held = known.as_ref().filter(|_| !again).map(|device| device.role);
    let device = match (&open.wanted, known) {
        (Wanted::Adoption { device }, _) => shared.devices.get(*device).map_err(|_| Refused)?,
        // The same page again: it keeps its id and the name people gave it, and never loses by it.
        (_, Some(known)) => {
            let role = if again { open.role } else { known.role.max(open.role) };
            Device { role, ..known }
        }
        (wanted, None) => Device {
            id: DeviceId::new(),
            name: name_of(&hello.name).unwrap_or_else(|| "a page".into()),
            platform: name_of(&hello.platform).unwrap_or_default(),
            role: open.role,
            state: DeviceState::Active,
            local: *wanted == Wanted::Page,
            origins: Vec::new(),
            keys: 0,
            created_at: Timestamp::now(),
            seen_at: None,
            online: Vec::new(),
            decided: 0,
        },
    };
    let allowed = match &open.wanted {
        Wanted::Page => true,
        Wanted::Adoption { .. } => device.state == DeviceState::Active,
        // A page that has access already gains nothing by scanning again; who would gain must be asked about.
        Wanted::Phone => held.is_some_and(|role| role >= device.role),
    };
    if matches!(open.wanted, Wanted::Adoption { .. }) && !allowed {
        return Err(Refused);
    }
    let answer = PairingAnswer {
        host: words(shared, keys),
        device: device.id.to_string(),
        secret: URL_SAFE_NO_PAD.encode(keys.device_secret(device.id)),
        role: device.role,
        state: if allowed { Consent::Approved } else { Consent::Waiting },
        paths: paths(shared, path),
    };
    let (sealed, message) = asked.responder.answer(&[0; 32], &json(&answer)?).map_err(|_| Refused)?;
    let device = Device { state: DeviceState::Active, ..device };
    if allowed {
        shared.devices.let_in(device, key).await.map_err(|_| Refused)?;
        send(socket, message).await?;
        return Ok(Welcomed { sealed, who: Who::Paired });
    }
    let request = PairingRequest {
        device: device.id,
        name: device.name.clone(),
        platform: device.platform.clone(),
        digits: digits(sealed.hash()),
        path,
        role: device.role,
        again,
        asked_at: Timestamp::now(),
    };
    let consent = shared.pairings.ask(request, device, key);
    send(socket, message).await?;
    Ok(Welcomed { sealed, who: Who::Waiting(consent) })
}

async fn session(
    shared: &Shared,
    path: PathKind,
    asked: Asked,
    keys: &LinkKeys<'_>,
    version: u8,
    socket: &mut WebSocket,
) -> Result<Welcomed, Refused> {
    let hello: SessionHello = said(&asked.payload)?;
    check_version(version, hello.newest)?;
    let device = shared.devices.by_key(&asked.key).ok_or(Refused)?;
    // A page of this machine is known on this machine's path only, and no other device is known there.
    if device.state != DeviceState::Active || device.local != (path == PathKind::Local) {
        return Err(Refused);
    }
    let answer = SessionAnswer { host: words(shared, keys), paths: paths(shared, path) };
    let secret = keys.device_secret(device.id);
    let (sealed, message) = asked.responder.answer(&secret, &json(&answer)?).map_err(|_| Refused)?;
    send(socket, message).await?;
    Ok(Welcomed { sealed, who: Who::Device(device.id) })
}
