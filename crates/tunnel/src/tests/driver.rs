//! How a tunnel comes up, stays up, and is handed on.

use super::world::{URL, World};
use crate::config::{Credentials, Mode};
use crate::metrics::Ready;
use crate::program::ProbeFailure;
use crate::status::{Status, Why};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn an_address_is_shown_only_after_it_was_proved() {
    let mut world = World::on();
    world.proof(Err(ProbeFailure::Unresolved("NXDOMAIN".into())));
    let program = world.next_start().await;
    program.announce().await;
    world.until(|s| matches!(s, Status::Starting { note, .. } if note.contains("from outside"))).await;
    assert_eq!(world.status().url(), None);
    world.proof(Ok(()));
    world.up().await;
    assert_eq!(world.status().url(), Some(URL));
}

#[tokio::test(start_paused = true)]
async fn a_late_address_is_waited_for() {
    let mut world = World::on();
    let program = world.next_start().await;
    program.say(r#"{"message":"Requesting new quick Tunnel on trycloudflare.com..."}"#).await;
    world.until(|s| matches!(s, Status::Starting { note, .. } if note.contains("Asking Cloudflare"))).await;
    let (later, _) = (tokio::time::Instant::now() + Duration::from_secs(40), ());
    tokio::time::sleep_until(later).await;
    program.connect().await;
    world.up().await;
    assert!(world.not_started_again());
}

#[tokio::test(start_paused = true)]
async fn a_lost_proof_takes_it_down_within_ten_seconds_and_the_first_good_one_up() {
    let (mut world, _program) = World::up_and_running().await;
    for (failure, why) in [
        (ProbeFailure::NoGateway("502".into()), Why::GatewayUnreachable),
        (ProbeFailure::NoTunnel("530".into()), Why::NoTunnel),
        (ProbeFailure::Wrong("a login page".into()), Why::NotOurs),
        (ProbeFailure::EdgeUnreachable("refused".into()), Why::EdgeUnreachable),
        (ProbeFailure::Unresolved("NXDOMAIN".into()), Why::Unresolved),
    ] {
        world.proof(Err(failure));
        assert!(world.down(why).await <= Duration::from_secs(10));
        let Status::Down { url, next_retry, .. } = world.status() else { unreachable!() };
        assert_eq!((url.as_deref(), next_retry), (Some(URL), None), "the program runs on");
        world.proof(Ok(()));
        assert!(world.up().await <= Duration::from_secs(5));
    }
    assert!(world.not_started_again());
}

#[tokio::test(start_paused = true)]
async fn a_flapping_connection_keeps_its_address_and_its_program() {
    let (mut world, program) = World::up_and_running().await;
    for _ in 0..5 {
        program.say(r#"{"message":"Lost connection with the edge"}"#).await;
        world.ready(Ready::No);
        assert!(world.down(Why::TunnelLost).await <= Duration::from_secs(10));
        tokio::time::sleep(Duration::from_secs(12)).await;
        world.ready(Ready::Yes(1));
        world.up().await;
        assert_eq!(world.status().url(), Some(URL));
    }
    assert!(world.not_started_again());
}

#[tokio::test(start_paused = true)]
async fn probing_now_does_not_wait_for_its_turn() {
    let mut world = World::new(Mode::Quick);
    world.config.probe_every = Duration::from_secs(3600);
    world.turn_on();
    let program = world.next_start().await;
    program.connect().await;
    world.up().await;
    world.proof(Err(ProbeFailure::NoGateway("502".into())));
    world.tunnel.as_ref().unwrap().probe_now();
    assert!(world.down(Why::GatewayUnreachable).await < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn stopping_ends_the_program() {
    let (mut world, mut program) = World::up_and_running().await;
    let tunnel = world.tunnel.take().unwrap();
    tokio::join!(tunnel.stop(), program.end_when_asked());
    assert_eq!(world.status(), Status::Off);
}

#[tokio::test(start_paused = true)]
async fn a_program_that_will_not_end_does_not_hold_up_the_stop() {
    let (mut world, _deaf) = World::up_and_running().await;
    let began = tokio::time::Instant::now();
    world.tunnel.take().unwrap().stop().await;
    assert!(began.elapsed() <= Duration::from_secs(16));
    assert_eq!(world.status(), Status::Off);
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_goes_leaves_the_program_to_the_next_one() {
    let (mut world, mut program) = World::up_and_running().await;
    drop(world.tunnel.take());
    program.left_alone().await;

    // The next gateway takes it up and reads its lines from the first, thousands of them.
    let program = world.leave_running();
    let story = async {
        program.connect().await;
        for second in 0..3000 {
            program.say(format!(r#"{{"message":"a request","time":"t{}"}}"#, second / 3)).await;
        }
    };
    world.turn_on();
    tokio::join!(story, world.up());
    assert_eq!(world.status().url(), Some(URL));
    assert!(world.not_started_again());
}

#[tokio::test(start_paused = true)]
async fn a_tunnel_of_the_other_kind_is_replaced() {
    let credentials = Credentials::TokenFile("/etc/token".into());
    let mut world = World::new(Mode::Named { credentials, url: "https://o.example".into() });
    let mut quick = world.leave_running();
    world.turn_on();
    tokio::join!(quick.connect(), quick_end(&mut world));
    quick.end_when_asked().await;
    let named = world.next_start().await;
    assert_eq!(named.spec.as_ref().unwrap().args.last().unwrap(), "/etc/token");
    world.hostname(Some(""));
    named.say("2026 INF Starting metrics server on 127.0.0.1:4000/metrics").await;
    world.up().await;
    assert_eq!(world.status().url(), Some("https://o.example"));
}

async fn quick_end(world: &mut World) {
    world.until(|s| matches!(s, Status::Starting { note, .. } if note.contains("again"))).await;
}
