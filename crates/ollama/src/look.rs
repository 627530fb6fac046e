//! Looking: folders, files, searches. What is given is bounded, and says what it leaves out.

use ignore::WalkBuilder;
use regex::RegexBuilder;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Entries of a folder that are listed.
const MOST_ENTRIES: usize = 1000;
/// Largest file that is read or searched, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;
/// Lines that a search gives.
const MOST_LINES: usize = 200;
/// Characters of such a line.
const LONGEST_LINE: usize = 300;

/// The text of a regular file.
pub(crate) fn text(path: &Path) -> Result<String, String> {
    let name = path.display();
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("Error: there is no file {name}."),
        _ => format!("Error: {name} cannot be read: {error}."),
    };
    let meta = path.metadata().map_err(failed)?;
    // Reading a pipe or a device would never end.
    if !meta.is_file() {
        let what = if meta.is_dir() { "a folder; use `list`" } else { "not a regular file" };
        return Err(format!("Error: {name} is {what}."));
    }
    if meta.len() > LARGEST {
        return Err(format!(
            "Error: {name} has {} bytes, which is too long. Use `search`, or `run`.",
            meta.len()
        ));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes)).map_err(failed)?;
    String::from_utf8(bytes).map_err(|_| format!("Error: {name} is no text."))
}

/// Lines of a file from the `from`-th on, at most `limit` bytes of them.
pub(crate) fn read(path: &Path, from: usize, lines: Option<usize>, limit: usize) -> Result<String, String> {
    let text = text(path)?;
    let total = text.lines().count();
    if text.is_empty() {
        return Ok("(The file is empty.)".into());
    }
    if from > total {
        return Err(format!("Error: the file has {total} lines; there is no line {from}."));
    }
    let mut out = String::new();
    let mut given = 0;
    for line in text.split_inclusive('\n').skip(from - 1).take(lines.unwrap_or(usize::MAX)) {
        if out.len() + line.len() > limit {
            if given == 0 {
                out.push_str(&line[..line.floor_char_boundary(limit)]);
                out.push_str("… (the line goes on)\n");
                given = 1;
            }
            break;
        }
        out.push_str(line);
        given += 1;
    }
    let last = from - 1 + given;
    if last < total {
        let _ = write!(out, "\n(Lines {from} to {last} of {total}; read on from {}.)", last + 1);
    }
    Ok(out)
}

/// What is in a folder, folders with a `/`.
pub(crate) fn list(path: &Path) -> Result<String, String> {
    let entries = std::fs::read_dir(path)
        .map_err(|error| format!("Error: {} cannot be listed: {error}.", path.display()))?;
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| {
            let folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            format!("{}{}", entry.file_name().to_string_lossy(), if folder { "/" } else { "" })
        })
        .collect();
    names.sort();
    let left_out = names.len().saturating_sub(MOST_ENTRIES);
    names.truncate(MOST_ENTRIES);
    if left_out > 0 {
        names.push(format!("({left_out} more)"));
    }
    Ok(if names.is_empty() { "(The folder is empty.)".into() } else { names.join("\n") })
}

/// Lines that match, as `file:line: text`. Links are not followed, and what git ignores is left out.
pub(crate) fn search(
    root: &Path,
    path: &Path,
    pattern: &str,
    limit: usize,
    leave: &AtomicBool,
) -> Result<String, String> {
    let wanted = RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| format!("Error: this is no regular expression: {error}"))?;
    let mut out = String::new();
    let (mut found, mut more) = (0, false);
    'files: for entry in WalkBuilder::new(path).require_git(false).build().flatten() {
        if leave.load(Ordering::Relaxed) {
            return Err("Interrupted.".into());
        }
        if !entry.file_type().is_some_and(|kind| kind.is_file()) {
            continue;
        }
        let Ok(text) = text(entry.path()) else { continue };
        let name = entry.path().strip_prefix(root).unwrap_or(entry.path()).display().to_string();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| wanted.is_match(line)) {
            let line: String = line.trim_end().chars().take(LONGEST_LINE).collect();
            if found == MOST_LINES || out.len() + name.len() + line.len() > limit {
                more = true;
                break 'files;
            }
            found += 1;
            let _ = writeln!(out, "{name}:{}: {line}", number + 1);
        }
    }
    if more {
        out.push_str("(There is more; search for something rarer, or in a smaller folder.)");
    }
    Ok(if out.is_empty() { "Nothing matches.".into() } else { out })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_read_in_parts_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long");
        std::fs::write(&path, (1..=100).map(|n| format!("line {n}\n")).collect::<String>()).unwrap();
        let first = read(&path, 1, None, 30).unwrap();
        assert!(
            first.starts_with("line 1\n") && first.ends_with("(Lines 1 to 4 of 100; read on from 5.)"),
            "{first}"
        );
        assert_eq!(read(&path, 99, Some(5), 1000).unwrap(), "line 99\nline 100\n");
        assert!(read(&path, 101, None, 1000).unwrap_err().contains("100 lines"));
        std::fs::write(&path, "ä".repeat(100)).unwrap();
        assert!(read(&path, 1, None, 31).unwrap().contains("the line goes on"));
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(read(&path, 1, None, 31).unwrap_err().contains("no text"));
        assert!(read(folder.path(), 1, None, 31).unwrap_err().contains("folder"));
    }

    #[cfg(unix)]
    #[test]
    fn a_search_follows_no_link_and_leaves_out_what_git_ignores() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("work");
        std::fs::create_dir_all(root.join("src")).unwrap();
        std::fs::write(home.path().join("secret"), "needle outside\n").unwrap();
        std::os::unix::fs::symlink("../secret", root.join("link")).unwrap();
        std::os::unix::fs::symlink("..", root.join("up")).unwrap();
        std::fs::write(root.join(".gitignore"), "made\n").unwrap();
        std::fs::write(root.join("made"), "needle made\n").unwrap();
        std::fs::write(root.join("src/a.rs"), "hay\nneedle 1\n").unwrap();
        let go = AtomicBool::new(false);
        assert_eq!(search(&root, &root, "needle", 1000, &go).unwrap(), "src/a.rs:2: needle 1\n");
        assert_eq!(search(&root, &root, "pin", 1000, &go).unwrap(), "Nothing matches.");
        assert!(search(&root, &root, "(", 1000, &go).unwrap_err().contains("no regular expression"));
        go.store(true, Ordering::Relaxed);
        assert_eq!(search(&root, &root, "needle", 1000, &go), Err("Interrupted.".into()));
    }
}
