//! What the tray says, made from what is known now. Pure: the same things known give the same words.

use super::Glyph;
use crate::keeper::{GatewayState, Standing};
use crate::mirror::Mirror;
use jiff::Timestamp;
use offdesk_protocol::{Approval, ApprovalKind, counted, visible_line};

/// All that the tray is made of.
pub(crate) struct Now<'a> {
    pub(crate) at: Timestamp,
    pub(crate) gateway: &'a GatewayState,
    pub(crate) mirror: &'a Mirror,
}

/// A command that is at most this long can be shown whole in a menu.
const WHOLE: usize = 56;

impl Now<'_> {
    /// The gateway answers, and said how all is not long ago.
    fn heard(&self) -> bool {
        self.gateway.state.is_up() && self.mirror.connected && self.mirror.health(self.at).is_some()
    }

    pub(crate) fn glyph(&self) -> Glyph {
        if !self.gateway.state.is_up() {
            return Glyph::Off;
        }
        let Some(health) = self.mirror.health(self.at).filter(|_| self.heard()) else {
            return Glyph::Off;
        };
        // What a phone cannot reach must not look well, whatever else there is to say; the count stays in words.
        if !health.ok {
            return Glyph::Unreachable;
        }
        let waiting = self.waits();
        if waiting > 0 {
            return Glyph::NeedsYou(u32::try_from(waiting).unwrap_or(u32::MAX));
        }
        match self.mirror.runs.values().any(|run| run.state.takes_place()) {
            true => Glyph::Working,
            false => Glyph::Idle,
        }
    }

    /// Decisions, terminals that seem to ask, and devices that wait for a person.
    pub(crate) fn waits(&self) -> usize {
        self.mirror.approvals.len() + self.mirror.asking().count() + self.mirror.pairings.len()
    }

    /// The first line: how all is, as somebody just saw it.
    pub(crate) fn sentence(&self) -> String {
        if !self.gateway.state.is_up() {
            return self.gateway.sentence.clone();
        }
        match self.mirror.health(self.at).filter(|_| self.heard()) {
            // Health is asked now and then; what is live is counted now, so that a line that asks is never beside a
            // sentence that says nothing does.
            Some(health) if health.ok => {
                let (_, waiting, _, working) = self.mirror.counts();
                visible_line(&counted(&health.reached, waiting, working), 90)
            }
            Some(health) => visible_line(&health.sentence, 90),
            None if self.mirror.connected => "Asking the gateway how all is.".into(),
            None => "The gateway is not answering.".into(),
        }
    }

    /// For a tooltip.
    pub(crate) fn tooltip(&self) -> String {
        let waiting = match self.waits() {
            0 => String::new(),
            1 => "One thing needs you. ".into(),
            many => format!("{many} things need you. "),
        };
        format!("{waiting}{}", self.sentence())
    }

    /// Something can be done about the gateway itself.
    pub(crate) fn gateway_action(&self) -> Option<(&'static str, bool)> {
        match self.gateway.state {
            Standing::Down => Some(("Start the gateway now", false)),
            Standing::OtherVersion => Some(("Change to the new gateway (runs go on)", true)),
            _ => None,
        }
    }
}

/// The whole of what an approval would let happen, if it fits in a line that can hide nothing.
pub(crate) fn whole(approval: &Approval) -> Option<&str> {
    let request = &approval.request;
    let text = request.text.as_str();
    let plain = text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    let fits = !text.is_empty() && text.len() <= WHOLE && !text.contains("  ") && text.trim() == text;
    let nothing_else = request.diffs.is_empty() && request.questions.is_empty();
    (request.kind == ApprovalKind::Command && plain && fits && nothing_else).then_some(text)
}
