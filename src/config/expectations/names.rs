//! What the names and wildcards of an expectation stand for.

use super::super::fields::list_of;
use super::super::reading::Reading;
use super::super::references::Wanted;
use super::{Address, Diagnostic, Doorway, Means, Said, Span, Target, Value};
use crate::model::diagnostic::did_you_mean;
use crate::model::expectation::{DOORS, ORIGINS};
use crate::model::network::short_service;
use crate::model::pattern::fits;
use crate::model::services;

const BUCKETS: &[&str] = &["bucket"];
/// How many names a remedy lists.
const LISTED: usize = 8;

/// The tables of these kinds.
const fn of(kinds: &'static [&'static str]) -> Wanted {
    Wanted {
        kinds,
        attribute: "id",
        literal: &[],
    }
}

impl Reading<'_> {
    /// The instances and subnets that a text names.
    pub(super) fn origins(&self, said: &Said) -> Result<Vec<Address>, Box<Diagnostic>> {
        match &said.means {
            Means::Of(address) => self.of_kind(ORIGINS, address, &said.span),
            Means::Text(text) => self.tables_named(ORIGINS, text, &said.span),
        }
    }

    /// The buckets and services that a text names.
    pub(super) fn targets(&self, said: &Said) -> Result<Vec<Target>, Box<Diagnostic>> {
        let span = &said.span;
        let buckets = |addresses: Vec<Address>| {
            let buckets = addresses.into_iter().map(Target::Bucket);
            Ok(buckets.collect())
        };
        let text = match &said.means {
            Means::Of(address) => return self.of_kind(BUCKETS, address, span).and_then(buckets),
            Means::Text(text) => text.as_str(),
        };
        if let Some(name) = text.strip_prefix("s3://") {
            return bucket_name(name, span).map(|name| vec![Target::Named(name)]);
        }
        if text.contains('*') || self.address_in(text).is_some() {
            return self.tables_named(BUCKETS, text, span).and_then(buckets);
        }
        let short = short_service(text);
        if short != text || services::KNOWN.contains(&text) {
            return Ok(vec![Target::Service(short.to_owned())]);
        }
        Err(Box::new(self.no_target(text, span)))
    }

    /// The doors that a text names.
    pub(super) fn doorways(&self, said: &Said) -> Result<Vec<Doorway>, Box<Diagnostic>> {
        let one = |addresses: Vec<Address>| {
            let doors = addresses.into_iter().map(Doorway::One);
            Ok(doors.collect())
        };
        let text = match &said.means {
            Means::Of(address) => return self.of_kind(DOORS, address, &said.span).and_then(one),
            Means::Text(text) => text,
        };
        if DOORS.contains(&text.as_str()) {
            return Ok(vec![Doorway::Kind(text.clone())]);
        }
        let is_kind = self.registry.table(text).is_some();
        if !text.contains(['.', '*']) && (is_kind || self.no_door_is_called(text)) {
            let problem = Diagnostic::error(said.span.clone(), format!("`{text}` is no door"))
                .because("traffic leaves a VPC by an endpoint, a NAT or an internet gateway");
            let spelt = text.to_lowercase().replace([' ', '-'], "_");
            return Err(Box::new(
                match did_you_mean(&spelt, DOORS.iter().copied()) {
                    Some(near) => problem.remedy(format!("did you mean \"{near}\"?")),
                    None => problem.remedy(format!(
                        "write {}, or the name of one of them",
                        list_of(DOORS.iter().map(|kind| format!("\"{kind}\"")), "or")
                    )),
                },
            ));
        }
        self.tables_named(DOORS, text, &said.span).and_then(one)
    }

    fn no_door_is_called(&self, name: &str) -> bool {
        let mut doors = self.declared(DOORS);
        !doors.any(|address| address.name == name)
    }

    /// The tables and look-ups of some kinds.
    fn declared<'s>(&'s self, kinds: &'static [&str]) -> impl Iterator<Item = &'s Address> {
        let all = self.tables.keys().chain(self.existing.keys());
        all.filter(|address| kinds.contains(&address.kind.as_str()))
    }

    /// A table that an interpolation names.
    fn of_kind(
        &self,
        kinds: &'static [&'static str],
        address: &Address,
        span: &Span,
    ) -> Result<Vec<Address>, Box<Diagnostic>> {
        self.tables_named(kinds, &address.to_string(), span)
    }

    /// The table of a name, or every table that fits a wildcard.
    fn tables_named(
        &self,
        kinds: &'static [&'static str],
        text: &str,
        span: &Span,
    ) -> Result<Vec<Address>, Box<Diagnostic>> {
        if !text.contains('*') {
            return match self.resolve(of(kinds), text, span)? {
                Value::Reference(reference) => Ok(vec![reference.target]),
                _ => Ok(Vec::new()),
            };
        }
        // A look-up goes by its short name too, as everywhere.
        let named = |address: &Address| {
            fits(text, &address.to_string())
                || fits(text, &format!("{}.{}", address.kind, address.name))
        };
        let fitting: Vec<Address> = self
            .declared(kinds)
            .filter(|it| named(it))
            .cloned()
            .collect();
        if fitting.is_empty() {
            return Err(Box::new(self.fits_nothing(kinds, text, span)));
        }
        Ok(fitting)
    }

    /// A wildcard in vain.
    fn fits_nothing(&self, kinds: &'static [&'static str], text: &str, span: &Span) -> Diagnostic {
        let problem = Diagnostic::error(span.clone(), format!("nothing fits `{text}`"));
        let (kind, rest) = text.split_once('.').unwrap_or((text, ""));
        let near = did_you_mean(kind, kinds.iter().copied()).filter(|near| *near != kind);
        let names: Vec<String> = self.declared(kinds).map(|it| format!("`{it}`")).collect();
        let all = list_of(kinds.iter().map(|kind| format!("`{kind}.*`")), "or");
        if let (Some(near), false) = (near, kind.contains('*')) {
            return problem.remedy(format!("did you mean `{near}.{rest}`?"));
        }
        if self.registry.table(kind).is_some() && !kinds.contains(&kind) {
            return problem
                .because(format!("it would have to be one of {all}"))
                .remedy("name another kind");
        }
        match names.len() {
            0 => problem
                .because(format!("the file has nothing of {all}"))
                .remedy("remove the expectation, or declare what it is about"),
            _ => problem.remedy(format!(
                "there are {}",
                list_of(names.into_iter().take(LISTED), "and")
            )),
        }
    }

    /// A text that is neither a bucket nor a service.
    fn no_target(&self, text: &str, span: &Span) -> Diagnostic {
        let problem = Diagnostic::error(
            span.clone(),
            format!("`{text}` is neither a bucket nor a service"),
        );
        if let Some(bucket) = self.declared(BUCKETS).find(|it| it.name == text) {
            return problem.remedy(format!("did you mean \"{bucket}\"?"));
        }
        let buckets: Vec<String> = self.declared(BUCKETS).map(ToString::to_string).collect();
        let names = buckets.iter().map(String::as_str);
        match did_you_mean(text, names.chain(services::KNOWN.iter().copied())) {
            Some(near) => problem.remedy(format!("did you mean \"{near}\"?")),
            None => problem.remedy(
                "write a bucket of the file, \"s3://name\", a service such as \"ssm\", or a \
                 service's whole name, \"com.amazonaws.<region>.<service>\"",
            ),
        }
    }
}

/// The name in `s3://name`.
fn bucket_name(name: &str, span: &Span) -> Result<String, Box<Diagnostic>> {
    let error = |problem: String| Diagnostic::error(span.clone(), problem);
    let name = name.strip_suffix('/').unwrap_or(name);
    if let Some((bucket, key)) = name.split_once('/') {
        return Err(Box::new(
            error("`to` names a bucket, not an object".to_owned()).remedy(format!(
                "write `to = \"s3://{bucket}\"`, `object = \"{key}\"`"
            )),
        ));
    }
    if name.contains('*') {
        return Err(Box::new(
            error("a wildcard stands for buckets of the file".to_owned())
                .remedy("write \"bucket.*\", or the whole name"),
        ));
    }
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    if (3..=63).contains(&name.len()) && name.bytes().all(plain) {
        return Ok(name.to_owned());
    }
    Err(Box::new(
        error(format!("`{name}` cannot be a bucket's name"))
            .because("a name has 3 to 63 small letters, digits, dots and hyphens"),
    ))
}
