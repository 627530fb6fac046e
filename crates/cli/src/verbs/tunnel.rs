//! `tunnel`: the program that gives a way in from outside.

use super::say;
use crate::args::{PlaceArgs, TunnelVerb};
use crate::finding::data;
use crate::outcome::Outcome;
use offdesk_gateway::tunnel_program as program;
use std::io::{IsTerminal, Write};

pub(crate) async fn tunnel(place: &PlaceArgs, verb: TunnelVerb) -> Result<(), Outcome> {
    let TunnelVerb::Fetch { yes } = verb;
    let folder = data(place)?.join("bin");
    let asset = program::asset().ok_or_else(|| Outcome::failed(program::UNPINNED.into()))?;
    say(format!(
        "This downloads cloudflared {} from\n  {}/{}\nchecks that it is the file with the SHA-256\n  {}\nand puts it into {}.",
        program::VERSION,
        program::BASE_URL,
        asset.name,
        asset.sha256,
        folder.display()
    ))?;
    if !yes && !agreed()? {
        return say("Nothing was downloaded.");
    }
    let path = program::fetch(asset, program::BASE_URL, &folder)
        .await
        .map_err(|error| Outcome::failed(format!("{error}.")))?;
    say(format!("Ready: {}. Turn the tunnel on with `offdesk reach --tunnel quick`.", path.display()))
}

fn agreed() -> Result<bool, Outcome> {
    if !std::io::stdin().is_terminal() {
        return Err(Outcome::Usage("Say --yes if it is to be downloaded; nothing was.".into()));
    }
    print!("Go on? [y/N] ");
    std::io::stdout().flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}
