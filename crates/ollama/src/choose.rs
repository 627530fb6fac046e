//! Which model, and how much it may read at once.

use crate::server::{Server, Shown, Trouble, no_tools};

/// Tokens that a model gets unless something says otherwise: more costs memory that a laptop may not have.
const USUAL: u64 = 32 * 1024;
/// Fewer are too few for the tools alone.
const FEWEST: u64 = 2048;
/// Models that are asked what they can.
const MOST_ASKED: usize = 30;

/// The model of a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) model: String,
    pub(crate) num_ctx: u64,
}

/// What is said for the model beforehand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish {
    /// Its name.
    pub(crate) model: Option<String>,
    /// Tokens, by OFFDESK_OLLAMA_NUM_CTX.
    pub(crate) num_ctx: Option<u64>,
}

fn room(wish: Option<u64>, shown: &Shown) -> u64 {
    let made_for = shown.context_length.unwrap_or(u64::MAX);
    wish.or(shown.num_ctx).unwrap_or(USUAL).min(made_for).max(FEWEST)
}

/// The wished model, or else the first of those installed here that can use tools.
pub(crate) async fn choose(server: &Server, wish: &Wish) -> Result<Chosen, Trouble> {
    if let Some(model) = &wish.model {
        let shown = server.show(model).await?;
        if !shown.uses_tools() {
            return Err(Trouble::Said(no_tools(model)));
        }
        return Ok(Chosen { model: model.clone(), num_ctx: room(wish.num_ctx, &shown) });
    }
    let models = server.models().await?;
    for model in models.iter().filter(|model| !model.remote).take(MOST_ASKED) {
        let shown = server.show(&model.name).await?;
        if shown.uses_tools() {
            return Ok(Chosen { model: model.name.clone(), num_ctx: room(wish.num_ctx, &shown) });
        }
    }
    let there: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
    let there = if there.is_empty() { "none".into() } else { there.join(", ") };
    Err(Trouble::Said(format!(
        "Ollama has no model here that can use tools (installed: {there}). Get one, for example by \
         `ollama pull qwen3`, then say it again."
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_as_wished_as_set_or_as_usual_and_never_more_than_the_model_has() {
        let shown = |length, set| Shown { capabilities: None, context_length: length, num_ctx: set };
        for (wish, length, set, wanted) in [
            (None, None, None, USUAL),
            (None, Some(8192), None, 8192),
            (None, Some(131_072), None, USUAL),
            (None, Some(131_072), Some(65_536), 65_536),
            (Some(100_000), Some(131_072), Some(65_536), 100_000),
            (Some(500_000), Some(131_072), None, 131_072),
            (Some(1), None, None, FEWEST),
        ] {
            assert_eq!(room(wish, &shown(length, set)), wanted);
        }
    }
}
