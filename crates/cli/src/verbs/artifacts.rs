//! `offdesk artifacts`: what is kept of a run, whatever becomes of its workspace.

use super::files::{place_for, save};
use super::{say, say_json};
use crate::outcome::Outcome;
use crate::verbs::storage::size;
use clap::{Args, Subcommand};
use offdesk_client::Client;
use offdesk_protocol::*;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Artifacts {
    #[command(subcommand)]
    verb: ArtifactsVerb,
}

#[derive(Debug, Subcommand)]
enum ArtifactsVerb {
    /// List those of a run: its log and its diff since it ended, and what was kept by hand.
    Ls {
        /// The run.
        id: RunId,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Fetch one.
    Get {
        /// The run.
        id: RunId,
        /// Its name, or its id.
        artifact: String,
        /// Where to put it; by default its name, here. `-` prints it.
        #[arg(long, short = 'o', value_name = "FILE")]
        to: Option<PathBuf>,
        /// Put it in the place of a file that is here already.
        #[arg(long)]
        force: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Keep a file with the run.
    Add {
        /// The run.
        id: RunId,
        /// A path in its workspace; with --from-here, a file of yours.
        path: String,
        /// The file is here, and is brought.
        #[arg(long)]
        from_here: bool,
        /// Also when it holds a key or a password.
        #[arg(long)]
        secrets: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Remove one for good.
    Rm {
        /// The run.
        id: RunId,
        /// Its name, or its id.
        artifact: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

impl Artifacts {
    /// Whether failures are to be JSON as well.
    pub(crate) fn json(&self) -> bool {
        match &self.verb {
            ArtifactsVerb::Ls { json, .. }
            | ArtifactsVerb::Get { json, .. }
            | ArtifactsVerb::Add { json, .. }
            | ArtifactsVerb::Rm { json, .. } => *json,
        }
    }
}

/// The artifact of this id, or the latest of this name.
async fn meant(client: &Client, run: RunId, name: &str) -> Result<Artifact, Outcome> {
    let all = client.artifacts(run).await?;
    let found = all.into_iter().rev().find(|one| one.name == name || one.id.to_string() == name);
    found.ok_or_else(|| {
        let text = format!("This run has no artifact “{}”.", visible_line(name, 100));
        Problem::new(ErrorCode::NotFound, text)
            .hint(format!("`offdesk artifacts ls {run}` lists them."))
            .into()
    })
}

pub(crate) async fn artifacts(client: &Client, asked: Artifacts) -> Result<(), Outcome> {
    match asked.verb {
        ArtifactsVerb::Ls { id, json } => {
            let all = client.artifacts(id).await?;
            if json {
                return say_json(&all);
            }
            if all.is_empty() {
                return say("Nothing is kept of this run yet: its log and its diff are, once it ends.");
            }
            all.iter().try_for_each(|one| {
                let at = one.at.strftime("%Y-%m-%d %H:%M");
                say(format!("{:>9}  {at}  {}", size(one.size), visible_line(&one.name, 200)))
            })
        }
        ArtifactsVerb::Get { id, artifact, to, force, json } => {
            let one = meant(client, id, &artifact).await?;
            let to = place_for(to, &one.name, force)?;
            let bytes =
                save(to.as_deref(), async |from| client.download_artifact(id, one.id, from).await).await?;
            match to {
                Some(to) if json => {
                    say_json(&serde_json::json!({ "file": to, "bytes": bytes, "sha256": one.sha256 }))
                }
                Some(to) => say(format!("{} ({})", to.display(), size(bytes))),
                None => Ok(()),
            }
        }
        ArtifactsVerb::Add { id, path, from_here, secrets, json } => {
            let wish = if from_here {
                let upload = client.upload(std::path::Path::new(&path)).await?.id;
                AddArtifact { upload: Some(upload), ..AddArtifact::default() }
            } else {
                AddArtifact { path: Some(path), secrets, upload: None }
            };
            let kept = client.add_artifact(id, &wish).await?;
            if json {
                say_json(&kept)
            } else {
                say(format!("{} is kept with the run.", visible_line(&kept.name, 200)))
            }
        }
        ArtifactsVerb::Rm { id, artifact, json } => {
            let one = meant(client, id, &artifact).await?;
            client.remove_artifact(id, one.id).await?;
            if json { say_json(&one) } else { say(format!("{} is removed.", visible_line(&one.name, 200))) }
        }
    }
}
