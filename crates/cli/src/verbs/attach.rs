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
}

/// Cuts what is typed into keys for the run and the wish to leave: Ctrl+] d. Ctrl+] twice sends one.
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
    let left = follow(client, attach.id, &mut typed).await;
    drop(raw);
    match left? {
        Left::Detached => say("Detached; the run goes on."),
        Left::Ended => say("The run's terminal has ended."),
        Left::Gone => say("The gateway went away; the run goes on. Attach again when it is back."),
    }
}

enum Left {
    Detached,
    Ended,
    Gone,
}

async fn follow(client: &Client, run: RunId, typed: &mut mpsc::Receiver<Vec<u8>>) -> Result<Left, Outcome> {
    let mut live = client.live(None).await?;
    let mut size = terminal::size()?;
    live.send(&FromViewer::Resize { run, cols: size.0, rows: size.1 }).await?;
    let from = OutputStart::Screen;
    live.send(&FromViewer::Watch { channel: CHANNEL, run, attempt: None, from }).await?;
    let mut keys = Keys::default();
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(500));
    let typist = PromptId::new();
    let mut count = 0u64;
    loop {
        tokio::select! {
            message = live.next() => match message? {
                None => return Ok(Left::Gone),
                Some(LiveMessage::Output { picture, bytes, .. }) => {
                    let mut out = std::io::stdout();
                    if picture {
                        out.write_all(b"\x1b[2J\x1b[H")?;
                    }
                    out.write_all(&bytes)?;
                    out.flush()?;
                }
                Some(LiveMessage::Message(message)) => {
                    if let ToViewer::OutputEnded { .. } = *message {
                        return Ok(Left::Ended);
                    }
                }
            },
            bytes = typed.recv() => {
                for typed in keys.take(&bytes.unwrap_or_default()) {
                    match typed {
                        Typed::Detach => return Ok(Left::Detached),
                        Typed::Keys(bytes) if bytes.is_empty() => {}
                        Typed::Keys(bytes) => {
                            count += 1;
                            let text = keys.text(bytes);
                            live.send(&FromViewer::Input { run, id: format!("{typist}:{count}"), text }).await?;
                        }
                    }
                }
            }
            _ = ticks.tick() => {
                let now = terminal::size()?;
                if now != size {
                    size = now;
                    live.send(&FromViewer::Resize { run, cols: size.0, rows: size.1 }).await?;
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
        let mut left = false;
        for chunk in [&b"ls"[..], &[ESCAPE], b"x", &[ESCAPE, ESCAPE], &[ESCAPE, b'd']] {
            for typed in keys.take(chunk) {
                match typed {
                    Typed::Keys(bytes) => through.extend(bytes),
                    Typed::Detach => left = true,
                }
            }
        }
        assert_eq!((through, left), (vec![b'l', b's', ESCAPE, b'x', ESCAPE], true));
    }
}
