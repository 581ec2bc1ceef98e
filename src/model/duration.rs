//! Durations: as people say them, and between two moments.

use std::time::Duration;

use jiff::Timestamp;

/// A duration in words short enough for a progress line: `420ms`, `4.2s`,
/// `12s`, `2m05s`, `1h02m`.
#[must_use]
pub fn brief(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{}ms", duration.as_millis()),
        1..10 => format!("{seconds}.{}s", duration.subsec_millis() / 100),
        10..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
    }
}

/// A duration that is a guess, in words no finer than the guess: `10 s`, `40 s`,
/// `3 min`, `2 h`.
#[must_use]
pub fn roughly(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=50 => format!("{} s", seconds.max(1).div_ceil(10) * 10),
        51..5400 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h", (seconds + 1800) / 3600),
    }
}

/// How much time has passed between two moments; none where the clock was set
/// back.
#[must_use]
pub fn passed(since: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now - since).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_the_coarser() {
        for (milliseconds, text) in [
            (0, "0ms"),
            (420, "420ms"),
            (9_999, "9.9s"),
            (12_900, "12s"),
            (125_000, "2m05s"),
            (3_720_000, "1h02m"),
        ] {
            assert_eq!(brief(Duration::from_millis(milliseconds)), text);
        }
    }

    #[test]
    fn a_guess_is_no_finer_than_it_is() {
        for (seconds, text) in [
            (0, "10 s"),
            (10, "10 s"),
            (11, "20 s"),
            (50, "50 s"),
            (51, "1 min"),
            (89, "1 min"),
            (90, "2 min"),
            (5_399, "90 min"),
            (5_400, "2 h"),
        ] {
            assert_eq!(roughly(Duration::from_secs(seconds)), text);
        }
    }
}
