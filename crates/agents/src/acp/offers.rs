//! What an ACP agent offers when a conversation is opened.

use super::greeting::{self, is_mode};
use super::known::Known;
use crate::control;
use crate::json::{items, text};
use offdesk_protocol::{Control, ControlId, ModelOffer, Offers, SlashOffer};
use serde_json::{Value, json};

/// Whether this agent still asks in this mode.
pub(super) fn asks_in(known: &Known, mode: &str) -> bool {
    known.asking_mode.iter().chain(known.harmless_modes).any(|asking| is_mode(mode, asking))
}

/// Models and modes of the answer to `session/new` or `session/load`.
pub(super) fn of_opened(known: &Known, opened: &Value) -> Offers {
    let mut offers = Offers { models: models(opened), ..Offers::default() };
    for mode in opened.get("modes").into_iter().flat_map(|modes| items(modes, "availableModes")) {
        let (id, name, about) = (text(mode, "id"), text(mode, "name"), text(mode, "description"));
        control::mode(&mut offers, id, name, about, asks_in(known, id));
    }
    offers
}

fn models(opened: &Value) -> Vec<ModelOffer> {
    let listed = opened.get("models").into_iter().flat_map(|models| items(models, "availableModels"));
    let listed = listed.map(|model| (text(model, "modelId"), model));
    let option = model_option(opened).into_iter().flat_map(|option| items(option, "options"));
    let option = option.map(|model| (text(model, "value"), model));
    let all: Vec<_> = if opened.get("models").is_some() { listed.collect() } else { option.collect() };
    control::at_most(
        all.into_iter().filter_map(|(id, model)| {
            control::model(id, text(model, "name"), text(model, "description"), "")
        }),
    )
}

/// The newer way to offer models.
fn model_option(opened: &Value) -> Option<&Value> {
    items(opened, "configOptions").find(|option| text(option, "category") == "model")
}

/// The model in use.
pub(super) fn current_model(opened: &Value) -> &str {
    match opened.get("models") {
        Some(models) => text(models, "currentModelId"),
        None => model_option(opened).map(|option| text(option, "currentValue")).unwrap_or_default(),
    }
}

/// The id of the option that chooses the model, where there is no other way.
pub(super) fn model_option_id(opened: &Value) -> Option<String> {
    let option = model_option(opened).filter(|_| opened.get("models").is_none())?;
    Some(text(option, "id").to_string()).filter(|id| !id.is_empty())
}

/// The commands of an `available_commands_update`, but for those the agent itself says are for its terminal.
pub(super) fn slash(update: &Value) -> Vec<SlashOffer> {
    let commands = items(update, "availableCommands").filter(|command| {
        let modes = command.pointer("/_meta/supportedModes").and_then(Value::as_array);
        modes.is_none_or(|modes| modes.iter().any(|mode| mode == "acp"))
    });
    control::at_most(commands.filter_map(|command| {
        let hint = command.get("input").map(|input| text(input, "hint")).unwrap_or_default();
        control::slash(text(command, "name"), text(command, "description"), hint)
    }))
}

/// The request that chooses a model.
pub(super) fn set_model(request: &str, session: &str, option: Option<&str>, model: &str) -> Value {
    match option {
        Some(option) => greeting::set_option(request, session, option, model),
        None => {
            greeting::request(request, "session/set_model", json!({ "sessionId": session, "modelId": model }))
        }
    }
}

/// The request for what was chosen.
pub(super) fn request(id: ControlId, session: &str, option: Option<&str>, chosen: &Control) -> Value {
    let request = control::request_id(id, chosen);
    match chosen {
        Control::Model { id } => set_model(&request, session, option, id),
        Control::Mode { id } => greeting::set_mode(&request, session, id),
    }
}
