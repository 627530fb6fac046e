//! Named points at which a test ends the gateway. Not in a shipped build.

/// Ends the process `peer` here, if the environment says so: `OFFDESK_FAULT_KILL_PEER=name:probability,…`.
pub(crate) fn point(name: &str, peer: Option<u32>) {
    let Ok(plan) = std::env::var("OFFDESK_FAULT_KILL_PEER") else { return };
    let Some(probability) = probability(&plan, name) else { return };
    if chance() < probability {
        peer.into_iter().for_each(crate::platform::kill);
    }
}

/// Whether ids of inputs are not to be looked at, so that a test of acting once can be seen to fail.
pub(crate) fn no_dedup() -> bool {
    std::env::var("OFFDESK_FAULT_NO_DEDUP").is_ok_and(|value| value == "1")
}

fn probability(plan: &str, name: &str) -> Option<f64> {
    let entries = plan.split(',').filter_map(|entry| entry.split_once(':'));
    entries.filter(|(point, _)| *point == name).find_map(|(_, value)| value.parse().ok())
}

/// At least 0 and less than 1.
fn chance() -> f64 {
    let number = getrandom::u32().unwrap_or(0);
    f64::from(number) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_names_its_points() {
        let plan = "input.recorded:0.25,input.written:1";
        assert_eq!(probability(plan, "input.recorded"), Some(0.25));
        assert_eq!(probability(plan, "input.written"), Some(1.0));
        assert_eq!(probability(plan, "elsewhere"), None);
        assert!((0..100).all(|_| (0.0..1.0).contains(&chance())));
    }
}
