//! The sealed, multiplexed channel between two keys, over any carrier; `docs/link.md` is its description.
//!
//! [`Initiator`] and [`Responder`] make a [`Sealed`] pair from a Noise handshake; [`Connection`] carries streams with
//! credit over it. A carrier only moves binary messages: it can break the channel, and neither read nor change it.

mod connection;
mod error;
mod frame;
mod handshake;
mod offer;
mod paths;
mod sealed;
mod stream;

pub use connection::{Carrier, Connection, Incoming, Side, Timing};
pub use error::LinkError;
pub use frame::{Bye, Frame, FrameKind, LARGEST_BODY, Reset};
pub use handshake::{Asked, Initiator, Keys, Kind, Opening, Responder, VERSIONS, refuse_version};
pub use offer::{LocalCode, Offer, OfferError};
pub use paths::{sign_paths, verify_paths};
pub use sealed::{Sealed, digits, public_key};
pub use stream::{Message, Stream};

/// Base64 as everything here uses it: the URL-safe alphabet, no padding.
pub(crate) const BASE64: base64::engine::GeneralPurpose = base64::engine::general_purpose::URL_SAFE_NO_PAD;
