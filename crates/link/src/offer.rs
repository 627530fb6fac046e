//! What a QR code holds, and the one-time code of an address on this machine.

use crate::BASE64;
use base64::Engine;
use ciborium::Value;
use offdesk_protocol::{DeviceRole, Path, PathKind};

/// Largest CBOR that is looked at, in bytes.
const LARGEST: usize = 2048;

/// An offer to pair, as a QR code carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The host's long-term public key.
    pub host_key: [u8; 32],
    /// Which offer.
    pub id: [u8; 8],
    /// Proves that the code was seen. Serves once.
    pub secret: [u8; 32],
    /// Unix seconds.
    pub expires: u64,
    /// Where the host is; the first is the page's own origin.
    pub paths: Vec<Path>,
    /// The host's name.
    pub host_name: String,
    /// What the device may do once it is approved.
    pub role: DeviceRole,
}

/// The code is none of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no pairing code")]
pub struct OfferError;

impl Offer {
    /// The address the QR code shows; nothing when there is no way to the host.
    pub fn url(&self) -> Option<String> {
        Some(format!("{}/p#1.{}", self.paths.first()?.url, self.encode()))
    }

    /// The part after `#1.`.
    pub fn encode(&self) -> String {
        let locators = self
            .paths
            .iter()
            .map(|locator| Value::Array(vec![locator.kind.number().into(), Value::Text(locator.url.clone())]))
            .collect();
        let value = Value::Array(vec![
            1u8.into(),
            Value::Bytes(self.host_key.to_vec()),
            Value::Bytes(self.id.to_vec()),
            Value::Bytes(self.secret.to_vec()),
            self.expires.into(),
            Value::Array(locators),
            Value::Text(self.host_name.clone()),
            Value::Text(self.role.name().into()),
        ]);
        let mut bytes = Vec::new();
        // Writing into memory does not fail.
        let _ = ciborium::into_writer(&value, &mut bytes);
        BASE64.encode(bytes)
    }

    /// The offer in the part after `#1.`.
    ///
    /// # Errors
    /// When it is none.
    pub fn decode(text: &str) -> Result<Self, OfferError> {
        if text.len() > LARGEST * 4 / 3 {
            return Err(OfferError);
        }
        let bytes = BASE64.decode(text).map_err(|_| OfferError)?;
        let value: Value =
            ciborium::de::from_reader_with_recursion_limit(bytes.as_slice(), 8).map_err(|_| OfferError)?;
        let fields: [Value; 8] =
            value.into_array().map_err(|_| OfferError)?.try_into().map_err(|_| OfferError)?;
        let [version, host_key, id, secret, expires, locators, host_name, role] = fields;
        if number(version)? != 1 {
            return Err(OfferError);
        }
        let locators = locators.into_array().map_err(|_| OfferError)?.into_iter().map(locator);
        Ok(Self {
            host_key: bytes_of(host_key)?,
            id: bytes_of(id)?,
            secret: bytes_of(secret)?,
            expires: number(expires)?,
            paths: locators.collect::<Result<_, _>>()?,
            host_name: host_name.into_text().map_err(|_| OfferError)?,
            role: DeviceRole::of(&role.into_text().map_err(|_| OfferError)?).ok_or(OfferError)?,
        })
    }
}

fn number(value: Value) -> Result<u64, OfferError> {
    value.into_integer().ok().and_then(|number| number.try_into().ok()).ok_or(OfferError)
}

fn bytes_of<const N: usize>(value: Value) -> Result<[u8; N], OfferError> {
    value.into_bytes().ok().and_then(|bytes| bytes.try_into().ok()).ok_or(OfferError)
}

fn locator(value: Value) -> Result<Path, OfferError> {
    let [kind, url]: [Value; 2] =
        value.into_array().map_err(|_| OfferError)?.try_into().map_err(|_| OfferError)?;
    let kind = u8::try_from(number(kind)?).ok().and_then(PathKind::of).ok_or(OfferError)?;
    Ok(Path { kind, url: url.into_text().map_err(|_| OfferError)? })
}

/// What the one-time code of a page on this machine holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalCode {
    /// Which offer.
    pub id: [u8; 8],
    /// Serves once.
    pub secret: [u8; 32],
    /// The host's local public key.
    pub host_key: [u8; 32],
}

impl LocalCode {
    /// As an address carries it.
    pub fn encode(&self) -> String {
        BASE64.encode([&self.id[..], &self.secret, &self.host_key].concat())
    }

    /// The code in this text.
    ///
    /// # Errors
    /// When it is none.
    pub fn decode(text: &str) -> Result<Self, OfferError> {
        let bytes: [u8; 72] =
            BASE64.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(OfferError)?;
        let (id, rest) = bytes.split_first_chunk::<8>().ok_or(OfferError)?;
        let (secret, rest) = rest.split_first_chunk::<32>().ok_or(OfferError)?;
        let (host_key, _) = rest.split_first_chunk::<32>().ok_or(OfferError)?;
        Ok(Self { id: *id, secret: *secret, host_key: *host_key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn offer() -> Offer {
        Offer {
            host_key: [1; 32],
            id: [2; 8],
            secret: [3; 32],
            expires: 1_795_000_000,
            paths: vec![
                Path { kind: PathKind::Edge, url: "https://brave-test-words.trycloudflare.com".into() },
                Path { kind: PathKind::Lan, url: "https://192.168.1.7:4478".into() },
            ],
            host_name: "desk".into(),
            role: DeviceRole::Admin,
        }
    }

    #[test]
    fn an_offer_fits_a_code_that_a_phone_reads() {
        let url = offer().url().unwrap();
        assert!(url.starts_with("https://brave-test-words.trycloudflare.com/p#1."));
        assert!(url.len() < 340, "{} characters", url.len());
        assert_eq!(Offer::decode(url.split_once("#1.").unwrap().1), Ok(offer()));
    }

    #[test]
    fn codes_of_this_machine_come_back() {
        let code = LocalCode { id: [1; 8], secret: [2; 32], host_key: [3; 32] };
        assert_eq!(LocalCode::decode(&code.encode()), Ok(code));
        assert!(LocalCode::decode(&code.encode()[1..]).is_err());
        assert!(LocalCode::decode("").is_err());
    }

    proptest! {
        #[test]
        fn no_text_upsets_it(text in ".{0,400}") {
            let _ = Offer::decode(&text);
            let _ = LocalCode::decode(&text);
        }

        #[test]
        fn no_bytes_upset_it(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Offer::decode(&BASE64.encode(bytes));
        }
    }
}
