//! What of a conversation fits into a model's context.
//!
//! Ollama itself would silently drop the beginning, system prompt and all. So the oldest results of tools are left out
//! first, then whole turns, and the person is told.

use crate::server::Message;

/// About so many bytes make a token; code and JSON make more tokens than prose.
const BYTES_PER_TOKEN: u64 = 3;
/// What a message costs beside its words.
const FRAME: u64 = 8;

/// What was left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LeftOut {
    pub(crate) results: usize,
    pub(crate) messages: usize,
}

impl LeftOut {
    /// For the person.
    pub(crate) fn words(self, num_ctx: u64) -> String {
        let mut parts = Vec::new();
        if self.results > 0 {
            parts.push(format!("{} older tool results", self.results));
        }
        if self.messages > 0 {
            parts.push(format!("the {} oldest messages", self.messages));
        }
        format!(
            "The conversation is longer than the {num_ctx} tokens that the model has room for, so it no longer sees \
             {}. Nothing is lost here; OFFDESK_OLLAMA_NUM_CTX gives it more room.",
            parts.join(" and ")
        )
    }
}

fn tokens(message: &Message) -> u64 {
    let calls: usize = message.tool_calls.iter().map(|call| call.to_string().len()).sum();
    let bytes = message.content.len() + message.thinking.len() + calls;
    bytes as u64 / BYTES_PER_TOKEN + FRAME
}

/// The messages that are sent: the system's, then as much as fits into `num_ctx` beside `tools` bytes of tools and
/// room for an answer. Nothing: even the last prompt alone is too long.
pub(crate) fn fit(
    system: &Message,
    messages: &[Message],
    num_ctx: u64,
    tools: usize,
) -> Option<(Vec<Message>, LeftOut)> {
    let room = num_ctx.saturating_sub(num_ctx / 8 + tools as u64 / BYTES_PER_TOKEN + tokens(system));
    let mut kept: Vec<Message> = messages.to_vec();
    let mut out = LeftOut::default();
    let mut size: u64 = kept.iter().map(tokens).sum();
    // The round that is being answered stays whole as long as it can.
    let round = kept.iter().rposition(|message| message.role != "tool").unwrap_or(0);
    for index in (0..kept.len()).filter(|index| *index < round).chain(round..kept.len()) {
        if size <= room {
            break;
        }
        let message = &mut kept[index];
        if message.role != "tool" {
            continue;
        }
        let before = tokens(message);
        let short = format!("[{} bytes left out to make room]", message.content.len());
        if short.len() < message.content.len() {
            message.content = short;
            size = size - before + tokens(message);
            out.results += 1;
        }
    }
    // Whole turns: a result without its call would mean nothing to the model.
    while size > room {
        let next = kept.iter().skip(1).position(|message| message.role == "user")? + 1;
        size -= kept.iter().take(next).map(tokens).sum::<u64>();
        out.messages += next;
        kept.drain(..next);
    }
    Some((std::iter::once(system.clone()).chain(kept).collect(), out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn system() -> Message {
        Message::new("system", "You are here.")
    }

    fn talk(sizes: &[(usize, usize)]) -> Vec<Message> {
        let turn = |(prompt, result): &(usize, usize)| {
            [
                Message::new("user", "p".repeat(*prompt)),
                Message { tool_calls: vec!["call".into()], ..Message::new("assistant", "") },
                Message::new("tool", "r".repeat(*result)),
                Message::new("assistant", "done"),
            ]
        };
        sizes.iter().flat_map(turn).collect()
    }

    #[test]
    fn the_oldest_results_go_first_then_whole_turns() {
        let all = talk(&[(30, 3000), (30, 3000), (30, 30)]);
        assert_eq!(fit(&system(), &all, 10_000, 0).unwrap().1, LeftOut::default());
        let (kept, out) = fit(&system(), &all, 2000, 0).unwrap();
        assert_eq!(out, LeftOut { results: 1, messages: 0 });
        assert!(kept[3].content.contains("3000 bytes left out") && kept[7].content.len() == 3000);
        let (kept, out) = fit(&system(), &talk(&[(3000, 9), (30, 30)]), 500, 0).unwrap();
        assert_eq!((out.messages, kept[1].role.as_str()), (4, "user"));
        assert_eq!(
            fit(&system(), &talk(&[(9000, 1)]), 500, 0),
            None,
            "one prompt that is too long by itself"
        );
    }

    proptest! {
        #[test]
        fn what_is_sent_fits_and_no_result_is_without_its_call(
            sizes in proptest::collection::vec((0..4000usize, 0..4000usize), 1..12), num_ctx in 200..8000u64) {
            let all = talk(&sizes);
            if let Some((kept, out)) = fit(&system(), &all, num_ctx, 300) {
                let size: u64 = kept.iter().map(tokens).sum();
                prop_assert!(size + 100 <= num_ctx - num_ctx / 8);
                prop_assert_eq!(kept[0].role.as_str(), "system");
                prop_assert_eq!(kept[1].role.as_str(), "user");
                prop_assert_eq!(kept.len() - 1 + out.messages, all.len());
                prop_assert_eq!(&kept.last().unwrap().role, "assistant");
            }
        }
    }
}
