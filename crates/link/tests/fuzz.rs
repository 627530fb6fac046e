//! What strangers, carriers and peers may send: anything. Each test here is a fuzz target: `cargo test` feeds it random
//! inputs for a moment, `cargo x fuzz` feeds it what libFuzzer finds for as long as one likes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on says so"
)]

#[path = "fuzz/peer.rs"]
mod peer;
#[allow(dead_code, reason = "the other tests need more of the story")]
#[path = "all/story.rs"]
mod story;

use bolero::{TypeGenerator, check};
use ed25519_dalek::{Signer, SigningKey};
use offdesk_link::*;
use offdesk_protocol::*;
use peer::Said;
use std::time::Duration;
use story::{HOST, SHARED, handshake, public};

/// For each target in a plain test run.
const A_MOMENT: Duration = Duration::from_millis(800);
const MANY: usize = 100_000;

/// What becomes of good bytes on their way.
#[derive(Clone, Debug, TypeGenerator)]
enum Change {
    Flip { at: u16, bits: u8 },
    Cut { at: u16 },
    Insert { at: u16, bytes: Vec<u8> },
    Double,
}

fn changed(good: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for change in changes.iter().take(8) {
        let place = |at: &u16| usize::from(*at) % (bytes.len() + 1);
        match change {
            Change::Flip { at, bits } => {
                let at = place(at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= bits;
                }
            }
            Change::Cut { at } => bytes.truncate(place(at)),
            Change::Insert { at, bytes: more } => {
                let at = place(at);
                bytes.splice(at..at, more.iter().copied());
            }
            Change::Double => bytes.extend_from_within(..),
        }
    }
    bytes
}

/// Only what `encode` makes is a frame: every frame has one size, so nobody is made to keep sixty thousand bytes for
/// one.
#[test]
fn a_frame_is_what_was_encoded_or_none() {
    check!().with_type::<(u8, Vec<u8>)>().with_iterations(MANY).with_test_time(A_MOMENT).for_each(
        |(size, start)| {
            let size = [256, 1024, 4096, 16 * 1024, 60 * 1024, start.len()][usize::from(*size) % 6];
            let mut plain = start.clone();
            plain.resize(size, 0);
            if let Ok(frame) = Frame::parse(plain.clone().into()) {
                let again = frame.encode().unwrap();
                assert_eq!(again.len(), plain.len(), "{frame:?}");
                assert_eq!(Frame::parse(again.into()), Ok(frame));
            }
        },
    );
}

#[test]
fn no_knock_is_too_strange() {
    check!().with_iterations(MANY).with_test_time(A_MOMENT).for_each(|message: &[u8]| {
        if let Ok(opening) = Opening::parse(message) {
            assert!(Responder::read(&opening, PathKind::Edge, &HOST, &[0x22; 32], &SHARED).is_err());
        }
    });
}

/// A first message that was changed on its way does not open; nor does a changed answer.
#[test]
fn a_changed_handshake_is_none() {
    let (page, desk, offer) = ([0x11; 32], [0x22; 32], [0x33; 8]);
    let desks = public(&desk);
    check!()
        .with_type::<(bool, Vec<Change>, Vec<Change>)>()
        .with_iterations(MANY)
        .with_test_time(A_MOMENT)
        .for_each(|(pairing, up, down)| {
            let keys = Keys { own: &page, other: &desks, shared: &SHARED };
            let kind = if *pairing { Kind::Pairing { offer } } else { Kind::Session { host: HOST } };
            let (initiator, first) = Initiator::begin(1, kind, PathKind::Edge, &keys, b"{}").unwrap();
            let arrived = changed(&first, up);
            let asked = Opening::parse(&arrived)
                .and_then(|opening| Responder::read(&opening, PathKind::Edge, &HOST, &desk, &SHARED));
            assert_eq!(asked.is_ok(), arrived == first);
            let Ok(asked) = asked else { return };
            assert_eq!((asked.key, &asked.payload[..]), (public(&page), &b"{}"[..]));
            let (_, second) = asked.responder.answer(&SHARED, b"welcome").unwrap();
            let arrived = changed(&second, down);
            assert_eq!(initiator.finish(&arrived).is_ok(), arrived == second);
        });
}

