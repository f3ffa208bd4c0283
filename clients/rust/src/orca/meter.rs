use std::time::Instant;

/// How long a call counts, in seconds: after so long to 37 %, after thrice as long to 5 %.
const MEMORY: f64 = 5.0;

/// The means of now.
pub(super) struct Rates {
    /// How many calls were under way at a time.
    pub(super) under_way: f64,
    /// How many began in a second.
    pub(super) per_second: f64,
    /// How many failed in a second.
    pub(super) failed_per_second: f64,
}

/// Counts the calls of a server. Its means forget exponentially, all alike: of a client that divides one by another they are right from the
/// first call on, however short the calls and however rarely they are read.
pub(super) struct Meter {
    under_way: u32,
    mean_under_way: f64,
    begun: f64,
    failed: f64,
    as_of: Instant,
}

impl Meter {
    pub(super) fn new(now: Instant) -> Self {
        Self { under_way: 0, mean_under_way: 0.0, begun: 0.0, failed: 0.0, as_of: now }
    }

    pub(super) fn under_way(&self) -> u32 {
        self.under_way
    }

    pub(super) fn begin(&mut self, now: Instant) {
        self.forget(now);
        self.under_way += 1;
        self.begun += 1.0;
    }

    pub(super) fn end(&mut self, now: Instant, has_failed: bool) {
        self.forget(now);
        self.under_way -= 1;
        self.failed += f64::from(u8::from(has_failed));
    }

    pub(super) fn read(&mut self, now: Instant) -> Rates {
        self.forget(now);
        Rates {
            under_way: self.mean_under_way,
            per_second: self.begun / MEMORY,
            failed_per_second: self.failed / MEMORY,
        }
    }

    /// Brings the means to now.
    fn forget(&mut self, now: Instant) {
        let kept = (-now.saturating_duration_since(self.as_of).as_secs_f64() / MEMORY).exp();
        self.as_of = self.as_of.max(now);
        let under_way = f64::from(self.under_way);
        self.mean_under_way = under_way + (self.mean_under_way - under_way) * kept;
        self.begun *= kept;
        self.failed *= kept;
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Meter;

    #[test]
    fn the_means_are_those_of_the_last_seconds() {
        let mut now = Instant::now();
        let mut meter = Meter::new(now);
        for call in 0..6_000 {
            meter.begin(now);
            now += Duration::from_millis(2);
            meter.end(now, call >= 3_000);
            now += Duration::from_millis(8);
        }
        let rates = meter.read(now);
        assert!((rates.under_way - 0.2).abs() < 0.01);
        assert!((rates.per_second - 100.0).abs() < 0.5);
        assert!((rates.failed_per_second - 100.0).abs() < 0.5);
        let rates = meter.read(now + Duration::from_secs(60));
        assert!(rates.under_way < 0.001 && rates.per_second < 0.001);
    }
}
