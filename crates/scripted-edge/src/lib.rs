//! Test support: an edge and a tunnel program that behave, and misbehave, as Cloudflare's do.
//!
//! Written apart from the product's own code, so that a mistake in it is not made twice. The edge takes the public's
//! TLS connections and leads them to the registered tunnel program; that program takes cloudflared's real flags,
//! writes its recorded lines and leads the connections on to the origin.

pub mod certificates;
pub mod cloudflared;
pub mod edge;
pub mod head;
