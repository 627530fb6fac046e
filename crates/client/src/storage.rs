//! What is kept on the host's disk.

use crate::{Answer, Client};
use offdesk_protocol::*;

impl Client {
    /// How much is kept by what.
    pub async fn storage(&self) -> Answer<Storage> {
        self.get("/storage").await
    }

    /// What would go; with the plan that was shown, it goes.
    pub async fn clean_storage(&self, wish: &CleanStorage) -> Answer<StorageClean> {
        self.post("/storage/clean", wish).await
    }

    /// What would go with a run; with the plan that was shown, it is deleted.
    pub async fn delete_run(&self, id: RunId, wish: &DeleteRun) -> Answer<StorageClean> {
        self.post(&format!("/runs/{id}/delete"), wish).await
    }
}
