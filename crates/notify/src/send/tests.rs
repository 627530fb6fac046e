//! What is sent, against the standards' own words.

use super::by_channel::sign;
use super::by_push::request;
use crate::endpoint::KeptSubscription;
use crate::payload::topic;
use crate::vapid::Vapid;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use offdesk_protocol::*;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use web_push_native::{Auth, decrypt};

fn bytes(text: &str) -> Vec<u8> {
    BASE64.decode(text).unwrap()
}

/// RFC 8291, appendix A.
#[test]
fn the_standards_own_message_opens() {
    let secret = p256::SecretKey::from_slice(&bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")).unwrap();
    let public =
        bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
    assert_eq!(secret.public_key().to_encoded_point(false).as_bytes(), public);
    let auth = Auth::clone_from_slice(&bytes("BTBZMqHH6r4Tts7J_aSIgg"));
    let message = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    let open = decrypt(bytes(message), &secret, &auth).unwrap();
    assert_eq!(open, b"When I grow up, I want to be a watermelon");
    let mut changed = bytes(message);
    *changed.last_mut().unwrap() ^= 1;
    assert!(decrypt(changed, &secret, &auth).is_err());
}

fn notification() -> Notification {
    let at: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    Notification {
        id: NotificationId::new(),
        key: "approval/1".into(),
        reason: Reason::Decision,
        run: None,
        title: "api needs you".into(),
        body: "It asks to run a command.".into(),
        place: "/approval/1".into(),
        decidable: None,
        made_at: at,
        due_at: at,
        ended: None,
        sent: true,
        escalated: false,
        deliveries: Vec::new(),
    }
}

fn subscription(secret: &p256::SecretKey) -> KeptSubscription {
    let given = PutSubscription {
        endpoint: "https://push.example.com/send/a-secret-place".into(),
        p256dh: BASE64.encode(secret.public_key().to_encoded_point(false).as_bytes()),
        auth: BASE64.encode([9; 16]),
        origin: "https://brave-test.trycloudflare.com".into(),
    };
    KeptSubscription::of(DeviceId::new(), given, Timestamp::UNIX_EPOCH).unwrap()
}

#[test]
fn only_the_browser_opens_what_is_sent_and_all_messages_look_alike() {
    let secret = p256::SecretKey::from_slice(&[5; 32]).unwrap();
    let to = subscription(&secret);
    let http = reqwest::Client::builder();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = http.build().unwrap();
    let one = notification();
    let vapid = Vapid::from_secret(&[1; 32]);
    let sealed = |body: &str| {
        let one = Notification { body: body.into(), ..one.clone() };
        let message = crate::payload(&one, HostId::new(), false, &to.given.origin, 1, None);
        request(&http, &vapid, &to, &one, &message, false).unwrap().build().unwrap()
    };
    let (long, short) = (sealed("It asks to run a command."), sealed("It has a plan."));
    let body = long.body().unwrap().as_bytes().unwrap().to_vec();
    assert_eq!(body.len(), short.body().unwrap().as_bytes().unwrap().len(), "lengths say nothing");
    assert_eq!(long.headers()["topic"], short.headers()["topic"]);
    assert_eq!(
        (&long.headers()["ttl"], &long.headers()["urgency"]),
        (&"86400".parse().unwrap(), &"high".parse().unwrap())
    );
    let open = decrypt(body.clone(), &secret, &Auth::clone_from_slice(&[9; 16])).unwrap();
    let message: serde_json::Value = serde_json::from_slice(&open).unwrap();
    assert_eq!(message["notification"]["title"], "api needs you");
    let other = p256::SecretKey::from_slice(&[6; 32]).unwrap();
    assert!(decrypt(body, &other, &Auth::clone_from_slice(&[9; 16])).is_err());
    let endless = Notification { body: "x".repeat(5000), ..one.clone() };
    let message = crate::payload(&endless, HostId::new(), false, "", 1, None);
    assert!(request(&http, &vapid, &to, &endless, &message, false).is_err());
    assert!(!format!("{to:?}").contains("a-secret-place"));
}

#[test]
fn topics_are_what_push_services_take() {
    for key in ["approval/1", "run/2", "ü", ""] {
        let topic = topic(key);
        assert!(
            topic.len() <= 32 && topic.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)),
            "{topic}"
        );
    }
    assert_ne!(topic("approval/1"), topic("approval/2"));
}

#[test]
fn a_webhook_is_signed_over_id_time_and_body() {
    assert_ne!(sign("key", "a", "b", "c"), sign("key", "a", "b.c", ""), "what is signed is all of it");
    assert_ne!(sign("key", "a", "1", "c"), sign("other", "a", "1", "c"));
    // printf 'msg_1.1700000000.{}' | openssl dgst -sha256 -hmac Jefe -binary | base64
    assert_eq!(sign("Jefe", "msg_1", "1700000000", "{}"), "v1,/znRf2NDj89CWInaD6lrZNuat1XrfqqxwHGR//lzzVM=");
}

#[test]
fn channels_say_what_is_missing() {
    let put = |kind: ChannelKind, secret: Option<&str>| PutChannel {
        id: ChannelId::new(),
        name: "mine".into(),
        kind,
        always: false,
        secret: secret.map(str::to_string),
    };
    let ntfy = |server: &str, topic: &str| ChannelKind::Ntfy { server: server.into(), topic: topic.into() };
    let hook = |url: &str| ChannelKind::Webhook { url: url.into() };
    let chat = |chat: &str| ChannelKind::Telegram { chat: chat.into() };
    let mail = |server: &str, security| ChannelKind::Email {
        server: server.into(),
        port: 587,
        security,
        user: None,
        from: "Ada <ada@example.com>".into(),
        to: "ada@example.com".into(),
    };
    let good = "0123456789abcdef";
    for (kind, secret, from_phone, from_desk) in [
        (ntfy("https://ntfy.sh", "hard-to-guess"), None, true, true),
        (ntfy("https://ntfy.sh", "../x"), None, false, false),
        (ntfy("http://192.168.1.4", "topic"), None, false, true),
        (hook("https://example.com/hook"), Some(good), true, true),
        (hook("https://example.com/hook"), Some("short"), false, false),
        (hook("http://127.0.0.1:9/"), Some(good), false, true),
        (hook("file:///etc/passwd"), Some(good), false, false),
        (chat("-100123"), Some("123456:AAx"), true, true),
        (chat("-100123"), Some("../../x"), false, false),
        (chat("-100123"), None, false, false),
        (chat("somebody"), Some("123456:AAx"), false, false),
        (mail("smtp.example.com", MailSecurity::StartTls), None, true, true),
        (mail("smtp.example.com", MailSecurity::None), None, false, false),
        (mail("127.0.0.1", MailSecurity::None), None, false, true),
        (mail("smtp.example.com/x", MailSecurity::Tls), None, false, false),
    ] {
        for (own, taken) in [(false, from_phone), (true, from_desk)] {
            let kept = crate::KeptChannel::of(put(kind.clone(), secret), own);
            assert_eq!(kept.is_ok(), taken, "{kind:?}, at the machine: {own}");
        }
    }
    let kept =
        crate::KeptChannel::of(put(hook("https://example.com/hook/in-the-path"), Some(good)), false).unwrap();
    assert!(!format!("{kept:?}{:?}", kept.view()).contains("in-the-path"), "addresses are secrets");
}
