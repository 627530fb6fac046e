//! The same for people.

use crate::notes::clipped;
use offdesk_protocol::{CautionKind, FileAccess, FilePlace, TouchLine, Touches};

/// Things named in one line, at most.
const MOST_NAMED: usize = 6;

/// Gravest first. What is read inside the workspace is not worth a line; nothing ever says that a thing is safe.
pub(crate) fn lines(touches: &Touches) -> Vec<TouchLine> {
    let mut lines = Vec::new();
    let mut line = |grave: bool, label: &str, named: Vec<String>| {
        if !named.is_empty() {
            lines.push(TouchLine { grave, text: format!("{label}: {}", list(named)) });
        }
    };
    let cautions = |kind: CautionKind| -> Vec<String> {
        touches.cautions.iter().filter(|caution| caution.kind == kind).map(|c| c.text.clone()).collect()
    };
    let files = |access: FileAccess, place: FilePlace| -> Vec<String> {
        let named = touches.files.iter().filter(|file| (file.access, file.place) == (access, place));
        named.map(|file| file.path.clone()).collect()
    };
    line(true, "Could not be read whole", touches.unread.iter().map(|unread| unread.why.clone()).collect());
    line(true, "Runs code from the network", cautions(CautionKind::RunsFromNetwork));
    line(true, "With more rights", cautions(CautionKind::Privilege));
    line(true, "Cannot be undone", cautions(CautionKind::Irreversible));
    line(true, "Deletes outside this folder", files(FileAccess::Delete, FilePlace::Outside));
    line(true, "Writes outside this folder", files(FileAccess::Write, FilePlace::Outside));
    line(true, "Deletes what is only known when it runs", files(FileAccess::Delete, FilePlace::Unknown));
    line(true, "Writes to what is only known when it runs", files(FileAccess::Write, FilePlace::Unknown));
    line(true, "Reads outside this folder", files(FileAccess::Read, FilePlace::Outside));
    let network = touches.network.iter();
    let network = network.map(|touch| match &touch.host {
        Some(host) => format!("{host} ({})", touch.program),
        None => touch.program.clone(),
    });
    line(true, "Network", network.collect());
    line(false, "Goes on in the background", cautions(CautionKind::Background));
    line(false, "Deletes in this folder", files(FileAccess::Delete, FilePlace::Inside));
    line(false, "Writes in this folder", files(FileAccess::Write, FilePlace::Inside));
    line(false, "Not known here", cautions(CautionKind::Opaque));
    lines
}

fn list(named: Vec<String>) -> String {
    let mut kept: Vec<String> = Vec::new();
    for name in named {
        // A line is one line, whatever is in a name.
        let name = clipped(&name.split_whitespace().collect::<Vec<_>>().join(" "), 120);
        if !kept.contains(&name) {
            kept.push(name);
        }
    }
    let more = kept.len().saturating_sub(MOST_NAMED);
    kept.truncate(MOST_NAMED);
    let kept = kept.join(", ");
    if more > 0 { format!("{kept}, and {more} more") } else { kept }
}
