//! Ways in are opened and closed while the gateway runs; runs notice nothing of it.

use crate::outside::{Edge, hop, reachable, tunnel_pid, until_health};
use crate::phone::{self, Phone, Road, ask, road};
use crate::story::*;
use offdesk_client::ClientError;
use offdesk_link::Bye;
use offdesk_protocol::*;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

/// A port that was free a moment ago.
fn free() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn token() -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD
        .encode(r#"{"a":"0123","t":"11111111-2222-3333-4444-555555555555","s":"c2VjcmV0"}"#)
}

/// The road to the network's door: what it shows is trusted as a person would who compared the fingerprint.
fn network(desk: &Desk, url: &str) -> Road {
    let address = url.strip_prefix("https://").unwrap().split('/').next().unwrap();
    road(address.parse().unwrap(), &desk.data.join("lan-cert.pem"))
}

async fn let_in(desk: &Desk, road: &Road, login_url: &str) -> Phone {
    let coming = phone::pair(road, login_url).await;
    desk.json(&["devices", "approve", &coming.phone.device.to_string()]);
    assert_eq!(coming.consent().await, Consent::Approved);
    coming.phone
}

async fn change(desk: &Desk, change: Value) -> Result<Settings, Problem> {
    let change = serde_json::from_value(change).unwrap();
    desk.client().change_settings(&change).await.map_err(|error| match error {
        ClientError::Problem(problem) => problem,
        other => panic!("{other}"),
    })
}

