//! `offdesk stage` and `unstage`: what goes into the next commit.

use super::{say, say_json};
use crate::outcome::Outcome;
use clap::Args;
use offdesk_client::Client;
use offdesk_protocol::*;

#[derive(Debug, Args)]
pub(crate) struct StageArgs {
    /// The run.
    id: RunId,
    /// These files, and what is below these folders.
    #[arg(required = true)]
    paths: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) async fn stage(client: &Client, args: StageArgs, staged: bool) -> Result<(), Outcome> {
    let done = client.stage(args.id, &StageChanges { paths: args.paths, staged }).await?;
    if args.json {
        return say_json(&done);
    }
    if done.paths.is_empty() {
        return say(if staged {
            "Nothing of this changed, so nothing was staged."
        } else {
            "None of this was staged."
        });
    }
    let how = if staged { "staged" } else { "not staged any more" };
    done.paths.iter().try_for_each(|path| say(format!("{}  {how}", visible_line(path, 1000))))
}
