//! Paths as they are said: text that leads back to exactly the name it was made of.

use offdesk_protocol::{ErrorCode, Problem, visible_line};
use std::ffi::OsStr;
use std::path::PathBuf;

/// A name as it is said. What is no UTF-8 in it is `\xNN`, and a backslash `\\`.
#[cfg(unix)]
pub(crate) fn said(name: &OsStr) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    let mut out = String::with_capacity(name.len());
    for chunk in name.as_bytes().utf8_chunks() {
        out.push_str(&chunk.valid().replace('\\', "\\\\"));
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// A name as it is said. A backslash is in none here.
#[cfg(not(unix))]
pub(crate) fn said(name: &OsStr) -> String {
    name.to_string_lossy().into_owned()
}

/// The path of this name in a folder.
pub(crate) fn below(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.into() } else { format!("{folder}/{name}") }
}

/// The folder and the name of a path.
pub(crate) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// The path below a place; empty for the place itself.
///
/// # Errors
/// When it leads upwards, or is none.
pub(crate) fn meant(path: &str) -> Result<PathBuf, Problem> {
    let mut out = PathBuf::new();
    if path.is_empty() {
        return Ok(out);
    }
    for part in path.split('/') {
        let name = one(part).ok_or_else(|| {
            let shown = visible_line(path, 200);
            Problem::new(ErrorCode::BadRequest, format!("“{shown}” is no path below a folder."))
                .hint("Give a path as a listing has it: without “..”, and not from the root on.")
        })?;
        out.push(name);
    }
    Ok(out)
}

/// One name of a path.
#[cfg(unix)]
fn one(part: &str) -> Option<std::ffi::OsString> {
    use std::os::unix::ffi::OsStringExt as _;
    if matches!(part, "" | "." | "..") || part.contains('\0') {
        return None;
    }
    let (mut bytes, mut rest) = (Vec::with_capacity(part.len()), part);
    while let Some(at) = rest.find('\\') {
        let (plain, escaped) = rest.split_at(at);
        bytes.extend_from_slice(plain.as_bytes());
        if let Some(after) = escaped.strip_prefix("\\\\") {
            bytes.push(b'\\');
            rest = after;
        } else {
            let digits = escaped.strip_prefix("\\x")?.get(..2)?;
            // Only what is no text of its own is written so; a separator never is.
            bytes.push(u8::from_str_radix(digits, 16).ok().filter(|byte| *byte >= 0x80)?);
            rest = escaped.get(4..)?;
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    let name = std::ffi::OsString::from_vec(bytes);
    // One name is said in one way.
    (said(&name) == part).then_some(name)
}

/// One name of a path.
#[cfg(not(unix))]
fn one(part: &str) -> Option<std::ffi::OsString> {
    let bad = matches!(part, "" | "." | "..") || part.contains(['\0', '\\', ':']);
    // Windows leaves out what a name ends with, so that it means another.
    (!bad && !part.ends_with(['.', ' '])).then(|| part.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_path_leads_upwards() {
        for bad in ["..", "a/../..", "/etc", "a//b", "a/", ".", "./a", "a\0b", "\\x2f", "\\x2e\\x2e", "a\\"] {
            assert_eq!(meant(bad).unwrap_err().code, ErrorCode::BadRequest, "{bad:?}");
        }
        assert_eq!(meant("").unwrap(), PathBuf::new());
        assert_eq!(meant("src/a b.rs").unwrap(), PathBuf::from("src").join("a b.rs"));
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_stays_below(path in "([a-z./\\\\]|\\.\\./|\\\\x[0-9a-f]{2}){0,20}") {
            if let Ok(meant) = meant(&path) {
                prop_assert!(meant.components().all(|part| matches!(part, std::path::Component::Normal(_))));
            }
        }

        #[cfg(unix)]
        #[test]
        fn every_name_leads_back_to_its_bytes(bytes in prop::collection::vec(1u8..=255, 1..12)) {
            use std::os::unix::ffi::OsStrExt as _;
            prop_assume!(!bytes.contains(&b'/') && bytes != b"." && bytes != b"..");
            let name = OsStr::from_bytes(&bytes);
            let back = meant(&said(name)).unwrap();
            prop_assert_eq!(back.as_os_str(), name);
        }
    }
}
