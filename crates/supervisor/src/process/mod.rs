//! The supervisor's own process. Threads only, and small ones: it is there for as long as the agent is.

mod asides;
mod ending;
mod input;
mod journal;
mod keep;
mod life;
mod news;
mod serve;
mod service;
mod spawn;

pub use crate::platform::exec_child;
pub use life::supervise;

use std::io;

/// No thread here goes deep.
const STACK: usize = 256 * 1024;

fn thread(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name(name.into()).stack_size(STACK).spawn(body)
}

/// A lock whose holder panicked still guards plain facts.
fn locked<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
