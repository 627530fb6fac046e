//! `quit`: the end of the gateway, in order.

use super::{say, say_json};
use crate::args::Quit;
use crate::outcome::Outcome;
use offdesk_client::{Client, ClientError};
use serde_json::json;
use std::time::{Duration, Instant};

/// Runs may take a while to end.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked whether the gateway is still there.
const LOOK: Duration = Duration::from_millis(100);

pub(crate) async fn quit(client: &Client, quit: Quit) -> Result<(), Outcome> {
    let pid = client.about().await?.pid;
    client.stop_gateway(quit.stop_runs).await?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match client.about().await {
            // Somebody may have started the next one already.
            Ok(about) if about.pid != pid => break,
            Err(ClientError::NoGateway { .. }) => break,
            _ if Instant::now() > deadline => {
                return Err(Outcome::failed(format!(
                    "The gateway (process {pid}) was asked to end, and is still there after a minute."
                )));
            }
            _ => tokio::time::sleep(LOOK).await,
        }
    }
    if quit.json {
        return say_json(&json!({ "pid": pid, "stopRuns": quit.stop_runs }));
    }
    say(match quit.stop_runs {
        true => "The gateway has ended, and all runs with it.",
        false => "The gateway has ended. Runs go on; `offdesk serve` takes them up again.",
    })
}
