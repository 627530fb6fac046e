//! One attempt: its supervisor, its reading, its orders.

mod saying;

use crate::asking::Asking;
use crate::knock::Door;
use crate::launch::{launch, look_at_program, reach};
use crate::order::{AttemptHandle, Begin, How, Order, Report};
use crate::output::AttemptOutput;
use crate::pump::{Place, Pump};
use crate::telling::Waiting;
use crate::typed::{Cut, Typed};
use crate::{Runner, vouch};
use offdesk_agents::Reads;
use offdesk_protocol::*;
use offdesk_supervisor::{self as supervisor, FromSupervisor, ToSupervisor};
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// As the key is typed.
const ESCAPE: [u8; 1] = [0x1b];

pub(crate) fn begin(runner: Arc<Runner>, begin: Begin, reports: mpsc::Sender<Report>) -> AttemptHandle {
    let (handle, orders) = AttemptHandle::new();
    // The task ends with the attempt, or when nobody holds the other end of `reports`.
    tokio::spawn(async move {
        if let Some(exit) = live(&runner, &begin, orders, &reports).await {
            let _ = reports.send(Report::Exited(exit)).await;
        }
    });
    handle
}

/// The gateway is going away.
struct NobodyListens;

type Heard = Result<(), NobodyListens>;

struct Attempt<'a> {
    runner: &'a Runner,
    run: RunId,
    dir: PathBuf,
    workspace: PathBuf,
    reports: &'a mpsc::Sender<Report>,
    output: Arc<AttemptOutput>,
    pump: Option<Pump>,
    /// What the pump reads.
    reads: Reads,
    /// Looks at the screen of a terminal.
    asking: Option<Asking>,
    /// There may be more to read.
    behind: bool,
    /// Who waits for which input to be written.
    awaited: HashMap<String, (Awaited, ToSupervisor, Vec<u8>)>,
    /// Prompts and choices the agent is not ready for, in their order.
    waiting: VecDeque<Waiting>,
    /// What was written over this connection without being told to.
    due: HashSet<String>,
    /// Where prompts are typed, if the terminal shows when they may be.
    door: Option<Door>,
    /// The last prompt that was typed into an agent's own terminal, while nothing came of it.
    typed: Option<Typed>,
    /// Somebody may have cut the turn short in the agent's own terminal.
    cut: Option<Cut>,
    /// The aside that was answered last with what is to be said, until another one waits.
    told_by: Option<String>,
    /// Said to somebody who listened no more: to be said again.
    unheard: VecDeque<(String, Awaited, Vec<u8>)>,
    /// The turn is to be cut short as soon as somebody listens.
    cuts: bool,
    /// When to look whether it does.
    look_at: Option<tokio::time::Instant>,
    /// It is being ended because nothing can come of it.
    ending: bool,
    troubled: bool,
}

enum Awaited {
    Prompt(PromptId),
    Control(ControlId),
    Decision(ApprovalId),
    Keys(oneshot::Sender<bool>),
    Interrupt,
}

