//! What the agent says is kept, whole, and served masked.

use crate::support::*;
use offdesk_supervisor::*;

#[tokio::test]
async fn a_flood_is_kept_whole_and_leaves_memory_flat() {
    const MIB: u64 = 64;
    let script = format!("echo ready; read go; head -c {} /dev/zero | tr '\\0' 'x'; read end", MIB << 20);
    let live = Trial::of(&script).launch().await;
    live.wait_until_it_says("ready");
    let (mut sender, mut receiver, _) = live.connect().await;
    let (_, before) = memory(live.launched.supervisor_pid);
    sender.send(ToSupervisor::Input { id: "go".into() }, b"\n".to_vec()).await.unwrap();
    let expected = "ready\n".len() as u64 + (MIB << 20);
    until(&mut receiver, |message| match message {
        FromSupervisor::Grown { length } if length == expected => Some(()),
        _ => None,
    })
    .await;
    let (_, after) = memory(live.launched.supervisor_pid);
    assert!(after < before + 1024, "grew from {before} to {after} KiB");
    assert_eq!(std::fs::metadata(live.dir.join("output")).unwrap().len(), expected);
    live.stop(1000).await;
}

#[tokio::test]
async fn a_gateway_that_takes_nothing_does_not_hold_up_the_agent() {
    let live = Trial::of("read go; head -c 16777216 /dev/zero; echo; echo through").launch().await;
    let (mut sender, _receiver_that_is_never_read, _) = live.connect().await;
    sender.send(ToSupervisor::Input { id: "go".into() }, b"\n".to_vec()).await.unwrap();
    live.wait_until_over();
    assert!(live.said().ends_with("through\n"));
}

#[tokio::test]
async fn a_terminals_output_is_whole_to_the_last_byte() {
    let live = Trial::of("seq 1 50000; printf end").in_a_terminal().launch().await;
    live.wait_until_over();
    let expected: String = (1..=50000).map(|number| format!("{number}\r\n")).collect();
    assert_eq!(live.said(), expected + "end");
}

#[tokio::test]
async fn standard_error_is_kept_beside_the_output() {
    let live = Trial::of("echo out; echo err >&2").launch().await;
    live.wait_until_over();
    assert_eq!(live.said(), "out\n");
    assert_eq!(std::fs::read_to_string(live.dir.join("stderr")).unwrap(), "err\n");
}

#[tokio::test]
async fn a_secret_said_in_two_halves_is_served_masked_in_both() {
    let secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let (first, second) = secret.split_at(20);
    let script = format!("printf 'a {first}'; read go; printf '{second} z\\n'; exec sleep 1000");
    let live = Trial::of(&script).launch().await;
    live.wait_until_it_says(first);
    let file = OutputFile::open(&live.dir).unwrap();
    let served = file.read(0, 4096, Patience::Hold).unwrap();
    assert!(served.hold);
    assert_eq!(&served.bytes[..], b"a ghp_");
    let served = file.read(0, 4096, Patience::Over).unwrap();
    assert_eq!(&served.bytes[..], b"a ghp_****************");
    let (mut sender, _receiver, _) = live.connect().await;
    sender.send(ToSupervisor::Input { id: "go".into() }, b"\n".to_vec()).await.unwrap();
    live.wait_until_it_says(" z\n");
    let rest = file.read(22, 4096, Patience::Hold).unwrap();
    assert_eq!((&rest.bytes[..], rest.hold), (b"******************** z\n".as_slice(), false));
    assert!(!file.ended());
    live.stop(100).await;
    live.wait_until_over();
    assert!(file.ended());
    assert!(live.said().contains(secret), "the file itself is raw");
}
