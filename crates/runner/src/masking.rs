//! Masks secrets in what an agent said before it becomes an event. The attempt's output file keeps the original; an
//! approval alone shows exactly what will run.

use offdesk_protocol::{Event, MessageId};
use offdesk_supervisor::{mask_live, mask_text};
use std::borrow::Cow;
use std::collections::HashMap;

fn mask(text: &mut String) {
    if let Cow::Owned(masked) = mask_text(text) {
        *text = masked;
    }
}

/// Masks the words in JSON, keys left alone.
fn mask_value(value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::String(text) => mask(text),
        Value::Array(items) => items.iter_mut().for_each(mask_value),
        Value::Object(fields) => fields.values_mut().for_each(mask_value),
        _ => {}
    }
}

/// Masks secrets in an event's words.
pub(crate) fn mask_event(event: &mut Event) {
    match event {
        Event::MessageAdded { text, .. } | Event::NoticeRaised { text, .. } => mask(text),
        Event::ToolStarted { title, input, .. } => {
            mask(title);
            mask_value(input);
        }
        Event::ToolFinished { output, diffs, .. } => {
            mask(output);
            diffs.iter_mut().for_each(|diff| mask(&mut diff.unified));
        }
        Event::TurnFinished { error: Some(error), .. } => mask(error),
        _ => {}
    }
}

/// Most bytes of an unfinished message that are looked at again with each piece.
const LOOK_BEHIND: usize = 8 * 1024;

/// Masks a message that comes in pieces: a secret cut by the pieces is masked as a whole.
#[derive(Default)]
pub(crate) struct Deltas {
    messages: HashMap<MessageId, Streamed>,
}

#[derive(Default)]
struct Streamed {
    /// The end of what came, unmasked.
    text: String,
    /// How much of `text` was given out.
    given: usize,
}

impl Deltas {
    /// The next piece, masked; may give less or more than came.
    pub(crate) fn piece(&mut self, message: MessageId, piece: &str) -> String {
        let streamed = self.messages.entry(message).or_default();
        streamed.text.push_str(piece);
        let masked = mask_live(&streamed.text);
        let next = masked.get(streamed.given..).unwrap_or_default().to_string();
        streamed.given = streamed.text.len();
        if streamed.text.len() > 2 * LOOK_BEHIND {
            let cut = streamed.text.floor_char_boundary(streamed.text.len() - LOOK_BEHIND);
            streamed.text.drain(..cut);
            streamed.given -= cut;
        }
        next
    }

    /// The message is whole; its event has all of it.
    pub(crate) fn finished(&mut self, message: MessageId) {
        self.messages.remove(&message);
    }

    /// Nothing is unfinished any more.
    pub(crate) fn clear(&mut self) {
        self.messages.clear();
    }
}