/// Gives the exit, or nothing when nobody listens any more.
async fn live(
    runner: &Arc<Runner>,
    begin: &Begin,
    orders: mpsc::Receiver<Order>,
    reports: &mpsc::Sender<Report>,
) -> Option<Exit> {
    let dir = runner.attempt_dir(begin.attempt);
    let (fresh, agent_session, desk) = match &begin.how {
        How::New { agent_session, desk } => (true, agent_session, desk.as_ref()),
        How::Adopt { agent_session, .. } => (false, agent_session, None),
    };
    // A gateway that died just before starting it left nothing; a supervisor that is there after all keeps its
    // folder's lock, and a second one leaves at once.
    let nothing_there = || {
        !supervisor::is_alive(&dir)
            && supervisor::exit_of(&dir).is_none()
            && !dir.join("supervisor.json").exists()
    };
    if fresh || nothing_there() {
        match launch(runner, begin, &dir, agent_session.clone(), desk).await {
            Ok((pid, program)) => {
                look_at_program(runner, begin.agent.clone(), PathBuf::from(&program), reports.clone());
                reports.send(Report::Started { pid, program }).await.ok()?;
            }
            Err(_) if !fresh && !nothing_there() => {}
            Err(detail) => return Some(Exit::NotStarted { detail }),
        }
    }
    let connection = reach(&dir, matches!(begin.how, How::Adopt { .. })).await;
    if let (Some((_, welcome)), How::Adopt { .. }) = (&connection, &begin.how) {
        let program = welcome.program.clone();
        reports.send(Report::Started { pid: welcome.pid, program }).await.ok()?;
    }
    let output = match runner.output(begin.attempt) {
        Ok(output) => output,
        Err(_) => {
            let detail =
                "The gateway stopped before the agent was started; nothing ran. Resume to start it.".into();
            return Some(Exit::Lost { detail });
        }
    };
    // What is drawn for one size is not read as another.
    if let Some(size) = connection.as_ref().and_then(|(_, welcome)| welcome.size) {
        output.resized(size.cols, size.rows);
    }
    let position = match &begin.how {
        How::Adopt { position, .. } => position.as_ref(),
        How::New { .. } => None,
    };
    let place = Place::of(position);
    let driver = runner.found.driver(&begin.agent).ok();
    let reads = driver.as_ref().map_or(Reads::Output, |driver| driver.reads());
    let chosen = (begin.model.clone(), begin.mode.clone());
    let context = runner.fold_context(begin.run, begin.attempt, &begin.dir, agent_session.clone(), chosen);
    let door = driver.as_ref().and_then(|driver| driver.ready_mark()).map(Door::new);
    let terminal = driver.as_ref().is_some_and(|driver| driver.capabilities().terminal);
    let fold = driver.and_then(|driver| driver.fold(context, place.fold()));
    let pump = match fold.map(|fold| Pump::open(&dir, reads, begin.attempt, fold, &place)).transpose() {
        Ok(pump) => pump,
        Err(error) => {
            return Some(Exit::Lost { detail: format!("The attempt's output cannot be read: {error}.") });
        }
    };
    let has_words = pump.is_some();
    let mut attempt = Attempt {
        runner,
        run: begin.run,
        dir,
        workspace: begin.dir.clone(),
        reports,
        output,
        pump,
        reads,
        asking: terminal.then(|| Asking::new(begin.attempt, begin.detected.clone(), has_words)),
        behind: true,
        awaited: HashMap::new(),
        waiting: VecDeque::new(),
        due: HashSet::new(),
        door,
        typed: None,
        cut: None,
        told_by: None,
        unheard: VecDeque::new(),
        cuts: false,
        look_at: None,
        ending: false,
        troubled: false,
    };
    attempt.follow(connection.map(|(connection, _)| connection), orders).await.ok()
}

