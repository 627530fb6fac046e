//! `attach`: this terminal becomes the run's.

use super::say;
use crate::args::Attach;
use crate::outcome::Outcome;
use crossterm::terminal;
use offdesk_client::{Client, LiveMessage};
use offdesk_protocol::*;
use std::io::{IsTerminal, Read, Write};
use tokio::sync::mpsc;

/// Ctrl+], as telnet has it.
const ESCAPE: u8 = 0x1d;
const CHANNEL: u32 = 1;

/// Puts the terminal back when dropped, however we leave.
struct Raw;

impl Raw {
    fn enter() -> std::io::Result<Self> {
        terminal::enable_raw_mode()?;
        Ok(Self)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // Colours, alternate screen, mouse and bracketed paste may have been left on by the program.
        let _ = std::io::stdout()
            .write_all(b"\x1b[0m\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1006l\x1b[?2004l\x1b[?25h");
        let _ = std::io::stdout().flush();
        let _ = terminal::disable_raw_mode();
    }
}

enum Typed {
    Keys(Vec<u8>),
    Detach,
    Take,
}

/// Cuts what is typed into keys for the run and wishes: Ctrl+] d leaves, Ctrl+] k takes the keyboard. Ctrl+] twice sends
/// one.
#[derive(Default)]
struct Keys {
    escaped: bool,
    /// The beginning of a character whose rest was not read yet.
    begun: Vec<u8>,
}

impl Keys {
    fn take(&mut self, bytes: &[u8]) -> Vec<Typed> {
        let mut typed = Vec::new();
        let mut keys = Vec::new();
        for byte in bytes {
            match (std::mem::take(&mut self.escaped), *byte) {
                (false, ESCAPE) => self.escaped = true,
                (true, b'd') => {
                    typed.push(Typed::Keys(std::mem::take(&mut keys)));
                    typed.push(Typed::Detach);
                }
                (true, b'k') => {
                    typed.push(Typed::Keys(std::mem::take(&mut keys)));
                    typed.push(Typed::Take);
                }
                (true, ESCAPE) | (false, _) => keys.push(*byte),
                (true, other) => keys.extend([ESCAPE, other]),
            }
        }
        typed.push(Typed::Keys(keys));
        typed
    }

