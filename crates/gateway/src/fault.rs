//! Named places at which a test can end this process as `kill -9` would. Nothing at all without the feature `faults`.

/// Ends the process here, if the test asked for it: `OFFDESK_FAULT_KILL=name:probability,…`.
#[cfg(feature = "faults")]
pub(crate) fn point(name: &str) {
    let Ok(wanted) = std::env::var("OFFDESK_FAULT_KILL") else { return };
    let mut random = [0u8; 2];
    if getrandom::fill(&mut random).is_err() {
        return;
    }
    let dice = f64::from(u16::from_le_bytes(random)) / f64::from(u16::MAX);
    let hit = wanted
        .split(',')
        .filter_map(|part| part.split_once(':'))
        .any(|(point, probability)| point == name && probability.parse::<f64>().is_ok_and(|p| dice < p));
    if hit {
        std::process::abort();
    }
}

/// Nothing.
#[cfg(not(feature = "faults"))]
pub(crate) fn point(_: &str) {}
