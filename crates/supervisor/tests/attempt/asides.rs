//! What hooks say beside the agent's output: kept before it is told, held while no gateway is there, answered once.

use crate::support::*;
use offdesk_supervisor::*;
use std::path::PathBuf;

fn aside(id: &str, waits: bool) -> ToSupervisor {
    ToSupervisor::Aside { id: id.into(), waits }
}

fn answer(id: &str, aside: &str) -> ToSupervisor {
    ToSupervisor::Answer { id: id.into(), aside: aside.into() }
}

async fn kept(receiver: &mut Receiver, id: &str) {
    until(receiver, |message| match message {
        FromSupervisor::Written { id: about, .. } if about == id => Some(()),
        _ => None,
    })
    .await
}

fn asides(live: &Live) -> String {
    std::fs::read_to_string(live.dir.join("asides")).unwrap()
}

#[tokio::test]
async fn a_hook_waits_over_gateways_and_is_answered_once() {
    let live = Trial::of("exec sleep 1000").launch().await;
    let (mut hook, mut heard, _) = live.connect().await;
    hook.send(aside("a", true), b"{\"says\":\n 1.10}".to_vec()).await.unwrap();
    kept(&mut heard, "a").await;
    assert_eq!(asides(&live), "{\"kind\":\"said\",\"aside\":\"a\",\"waits\":true,\"body\":{\"says\":1.1}}\n");

    let big = vec![b'x'; 300 * 1024];
    for (time, repeated) in [(0, false), (1, true)] {
        let (mut gateway, mut told, _) = live.connect().await;
        gateway.send(answer("decision:1", "a"), big.clone()).await.unwrap();
        let again = until(&mut told, |message| match message {
            FromSupervisor::Written { id, repeated, .. } if id == "decision:1" => Some(repeated),
            _ => None,
        });
        assert_eq!(again.await, repeated, "time {time}");
    }
    let body = until(&mut heard, |message| match message {
        FromSupervisor::Answer { body, .. } => Some(body),
        _ => None,
    });
    assert_eq!(body.await, big);
    drop((hook, heard));

    let (mut late, mut told, _) = live.connect().await;
    late.send(answer("decision:2", "a"), b"{}".to_vec()).await.unwrap();
    until(&mut told, |message| matches!(message, FromSupervisor::Refused { .. }).then_some(())).await;
    assert_eq!(
        asides(&live).lines().skip(1).collect::<Vec<_>>(),
        ["{\"kind\":\"answered\",\"aside\":\"a\",\"id\":\"decision:1\"}"]
    );
    live.stop(100).await;
}

// Waiting blocks a thread; the one that drops the connection must not be that one.
#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_goes_is_not_answered_and_what_is_no_json_is_not_kept() {
    let live = Trial::of("exec sleep 1000").launch().await;
    let (mut gateway, mut told, _) = live.connect().await;
    let (mut hook, mut heard, _) = live.connect().await;
    hook.send(aside("bad", true), b"{\n\"cut".to_vec()).await.unwrap();
    until(&mut heard, |message| matches!(message, FromSupervisor::Refused { .. }).then_some(())).await;
    hook.send(aside("a", true), b"1".to_vec()).await.unwrap();
    kept(&mut heard, "a").await;
    drop((hook, heard));
    wait_for("the hook to be missed", || asides(&live).ends_with("{\"kind\":\"left\",\"aside\":\"a\"}\n"));
    gateway.send(answer("decision:1", "a"), b"{}".to_vec()).await.unwrap();
    until(&mut told, |message| matches!(message, FromSupervisor::Refused { .. }).then_some(())).await;
    live.stop(100).await;
}

/// Not a test: the next one's agent, which is this program inside the attempt.
#[tokio::test]
#[ignore = "run by the test below, inside an attempt"]
async fn speaks_from_inside() {
    let dir = PathBuf::from(std::env::var_os("OUTSIDE").expect("run by the test below"));
    wait_for("the supervisor to be there", || dir.join("supervisor.json").exists());
    let (connection, _) = connect(&dir).await.unwrap();
    let (mut sender, mut receiver) = connection.split();
    sender.send(ToSupervisor::Input { id: "forged".into() }, b"1\r".to_vec()).await.unwrap();
    sender.send(answer("decision:forged", "asked"), b"{}".to_vec()).await.unwrap();
    sender.send(aside("inside", false), b"\"hello\"".to_vec()).await.unwrap();
    kept(&mut receiver, "inside").await;
}

#[tokio::test]
async fn from_inside_the_attempt_one_may_speak_and_never_steer() {
    let this = std::env::current_exe().unwrap();
    let trial = Trial::of(&format!(
        "read go; '{}' --ignored --exact asides::speaks_from_inside > said.txt 2>&1; echo code:$?; exec sleep 1000",
        this.display()
    ));
    let dir = trial.dir().display().to_string();
    let live = trial.in_a_terminal().with_env("OUTSIDE", &dir).launch().await;
    let (mut hook, mut heard, _) = live.connect().await;
    hook.send(aside("asked", true), b"1".to_vec()).await.unwrap();
    kept(&mut heard, "asked").await;
    hook.send(ToSupervisor::Input { id: "go".into() }, b"\n".to_vec()).await.unwrap();
    live.wait_until_it_says("code:0");
    assert!(asides(&live).contains("\"inside\""), "it was heard");
    assert!(!asides(&live).contains("answered"), "{}", asides(&live));
    let inputs = std::fs::read_to_string(live.dir.join("inputs")).unwrap();
    assert!(!inputs.contains("forged"), "{inputs}");
    live.stop(100).await;
}
