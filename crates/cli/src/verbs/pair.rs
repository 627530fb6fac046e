//! `pair`: a code to scan, and a person's yes to whoever scanned it.

use super::devices::path_name;
use super::{say, say_json};
use crate::args::{For, Pair, RoleArg, ViaArg};
use crate::outcome::Outcome;
use crate::qr;
use offdesk_client::{Client, LiveMessage};
use offdesk_protocol::*;
use std::collections::VecDeque;
use std::io::{BufRead, IsTerminal, Write};
use tokio::sync::mpsc;

/// A new address, and whoever comes by it.
pub(crate) async fn pair(client: &Client, pair: Pair) -> Result<(), Outcome> {
    let wanted = pair.wanted.map(|wanted| match wanted {
        For::Page => OfferFor::Page,
        For::Phone => OfferFor::Phone,
    });
    let role = match pair.role {
        RoleArg::Viewer => DeviceRole::Viewer,
        RoleArg::Operator => DeviceRole::Operator,
        RoleArg::Admin => DeviceRole::Admin,
    };
    let via = pair.via.map(|via| match via {
        ViaArg::Lan => Via::Lan,
        ViaArg::Edge => Via::Edge,
    });
    let wish = MakeOffer { wanted, role: Some(role), via };
    let offer = client.pair(&wish).await?;
    if pair.json {
        return say_json(&offer);
    }
    show(&offer)?;
    match offer.wanted {
        OfferFor::Page => Ok(()),
        OfferFor::Phone => Desk::sit_down(client, wish).await?.until_somebody_came().await,
    }
}

/// Prints an offer.
pub(crate) fn show(offer: &PairingOffer) -> Result<(), Outcome> {
    if let Some(note) = &offer.note {
        say(note)?;
    }
    if std::io::stdout().is_terminal()
        && let Some(code) = qr::render(&offer.login_url)
    {
        say(format!("\n{code}\n"))?;
    }
    match offer.wanted {
        OfferFor::Page => {
            say(format!("Open this on this machine, once, within 15 minutes:\n\n  {}\n", offer.login_url))
        }
        OfferFor::Phone => {
            say(format!("Scan this with the phone, once, within two minutes:\n\n  {}\n", offer.login_url))
        }
    }
}

/// A device that waits, in a line.
pub(crate) fn request_line(request: &PairingRequest) -> String {
    let (first, second) = request.digits.split_at(request.digits.len() / 2);
    let again = if request.again { ", whose access was taken away before," } else { "" };
    format!(
        "“{}”{again} wants to come in {}, as {}.  Digits: {first} {second}",
        offdesk_protocol::visible(&request.name),
        path_name(request.path),
        request.role.name()
    )
}

/// A person at the machine who is asked about each device that comes.
pub(crate) struct Desk<'a> {
    client: &'a Client,
    live: offdesk_client::Live,
    wish: MakeOffer,
    asking: VecDeque<PairingRequest>,
    lines: Option<mpsc::UnboundedReceiver<String>>,
}

impl<'a> Desk<'a> {
    pub(crate) async fn sit_down(client: &'a Client, wish: MakeOffer) -> Result<Self, Outcome> {
        let live = client.live(None).await?;
        let lines = std::io::stdin().is_terminal().then(typed);
        Ok(Self { client, live, wish, asking: VecDeque::new(), lines })
    }

    /// Asks until one was let in or refused.
    pub(crate) async fn until_somebody_came(mut self) -> Result<(), Outcome> {
        while !self.step().await? {}
        Ok(())
    }

    /// Asks for ever.
    pub(crate) async fn stay(mut self) -> Result<(), Outcome> {
        loop {
            self.step().await?;
        }
    }

    /// Waits for the next thing; true when somebody was let in or refused.
    async fn step(&mut self) -> Result<bool, Outcome> {
        let lines = &mut self.lines;
        let typed = async {
            match lines {
                Some(lines) => lines.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            line = typed => match line {
                Some(line) => self.answer(line.trim()).await,
                None => {
                    self.lines = None;
                    Ok(false)
                }
            },
            message = self.live.next() => match message? {
                Some(LiveMessage::Message(message)) => {
                    if let ToViewer::Pairings { pairings } = *message {
                        return self.update(pairings);
                    }
                    Ok(false)
                }
                Some(_) => Ok(false),
                None => Err(Outcome::failed("The gateway has left; no device was let in meanwhile.".into())),
            },
        }
    }

    fn update(&mut self, now: Vec<PairingRequest>) -> Result<bool, Outcome> {
        let front = self.asking.front().map(|request| request.device);
        // Somebody else may have answered; then the question is gone.
        let answered = front.is_some_and(|device| now.iter().all(|request| request.device != device));
        self.asking = now.into();
        if self.asking.front().map(|request| request.device) != front {
            self.ask()?;
        }
        Ok(answered)
    }

    fn ask(&self) -> Result<(), Outcome> {
        let Some(request) = self.asking.front() else { return Ok(()) };
        say(format!("\n{}", request_line(request)))?;
        if self.lines.is_some() {
            print!("Does the phone show the same digits, and is it yours? [y/N] ");
            return Ok(std::io::stdout().flush()?);
        }
        say(format!("Let it in with: offdesk devices approve {}", request.device))
    }

    async fn answer(&mut self, line: &str) -> Result<bool, Outcome> {
        let Some(request) = self.asking.pop_front() else {
            show(&self.client.pair(&self.wish).await?)?;
            return Ok(false);
        };
        let yes = matches!(line, "y" | "Y" | "yes");
        let end = self.client.let_in(request.device, yes).await?;
        say(match end.state {
            Consent::Approved => "It is let in. `offdesk devices` shows who has access.",
            _ => "It was not let in.",
        })?;
        self.ask()?;
        Ok(true)
    }
}

/// What is typed, line by line, from a thread of its own: reading a terminal can't be given up.
fn typed() -> mpsc::UnboundedReceiver<String> {
    let (tell, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if tell.send(line).is_err() {
                return;
            }
        }
    });
    lines
}
