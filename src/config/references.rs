//! Fields that refer to something: a table by name, a look-up, or a literal id.
//!
//! ```toml
//! vpc = "main"                       # the field says the kind
//! via = "nat_gateway.main"           # several kinds fit, so the kind is said
//! vpc = "shared"                     # a look-up, if [existing.vpc.shared] is there
//! vpc = "existing.vpc.shared"        # the same
//! vpc = "vpc-0123456789abcdef0"      # something that this file does not know
//! ```

use super::document::{Holds, Item};
use super::fields::list_of;
use super::reading::{Found, Reading};
use crate::kind::Type;
use crate::model::address::is_name;
use crate::model::diagnostic::did_you_mean;
use crate::model::{Address, Diagnostic, Reference, Span, Value};

/// What a reference field wants: see [`Type::Reference`].
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    pub kinds: &'static [&'static str],
    pub attribute: &'static str,
    pub literal: &'static [&'static str],
}

impl Wanted {
    fn refer(&self, target: Address) -> Value {
        Value::Reference(Reference {
            target,
            attribute: self.attribute.to_owned(),
        })
    }

    /// Whether a text is an id of AWS that the field takes. A prefix that ends
    /// in `-` is followed by hexadecimal digits, another one (a hosted zone's `Z`)
    /// by capitals and digits; an empty one takes any text.
    fn takes_literal(&self, text: &str) -> bool {
        self.literal.iter().any(|prefix| {
            let Some(rest) = text.strip_prefix(prefix) else {
                return false;
            };
            let fits = |byte: u8| match prefix.ends_with('-') {
                true => byte.is_ascii_hexdigit(),
                false => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            };
            prefix.is_empty() || (rest.len() >= 4 && rest.bytes().all(fits))
        })
    }

    /// The kinds in a sentence: "a subnet", "an instance or a nat_gateway".
    fn noun(&self) -> String {
        list_of(self.kinds.iter().map(|kind| with_article(kind)), "or")
    }
}

