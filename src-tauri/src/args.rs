//! What the app can be started with. A second start hands its words to the first and ends.

use crate::place::Place;
use std::path::PathBuf;

/// Offdesk in the tray.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Parser)]
#[command(name = "offdesk-tray", version, max_term_width = 100)]
pub(crate) struct Args {
    /// The gateway's data folder.
    #[arg(long, env = "OFFDESK_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Start in the tray, without a window.
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Open the start bar: one line, and a run starts. For a key of the desktop's own, where no program may listen for keys.
    #[arg(long)]
    pub(crate) start: bool,
    /// Open the window at a place, like /connect or /run/ID.
    #[arg(long, value_name = "PLACE")]
    pub(crate) show: Option<String>,
    /// End the app. Runs go on.
    #[arg(long)]
    pub(crate) quit: bool,
    /// An offdesk:// address.
    #[arg(value_name = "LINK")]
    pub(crate) link: Option<String>,
}

/// What is to be done at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Nothing,
    Show(Place),
    StartBar,
    Quit,
}

impl Args {
    /// What somebody who types or clicks this means.
    pub(crate) fn wish(&self) -> Wish {
        if self.quit {
            return Wish::Quit;
        }
        if self.start {
            return Wish::StartBar;
        }
        let place = self.show.as_deref().and_then(Place::from_path);
        let place = place.or_else(|| self.link.as_deref().and_then(Place::from_link));
        match (place, self.hidden) {
            (Some(place), _) => Wish::Show(place),
            (None, true) => Wish::Nothing,
            // Also for an address that leads nowhere: who opens it sees at least that we are here.
            (None, false) => Wish::Show(Place::Home),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[test]
    fn what_a_start_means() {
        let wish = |words: &[&str]| {
            Args::parse_from(std::iter::once("offdesk-tray").chain(words.iter().copied())).wish()
        };
        assert_eq!(wish(&[]), Wish::Show(Place::Home));
        assert_eq!(wish(&["--hidden"]), Wish::Nothing);
        assert_eq!(wish(&["--start"]), Wish::StartBar);
        assert_eq!(wish(&["--show", "/connect"]), Wish::Show(Place::Connect(None)));
        assert_eq!(wish(&["offdesk://devices"]), Wish::Show(Place::Devices));
        assert_eq!(wish(&["offdesk://../../etc"]), Wish::Show(Place::Home));
        assert_eq!(wish(&["--quit"]), Wish::Quit);
    }
}
