//! What a person says, with the files that go with it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Largest image that is given as one, in bytes; a larger one goes as a file.
pub const LARGEST_IMAGE: u64 = 5 * 1024 * 1024;

/// What a person says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// The words.
    pub text: String,
    /// Files that go with them, in order.
    pub files: Vec<PromptFile>,
}

/// A file that goes with a prompt, at a place the agent may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptFile {
    /// Its name.
    pub name: String,
    /// What it is, e.g. `image/png`.
    pub media_type: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes, where it is an image that agents can see.
    pub image: Option<Vec<u8>>,
}

impl PromptFile {
    /// Whether a model can see it, by what its first bytes say.
    pub fn is_image(media_type: &str, size: u64) -> bool {
        matches!(media_type, "image/png" | "image/jpeg" | "image/gif" | "image/webp") && size <= LARGEST_IMAGE
    }

    /// The image in base64, if it is one.
    pub(crate) fn image(&self) -> Option<String> {
        self.image.as_ref().map(|bytes| STANDARD.encode(bytes))
    }
}

impl Prompt {
    /// Words alone.
    pub fn words(text: impl Into<String>) -> Self {
        Self { text: text.into(), files: Vec::new() }
    }

    /// As it is typed into a terminal: the words, and where the files are.
    pub fn typed(&self) -> String {
        self.text_with(|_| true)
    }

    /// The words, and where the files are of which `tell` says that they can't be given otherwise.
    pub(crate) fn text_with(&self, tell: impl Fn(&PromptFile) -> bool) -> String {
        let mut text = self.text.clone();
        let told: Vec<&PromptFile> = self.files.iter().filter(|file| tell(file)).collect();
        if !told.is_empty() {
            text.push_str("\n\nFiles that go with this:");
        }
        for file in told {
            let _ = write!(text, "\n- {} ({})", file.path.display(), file.media_type);
        }
        text
    }
}
