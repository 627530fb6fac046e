//! The pocket buzzes when an agent needs a person; once, and never for what is answered or old.

use crate::outside::Edge;
use crate::pairing::paired;
use crate::phone::{Phone, ask};
use crate::push_service::{PushService, mail_server, web_server};
use crate::story::{Desk, eventually};
use offdesk_link::Connection;
use offdesk_protocol::*;
use serde_json::{Value, json};

const HERE: (&str, &str) = ("OFFDESK_PUSH_LOOPBACK", "1");

async fn api(connection: &Connection, method: &str, path: &str, body: Option<Value>) -> Value {
    let (status, answer) = ask(connection, method, &format!("/api/v1{path}"), body).await.unwrap();
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

/// A phone that takes notifications, in a pocket: it is not connected.
async fn pocketed(edge: &Edge, desk: &Desk) -> (Phone, PushService) {
    let phone = paired(edge, desk).await;
    let service = PushService::new().await;
    let connection = phone.connect().await.unwrap();
    let key = api(&connection, "GET", "/notifications", None).await["key"].as_str().unwrap().to_string();
    let given = service.subscription(&key, &phone.origin);
    api(&connection, "POST", "/notifications/subscriptions", Some(given)).await;
    (phone, service)
}

async fn receipt(phone: &Phone, id: &str, opened: bool) {
    let connection = phone.connect().await.unwrap();
    let path = format!("/notifications/{id}/receipt");
    api(&connection, "POST", &path, Some(json!({ "opened": opened }))).await;
}

async fn recent(desk: &Desk) -> Vec<Notification> {
    desk.client().notifications().await.unwrap().recent
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_told_once_and_the_receipts_say_how_far_it_came() {
    let edge = Edge::new();
    let mut desk = edge.desk_without_tunnel(&[HERE], &["--tunnel", "quick"]);
    let (phone, service) = pocketed(&edge, &desk).await;

    let run = desk.start_run("demo", "run: echo secret-word > made.txt").await;
    let asked = desk.asked(run).await;
    eventually("the push came", async || service.taken().len() == 1).await;
    let push = service.taken().remove(0);
    assert_eq!(push.body(), "It asks to run a command.");
    assert!(!push.message.to_string().contains("secret-word"), "nothing of the command leaves the machine");
    assert_eq!((push.urgency.as_str(), push.ttl), ("high", 86_400));
    let place = format!("{}/#/approval/{}", phone.origin, asked.request.id);
    assert_eq!(push.message["notification"]["navigate"], place, "a click opens exactly this card");
    assert_eq!(push.message["web_push"], 8030);
    assert_eq!(push.message["offdesk"]["decidable"], Value::Null);

    receipt(&phone, &push.id(), false).await;
    let told = recent(&desk).await.remove(0);
    assert_eq!(told.deliveries[0].state, DeliveryState::Shown);
    assert!(told.deliveries[0].accepted_at.is_some() && told.deliveries[0].shown_at.is_some());

    // Answered at the desk: what the phone shows is taken back, under the same topic.
    desk.decide(&asked, Verdict::Allow).await;
    eventually("it was taken back", async || service.taken().len() == 2).await;
    let back = service.taken().remove(1);
    assert_eq!(
        (back.topic.as_str(), back.message["offdesk"]["back"].clone()),
        (push.topic.as_str(), json!(true))
    );
    assert!(back.body().starts_with("Answered: "), "{}", back.body());

    desk.until_state(run, RunState::Idle).await;
    desk.json(&["stop", &run.to_string()]);

    // Who just answered is there: the next is answered before anybody is told, and the run that is done then, too.
    let run = desk.start_run("demo", "run: echo two > two.txt").await;
    let asked = desk.asked(run).await;
    desk.decide(&asked, Verdict::Allow).await;
    desk.until_state(run, RunState::Idle).await;
    desk.json(&["stop", &run.to_string()]);
    let about = format!("approval/{}", asked.request.id);
    let known = recent(&desk).await.into_iter().find(|one| one.key == about).unwrap();
    assert!(known.ended.is_some() && known.deliveries.is_empty(), "{known:?}");

    // A gateway that comes back tells nothing of what was.
    let before = service.taken().len();
    desk.kill_gateway();
    desk.start();
    let run = desk.start_run("demo", "ask: really?").await;
    desk.until_state(run, RunState::Waiting).await;
    eventually("the question came", async || service.taken().len() > before).await;
    let news: Vec<String> = service.taken().split_off(before).iter().map(|push| push.body().into()).collect();
    assert_eq!(news, ["It has a question."]);

    // Taken away: it is told nothing more, and its subscription goes with it.
    desk.json(&["devices", "revoke", &phone.device.to_string()]);
    let gone = async || desk.json(&["notify"])["subscriptions"] == json!([]);
    eventually("its subscription is gone", gone).await;
    assert_eq!(service.taken().len(), before + 1);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_push_for_each_decision_however_often_the_gateway_dies() {
    const RUNS: usize = 6;
    let edge = Edge::new();
    let calm = edge.desk_without_tunnel(&[HERE], &["--tunnel", "quick"]);
    let (_, service) = pocketed(&edge, &calm).await;
    let mut desk = calm;
    desk.also("OFFDESK_FAULT_KILL", "notify.kept:0.3,notify.sent:0.3");
    desk.kill_gateway();
    desk.start();
    for n in 0..RUNS {
        let start = StartRun {
            id: RunId::new(),
            prompt: Some(format!("run: echo {n} > made-{n}.txt")),
            ..StartRun::of("demo", desk.workspace.to_str().unwrap())
        };
        while desk.client().start(&start).await.is_err() {
            desk.revive();
        }
    }
    let mut deaths = 0;
    let mut topics = std::collections::BTreeSet::new();
    let deadline = std::time::Instant::now() + crate::story::PATIENCE;
    while topics.len() < RUNS {
        deaths += usize::from(desk.revive());
        assert!(std::time::Instant::now() < deadline, "{} of {RUNS} after {deaths} deaths", topics.len());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        topics = service.taken().into_iter().map(|push| push.topic).collect();
    }
    // Every approval was told; what was sent twice has one topic, so a phone shows it once.
    desk.also("OFFDESK_FAULT_KILL", "");
    desk.kill_gateway();
    desk.start();
    let settled = async || {
        let recent = desk.client().notifications().await.unwrap().recent;
        recent.iter().flat_map(|one| &one.deliveries).all(|one| one.state == DeliveryState::Accepted)
    };
    eventually("all are known to be taken", settled).await;
    let shown = service.waiting();
    let ids: std::collections::BTreeSet<String> = shown.iter().map(|push| push.id()).collect();
    assert_eq!((shown.len(), ids.len()), (RUNS, RUNS), "after {deaths} deaths");
    let open = desk.client().approvals(None, false).await.unwrap();
    let tags: Vec<Value> = shown.iter().map(|push| push.message["notification"]["tag"].clone()).collect();
    for approval in open {
        assert!(tags.contains(&json!(format!("approval/{}", approval.request.id))));
    }
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_busy_is_asked_again_and_one_that_is_gone_is_not() {
    let edge = Edge::new();
    let desk = edge.desk_without_tunnel(&[HERE], &["--tunnel", "quick"]);
    let (phone, service) = pocketed(&edge, &desk).await;
    service.answer(429, Some(4));
    let before = std::time::Instant::now();
    let tried = desk.client().test_notifications().await.unwrap();
    eventually("it was asked again", async || service.taken().len() == 1).await;
    assert!(before.elapsed() >= std::time::Duration::from_secs(4), "its Retry-After was kept to");
    assert_eq!(service.tries(), 2);
    receipt(&phone, &tried.id.to_string(), true).await;
    let tried = desk.client().notification(tried.id).await.unwrap();
    assert_eq!((tried.deliveries[0].state, tried.deliveries[0].tries), (DeliveryState::Opened, 2));

    // What a page gives is hostile: nothing inside is reached by it.
    let connection = phone.connect().await.unwrap();
    for endpoint in ["https://169.254.169.254/x", "https://router.local/x", "http://push.example.com/x"] {
        let mut given = service.subscription("", &phone.origin);
        given["endpoint"] = endpoint.into();
        let (status, _) =
            ask(&connection, "POST", "/api/v1/notifications/subscriptions", Some(given)).await.unwrap();
        assert_eq!(status, 400, "{endpoint}");
    }
    drop(connection);

    service.answer(410, None);
    let output = desk.cli(&["notify", "test", "--wait", "20"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("Ada's phone: not there any more · The push service answered 410"), "{said}");
    assert_eq!(desk.json(&["notify"])["subscriptions"], json!([]));
    let refused = desk.refused(1, &["notify", "test"]);
    assert!(refused.message.contains("Nobody takes notifications yet"), "{refused:?}");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_of_the_persons_own_are_told_and_their_secrets_stay_here() {
    let (web, visits) = web_server().await;
    let (port, mails) = mail_server();
    let telegram: &str = &web;
    let desk = Desk::with(&[HERE, ("OFFDESK_TELEGRAM", telegram)], &[]);
    let secret = |name: &str, text: &str| {
        let path = desk.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (token, bot, key) = (
        secret("token", "tk_topsecret\n"),
        secret("bot", "123456:AAtopsecret\n"),
        secret("key", "0123456789abcdef-topsecret\n"),
    );
    let add = |args: &[&str]| desk.json(&[&["notify", "channel", "add"], args].concat());
    add(&["ntfy", "my-hard-topic", "--server", &web, "--secret-file", &token]);
    add(&["telegram", "-100123", "--secret-file", &bot]);
    add(&["webhook", &format!("{web}/hook?in=topsecret"), "--secret-file", &key]);
    let port = port.to_string();
    let mail = [
        "--from",
        "Offdesk <desk@example.com>",
        "--server",
        "127.0.0.1",
        "--port",
        &port,
        "--security",
        "none",
    ];
    let listed = add(&[&["email", "ada@example.com"], &mail[..]].concat());
    assert_eq!(listed["channels"].as_array().unwrap().len(), 4);
    assert!(
        !listed.to_string().contains("topsecret") && !listed.to_string().contains("my-hard-topic"),
        "{listed}"
    );

    // There is no phone: they are told at once.
    let run = desk.start_run("demo", "run: echo hi > made.txt").await;
    let asked = desk.asked(run).await;
    eventually("all four were told", async || {
        visits.lock().unwrap().len() == 3 && mails.lock().unwrap().len() == 1
    })
    .await;
    let seen = visits.lock().unwrap().clone();
    let one = |path: &str| seen.iter().find(|(at, ..)| at.starts_with(path)).unwrap().clone();

    let (_, headers, body) = one("/hook");
    assert_eq!(body["reason"], "decision");
    assert_eq!(body["key"], format!("approval/{}", asked.request.id));
    let header = |name: &str| headers[name].to_str().unwrap().to_string();
    assert_eq!(header("webhook-id"), body["id"].as_str().unwrap());
    let at: i64 = header("webhook-timestamp").parse().unwrap();
    assert!((jiff::Timestamp::now().as_second() - at).abs() < 60);
    assert!(header("webhook-signature").starts_with("v1,"));

    let (_, headers, body) = one("/bot");
    assert_eq!(one("/bot").0, "/bot123456:AAtopsecret/sendMessage");
    assert_eq!(body["chat_id"], "-100123");
    assert!(!headers.contains_key("authorization"));

    let (path, headers, body) = seen.iter().find(|(_, _, body)| body["topic"] == "my-hard-topic").unwrap();
    assert_eq!((path.as_str(), headers["authorization"].to_str().unwrap()), ("/", "Bearer tk_topsecret"));
    assert_eq!(body["title"], "workspace needs you");

    let mail = mails.lock().unwrap()[0].clone();
    assert!(
        mail.contains("Subject: workspace needs you") && mail.contains("It asks to run a command."),
        "{mail}"
    );

    // Answered at the desk: all four hear once that it is over, and by whom.
    desk.decide(&asked, Verdict::Allow).await;
    let over = || -> Vec<_> {
        let visits = visits.lock().unwrap();
        visits.iter().filter(|(_, _, body)| body.to_string().contains("Over: workspace")).cloned().collect()
    };
    let end_by_mail = || mails.lock().unwrap().iter().find(|mail| mail.contains("Subject: Over:")).cloned();
    eventually("all four hear the end", async || over().len() == 3 && end_by_mail().is_some()).await;
    let seen = over();
    let (_, headers, body) = seen.iter().find(|(at, ..)| at.starts_with("/hook")).unwrap();
    assert_eq!(body["type"], "notification.over");
    assert_eq!(headers["webhook-id"].to_str().unwrap(), format!("{}-over", body["id"].as_str().unwrap()));
    assert!(body["body"].as_str().unwrap().starts_with("Answered: "), "{body}");
    let (_, _, body) = seen.iter().find(|(at, ..)| at.starts_with("/bot")).unwrap();
    assert_eq!(body["disable_notification"], true);
    assert!(end_by_mail().unwrap().contains("In-Reply-To:"));

    // Secrets are in files for their owner alone, and nowhere else.
    let leaks: Vec<String> = std::process::Command::new("grep")
        .args(["-rl", "topsecret"])
        .arg(&desk.data)
        .output()
        .map(|found| String::from_utf8_lossy(&found.stdout).lines().map(str::to_string).collect())
        .unwrap();
    assert_eq!(leaks.len(), 3, "{leaks:?}");
    for path in leaks {
        use std::os::unix::fs::PermissionsExt;
        assert!(path.contains("/channels/"), "{path}");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "{path}");
    }
    desk.json(&["notify", "channel", "remove", "ntfy"]);
    assert_eq!(desk.json(&["notify"])["channels"].as_array().unwrap().len(), 3);

    // Reasons that are off are not told; for one project, only there.
    desk.json(&["notify", "reason", "question", "off", "--project", desk.workspace.to_str().unwrap()]);
    let run = desk.start_run("demo", "ask: which?").await;
    desk.until_state(run, RunState::Waiting).await;
    let told = recent(&desk).await.into_iter().any(|one| one.reason == Reason::Question);
    assert!(!told);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_minute_a_channel_is_told_and_what_is_gone_or_silent_is_said() {
    let mut edge = Edge::new();
    let desk = edge.desk_without_tunnel(&[HERE], &["--tunnel", "quick"]);
    let (_, service) = pocketed(&edge, &desk).await;
    let (web, visits) = web_server().await;
    let key = desk.home.path().join("key");
    std::fs::write(&key, "0123456789abcdef").unwrap();
    desk.json(&["notify", "channel", "add", "webhook", &web, "--secret-file", key.to_str().unwrap()]);
    desk.json(&["notify", "silent-after", "1"]);
    let silent = desk.start_run("demo", "sleep: 900").await;
    let run = desk.start_run("demo", "run: echo hi > made.txt").await;
    let asked = desk.asked(run).await;
    eventually("the push came", async || service.taken().len() == 1).await;
    let taken = std::time::Instant::now();
    edge.say("down");
    let reasons = || -> Vec<String> {
        let visits = visits.lock().unwrap();
        visits.iter().map(|(_, _, body)| body["reason"].as_str().unwrap().to_string()).collect()
    };
    // The phone took it and shows nothing: it may be off.
    while reasons().is_empty() {
        assert!(taken.elapsed() < std::time::Duration::from_secs(90), "never escalated");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(taken.elapsed() >= std::time::Duration::from_secs(58), "the phone has its minute");
    assert_eq!(reasons(), ["decision"]);
    let told = async || service.taken().iter().any(|push| push.message["notification"]["tag"] == "reach");
    eventually("the phone is told that the way in is gone", told).await;
    edge.say("up");
    let over = async || recent(&desk).await.iter().any(|one| one.key == "reach" && one.ended.is_some());
    eventually("and that is over when it is back", over).await;
    // And one that works and says nothing is told of, until something is heard of it.
    let about = async || {
        let key = format!("silent/{silent}");
        recent(&desk).await.into_iter().find(|one| one.key == key)
    };
    eventually("the silent one is told of", async || about().await.is_some_and(|one| one.sent)).await;
    desk.json(&["interrupt", &silent.to_string()]);
    eventually("it went on", async || about().await.is_some_and(|one| one.ended.is_some())).await;
    desk.decide(&asked, Verdict::Allow).await;
    desk.close().await;
}
