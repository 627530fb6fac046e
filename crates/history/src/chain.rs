//! One conversation, several files: older versions of agents copied a conversation into a new file when it was resumed,
//! and began a new one when it was compacted.

use crate::format::Kept;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Most that is searched of a file for another's last words.
const SEARCHED: u64 = 64 * 1024 * 1024;

/// Leaves each conversation once: the latest of those with the same name; a copy that went on instead of what it was
/// copied from; and what was continued elsewhere together with what continues it.
pub(crate) fn once(mut all: Vec<Kept>) -> Vec<Kept> {
    all.sort_by(|a, b| b.updated_at.cmp(&a.updated_at).then_with(|| a.id.cmp(&b.id)));
    let mut names = std::collections::HashSet::new();
    all.retain(|kept| names.insert((kept.agent.clone(), kept.id.clone())));
    continued(copied(all))
}

/// Those that begin with the same thing are copies of one another. The older one is left out when the newer has its last
/// words, too; where both went on, they are two.
fn copied(all: Vec<Kept>) -> Vec<Kept> {
    let mut beginnings: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for (index, kept) in all.iter().enumerate() {
        if let Some(first) = &kept.first {
            beginnings.entry((kept.agent.clone(), first.clone())).or_default().push(index);
        }
    }
    let mut dropped = vec![false; all.len()];
    for copies in beginnings.values().filter(|copies| copies.len() > 1) {
        // Newest first, as `all` is.
        for (place, older) in copies.iter().enumerate().skip(1) {
            let Some(Kept { last: Some(last), .. }) = all.get(*older) else { continue };
            let newer = copies.iter().take(place).filter_map(|index| all.get(*index));
            if newer.into_iter().any(|newer| newer.last.as_ref() == Some(last) || mentions(&newer.path, last))
                && let Some(dropped) = dropped.get_mut(*older)
            {
                *dropped = true;
            }
        }
    }
    all.into_iter().zip(dropped).filter(|(_, dropped)| !dropped).map(|(kept, _)| kept).collect()
}

/// A file whose first thing goes on from the last of an older one continues it. Newest first, as `all` is, so that files
/// made to follow each other in a circle do not.
fn continued(all: Vec<Kept>) -> Vec<Kept> {
    let key = |agent: &str, last: &String| (agent.to_string(), last.clone());
    let ends: HashMap<(String, String), usize> = all
        .iter()
        .enumerate()
        .filter_map(|(index, kept)| Some((key(&kept.agent, kept.last.as_ref()?), index)))
        .collect();
    let before = |index: usize| -> Option<usize> {
        let kept = all.get(index)?;
        ends.get(&key(&kept.agent, kept.follows.as_ref()?)).copied().filter(|before| *before > index)
    };
    let mut has_next = vec![false; all.len()];
    for index in 0..all.len() {
        if let Some(earlier) = before(index).and_then(|earlier| has_next.get_mut(earlier)) {
            *earlier = true;
        }
    }
    let mut shown = Vec::new();
    for (index, kept) in all.iter().enumerate() {
        if has_next.get(index) == Some(&true) {
            continue;
        }
        let mut kept = kept.clone();
        let (mut at, mut chain) = (index, Vec::new());
        while let Some(earlier) = before(at) {
            chain.push(earlier);
            at = earlier;
        }
        for earlier in chain.iter().filter_map(|index| all.get(*index)) {
            kept.before.insert(0, earlier.path.clone());
            kept.started_at = earlier.started_at.or(kept.started_at);
            kept.title.clone_from(&earlier.title);
            kept.messages = kept.messages.zip(earlier.messages).map(|(a, b)| a + b);
        }
        shown.push(kept);
    }
    shown
}

/// Whether a file has this id in it.
fn mentions(path: &Path, id: &str) -> bool {
    let Ok(file) = File::open(path) else { return false };
    let mut file = file.take(SEARCHED);
    let (wanted, mut kept) = (memchr::memmem::Finder::new(id), Vec::new());
    let mut piece = vec![0; 256 * 1024];
    while let Ok(count @ 1..) = file.read(&mut piece) {
        kept.extend_from_slice(piece.get(..count).unwrap_or_default());
        if wanted.find(&kept).is_some() {
            return true;
        }
        let overlap = kept.len().saturating_sub(id.len());
        kept.drain(..overlap);
    }
    false
}
