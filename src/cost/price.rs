//! A price, exact to a millionth of a US dollar.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// How many decimal places a price has at most.
const PLACES: usize = 6;
const MILLION: u64 = 1_000_000;

/// A price in US dollars, counted in millionths so that nothing is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Price(u64);

/// Why a text is no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no price: expected dollars with up to 6 decimal places, such as 0.062")]
pub struct PriceError(String);

impl Price {
    /// Nothing to pay.
    pub const FREE: Self = Self(0);

    /// In millionths of a US dollar.
    #[must_use]
    pub const fn millionths(self) -> u64 {
        self.0
    }
}

impl FromStr for Price {
    type Err = PriceError;

    fn from_str(text: &str) -> Result<Self, PriceError> {
        let error = || PriceError(text.to_owned());
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > PLACES {
            return Err(error());
        }
        let whole: u64 = whole.parse().map_err(|_| error())?;
        let part: u64 = format!("{part:0<PLACES$}").parse().map_err(|_| error())?;
        let millionths = whole.checked_mul(MILLION).and_then(|w| w.checked_add(part));
        millionths.map(Self).ok_or_else(error)
    }
}

impl TryFrom<String> for Price {
    type Error = PriceError;

    fn try_from(text: String) -> Result<Self, PriceError> {
        text.parse()
    }
}

impl fmt::Display for Price {
    /// As people write it: `0.062`, `0`, `1.5`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / MILLION, self.0 % MILLION);
        if part == 0 {
            return write!(out, "{whole}");
        }
        let part = format!("{part:0>PLACES$}");
        write!(out, "{whole}.{}", part.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_price_is_refused() {
        for text in ["", ".", "1.", ".5", "-1", "1e3", "0.0000001", "1,5", " 1"] {
            assert!(text.parse::<Price>().is_err(), "{text}");
        }
        assert!("99999999999999999999".parse::<Price>().is_err());
        assert!("18446744073709.6".parse::<Price>().is_err());
    }

    proptest! {
        #[test]
        fn text_forms_round_trip(millionths in 0u64..=u64::MAX) {
            let price = Price(millionths);
            prop_assert_eq!(price.to_string().parse::<Price>().unwrap(), price);
        }
    }
}
