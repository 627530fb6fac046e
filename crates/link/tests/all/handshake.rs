//! Who gets in, and who learns nothing; and the vectors both twins must reproduce.

use crate::story::{HOST, SHARED, public};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::{Signer, SigningKey};
use offdesk_link::*;
use offdesk_protocol::*;
use serde_json::{Value, json};

const PAGE: [u8; 32] = [0x11; 32];
const DESK: [u8; 32] = [0x22; 32];
const OFFER: [u8; 8] = [0x33; 8];

fn begin(kind: Kind, path: PathKind, shared: &[u8; 32]) -> (Initiator, Vec<u8>) {
    let keys = Keys { own: &PAGE, other: &public(&DESK), shared };
    Initiator::begin(1, kind, path, &keys, b"{}").unwrap()
}

fn read(first: &[u8], path: PathKind, host: &[u8; 16], secret: &[u8; 32]) -> Result<Asked, LinkError> {
    Responder::read(&Opening::parse(first)?, path, host, &DESK, secret)
}

#[test]
fn a_pairing_opens_only_with_its_secret_its_offer_its_path_and_its_host() {
    let kind = Kind::Pairing { offer: OFFER };
    let (_, first) = begin(kind, PathKind::Edge, &SHARED);
    assert!(read(&first, PathKind::Edge, &HOST, &SHARED).is_ok());
    assert!(read(&first, PathKind::Edge, &HOST, &[6; 32]).is_err(), "another secret");
    assert!(read(&first, PathKind::Lan, &HOST, &SHARED).is_err(), "another path");
    let mut moved = first.clone();
    moved[2] ^= 1;
    assert!(read(&moved, PathKind::Edge, &HOST, &SHARED).is_err(), "another offer");
    let opening = Opening::parse(&first).unwrap();
    assert!(Responder::read(&opening, PathKind::Edge, &HOST, &[0x44; 32], &SHARED).is_err(), "another host");
    for at in 0..first.len() {
        let mut changed = first.clone();
        changed[at] ^= 0x80;
        assert!(read(&changed, PathKind::Edge, &HOST, &SHARED).is_err(), "byte {at} changed");
        assert!(read(&first[..at], PathKind::Edge, &HOST, &SHARED).is_err(), "cut at {at}");
    }
}

#[test]
fn a_session_needs_the_devices_secret_and_this_host() {
    let kind = Kind::Session { host: HOST };
    let (initiator, first) = begin(kind, PathKind::Edge, &SHARED);
    assert!(read(&first, PathKind::Edge, &[8; 16], &SHARED).is_err(), "another host's id");
    let asked = read(&first, PathKind::Edge, &HOST, &[0; 32]).unwrap();
    assert_eq!(asked.key, public(&PAGE));
    let (_, answer) = asked.responder.answer(&[7; 32], b"").unwrap();
    assert_eq!(
        initiator.finish(&answer).err(),
        Some(LinkError::Handshake),
        "a host that does not know the secret"
    );
    // The same first message again: a host cannot tell, but nothing it answers can be opened or continued.
    let asked = read(&first, PathKind::Edge, &HOST, &[0; 32]).unwrap();
    let (mut sealed, _) = asked.responder.answer(&SHARED, b"").unwrap();
    assert!(sealed.open(&[0; 272]).is_err());
}

#[test]
fn another_version_is_told_which_are_spoken() {
    let keys = Keys { own: &PAGE, other: &public(&DESK), shared: &SHARED };
    let kind = Kind::Session { host: HOST };
    let (newer, first) = Initiator::begin(7, kind, PathKind::Edge, &keys, b"{}").unwrap();
    assert_eq!(Opening::parse(&first).unwrap().version, 7);
    let answer = refuse_version(&VERSIONS);
    assert_eq!(newer.finish(&answer).err(), Some(LinkError::Version { lowest: 1, highest: 1 }));
    // Versions are bound: what was begun as 7 does not open as 1.
    let mut lowered = first.clone();
    lowered[0] = 1;
    assert!(read(&lowered, PathKind::Edge, &HOST, &SHARED).is_err());
}

