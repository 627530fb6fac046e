//! cloudflared's command line, as far as it is used.

use super::origin::Origin;
use base64::Engine as _;
use std::net::SocketAddr;
use std::time::Duration;

/// What the command line says.
#[derive(Debug)]
pub struct Flags {
    /// `run`: a tunnel that has its name already.
    pub named: bool,
    /// One JSON object per line.
    pub json: bool,
    /// Where its own server listens.
    pub metrics: SocketAddr,
    /// How long it takes to end.
    pub grace: Duration,
    config: Option<String>,
    url: Option<String>,
    protocol: Option<String>,
    token_file: Option<String>,
}

impl Flags {
    /// Reads the command line without the program's name.
    ///
    /// # Errors
    /// With the sentence that is written before it ends.
    pub fn parse(args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut flags = Self {
            named: false,
            json: false,
            metrics: SocketAddr::from(([127, 0, 0, 1], 0)),
            grace: Duration::from_secs(30),
            config: None,
            url: None,
            protocol: None,
            token_file: None,
        };
        let mut args = args;
        if args.next().as_deref() != Some("tunnel") {
            return Err("Incorrect Usage: the scripted cloudflared knows `tunnel` only".into());
        }
        while let Some(flag) = args.next() {
            match flag.as_str() {
                "run" => {
                    flags.named = true;
                    continue;
                }
                "--no-autoupdate" => continue,
                _ => {}
            }
            let value = args.next().ok_or_else(|| format!("flag needs an argument: {flag}"))?;
            let bad = |_| format!("invalid value {value:?} for flag {flag}");
            match flag.as_str() {
                "--config" => flags.config = Some(value),
                "--output" => flags.json = value == "json",
                "--loglevel" => {}
                "--metrics" => flags.metrics = value.parse().map_err(|_| bad(()))?,
                "--grace-period" => {
                    let seconds = value.strip_suffix('s').unwrap_or(&value).parse().map_err(|_| bad(()))?;
                    flags.grace = Duration::from_secs(seconds);
                }
                "--url" => flags.url = Some(value),
                "--protocol" => flags.protocol = Some(value),
                "--token-file" => flags.token_file = Some(value),
                _ => return Err(format!("Incorrect Usage: flag provided but not defined: {flag}")),
            }
        }
        if !flags.named && flags.url.is_none() {
            return Err(
                "You did not specify any valid additional argument to the cloudflared tunnel command.".into(),
            );
        }
        Ok(flags)
    }

    /// The line that the real one writes about its flags.
    pub(super) fn settings(&self) -> String {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        format!(
            "Settings: map[config:{} grace-period:{}s metrics:{} no-autoupdate:true protocol:{} url:{}]",
            text(&self.config),
            self.grace.as_secs(),
            self.metrics,
            text(&self.protocol),
            text(&self.url)
        )
    }

    /// Whether the token decodes; a config file needs none.
    pub(super) fn token_is_readable(&self) -> bool {
        let token = match &self.token_file {
            Some(file) => std::fs::read_to_string(file).ok(),
            None => std::env::var("TUNNEL_TOKEN").ok(),
        };
        let Some(token) = token else {
            return self.token_file.is_none() && self.service().is_some();
        };
        let bytes = base64::engine::general_purpose::STANDARD.decode(token.trim());
        bytes.is_ok_and(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).is_ok())
    }

    /// The first ingress rule's service; as in the real one it replaces `--url`.
    fn service(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.config.as_ref()?).ok()?;
        let line =
            text.lines().find_map(|line| line.trim().trim_start_matches("- ").strip_prefix("service:"))?;
        let value = line.trim();
        serde_json::from_str(value).ok().or_else(|| Some(value.to_owned()))
    }

    pub(super) fn origin(&self) -> Origin {
        // A named tunnel's target is kept at Cloudflare; here the test says it.
        let remote = || std::env::var("SCRIPTED_CLOUDFLARED_ORIGIN").ok();
        Origin::parse(&self.service().or_else(|| self.url.clone()).or_else(remote).unwrap_or_default())
    }
}