impl Attempt<'_> {
    async fn follow(
        &mut self,
        connection: Option<supervisor::Connection>,
        mut orders: mpsc::Receiver<Order>,
    ) -> Result<Exit, NobodyListens> {
        let mut connection = connection;
        while let Some(present) = connection.take() {
            let (mut sender, mut receiver) = present.split();
            self.due.clear();
            self.write_due(&mut sender).await?;
            // What was not acknowledged is said again; the supervisor knows by the id whether it was written.
            for (_, message, bytes) in self.awaited.values() {
                let _ = sender.send(message.clone(), bytes.clone()).await;
            }
            // Asides may have come meanwhile, and their length is told only when they grow.
            self.behind = self.pump.is_some();
            loop {
                tokio::select! {
                    biased;
                    order = orders.recv() => match order {
                        Some(order) => self.obey(order, &mut sender).await?,
                        None => return Err(NobodyListens),
                    },
                    message = receiver.recv() => match message {
                        Ok(Some(FromSupervisor::Exited { exit })) => return self.finish(exit).await,
                        Ok(Some(message)) => self.hear(message).await?,
                        Ok(None) | Err(_) => break,
                    },
                    () = until(self.look_at) => {
                        self.look_at = None;
                        self.type_prompt(&mut sender).await;
                    }
                    () = until(self.typed.as_ref().map(Typed::look_at)) => {
                        self.press_enter(&mut sender).await?;
                    }
                    () = until(self.cut.as_ref().map(Cut::look_at)) => {
                        self.look_for_a_cut(&mut sender).await;
                    }
                    () = until(self.asking.as_ref().and_then(Asking::look_at)) => self.look().await?,
                    () = std::future::ready(()), if self.behind => {
                        self.read().await?;
                        self.write_due(&mut sender).await?;
                    }
                }
            }
            // The connection broke: the supervisor is back, or has ended, or is dead.
            connection = reach(&self.dir, false).await.map(|(connection, _)| connection);
        }
        let exit = match supervisor::exit_of(&self.dir) {
            Some(exit) => exit,
            None => self.mourn().await,
        };
        self.finish(exit).await
    }

    /// The supervisor died and its agent with it.
    async fn mourn(&self) -> Exit {
        let dir = self.dir.clone();
        let _ = tokio::task::spawn_blocking(move || supervisor::sweep(&dir)).await;
        Exit::Lost {
            detail: "The process that kept this attempt ended unseen, and the agent with it. What it said is kept; \
                     resume to go on."
                .into(),
        }
    }

    async fn tell(&self, report: Report) -> Heard {
        self.reports.send(report).await.map_err(|_| NobodyListens)
    }

    async fn hear(&mut self, message: FromSupervisor) -> Heard {
        match message {
            FromSupervisor::Grown { length } => {
                self.troubled = false;
                self.output.grown(length);
                self.look_later();
                if let Some(asking) = &mut self.asking {
                    asking.grown();
                }
                self.behind |= self.pump.is_some() && self.reads == Reads::Output;
            }
            FromSupervisor::Asides { .. } => {
                self.behind |= self.pump.is_some() && self.reads == Reads::Asides;
            }
            FromSupervisor::Written { id, output, repeated } => {
                // An earlier gateway had said it: whoever listens now was told nothing.
                if repeated {
                    self.told_by = None;
                }
                match self.awaited.remove(&id).map(|(awaited, ..)| awaited) {
                    Some(Awaited::Prompt(prompt)) => {
                        // What it says to a prompt may be read before this is.
                        let turned_at = self.pump.as_ref().and_then(Pump::turned_at);
                        let turned = turned_at >= output && output.is_some();
                        self.tell(Report::PromptDelivered { prompt, turned }).await?;
                    }
                    Some(Awaited::Decision(approval)) => self.tell(Report::Delivered(approval)).await?,
                    Some(Awaited::Keys(written)) => {
                        let _ = written.send(true);
                    }
                    // It counts when the agent says so.
                    Some(Awaited::Control(_) | Awaited::Interrupt) | None => {}
                }
            }
            FromSupervisor::Refused { id, text } => match self.awaited.remove(&id) {
                Some((Awaited::Decision(approval), ..)) => {
                    self.tell(Report::Undeliverable(approval)).await?;
                }
                // What was read last may be from before another gateway said something to them.
                Some((awaited @ Awaited::Prompt(_), ToSupervisor::Answer { .. }, bytes)) => {
                    self.unheard.push_back((id, awaited, bytes));
                }
                Some((Awaited::Prompt(_), ..)) => self.tell(Report::Trouble(text)).await?,
                Some((Awaited::Control(id), ..)) => self.tell(Report::ControlRefused(id, text)).await?,
                Some((Awaited::Interrupt, ..)) => self.cuts = true,
                Some((Awaited::Keys(_), ..)) | None => {}
            },
            FromSupervisor::Trouble { text } if !self.troubled => {
                self.troubled = true;
                self.tell(Report::Trouble(text)).await?;
            }
            _ => {}
        }
        Ok(())
    }

    async fn look(&mut self) -> Heard {
        let told = self.asking.as_mut().and_then(|asking| asking.look(&self.output));
        match told {
            Some(detected) => self.tell(Report::Detected(detected)).await,
            None => Ok(()),
        }
    }

    async fn read(&mut self) -> Heard {
        let Some(pump) = &mut self.pump else {
            self.behind = false;
            return Ok(());
        };
        let reading = match pump.step() {
            Ok(reading) => reading,
            Err(error) => {
                self.behind = false;
                return self
                    .tell(Report::Trouble(format!("The attempt's output cannot be read: {error}.")))
                    .await;
            }
        };
        self.behind = !reading.at_end;
        for piece in reading.pieces {
            let report = Report::Delta { message: piece.message, role: piece.role, text: piece.text };
            self.tell(report).await?;
        }
        let settles = |typed: &Typed| reading.events.iter().any(|(event, _)| typed.is_settled_by(event));
        if self.typed.as_ref().is_some_and(settles) {
            self.typed = None;
        }
        if !reading.events.is_empty() || reading.position.is_some() {
            self.tell(Report::Facts { events: reading.events, position: reading.position }).await?;
        }
        Ok(())
    }

    /// Reads to the end and gives the exit.
    async fn finish(&mut self, exit: Exit) -> Result<Exit, NobodyListens> {
        self.behind = self.pump.is_some();
        while self.behind {
            self.read().await?;
        }
        if let Some(leftover) = self.pump.as_ref().and_then(Pump::leftover) {
            self.tell(Report::Facts { events: vec![leftover], position: None }).await?;
        }
        self.output.ended();
        Ok(exit)
    }

    async fn obey(&mut self, order: Order, sender: &mut supervisor::Sender) -> Heard {
        match order {
            Order::Prompt { id, text, attachments } => {
                let (prompt, trouble) = self.runner.prompt(self.run, text, attachments).await;
                if let Some(trouble) = trouble {
                    self.tell(Report::Trouble(trouble)).await?;
                }
                self.waiting.push_back(Waiting::Prompt(id, prompt));
                self.write_waiting(sender).await?;
            }
            Order::Control { id, control } => {
                self.waiting.push_back(Waiting::Control(id, control));
                self.write_waiting(sender).await?;
            }
            Order::TakeBack { prompts, reply } => {
                let _ = reply.send(Waiting::take_back(&mut self.waiting, &prompts));
            }
            Order::Decide { approval, decision, verdict } => {
                let fold = self.pump.as_ref().map(Pump::fold);
                let aside = fold.and_then(|fold| fold.aside(approval));
                match fold.and_then(|fold| fold.decide(approval, &verdict)) {
                    Some(bytes) => {
                        let id = format!("decision:{decision}");
                        let message = match aside {
                            Some(aside) => ToSupervisor::Answer { id: id.clone(), aside },
                            None => ToSupervisor::Input { id: id.clone() },
                        };
                        self.say(sender, id, message, bytes, Awaited::Decision(approval)).await;
                    }
                    None => self.tell(Report::Undeliverable(approval)).await?,
                }
            }
            Order::Check { approval, reply } => {
                let now = self.pump.as_ref().and_then(|pump| pump.fold().request(approval));
                let _ = reply.send(now);
            }
            Order::Vouch { approval, rule, reply } => {
                let now = self.pump.as_ref().and_then(|pump| pump.fold().request(approval));
                let vouched = now.map(|now| {
                    let inside = vouch::inside(&rule, &self.workspace, &now);
                    (now, inside)
                });
                let _ = reply.send(vouched);
            }
            Order::Input { id, bytes, written, prompt } => {
                if let (Some(prompt), Some(asking)) = (&prompt, &self.asking)
                    && !asking.may_answer(prompt, &id)
                {
                    let _ = written.send(false);
                    return Ok(());
                }
                if let Some(told) = self.asking.as_mut().and_then(|asking| asking.typed(&id)) {
                    self.tell(Report::Detected(told)).await?;
                }
                if bytes == ESCAPE {
                    self.may_be_cut();
                }
                let key = format!("keys:{id}");
                self.write(sender, key, bytes, Awaited::Keys(written)).await;
            }
            Order::Resize(size) => {
                self.output.resized(size.cols, size.rows);
                let _ = sender.send(ToSupervisor::Resize(size), Vec::new()).await;
            }
            Order::Interrupt => self.interrupt(sender).await,
            Order::Stop => {
                let grace_ms = self.runner.config.grace.as_millis() as u64;
                let _ = sender.send(ToSupervisor::Stop { grace_ms }, Vec::new()).await;
            }
        }
        Ok(())
    }
}

async fn until(moment: Option<tokio::time::Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
