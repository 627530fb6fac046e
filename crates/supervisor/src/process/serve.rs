//! Serving the socket: two small threads for each connection, one that hears and one that tells.

use super::asides::Asides;
use super::ending::Stopper;
use super::input::{Asker, Input};
use super::news::{News, Told};
use super::thread;
use crate::wire::{VERSION, encode, read_frame};
use crate::{FromSupervisor, ToSupervisor, Welcome, platform};
use interprocess::local_socket::{Listener, Stream, prelude::*};
use std::io::{self, BufReader, Write};
use std::sync::Arc;
use std::time::Duration;

/// Connections at one time; a gateway needs one, and one more while it is replaced.
const CONNECTIONS: usize = 32;
/// Longest grace that can be asked for.
const LONGEST_GRACE_MS: u64 = 10 * 60 * 1000;

/// What a connection can reach.
pub(super) struct Reach {
    pub pid: u32,
    pub program: String,
    pub news: Arc<News>,
    pub input: Arc<Input>,
    pub asides: Arc<Asides>,
    /// The attempt, as every process of it carries it.
    pub mark: String,
    pub stopper: Arc<Stopper>,
}

/// Takes connections until the process ends.
pub(super) fn serve(listener: Listener, reach: Reach) -> io::Result<()> {
    let reach = Arc::new(reach);
    thread("socket", move || {
        loop {
            match listener.accept() {
                Ok(stream) => {
                    let _ = welcome(stream, &reach);
                }
                // Out of descriptors, for one; others will be given back.
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    })?;
    Ok(())
}

fn welcome(stream: Stream, reach: &Arc<Reach>) -> io::Result<()> {
    let peer = stream.peer_creds()?;
    if !platform::is_ours(&peer) || reach.news.connections() >= CONNECTIONS {
        return Ok(());
    }
    // Its type is the system's.
    #[allow(clippy::useless_conversion)]
    let peer = peer.pid().and_then(|pid| u32::try_from(pid).ok());
    let (told, length, exited) = reach.news.join();
    let asker = Asker { connection: told.number(), peer };
    let number = told.number();
    let welcome = FromSupervisor::Welcome(Welcome {
        version: VERSION,
        pid: reach.pid,
        supervisor_pid: std::process::id(),
        length,
        exited,
        program: reach.program.clone(),
        size: reach.stopper.terminal.as_ref().and_then(|terminal| terminal.size()),
    });
    let stream = Arc::new(stream);
    let heard = Arc::clone(&stream);
    let (teller, hearer) = (Arc::clone(reach), Arc::clone(reach));
    let started = thread("tell", move || tell(&stream, &welcome, told, &teller.news))
        .and_then(|_| thread("hear", move || hear(&heard, asker, &hearer)));
    if started.is_err() {
        reach.news.leave(number);
    }
    started.map(drop)
}

/// Tells what is new until the end, or until nobody takes it.
fn tell(mut send: &Stream, welcome: &FromSupervisor, mut told: Told, news: &News) {
    let mut say = |messages: &[FromSupervisor]| -> io::Result<()> {
        let mut bytes = Vec::new();
        for message in messages {
            bytes.extend(encode(message, message.body())?);
        }
        send.write_all(&bytes)?;
        send.flush()
    };
    let mut going = say(std::slice::from_ref(welcome)).is_ok();
    while going {
        let Some(next) = news.next(&mut told) else { break };
        going = say(&next.messages).is_ok() && !next.last;
    }
    news.leave(told.number());
}

fn hear(receive: &Stream, asker: Asker, reach: &Reach) {
    let mut receive = BufReader::with_capacity(8 * 1024, receive);
    // The agent and what it starts may speak here and never steer: they could type into their own terminal, or answer
    // themselves.
    let inside = asker.peer.is_some_and(|pid| platform::is_inside(pid, &reach.mark));
    while let Ok(Some((message, body))) = read_frame::<ToSupervisor>(&mut receive) {
        match message {
            ToSupervisor::Aside { id, waits } => reach.asides.say(id, waits, &body, asker.connection),
            _ if inside => {}
            message => obey(message, body, asker, reach),
        }
        if !reach.news.is_here(asker.connection) {
            break;
        }
    }
    reach.asides.left(asker.connection);
    reach.news.leave(asker.connection);
}

fn obey(message: ToSupervisor, body: Vec<u8>, asker: Asker, reach: &Reach) {
    match message {
        ToSupervisor::Input { id } => reach.input.accept(id, body, asker),
        ToSupervisor::Resize(size) => {
            reach.stopper.terminal.iter().for_each(|terminal| terminal.resize(size))
        }
        ToSupervisor::Interrupt if reach.stopper.terminal.is_some() => reach.input.ctrl_c(),
        ToSupervisor::Interrupt => reach.stopper.interrupt(),
        ToSupervisor::CloseInput => reach.input.close(),
        ToSupervisor::Stop { grace_ms } => {
            reach.stopper.stop(Duration::from_millis(grace_ms.min(LONGEST_GRACE_MS)));
        }
        ToSupervisor::Answer { id, aside } => reach.asides.answer(id, aside, body, asker.connection),
        ToSupervisor::Aside { .. } | ToSupervisor::Unknown => {}
    }
}
