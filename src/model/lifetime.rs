//! Lifetimes: how long a stack is to live, and the moment at which it ends.
//!
//! ```text
//! [stack] ttl = "8h" ──► 28,800 s ──► s3net:expires-at = 2026-11-22T16:00:00Z
//! ```

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The shortest lifetime: below it, a stack would be over before it is built.
pub const SHORTEST: Duration = Duration::from_secs(60);
/// The longest: beyond it, a tag is more likely a slip of the pen than a wish.
pub const LONGEST: Duration = Duration::from_secs(366 * DAY);
/// How far the clocks of two machines may be apart.
pub const CLOCKS_APART: Duration = Duration::from_secs(300);

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// 2020-01-01T00:00:00Z. No stack of ours has ended before.
const EARLIEST: Timestamp = Timestamp::constant(1_577_836_800, 0);

/// A lifetime that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// How long it is in all, in seconds.
    pub ttl_seconds: u64,
    /// When it ends.
    pub until: Timestamp,
}

/// Reads a lifetime as people write it: `8h`, `90m`, `2d`, `1h30m`.
///
/// # Errors
/// What is wrong with it, and what to write.
pub fn parse(text: &str) -> Result<Duration, (String, String)> {
    let example = || "write it as in \"8h\", \"90m\", \"2d\" or \"1h30m\"".to_owned();
    let Some(seconds) = seconds_of(text) else {
        return Err((format!("`{text}` is not a lifetime"), example()));
    };
    let ttl = Duration::from_secs(seconds);
    if ttl < SHORTEST {
        return Err((
            format!("a lifetime of `{text}` is too short"),
            "the shortest is \"1m\"; building alone takes some minutes".to_owned(),
        ));
    }
    if ttl > LONGEST {
        return Err((
            format!("a lifetime of `{text}` is too long"),
            "the longest is \"366d\"; leave `ttl` out for a stack that is to stay".to_owned(),
        ));
    }
    Ok(ttl)
}

/// The seconds of a text of numbers and units, the larger units first and each
/// unit once.
fn seconds_of(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut total: u64 = 0;
    let mut smallest = u64::MAX;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at(end);
        let unit = match after.chars().next()? {
            'd' => DAY,
            'h' => HOUR,
            'm' => MINUTE,
            _ => return None,
        };
        if unit >= smallest {
            return None;
        }
        smallest = unit;
        let number: u64 = number.parse().ok()?;
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = &after[1..];
    }
    (smallest != u64::MAX).then_some(total)
}

/// A lifetime in words, as coarse as one wants to read it: `8 h`, `3 h 20 min`,
/// `2 d 4 h`, `45 min`, `30 s`.
#[must_use]
pub fn words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let two = |large: u64, of: &str, rest: u64, smaller: &str| match rest {
        0 => format!("{large} {of}"),
        rest => format!("{large} {of} {rest} {smaller}"),
    };
    match seconds {
        0..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => two(seconds / HOUR, "h", seconds % HOUR / MINUTE, "min"),
        _ => two(seconds / DAY, "d", seconds % DAY / HOUR, "h"),
    }
}

/// The moment at which a lifetime that begins now ends, in whole seconds.
#[must_use]
pub fn end_of(now: Timestamp, ttl: Duration) -> Timestamp {
    let end = now.as_second().saturating_add_unsigned(ttl.as_secs());
    Timestamp::from_second(end).unwrap_or(Timestamp::MAX)
}

/// A moment as the tag holds it: RFC 3339, UTC, whole seconds.
#[must_use]
pub fn written(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A moment as people read it, to the minute.
#[must_use]
pub fn told(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The moment that a tag holds, if it is one that this program can have written
/// before `now`: of its form, not before 2020, and no farther ahead than the
/// longest lifetime.
#[must_use]
pub fn read(text: &str, now: Timestamp) -> Option<Timestamp> {
    let moment: Timestamp = text.parse().ok()?;
    let farthest = end_of(end_of(now, LONGEST), CLOCKS_APART);
    let sound = written(moment) == text && moment >= EARLIEST && moment <= farthest;
    sound.then_some(moment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn lifetimes_are_read_as_people_write_them() {
        for (text, seconds) in [
            ("8h", 28_800),
            ("90m", 5_400),
            ("2d", 172_800),
            ("1h30m", 5_400),
            ("1d0h5m", 86_700),
            ("1m", 60),
            ("366d", 31_622_400),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in [
            "",
            "8",
            "h",
            "8 h",
            "8H",
            "-8h",
            "1.5h",
            "30m1h",
            "1h1h",
            "8h!",
            "30s",
            "0m",
            "59",
            "0h0m",
            "367d",
            "99999999999999999999d",
            "999999999999999999d",
            "８h",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_longer_the_coarser() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (2_759, "45 min"),
            (28_800, "8 h"),
            (12_059, "3 h 20 min"),
            (172_800, "2 d"),
            (187_200, "2 d 4 h"),
        ] {
            assert_eq!(words(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn only_what_we_can_have_written_is_a_moment() {
        let now = moment("2026-11-22T08:00:00Z");
        let end = end_of(now, Duration::from_secs(28_800));
        assert_eq!(written(end), "2026-11-22T16:00:00Z");
        assert_eq!(told(end), "2026-11-22 16:00 UTC");
        assert_eq!(read("2026-11-22T16:00:00Z", now), Some(end));
        assert!(read("2026-11-21T16:00:00Z", now).is_some());
        for text in [
            "",
            "tomorrow",
            "never",
            "1732291200",
            "2026-11-22",
            "2026-11-22T16:00:00",
            "2026-11-22T16:00:00.5Z",
            "2026-11-22T16:00:00+00:00",
            "2026-11-22 16:00:00Z",
            "1970-01-01T00:00:00Z",
            "2027-12-24T00:00:00Z",
            "9999-12-31T00:00:00Z",
        ] {
            assert_eq!(read(text, now), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(now in 1_700_000_000i64..4_000_000_000, ttl in 60u64..=31_622_400) {
            let now = Timestamp::from_second(now).unwrap();
            let end = end_of(now, Duration::from_secs(ttl));
            prop_assert_eq!(read(&written(end), now), Some(end));
        }

        #[test]
        fn no_text_makes_it_fall(text in "\\PC{0,24}") {
            let _ = parse(&text);
            let _ = read(&text, Timestamp::UNIX_EPOCH);
        }
    }
}
