//! The icon in the tray and its menu, which is all there is where clicks do not arrive.

mod menu;
mod now;
mod pictures;
mod slots;

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "system.rs")]
mod platform;

pub(crate) use menu::Action;

use crate::desk::Desk;
use jiff::Timestamp;
use menu::{Entry, Menu};
use now::Now;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc};

/// The menu and the icon change at most this often.
const PACE: Duration = Duration::from_secs(1);
/// What came into the menu this short a time ago cannot be what somebody meant to decide by a click.
const SETTLED: Duration = Duration::from_millis(800);

static READY: Notify = Notify::const_new();

/// It is known whether there is a tray.
pub(crate) async fn ready() {
    READY.notified().await;
}

/// What the icon looks like; each differs in shape as well as in colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Glyph {
    Idle,
    Working,
    /// So many things wait for a person.
    NeedsYou(u32),
    /// A phone cannot reach what it should.
    Unreachable,
    /// No gateway, or nothing heard of it.
    Off,
}

/// All that is shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    pub(crate) glyph: Glyph,
    pub(crate) tooltip: String,
    pub(crate) entries: Vec<Entry>,
}

/// Something that was clicked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Click {
    /// The icon itself.
    Icon,
    Line(Action),
}

/// Shows the icon and keeps it true until the app ends.
pub(crate) async fn run(desk: Desk) {
    let (tell, mut clicks) = mpsc::unbounded_channel();
    let mut menu = Menu::new();
    let mut shown = make(&desk, &mut menu);
    let icon = platform::Icon::show(&desk, shown.clone(), tell).await;
    READY.notify_one();
    let mut settled = Instant::now();
    // Health grows old without anybody's saying so.
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            Some(click) = clicks.recv() => {
                let click = meant(click, settled.elapsed());
                tauri::async_runtime::spawn(crate::act::act(desk.clone(), click));
            }
            _ = pace.tick() => {
                let new = make(&desk, &mut menu);
                if new != shown {
                    if decisions(&new.entries) != decisions(&shown.entries) {
                        settled = Instant::now();
                    }
                    shown = new;
                    icon.update(shown.clone()).await;
                }
            }
        }
    }
}

fn make(desk: &Desk, menu: &mut Menu) -> Shown {
    let (gateway, mirror, update) = (desk.gateway(), desk.mirror(), desk.update_version());
    let now = Now { at: Timestamp::now(), gateway: &gateway, mirror: &mirror };
    Shown { glyph: now.glyph(), tooltip: now.tooltip(), entries: menu.entries(&now, update.as_deref()) }
}

/// A click on something that only just came is not a decision: it shows what it is about.
fn meant(click: Click, since: Duration) -> Click {
    match click {
        Click::Line(action) if since < SETTLED => match action.decides() {
            Some(place) => Click::Line(Action::Show(place)),
            None => Click::Line(action),
        },
        click => click,
    }
}

/// Every line that decides, and where it is.
fn decisions(entries: &[Entry]) -> Vec<(usize, bool, Vec<Option<Action>>)> {
    entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| {
            entry.children.iter().any(|child| child.action.as_ref().is_some_and(|a| a.decides().is_some()))
        })
        .map(|(place, entry)| {
            (place, entry.hidden, entry.children.iter().map(|child| child.action.clone()).collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;
    use offdesk_protocol::{ApprovalId, RunId};

    #[test]
    fn a_click_on_what_only_just_came_shows_it_and_decides_nothing() {
        let run = RunId::new();
        let allow = Action::Allow { approval: ApprovalId::new(), run, hash: "h".into() };
        let early = meant(Click::Line(allow.clone()), Duration::from_millis(300));
        assert_eq!(early, Click::Line(Action::Show(Place::Run(run))));
        let later = meant(Click::Line(allow.clone()), SETTLED);
        assert_eq!(later, Click::Line(allow));
        let harmless = Click::Line(Action::StartBar);
        assert_eq!(meant(harmless.clone(), Duration::ZERO), harmless);
    }
}
