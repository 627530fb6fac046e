//! Tells a person who is not looking: what, whom, when.
//!
//! [`Book`] is the pure core: it knows no clock, no store and no network. [`changes_of`] reads an event for what should
//! be told or is over; the book decides when and to whom, keeps the receipts, and says what is to be kept and sent.
//! The rim sends: [`Sender`] by Web Push (RFC 8030, 8291, 8292) and by channels of the person's own.

mod book;
mod change;
mod channel;
mod endpoint;
mod payload;
mod quiet;
mod send;
mod vapid;
mod words;

pub use book::{Book, Effect, Given, Order, Sent, Stock};
pub use change::{Change, Wish, changes_of, silence, spoke};
pub use channel::KeptChannel;
pub use endpoint::{Address, KeptSubscription};
pub use payload::{Moved, payload};
pub use quiet::check as check_settings;
pub use send::Sender;
pub use vapid::Vapid;
pub use words::{address_changed, device_came, reach_lost, test};
