//! The outputs one viewer watches.

use crate::Shared;
use bytes::{BufMut, Bytes, BytesMut};
use offdesk_protocol::{AttemptId, ErrorCode, OutputStart, Problem, RunId};
use offdesk_runner::{AttemptOutput, Progress};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;

/// Output bytes in one frame, at most.
const FRAME: usize = 64 * 1024;
/// Outputs one viewer may watch at once.
const MOST_WATCHES: usize = 16;
/// Flag bit 0: a picture of the screen.
const PICTURE: u32 = 1;

struct Watch {
    output: Arc<AttemptOutput>,
    progress: watch::Receiver<Progress>,
    offset: u64,
    /// A picture is to be sent first.
    picture: bool,
    /// The viewer was told that this is the end.
    told: bool,
}

/// What is to be sent next.
pub(super) enum Next {
    Frame(Bytes),
    Ended { channel: u32, length: u64 },
    Failed { channel: u32, problem: Problem },
}

#[derive(Default)]
pub(super) struct Watches {
    by_channel: BTreeMap<u32, Watch>,
    /// Where to look first, so that one flood does not starve the others.
    turn: u32,
    size: BTreeMap<u32, (u16, u16)>,
}

impl Watches {
    pub(super) fn watch(
        &mut self,
        shared: &Shared,
        channel: u32,
        run: RunId,
        attempt: Option<AttemptId>,
        from: OutputStart,
    ) -> Result<(), Problem> {
        if !self.by_channel.contains_key(&channel) && self.by_channel.len() >= MOST_WATCHES {
            let text = format!("A viewer may watch {MOST_WATCHES} outputs at once.");
            return Err(Problem::new(ErrorCode::BadRequest, text));
        }
        let run = shared.hub.run(run).ok_or_else(|| crate::runs::unknown_run(run))?;
        let attempt = attempt.or(run.attempt.as_ref().map(|attempt| attempt.id)).ok_or_else(|| {
            Problem::new(ErrorCode::WrongState, "The run has not begun, so there is no output yet.")
        })?;
        let output = shared.runs.runner.output(attempt)?;
        let (offset, picture) = match from {
            OutputStart::Offset { offset } => (offset, false),
            OutputStart::Screen => (0, true),
        };
        let progress = output.progress();
        self.by_channel.insert(channel, Watch { output, progress, offset, picture, told: false });
        Ok(())
    }

    pub(super) fn unwatch(&mut self, channel: u32) {
        self.by_channel.remove(&channel);
        self.size.remove(&channel);
    }

    /// The viewer's terminals have this size.
    pub(super) fn resized(&mut self, cols: u16, rows: u16) {
        for channel in self.by_channel.keys() {
            self.size.insert(*channel, (cols, rows));
        }
    }

    /// Waits until one of the outputs has more, and gives it.
    pub(super) async fn next(&mut self) -> Next {
        loop {
            let channels: Vec<u32> = self.by_channel.keys().copied().collect();
            let first = channels.iter().position(|channel| *channel > self.turn).unwrap_or(0);
            for channel in channels[first..].iter().chain(&channels[..first]) {
                let size = self.size.get(channel).copied();
                if let Some(watch) = self.by_channel.get_mut(channel)
                    && let Some(next) = watch.step(*channel, size).await
                {
                    self.turn = *channel;
                    return next;
                }
            }
            self.changed().await;
        }
    }

    /// Waits for any output to grow or end.
    async fn changed(&mut self) {
        let mut waits: Vec<_> = self
            .by_channel
            .values_mut()
            .filter(|watch| !watch.told)
            .map(|watch| Box::pin(watch.progress.changed()))
            .collect();
        if waits.is_empty() {
            std::future::pending::<()>().await;
        }
        std::future::poll_fn(|context| {
            for wait in &mut waits {
                if wait.as_mut().poll(context).is_ready() {
                    return std::task::Poll::Ready(());
                }
            }
            std::task::Poll::Pending
        })
        .await;
    }
}

impl Watch {
    async fn step(&mut self, channel: u32, size: Option<(u16, u16)>) -> Option<Next> {
        let failed = |error: std::io::Error| {
            let problem = Problem::new(ErrorCode::Internal, format!("The output cannot be read: {error}."));
            Some(Next::Failed { channel, problem })
        };
        let progress = *self.progress.borrow_and_update();
        if self.picture {
            self.picture = false;
            let (cols, rows) = size.unwrap_or((0, 0));
            return match self.output.picture(cols, rows) {
                Ok(picture) => {
                    self.offset = picture.offset;
                    Some(Next::Frame(frame(channel, PICTURE, picture.offset, &picture.bytes)))
                }
                Err(error) => failed(error),
            };
        }
        if self.offset < progress.length {
            return match self.output.read(self.offset, FRAME).await {
                Ok(chunk) if chunk.bytes.is_empty() => None,
                Ok(chunk) => {
                    self.offset += chunk.bytes.len() as u64;
                    Some(Next::Frame(frame(channel, 0, chunk.offset, &chunk.bytes)))
                }
                Err(error) => {
                    self.told = true;
                    failed(error)
                }
            };
        }
        if progress.ended && !self.told {
            self.told = true;
            return Some(Next::Ended { channel, length: progress.length });
        }
        None
    }
}

fn frame(channel: u32, flags: u32, offset: u64, bytes: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(16 + bytes.len());
    frame.put_u32_le(channel);
    frame.put_u32_le(flags);
    frame.put_u64_le(offset);
    frame.put_slice(bytes);
    frame.freeze()
}
