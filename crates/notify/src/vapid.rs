//! Who we are to push services: RFC 8292.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// How long a token holds; a day is the most.
const HOLDS_SECS: i64 = 12 * 3600;

/// This host's key for push services. For life: every subscription is bound to it.
pub struct Vapid {
    key: SigningKey,
    public: String,
}

impl std::fmt::Debug for Vapid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vapid").field("public", &self.public).finish_non_exhaustive()
    }
}

impl Vapid {
    /// The key that follows from this secret, always the same.
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        let mut candidate = Zeroizing::new(*secret);
        // All but one in 2^32 secrets are keys as they are.
        let key = loop {
            match SigningKey::from_slice(candidate.as_slice()) {
                Ok(key) => break key,
                Err(_) => *candidate = Sha256::digest(candidate.as_slice()).into(),
            }
        };
        let public = BASE64.encode(key.verifying_key().to_encoded_point(false).as_bytes());
        Self { key, public }
    }

    /// The public key, as browsers take it.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The `Authorization` header for a push service at the origin `audience`. `contact`: where who sends can be met; a
    /// host's own address, since nobody's mailbox is given away.
    pub(crate) fn authorization(&self, audience: &str, contact: &str, now: jiff::Timestamp) -> String {
        let claims = serde_json::json!({
            "aud": audience, "exp": now.as_second().saturating_add(HOLDS_SECS), "sub": contact,
        });
        let head = BASE64.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let said = format!("{head}.{}", BASE64.encode(claims.to_string()));
        let signature: Signature = self.key.sign(said.as_bytes());
        format!("vapid t={said}.{}, k={}", BASE64.encode(signature.to_bytes()), self.public)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier as _;

    #[test]
    fn a_push_service_can_check_it() {
        let vapid = Vapid::from_secret(&[7; 32]);
        assert_eq!(vapid.public(), Vapid::from_secret(&[7; 32]).public(), "the same for life");
        let now: jiff::Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let header =
            vapid.authorization("https://push.example.com", "https://brave-test.trycloudflare.com", now);
        let (token, key) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        let (said, signature) = token.rsplit_once('.').unwrap();
        let key = VerifyingKey::from_sec1_bytes(&BASE64.decode(key).unwrap()).unwrap();
        let signature = Signature::from_slice(&BASE64.decode(signature).unwrap()).unwrap();
        key.verify(said.as_bytes(), &signature).unwrap();
        let claims: serde_json::Value =
            serde_json::from_slice(&BASE64.decode(said.split_once('.').unwrap().1).unwrap()).unwrap();
        assert_eq!(claims["aud"], "https://push.example.com");
        assert_eq!(claims["exp"].as_i64().unwrap() - now.as_second(), HOLDS_SECS);
        assert!(!format!("{vapid:?}").contains("SigningKey"));
    }

    #[test]
    fn a_secret_that_is_no_key_gives_one_all_the_same() {
        assert_eq!(Vapid::from_secret(&[0xff; 32]).public(), Vapid::from_secret(&[0xff; 32]).public());
    }
}
