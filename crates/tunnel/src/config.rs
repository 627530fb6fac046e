//! What is to be run, and for what.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// A tunnel's settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// cloudflared itself, see [`crate::find`].
    pub program: PathBuf,
    /// Which kind of tunnel.
    pub mode: Mode,
    /// Where the tunnel leads.
    pub target: Target,
    /// A folder of our own (it is made 0700) for `config.yml` and the token's file.
    pub folder: PathBuf,
    /// How often a working address is proved again.
    pub probe_every: Duration,
}

/// Which kind of tunnel.
#[derive(Debug, Clone)]
pub enum Mode {
    /// A free address that changes with each start.
    Quick,
    /// The owner's own address.
    Named {
        /// How cloudflared shows Cloudflare that the tunnel is ours.
        credentials: Credentials,
        /// The address it has, `https://…`.
        url: String,
    },
}

/// How a named tunnel is proved to be ours.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// The token itself.
    Token(Token),
    /// A file that holds the token.
    TokenFile(PathBuf),
    /// The owner's own `config.yml`, which names tunnel, credentials and ingress.
    ConfigFile(PathBuf),
}

/// Where the tunnel leads.
#[derive(Debug, Clone)]
pub struct Target {
    /// The edge listener's socket, if it is one.
    pub socket: Option<PathBuf>,
    /// The edge listener's address; a placeholder when there is a socket.
    pub url: String,
}

/// A tunnel's token, checked and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// The text is not a tunnel's token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not a Cloudflare tunnel token: {0}. Nothing was changed; copy the token again, without the command around it, from the tunnel's page in Cloudflare's dashboard"
)]
pub struct TokenError(pub &'static str);

impl Token {
    /// Checks a token by ourselves, because cloudflared runs on for ever with one that decodes to nothing.
    ///
    /// # Errors
    /// When it is not base64 of `{"a": account, "t": uuid, "s": base64}`.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TokenError("it is empty"));
        }
        let bytes = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
            .iter()
            .find_map(|engine| engine.decode(text).ok())
            .ok_or(TokenError("it is not base64"))?;
        let value: serde_json::Value =
            serde_json::from_slice(&bytes).map_err(|_| TokenError("it does not hold JSON"))?;
        let field = |name: &str| value.get(name).and_then(|v| v.as_str()).filter(|v| !v.is_empty());
        field("a").ok_or(TokenError("it names no account"))?;
        let tunnel = field("t").ok_or(TokenError("it names no tunnel"))?;
        match uuid::Uuid::parse_str(tunnel) {
            Ok(id) if !id.is_nil() => {}
            _ => return Err(TokenError("its tunnel is not a UUID")),
        }
        let secret = field("s").ok_or(TokenError("it holds no secret"))?;
        if STANDARD.decode(secret).is_err() && STANDARD_NO_PAD.decode(secret).is_err() {
            return Err(TokenError("its secret is not base64"));
        }
        Ok(Self(text.to_owned()))
    }

    /// Tells it from others and gives nothing away.
    #[must_use]
    pub fn digest(&self) -> String {
        use sha2::Digest as _;
        sha2::Sha256::digest(self.0.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(json: &str) -> String {
        STANDARD.encode(json)
    }

    #[test]
    fn a_real_token_is_taken_and_never_printed() {
        let text = token(r#"{"a":"0123","t":"11111111-2222-3333-4444-555555555555","s":"c2VjcmV0"}"#);
        let token = Token::parse(&format!("  {text}\n")).unwrap();
        assert_eq!(token.reveal(), text);
        assert!(!format!("{:?}", Credentials::Token(token)).contains(&text));
    }

    #[test]
    fn what_cloudflared_would_run_on_with_for_ever_is_refused() {
        let nil = token(r#"{"a":"1","t":"00000000-0000-0000-0000-000000000000","s":"c2U="}"#);
        let no_secret = token(r#"{"a":"1","t":"11111111-2222-3333-4444-555555555555"}"#);
        let raw_secret = token(r#"{"a":"1","t":"11111111-2222-3333-4444-555555555555","s":"!!"}"#);
        for text in ["", "not a token", &token("{}"), &token("null"), &nil, &no_secret, &raw_secret] {
            let error = Token::parse(text).unwrap_err().to_string();
            assert!(error.contains("copy the token again"), "{error}");
        }
    }
}
