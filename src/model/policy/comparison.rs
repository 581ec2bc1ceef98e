//! How a value of a condition key is compared with one that a policy wants
//! (IAM user guide, "IAM JSON policy elements: Condition operators").

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;

use super::answer::Answer;
use super::text::Text;

/// A comparison of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    /// The same text.
    Equal,
    /// The same text without regard to case.
    EqualIgnoreCase,
    /// A text that fits a pattern.
    Like,
    /// An ARN that fits a pattern part by part.
    Arn,
    /// An address in a range.
    IpAddress,
    /// The same truth.
    Bool,
    /// The same bytes, both written in base 64.
    Binary,
    /// Two numbers.
    Numeric(Order),
    /// Two moments.
    Date(Order),
}

/// Which order two values are to have: the key's against the wanted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The same.
    Equal,
    /// Below.
    Less,
    /// Not above.
    LessOrEqual,
    /// Above.
    Greater,
    /// Not below.
    GreaterOrEqual,
}

impl Compare {
    /// Whether a text fits what is wanted.
    pub(super) fn fits(self, wanted: &Text, text: &Text) -> Answer {
        match self {
            Self::Equal | Self::Like => wanted.fits(text),
            Self::EqualIgnoreCase => wanted.lower().fits(&text.lower()),
            Self::Arn => arn(wanted, text),
            Self::IpAddress => ip_address(wanted, text),
            Self::Bool => both(wanted, text, "true or false", truth, |one, other| {
                one == other
            }),
            Self::Binary => both(wanted, text, "text", padded, |one, other| one == other),
            Self::Numeric(order) => both(wanted, text, "a number", number, |one, other| {
                order.holds(one.partial_cmp(other))
            }),
            Self::Date(order) => both(wanted, text, "a date", moment, |one, other| {
                order.holds(one.partial_cmp(other))
            }),
        }
    }
}

impl Order {
    fn holds(self, found: Option<std::cmp::Ordering>) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        match self {
            Self::Equal => found == Some(Equal),
            Self::Less => found == Some(Less),
            Self::LessOrEqual => matches!(found, Some(Less | Equal)),
            Self::Greater => found == Some(Greater),
            Self::GreaterOrEqual => matches!(found, Some(Greater | Equal)),
        }
    }
}

/// Each of the six parts is compared by itself, so that a `*` does not reach
/// over a colon; only the last part may hold colons of its own (IAM user guide,
/// "Amazon Resource Name (ARN) condition operators").
fn arn(wanted: &Text, text: &Text) -> Answer {
    if wanted.is_star() {
        return Answer::Yes;
    }
    match (wanted.arn_parts(), text.arn_parts()) {
        (Some(wanted), Some(text)) => {
            let parts = wanted.iter().zip(&text);
            Answer::all(parts.map(|(wanted, text)| wanted.fits(text)))
        }
        (Some(_), None) if text.is_known() => Answer::No,
        (None, _) if wanted.is_known() => Answer::perhaps(format!("{} is no ARN", wanted.shown())),
        // Of what is not known the parts are not known either. What cannot fit
        // as a whole cannot fit in parts.
        _ => match wanted.fits(text) {
            Answer::Yes => Answer::perhaps("an ARN is not known"),
            other => other,
        },
    }
}

/// An address, or a range somewhere in which an address is.
fn net(text: &str) -> Option<IpNet> {
    match text.parse::<IpNet>() {
        Ok(net) => Some(net.trunc()),
        Err(_) => text.parse::<IpAddr>().ok().map(IpNet::from),
    }
}

fn ip_address(wanted: &Text, text: &Text) -> Answer {
    let plain = (wanted.plain(), text.plain());
    let (Some(wanted_text), Some(held)) = &plain else {
        // An address that is to come may lie anywhere; its own stand-in is it.
        return match wanted.fits(text) {
            Answer::Yes => Answer::Yes,
            _ => Answer::perhaps("an address is not known"),
        };
    };
    match (net(wanted_text), net(held)) {
        (Some(wanted), Some(held)) if wanted.contains(&held) => Answer::Yes,
        (Some(wanted), Some(held)) if !held.contains(&wanted) => Answer::No,
        (Some(wanted), Some(held)) => Answer::perhaps(format!(
            "the address is somewhere in {held}, which is more than {wanted}"
        )),
        (None, _) => Answer::perhaps(format!("{wanted_text} is no address range")),
        (_, None) => Answer::perhaps(format!("{held} is no address")),
    }
}

/// Compares what two texts mean.
fn both<T>(
    wanted: &Text,
    text: &Text,
    what: &str,
    meaning: impl Fn(&str) -> Option<T>,
    holds: impl Fn(&T, &T) -> bool,
) -> Answer {
    let (Some(wanted_text), Some(held)) = (wanted.plain(), text.plain()) else {
        return Answer::perhaps("a value is not known");
    };
    match (meaning(&wanted_text), meaning(&held)) {
        (Some(wanted), Some(held)) => Answer::from(holds(&held, &wanted)),
        (None, _) => Answer::perhaps(format!("{wanted_text} is not {what}")),
        (_, None) => Answer::perhaps(format!("{held} is not {what}")),
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Base 64 with or without its padding is the same; every text is some.
fn padded(text: &str) -> Option<String> {
    Some(text.trim_end_matches('=').to_owned())
}

/// A number as people write it: Rust would also take `inf` and `NaN`.
fn number(text: &str) -> Option<f64> {
    let digits = text
        .chars()
        .all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    let number: f64 = text.parse().ok().filter(|_| digits)?;
    number.is_finite().then_some(number)
}

/// A moment: seconds since 1970, a date, or a date and time with its offset.
fn moment(text: &str) -> Option<Timestamp> {
    if let Some(seconds) = number(text) {
        // Milliseconds are as fine as AWS's dates are.
        let milliseconds = (seconds * 1000.0).round();
        let in_range = milliseconds.abs() < 1e15;
        return match in_range {
            true => Timestamp::from_millisecond(milliseconds as i64).ok(),
            false => None,
        };
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    // A day begins at midnight, UTC.
    let day = text.len() == 10 && !text.contains('T');
    day.then(|| format!("{text}T00:00:00Z").parse().ok())
        .flatten()
}
