//! A phone is let in, works, comes back, and is shown the door.

use crate::outside::{Edge, reachable};
use crate::phone::{self, Knock, ask, next, road, watch};
use crate::story::{Desk, eventually};
use offdesk_link::{Bye, LinkError};
use offdesk_protocol::*;
use serde_json::json;

/// A phone that was let in.
pub async fn paired(edge: &Edge, desk: &Desk) -> phone::Phone {
    reachable(desk).await;
    let url = desk.json(&["pair"])["loginUrl"].as_str().unwrap().to_string();
    let coming = phone::pair(&road(edge.public, &edge.ca), &url).await;
    let waiting = desk.json(&["devices"])["waiting"][0].clone();
    assert_eq!(waiting["digits"], coming.digits, "both screens show the same digits");
    desk.json(&["devices", "approve", &coming.phone.device.to_string()]);
    assert_eq!(coming.consent().await, Consent::Approved);
    coming.phone
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_let_in_decides_and_is_cut_off() {
    let edge = Edge::new();
    let mut desk = edge.desk("");
    reachable(&desk).await;
    let url = desk.json(&["pair"])["loginUrl"].as_str().unwrap().to_string();
    let coming = phone::pair(&road(edge.public, &edge.ca), &url).await;
    assert_eq!(coming.state, Consent::Waiting);
    assert_eq!(
        coming.phone.connect().await.err(),
        Some(Knock::Refused(4403)),
        "nothing before the person's yes"
    );
    desk.json(&["devices", "approve", &coming.phone.device.to_string()]);
    assert_eq!(coming.consent().await, Consent::Approved);
    let phone = coming.phone;

    // It starts work and decides, and the receipt says who it was.
    let connection = phone.connect().await.unwrap();
    let run = RunId::new();
    let start =
        json!({"id": run, "agent": "demo", "dir": desk.workspace, "prompt": "run: echo hi > made.txt"});
    let (status, view) = ask(&connection, "POST", "/api/v1/runs", Some(start)).await.unwrap();
    assert_eq!(status, 200, "{view}");
    let asked = desk.asked(run).await;
    let decision = json!({"id": DecisionId::new(), "hash": asked.request.hash, "verdict": {"type": "allow"}});
    let path = format!("/api/v1/approvals/{}/decision", asked.request.id);
    let (status, approval) = ask(&connection, "POST", &path, Some(decision)).await.unwrap();
    assert_eq!(status, 200, "{approval}");
    eventually("it ran", async || desk.file("made.txt") == "hi\n").await;
    let listed = desk.json(&["devices"])["devices"][0].clone();
    assert_eq!((&listed["name"], &listed["decided"]), (&json!("Ada's phone"), &json!(1)));
    assert_eq!(listed["online"], json!(["edge"]));
    let decided = desk.json(&["devices", "decisions", &phone.device.to_string()]);
    assert_eq!(decided[0]["decidedBy"]["device"], json!(phone.device));

    // Only somebody at the machine lets others in.
    for (path, body) in
        [("/api/v1/pairings", json!({})), ("/api/v1/pairings/x/decision", json!({"approved": true}))]
    {
        let path = path.replace('x', &phone.device.to_string());
        assert_eq!(ask(&connection, "POST", &path, Some(body)).await.unwrap().0, 403, "{path}");
    }

    // The gateway is killed and comes back: the phone needs no new code.
    desk.kill_gateway();
    connection.over().await;
    desk.start();
    let mut again = phone.connect().await;
    while again.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        again = phone.connect().await;
    }
    let connection = again.unwrap();
    let mut live = watch(&connection, None).await.unwrap();
    assert!(matches!(next(&mut live).await, Ok(Some(ToViewer::Snapshot { .. }))));

    // Its access is taken away while it watches.
    desk.json(&["devices", "revoke", &phone.device.to_string()]);
    assert_eq!(connection.over().await, Some(Bye::NoLongerWelcome));
    while let Ok(Some(_)) = next(&mut live).await {}
    assert_eq!(ask(&connection, "GET", "/api/v1/runs", None).await, Err(LinkError::Over));
    assert_eq!(phone.connect().await.err(), Some(Knock::Refused(4403)));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_page_again_is_the_same_device_and_a_revoked_one_must_ask() {
    let edge = Edge::new();
    let desk = edge.desk("");
    let phone = paired(&edge, &desk).await;
    desk.json(&["devices", "rename", &phone.device.to_string(), "The old one"]);
    let offer = || desk.json(&["pair"])["loginUrl"].as_str().unwrap().to_string();
    let coming = phone::pair_as(&phone.road, &offer(), phone.own).await.unwrap();
    assert_eq!((coming.state, coming.phone.device), (Consent::Approved, phone.device));
    let devices = desk.json(&["devices"])["devices"].clone();
    assert_eq!(devices.as_array().unwrap().len(), 1);
    assert_eq!(devices[0]["name"], "The old one");

    desk.json(&["devices", "revoke", &phone.device.to_string()]);
    let coming = phone::pair_as(&phone.road, &offer(), phone.own).await.unwrap();
    assert_eq!(coming.state, Consent::Waiting);
    assert_eq!(desk.json(&["devices"])["waiting"][0]["again"], true);
    desk.json(&["devices", "refuse", &phone.device.to_string()]);
    assert_eq!(coming.consent().await, Consent::Refused);
    assert_eq!(phone.connect().await.err(), Some(Knock::Refused(4403)));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_page_of_the_same_person_becomes_the_same_device_by_one_tap() {
    let edge = Edge::new();
    let desk = edge.desk("");
    let phone = paired(&edge, &desk).await;
    let connection = phone.connect().await.unwrap();
    let adopt = json!({"origin": phone.origin});
    let (status, offer) =
        ask(&connection, "POST", "/api/v1/devices/self/adoption", Some(adopt)).await.unwrap();
    assert_eq!(status, 200, "{offer}");
    // The installed app has a storage, and so a key, of its own.
    let coming = phone::pair(&phone.road, offer["loginUrl"].as_str().unwrap()).await;
    assert_eq!((coming.state, coming.phone.device), (Consent::Approved, phone.device));
    coming.phone.connect().await.unwrap();
    assert_eq!(desk.json(&["devices"])["devices"].as_array().unwrap().len(), 1);
    let elsewhere = json!({"origin": "https://evil.example"});
    let (status, _) =
        ask(&connection, "POST", "/api/v1/devices/self/adoption", Some(elsewhere)).await.unwrap();
    assert_eq!(status, 400);
    // Both go together.
    desk.json(&["devices", "revoke", &phone.device.to_string()]);
    for one in [&phone, &coming.phone] {
        assert_eq!(one.connect().await.err(), Some(Knock::Refused(4403)));
    }
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_is_told_to_the_others() {
    let edge = Edge::new();
    let desk = edge.desk("");
    let first = paired(&edge, &desk).await;
    let connection = first.connect().await.unwrap();
    let mut live = watch(&connection, None).await.unwrap();
    let second = paired(&edge, &desk).await;
    loop {
        match next(&mut live).await.unwrap().unwrap() {
            ToViewer::Device { device } if device.id == second.device => break,
            _ => {}
        }
    }
    desk.close().await;
}
