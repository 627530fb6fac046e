//! Conversations that agents kept by themselves.

use crate::{Answer, Client};
use offdesk_protocol::*;
use reqwest::Method;

/// What is asked of the list.
#[derive(Clone, Debug, Default)]
pub struct HistoryWish {
    /// Only this agent's.
    pub agent: Option<String>,
    /// Only those of this folder, and the folders in it.
    pub dir: Option<String>,
    /// Only those with all these words.
    pub words: Option<String>,
    /// Where the page before ended.
    pub before: Option<String>,
    /// How many at most.
    pub limit: Option<usize>,
}

impl Client {
    /// A page of the list, newest first.
    pub async fn history(&self, wish: &HistoryWish) -> Answer<HistoryList> {
        let limit = wish.limit.map(|limit| limit.to_string());
        let asked = [
            ("agent", &wish.agent),
            ("dir", &wish.dir),
            ("q", &wish.words),
            ("before", &wish.before),
            ("limit", &limit),
        ];
        let asked: Vec<(&str, &String)> =
            asked.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))).collect();
        self.json(self.request(Method::GET, "/api/v1/history").query(&asked)).await
    }

    /// A page of a conversation: its end, or what is before this place.
    pub async fn history_page(
        &self,
        agent: &str,
        id: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Answer<HistoryPage> {
        let before = before.map_or(String::new(), |before| format!("&before={before}"));
        self.get(&format!("/history/{}/{}?limit={limit}{before}", part(agent), part(id))).await
    }

    /// Ends the process that has a conversation open.
    pub async fn stop_history(&self, agent: &str, id: &str, pid: u32) -> Answer<HistoryEntry> {
        self.post(&format!("/history/{}/{}/stop", part(agent), part(id)), &StopHistory { pid }).await
    }
}

/// As one part of an address.
fn part(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    let bytes = text
        .bytes()
        .map(|byte| if plain(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") });
    bytes.collect()
}
