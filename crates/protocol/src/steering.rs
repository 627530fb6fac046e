//! What a person chose for a run and what limits stop it, folded from its events.

use crate::run_view::one_line;
use crate::*;
use serde::{Deserialize, Serialize};

/// Windows that are remembered; agents have two or three.
const MOST_LIMITS: usize = 8;

/// Something that was chosen and that the agent has not confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PendingControl {
    /// Written at most once under this id.
    pub id: ControlId,
    /// What.
    pub control: Control,
}

/// What a person chose for a run and what limits stop it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Steering {
    /// The model chosen last; the next attempt starts with it.
    pub wanted_model: Option<String>,
    /// The mode chosen last; the next attempt starts with it.
    pub wanted_mode: Option<String>,
    /// The mode, in the agent's word.
    pub mode: Option<String>,
    /// What the present attempt has not confirmed, oldest first.
    pub controls: Vec<PendingControl>,
    /// Limits, one a window.
    pub limits: Vec<Limit>,
    /// It is to go on by itself when a limit that stopped it resets.
    pub resume_when_reset: bool,
    /// A limit stopped it, until this moment.
    pub stopped_until: Option<Timestamp>,
    /// The reset after which it went on by itself: once for each.
    pub went_on_at: Option<Timestamp>,
}

/// The same as everyone sees it: part of [`RunView`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct RunControls {
    /// The mode, in the agent's word, where it has such.
    pub mode: Option<String>,
    /// A model that was chosen and that the agent has not confirmed.
    pub model_asked: Option<String>,
    /// A mode that was chosen and that the agent has not confirmed.
    pub mode_asked: Option<String>,
    /// Prompts the agent does not have yet, in their order.
    pub queued: Vec<QueuedPrompt>,
    /// The limit that is reached or nearest, if the agent told of any.
    pub limit: Option<Limit>,
    /// It is to go on by itself when a limit that stopped it resets.
    pub resume_when_reset: bool,
    /// It waits for this moment and then goes on by itself.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub waits_until: Option<Timestamp>,
}

impl Steering {
    /// Folds one event in.
    pub(crate) fn apply(&mut self, envelope: &Envelope, live: bool) {
        let at = envelope.at;
        match &envelope.event {
            Event::RunModelAsked { control, model, .. } => {
                self.wanted_model = Some(model.clone());
                self.ask(*control, Control::Model { id: model.clone() }, live);
            }
            Event::RunModeAsked { control, mode, .. } => {
                self.wanted_mode = Some(mode.clone());
                self.ask(*control, Control::Mode { id: mode.clone() }, live);
            }
            Event::AgentModelChanged { control, .. } => self.settled(*control),
            Event::AgentModeChanged { mode, control } => {
                self.mode = Some(mode.clone());
                self.settled(*control);
            }
            Event::AgentControlRefused { control, .. } => {
                // The next attempt must not start with what this one refused.
                match self.settled_one(*control) {
                    Some(Control::Model { id }) if self.wanted_model.as_ref() == Some(&id) => {
                        self.wanted_model = None;
                    }
                    Some(Control::Mode { id }) if self.wanted_mode.as_ref() == Some(&id) => {
                        self.wanted_mode = self.mode.clone();
                    }
                    _ => {}
                }
            }
            Event::RunStarting { .. } => {
                self.controls.clear();
                self.mode = None;
            }
            Event::RunExited { .. } => self.controls.clear(),
            Event::LimitReported { limit } => {
                self.limits.retain(|known| known.window != limit.window);
                self.limits.push(limit.told_at(at));
                if self.limits.len() > MOST_LIMITS {
                    self.limits.remove(0);
                }
            }
            Event::TurnStarted { .. } | Event::RunArchived { .. } => self.stopped_until = None,
            Event::TurnFinished { status: TurnStatus::Failed, .. } => {
                let reached = self.limits.iter().filter(|limit| limit.state == LimitState::Reached);
                let until = reached.filter_map(|limit| limit.resets_at).max();
                self.stopped_until = until.filter(|until| *until > at && self.went_on_at != Some(*until));
            }
            Event::TurnFinished { status: TurnStatus::Completed, .. } => {
                // It got through, so what was reached is not any more.
                self.limits.retain(|limit| limit.state != LimitState::Reached);
            }
            Event::RunResumeWhenReset { on, .. } => self.resume_when_reset = *on,
            Event::PromptSent { by, .. } => {
                if *by == Actor::Gateway {
                    self.went_on_at = self.stopped_until;
                }
                self.stopped_until = None;
            }
            _ => {}
        }
    }

    fn ask(&mut self, id: ControlId, control: Control, live: bool) {
        if live {
            self.controls.push(PendingControl { id, control });
        }
    }

    fn settled(&mut self, control: Option<ControlId>) {
        if let Some(control) = control {
            self.settled_one(control);
        }
    }

    fn settled_one(&mut self, control: ControlId) -> Option<Control> {
        let place = self.controls.iter().position(|pending| pending.id == control)?;
        // The agent takes them in order: what was chosen before is settled as well.
        self.controls.drain(..=place).next_back().map(|pending| pending.control)
    }

    /// The limit that is reached or nearest.
    fn pressing(&self) -> Option<&Limit> {
        self.limits.iter().max_by(|a, b| {
            let used = |limit: &Limit| limit.used_percent.unwrap_or_default();
            a.state.cmp(&b.state).then(used(a).total_cmp(&used(b)))
        })
    }
}

impl Run {
    /// When it goes on by itself, because the limit that stopped it resets and a person wished so.
    pub fn waits_until(&self) -> Option<Timestamp> {
        let until = self.steering.stopped_until.filter(|_| self.steering.resume_when_reset)?;
        let rests =
            matches!(self.state(), RunState::Idle | RunState::Done | RunState::Failed | RunState::Lost);
        (rests && self.prompts.is_empty() && !self.archived).then_some(until)
    }

    /// What everyone sees of this.
    pub(crate) fn controls(&self) -> RunControls {
        let asked = |of: fn(&Control) -> Option<&String>| {
            self.steering.controls.iter().rev().find_map(|pending| of(&pending.control)).cloned()
        };
        let over = self.live_attempt().is_none();
        let wished = |wish: &Option<String>, now: &Option<String>| {
            wish.clone().filter(|wish| over && Some(wish) != now.as_ref())
        };
        RunControls {
            mode: self.steering.mode.clone(),
            model_asked: asked(|control| match control {
                Control::Model { id } => Some(id),
                Control::Mode { .. } => None,
            })
            .or_else(|| wished(&self.steering.wanted_model, &self.model)),
            mode_asked: asked(|control| match control {
                Control::Mode { id } => Some(id),
                Control::Model { .. } => None,
            })
            .or_else(|| wished(&self.steering.wanted_mode, &self.steering.mode)),
            queued: self
                .prompts
                .iter()
                .map(|prompt| QueuedPrompt {
                    id: prompt.id,
                    line: one_line(&prompt.text),
                    when: prompt.when,
                    attachments: prompt.attachments.len() as u32,
                })
                .collect(),
            limit: self.steering.pressing().cloned(),
            resume_when_reset: self.steering.resume_when_reset,
            waits_until: self.waits_until(),
        }
    }
}
