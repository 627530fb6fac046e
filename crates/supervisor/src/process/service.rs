//! A program that serves the gateway ends with it, after a while: nobody else would end it.

use super::ending::Stopper;
use super::news::News;
use super::thread;
use crate::spec::Service;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Between two looks.
const LOOK: Duration = Duration::from_secs(1);
/// How long it may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

pub(super) fn watch(limits: Service, news: &Arc<News>, stopper: &Arc<Stopper>) -> io::Result<()> {
    let (news, stopper) = (Arc::clone(news), Arc::clone(stopper));
    let alone = Duration::from_millis(limits.alone_ms);
    thread("service", move || {
        let mut seen = Instant::now();
        loop {
            std::thread::sleep(LOOK.min(alone));
            if news.connections() > 0 {
                seen = Instant::now();
            }
            if seen.elapsed() >= alone || news.length() > limits.output_bytes {
                return stopper.stop(GRACE);
            }
        }
    })?;
    Ok(())
}
