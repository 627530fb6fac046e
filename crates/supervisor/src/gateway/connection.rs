//! One connection to a supervisor.

use crate::wire::{FromSupervisor, ToSupervisor, Welcome, encode, read_async};
use crate::{SupervisorError, files, socket};
use interprocess::local_socket::tokio::{Stream, prelude::*};
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncWriteExt, BufReader, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

/// How long a supervisor may take to say who it is.
const WELCOME: Duration = Duration::from_secs(5);
/// Messages that may wait to be taken; the rest waits in the socket.
const WAITING: usize = 64;

/// A connection to one attempt's supervisor.
pub struct Connection {
    sender: Sender,
    receiver: Receiver,
}

/// The half that asks.
pub struct Sender {
    half: WriteHalf<Stream>,
}

/// The half that is told.
pub struct Receiver {
    messages: mpsc::Receiver<io::Result<FromSupervisor>>,
    reader: AbortHandle,
}

/// Connects to the supervisor of the attempt in this folder.
///
/// # Errors
/// When none answers, or what answers is not understood.
pub async fn connect(dir: &Path) -> Result<(Connection, Welcome), SupervisorError> {
    let card = files::card(dir).map_err(SupervisorError::Unreachable)?;
    let name = socket::name(&card.socket).map_err(SupervisorError::Unreachable)?;
    let stream = Stream::connect(name).await.map_err(SupervisorError::Unreachable)?;
    let (receive, half) = tokio::io::split(stream);
    let mut receive = BufReader::new(receive);
    let first = tokio::time::timeout(WELCOME, read_async::<FromSupervisor>(&mut receive)).await;
    let welcome = match first {
        Ok(Ok(Some((FromSupervisor::Welcome(welcome), _)))) => welcome,
        Ok(Ok(Some(_))) => return Err(SupervisorError::NotUnderstood("it does not say who it is".into())),
        Ok(Ok(None)) => return Err(SupervisorError::Unreachable(io::ErrorKind::ConnectionReset.into())),
        Ok(Err(error)) => return Err(SupervisorError::NotUnderstood(error.to_string())),
        Err(_) => return Err(SupervisorError::Unreachable(io::ErrorKind::TimedOut.into())),
    };
    let (send, messages) = mpsc::channel(WAITING);
    let reader = tokio::spawn(forward(receive, send)).abort_handle();
    Ok((Connection { sender: Sender { half }, receiver: Receiver { messages, reader } }, welcome))
}

/// Reads frames in a task of its own, so that whoever waits for one may stop waiting at any moment.
async fn forward(mut receive: BufReader<ReadHalf<Stream>>, send: mpsc::Sender<io::Result<FromSupervisor>>) {
    loop {
        let message = match read_async::<FromSupervisor>(&mut receive).await {
            Ok(Some((FromSupervisor::Unknown, _))) => continue,
            Ok(Some((message, body))) => Ok(message.with_body(body)),
            Ok(None) => return,
            Err(error) => Err(error),
        };
        let last = message.is_err();
        if send.send(message).await.is_err() || last {
            return;
        }
    }
}

impl Connection {
    /// The two halves.
    pub fn split(self) -> (Sender, Receiver) {
        (self.sender, self.receiver)
    }
}

impl Sender {
    /// Asks for something; `body` is what an input writes, and empty for all else. At most 16 MiB.
    ///
    /// # Errors
    /// When the connection is broken or the body too long. Not to be cancelled half-way: the connection would be
    /// unusable.
    pub async fn send(&mut self, message: ToSupervisor, body: Vec<u8>) -> io::Result<()> {
        let frame = encode(&message, &body)?;
        self.half.write_all(&frame).await?;
        self.half.flush().await
    }
}

impl Receiver {
    /// The next message, or nothing when the supervisor has gone. May be cancelled.
    ///
    /// # Errors
    /// When the connection broke inside a message, or the message is not understood.
    pub async fn recv(&mut self) -> io::Result<Option<FromSupervisor>> {
        self.messages.recv().await.transpose()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.reader.abort();
    }
}
