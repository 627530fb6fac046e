//! The menu as data. Its shape never changes: lines come and go by being shown or hidden, so that a menu that is open is
//! never built anew under somebody's pointer.

use super::now::{Now, whole};
use super::slots::Slots;
use crate::place::Place;
use offdesk_protocol::*;

/// So many approvals have a line of their own; the window has them all.
const NEEDS: usize = 6;
const RUNS: usize = 5;
const DEVICES: usize = 2;
/// Longest line, in characters.
const WIDTH: usize = 64;

/// What a line does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    Show(Place),
    StartBar,
    /// Allows what was shown whole, under the hash of exactly that.
    Allow {
        approval: ApprovalId,
        run: RunId,
        hash: String,
    },
    Deny {
        approval: ApprovalId,
        run: RunId,
        hash: String,
    },
    LetIn {
        device: DeviceId,
        approved: bool,
    },
    Pause(bool),
    CopyDiagnostics,
    StartGateway,
    FreshGateway,
    Update,
    Quit,
}

impl Action {
    /// It lets something happen, so it must be what the person meant to click.
    pub(crate) fn decides(&self) -> Option<Place> {
        match self {
            Self::Allow { run, .. } | Self::Deny { run, .. } => Some(Place::Run(*run)),
            Self::LetIn { .. } => Some(Place::Connect(None)),
            _ => None,
        }
    }
}

/// A line.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Entry {
    pub(crate) text: String,
    /// None: it can be read, not clicked.
    pub(crate) action: Option<Action>,
    pub(crate) hidden: bool,
    /// Some: it has a tick, or not.
    pub(crate) ticked: Option<bool>,
    pub(crate) separator: bool,
    pub(crate) children: Vec<Entry>,
}

impl Entry {
    fn line(text: impl Into<String>, action: Action) -> Self {
        Self { text: text.into(), action: Some(action), ..Self::default() }
    }

    fn words(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    fn sub(text: impl Into<String>, children: Vec<Entry>) -> Self {
        Self { text: text.into(), children, ..Self::default() }
    }

    fn separator() -> Self {
        Self { separator: true, ..Self::default() }
    }

    fn shown(mut self, shown: bool) -> Self {
        self.hidden = !shown;
        self
    }
}

/// Makes menus; remembers which line shows what.
pub(crate) struct Menu {
    needs: Slots<ApprovalId, NEEDS>,
    runs: Slots<RunId, RUNS>,
    devices: Slots<DeviceId, DEVICES>,
}

impl Menu {
    pub(crate) fn new() -> Self {
        Self { needs: Slots::new(), runs: Slots::new(), devices: Slots::new() }
    }

