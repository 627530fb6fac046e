//! Masking secrets in what is served. The file itself stays as the agent wrote it.
//!
//! Each byte of a secret becomes `*`, so that offsets and lengths stay as they are. What tells a kind of secret (its
//! prefix, its name, its header) stays readable. Whether a byte is masked depends on a bounded stretch of text around
//! it alone, and so never on how the text was cut into pieces.

mod literals;
mod rules;
mod scan;
mod served;

pub use served::{OutputFile, Patience, Served};

use scan::{Scan, scan};
use std::borrow::Cow;

/// The text with its secrets masked, byte for byte as long.
pub fn mask_text(text: &str) -> Cow<'_, str> {
    masked(text, scan(text.as_bytes(), true))
}

/// As [`mask_text`], for text that is still growing: what may be the beginning of a secret is masked as well.
pub fn mask_live(text: &str) -> Cow<'_, str> {
    masked(text, scan(text.as_bytes(), false))
}

fn masked(text: &str, found: Scan) -> Cow<'_, str> {
    if found.is_clean() {
        return Cow::Borrowed(text);
    }
    let mut bytes = text.as_bytes().to_vec();
    found.mask(&mut bytes);
    found.mask_open(&mut bytes);
    // Whole characters are masked, so this is still text.
    Cow::Owned(String::from_utf8(bytes).unwrap_or_else(|error| "*".repeat(error.as_bytes().len())))
}

#[cfg(test)]
mod tests;
