//! Hours in which nobody is told.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use offdesk_protocol::{ErrorCode, NotifySettings, Problem, QuietHours, Reason, Timestamp};

/// Projects with switches of their own, at most.
const MOST_PROJECTS: usize = 200;
/// Most minutes of silence that can be chosen, a day.
const MOST_SILENT: u32 = 24 * 60;

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| (text.len() == 2).then(|| text.parse::<i8>().ok()).flatten();
    Time::new(number(hour)?, number(minute)?, 0, 0).ok()
}

/// The end of the quiet hours that this moment is in, if it is in any.
pub(crate) fn until(quiet: &QuietHours, at: Timestamp) -> Option<Timestamp> {
    let zone = TimeZone::get(&quiet.zone).ok()?;
    let (from, to) = (time(&quiet.from)?, time(&quiet.to)?);
    let now: Zoned = at.to_zoned(zone);
    let clock = now.time();
    let inside = if from <= to { from <= clock && clock < to } else { clock >= from || clock < to };
    if !inside {
        return None;
    }
    let date = if clock < to { now.date() } else { now.date().checked_add(1.day()).ok()? };
    // A clock that is set forward over the end gives the moment after it.
    let end = date.to_datetime(to).to_zoned(now.time_zone().clone()).ok()?.timestamp();
    (end > at).then_some(end)
}

/// Whether settings can be kept.
///
/// # Errors
/// When something in them is no time, no zone, or too much.
pub fn check(settings: &NotifySettings) -> Result<(), Problem> {
    let bad = |text: &str, hint: &str| Err(Problem::new(ErrorCode::BadRequest, text).hint(hint));
    if let Some(quiet) = &settings.quiet {
        if time(&quiet.from).is_none() || time(&quiet.to).is_none() {
            return bad("Quiet hours need two times of day; nothing was changed.", "Write them as 22:00.");
        }
        if quiet.from == quiet.to {
            return bad("Quiet hours need a beginning and an end; nothing was changed.", "Choose two times.");
        }
        if TimeZone::get(&quiet.zone).is_err() {
            return bad("That time zone is not known; nothing was changed.", "Write it as Europe/Berlin.");
        }
    }
    if settings.projects.len() > MOST_PROJECTS
        || settings.projects.iter().any(|project| project.dir.is_empty() || project.dir.len() > 4096)
    {
        return bad("Those are too many projects, or none; nothing was changed.", "Name up to 200 folders.");
    }
    if !(1..=MOST_SILENT).contains(&settings.silent_after) {
        return bad(
            "Silence is counted from one minute to a day; nothing was changed.",
            "Choose 15 minutes.",
        );
    }
    let fixed = |reasons: &[Reason]| reasons.iter().any(|reason| !Reason::SWITCHED.contains(reason));
    if fixed(&settings.off) || settings.projects.iter().any(|project| fixed(&project.off)) {
        return bad("A test and a new address are always told; nothing was changed.", "Leave them on.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_midnight_in_the_persons_own_zone() {
        let quiet = |from: &str, to: &str, zone: &str| QuietHours {
            from: from.into(),
            to: to.into(),
            zone: zone.into(),
            waiting_comes_through: false,
        };
        for (from, to, zone, at, end) in [
            ("22:00", "07:00", "Europe/Berlin", "2026-11-21T22:30:00Z", Some("2026-11-22T06:00:00Z")),
            ("22:00", "07:00", "Europe/Berlin", "2026-11-21T05:59:59Z", Some("2026-11-21T06:00:00Z")),
            ("22:00", "07:00", "Europe/Berlin", "2026-11-21T06:00:00Z", None),
            ("22:00", "07:00", "Europe/Berlin", "2026-11-21T20:59:59Z", None),
            ("12:00", "13:00", "UTC", "2026-11-21T12:30:00Z", Some("2026-11-21T13:00:00Z")),
            ("12:00", "13:00", "UTC", "2026-11-21T13:00:00Z", None),
            // The night in which clocks go forward: 02:30 is not there.
            ("22:00", "02:30", "Europe/Berlin", "2026-03-28T23:00:00Z", Some("2026-03-29T01:30:00Z")),
            ("22:00", "07:00", "Mars/Olympus", "2026-11-21T22:30:00Z", None),
        ] {
            let found = until(&quiet(from, to, zone), at.parse().unwrap());
            assert_eq!(found, end.map(|end| end.parse().unwrap()), "{from}–{to} {zone} at {at}");
        }
    }

    #[test]
    fn what_cannot_be_kept_is_said() {
        let quiet = |from: &str, to: &str, zone: &str| NotifySettings {
            quiet: Some(QuietHours {
                from: from.into(),
                to: to.into(),
                zone: zone.into(),
                waiting_comes_through: true,
            }),
            ..NotifySettings::default()
        };
        assert!(check(&quiet("22:00", "07:00", "Europe/Berlin")).is_ok());
        for (from, to, zone) in [
            ("22", "07:00", "UTC"),
            ("25:00", "07:00", "UTC"),
            ("07:00", "07:00", "UTC"),
            ("22:00", "07:00", ""),
        ] {
            assert!(check(&quiet(from, to, zone)).is_err(), "{from} {to} {zone}");
        }
        assert!(check(&NotifySettings { off: vec![Reason::Address], ..NotifySettings::default() }).is_err());
    }
}
