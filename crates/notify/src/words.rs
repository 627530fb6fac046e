//! What notifications say. By default nothing that was asked or said: others may see the screen it is shown on.

use crate::change::{Wish, approval_key, run_key, screen_key, silent_key};
use offdesk_protocol::*;

/// Longest name of a run, in characters.
const LABEL: usize = 40;
/// Longest quoted line.
const LINE: usize = 120;
/// A command that is at most this long is shown whole, and may be decided where it is shown. As in the tray's menu.
const WHOLE: usize = 56;

pub(crate) struct About<'a> {
    pub run: &'a Run,
    pub first_line: bool,
    pub mask: &'a dyn Fn(&str) -> String,
}

impl About<'_> {
    fn label(&self) -> String {
        // A run without a name of its own is called by its prompt: words that are not told unless that was wished.
        let label = (self.mask)(&self.run.label);
        match self.first_line {
            true => visible_line(&label, LABEL),
            false => self.folder(),
        }
    }

    fn folder(&self) -> String {
        let name = self.run.project().rsplit(['/', '\\']).find(|part| !part.is_empty());
        visible_line(name.unwrap_or("A run"), LABEL)
    }

    fn wish(&self, key: String, reason: Reason, title: String, body: String) -> Wish {
        Wish {
            key,
            reason,
            run: Some(self.run.id),
            project: Some(self.run.project().to_string()),
            title,
            body,
            place: format!("/run/{}", self.run.id),
            decidable: None,
            due: None,
        }
    }

    fn quoted(&self, plain: &str, line: &str) -> String {
        let line = visible_line((self.mask)(line.lines().next().unwrap_or_default()).trim(), LINE);
        if self.first_line && !line.is_empty() { line } else { plain.into() }
    }

    pub fn request(&self, request: &ApprovalRequest) -> Wish {
        let (reason, plain) = match request.kind {
            ApprovalKind::Command => (Reason::Decision, "It asks to run a command."),
            ApprovalKind::Edit => (Reason::Decision, "It asks to change files."),
            ApprovalKind::Tool => (Reason::Decision, "It asks to use a tool."),
            ApprovalKind::Plan => (Reason::Decision, "It has a plan for you to read."),
            ApprovalKind::Question => (Reason::Question, "It has a question."),
        };
        let body = self.quoted(plain, &request.text);
        let decidable = self.whole(request, &body);
        let title = format!("{} needs you", self.label());
        let wish = self.wish(approval_key(request.id), reason, title, body);
        Wish { place: format!("/approval/{}", request.id), decidable, ..wish }
    }

    /// Only where all of what would run is what is shown: one plain, short line and nothing else.
    fn whole(&self, request: &ApprovalRequest, shown: &str) -> Option<Decidable> {
        let text = request.text.as_str();
        let plain = text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
        let fits = !text.is_empty() && text.len() <= WHOLE && !text.contains("  ") && text.trim() == text;
        let nothing_else = request.diffs.is_empty() && request.questions.is_empty();
        let whole = request.kind == ApprovalKind::Command && plain && fits && nothing_else && shown == text;
        whole.then(|| Decidable { approval: request.id, hash: request.hash.clone() })
    }

    pub fn finished(&self, due: Timestamp) -> Wish {
        let body = self.quoted("It waits for what you say next.", &self.run.line);
        let title = format!("{} is done", self.label());
        Wish { due: Some(due), ..self.wish(run_key(self.run.id), Reason::Finished, title, body) }
    }

    pub fn failed(&self, error: Option<&str>) -> Wish {
        let body = self.quoted("Open it to see why.", error.unwrap_or(&self.run.line));
        self.wish(run_key(self.run.id), Reason::Failed, format!("{} has failed", self.label()), body)
    }

    pub fn timed_out(&self) -> Wish {
        let title = format!("{} ran out of time", self.label());
        self.wish(run_key(self.run.id), Reason::Failed, title, "It was stopped at its limit.".into())
    }

    pub fn lost(&self) -> Wish {
        let title = format!("{} was lost", self.label());
        let body = "Its process died. What it said is kept, and it can be resumed.";
        self.wish(run_key(self.run.id), Reason::Failed, title, body.into())
    }

    pub fn detected(&self, detected: &DetectedPrompt, due: Timestamp) -> Wish {
        let body = self.quoted("Its terminal seems to ask something.", &detected.text);
        let title = format!("{} may need you", self.label());
        Wish { due: Some(due), ..self.wish(screen_key(&detected.id), Reason::Question, title, body) }
    }

    pub fn silent(&self, minutes: u32) -> Wish {
        let body = self.quoted("It may be at something long, or stuck.", &self.run.line);
        let title = match minutes {
            1 => format!("{}: silent for a minute", self.label()),
            minutes => format!("{}: silent for {minutes} minutes", self.label()),
        };
        self.wish(silent_key(self.run.id), Reason::Silent, title, body)
    }

    pub fn limit_reached(&self, limit: &Limit, resets: Option<Timestamp>, at: Timestamp) -> Wish {
        let agent = visible_line(&self.run.agent, LABEL);
        let body = match resets.map(|resets| resets.duration_since(at).as_secs()) {
            Some(secs) if secs > 5400 => format!("It resets in about {} hours.", (secs + 1800) / 3600),
            Some(secs) if secs > 0 => format!("It resets in about {} minutes.", (secs + 59) / 60),
            _ => "It is not known when it resets.".into(),
        };
        let key = limit_key("limit", &agent, limit, resets);
        self.wish(key, Reason::Limit, format!("{agent} has reached its limit"), body)
    }

    pub fn limit_reset(&self, limit: &Limit, resets: Timestamp) -> Wish {
        let agent = visible_line(&self.run.agent, LABEL);
        let key = limit_key("reset", &agent, limit, Some(resets));
        let body = if self.run.steering.resume_when_reset {
            "Its runs go on by themselves."
        } else {
            "You can go on where it stopped."
        };
        let title = format!("{agent} can work again");
        Wish { due: Some(resets), ..self.wish(key, Reason::Limit, title, body.into()) }
    }
}

