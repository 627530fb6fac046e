//! The store, used as the gateway uses it.
