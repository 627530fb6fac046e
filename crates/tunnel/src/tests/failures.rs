//! What goes wrong, and what is done about it.

use super::world::World;
use crate::config::Mode;
use crate::metrics::Ready;
use crate::program::ProbeFailure;
use crate::status::{Status, Why};
use std::time::Duration;
use tokio::time::Instant;

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(60 * count)
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_is_waited_out_ever_longer_and_no_impatience_helps() {
    let mut world = World::on();
    for wait in [minutes(1), minutes(5), minutes(15), minutes(60), minutes(60)] {
        let program = world.next_start().await;
        program.say(r#"{"message":"Error unmarshaling QuickTunnel response: error code: 1015","status_code":"429 Too Many Requests"}"#).await;
        program.say("failed to unmarshal quick Tunnel: invalid character 'e'").await;
        program.exit(1).await;
        world.down(Why::RateLimited).await;
        let Status::Down { fix, next_retry, .. } = world.status() else { unreachable!() };
        assert!(fix.contains("named tunnel") && next_retry.is_some());
        world.tunnel.as_ref().unwrap().probe_now();
        let began = Instant::now();
        let (_, waited) = world.until(|s| matches!(s, Status::Starting { .. })).await;
        assert!(waited >= wait && began.elapsed() < wait + Duration::from_secs(2), "{waited:?} {wait:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_is_retried_soon_then_later_and_forgotten_after_ten_good_minutes() {
    let mut world = World::on();
    for seconds in [1, 2, 4, 8] {
        world.next_start().await.exit(2).await;
        world.down(Why::Crashed).await;
        let (_, waited) = world.until(|s| matches!(s, Status::Starting { .. })).await;
        assert!(waited.as_secs() == seconds, "{waited:?} instead of {seconds} s");
    }
    let program = world.next_start().await;
    program.connect().await;
    world.up().await;
    tokio::time::sleep(minutes(11)).await;
    program.exit(2).await;
    world.down(Why::Crashed).await;
    let (_, waited) = world.until(|s| matches!(s, Status::Starting { .. })).await;
    assert_eq!(waited.as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_stays_lost_is_replaced_after_45_seconds() {
    let (mut world, mut program) = World::up_and_running().await;
    world.ready(Ready::No);
    world.down(Why::TunnelLost).await;
    let began = Instant::now();
    program.end_when_asked().await;
    assert!((43..=50).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    world.ready(Ready::Yes(1));
    let program = world.next_start().await;
    program.connect().await;
    world.up().await;
}

#[tokio::test(start_paused = true)]
async fn http2_is_tried_where_quic_does_not_get_through() {
    let mut world = World::on();
    world.ready(Ready::No);
    let mut quic = world.next_start().await;
    assert!(!quic.spec.as_ref().unwrap().args.contains(&"--protocol".to_owned()));
    quic.announce().await;
    quic.end_when_asked().await;
    let mut http2 = world.next_start().await;
    assert!(http2.spec.as_ref().unwrap().args.ends_with(&["--protocol".into(), "http2".into()]));
    // Neither gets through: said so, and tried again from the start.
    http2.announce().await;
    http2.end_when_asked().await;
    world.down(Why::ProtocolBlocked).await;
    let again = world.next_start().await;
    assert!(!again.spec.as_ref().unwrap().args.contains(&"--protocol".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn its_own_checks_make_the_fallback_faster() {
    let mut world = World::on();
    world.ready(Ready::No);
    let mut quic = world.next_start().await;
    quic.announce().await;
    let began = Instant::now();
    quic.say(r#"{"message":"precheck complete","hard_fail":false,"suggested_protocol":"http2"}"#).await;
    quic.end_when_asked().await;
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_zombie_is_replaced() {
    let mut world = World::on();
    world.ready(Ready::Silent);
    world.hostname(None);
    let mut zombie = world.next_start().await;
    zombie.announce().await;
    zombie.end_when_asked().await;
    world.down(Why::Unresponsive).await;
    // One that does not even say where it listens.
    let mut mute = world.next_start().await;
    mute.end_when_asked().await;
    world.down(Why::Unresponsive).await;
    world.next_start().await;
}

#[tokio::test(start_paused = true)]
async fn an_address_that_never_answers_is_down_then_replaced_after_three_minutes() {
    let mut world = World::on();
    world.proof(Err(ProbeFailure::NoTunnel("HTTP 530".into())));
    let mut program = world.next_start().await;
    program.connect().await;
    assert!((18..=25).contains(&world.down(Why::NoTunnel).await.as_secs()));
    let began = Instant::now();
    program.end_when_asked().await;
    assert!((150..=170).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    world.next_start().await;
}

#[tokio::test(start_paused = true)]
async fn an_address_that_only_this_machine_cannot_ask_is_kept() {
    let (mut world, _program) = World::up_and_running().await;
    world.proof(Err(ProbeFailure::EdgeUnreachable("a proxy".into())));
    world.down(Why::EdgeUnreachable).await;
    tokio::time::sleep(minutes(30)).await;
    assert!(world.not_started_again());
    world.proof(Ok(()));
    world.up().await;
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_lines_stops_the_program_for_a_while() {
    let (mut world, mut program) = World::up_and_running().await;
    let flood = async {
        for _ in 0..2000 {
            program.say("2026 ERR dial tcp: connection refused").await;
        }
        program.end_when_asked().await;
    };
    tokio::join!(flood, world.down(Why::Flood));
    assert!(world.tunnel.as_ref().unwrap().recent_lines().len() <= 200);
    let (_, waited) = world.until(|s| matches!(s, Status::Starting { .. })).await;
    assert!(waited >= Duration::from_secs(55), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_missing_program_is_said_and_looked_for_again() {
    let mut world = World::new(Mode::Quick);
    let real = world.config.program.clone();
    world.config.program = world.config.folder.join("cloudflared");
    world.turn_on();
    world.down(Why::ProgramMissing).await;
    let Status::Down { text, fix, .. } = world.status() else { unreachable!() };
    assert!(text.contains("cloudflared") && fix.contains("Install"), "{text} {fix}");
    std::fs::create_dir_all(&world.config.folder).unwrap();
    std::fs::copy(real, &world.config.program).unwrap();
    let program = world.next_start().await;
    program.connect().await;
    world.up().await;
}

#[tokio::test(start_paused = true)]
async fn without_a_network_a_changed_network_is_a_reason_to_try_at_once() {
    let mut world = World::on();
    for _ in 0..6 {
        let program = world.next_start().await;
        program.say(r#"failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: lookup"#).await;
        program.exit(1).await;
        world.down(Why::NoNetwork).await;
        world.tunnel.as_ref().unwrap().probe_now();
        let (_, waited) = world.until(|s| matches!(s, Status::Starting { .. })).await;
        assert!(waited < Duration::from_secs(1));
    }
}