impl Reading<'_> {
    /// The value of a reference field.
    pub(crate) fn reference(
        &self,
        wanted: Wanted,
        item: &Item,
        path: &str,
        found: &mut Found,
    ) -> Option<Value> {
        let Holds::Text(raw) = &item.holds else {
            let holds = Type::Reference {
                kinds: wanted.kinds,
                attribute: wanted.attribute,
                literal: wanted.literal,
            };
            return found.problem(self.wrong_type(&holds, item, path));
        };
        match self.text(raw, item, false, found)? {
            Value::Reference(reference) => {
                let fits = wanted.kinds.contains(&reference.target.kind.as_str())
                    && reference.attribute == wanted.attribute;
                if fits || wanted.literal.contains(&"") {
                    return Some(Value::Reference(reference));
                }
                let problem = Diagnostic::error(
                    item.span.clone(),
                    format!(
                        "`{path}` cannot be the {} of {}",
                        reference.attribute, reference.target
                    ),
                )
                .because(format!("it refers to {}", wanted.noun()));
                found.problem(match self.names_of(wanted.kinds).first() {
                    Some(name) => problem.remedy(format!("name one, as in `{path} = \"{name}\"`")),
                    None => problem,
                })
            }
            Value::String(text) => match self.resolve(wanted, &text, &item.span) {
                Ok(value) => Some(value),
                Err(_) if self.broken => None,
                Err(problem) => found.problem(*problem),
            },
            Value::Template(_) => found.problem(
                Diagnostic::error(
                    item.span.clone(),
                    format!("`{path}` must be a whole reference"),
                )
                .because(format!(
                    "it refers to {}, not to a text made of parts",
                    wanted.noun()
                )),
            ),
            _ => found.problem(
                Diagnostic::error(item.span.clone(), format!("`{path}` must be a name"))
                    .because(format!("it refers to {}", wanted.noun())),
            ),
        }
    }

    /// What a text refers to.
    pub(crate) fn resolve(
        &self,
        wanted: Wanted,
        text: &str,
        span: &Span,
    ) -> Result<Value, Box<Diagnostic>> {
        if let Some(address) = self.address_in(text) {
            if !wanted.kinds.contains(&address.kind.as_str()) {
                return Err(Box::new(self.wrong_kind(wanted, &address, span)));
            }
            if !self.is_declared(&address) {
                return Err(Box::new(self.dangling(&address, span.clone())));
            }
            return Ok(wanted.refer(address));
        }
        if is_name(text) {
            let fitting: Vec<Address> = wanted
                .kinds
                .iter()
                .map(|kind| self.named(kind, text))
                .filter(|address| self.is_declared(address))
                .collect();
            match (wanted.kinds.len(), fitting.as_slice()) {
                (1, [address]) => return Ok(wanted.refer(address.clone())),
                (_, [first, ..]) => {
                    let choices = list_of(fitting.iter().map(|a| format!("\"{a}\"")), "or");
                    return Err(Box::new(
                        Diagnostic::error(
                            span.clone(),
                            format!("`{text}` does not say of which kind"),
                        )
                        .because(format!("{} would do here", wanted.noun()))
                        .remedy(match fitting.len() {
                            1 => format!("write \"{first}\""),
                            _ => format!("write {choices}"),
                        }),
                    ));
                }
                _ => {}
            }
        }
        if wanted.takes_literal(text) {
            return Ok(Value::text(text));
        }
        Err(Box::new(self.unresolved(wanted, text, span)))
    }

    /// The table or look-up that a text spells out, declared or not.
    pub(crate) fn address_in(&self, text: &str) -> Option<Address> {
        let (rest, existing) = match text.strip_prefix("existing.") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (kind, name) = rest.split_once('.')?;
        if !is_name(name) || self.registry.table(kind).is_none() {
            return None;
        }
        Some(if existing {
            Address::existing(kind, name)
        } else {
            self.named(kind, name)
        })
    }

    /// A bare name, or something that is no name at all.
    fn unresolved(&self, wanted: Wanted, text: &str, span: &Span) -> Diagnostic {
        let many = wanted.kinds.len() > 1;
        let names = self.names_of(wanted.kinds);
        let problem = Diagnostic::error(
            span.clone(),
            match wanted.kinds {
                [kind] => format!("no {kind} is called `{text}`"),
                _ => format!("`{text}` refers to nothing"),
            },
        );
        let mut prefixes = wanted.literal.iter().filter(|prefix| prefix.ends_with('-'));
        let problem = match prefixes.find(|prefix| text.starts_with(**prefix)) {
            Some(prefix) => problem.because(format!(
                "it begins like an id of AWS, but `{prefix}` is followed by hexadecimal digits in those"
            )),
            None => problem,
        };
        if let Some(near) = did_you_mean(text, names.iter().map(String::as_str)) {
            return problem.remedy(format!("did you mean \"{near}\"?"));
        }
        // The name of another kind's table.
        let mut declared = self.tables.keys().chain(self.existing.keys());
        if let Some(other) = declared.find(|address| address.name == text) {
            return self.wrong_kind(wanted, other, span);
        }
        let shown = list_of(
            names.iter().take(8).map(|name| format!("\"{name}\"")),
            "and",
        );
        match (names.is_empty(), wanted.kinds) {
            (true, [kind]) if is_name(text) => {
                problem.remedy(format!("declare it: [{kind}.{text}]"))
            }
            (true, _) => problem
                .because(format!("{} is wanted here", wanted.noun()))
                .remedy("declare one"),
            (false, _) if many => problem.remedy(format!("{} fit here: {shown}", wanted.noun())),
            (false, _) => problem.remedy(format!("declared are {shown}")),
        }
    }

    fn wrong_kind(&self, wanted: Wanted, address: &Address, span: &Span) -> Diagnostic {
        let problem = Diagnostic::error(
            span.clone(),
            format!("`{}` is {}", address.name, with_article(&address.kind)),
        )
        .because(format!("{} is wanted here", wanted.noun()));
        let names = self.names_of(wanted.kinds);
        if names.is_empty() {
            return problem.remedy(format!("declare {}", wanted.noun()));
        }
        problem.remedy(format!(
            "what fits here: {}",
            list_of(
                names.iter().take(8).map(|name| format!("\"{name}\"")),
                "and"
            )
        ))
    }

    /// A spelled-out table or look-up that the file does not have.
    pub(crate) fn dangling(&self, address: &Address, span: Span) -> Diagnostic {
        let problem = Diagnostic::error(span, format!("the file has no [{address}]"));
        let declared = self.tables.keys().chain(self.existing.keys());
        let same: Vec<String> = declared
            .filter(|other| other.kind == address.kind && other.existing == address.existing)
            .map(ToString::to_string)
            .collect();
        let other_way = Address {
            existing: !address.existing,
            ..address.clone()
        };
        if self.is_declared(&other_way) {
            return problem.remedy(format!("did you mean `{other_way}`?"));
        }
        match did_you_mean(&address.to_string(), same.iter().map(String::as_str)) {
            Some(near) => problem.remedy(format!("did you mean `{near}`?")),
            None if same.is_empty() => problem.remedy(format!("declare it: [{address}]")),
            None => {
                let shown = list_of(same.iter().take(8).map(|name| format!("`{name}`")), "and");
                problem.remedy(format!("declared are {shown}"))
            }
        }
    }

    /// What a field for these kinds can be written as: bare names for one kind,
    /// whole addresses for several.
    fn names_of(&self, kinds: &[&str]) -> Vec<String> {
        self.tables
            .keys()
            .chain(self.existing.keys())
            .filter(|address| kinds.contains(&address.kind.as_str()))
            .map(|address| match kinds {
                [_] => address.name.clone(),
                _ => format!("{}.{}", address.kind, address.name),
            })
            .collect()
    }
}

/// A kind in a sentence.
pub(crate) fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {kind}")
}

#[cfg(test)]
mod tests;
