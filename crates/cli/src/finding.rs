//! Finding the gateway a verb is for.

use crate::args::PlaceArgs;
use crate::outcome::Outcome;
use offdesk_client::{Client, Place};
use std::path::PathBuf;

/// The data folder, absolute.
pub(crate) fn data(place: &PlaceArgs) -> Result<PathBuf, Outcome> {
    let data = place.data.clone().or_else(Place::default_data).ok_or_else(|| {
        Outcome::Usage("There is no home folder to keep data in; name a folder with --data.".into())
    })?;
    Ok(std::path::absolute(data)?)
}

/// The gateway.
pub(crate) fn client(place: &PlaceArgs) -> Result<Client, Outcome> {
    let place = match &place.url {
        Some(url) => Place::Url { url: url.clone(), token: place.token.clone() },
        None => Place::of(&data(place)?),
    };
    Ok(Client::new(place)?)
}
