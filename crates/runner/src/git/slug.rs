//! A branch's name from a prompt.

/// Longest name made from words.
const LONGEST: usize = 40;

/// Words of the text's first line, in letters and digits that every system and every shell takes as they are.
pub(crate) fn slug(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let mut out = String::new();
    for word in line.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let room = LONGEST - out.len().min(LONGEST);
        if !out.is_empty() {
            if word.len() + 1 > room {
                break;
            }
            out.push('-');
        }
        out.extend(word.chars().take(LONGEST).map(|c| c.to_ascii_lowercase()));
    }
    if out.is_empty() { "work".into() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_first_line() {
        for (text, expected) in [
            ("Fix the login page!", "fix-the-login-page"),
            ("\n  run: echo hi > x.txt\nmore", "run-echo-hi-x-txt"),
            ("--force; rm -rf $(pwd)", "force-rm-rf-pwd"),
            ("修复登录", "work"),
            ("", "work"),
            ("../../etc", "etc"),
            ("one two three four five six seven eight nine ten", "one-two-three-four-five-six-seven-eight"),
        ] {
            assert_eq!(slug(text), expected);
        }
        assert!(slug(&"x".repeat(500)).len() <= LONGEST);
    }
}