    /// All lines. `update`: a new version that can be had. `tray`: other places than a tray have a window for the rest.
    pub(crate) fn entries(&mut self, now: &Now<'_>, update: Option<&str>) -> Vec<Entry> {
        let mirror = now.mirror;
        let up = now.gateway.state.is_up();
        let mut entries = vec![Entry::line(now.sentence(), Action::Show(Place::Trouble))];
        let (words, fresh) = now.gateway_action().unwrap_or_default();
        let mend = if fresh { Action::FreshGateway } else { Action::StartGateway };
        entries.push(Entry::line(words, mend).shown(!words.is_empty()));
        entries.push(Entry::separator());

        let devices: Vec<DeviceId> = mirror.pairings.iter().map(|one| one.device).collect();
        self.devices.show(&devices);
        for device in *self.devices.lines() {
            let request = device.and_then(|id| mirror.pairings.iter().find(|one| one.device == id));
            entries.push(knocking(request));
        }
        let waiting: Vec<ApprovalId> = mirror.waiting().iter().map(|one| one.request.id).collect();
        let more = self.needs.show(&waiting);
        for id in *self.needs.lines() {
            entries.push(needs_you(id.and_then(|id| mirror.approvals.get(&id)), now));
        }
        let text = format!("{more} more need you…");
        entries.push(Entry::line(text, Action::Show(Place::Home)).shown(more > 0));

        let running: Vec<RunId> = mirror
            .shown_runs()
            .iter()
            .filter(|run| (run.state.takes_place() && run.waiting == 0) || asks(run))
            .map(|run| run.id)
            .collect();
        self.runs.show(&running);
        for id in *self.runs.lines() {
            let run = id.and_then(|id| mirror.runs.get(&id));
            entries.push(run.map_or_else(|| Entry::words("").shown(false), running_line));
        }
        let count = mirror.shown_runs().len();
        entries.push(Entry::line(format!("All runs ({count})"), Action::Show(Place::Home)));
        entries.push(Entry::line("New run…", Action::StartBar));
        entries.push(Entry::separator());

        entries.push(Entry::sub(
            "Connect phone",
            vec![
                Entry::line("On my network…", Action::Show(Place::Connect(Some(PathKind::Lan)))),
                Entry::line("From anywhere…", Action::Show(Place::Connect(Some(PathKind::Edge)))),
            ],
        ));
        entries.push(Entry::line("Devices…", Action::Show(Place::Devices)));
        let paused = mirror.paused();
        let pause = Entry::line("Pause remote access", Action::Pause(!paused));
        entries.push(Entry { ticked: Some(paused), ..pause.shown(up && mirror.settings.is_some()) });
        entries.push(Entry::separator());

        entries.push(Entry::line("Settings…", Action::Show(Place::Settings)));
        entries.push(Entry::sub(
            "Diagnostics",
            vec![
                Entry::line("What works, hop by hop…", Action::Show(Place::Trouble)),
                Entry::line("Copy diagnostics", Action::CopyDiagnostics),
            ],
        ));
        let text =
            update.map_or_else(String::new, |version| format!("Update to {}", visible_line(version, 20)));
        entries.push(Entry::line(text, Action::Update).shown(update.is_some()));
        entries.push(Entry::line("Quit…", Action::Quit));
        entries
    }
}

fn knocking(request: Option<&PairingRequest>) -> Entry {
    let lines = |name: &str, digits: &str, device: Option<DeviceId>| {
        let answer = |text: &str, approved| Entry {
            text: text.into(),
            action: device.map(|device| Action::LetIn { device, approved }),
            ..Entry::default()
        };
        let children = vec![
            Entry::words(format!("It shows {digits}")),
            answer("Same digits, and it is mine: let it in", true),
            answer("No: refuse", false),
        ];
        Entry::sub(format!("◆ {name} wants in"), children)
    };
    match request {
        Some(request) => lines(&visible_line(&request.name, 32), &request.digits, Some(request.device)),
        None => lines("", "", None).shown(false),
    }
}

fn needs_you(approval: Option<&Approval>, now: &Now<'_>) -> Entry {
    let Some(approval) = approval else {
        let children = vec![Entry::words(""), Entry::words(""), Entry::words(""), Entry::words("")];
        return Entry::sub("", children).shown(false);
    };
    let request = &approval.request;
    let run = now.mirror.runs.get(&request.run);
    let label = run.map_or_else(|| "A run".into(), |run| visible_line(&run.label, 24));
    let open = Action::Show(Place::Run(request.run));
    let (approval, run, hash) = (request.id, request.run, request.hash.clone());
    let question = request.kind == ApprovalKind::Question;
    let whole = now.mirror.approvals.get(&approval).and_then(whole);
    let allow = match whole {
        Some(_) => Entry::line("Allow", Action::Allow { approval, run, hash: hash.clone() }),
        None => Entry::line(if question { "Answer…" } else { "Read it all, then allow…" }, open.clone()),
    };
    let children = vec![
        Entry::words(whole.map_or_else(|| visible_line(&request.title, WIDTH), str::to_string)),
        allow,
        Entry::line(if question { "Do not answer" } else { "Deny" }, Action::Deny { approval, run, hash }),
        Entry::line("Open…", open),
    ];
    Entry::sub(visible_line(&format!("◆ {label}: {}", request.title), WIDTH), children)
}

fn asks(run: &RunView) -> bool {
    run.detected.is_some() && !run.state.is_over()
}

fn running_line(run: &RunView) -> Entry {
    let (shape, asks) = if asks(run) { ("◇", " seems to ask") } else { (run.state.shape(), "") };
    let text = format!("{shape} {}{asks}: {}", visible_line(&run.label, 24), run.line);
    Entry::line(visible_line(&text, WIDTH), Action::Show(Place::Run(run.id)))
}

#[cfg(test)]
#[path = "menu_tests.rs"]
mod tests;
