//! `[[name key=value key='more words']]` in a prompt.

use std::collections::BTreeMap;

/// What a prompt asks the model to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Directive {
    pub name: String,
    args: BTreeMap<String, String>,
    /// All after the name, for scripts that take JSON.
    pub rest: String,
}

impl Directive {
    /// The last one in the text.
    pub(crate) fn last_in(text: &str) -> Option<Self> {
        let start = text.rfind("[[")?;
        let inside = &text[start + 2..];
        // JSON may end in brackets of its own, so the last closing pair counts.
        let inside = &inside[..inside.rfind("]]")?];
        let (name, rest) = inside.trim().split_once(char::is_whitespace).unwrap_or((inside.trim(), ""));
        Some(Self { name: name.into(), args: args(rest), rest: rest.trim().into() })
    }

    pub(crate) fn text(&self, key: &str, default: &str) -> String {
        self.args.get(key).cloned().unwrap_or_else(|| default.into())
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.args.contains_key(key)
    }

    pub(crate) fn number<T: std::str::FromStr>(&self, key: &str, default: T) -> T {
        self.args.get(key).and_then(|value| value.parse().ok()).unwrap_or(default)
    }
}

fn args(text: &str) -> BTreeMap<String, String> {
    let mut args = BTreeMap::new();
    let mut rest = text.trim_start();
    while let Some((key, after)) = rest.split_once('=') {
        let quote = after.chars().next().filter(|c| matches!(c, '\'' | '"'));
        let (value, left) = match quote {
            Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        args.insert(key.trim().to_string(), value.to_string());
        rest = left.trim_start();
    }
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_read_with_and_without_quotes() {
        let directive =
            Directive::last_in("first [[hello]] then [[bash cmd='echo a=b > \"x\"' n=3 delay=0.5]] please");
        let directive = directive.unwrap();
        assert_eq!(directive.name, "bash");
        assert_eq!(directive.text("cmd", ""), "echo a=b > \"x\"");
        assert_eq!((directive.number("n", 0), directive.number("delay", 0.0)), (3, 0.5));
        assert_eq!(directive.text("missing", "default"), "default");
        assert_eq!(Directive::last_in("no directive ]] here [["), None);
    }
}