async fn settings(desk: &Desk) -> Settings {
    desk.client().settings().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_network_is_turned_on_paused_and_resumed_and_the_phone_is_back_with_its_key() {
    let mut desk = Desk::with(&[], &["--lan-at", "127.0.0.1:0"]);
    let gateway = desk.gateway_pid();
    let refused = desk.refused(1, &["pair", "--via", "lan"]);
    assert_eq!(refused.code, ErrorCode::WrongState);
    assert!(refused.hint.unwrap().contains("--lan on"));
    let run = desk.start_run("demo", "run: echo one > one.txt\nrun: echo two > two.txt").await;
    let first = desk.asked(run).await;
    let worker = desk.client().run(run).await.unwrap().pid;

    assert_eq!(desk.json(&["reach", "--lan", "on"])["lan"], true);
    let offer = desk.json(&["pair", "--via", "lan"]);
    assert_eq!((&offer["for"], &offer["path"]), (&json!("phone"), &json!("lan")));
    assert!(!offer["hostName"].as_str().unwrap().is_empty());
    assert!(offer["note"].as_str().unwrap().contains("SHA-256"));
    let url = offer["loginUrl"].as_str().unwrap();
    let phone = let_in(&desk, &network(&desk, url), url).await;
    let connection = phone.connect().await.unwrap();
    assert_eq!(ask(&connection, "GET", "/api/v1/runs", None).await.unwrap().0, 200);
    // What it is reached by is settled at the machine, by no device.
    for (method, path, body) in [
        ("GET", "/api/v1/settings", None),
        ("POST", "/api/v1/settings", Some(json!({"paused": true}))),
        ("POST", "/api/v1/tunnel/program", Some(json!({}))),
        ("POST", "/api/v1/stop", Some(json!({}))),
    ] {
        assert_eq!(ask(&connection, method, path, body).await.unwrap().0, 403, "{path}");
    }

    let paused = desk.json(&["reach", "--pause"]);
    assert_eq!((&paused["paused"], &paused["lan"]), (&json!(true), &json!(true)));
    // It is over before that has answered.
    assert!(tokio::net::TcpStream::connect(phone.road.to).await.is_err());
    assert_eq!(connection.over().await, Some(Bye::Restarting));
    assert!(phone.connect().await.is_err());
    let reachable = desk.client().paths().await.unwrap();
    assert_eq!((reachable.paths, reachable.signed), (Vec::new(), None));
    let health = desk.client().health().await.unwrap();
    assert!(health.sentence.starts_with("Remote access is paused"), "{}", health.sentence);
    for name in ["edge", "tunnel", "network"] {
        let hop = health.hops.iter().find(|hop| hop.name == name).unwrap();
        assert_eq!((hop.state, hop.detail.as_str()), (HopState::Off, "remote access is paused"));
    }
    assert!(desk.refused(1, &["pair", "--for", "phone"]).hint.unwrap().contains("--resume"));
    assert!(desk.refused(1, &["pair", "--via", "lan"]).message.contains("paused"));

    // The run has noticed nothing, and works on.
    assert_eq!(desk.gateway_pid(), gateway);
    desk.decide(&first, Verdict::Allow).await;
    desk.until(run, "the second question", |view| view.line.contains("two.txt")).await;
    assert_eq!(desk.file("one.txt"), "one\n");
    assert_eq!(desk.client().run(run).await.unwrap().pid, worker);

    // It stays so, however the gateway ends.
    desk.stop_gateway();
    desk.start();
    assert!(settings(&desk).await.paused);
    desk.kill_gateway();
    desk.start();
    assert!(settings(&desk).await.paused);
    assert!(phone.connect().await.is_err());

    desk.json(&["reach", "--resume"]);
    let connection = phone.connect().await.unwrap();
    assert_eq!(ask(&connection, "GET", "/api/v1/runs", None).await.unwrap().0, 200);
    let (_, answer) = phone.session(&phone.origin).await.unwrap();
    assert!(answer.paths.unwrap().record.contains(&phone.origin));
    assert_eq!(desk.client().run(run).await.unwrap().pid, worker);

    desk.json(&["reach", "--lan", "off"]);
    assert_eq!(connection.over().await, Some(Bye::Restarting));
    assert!(phone.connect().await.is_err());
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_at_the_door_are_sent_away_with_the_rest() {
    let desk = Desk::with(&[], &["--lan-at", "127.0.0.1:0"]);
    desk.json(&["reach", "--lan", "on"]);
    let url = desk.json(&["pair", "--via", "lan"])["loginUrl"].as_str().unwrap().to_string();
    let road = network(&desk, &url);
    // One is half open, one waits for its person, one has said nothing at all.
    let origin = phone::offer(&url).paths[0].url.clone();
    let mut half_open = road.dial(&origin, &origin).await.unwrap();
    let coming = phone::pair(&road, &url).await;
    let mut silent = tokio::net::TcpStream::connect(road.to).await.unwrap();
    desk.json(&["reach", "--pause"]);
    assert_eq!(phone::heard(&mut half_open).await, phone::Knock::Broken);
    assert_eq!(coming.connection.over().await, Some(Bye::Restarting));
    use tokio::io::AsyncReadExt;
    assert!(matches!(silent.read(&mut [0; 1]).await, Ok(0) | Err(_)));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tunnel_is_turned_on_paused_and_resumed_while_the_gateway_runs() {
    let edge = Edge::new();
    let desk = edge.desk_without_tunnel(&[("SCRIPTED_CLOUDFLARED", "")], &[]);
    let refused = desk.refused(1, &["pair", "--via", "edge"]);
    assert!(refused.hint.unwrap().contains("--tunnel quick"));
    desk.json(&["reach", "--tunnel", "quick"]);
    reachable(&desk).await;
    let offer = desk.json(&["pair", "--via", "edge"]);
    assert_eq!(offer["path"], "edge");
    let phone = let_in(&desk, &road(edge.public, &edge.ca), offer["loginUrl"].as_str().unwrap()).await;
    let connection = phone.connect().await.unwrap();
    ask(&connection, "GET", "/api/v1/runs", None).await.unwrap();
    let pid = tunnel_pid(&desk).await;
    let port = std::fs::read_to_string(desk.data.join("edge-port")).unwrap();

    desk.json(&["reach", "--pause"]);
    connection.over().await;
    assert!(phone.connect().await.is_err());
    assert!(!desk.data.join("edge/edge.sock").exists());
    eventually("the tunnel's program has ended", async || {
        !std::path::Path::new(&format!("/proc/{pid}")).exists()
    })
    .await;
    let status = desk.client().health().await.unwrap();
    assert!(status.ok && hop(&status, "tunnel") == HopState::Off);

    // Paused and resumed at once again: one tunnel, in the end.
    desk.json(&["reach", "--resume"]);
    desk.json(&["reach", "--pause"]);
    desk.json(&["reach", "--resume"]);
    let moved = reachable(&desk).await;
    let connection = phone.connect_at(&moved).await.unwrap();
    assert_eq!(ask(&connection, "GET", "/api/v1/runs", None).await.unwrap().0, 200);
    assert_eq!(std::fs::read_to_string(desk.data.join("edge-port")).unwrap(), port);
    desk.json(&["reach", "--tunnel", "off"]);
    connection.over().await;
    assert_eq!(desk.client().paths().await.unwrap().paths, Vec::new());
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tunnel_of_ones_own_is_set_up_while_the_gateway_runs_and_its_token_is_given_to_nobody() {
    let edge = Edge::new();
    let (door, name) = (free(), "set-up-later.trycloudflare.com");
    let origin = format!("http://{door}");
    let env = [
        ("SCRIPTED_CLOUDFLARED", ""),
        ("SCRIPTED_CLOUDFLARED_HOSTNAME", name),
        ("SCRIPTED_CLOUDFLARED_ORIGIN", origin.as_str()),
    ];
    let mut desk = edge.desk_without_tunnel(&env, &["--edge", &door]);
    let (url, token) = (format!("https://{name}"), token());
    let file = desk.home.path().join("token.txt");
    std::fs::write(&file, &token).unwrap();
    let file = file.to_str().unwrap();
    let refused = desk.refused(1, &["reach", "--tunnel", "named", "--tunnel-url", &url]);
    assert!(refused.message.contains("token"), "{refused}");
    assert_eq!(settings(&desk).await.tunnel_url, None, "nothing of it was changed");

    let set = desk.json(&["reach", "--tunnel", "named", "--tunnel-url", &url, "--tunnel-token-file", file]);
    assert_eq!((&set["tunnel"], &set["tunnelToken"]), (&json!("named"), &json!(true)));
    assert!(!set.to_string().contains(&token));
    assert_eq!(reachable(&desk).await, url);
    let kept = desk.data.join("tunnel-token");
    assert_eq!(std::fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!std::fs::read_to_string(desk.data.join("settings.json")).unwrap().contains(&token));
    // The next start knows it all.
    desk.stop_gateway();
    desk.start();
    assert_eq!(reachable(&desk).await, url);
    let refused = change(&desk, json!({"tunnelToken": ""})).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::BadRequest);
    // A token that is gone is said, the rest goes on, and it can be given again.
    desk.stop_gateway();
    std::fs::remove_file(&kept).unwrap();
    desk.start();
    let health = desk.client().health().await.unwrap();
    assert_eq!(hop(&health, "tunnel"), HopState::Failed);
    assert!(health.sentence.contains("token"), "{}", health.sentence);
    desk.json(&["reach", "--tunnel-token-file", file]);
    assert_eq!(reachable(&desk).await, url);
    // Off, and nothing of it is left.
    change(&desk, json!({"tunnel": "off", "tunnelToken": ""})).await.unwrap();
    assert!(!kept.exists() && !desk.data.join("tunnel/token").exists());
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_command_line_says_wins_and_cannot_be_changed() {
    let mut desk = Desk::with(&[], &["--lan", "127.0.0.1:0", "--max-working", "2"]);
    let now = settings(&desk).await;
    assert_eq!(now.fixed, ["roots", "maxWorking", "lan"]);
    assert!(now.lan && now.max_working == 2);
    let refused = desk.refused(1, &["reach", "--lan", "off"]);
    assert_eq!(refused.code, ErrorCode::WrongState);
    assert!(refused.message.contains("lan"), "{refused}");
    let home = desk.home.path().to_str().unwrap().to_string();
    for not in [json!({"maxWorking": 3}), json!({"roots": [home]}), json!({"lan": false, "paused": true})] {
        assert_eq!(change(&desk, not).await.unwrap_err().code, ErrorCode::WrongState);
    }
    assert_eq!(settings(&desk).await, now);
    // What was not said there can be changed, paused ways too.
    change(&desk, json!({"paused": true, "lan": true})).await.unwrap();
    assert_eq!(desk.client().paths().await.unwrap().paths, Vec::new());
    desk.stop_gateway();
    desk.start();
    assert!(settings(&desk).await.paused);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_changes_nothing_of_how_its_host_is_reached() {
    let desk = Desk::new();
    let offdesk = offdesk();
    let verbs = ["reach --pause", "reach", "quit --stop-runs"];
    let lines: Vec<String> = verbs
        .iter()
        .enumerate()
        .map(|(n, verb)| {
            format!("run: {} --data {} {verb}; echo $? > {n}.code", offdesk.display(), desk.data.display())
        })
        .collect();
    let run = desk.start_run("demo", &lines.join("\n")).await;
    for (n, verb) in verbs.iter().enumerate() {
        let name = format!("{n}.code");
        desk.until(run, "it asks", |view| view.line.contains(&name)).await;
        let asked = desk.asked(run).await;
        desk.decide(&asked, Verdict::Allow).await;
        eventually("it has run", async || !desk.file(&name).is_empty()).await;
        assert_eq!(desk.file(&name), "4\n", "{verb}");
    }
    assert!(!settings(&desk).await.paused);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_settings_are_kept_aside_and_the_gateway_goes_on() {
    let mut desk = Desk::with(&[], &["--lan-at", "127.0.0.1:0"]);
    desk.json(&["reach", "--lan", "on"]);
    desk.stop_gateway();
    let path = desk.data.join("settings.json");
    std::fs::write(&path, r#"{"lan": true, "paused":"#).unwrap();
    desk.start();
    let now = settings(&desk).await;
    assert!(!now.lan && !now.paused);
    let health = desk.client().health().await.unwrap();
    let warning = health.warnings.iter().find(|warning| warning.code == "settingsBroken").unwrap();
    let aside = std::fs::read_dir(&desk.data)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.file_name().unwrap().to_str().unwrap().starts_with("settings.broken-"))
        .unwrap();
    assert!(warning.text.contains(aside.to_str().unwrap()), "{}", warning.text);
    assert_eq!(std::fs::read_to_string(&aside).unwrap(), r#"{"lan": true, "paused":"#);
    // New settings are kept beside it.
    desk.json(&["reach", "--lan", "on"]);
    assert!(aside.exists() && path.exists());
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_refused_and_changes_nothing_unless_another_will_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut desk = Desk::with(&[], &["--lan-at", &address]);
    let refused = desk.refused(1, &["reach", "--lan", "on"]);
    assert_eq!(refused.code, ErrorCode::WrongState);
    assert!(refused.message.contains(&address), "{refused}");
    assert!(!settings(&desk).await.lan && !desk.data.join("settings.json").exists());
    drop(taken);
    desk.json(&["reach", "--lan", "on"]);
    // Taken at a start, it is said, and the rest goes on.
    desk.stop_gateway();
    let taken = TcpListener::bind(&address).unwrap();
    desk.start();
    let health = desk.client().health().await.unwrap();
    assert_eq!(hop(&health, "network"), HopState::Failed);
    assert!(health.sentence.contains(&address), "{}", health.sentence);
    // What has nothing to do with it can be changed.
    drop(taken);
    change(&desk, json!({"cloudflared": ""})).await.unwrap();
    until_health(&desk, "it is tried again", |health| hop(health, "network") == HopState::Ok).await;
    desk.close().await;

    // The usual port may be any other.
    let usual = TcpListener::bind("0.0.0.0:4478");
    let desk = Desk::new();
    desk.json(&["reach", "--lan", "on"]);
    let port = std::fs::read_to_string(desk.data.join("lan-port")).unwrap();
    assert_ne!(port, "4478");
    drop(usual);
    // A named tunnel leads to one port and no other.
    let led_to = TcpListener::bind("127.0.0.1:4479");
    let named = json!({"tunnel": "named", "tunnelUrl": "https://desk.example", "tunnelToken": token()});
    let refused = change(&desk, named).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::WrongState);
    assert!(refused.message.contains("4479") && refused.hint.unwrap().contains("--edge"));
    let now = settings(&desk).await;
    assert!(now.lan && now.tunnel == TunnelChoice::Off && !now.tunnel_token);
    assert!(!desk.data.join("tunnel-token").exists());
    drop(led_to);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn places_and_roots_act_at_once() {
    let desk = Desk::at_home(&[], &[]);
    let now = settings(&desk).await;
    assert_eq!((now.roots, now.max_working), (vec![desk.home.path().to_str().unwrap().to_string()], 8));
    change(&desk, json!({"maxWorking": 1})).await.unwrap();
    let first = desk.start_run("demo", "run: echo one").await;
    desk.asked(first).await;
    let second = desk.start_run("demo", "run: echo two").await;
    desk.until_state(second, RunState::Queued).await;
    change(&desk, json!({"maxWorking": 2})).await.unwrap();
    desk.asked(second).await;
    // Fewer end nobody.
    change(&desk, json!({"maxWorking": 1})).await.unwrap();
    assert_eq!(desk.client().run(second).await.unwrap().state, RunState::Waiting);

    let elsewhere = tempfile::tempdir().unwrap();
    change(&desk, json!({"roots": [elsewhere.path()]})).await.unwrap();
    let start = |dir: &std::path::Path| StartRun {
        prompt: Some("say: hi".into()),
        ..StartRun::of("demo", dir.to_str().unwrap())
    };
    let refused = desk.client().start(&start(&desk.workspace)).await.unwrap_err();
    assert!(refused.to_string().contains("outside"), "{refused}");
    desk.client().start(&start(elsewhere.path())).await.unwrap();
    let folders = desk.client().folders(None).await.unwrap();
    assert_eq!(folders.roots, [elsewhere.path().to_str().unwrap()]);
    // A run that was there goes on where it is.
    assert_eq!(desk.client().run(first).await.unwrap().state, RunState::Waiting);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_is_ended_by_the_api_and_runs_are_left_alone_or_not() {
    let mut desk = Desk::with(&[], &["--managed", "--stop-runs"]);
    assert_eq!(desk.login_url, "", "no code is printed for whoever reads the log");
    let about = desk.client().about().await.unwrap();
    assert!(about.managed && about.pid == desk.gateway_pid() && about.url == desk.url);
    assert_eq!(about.version, env!("CARGO_PKG_VERSION"));
    let run = desk.start_run("demo", "run: echo hi > made.txt").await;
    let asked = desk.asked(run).await;
    let worker = desk.client().run(run).await.unwrap().pid.unwrap();
    // Who asks says what becomes of the runs, whatever the command line says of signals.
    desk.client().stop_gateway(false).await.unwrap();
    desk.gateway_ends();
    assert!(std::path::Path::new(&format!("/proc/{worker}")).exists());
    desk.start();
    desk.decide(&asked, Verdict::Allow).await;
    eventually("it ran", async || desk.file("made.txt") == "hi\n").await;
    assert_eq!(desk.client().run(run).await.unwrap().pid, Some(worker));

    desk.json(&["quit", "--stop-runs"]);
    desk.gateway_ends();
    assert!(!std::path::Path::new(&format!("/proc/{worker}")).exists());
    desk.start();
    assert_eq!(desk.client().run(run).await.unwrap().state, RunState::Stopped);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_fails_is_said_and_changes_nothing() {
    // A proxy that is not there: nothing on the real network is asked for.
    let desk = Desk::with(&[("HTTPS_PROXY", "http://127.0.0.1:9"), ("ALL_PROXY", "http://127.0.0.1:9")], &[]);
    let ClientError::Problem(problem) = desk.client().fetch_tunnel_program().await.unwrap_err() else {
        panic!("no problem")
    };
    assert!(problem.message.contains("cloudflared could not be downloaded"), "{problem}");
    assert!(problem.hint.unwrap().contains("Nothing was changed"));
    assert!(!desk.data.join("bin/cloudflared").exists());
    desk.close().await;
}
