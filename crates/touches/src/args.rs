//! Arguments as most programs read them.

use crate::word::Said;

/// Options, their values and the rest, in order.
#[derive(Debug, Default)]
pub(crate) struct Args<'a> {
    /// Options without values: `-r` of `-rf`, `--force`.
    pub flags: Vec<String>,
    /// Options with values.
    pub values: Vec<(String, Said)>,
    /// Everything else.
    pub free: Vec<&'a Said>,
}

impl<'a> Args<'a> {
    /// `valued` names the options that take the next word: `-o`, `--output`.
    pub(crate) fn read(words: &'a [Said], valued: &[&str]) -> Self {
        let mut args = Self::default();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            at += 1;
            let text = word.text.as_str();
            if text == "--" {
                args.free.extend(&words[at..]);
                break;
            }
            if let Some(long) = text.strip_prefix("--") {
                match long.split_once('=') {
                    Some((name, _)) => {
                        args.values.push((format!("--{name}"), word.after(name.len() + 3)));
                    }
                    None if valued.contains(&text) => {
                        args.values.extend(words.get(at).map(|value| (text.to_string(), value.clone())));
                        at += 1;
                    }
                    None => args.flags.push(text.into()),
                }
            } else if text.len() > 1 && text.starts_with('-') {
                at += args.short(word, words.get(at), valued);
            } else {
                args.free.push(word);
            }
        }
        args
    }

    /// A cluster of short options; says how many words more it took.
    fn short(&mut self, word: &Said, next: Option<&Said>, valued: &[&str]) -> usize {
        let text = word.text.as_str();
        if valued.contains(&text) {
            self.values.extend(next.map(|value| (text.to_string(), value.clone())));
            return usize::from(next.is_some());
        }
        for (at, c) in text.char_indices().skip(1) {
            let flag = format!("-{c}");
            if valued.contains(&flag.as_str()) {
                let end = at + c.len_utf8();
                let taken = text.len() == end;
                let value = if taken { next.cloned() } else { Some(word.after(end)) };
                self.values.extend(value.map(|value| (flag, value)));
                return usize::from(taken && next.is_some());
            }
            self.flags.push(flag);
        }
        // Programs such as `find` have long options with one dash.
        self.flags.push(text.into());
        0
    }

    /// Whether one of these options is there.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        self.flags.iter().any(|flag| names.contains(&flag.as_str()))
            || self.values.iter().any(|(name, _)| names.contains(&name.as_str()))
    }

    /// The values of these options.
    pub(crate) fn of<'s>(&'s self, names: &'s [&str]) -> impl Iterator<Item = &'s Said> {
        self.values.iter().filter(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value)
    }
}
