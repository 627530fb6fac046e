//! Ways to start runs that are kept at the gateway.

use crate::{Answer, Client};
use offdesk_protocol::*;

impl Client {
    /// All presets, oldest first.
    pub async fn presets(&self) -> Answer<Vec<Preset>> {
        self.get("/presets").await
    }

    /// Keeps a preset, or changes the one with its id.
    pub async fn put_preset(&self, preset: &Preset) -> Answer<Preset> {
        self.post("/presets", preset).await
    }

    /// Removes a preset; gives those that are left.
    pub async fn remove_preset(&self, id: PresetId) -> Answer<Vec<Preset>> {
        self.post("/presets/remove", &RemovePreset { id }).await
    }
}
