//! What is wrong gets a clear answer and changes nothing.

use crate::story::*;
use futures_util::{SinkExt, StreamExt};
use offdesk_client::{Client, Place};
use offdesk_protocol::*;
use std::io::{Read, Write};
use std::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn unknown_things_are_named_and_exit_codes_are_kept() {
    let desk = Desk::with(&[("OFFDESK_CLAUDE", "/nowhere/claude")], &[]);
    let nothing = RunId::new().to_string();
    let dir = desk.workspace.to_str().unwrap();
    for args in [
        vec!["show", &nothing],
        vec!["stop", &nothing],
        vec!["interrupt", &nothing],
        vec!["resume", &nothing],
        vec!["send", &nothing, "hello"],
        vec!["approve", &nothing],
        vec!["deny", &nothing],
        vec!["events", &nothing],
        vec!["approvals", "--run", &nothing],
    ] {
        assert_eq!(desk.refused(1, &args).code, ErrorCode::NotFound, "{args:?}");
    }
    let unknown = desk.refused(1, &["run", "--agent", "gpt-13", "--dir", dir, "hi"]);
    assert!(unknown.message.contains("gpt-13") && unknown.hint.unwrap().contains("demo"));
    let missing = desk.refused(1, &["run", "--agent", "claude", "--dir", dir, "hi"]);
    assert_eq!(missing.code, ErrorCode::AgentMissing);
    assert!(missing.hint.unwrap().contains("/nowhere/claude"), "says where was looked");
    assert_eq!(
        desk.refused(1, &["run", "--agent", "demo", "--dir", "/", "hi"]).code,
        ErrorCode::OutsideRoots
    );
    let nowhere = format!("{dir}/nowhere");
    assert_eq!(
        desk.refused(1, &["run", "--agent", "demo", "--dir", &nowhere, "hi"]).code,
        ErrorCode::NotFound
    );
    assert_eq!(desk.refused(1, &["run", "--agent", "demo", "--dir", dir, "  "]).code, ErrorCode::BadRequest);
    assert_eq!(desk.cli(&["shwo"]).status.code(), Some(2));
    assert_eq!(desk.cli(&["show", "no-id"]).status.code(), Some(2));
    assert_eq!(desk.json(&["ls"]), serde_json::json!([]), "nothing was started");

    let elsewhere = tempfile::tempdir().unwrap();
    let data = elsewhere.path().to_str().unwrap();
    let nobody = std::process::Command::new(offdesk()).args(["--data", data, "ls"]).output().unwrap();
    assert_eq!(nobody.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("offdesk serve"));
    desk.close().await;
}

#[tokio::test]
async fn a_prompt_of_five_megabytes_is_refused_with_a_way_on() {
    let desk = Desk::new();
    let start = StartRun {
        prompt: Some("x".repeat(5 * 1024 * 1024)),
        ..StartRun::of("demo", desk.workspace.to_str().unwrap())
    };
    let refused = desk.client().start(&start).await.unwrap_err().to_string();
    assert!(refused.contains("5.0 MiB"), "{refused}");
    let start = StartRun { prompt: Some(format!("say: {}", "y".repeat(3 * 1024 * 1024))), ..start };
    desk.client().start(&start).await.unwrap();
    desk.until(start.id, "it works on it", |view| view.state == RunState::Working).await;
    desk.close().await;
}

pub async fn key(desk: &Desk) -> String {
    let code = desk.login_url.split_once("#c=").unwrap().1.to_string();
    let client = Client::new(Place::Url { url: desk.url.clone(), token: None }).unwrap();
    client.login(&Login { code, name: None }).await.unwrap().token
}

/// Says exactly this to the gateway and gives the status and the body.
fn raw(desk: &Desk, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(desk.url.strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    // An answer that keeps the connection open is complete when nothing more comes for a while.
    stream.set_read_timeout(Some(std::time::Duration::from_secs(2))).unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let answer = String::from_utf8_lossy(&bytes).into_owned();
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_string()).unwrap_or_default())
}

