//! What is chosen for an agent, and what it offers: the same in every dialect.

use crate::Encoded;
use crate::json::line_of;
use crate::out::Out;
use offdesk_protocol::{
    Control, ControlId, Event, LONGEST_CHOICE, ModeLeftOut, ModeOffer, ModelOffer, Offers, SlashOffer,
};
use serde_json::Value;

/// Longest description that is kept, in characters.
const LONGEST_DESCRIPTION: usize = 240;
/// Most models, modes or commands that are kept of each.
const MOST: usize = 200;

/// What a driver makes of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Controlled {
    /// This is written to the agent, which then says whether it does it.
    Write(Encoded),
    /// The agent is not ready for it; ask again after reading.
    Later,
    /// The agent cannot be told.
    Never,
}

/// The id under which a choice is asked of the agent. The agent gives it back, so its answer says what was chosen.
pub(crate) fn request_id(id: ControlId, control: &Control) -> String {
    match control {
        Control::Model { id: model } => format!("control:{id}:model:{model}"),
        Control::Mode { id: mode } => format!("control:{id}:mode:{mode}"),
    }
}

/// The message with this id, to be written once.
pub(crate) fn write(id: ControlId, message: &Value) -> Controlled {
    Controlled::Write(Encoded { id: format!("control:{id}"), bytes: line_of(message) })
}

/// The choice whose answer has this id.
pub(crate) fn of_request(request: &str) -> Option<(ControlId, Control)> {
    let mut parts = request.strip_prefix("control:")?.splitn(3, ':');
    let (id, kind, chosen) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?.to_string());
    match kind {
        "model" => Some((id, Control::Model { id: chosen })),
        "mode" => Some((id, Control::Mode { id: chosen })),
        _ => None,
    }
}

/// The agent does what was chosen; `said` is its own word for it, where it gave one.
pub(crate) fn done(id: ControlId, control: Control, said: &str, out: &mut Out) {
    let word = |chosen: String| if said.is_empty() { chosen } else { said.to_string() };
    let control_id = Some(id);
    out.fact(match control {
        Control::Model { id } => Event::AgentModelChanged { model: word(id), control: control_id },
        Control::Mode { id } => Event::AgentModeChanged { mode: word(id), control: control_id },
    });
}

/// It does not.
pub(crate) fn refused(agent: &str, id: ControlId, control: &Control, why: &str, out: &mut Out) {
    let what = match control {
        Control::Model { id } => format!("the model “{id}”"),
        Control::Mode { id } => format!("the mode “{id}”"),
    };
    let why: String = why.chars().take(500).collect();
    let why = format!("{agent} did not take {what}, and goes on as before: {why}");
    out.fact(Event::AgentControlRefused { control: id, why });
}

/// One line of at most this many characters.
pub(crate) fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_DESCRIPTION) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn some(text: &str) -> Option<String> {
    Some(short(text)).filter(|text| !text.is_empty())
}

/// A model, if it can be chosen at all.
pub(crate) fn model(id: &str, name: &str, description: &str, resolved: &str) -> Option<ModelOffer> {
    let name = some(name).unwrap_or_else(|| id.to_string());
    let resolved = Some(resolved.to_string()).filter(|model| !model.is_empty() && model != id);
    is_id(id).then(|| ModelOffer { id: id.into(), name, description: some(description), resolved })
}

/// Puts a mode where it belongs: offered when the agent still asks in it, else among those that are left out.
pub(crate) fn mode(offers: &mut Offers, id: &str, name: &str, description: &str, asks: bool) {
    if !is_id(id) || offers.modes.len() + offers.modes_left_out.len() >= MOST {
        return;
    }
    let name = some(name).unwrap_or_else(|| id.to_string());
    if asks {
        offers.modes.push(ModeOffer { id: id.into(), name, description: some(description) });
    } else {
        let reason = "In this mode the agent would act without asking you. Rules of your own say what may go without asking."
            .to_string();
        offers.modes_left_out.push(ModeLeftOut { id: id.into(), name, reason });
    }
}

/// A command that can be typed, if its name is one.
pub(crate) fn slash(name: &str, description: &str, hint: &str) -> Option<SlashOffer> {
    let name = name.trim_start_matches('/');
    is_id(name).then(|| SlashOffer { name: name.into(), description: short(description), hint: some(hint) })
}

/// At most so many are kept.
pub(crate) fn at_most<T>(found: impl Iterator<Item = T>) -> Vec<T> {
    found.take(MOST).collect()
}

fn is_id(id: &str) -> bool {
    id.len() <= LONGEST_CHOICE && offdesk_protocol::is_choice(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_what_was_chosen() {
        for control in
            [Control::Model { id: "$runtime|a:b".into() }, Control::Mode { id: "https://x#plan".into() }]
        {
            let id = ControlId::new();
            assert_eq!(of_request(&request_id(id, &control)), Some((id, control)));
        }
        for other in ["control:", "control:x:model:y", "prompt:1", "initialize"] {
            assert_eq!(of_request(other), None, "{other}");
        }
    }

    #[test]
    fn only_modes_that_ask_are_offered_and_names_are_names() {
        let mut offers = Offers::default();
        mode(&mut offers, "default", "Default", "", true);
        mode(&mut offers, "yolo", "", "runs all", false);
        mode(&mut offers, "--dangerous", "x", "", true);
        mode(&mut offers, "pl\u{202e}an", "x", "", true);
        assert_eq!(offers.modes.iter().map(|mode| mode.id.as_str()).collect::<Vec<_>>(), ["default"]);
        assert_eq!((offers.modes_left_out[0].id.as_str(), offers.modes_left_out.len()), ("yolo", 1));
        assert_eq!(slash("/cost", "Shows\n it", "").unwrap().description, "Shows it");
        assert_eq!(slash("a\nb", "", ""), None);
    }
}