/// Whatever a carrier makes of sealed messages: what opens is the next frame as it was sealed.
#[test]
fn nothing_opens_that_was_not_sealed() {
    check!()
        .with_type::<Vec<(Said, u8, Vec<Change>)>>()
        .with_iterations(MANY)
        .with_test_time(A_MOMENT)
        .for_each(|said| {
            let (mut page, mut host) = handshake();
            let frames: Vec<Frame> = said.iter().map(|(said, ..)| said.frame(1)).collect();
            let sealed: Vec<Vec<u8>> = frames.iter().map(|frame| page.seal(frame).unwrap()).collect();
            let mut next = 0;
            for (at, (_, other, changes)) in said.iter().enumerate() {
                // Mostly the right one, sometimes another.
                let at = if *other < 200 { at } else { usize::from(*other) % sealed.len() };
                let arrived = changed(&sealed[at], changes);
                match host.open(&arrived) {
                    Ok(frame) => {
                        assert!(
                            next < sealed.len() && arrived == sealed[next],
                            "not the next one as it was sealed"
                        );
                        assert_eq!(frame, frames[next]);
                        next += 1;
                    }
                    // What is sealed and allowed opens; only what the protocol forbids may not.
                    Err(why) => {
                        let good = next < sealed.len() && arrived == sealed[next];
                        assert!(!good || matches!(why, LinkError::Protocol(_)), "{why}");
                        // The counter has moved for one that was sealed, and the connection ends for any.
                        return;
                    }
                }
            }
        });
}

#[test]
fn no_code_is_too_strange() {
    let offer = Offer {
        host_key: [1; 32],
        id: [2; 8],
        secret: [3; 32],
        expires: 1_795_000_000,
        paths: vec![Path { kind: PathKind::Edge, url: "https://brave-test.trycloudflare.com".into() }],
        host_name: "desk".into(),
        role: DeviceRole::Admin,
    };
    let raw =
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, offer.encode()).unwrap();
    check!()
        .with_type::<(u8, Vec<u8>, Vec<Change>)>()
        .with_iterations(MANY)
        .with_test_time(A_MOMENT)
        .for_each(|(kind, bytes, changes)| {
            let encoded = |bytes: &[u8]| {
                base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bytes)
            };
            let text = match kind % 4 {
                0 => String::from_utf8_lossy(bytes).into_owned(),
                1 => encoded(bytes),
                2 => encoded(&changed(&raw, changes)),
                _ => String::from_utf8_lossy(&changed(offer.encode().as_bytes(), changes)).into_owned(),
            };
            if let Ok(offer) = Offer::decode(&text) {
                assert_eq!(Offer::decode(&offer.encode()), Ok(offer));
            }
            if let Ok(code) = LocalCode::decode(&text) {
                assert_eq!(code.encode(), text);
            }
        });
}

#[test]
fn no_record_is_believed_that_the_host_did_not_sign() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let paths = Paths { host: "h".into(), issued: 5, paths: Vec::new() };
    let good = sign_paths(&paths, |bytes| key.sign(bytes).to_bytes());
    check!()
        .with_type::<(Vec<Change>, Vec<Change>)>()
        .with_iterations(MANY)
        .with_test_time(A_MOMENT)
        .for_each(|(record, signature)| {
            let text = |good: &str, changes| {
                String::from_utf8_lossy(&changed(good.as_bytes(), changes)).into_owned()
            };
            let signed = SignedPaths {
                record: text(&good.record, record),
                signature: text(&good.signature, signature),
            };
            let believed = verify_paths(&signed, &key.verifying_key());
            assert!(believed.is_none() || signed.record == good.record);
        });
}

/// A peer that has the keys and no manners: the connection ends, or it goes on and still answers.
#[test]
fn a_peer_may_say_anything() {
    check!()
        .with_type::<(bool, Vec<Said>)>()
        .with_iterations(MANY)
        .with_test_time(A_MOMENT)
        .for_each(|(called, said)| peer::in_time(peer::talk(*called, said)));
}
