//! How long to wait before the program is started again.

use crate::status::Why;
use std::time::Duration;

/// Where the randomness comes from: a number from 0 up to, but not including, 1.
pub(crate) type Jitter = Box<dyn FnMut() -> f64 + Send>;

/// Counts failures and says how long to wait.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    /// Failures in a row that are worth a quick try.
    quick: u32,
    /// Failures in a row that only time heals.
    slow: u32,
}

impl Backoff {
    /// The wait after one more failure of this kind, never shorter than its step.
    pub fn after(&mut self, why: Why, jitter: &mut Jitter) -> Duration {
        let seconds = match why {
            Why::RateLimited | Why::Flood => {
                let step = [60, 300, 900, 3600][self.slow.min(3) as usize];
                self.slow = self.slow.saturating_add(1);
                step
            }
            // Nothing changes until a person does something; looking again now and then costs nothing.
            Why::BadToken | Why::Unauthorized | Why::CredentialsMissing => 600,
            Why::ProgramMissing | Why::CannotStart => 60,
            _ => {
                let step = 1u64 << self.quick.min(6);
                self.quick = self.quick.saturating_add(1);
                step.min(60)
            }
        };
        // Many gateways behind one address, which failed together, shall not come back together.
        Duration::from_secs(seconds).mul_f64(1.0 + 0.25 * jitter().clamp(0.0, 1.0))
    }

    /// It has worked long enough: what failed before is forgotten.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(why: Why, jitter: f64, count: usize) -> Vec<u64> {
        let mut backoff = Backoff::default();
        let mut jitter: Jitter = Box::new(move || jitter);
        (0..count).map(|_| backoff.after(why, &mut jitter).as_secs()).collect()
    }

    #[test]
    fn crashes_are_retried_soon_and_a_rate_limit_is_waited_out() {
        assert_eq!(steps(Why::Crashed, 0.0, 8), [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(steps(Why::RateLimited, 0.0, 5), [60, 300, 900, 3600, 3600]);
        assert_eq!(steps(Why::RateLimited, 0.999, 1), [74]);
        assert_eq!(steps(Why::BadToken, 0.0, 2), [600, 600]);
    }
}
