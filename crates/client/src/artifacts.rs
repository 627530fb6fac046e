//! Runs' artifacts.

use crate::{Answer, Client, Download};
use offdesk_protocol::*;
use reqwest::Method;

impl Client {
    /// Those of a run, oldest first.
    pub async fn artifacts(&self, run: RunId) -> Answer<Vec<Artifact>> {
        self.get(&format!("/runs/{run}/artifacts")).await
    }

    /// Keeps a file with its run.
    pub async fn add_artifact(&self, run: RunId, wish: &AddArtifact) -> Answer<Artifact> {
        self.post(&format!("/runs/{run}/artifacts"), wish).await
    }

    /// Removes one for good.
    pub async fn remove_artifact(&self, run: RunId, artifact: ArtifactId) -> Answer<()> {
        self.post(&format!("/runs/{run}/artifacts/remove"), &RemoveArtifact { artifact }).await
    }

    /// Its bytes from an offset on.
    pub async fn download_artifact(&self, run: RunId, artifact: ArtifactId, from: u64) -> Answer<Download> {
        let path = format!("/api/v1/runs/{run}/artifacts/content?artifact={artifact}");
        let request = self.request(Method::GET, &path);
        Ok(Download::of(
            self.send(if from > 0 { request.header("range", format!("bytes={from}-")) } else { request })
                .await?,
        ))
    }
}
