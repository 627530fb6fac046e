//! Names of files as git gives them: bytes with `/` between folders, from the top of the repository.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The name for the system.
#[cfg(unix)]
pub(crate) fn os(bytes: &[u8]) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec())
}

/// The name for the system. Git for Windows speaks UTF-8.
#[cfg(not(unix))]
pub(crate) fn os(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// The name as text. Bytes that are none are written out, so that two names never look the same.
pub(crate) fn text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// Where the file is, if no folder on the way to it is a link: through one, another place would be read or written.
pub(crate) fn beneath(top: &Path, name: &[u8]) -> Option<PathBuf> {
    let mut here = top.to_path_buf();
    let mut parts = name.split(|byte| *byte == b'/').peekable();
    while let Some(part) = parts.next() {
        if matches!(part, b"" | b"." | b"..") || part.eq_ignore_ascii_case(b".git") {
            return None;
        }
        if cfg!(windows) && part.iter().any(|byte| matches!(byte, b'\\' | b':')) {
            return None;
        }
        here.push(os(part));
        if parts.peek().is_some() && here.symlink_metadata().is_ok_and(|meta| !meta.is_dir()) {
            return None;
        }
    }
    Some(here)
}

/// Whether the name is one of these, or below one of them.
pub(crate) fn is_among(name: &[u8], wanted: &[String]) -> bool {
    let shown = text(name);
    wanted.iter().any(|one| {
        let one = one.trim_end_matches('/');
        shown == one || shown.strip_prefix(one).is_some_and(|rest| rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_repository() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("in")).unwrap();
        assert!(beneath(home.path(), b"in/file").is_some());
        assert!(beneath(home.path(), b"not/there/yet").is_some());
        for bad in
            [&b"../x"[..], b"in/../../x", b"/etc/passwd", b".git/hooks/x", b"in/.GIT/config", b"in//x", b""]
        {
            assert!(beneath(home.path(), bad).is_none(), "{}", text(bad));
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("/etc", home.path().join("link")).unwrap();
            assert!(beneath(home.path(), b"link").is_some(), "the link itself can be looked at");
            assert!(beneath(home.path(), b"link/passwd").is_none());
        }
    }

    #[test]
    fn names_are_told_apart() {
        assert_eq!(text(b"a\xffb"), "a\\xffb");
        assert!(is_among(b"src/a.rs", &["src".into()]) && is_among(b"src/a.rs", &["src/a.rs".into()]));
        assert!(!is_among(b"src2/a.rs", &["src".into()]));
    }
}
