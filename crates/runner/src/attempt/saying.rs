//! What is said to the agent: in order, when it is ready for it, and by the way that reaches it.

use super::{Attempt, Awaited, Heard};
use crate::knock::{self, Then};
use crate::order::Report;
use crate::pump::Pump;
use crate::telling::{Told, Waiting};
use crate::typed::{Cut, Typed};
use offdesk_agents::Encoded;
use offdesk_protocol::AttemptId;
use offdesk_supervisor::{self as supervisor, ToSupervisor};

/// How something goes to the agent.
#[derive(PartialEq, Eq)]
enum Beside {
    /// Into its terminal or its pipe.
    Typed,
    /// To whoever has this aside.
    Aside(String),
    /// Nobody listens just now.
    Later,
}

impl Attempt<'_> {
    pub(super) async fn interrupt(&mut self, sender: &mut supervisor::Sender) {
        // Who listens beside the terminal hears one thing at a time.
        self.cuts = self.beside() == Beside::Later;
        if self.cuts {
            return;
        }
        let nonce = AttemptId::new().to_string();
        let Some(encoded) = self.pump.as_ref().and_then(|pump| pump.fold().interrupt(&nonce)) else {
            let _ = sender.send(ToSupervisor::Interrupt, Vec::new()).await;
            return;
        };
        let Encoded { id, bytes } = encoded;
        if let Beside::Aside(aside) = self.beside() {
            let message = self.answer(id.clone(), aside);
            return self.say(sender, id, message, bytes, Awaited::Interrupt).await;
        }
        self.may_be_cut();
        let _ = sender.send(ToSupervisor::Input { id }, bytes).await;
    }

    /// How what is to be said now goes to the agent.
    fn beside(&self) -> Beside {
        match self.pump.as_ref().and_then(|pump| pump.fold().beside()) {
            None => Beside::Typed,
            Some(aside) if self.told_by.as_ref() == Some(&aside) => Beside::Later,
            Some(aside) => Beside::Aside(aside),
        }
    }

    fn answer(&mut self, id: String, aside: String) -> ToSupervisor {
        self.told_by = Some(aside.clone());
        ToSupervisor::Answer { id, aside }
    }

    /// Writes what reading made due.
    pub(super) async fn write_due(&mut self, sender: &mut supervisor::Sender) -> Heard {
        if self.cuts {
            self.interrupt(sender).await;
        }
        for Encoded { id, bytes } in self.pump.iter().flat_map(|pump| pump.fold().due()) {
            if self.due.insert(id.clone()) {
                let _ = sender.send(ToSupervisor::Input { id }, bytes).await;
            }
        }
        self.write_waiting(sender).await?;
        if !self.ending && self.pump.as_ref().is_some_and(|pump| pump.fold().is_over()) {
            self.ending = true;
            let grace_ms = self.runner.config.grace.as_millis() as u64;
            let _ = sender.send(ToSupervisor::Stop { grace_ms }, Vec::new()).await;
        }
        Ok(())
    }

    /// Looks for the mark once the terminal was quiet, if something waits to be typed.
    pub(super) fn look_later(&mut self) {
        if self.door.is_some() && !self.waiting.is_empty() {
            self.look_at = Some(tokio::time::Instant::now() + knock::QUIET);
        }
    }

    /// Types the next prompt into a terminal that shows that it may be typed.
    pub(super) async fn type_prompt(&mut self, sender: &mut supervisor::Sender) {
        let Some(door) = &mut self.door else { return };
        let Some(shown) = self.output.shows(door.mark()).ok().flatten() else { return door.gone() };
        if !matches!(self.waiting.front(), Some(Waiting::Prompt(..))) {
            return;
        }
        match door.at(shown) {
            Then::Knock(number) => {
                self.look_at = Some(tokio::time::Instant::now() + knock::PATIENCE);
                let id = format!("knock:{number}:{shown}");
                let _ = sender.send(ToSupervisor::Input { id }, b" ".to_vec()).await;
            }
            Then::Speak => {
                if let Some(Waiting::Prompt(id, prompt)) = self.waiting.pop_front() {
                    let bytes = format!("{}\r", offdesk_agents::plain(&prompt.typed())).into_bytes();
                    self.write(sender, format!("prompt:{id}"), bytes, Awaited::Prompt(id)).await;
                }
            }
        }
    }

    /// Sends a prompt that was typed and still stands there.
    pub(super) async fn press_enter(&mut self, sender: &mut supervisor::Sender) -> Heard {
        let Some(pump) = &self.pump else { return Ok(()) };
        let screen = self.output.text().ok();
        let looked = self.typed.take().and_then(|typed| typed.look(pump.fold(), screen.as_ref()));
        if let Some((typed, enter)) = looked {
            self.typed = Some(typed);
            if let Some(Encoded { id, bytes }) = enter {
                let _ = sender.send(ToSupervisor::Input { id }, bytes).await;
            }
        }
        self.write_waiting(sender).await
    }

    /// Whether the prompt that was typed last was not sent: the next one would be put behind its words.
    fn typed_stands(&self) -> bool {
        let (Some(typed), Some(pump)) = (&self.typed, &self.pump) else { return false };
        typed.stands(pump.fold(), self.output.text().ok().as_ref())
    }

    pub(super) fn may_be_cut(&mut self) {
        // A prompt that is given back to be changed is not to be sent again.
        self.typed = None;
        if self.asking.is_some() && self.pump.is_some() {
            self.cut = Some(Cut::soon());
        }
    }

    /// Says beside the output what only the screen shows, so that whoever reads it later reads the same.
    pub(super) async fn look_for_a_cut(&mut self, sender: &mut supervisor::Sender) {
        let (Some(pump), Some(cut)) = (&self.pump, self.cut.take()) else { return };
        let screen = self.output.text().unwrap_or_default();
        match pump.fold().cut_short(&screen) {
            Some(told) => {
                let id = AttemptId::new().to_string();
                let _ = sender.send(ToSupervisor::Aside { id, waits: false }, told).await;
            }
            None => self.cut = cut.again(),
        }
    }

    /// Says what waits to be said, in order, as far as the agent is ready for it.
    pub(super) async fn write_waiting(&mut self, sender: &mut supervisor::Sender) -> Heard {
        if self.door.is_some() {
            self.look_later();
            return Ok(());
        }
        if !self.unheard.is_empty() {
            if let Beside::Aside(aside) = self.beside()
                && let Some((id, awaited, bytes)) = self.unheard.pop_front()
            {
                let message = self.answer(id.clone(), aside);
                self.say(sender, id, message, bytes, awaited).await;
            }
            return Ok(());
        }
        while let Some(next) = self.waiting.front() {
            if self.typed_stands() {
                return Ok(());
            }
            let told = next.told(self.pump.as_ref().map(Pump::fold));
            let beside = self.beside();
            if told == Told::Later || beside == Beside::Later {
                return Ok(());
            }
            let own_terminal = self.asking.is_some() && self.pump.is_some() && beside == Beside::Typed;
            let awaited = self.waiting.pop_front().map(|waiting| match waiting {
                Waiting::Prompt(id, prompt) => {
                    self.typed = own_terminal.then(|| Typed::new(id, prompt));
                    Awaited::Prompt(id)
                }
                Waiting::Control(id, _) => Awaited::Control(id),
            });
            match (told, awaited) {
                (Told::Write(Encoded { id, bytes }), Some(awaited)) => match beside {
                    Beside::Aside(aside) => {
                        let message = self.answer(id.clone(), aside);
                        self.say(sender, id, message, bytes, awaited).await;
                    }
                    _ => self.write(sender, id, bytes, awaited).await,
                },
                (Told::Never, Some(Awaited::Control(id))) => {
                    let why = "This agent cannot be told that; it goes on as before.".into();
                    self.tell(Report::ControlRefused(id, why)).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A broken connection shows itself when receiving; until it is acknowledged, the input is kept to be sent again.
    pub(super) async fn write(
        &mut self,
        sender: &mut supervisor::Sender,
        id: String,
        bytes: Vec<u8>,
        awaited: Awaited,
    ) {
        let message = ToSupervisor::Input { id: id.clone() };
        self.say(sender, id, message, bytes, awaited).await;
    }

    pub(super) async fn say(
        &mut self,
        sender: &mut supervisor::Sender,
        id: String,
        message: ToSupervisor,
        bytes: Vec<u8>,
        awaited: Awaited,
    ) {
        self.awaited.insert(id, (awaited, message.clone(), bytes.clone()));
        let _ = sender.send(message, bytes).await;
    }
}
