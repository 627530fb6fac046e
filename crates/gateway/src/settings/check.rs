//! What settings can be.

use super::Held;
use offdesk_protocol::{ErrorCode, Problem, TunnelChoice};
use std::path::PathBuf;

/// Runs that may work at once, at most.
const MOST: u32 = 256;

fn refused(text: impl Into<String>) -> Problem {
    Problem::new(ErrorCode::BadRequest, text)
}

pub(super) fn roots(roots: Vec<PathBuf>) -> Result<Vec<PathBuf>, Problem> {
    if roots.is_empty() {
        return Err(refused("Runs need at least one folder to work in; nothing was changed."));
    }
    let mut good: Vec<PathBuf> = Vec::new();
    for root in roots {
        let shown = root.display();
        if !root.is_absolute() {
            return Err(refused(format!("“{shown}” is not an absolute folder; nothing was changed."))
                .hint("Give the whole path, from the root on."));
        }
        match root.metadata() {
            Ok(meta) if meta.is_dir() => {}
            Ok(_) => return Err(refused(format!("{shown} is not a folder; nothing was changed."))),
            Err(error) => {
                return Err(refused(format!("{shown} cannot be used: {error}. Nothing was changed."))
                    .hint("Make it first, or choose another."));
            }
        }
        if !good.contains(&root) {
            good.push(root);
        }
    }
    Ok(good)
}

pub(super) fn max_working(most: u32) -> Result<u32, Problem> {
    match most {
        1..=MOST => Ok(most),
        _ => Err(refused(format!(
            "{most} runs cannot work at once: from 1 to {MOST} can. Nothing was changed."
        ))),
    }
}

/// The address as it is kept; none for an empty text.
pub(super) fn tunnel_url(text: &str) -> Result<Option<String>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let good = reqwest::Url::parse(text).ok().filter(|url| {
        url.scheme() == "https"
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
    });
    let url = good.ok_or_else(|| {
        refused(format!("{text} is not an https address of a tunnel; nothing was changed."))
            .hint("Write it as https://desk.example.com, with nothing behind the name.")
    })?;
    Ok(Some(url.as_str().trim_end_matches('/').to_string()))
}

pub(super) fn program(path: PathBuf) -> Result<PathBuf, Problem> {
    if path.is_absolute() && path.is_file() {
        return Ok(path);
    }
    Err(refused(format!("{} is no program on this machine; nothing was changed.", path.display()))
        .hint("Give the whole path of cloudflared, or nothing, and it is looked for."))
}

/// A named tunnel has all it needs.
pub(super) fn named_is_whole(held: &Held) -> Result<(), Problem> {
    let lacks = match (&held.tunnel_url, &held.credentials) {
        _ if held.tunnel != TunnelChoice::Named => return Ok(()),
        (None, _) => "its address",
        (_, None) => "its token",
        _ => return Ok(()),
    };
    Err(refused(format!("A named tunnel needs {lacks}; nothing was changed."))
        .hint("Give the address and the token together with it, or turn the tunnel off first."))
}