/// Handshakes and messages with fixed keys, as both twins must make them.
fn vectors() -> Value {
    let hex = |bytes: &[u8]| BASE64.encode(bytes);
    let (page_once, desk_once) = ([0x55; 32], [0x66; 32]);
    let mut cases = Vec::new();
    for (kind, name, path) in [
        (Kind::Pairing { offer: OFFER }, "pairing", PathKind::Edge),
        (Kind::Session { host: HOST }, "session", PathKind::Lan),
    ] {
        let keys = Keys { own: &PAGE, other: &public(&DESK), shared: &SHARED };
        let (initiator, first) =
            Initiator::begin_with(1, kind, path, &keys, b"{\"newest\":1}", Some(&page_once)).unwrap();
        let opening = Opening::parse(&first).unwrap();
        let asked = Responder::read_with(&opening, path, &HOST, &DESK, &SHARED, Some(&desk_once)).unwrap();
        let (mut desk, second) = asked.responder.answer(&SHARED, b"{\"state\":\"waiting\"}").unwrap();
        let (mut page, _) = initiator.finish(&second).unwrap();
        let up = Frame { end: true, ..Frame::new(FrameKind::Request, 1, &b"{\"method\":\"GET\"}"[..]) };
        let down = Frame { more: true, ..Frame::new(FrameKind::Bytes, 1, vec![0xab; 300]) };
        let mut messages = vec![
            json!({ "from": "page", "sealed": hex(&page.seal(&up).unwrap()) }),
            json!({ "from": "desk", "sealed": hex(&desk.seal(&down).unwrap()) }),
        ];
        let rekey = Frame::new(FrameKind::Rekey, 0, Vec::new());
        messages.push(json!({ "from": "page", "sealed": hex(&page.seal(&rekey).unwrap()) }));
        page.rekey_outgoing();
        messages.push(json!({ "from": "page", "sealed": hex(&page.seal(&up).unwrap()) }));
        messages.push(json!({ "from": "desk", "sealed": hex(&desk.seal(&rekey).unwrap()) }));
        desk.rekey_outgoing();
        messages.push(json!({ "from": "desk", "sealed": hex(&desk.seal(&down).unwrap()) }));
        cases.push(json!({
            "name": name, "path": path.number(), "id": hex(match &kind { Kind::Pairing { offer } => offer, Kind::Session { host } => host }),
            "pageSecret": hex(&PAGE), "pageEphemeral": hex(&page_once),
            "deskSecret": hex(&DESK), "deskPublic": hex(&public(&DESK)), "deskEphemeral": hex(&desk_once),
            "shared": hex(&SHARED), "firstPayload": "{\"newest\":1}", "first": hex(&first),
            "second": hex(&second), "secondPayload": "{\"state\":\"waiting\"}",
            "hash": hex(page.hash()), "digits": digits(page.hash()), "messages": messages,
        }));
    }
    let key = SigningKey::from_bytes(&[0x77; 32]);
    let path = Path { kind: PathKind::Edge, url: "https://brave-test-words.trycloudflare.com".into() };
    let paths = Paths {
        host: "0190d1a0-0000-7000-8000-000000000001".into(),
        issued: 1_795_000_000_000,
        paths: vec![path],
    };
    let offer = Offer {
        host_key: public(&DESK),
        id: OFFER,
        secret: SHARED,
        expires: 1_795_000_000,
        paths: vec![Path { kind: PathKind::Edge, url: "https://brave-test-words.trycloudflare.com".into() }],
        host_name: "désk".into(),
        role: DeviceRole::Admin,
    };
    json!({
        "handshakes": cases,
        "paths": { "key": hex(key.verifying_key().as_bytes()), "signed": sign_paths(&paths, |bytes| key.sign(bytes).to_bytes()), "record": paths },
        "offer": { "text": offer.encode(), "hostKey": hex(&offer.host_key), "expires": offer.expires, "hostName": offer.host_name },
        "localCode": LocalCode { id: OFFER, secret: SHARED, host_key: public(&DESK) }.encode(),
    })
}

#[test]
fn the_vectors_are_reproduced() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/link/vectors.json");
    let made = serde_json::to_string_pretty(&vectors()).unwrap() + "\n";
    if std::env::var_os("OFFDESK_BLESS").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap() == made,
        "the link's bytes changed: that breaks every page out there"
    );
}
