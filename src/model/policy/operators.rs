//! Condition operators: whether a key's values are as a statement wants them.
//!
//! ```text
//! ForAllValues:StringNotLikeIfExists
//! └── set ───┘ └─ test ────┘└ if_exists
//! ```
//!
//! Of several wanted values one has to fit; of a negated operator none may
//! (IAM user guide, "Conditions with multiple context keys or values"). A
//! missing key fits nothing, so it meets the negated operators only, unless
//! the name ends in `IfExists` ("…IfExists condition operators").

use super::answer::Answer;
use super::comparison::{Compare, Order};
use super::keys::Held;
use super::text::Text;
use super::variables::{Reader, Wanted};
use crate::model::Value;

/// A condition operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operator {
    /// What it tests.
    pub test: Test,
    /// Whether it asks for what is not: such an operator matches a missing key.
    pub negated: bool,
    /// Whether a missing key meets it.
    pub if_exists: bool,
    /// How it takes several values of a key.
    pub set: Option<Set>,
}

/// What an operator tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    /// Whether the key is missing.
    Null,
    /// A comparison with each value.
    Compare(Compare),
}

/// How an operator takes several values of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    /// `ForAllValues`: each must meet it.
    Every,
    /// `ForAnyValue`: one must.
    Some,
}

impl Operator {
    /// An operator by its name; nothing of what is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let (set, name) = match text.split_once(':') {
            None => (None, text.as_str()),
            Some(("forallvalues", name)) => (Some(Set::Every), name),
            Some(("foranyvalue", name)) => (Some(Set::Some), name),
            Some(_) => return None,
        };
        let (name, if_exists) = match name.strip_suffix("ifexists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        if name == "null" {
            // It takes neither (IAM user guide, "Condition operator to check
            // existence of condition keys").
            let plain = set.is_none() && !if_exists;
            return plain.then_some(Self {
                test: Test::Null,
                negated: false,
                if_exists,
                set,
            });
        }
        let (compare, negated) = compared(name)?;
        Some(Self {
            test: Test::Compare(compare),
            negated,
            if_exists,
            set,
        })
    }

    /// Whether its values may hold policy variables.
    const fn takes_variables(self) -> bool {
        matches!(
            self.test,
            Test::Compare(Compare::Equal | Compare::EqualIgnoreCase | Compare::Like | Compare::Arn)
        )
    }

    /// Whether its values are patterns.
    const fn takes_patterns(self) -> bool {
        matches!(self.test, Test::Compare(Compare::Like | Compare::Arn))
    }

    /// Whether what a key holds is as these values want it.
    pub(super) fn met(self, values: &[&Value], held: &Held, reader: Reader<'_>) -> Answer {
        let compare = match self.test {
            Test::Null => return null(values, held),
            Test::Compare(compare) => compare,
        };
        let reader = Reader {
            wildcards: self.takes_patterns(),
            variables: reader.variables.filter(|_| self.takes_variables()),
            perhaps: reader.perhaps && self.takes_variables(),
        };
        let read: Vec<Option<Wanted>> = values.iter().map(|it| reader.read(it)).collect();
        if read.is_empty() {
            return Answer::perhaps("a condition has no values");
        }
        match held {
            Held::Texts(texts) => self.several(compare, &read, texts),
            Held::OneOf(texts) => {
                let each = texts.iter();
                let each = each.map(|it| self.several(compare, &read, std::slice::from_ref(it)));
                Answer::whichever(each, "a path in the principal's ARN is not known")
            }
            Held::Missing => self.missing(),
            Held::Something => self.something(compare, &read, "a key's value is not known"),
            Held::Unknown(why) => {
                let there = self.something(compare, &read, why);
                Answer::whichever([self.missing(), there], why)
            }
        }
    }

    /// Whether a missing key meets it, whatever the values are.
    fn missing(self) -> Answer {
        Answer::from(match self.set {
            _ if self.if_exists => true,
            Some(Set::Every) => true,
            Some(Set::Some) => false,
            None => self.negated,
        })
    }

    /// Whether a value that is not known meets it.
    fn something(self, compare: Compare, read: &[Option<Wanted>], why: &str) -> Answer {
        match self.one(compare, read, &Text::anything()) {
            Answer::Perhaps(_) => Answer::perhaps(why),
            known => known,
        }
    }

    /// Whether the values of a key meet it.
    fn several(self, compare: Compare, read: &[Option<Wanted>], texts: &[Text]) -> Answer {
        let mut each = texts.iter().map(|text| self.one(compare, read, text));
        match self.set {
            Some(Set::Every) => Answer::all(each),
            Some(Set::Some) => Answer::any(each),
            // IAM says nothing of a key with several values and an operator for one.
            None if texts.len() > 1 => Answer::whichever(
                each,
                "a key with several values meets an operator without ForAllValues or ForAnyValue",
            ),
            None => each.next().unwrap_or_else(|| self.missing()),
        }
    }

    /// Whether one value of a key meets it.
    fn one(self, compare: Compare, read: &[Option<Wanted>], text: &Text) -> Answer {
        let fits = Answer::any(read.iter().map(|wanted| match wanted {
            Some(wanted) if wanted.void => Answer::No,
            Some(wanted) => match (compare.fits(&wanted.text, text), &wanted.why) {
                (Answer::Perhaps(_), Some(why)) => Answer::perhaps(why),
                (answer, _) => answer,
            },
            None => Answer::perhaps("a condition's value is neither text nor number"),
        }));
        let meets = match self.negated {
            true => fits.negated(),
            false => fits,
        };
        match (&meets, unresolved(read)) {
            (Answer::Yes, Some(perhaps)) => perhaps,
            _ => meets,
        }
    }
}

