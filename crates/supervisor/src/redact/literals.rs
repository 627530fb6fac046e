//! Finding the literals of [`RULES`] fast: nearly all output has none, and has to be looked through all the same.

use super::rules::{RULES, Rule};
use aho_corasick::{AhoCorasick, Input, MatchKind, Span, packed};
use std::ops::Range;
use std::sync::LazyLock;

/// Most literals that the processor compares at once.
const AT_ONCE: usize = 64;

enum Search {
    /// Several places at once, where the processor can.
    Packed(Vec<packed::Searcher>),
    /// Byte by byte.
    Plain(AhoCorasick),
}

static SEARCH: LazyLock<Option<Search>> = LazyLock::new(|| {
    let packed: Option<Vec<packed::Searcher>> = RULES.chunks(AT_ONCE).map(packed).collect();
    packed.map(Search::Packed).or_else(|| plain().map(Search::Plain))
});

fn packed(rules: &[(&str, Rule)]) -> Option<packed::Searcher> {
    let mut config = packed::Config::new();
    config.match_kind(packed::MatchKind::LeftmostLongest);
    config.builder().extend(rules.iter().map(|(literal, _)| literal)).build()
}

fn plain() -> Option<AhoCorasick> {
    let literals = RULES.iter().map(|(literal, _)| literal);
    AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(literals).ok()
}

/// Calls back for every literal that begins within `range`, wherever others are; of those that begin at one place for
/// the longest. False where there is no way to look.
pub(super) fn each(text: &[u8], range: Range<usize>, found: impl FnMut(&'static Rule, Range<usize>)) -> bool {
    let longest = RULES.iter().map(|(literal, _)| literal.len()).max().unwrap_or(0);
    let text = &text[..text.len().min(range.end + longest)];
    match SEARCH.as_ref() {
        Some(Search::Packed(searchers)) => each_packed(searchers, text, range, found),
        Some(Search::Plain(search)) => each_plain(search, text, range, found),
        None => return false,
    }
    true
}

fn each_packed(
    searchers: &[packed::Searcher],
    text: &[u8],
    range: Range<usize>,
    mut found: impl FnMut(&'static Rule, Range<usize>),
) {
    for (searcher, rules) in searchers.iter().zip(RULES.chunks(AT_ONCE)) {
        let mut from = range.start;
        while let Some(hit) = searcher.find_in(text, Span { start: from, end: text.len() }) {
            if hit.start() >= range.end {
                break;
            }
            found(&rules[hit.pattern().as_usize()].1, hit.range());
            from = hit.start() + 1;
        }
    }
}

fn each_plain(
    search: &AhoCorasick,
    text: &[u8],
    range: Range<usize>,
    mut found: impl FnMut(&'static Rule, Range<usize>),
) {
    let mut from = range.start;
    while let Some(hit) = search.find(Input::new(text).range(from..text.len())) {
        if hit.start() >= range.end {
            break;
        }
        found(&RULES[hit.pattern().as_usize()].1, hit.range());
        from = hit.start() + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Literals that begin at one place are compared by one searcher, or the shorter would count as well.
    #[test]
    fn literals_that_share_a_beginning_are_searched_for_together() {
        for (number, (literal, _)) in RULES.iter().enumerate() {
            for (other, (longer, _)) in RULES.iter().enumerate() {
                if longer.starts_with(literal) {
                    assert_eq!(number / AT_ONCE, other / AT_ONCE, "{literal} and {longer}");
                }
            }
        }
    }

    #[test]
    fn both_ways_of_looking_find_the_same() {
        let all: String = RULES.iter().map(|(literal, _)| format!("{literal}{literal}x")).collect();
        let text = format!("{all} sk-sk-ant-sk- ghp_ghp {all}");
        let range = 3..text.len() - 9;
        let (mut plain, mut chosen) = (Vec::new(), Vec::new());
        each_plain(&super::plain().unwrap(), text.as_bytes(), range.clone(), |_, hit| {
            plain.push((hit.start, hit.end))
        });
        assert!(each(text.as_bytes(), range, |_, hit| chosen.push((hit.start, hit.end))));
        chosen.sort_unstable();
        assert_eq!(chosen, plain);
        assert!(plain.len() > RULES.len());
    }
}
