//! Files by parts of their names, in any order of letters' gaps: for a search, and for what follows an `@`.

use super::place::{Place, said_path};
use ignore::{WalkBuilder, WalkState};
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use offdesk_protocol::{FoundFile, FoundFiles, Problem};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

/// Files beyond these are not looked at.
const MOST_LOOKED_AT: usize = 300_000;
/// Nor after this time.
const LONGEST: Duration = Duration::from_secs(5);
/// A list serves the next letters that are typed, for so long.
const FRESH: Duration = Duration::from_secs(6);
/// Lists that are kept.
const MOST_LISTS: usize = 4;

/// What is looked for.
#[derive(Clone, Debug)]
pub struct FindFiles {
    /// Letters of the path, in their order.
    pub words: String,
    /// Hidden files, too.
    pub hidden: bool,
    /// Also files that git is told to ignore.
    pub ignored: bool,
    /// Most answers.
    pub limit: usize,
}

struct Listing {
    made: Instant,
    files: Vec<FoundFile>,
    complete: bool,
}

/// Lists that were made lately.
#[derive(Clone, Debug, Default)]
pub(super) struct Listings(Arc<Mutex<HashMap<Key, Arc<Listing>>>>);

/// The folder, whether hidden files count, and ignored ones.
type Key = (PathBuf, bool, bool);

impl std::fmt::Debug for Listing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} files", self.files.len())
    }
}

impl Listings {
    fn of(&self, place: &Place, data: &Path, wish: &FindFiles) -> Arc<Listing> {
        let key = (place.path.clone(), wish.hidden, wish.ignored);
        {
            let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            lists.retain(|_, list| list.made.elapsed() < FRESH);
            if let Some(list) = lists.get(&key) {
                return list.clone();
            }
        }
        let list = Arc::new(walk(&place.path, data, wish));
        let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lists.len() < MOST_LISTS {
            lists.insert(key, list.clone());
        }
        list
    }
}

/// All names below a folder. No link is followed, so nothing beside it is seen.
fn walk(top: &Path, data: &Path, wish: &FindFiles) -> Listing {
    let made = Instant::now();
    let (send, receive) = mpsc::channel::<FoundFile>();
    let (count, cut) = (AtomicUsize::new(0), AtomicBool::new(false));
    let mut walker = WalkBuilder::new(top);
    let (data, worktrees) = (data.to_path_buf(), data.join("worktrees"));
    walker
        .hidden(!wish.hidden)
        .follow_links(false)
        .require_git(false)
        .ignore(!wish.ignored)
        .git_ignore(!wish.ignored)
        .git_exclude(!wish.ignored)
        .git_global(!wish.ignored)
        .parents(!wish.ignored)
        .filter_entry(move |entry| {
            let path = entry.path();
            entry.file_name() != ".git" && (!path.starts_with(&data) || path.starts_with(&worktrees))
        });
    walker.build_parallel().run(|| {
        let (send, count, cut) = (send.clone(), &count, &cut);
        Box::new(move |entry| {
            if made.elapsed() > LONGEST || count.load(Ordering::Relaxed) >= MOST_LOOKED_AT {
                cut.store(true, Ordering::Relaxed);
                return WalkState::Quit;
            }
            let Ok(entry) = entry else { return WalkState::Continue };
            let Some(path) = entry.path().strip_prefix(top).ok().filter(|path| !path.as_os_str().is_empty())
            else {
                return WalkState::Continue;
            };
            count.fetch_add(1, Ordering::Relaxed);
            let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            let path = said_path(path);
            // Nobody listens any more only when this is over.
            let _ = send.send(FoundFile { path, folder });
            WalkState::Continue
        })
    });
    drop(send);
    let mut files: Vec<FoundFile> = receive.into_iter().collect();
    files.sort_by_cached_key(|file| (file.path.matches('/').count(), file.path.clone()));
    Listing { made, files, complete: !cut.into_inner() }
}

pub(super) fn find(
    place: &Place,
    lists: &Listings,
    data: &Path,
    wish: &FindFiles,
) -> Result<FoundFiles, Problem> {
    let list = lists.of(place, data, wish);
    let words = wish.words.trim();
    let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
    let pattern = Pattern::new(words, CaseMatching::Smart, Normalization::Smart, AtomKind::Fuzzy);
    let mut letters = Vec::new();
    let mut fits: Vec<(u32, usize)> = list
        .files
        .iter()
        .enumerate()
        .filter_map(|(at, file)| {
            let score = pattern.score(Utf32Str::new(&file.path, &mut letters), &mut matcher)?;
            Some((score, at))
        })
        .collect();
    // The listing has short ways first, which settles what fits equally well.
    let best_first = |a: &(u32, usize), b: &(u32, usize)| b.0.cmp(&a.0).then(a.1.cmp(&b.1));
    let kept = wish.limit.min(fits.len());
    if kept < fits.len() {
        fits.select_nth_unstable_by(kept, best_first);
    }
    let more = u32::try_from(fits.len() - kept).unwrap_or(u32::MAX);
    fits.truncate(kept);
    fits.sort_unstable_by(best_first);
    let found = fits.into_iter().filter_map(|(_, at)| list.files.get(at).cloned()).collect();
    Ok(FoundFiles { found, more, complete: list.complete })
}
