//! What is written to the agent: once, in order, without holding anything up.

use crate::support::*;
use offdesk_supervisor::*;

fn written(message: FromSupervisor) -> Option<(String, bool)> {
    match message {
        FromSupervisor::Written { id, repeated, .. } => Some((id, repeated)),
        _ => None,
    }
}

fn input(id: &str) -> ToSupervisor {
    ToSupervisor::Input { id: id.into() }
}

#[tokio::test]
async fn an_id_is_written_once_over_many_connections() {
    let live = Trial::of("exec cat").launch().await;
    for time in 0..5 {
        let (mut sender, mut receiver, _) = live.connect().await;
        sender.send(input("decision:1"), b"allowed\n".to_vec()).await.unwrap();
        assert_eq!(until(&mut receiver, written).await, ("decision:1".into(), time > 0));
    }
    let (mut sender, mut receiver, _) = live.connect().await;
    sender.send(input("last"), b"end\n".to_vec()).await.unwrap();
    until(&mut receiver, written).await;
    live.wait_until_it_says("end\n");
    assert_eq!(live.said(), "allowed\nend\n");
    let journal = std::fs::read_to_string(live.dir.join("inputs")).unwrap();
    let ids: Vec<&str> = journal.lines().map(|line| line.split('"').nth(3).unwrap()).collect();
    assert_eq!(ids, ["decision:1", "last"]);
}

#[tokio::test]
async fn what_the_agent_says_to_an_input_is_behind_the_length_told_with_it_now_and_later() {
    let live = Trial::of("echo ready; exec cat").launch().await;
    live.wait_until_it_says("ready\n");
    let told = |message| match message {
        FromSupervisor::Written { id, output, .. } if id == "prompt:1" => Some(output),
        _ => None,
    };
    let (mut sender, mut receiver, _) = live.connect().await;
    sender.send(input("prompt:1"), b"hello\n".to_vec()).await.unwrap();
    assert_eq!(until(&mut receiver, told).await, Some(6));
    live.wait_until_it_says("hello\n");
    let (mut sender, mut receiver, _) = live.connect().await;
    sender.send(input("prompt:1"), b"hello\n".to_vec()).await.unwrap();
    assert_eq!(until(&mut receiver, told).await, Some(6), "also to a gateway that comes later");
}

#[tokio::test]
async fn an_agent_that_does_not_read_holds_up_neither_stop_nor_other_connections() {
    let live = Trial::of("echo ready; while :; do sleep 0.05; done").launch().await;
    live.wait_until_it_says("ready");
    let (mut sender, mut receiver, _) = live.connect().await;
    // More than a pipe holds, so that writing it blocks.
    sender.send(input("big"), vec![b'x'; 4 * 1024 * 1024]).await.unwrap();
    sender.send(input("behind"), b"y".to_vec()).await.unwrap();
    let (_, _, welcome) = live.connect().await;
    assert_eq!(welcome.pid, live.launched.pid);
    sender.send(ToSupervisor::Stop { grace_ms: 100 }, Vec::new()).await.unwrap();
    let refused = until(&mut receiver, |message| match message {
        FromSupervisor::Refused { id, text } if id == "behind" => Some(text),
        FromSupervisor::Written { id, .. } => panic!("{id} cannot have been written"),
        _ => None,
    });
    assert!(refused.await.contains("not written"));
    exit(&mut receiver).await;
}

#[tokio::test]
async fn too_much_that_waits_is_refused_and_nothing_before_it_is_lost() {
    const PIECE: usize = 8 * 1024 * 1024;
    let live = Trial::of("while [ ! -e go ]; do sleep 0.02; done; wc -c").launch().await;
    let (mut sender, mut receiver, _) = live.connect().await;
    for number in 0..6 {
        sender.send(input(&format!("piece {number}")), vec![b'x'; PIECE]).await.unwrap();
    }
    sender.send(ToSupervisor::CloseInput, Vec::new()).await.unwrap();
    let (mut written, mut refused) = (0, 0);
    while written + refused < 6 {
        let was_refused = until(&mut receiver, |message| match message {
            FromSupervisor::Refused { .. } => Some(true),
            FromSupervisor::Written { .. } => Some(false),
            _ => None,
        });
        if was_refused.await {
            refused += 1;
            std::fs::write(live.workspace().join("go"), b"").unwrap();
        } else {
            written += 1;
        }
    }
    // Four wait, and a fifth where the first was taken up already.
    assert!(matches!((written, refused), (5, 1) | (4, 2)), "{written} written");
    exit(&mut receiver).await;
    assert_eq!(live.said().trim(), (written * PIECE).to_string());
}

#[tokio::test]
async fn closing_the_input_lets_a_filter_finish() {
    let live = Trial::of("sort").launch().await;
    let (mut sender, mut receiver, _) = live.connect().await;
    sender.send(input("1"), b"b\na\n".to_vec()).await.unwrap();
    sender.send(ToSupervisor::CloseInput, Vec::new()).await.unwrap();
    exit(&mut receiver).await;
    assert_eq!(live.said(), "a\nb\n");
}

#[tokio::test]
async fn an_input_after_the_input_was_closed_is_refused() {
    let live = Trial::of("cat; echo done; exec sleep 1000").launch().await;
    let (mut sender, mut receiver, _) = live.connect().await;
    sender.send(ToSupervisor::CloseInput, Vec::new()).await.unwrap();
    live.wait_until_it_says("done");
    sender.send(input("late"), b"hello".to_vec()).await.unwrap();
    let refused = until(&mut receiver, |message| match message {
        FromSupervisor::Refused { id, text } => Some((id, text)),
        _ => None,
    });
    let (id, text) = refused.await;
    assert_eq!(id, "late");
    assert!(text.contains("closed"), "{text}");
}

#[tokio::test]
async fn a_terminal_echoes_takes_a_size_and_interrupts_what_is_in_front() {
    let script = "stty size; trap 'echo resized; stty size' WINCH; echo ready; while :; do sleep 0.01; done";
    let live = Trial::of(script).in_a_terminal().launch().await;
    live.wait_until_it_says("ready");
    assert!(live.said().starts_with("24 80"));
    let (mut sender, mut receiver, _) = live.connect().await;
    sender.send(input("keys"), b"typed".to_vec()).await.unwrap();
    live.wait_until_it_says("typed");
    sender.send(ToSupervisor::Resize(Size { cols: 132, rows: 50 }), Vec::new()).await.unwrap();
    live.wait_until_it_says("50 132");
    sender.send(ToSupervisor::Interrupt, Vec::new()).await.unwrap();
    exit(&mut receiver).await;
    assert!(live.said().contains("^C"));
}

#[tokio::test]
async fn an_interrupt_without_a_terminal_reaches_the_whole_group() {
    // It is the one in front that says it is there: an interrupt that came before it would not end it.
    let script = "trap 'echo interrupted' INT; sh -c 'echo ready; exec sleep 1000'; echo after; sleep 1000";
    let live = Trial::of(script).launch().await;
    live.wait_until_it_says("ready");
    let (mut sender, _receiver, _) = live.connect().await;
    sender.send(ToSupervisor::Interrupt, Vec::new()).await.unwrap();
    // The sleep in front has to end as well, or the shell would not go on.
    live.wait_until_it_says("interrupted");
    live.wait_until_it_says("after");
}