#[tokio::test]
async fn malformed_bodies_are_problems_on_every_route() {
    let desk = Desk::new();
    let (key, host) = (key(&desk).await, desk.url.strip_prefix("http://").unwrap().to_string());
    let id = RunId::new();
    for path in [
        "/login".to_string(),
        "/runs".into(),
        format!("/runs/{id}/prompts"),
        format!("/runs/{id}/resume"),
        format!("/runs/{id}/label"),
        format!("/approvals/{id}/decision"),
    ] {
        for body in ["{", "[]", "{\"id\":7}", "{\"unknown\":1}", "\u{0}", "\"text\""] {
            let request = format!(
                "POST /api/v1{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let (status, answer) = raw(&desk, &request);
            assert_eq!(status, 400, "{path} {body}: {answer}");
            let problem: Problem = serde_json::from_str(&answer).unwrap();
            assert_eq!(problem.code, ErrorCode::BadRequest, "{path} {body}");
        }
    }
    for path in ["/runs/no-id", "/nothing", "/approvals/7"] {
        let request = format!(
            "GET /api/v1{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n"
        );
        let (status, answer) = raw(&desk, &request);
        assert_eq!(status, 404, "{path}");
        serde_json::from_str::<Problem>(&answer).unwrap_or_else(|_| panic!("{path}: {answer}"));
    }
    desk.client().runs(false).await.unwrap();
    desk.close().await;
}

#[tokio::test]
async fn other_names_and_other_sites_are_turned_away() {
    let desk = Desk::new();
    let (key, host) = (key(&desk).await, desk.url.strip_prefix("http://").unwrap().to_string());
    let ask = |host: &str, extra: &str| {
        raw(&desk, &format!("GET /api/v1/runs HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{extra}\r\n"))
            .0
    };
    let bearer = format!("Authorization: Bearer {key}\r\n");
    assert_eq!(ask(&host, &bearer), 200);
    assert_eq!(ask(&host, ""), 401);
    assert_eq!(ask("rebound.example", &bearer), 403);
    assert_eq!(ask(&host, &format!("{bearer}Origin: http://evil.example\r\n")), 403);
    assert_eq!(ask(&host, &format!("{bearer}Origin: http://{host}\r\n")), 200);
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://127.0.0.1:5173\r\n";
    let cross = format!("GET /api/v1/live HTTP/1.1\r\nHost: {host}\r\n{upgrade}\r\n");
    assert_eq!(raw(&desk, &cross).0, 403, "a page of another port may not open the live connection");
    desk.close().await;
}

#[tokio::test]
async fn nonsense_on_the_live_connection_is_answered_and_the_connection_stays() {
    let desk = Desk::new();
    let key = key(&desk).await;
    let address = format!("{}/api/v1/live", desk.url.replacen("http", "ws", 1));
    let (mut socket, _) = tokio_tungstenite::connect_async(&address).await.unwrap();
    socket.send(Message::Text("not json".into())).await.unwrap();
    let closed = loop {
        match socket.next().await {
            Some(Ok(Message::Close(Some(frame)))) => break u16::from(frame.code),
            Some(Ok(_)) => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(closed, 4400);

    let (mut socket, _) = tokio_tungstenite::connect_async(&address).await.unwrap();
    let hello = FromViewer::Hello { version: 1, token: Some("guess".into()), cursor: None };
    socket.send(Message::Text(serde_json::to_string(&hello).unwrap().into())).await.unwrap();
    let closed = loop {
        match socket.next().await {
            Some(Ok(Message::Close(Some(frame)))) => break u16::from(frame.code),
            Some(Ok(_)) => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(closed, 4401);

    let (mut socket, _) = tokio_tungstenite::connect_async(&address).await.unwrap();
    let hello = FromViewer::Hello { version: 1, token: Some(key), cursor: None };
    socket.send(Message::Text(serde_json::to_string(&hello).unwrap().into())).await.unwrap();
    let run = RunId::new();
    let typed =
        serde_json::to_string(&FromViewer::Input { run, id: "1".into(), text: "ls\r".into() }).unwrap();
    for nonsense in ["{", "{\"type\":\"explode\"}", "7", &typed] {
        socket.send(Message::Text(nonsense.into())).await.unwrap();
    }
    socket.send(Message::Text("{\"type\":\"ping\",\"nonce\":7}".into())).await.unwrap();
    let mut errors = 0;
    loop {
        let Some(Ok(Message::Text(text))) = socket.next().await else { continue };
        match serde_json::from_str(&text).unwrap() {
            ToViewer::Error { .. } => errors += 1,
            ToViewer::Pong { nonce: 7 } => break,
            _ => {}
        }
    }
    assert_eq!(errors, 4);
    desk.close().await;
}

#[tokio::test]
async fn an_agent_cannot_approve_itself_through_the_command_line() {
    let desk = Desk::new();
    let (program, data) = (offdesk().display().to_string(), desk.data.display().to_string());
    let script = format!(
        "run: {program} --data {data} run --agent demo --dir . --detach 'say: x' > own.txt 2>&1\n\
         run: {program} --data {data} ls > ls.txt 2>&1\n\
         run: env -u OFFDESK_RUN -u OFFDESK_DATA -u OFFDESK_ATTEMPT setsid {program} --data {data} pair > pair.txt 2>&1"
    );
    let run = desk.start_run("demo", &script).await;
    for _ in 0..3 {
        let asked = desk.asked(run).await;
        desk.decide(&asked, Verdict::Allow).await;
        let moved =
            async || desk.client().approval(asked.request.id).await.unwrap().state == ApprovalState::Finished;
        eventually("it was run", moved).await;
    }
    assert!(desk.file("own.txt").contains("never decide"), "{}", desk.file("own.txt"));
    assert!(desk.file("pair.txt").contains("never decide"), "{}", desk.file("pair.txt"));
    assert!(desk.file("ls.txt").contains("demo"), "it may look: {}", desk.file("ls.txt"));
    assert_eq!(desk.client().runs(true).await.unwrap().len(), 1);
    desk.close().await;
}

#[tokio::test]
async fn agents_that_misbehave_are_noticed_and_nothing_is_stuck() {
    let agents = tempfile::tempdir().unwrap();
    let write = |name: &str, script: &str| {
        use std::os::unix::fs::PermissionsExt;
        let path = agents.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    };
    for (name, script, state, said) in [
        ("ends", "echo no licence >&2; exit 7", RunState::Failed, "no licence"),
        ("half", "printf '{\"type\":\"assi'", RunState::Done, "middle of a message"),
        ("junk", "echo hello; echo world; exec sleep 1000", RunState::Working, "no message: hello"),
        (
            "long",
            "head -c 12000000 /dev/zero | tr '\\0' x; echo; exec sleep 1000",
            RunState::Working,
            "no message: xxx",
        ),
        ("deaf", "exec sleep 1000", RunState::Working, ""),
    ] {
        let program = write(name, script);
        let desk = Desk::with(&[("OFFDESK_CLAUDE", &program)], &[]);
        let run = desk.start_run("claude", "hi").await;
        desk.until_state(run, state).await;
        let heard = async || {
            said.is_empty() || serde_json::to_string(&desk.events(run).await).unwrap().contains(said)
        };
        eventually(&format!("{name} is noticed"), heard).await;
        desk.close().await;
    }
}