/// What is to be said where a variable has no value: AWS may hold the whole
/// statement for invalid, so that even what would meet it may not.
fn unresolved(read: &[Option<Wanted>]) -> Option<Answer> {
    let mut keys = read
        .iter()
        .flatten()
        .filter_map(|it| it.unresolved.as_deref());
    let key = keys.next()?;
    Some(Answer::perhaps(format!(
        "the variable ${{{key}}} may have no value"
    )))
}

/// Whether a key is missing, or there, as wanted.
fn null(values: &[&Value], held: &Held) -> Answer {
    let wants_missing = |value: &&Value| match value.to_text()?.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    };
    let mut wanted = values.iter().map(wants_missing);
    let (Some(Some(wants_missing)), true) = (wanted.next(), values.len() == 1) else {
        return Answer::perhaps("`Null` takes one value, `true` or `false`");
    };
    match held {
        Held::Missing => Answer::from(wants_missing),
        Held::Unknown(why) => Answer::perhaps(why),
        Held::Texts(_) | Held::OneOf(_) | Held::Something => Answer::from(!wants_missing),
    }
}

/// The comparison of an operator's name in lower case, and whether it negates.
fn compared(name: &str) -> Option<(Compare, bool)> {
    Some(match name {
        "stringequals" => (Compare::Equal, false),
        "stringnotequals" => (Compare::Equal, true),
        "stringequalsignorecase" => (Compare::EqualIgnoreCase, false),
        "stringnotequalsignorecase" => (Compare::EqualIgnoreCase, true),
        "stringlike" => (Compare::Like, false),
        "stringnotlike" => (Compare::Like, true),
        // Both behave the same (IAM user guide, "ARN condition operators").
        "arnequals" | "arnlike" => (Compare::Arn, false),
        "arnnotequals" | "arnnotlike" => (Compare::Arn, true),
        "ipaddress" => (Compare::IpAddress, false),
        "notipaddress" => (Compare::IpAddress, true),
        "bool" => (Compare::Bool, false),
        "binaryequals" => (Compare::Binary, false),
        name => {
            let numeric = |order: &str| order_of(order).map(|(o, not)| (Compare::Numeric(o), not));
            let date = |order: &str| order_of(order).map(|(o, not)| (Compare::Date(o), not));
            return match (name.strip_prefix("numeric"), name.strip_prefix("date")) {
                (Some(order), _) => numeric(order),
                (_, Some(order)) => date(order),
                (None, None) => None,
            };
        }
    })
}

fn order_of(name: &str) -> Option<(Order, bool)> {
    Some(match name {
        "equals" => (Order::Equal, false),
        "notequals" => (Order::Equal, true),
        "lessthan" => (Order::Less, false),
        "lessthanequals" => (Order::LessOrEqual, false),
        "greaterthan" => (Order::Greater, false),
        "greaterthanequals" => (Order::GreaterOrEqual, false),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
