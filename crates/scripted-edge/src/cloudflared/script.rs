//! How it misbehaves: `SCRIPTED_CLOUDFLARED`, separated by commas.

use super::output::Output;
use serde_json::json;
use std::time::Duration;

#[derive(Debug, Default)]
pub(super) struct Script {
    pub late_url: Duration,
    pub crash: Option<Duration>,
    pub flap: bool,
    pub zombie: bool,
    pub unanswered: bool,
    pub unauthorized: bool,
    pub flood: bool,
    pub ignores_term: bool,
    pub bad_token: bool,
    refusal: Option<&'static str>,
}

impl Script {
    pub fn from_environment() -> Self {
        let mut script = Self::default();
        for order in std::env::var("SCRIPTED_CLOUDFLARED").unwrap_or_default().split(',') {
            let (name, value) = order.trim().split_once(':').unwrap_or((order.trim(), ""));
            let seconds = || Duration::from_secs_f64(value.parse().unwrap_or(1.0_f64).max(0.0));
            match name {
                "" => {}
                "late-url" => script.late_url = seconds(),
                "crash" => script.crash = Some(seconds()),
                "flap" => script.flap = true,
                "zombie" => script.zombie = true,
                "unanswered" => script.unanswered = true,
                "unauthorized" => script.unauthorized = true,
                "flood" => script.flood = true,
                "ignore-term" => script.ignores_term = true,
                "bad-token" => script.bad_token = true,
                "429" => script.refusal = Some("429"),
                "500" => script.refusal = Some("500"),
                "no-network" => script.refusal = Some("no-network"),
                other => eprintln!("scripted-cloudflared: no such misbehaviour: {other}"),
            }
        }
        script
    }

    /// Says why there is no quick tunnel, and with which code it ends.
    pub fn refuse(&self, output: &Output) -> Option<u8> {
        match self.refusal? {
            "429" => {
                let fields = json!({
                    "error": "invalid character 'e' looking for beginning of value",
                    "status_code": "429 Too Many Requests",
                });
                output.say("error", "Error unmarshaling QuickTunnel response: error code: 1015", fields);
                output.plain("failed to unmarshal quick Tunnel: invalid character 'e' looking for beginning of value");
            }
            "500" => output.plain("failed to parse quick Tunnel ID: invalid UUID length: 0"),
            _ => output.plain("failed to request quick Tunnel: Post \"https://api.trycloudflare.com/tunnel\": dial tcp: lookup api.trycloudflare.com on 10.255.255.53:53: dial udp 10.255.255.53:53: connect: network is unreachable"),
        }
        Some(1)
    }
}
