//! Where a window can be, and the addresses that lead there.

use offdesk_protocol::{PathKind, RunId};

/// A place in the main window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Home,
    Run(RunId),
    New,
    Connect(Option<PathKind>),
    Devices,
    Settings,
    Trouble,
}

impl Place {
    /// As the window's router writes it: `/run/ID`.
    pub(crate) fn path(self) -> String {
        match self {
            Self::Home => "/".into(),
            Self::Run(run) => format!("/run/{run}"),
            Self::New => "/new".into(),
            Self::Connect(Some(PathKind::Lan)) => "/connect/lan".into(),
            Self::Connect(Some(PathKind::Edge)) => "/connect/edge".into(),
            Self::Connect(_) => "/connect".into(),
            Self::Devices => "/devices".into(),
            Self::Settings => "/settings".into(),
            Self::Trouble => "/trouble".into(),
        }
    }

    pub(crate) fn from_path(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        Some(match parts[..] {
            [""] => Self::Home,
            ["run", id] => Self::Run(id.parse().ok()?),
            ["new"] => Self::New,
            ["connect"] => Self::Connect(None),
            ["connect", "lan"] => Self::Connect(Some(PathKind::Lan)),
            ["connect", "edge"] => Self::Connect(Some(PathKind::Edge)),
            ["devices"] => Self::Devices,
            ["settings"] => Self::Settings,
            ["trouble"] => Self::Trouble,
            _ => return None,
        })
    }

    /// From an `offdesk://` address. Any page may open one, so it shows a place and does nothing else; what is not a
    /// place word for word is not followed.
    pub(crate) fn from_link(link: &str) -> Option<Self> {
        let rest = link.strip_prefix("offdesk://")?;
        Self::from_path(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_place() -> impl Strategy<Value = Place> {
        prop_oneof![
            Just(Place::Home),
            any::<u128>().prop_map(|id| Place::Run(RunId(uuid(id)))),
            Just(Place::New),
            Just(Place::Connect(None)),
            Just(Place::Connect(Some(PathKind::Lan))),
            Just(Place::Connect(Some(PathKind::Edge))),
            Just(Place::Devices),
            Just(Place::Settings),
            Just(Place::Trouble),
        ]
    }

    fn uuid(id: u128) -> uuid::Uuid {
        uuid::Uuid::from_u128(id)
    }

    proptest! {
        #[test]
        fn every_place_has_an_address_that_leads_there(place in any_place()) {
            prop_assert_eq!(Place::from_path(&place.path()), Some(place));
            prop_assert_eq!(Place::from_link(&format!("offdesk:/{}", place.path())), Some(place));
        }

        #[test]
        fn a_hostile_link_leads_nowhere_or_to_a_place(link in ".*") {
            if let Some(place) = Place::from_link(&link) {
                prop_assert_eq!(Place::from_path(&place.path()), Some(place));
            }
        }
    }

    #[test]
    fn what_is_no_place_is_not_followed() {
        for link in [
            "offdesk://run/../settings",
            "offdesk://run/not-an-id",
            "offdesk://new?prompt=rm%20-rf",
            "offdesk://settings#x",
            "https://settings",
            "offdesk:settings",
            "OFFDESK://settings",
        ] {
            assert_eq!(Place::from_link(link), None, "{link}");
        }
    }
}
