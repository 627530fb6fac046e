//! Whoever is not let in: what they try, and that they learn nothing.

use crate::outside::{Edge, reachable};
use crate::pairing::paired;
use crate::phone::{self, Knock, first_message, heard, knock, offer, plain, random, road};
use crate::story::Desk;
use offdesk_protocol::*;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn login_url(desk: &Desk) -> String {
    desk.json(&["pair"])["loginUrl"].as_str().unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_why_they_are_not_let_in() {
    let edge = Edge::new();
    let desk = edge.desk("");
    let url = reachable(&desk).await;
    let road = road(edge.public, &edge.ca);
    let knock_with = async |first: Vec<u8>| {
        let mut socket = road.dial(&url, &url).await.unwrap();
        knock(&mut socket, &first).await
    };
    let code = login_url(&desk);
    let good = offer(&code);
    let mut wrong_secret = good.clone();
    wrong_secret.secret = random();
    let mut no_offer = good.clone();
    no_offer.id = [9; 8];
    let mut other_host = good.clone();
    other_host.host_key = offdesk_link::public_key(&random());
    let by = |offer, path| first_message(offer, &random(), path).1;
    let mut cut = by(&good, PathKind::Edge);
    cut.truncate(60);
    let mut flipped = by(&good, PathKind::Edge);
    *flipped.last_mut().unwrap() ^= 1;
    for (what, first) in [
        ("a wrong secret", by(&wrong_secret, PathKind::Edge)),
        ("no such offer", by(&no_offer, PathKind::Edge)),
        ("another host", by(&other_host, PathKind::Edge)),
        ("another path", by(&good, PathKind::Lan)),
        ("noise", vec![1; 200]),
        ("nothing", Vec::new()),
        ("cut", cut),
        ("a flipped bit", flipped),
    ] {
        assert_eq!(knock_with(first).await, Knock::Refused(4403), "{what}");
    }
    // Another version is told which are spoken here, and nothing else.
    let mut newer = by(&good, PathKind::Edge);
    newer[0] = 9;
    assert_eq!(knock_with(newer).await, Knock::Answered(vec![1, 1, 1]));

    // A code that was guessed at five times is closed, also for the one who has it.
    let code = login_url(&desk);
    let mut guess = offer(&code);
    guess.secret = random();
    for _ in 0..5 {
        assert_eq!(knock_with(by(&guess, PathKind::Edge)).await, Knock::Refused(4403));
    }
    assert_eq!(phone::pair_as(&road, &code, random()).await.err(), Some(Knock::Refused(4403)));

    // A code serves one phone; what it sent, sent again by somebody else, serves nobody.
    let code = login_url(&desk);
    let good = offer(&code);
    let (_, first) = first_message(&good, &random(), PathKind::Edge);
    assert!(matches!(knock_with(first.clone()).await, Knock::Answered(_)));
    assert_eq!(knock_with(first).await, Knock::Refused(4403));
    assert_eq!(phone::pair_as(&road, &code, random()).await.err(), Some(Knock::Refused(4403)));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_phone_once_sent_is_of_no_use_to_whoever_kept_it() {
    let edge = Edge::new();
    let desk = edge.desk("");
    let phone = paired(&edge, &desk).await;
    let (_, first) = phone.first_message(PathKind::Edge);
    let mut socket = phone.road.dial(&phone.origin, &phone.origin).await.unwrap();
    assert!(matches!(knock(&mut socket, &first).await, Knock::Answered(_)));
    // The same words again open a connection in which nothing can be said.
    let mut thief = phone.road.dial(&phone.origin, &phone.origin).await.unwrap();
    assert!(matches!(knock(&mut thief, &first).await, Knock::Answered(_)));
    let runs = desk.client().runs(false).await.unwrap().len();
    let _ = knock(&mut thief, &[7; 272]).await;
    while let Knock::Answered(_) = heard(&mut thief).await {}
    assert_eq!(desk.client().runs(false).await.unwrap().len(), runs);
    // A device of the tunnel's path is none on this machine's own.
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_carries_it_reads_nothing() {
    let edge = Edge::new();
    let desk = edge.desk("");
    let phone = paired(&edge, &desk).await;
    let connection = phone.connect().await.unwrap();
    let marker = "a-marker-that-nobody-else-would-write";
    let prompt = format!("say: {marker}\nrun: echo {marker} > {marker}.txt");
    let run = RunId::new();
    let start = serde_json::json!({"id": run, "agent": "demo", "dir": desk.workspace, "prompt": prompt});
    assert_eq!(phone::ask(&connection, "POST", "/api/v1/runs", Some(start)).await.unwrap().0, 200);
    desk.asked(run).await;
    let (_, approvals) = phone::ask(&connection, "GET", "/api/v1/approvals", None).await.unwrap();
    assert!(approvals.to_string().contains(marker), "the phone reads it");
    let carried = phone.road.carried.lock().unwrap().clone();
    assert!(carried.len() > 1000);
    let workspace = desk.workspace.to_str().unwrap();
    for secret in [marker, workspace, "Ada's phone", "approvals", "newest", &phone.signing] {
        let found = carried.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{secret} can be read on the way");
    }
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanner_sees_a_public_shell_and_nothing_of_this_host() {
    let edge = Edge::new();
    let desk = edge.desk("");
    let url = reachable(&desk).await;
    let name = url.strip_prefix("https://").unwrap();
    let road = road(edge.public, &edge.ca);
    let get = async |host: &str, path: &str, more: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n");
        plain(&road, name, &request).await
    };
    let host_name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim().to_string();
    let secrets = [env!("CARGO_PKG_VERSION"), host_name.as_str(), "demo", desk.workspace.to_str().unwrap()];
    for path in [
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/v1/runs",
        "/api/v1/health",
        "/api/v1/login",
        "/api/v1/openapi.json",
        "/api/v1/live",
        "/api/v1/devices",
        "/.env",
        "/link",
        "/../../etc/passwd",
        "/%2e%2e/offdesk.db",
    ] {
        let answer = get(name, path, "").await;
        let head = answer.split("\r\n\r\n").next().unwrap();
        let status = head.split(' ').nth(1).unwrap_or_default();
        let expected = if path == "/healthz" { "200" } else { "4" };
        assert!(status.starts_with(expected), "{path}: {answer}");
        for secret in secrets.iter().filter(|secret| secret.len() > 2) {
            assert!(!answer.contains(secret), "{path} tells {secret}: {answer}");
        }
    }
    // A question that is not ours is answered like any other.
    assert!(get(name, "/healthz", "offdesk-probe: abc\r\n").await.ends_with("live\n"));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_through_a_tunnel_is_never_local_whatever_it_says() {
    let desk = Desk::new();
    let address = desk.url.strip_prefix("http://").unwrap().to_string();
    let get = async |path: &str, more: &str| {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\n{more}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).await;
        answer.split(' ').nth(1).unwrap_or_default().to_string()
    };
    let paths = [
        "/",
        "/api/v1/openapi.json",
        "/api/v1/runs",
        "/link",
        "/healthz",
        "/readyz",
        "/metrics",
        "/assets/x",
    ];
    let honest = format!("Host: {address}");
    assert_eq!(get("/", &honest).await, "200");
    assert_eq!(get("/api/v1/openapi.json", &honest).await, "200");
    assert_eq!(get("/api/v1/runs", &honest).await, "401");
    for trick in [
        format!("Host: {address}\r\nCf-Connecting-Ip: 127.0.0.1"),
        format!("Host: {address}\r\nX-Forwarded-For: 127.0.0.1"),
        format!("Host: {address}\r\nForwarded: for=127.0.0.1"),
        format!("Host: {address}\r\nOrigin: http://evil.example"),
        format!("Host: {address}\r\nHost: evil.example"),
        "Host: evil.example".into(),
        format!("Host: {address}.evil.example"),
        format!("Host: evil.example@{address}"),
        "Host: brave-test-words.trycloudflare.com".into(),
    ] {
        for path in paths {
            let status = get(path, &trick).await;
            assert!(matches!(status.as_str(), "400" | "403"), "{path} with {trick}: {status}");
        }
    }
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_who_only_hold_the_door_keep_nobody_out() {
    let edge = Edge::new();
    let desk = edge.desk("");
    let phone = paired(&edge, &desk).await;
    let name = phone.origin.strip_prefix("https://").unwrap().to_string();
    let port = std::fs::read_to_string(desk.data.join("edge-port")).unwrap();
    let door = format!("127.0.0.1:{port}");
    let upgrade = format!(
        "GET /link HTTP/1.1\r\nHost: {name}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    let mut held = Vec::new();
    for n in 0..10_000 {
        let mut stream = TcpStream::connect(&door).await.unwrap();
        stream.write_all(upgrade.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        // As many as may be open here at once are held; the others just go.
        if held.len() < 400 {
            held.push(stream);
        }
        if n % 2_500 == 0 {
            tokio::time::timeout(Duration::from_secs(20), phone.connect()).await.unwrap().unwrap();
        }
    }
    let connection = tokio::time::timeout(Duration::from_secs(20), phone.connect()).await.unwrap().unwrap();
    let (status, _) = phone::ask(&connection, "GET", "/api/v1/runs", None).await.unwrap();
    assert_eq!(status, 200);
    assert!(desk.client().health().await.unwrap().ok);
    drop(held);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_say_nothing_leave_room_for_work_here() {
    let desk = Desk::with(&[], &["--lan", "127.0.0.1:0"]);
    let offer = desk.json(&["pair", "--for", "phone"])["loginUrl"].as_str().unwrap().to_string();
    let lan = offer.strip_prefix("https://").unwrap().split('/').next().unwrap().to_string();
    let local = desk.url.strip_prefix("http://").unwrap().to_string();
    let mut silent = Vec::new();
    for _ in 0..600 {
        for address in [&lan, &local] {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
    }
    // The command line has a way of its own, and descriptors enough are left for it.
    assert!(desk.client().health().await.unwrap().ok);
    let run = desk.start_run("demo", "say: hello").await;
    desk.until_state(run, RunState::Idle).await;
    let open = std::fs::read_dir(format!("/proc/{}/fd", desk.gateway_pid())).unwrap().count();
    assert!(open < 600, "{open} descriptors are open");
    drop(silent);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_rises_without_being_asked_about() {
    let edge = Edge::new();
    let desk = edge.desk("");
    reachable(&desk).await;
    let road = road(edge.public, &edge.ca);
    let offer = |role: &str| desk.json(&["pair", "--role", role])["loginUrl"].as_str().unwrap().to_string();
    let own = random();
    let coming = phone::pair_as(&road, &offer("viewer"), own).await.unwrap();
    desk.json(&["devices", "approve", &coming.phone.device.to_string()]);
    assert_eq!(coming.consent().await, Consent::Approved);
    let connection = coming.phone.connect().await.unwrap();
    let start =
        serde_json::json!({"id": RunId::new(), "agent": "demo", "dir": desk.workspace, "prompt": "say: hi"});
    assert_eq!(
        phone::ask(&connection, "POST", "/api/v1/runs", Some(start)).await.unwrap().0,
        403,
        "it may only look"
    );
    assert_eq!(phone::ask(&connection, "GET", "/api/v1/runs", None).await.unwrap().0, 200);
    // Scanning a code that would give it more is a question again; what it has it keeps.
    let rising = phone::pair_as(&road, &offer("admin"), own).await.unwrap();
    assert_eq!(rising.state, Consent::Waiting);
    desk.json(&["devices", "refuse", &rising.phone.device.to_string()]);
    let devices = desk.json(&["devices"])["devices"].clone();
    assert_eq!(devices[0]["role"], "viewer");
    assert_eq!(phone::pair_as(&road, &offer("viewer"), own).await.unwrap().state, Consent::Approved);
    // Approved, it is connected anew, with what it may now.
    let rising = phone::pair_as(&road, &offer("operator"), own).await.unwrap();
    desk.json(&["devices", "approve", &rising.phone.device.to_string()]);
    connection.over().await;
    let connection = rising.phone.connect().await.unwrap();
    let start =
        serde_json::json!({"id": RunId::new(), "agent": "demo", "dir": desk.workspace, "prompt": "say: hi"});
    assert_eq!(phone::ask(&connection, "POST", "/api/v1/runs", Some(start)).await.unwrap().0, 200);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_programs_key_is_listed_may_what_its_code_said_and_can_be_taken_away() {
    let desk = Desk::new();
    let code = |role: &str| {
        let url =
            desk.json(&["pair", "--for", "page", "--role", role])["loginUrl"].as_str().unwrap().to_string();
        url.split_once("#c=").unwrap().1.to_string()
    };
    let login = Login { code: code("viewer"), name: Some("a script".into()) };
    let token = desk.client().login(&login).await.unwrap().token;
    let script = |args: &[&str]| desk.cli(&[&["--url", &desk.url, "--token", &token], args].concat());
    assert!(script(&["ls"]).status.success());
    assert_eq!(script(&["pair"]).status.code(), Some(4), "a viewer lets nobody in");
    let folder = desk.workspace.to_str().unwrap();
    assert_eq!(script(&["files", "ls", folder]).status.code(), Some(4), "nor sees the computer's files");
    assert_eq!(script(&["run", "--agent", "demo", "--detach", "say: hi"]).status.code(), Some(4));
    let keys = desk.json(&["devices"])["keys"].clone();
    assert_eq!((&keys[0]["name"], &keys[0]["role"]), (&"a script".into(), &"viewer".into()));
    desk.json(&["devices", "revoke-key", keys[0]["id"].as_str().unwrap()]);
    assert_eq!(script(&["ls"]).status.code(), Some(4));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_never_gets_the_gateways_own_secrets() {
    let desk =
        Desk::with(&[("OFFDESK_TUNNEL_TOKEN", "tunnel-secret"), ("OFFDESK_TOKEN", "page-secret")], &[]);
    let run = desk.start_run("demo", "run: env > env.txt").await;
    let asked = desk.asked(run).await;
    desk.decide(&asked, Verdict::Allow).await;
    desk.until_state(run, RunState::Idle).await;
    let environment = desk.file("env.txt");
    assert!(environment.contains("PATH=") && !environment.contains("-secret"), "{environment}");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_away_identity_keeps_remote_access_off_and_work_here_going() {
    let edge = Edge::new();
    let mut desk = edge.desk("");
    reachable(&desk).await;
    desk.stop_gateway();
    std::fs::write(desk.data.join("host-keys"), "garbled").unwrap();
    desk.start();
    let health = desk.client().health().await.unwrap();
    assert!(health.warnings.iter().any(|warning| warning.code == "keysLocked"), "{health:#?}");
    assert!(!health.ok, "a way in from outside was wanted, and there is none");
    assert_eq!(
        std::fs::read_to_string(desk.data.join("host-keys")).unwrap(),
        "garbled",
        "never a new identity"
    );
    let problem = desk.refused(1, &["pair", "--for", "phone"]);
    assert!(!problem.message.is_empty());
    let run = desk.start_run("demo", "say: hello").await;
    desk.until_state(run, RunState::Idle).await;
    desk.close().await;
}
