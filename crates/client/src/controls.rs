//! Choices, the queue, files and usage.

use crate::{Answer, Client, ClientError};
use offdesk_protocol::*;
use reqwest::Method;
use std::io::Read;
use std::path::Path;

/// Bytes sent at once.
const PIECE: usize = 1024 * 1024;

impl Client {
    /// What a run's agent offers.
    pub async fn offers(&self, id: RunId) -> Answer<Offers> {
        self.get(&format!("/runs/{id}/offers")).await
    }

    /// Chooses the model.
    pub async fn choose_model(&self, id: RunId, model: &str) -> Answer<RunView> {
        self.post(&format!("/runs/{id}/model"), &Choose { id: model.into() }).await
    }

    /// Chooses the mode.
    pub async fn choose_mode(&self, id: RunId, mode: &str) -> Answer<RunView> {
        self.post(&format!("/runs/{id}/mode"), &Choose { id: mode.into() }).await
    }

    /// Goes on by itself when the limit that stopped it resets, or not.
    pub async fn resume_when_reset(&self, id: RunId, on: bool) -> Answer<RunView> {
        self.post(&format!("/runs/{id}/resume-when-reset"), &ResumeWhenReset { on }).await
    }

    /// Takes back a prompt that waits.
    pub async fn withdraw(&self, prompt: PromptId) -> Answer<RunView> {
        self.post(&format!("/prompts/{prompt}/withdraw"), &()).await
    }

    /// Says something else instead.
    pub async fn change_prompt(&self, prompt: PromptId, text: &str) -> Answer<RunView> {
        self.post(&format!("/prompts/{prompt}/text"), &ChangePrompt { text: text.into() }).await
    }

    /// Gives a prompt that waits another place.
    pub async fn move_prompt(&self, prompt: PromptId, before: Option<PromptId>) -> Answer<RunView> {
        self.post(&format!("/prompts/{prompt}/place"), &MovePrompt { before }).await
    }

    /// What was used in the last days, as days are here.
    pub async fn usage(&self, days: u32) -> Answer<Vec<UsageDay>> {
        self.get(&format!("/usage?days={days}")).await
    }

    /// Brings a file, from where it is so far.
    ///
    /// # Errors
    /// When it cannot be read, or the gateway refuses it.
    pub async fn upload(&self, path: &Path) -> Answer<Attachment> {
        let unread = |error: std::io::Error| {
            let text = format!("{} cannot be read: {error}.", path.display());
            ClientError::Problem(Problem::new(ErrorCode::BadRequest, text))
        };
        let mut file = std::fs::File::open(path).map_err(unread)?;
        let meta = file.metadata().map_err(unread)?;
        if !meta.is_file() {
            return Err(unread(std::io::Error::other("it is not a file")));
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let begin = BeginUpload { id: UploadId::new(), name, size: meta.len(), sha256: None };
        let mut upload: Upload = self.post("/uploads", &begin).await?;
        let mut piece = vec![0; PIECE];
        loop {
            if let Some(attachment) = upload.attachment {
                return Ok(attachment);
            }
            let count = file.read(&mut piece).map_err(unread)?;
            if count == 0 {
                return Err(unread(std::io::Error::other("it became shorter while it was sent")));
            }
            let path = format!("/api/v1/uploads/{}?offset={}", upload.id, upload.received);
            let bytes = piece.get(..count).unwrap_or_default().to_vec();
            let request = self.request(Method::PUT, &path).header("content-type", "application/octet-stream");
            upload = self.json(request.body(bytes)).await?;
        }
    }
}
