use std::time::Duration;

/// The delays between tries of one thing: exponential with full jitter, so that clients that failed together do not retry together.
pub(crate) struct Backoff {
    base: Duration,
    cap: Duration,
    tries: u32,
}

const BASE: Duration = Duration::from_millis(100);

impl Backoff {
    /// Delays of at most `cap`, beyond what the server asks for.
    pub(crate) fn new(cap: Duration) -> Self {
        Self { base: BASE, cap, tries: 0 }
    }

    /// Delays after a refusal of credentials, rights or headers, which lasts until an operator changes something. They are long: the server
    /// slows down addresses whose credentials it refuses.
    pub(crate) fn of_refusals() -> Self {
        Self { base: Duration::from_secs(2), cap: Duration::from_secs(60), tries: 0 }
    }

    /// The next delay: from zero to a bound that doubles each time, on top of what the server asked for by RetryInfo.
    pub(crate) fn next(&mut self, at_least: Option<Duration>) -> Duration {
        let bound = self.base.saturating_mul(1 << self.tries.min(16)).min(self.cap);
        self.tries += 1;
        at_least.unwrap_or_default() + bound.mul_f64(random_fraction())
    }

    /// Starts again at the shortest.
    pub(crate) fn reset(&mut self) {
        self.tries = 0;
    }
}

/// From 0 to 1, of the random bits of a version 4 UUID.
fn random_fraction() -> f64 {
    (uuid::Uuid::new_v4().as_u128() as u32) as f64 / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_never_exceed_the_cap_beyond_what_the_server_asked_for() {
        let mut backoff = Backoff::new(Duration::from_secs(3));
        for _ in 0..200 {
            assert!(backoff.next(None) <= Duration::from_secs(3));
        }
        let asked = backoff.next(Some(Duration::from_secs(7)));
        assert!((Duration::from_secs(7)..=Duration::from_secs(10)).contains(&asked));
    }
}
