//! The models of this machine.

use super::{say, say_json};
use crate::outcome::Outcome;
use offdesk_client::Client;
use offdesk_protocol::visible;

pub(crate) async fn models(client: &Client, json: bool) -> Result<(), Outcome> {
    let here = client.local_models().await?;
    if json {
        return say_json(&here);
    }
    for model in &here.models {
        say(format!("{:<32} {:>6.1} GB", visible(&model.name), model.size as f64 / 1e9))?;
    }
    if here.elsewhere {
        say(format!("These are at {}, which is another machine.", here.base))?;
    }
    here.problem.map_or(Ok(()), |problem| say(visible(&problem)))
}
