//! Why a link could not be made, or ended.

/// Why a link could not be made, or ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// The other side speaks other versions.
    #[error("the other side speaks versions {lowest} to {highest} of the link")]
    Version {
        /// Oldest it speaks.
        lowest: u8,
        /// Newest it speaks.
        highest: u8,
    },
    /// The first messages were not what they should be, or not for these keys.
    #[error("the handshake failed")]
    Handshake,
    /// A message did not open, or was none: changed, replayed, reordered or cut on its way.
    #[error("a message did not open")]
    Broken,
    /// The other side sent what the protocol does not allow.
    #[error("the other side broke the protocol: {0}")]
    Protocol(&'static str),
    /// The connection is over.
    #[error("the connection is over")]
    Over,
    /// This stream was ended by the other side.
    #[error("the stream was ended by the other side")]
    Reset,
    /// A message is larger than the receiver takes.
    #[error("a message is larger than {0} bytes")]
    TooLarge(usize),
}
