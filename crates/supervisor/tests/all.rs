//! A supervisor as its gateway meets it: real processes, real sockets, real signals.
// They look at processes through /proc.
#![cfg(target_os = "linux")]
// What a test expects and does not get is its failure.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

#[path = "attempt/asides.rs"]
mod asides;
#[path = "attempt/ending.rs"]
mod ending;
#[cfg(feature = "faults")]
#[path = "attempt/faults.rs"]
mod faults;
#[path = "attempt/inputs.rs"]
mod inputs;
#[path = "attempt/outliving.rs"]
mod outliving;
#[path = "attempt/output.rs"]
mod output;
#[path = "attempt/services.rs"]
mod services;
#[path = "attempt/small.rs"]
mod small;
