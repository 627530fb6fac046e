//! Health that never lies: an edge that is a process of its own fails, and the ladder says which hop it was.

use crate::outside::{Edge, hop, reachable, tunnel_pid, until_health};
use crate::pairing::paired;
use crate::phone::{ask, next, watch};
use crate::story::{Desk, eventually};
use offdesk_link::verify_paths;
use offdesk_protocol::*;
use std::process::Command;
use std::time::Instant;

fn signal(pid: u32, name: &str) {
    assert!(Command::new("kill").args([format!("-{name}"), pid.to_string()]).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_hop_that_fails_is_named_and_green_comes_back_only_with_a_round_trip() {
    let mut edge = Edge::new();
    let desk = edge.desk("");
    let url = reachable(&desk).await;
    // What is shown is what the edge itself saw a request for.
    let name = url.strip_prefix("https://").unwrap();
    assert!(edge.seen().iter().any(|line| line["host"] == name && line["path"] == "/healthz"));

    edge.say("down");
    let health = until_health(&desk, "the edge is named", |h| hop(h, "edge") == HopState::Failed).await;
    assert!(!health.ok && health.sentence.contains("edge"), "{}", health.sentence);
    assert!(health.warnings.iter().any(|warning| warning.code == "unreachable"));
    // Loopback answers all the while, and that counts for nothing.
    assert!(desk.client().runs(false).await.is_ok());
    edge.say("up");
    until_health(&desk, "reachable again", |health| health.ok).await;

    let tunnel = tunnel_pid(&desk).await;
    signal(tunnel, "STOP");
    edge.say("cut");
    until_health(&desk, "a hop outside is named", |health| !health.ok).await;
    signal(tunnel, "CONT");
    until_health(&desk, "reachable again", |health| health.ok).await;
    signal(tunnel, "KILL");
    until_health(&desk, "the tunnel is named", |health| hop(health, "tunnel") == HopState::Failed).await;
    // A new program has a new address, and that too is shown only when it was seen to work.
    until_health(&desk, "reachable again", |health| health.ok).await;
    let moved = reachable(&desk).await;
    assert_ne!(moved, url);
    let moved = moved.strip_prefix("https://").unwrap().to_string();
    assert!(edge.seen().iter().any(|line| line["host"] == *moved && line["path"] == "/healthz"));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_killed_finds_its_tunnel_again_with_its_address() {
    let edge = Edge::new();
    let mut desk = edge.desk("");
    let (url, pid) = (reachable(&desk).await, tunnel_pid(&desk).await);
    desk.kill_gateway();
    desk.start();
    assert_eq!((reachable(&desk).await, tunnel_pid(&desk).await), (url, pid));
    // An orderly stop ends it.
    desk.stop_gateway();
    eventually("the tunnel's program has ended", async || desk.processes().is_empty()).await;
    desk.start();
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_changes_is_told_signed_and_the_phone_goes_on_there() {
    let edge = Edge::new();
    let desk = edge.desk("");
    let phone = paired(&edge, &desk).await;
    let (connection, answer) = phone.session(&phone.origin).await.unwrap();
    let key = |text: &str| {
        use base64::Engine;
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap();
        ed25519_dalek::VerifyingKey::from_bytes(&bytes.try_into().unwrap()).unwrap()
    };
    let before = verify_paths(&answer.paths.unwrap(), &key(&phone.signing)).unwrap();
    assert_eq!(before.paths[0].url, phone.origin);
    drop(connection);

    signal(tunnel_pid(&desk).await, "KILL");
    let client = desk.client();
    eventually("another address", async || {
        let health = client.health().await.unwrap();
        health.ok
            && desk.json(&["pair"])["loginUrl"].as_str().is_some_and(|url| !url.starts_with(&phone.origin))
    })
    .await;
    let moved = reachable(&desk).await;
    // The page of the old address, from its browser's own store, may come to the new one; another site may not.
    let (connection, answer) = phone.session(&moved).await.unwrap();
    let after = verify_paths(&answer.paths.unwrap(), &key(&phone.signing)).unwrap();
    assert!(after.issued > before.issued && after.paths[0].url == moved);
    assert_eq!(ask(&connection, "GET", "/api/v1/runs", None).await.unwrap().0, 200);
    let mut stranger = phone.clone();
    stranger.origin = "https://evil.example".into();
    assert!(stranger.connect_at(&moved).await.is_err());
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_with_the_tunnel_is_said_in_a_sentence() {
    let edge = Edge::new();
    for (misbehaviour, code, words) in [
        ("429", "tunnel", "Cloudflare"),
        ("no-network", "edge", ""),
        ("unanswered", "tunnel", ""),
        ("flood", "tunnel", ""),
    ] {
        let desk = edge.desk(misbehaviour);
        let begun = Instant::now();
        let health = until_health(&desk, misbehaviour, |health| !health.ok).await;
        assert_eq!(hop(&health, code), HopState::Failed, "{misbehaviour}: {health:#?}");
        assert!(health.sentence.contains(words), "{misbehaviour}: {}", health.sentence);
        let warning = health.warnings.iter().find(|warning| warning.code == "unreachable").unwrap();
        assert!(!warning.text.is_empty() && !warning.fix.is_empty());
        println!("{misbehaviour}: {} ({:?})", warning.text, begun.elapsed());
        desk.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tunnel_of_ones_own_keeps_its_address_and_its_token_to_itself() {
    use base64::Engine;
    let edge = Edge::new();
    let token = base64::engine::general_purpose::STANDARD
        .encode(r#"{"a":"0123","t":"11111111-2222-3333-4444-555555555555","s":"c2VjcmV0"}"#);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let name = "desk-of-mine.trycloudflare.com";
    let mut desk = edge.named_desk(name, &free, &token);
    assert_eq!(reachable(&desk).await, format!("https://{name}"));
    let pid = tunnel_pid(&desk).await;
    let seen = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap();
    assert!(!String::from_utf8_lossy(&seen).contains(&token), "a token is no argument");
    desk.stop_gateway();
    desk.start();
    assert_eq!(reachable(&desk).await, format!("https://{name}"));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tunnel_that_somebody_else_starts_is_proved_like_any_other() {
    use base64::Engine;
    let edge = Edge::new();
    let token = base64::engine::general_purpose::STANDARD
        .encode(r#"{"a":"0123","t":"11111111-2222-3333-4444-555555555555","s":"c2VjcmV0"}"#);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let name = "door-of-mine.trycloudflare.com";
    let desk = edge.desk_of_own_tunnel(name, &free);
    until_health(&desk, "nothing leads here yet", |health| hop(health, "tunnel") == HopState::Failed).await;
    let tunnel = edge.own_tunnel(name, &free, &token);
    assert_eq!(reachable(&desk).await, format!("https://{name}"));
    drop(tunnel);
    until_health(&desk, "it is gone", |health| !health.ok).await;
    desk.close().await;
}

#[test]
fn a_named_tunnel_says_what_it_lacks() {
    let desk = Desk::new();
    for (args, words) in [
        (vec!["serve", "--tunnel", "named"], "--tunnel-url"),
        (vec!["serve", "--tunnel", "named", "--tunnel-url", "https://desk.example"], "OFFDESK_TUNNEL_TOKEN"),
        (vec!["serve", "--tunnel", "named", "--tunnel-url", "http://desk.example"], "https"),
    ] {
        let output = desk.cli(&args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(words), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_program_the_gateway_says_where_to_get_it() {
    let desk = Desk::with(&[], &["--tunnel", "quick", "--cloudflared", "/nowhere/cloudflared"]);
    let health = until_health(&desk, "down", |health| !health.ok).await;
    assert!(health.sentence.contains("cloudflared"), "{}", health.sentence);
    // It works all the same, here.
    let problem = desk.refused(1, &["pair", "--for", "phone"]);
    assert!(problem.hint.unwrap().contains("doctor"));
    desk.json(&["pair", "--for", "page"]);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_that_is_cut_off_again_and_again_misses_nothing_and_gets_nothing_twice() {
    let mut edge = Edge::new();
    let desk = edge.desk("");
    let phone = paired(&edge, &desk).await;
    let words: Vec<String> = (0..300).map(|n| format!("say: word {n}")).collect();
    let run = desk.start_run("demo", &words.join("\n")).await;
    let (mut cursor, mut seen): (Option<Cursor>, Vec<u64>) = (None, Vec::new());
    let mut breaks = 0;
    let head = || async { desk.client().runs(false).await.unwrap()[0].seq };
    loop {
        let Ok(connection) = phone.connect().await else { continue };
        let Ok(mut live) = watch(&connection, cursor.or(Some(Cursor { log: LogId::new(), seq: 0 }))).await
        else {
            continue;
        };
        let mut heard = 0;
        while let Ok(Some(message)) = next(&mut live).await {
            match message {
                ToViewer::Snapshot { cursor: now, resync, .. } if resync => {
                    // A log we did not know: begin at its beginning.
                    cursor = Some(Cursor { log: now.log, seq: 0 });
                    break;
                }
                ToViewer::Events { events } => {
                    for event in events {
                        seen.push(event.seq);
                        cursor = cursor.map(|cursor| Cursor { seq: event.seq, ..cursor });
                    }
                    heard += 1;
                }
                _ => {}
            }
            if heard >= 1 && breaks < 6 {
                edge.say(if breaks % 2 == 0 { "cut" } else { "down" });
                edge.say("up");
                breaks += 1;
                break;
            }
            let done = desk.client().run(run).await.unwrap();
            if done.state == RunState::Idle && seen.last().copied().unwrap_or(0) >= head().await {
                let expected: Vec<u64> = (1..=*seen.last().unwrap()).collect();
                assert_eq!(seen, expected, "every event, once, in order");
                assert!(breaks >= 3, "the line was cut {breaks} times");
                desk.close().await;
                return;
            }
        }
    }
}
