//! Where a host can be reached, signed by it.

use crate::BASE64;
use base64::Engine;
use ed25519_dalek::{Signature, VerifyingKey};
use offdesk_protocol::{Paths, SignedPaths};

const SIGNED_AS: &[u8] = b"offdesk paths\0";

/// Signs a record with the host's Ed25519 key, which `sign` has.
pub fn sign_paths(paths: &Paths, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> SignedPaths {
    // Strings and numbers always have a JSON form.
    let record = serde_json::to_string(paths).unwrap_or_default();
    let signature = sign(&message(&record));
    SignedPaths { signature: BASE64.encode(signature), record }
}

/// The record, if this key signed it.
pub fn verify_paths(signed: &SignedPaths, key: &VerifyingKey) -> Option<Paths> {
    let signature = BASE64.decode(&signed.signature).ok()?;
    let signature = Signature::from_slice(&signature).ok()?;
    key.verify_strict(&message(&signed.record), &signature).ok()?;
    serde_json::from_str(&signed.record).ok()
}

fn message(record: &str) -> Vec<u8> {
    [SIGNED_AS, record.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer, SigningKey};
    use offdesk_protocol::{Path, PathKind};

    #[test]
    fn only_the_host_says_where_it_is() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let path = Path { kind: PathKind::Edge, url: "https://brave-test.trycloudflare.com".into() };
        let paths = Paths { host: "h".into(), issued: 5, paths: vec![path] };
        let signed = sign_paths(&paths, |bytes| key.sign(bytes).to_bytes());
        assert_eq!(verify_paths(&signed, &key.verifying_key()), Some(paths));
        let other = SigningKey::from_bytes(&[8; 32]);
        assert_eq!(verify_paths(&signed, &other.verifying_key()), None);
        let mut moved = signed.clone();
        moved.record = moved.record.replace("brave", "crave");
        assert_eq!(verify_paths(&moved, &key.verifying_key()), None);
        moved.signature = "no".into();
        assert_eq!(verify_paths(&moved, &key.verifying_key()), None);
    }
}