    /// The keys as text, as far as their characters are whole.
    fn text(&mut self, keys: Vec<u8>) -> String {
        let mut bytes = std::mem::take(&mut self.begun);
        bytes.extend(keys);
        if let Err(error) = std::str::from_utf8(&bytes)
            && error.error_len().is_none()
        {
            self.begun = bytes.split_off(error.valid_up_to());
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

pub(crate) async fn attach(client: &Client, attach: Attach) -> Result<(), Outcome> {
    let view = client.run(attach.id).await?;
    if !view.terminal {
        return Err(Outcome::Usage(format!(
            "This run has no terminal to attach to. Follow it with `offdesk logs -f {}`.",
            attach.id
        )));
    }
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Outcome::Usage("`attach` needs a terminal.".into()));
    }
    say(format!(
        "Attached to “{}”. Ctrl+] then d leaves it running.",
        offdesk_protocol::visible(&view.label)
    ))?;
    match join(client, attach.id).await? {
        Left::Detached => say("Detached; the run goes on."),
        Left::Ended => say("The run's terminal has ended."),
    }
}

/// Makes this terminal the run's until the person leaves or it ends.
pub(super) async fn join(client: &Client, run: RunId) -> Result<Left, Outcome> {
    let (send, mut typed) = mpsc::channel::<Vec<u8>>(64);
    std::thread::spawn(move || {
        let mut buffer = [0u8; 4096];
        while let Ok(count @ 1..) = std::io::stdin().read(&mut buffer) {
            if send.blocking_send(buffer[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    let raw = Raw::enter()?;
    let mut seat =
        Seat { run, size: terminal::size()?, keys: Keys::default(), typist: PromptId::new(), count: 0 };
    let left = loop {
        match follow(client, &mut seat, &mut typed).await {
            Ok(Some(left)) => break Ok(left),
            // The run does not need its gateway to go on, and this terminal waits for the next one.
            Ok(None) | Err(Outcome::NoGateway(_)) => {
                bar(
                    "The gateway went away; the program goes on, and this terminal waits for it. Ctrl+] then d leaves.",
                )?;
                if leaves(&mut seat.keys, &mut typed, AGAIN).await {
                    break Ok(Left::Detached);
                }
            }
            Err(failed) => break Err(failed),
        }
    };
    drop(raw);
    left
}

/// How a terminal was left.
pub(super) enum Left {
    /// By the person; the run goes on.
    Detached,
    /// The run's terminal is over.
    Ended,
}

/// What outlives one connection.
struct Seat {
    run: RunId,
    size: (u16, u16),
    keys: Keys,
    typist: PromptId,
    count: u64,
}

/// Between two tries to reach a gateway that went away.
const AGAIN: std::time::Duration = std::time::Duration::from_millis(500);

/// Whether the person leaves within this time. What else they type meanwhile reaches nobody.
async fn leaves(keys: &mut Keys, typed: &mut mpsc::Receiver<Vec<u8>>, within: std::time::Duration) -> bool {
    let waiting = async {
        while let Some(bytes) = typed.recv().await {
            if keys.take(&bytes).iter().any(|typed| matches!(typed, Typed::Detach)) {
                return;
            }
        }
        std::future::pending().await
    };
    tokio::time::timeout(within, waiting).await.is_ok()
}

/// A line at the bottom, over what the program shows there, until it draws again.
fn bar(text: &str) -> std::io::Result<()> {
    let (cols, rows) = terminal::size()?;
    let text: String = text.chars().take(usize::from(cols)).collect();
    let mut out = std::io::stdout();
    write!(out, "\x1b7\x1b[{rows};1H\x1b[0;7m\x1b[2K{text}\x1b[0m\x1b8")?;
    out.flush()
}

fn who_has_it(keyboard: &Keyboard) -> Option<String> {
    let holder = keyboard.holder.as_ref().filter(|_| !keyboard.yours)?;
    let name = offdesk_protocol::visible(&holder.name);
    Some(format!(" {name} has the keyboard. Ctrl+] then k takes it back, Ctrl+] then d leaves. "))
}

/// Follows over one connection; nothing when that is over.
async fn follow(
    client: &Client,
    seat: &mut Seat,
    typed: &mut mpsc::Receiver<Vec<u8>>,
) -> Result<Option<Left>, Outcome> {
    let run = seat.run;
    let mut live = client.live(None).await?;
    let watch = FromViewer::Watch { channel: CHANNEL, run, attempt: None, from: OutputStart::Screen };
    live.send(&FromViewer::Resize { run, cols: seat.size.0, rows: seat.size.1 }).await?;
    live.send(&FromViewer::TakeKeyboard { run }).await?;
    live.send(&watch).await?;
    let mut keyboard = Keyboard::default();
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(500));
    loop {
        tokio::select! {
            message = live.next() => match message? {
                None => return Ok(None),
                Some(LiveMessage::Output { picture, bytes, .. }) => {
                    let mut out = std::io::stdout();
                    if picture {
                        out.write_all(b"\x1b[2J\x1b[H")?;
                    }
                    out.write_all(&bytes)?;
                    out.flush()?;
                }
                Some(LiveMessage::Message(message)) => match *message {
                    ToViewer::OutputEnded { .. } => return Ok(Some(Left::Ended)),
                    ToViewer::Keyboard { run: about, keyboard: now } if about == run => {
                        keyboard = now;
                        if let Some(text) = who_has_it(&keyboard) {
                            bar(&text)?;
                        }
                    }
                    ToViewer::Restarting => return Ok(None),
                    _ => {}
                }
            },
            bytes = typed.recv() => {
                let Some(bytes) = bytes else { return Ok(Some(Left::Detached)) };
                for typed in seat.keys.take(&bytes) {
                    match typed {
                        Typed::Detach => return Ok(Some(Left::Detached)),
                        Typed::Take => {
                            live.send(&FromViewer::TakeKeyboard { run }).await?;
                            // What is typed right behind it is taken in the same order: nothing of it is dropped here.
                            keyboard = Keyboard::default();
                            live.send(&watch).await?;
                        }
                        Typed::Keys(bytes) if bytes.is_empty() => {}
                        Typed::Keys(bytes) => match who_has_it(&keyboard) {
                            Some(text) => bar(&text)?,
                            None => {
                                seat.count += 1;
                                let text = seat.keys.text(bytes);
                                let id = format!("{}:{}", seat.typist, seat.count);
                                live.send(&FromViewer::Input { run, id, text }).await?;
                            }
                        }
                    }
                }
            }
            _ = ticks.tick() => {
                let now = terminal::size()?;
                if now != seat.size {
                    seat.size = now;
                    live.send(&FromViewer::Resize { run, cols: now.0, rows: now.1 }).await?;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_cut_by_reading_are_typed_whole() {
        let mut keys = Keys::default();
        let bytes = "é🎉".as_bytes();
        let text: String = bytes.iter().map(|byte| keys.text(vec![*byte])).collect();
        assert_eq!(text, "é🎉");
        assert_eq!(
            keys.text(vec![0xff, b'a']),
            "\u{fffd}a",
            "what is no character at all does not hold up the rest"
        );
    }

    #[test]
    fn leaving_is_typed_and_everything_else_goes_through() {
        let mut keys = Keys::default();
        let mut through = Vec::new();
        let (mut left, mut taken) = (false, false);
        for chunk in [&b"ls"[..], &[ESCAPE], b"x", &[ESCAPE, ESCAPE], &[ESCAPE, b'k'], &[ESCAPE, b'd']] {
            for typed in keys.take(chunk) {
                match typed {
                    Typed::Keys(bytes) => through.extend(bytes),
                    Typed::Detach => left = true,
                    Typed::Take => taken = true,
                }
            }
        }
        assert_eq!((through, left, taken), (vec![b'l', b's', ESCAPE, b'x', ESCAPE], true, true));
    }
}