/// One limit is told once, however many runs meet it and however its reset is counted to the second.
fn limit_key(what: &str, agent: &str, limit: &Limit, resets: Option<Timestamp>) -> String {
    let window = visible_line(&limit.window, LABEL);
    let minute = resets.map_or(0, |resets| (resets.as_second() + 150) / 300);
    format!("{what}/{agent}/{window}/{minute}")
}

/// How an approval was resolved, and on which device.
pub(crate) fn resolved(resolution: Resolution, by: &Actor) -> (String, Option<DeviceId>) {
    let what = match resolution {
        Resolution::Allowed => "Answered",
        Resolution::Denied => "Denied",
        Resolution::Expired => return ("Nobody answered in time.".into(), None),
        Resolution::Withdrawn => return ("No longer asked.".into(), None),
    };
    match by {
        Actor::Person { name, device } => (format!("{what}: {}.", visible_line(name, LABEL)), *device),
        Actor::Rule { .. } => (format!("{what} by a rule."), None),
        Actor::Agent | Actor::Gateway => (format!("{what}."), None),
    }
}

pub(crate) fn went_on(by: &Actor) -> (String, Option<DeviceId>) {
    match by {
        Actor::Person { name, device } => {
            (format!("Somebody went on with it: {}.", visible_line(name, LABEL)), *device)
        }
        _ => ("It went on.".into(), None),
    }
}

fn of_host(key: String, reason: Reason, title: String, body: String, place: &str) -> Wish {
    let place = place.into();
    Wish { key, reason, run: None, project: None, title, body, place, decidable: None, due: None }
}

/// A device got access.
pub fn device_came(id: DeviceId, name: &str, host: &str) -> Wish {
    let title = format!("{} has access now", visible_line(name, LABEL));
    let body = format!("It was let in at {}. If that was not you, revoke it.", visible_line(host, LABEL));
    of_host(format!("device/{id}"), Reason::Device, title, body, "/devices")
}

/// Phones may not reach this host.
pub fn reach_lost(sentence: &str, due: Timestamp) -> Wish {
    let title = "Phones may not reach your computer".to_string();
    let wish = of_host("reach".into(), Reason::Reach, title, visible_line(sentence, 200), "/trouble");
    Wish { due: Some(due), ..wish }
}

/// The host has another address.
pub fn address_changed(host: &str, due: Timestamp) -> Wish {
    let title = format!("{} has a new address", visible_line(host, LABEL));
    let body = "Open this to go on there; nothing needs to be paired again.".to_string();
    Wish { due: Some(due), ..of_host("address".into(), Reason::Address, title, body, "/") }
}

/// Somebody tries whether notifications arrive.
pub fn test(id: NotificationId, host: &str) -> Wish {
    let title = "Notifications work".to_string();
    let body = format!("{} can reach you here. Open this to close the circle.", visible_line(host, LABEL));
    of_host(format!("test/{id}"), Reason::Test, title, body, "/notifications")
}
