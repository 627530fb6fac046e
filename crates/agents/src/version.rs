//! Versions as programs say them.

/// The first version in what a program said: `2.1.329` of `2.1.329 (Claude Code)`, `0.169.0` of `codex-cli 0.169.0`.
pub fn version_in(said: &str) -> Option<&str> {
    said.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_ascii_alphanumeric())).find_map(
        |word| {
            let digits = word.strip_prefix(['v', 'V']).unwrap_or(word);
            let (major, rest) = digits.split_once('.')?;
            let numbers = !major.is_empty() && major.bytes().all(|byte| byte.is_ascii_digit());
            (numbers && rest.starts_with(|c: char| c.is_ascii_digit())).then_some(digits)
        },
    )
}

/// Whether what a program said of itself is older than this version. What cannot be read is not called old, and a
/// number that is not said counts as enough.
pub fn is_older(said: &str, oldest: &str) -> bool {
    let (Some(said), Some(oldest)) = (version_in(said), version_in(oldest)) else { return false };
    for (one, other) in numbers(said).zip(numbers(oldest)) {
        if one != other {
            return one < other;
        }
    }
    false
}

fn numbers(version: &str) -> impl Iterator<Item = u64> {
    // What comes after `-` or `+` names a build of the same version.
    let main = version.split(['-', '+']).next().unwrap_or_default();
    main.split('.').map_while(|number| number.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_say() {
        for (said, version) in [
            ("2.1.329 (Claude Code)", Some("2.1.329")),
            ("codex-cli 0.169.0", Some("0.169.0")),
            ("v20.11.1", Some("20.11.1")),
            ("GNU bash, version 5.2.15(1)-release", Some("5.2.15(1)-release")),
            ("GitHub Copilot CLI 0.0.334, built today", Some("0.0.334")),
            ("hello", None),
            ("line 3", None),
            ("", None),
        ] {
            assert_eq!(version_in(said), version, "{said}");
        }
    }

    #[test]
    fn older_by_number_and_not_by_letters() {
        for (said, oldest, older) in [
            ("0.168.9", "0.169", true),
            ("0.169.0", "0.169", false),
            ("0.170.0-alpha.1", "0.169", false),
            ("codex-cli 0.99.0", "0.169", true),
            ("2.1.9 (Claude Code)", "2.1.20", true),
            ("2.1.329 (Claude Code)", "2.1.20", false),
            ("10.0.0", "9.9.9", false),
            ("nobody knows", "0.169", false),
        ] {
            assert_eq!(is_older(said, oldest), older, "{said} and {oldest}");
        }
    }
}
