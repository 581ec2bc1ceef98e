//! From a template's text, YAML or JSON, to a tree.
//!
//! JSON is read as the YAML that it is, so that both have lines. What a template
//! may not have (AWS CloudFormation user guide, "Template format": aliases are
//! not supported, a template body has at most 1 MB) is refused, and so is what
//! is built to fill the memory or the call stack.

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, Tag, YamlData};

use super::node::{Entry, Holds, Node};
use crate::model::{Diagnostic, Span};

/// AWS's limit on the body of a template, in bytes.
const LARGEST: usize = 1024 * 1024;
/// Deeper than any template needs, and far from the end of the call stack.
const DEEPEST: usize = 60;
/// A line that begins further to the right is nested deeper than the parser's
/// own tree should be.
const WIDEST: usize = 240;

/// Functions that have no `Fn::` before their names.
const BARE: &[&str] = &["Ref", "Condition"];

/// Reads a template.
///
/// # Errors
/// What is wrong with it, at its place.
pub(super) fn read(text: &str) -> Result<Node, Box<Diagnostic>> {
    bounded(text)?;
    // JSON may be indented with tabs, YAML may not; a text of JSON holds none.
    let patched;
    let text = if text.trim_start().starts_with('{') {
        patched = text.replace('\t', " ");
        &patched
    } else {
        text
    };
    let places = Places::of(text);
    let documents = MarkedYaml::load_from_str(text).map_err(|error| {
        let at = places.byte(error.marker().index());
        let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
        Box::new(
            Diagnostic::error(
                at..end,
                format!("the template cannot be read: {}", error.info()),
            )
            .remedy("a template is one document of YAML or JSON"),
        )
    })?;
    match documents.as_slice() {
        [document] => places.node(document, 0),
        [] => Err(Box::new(
            Diagnostic::error(0..0, "the template is empty")
                .remedy("it needs at least `Resources:`"),
        )),
        [_, second, ..] => Err(Box::new(
            Diagnostic::error(
                places.span(second),
                "the file holds more than one YAML document",
            )
            .remedy("a template is one document: put the others into files of their own"),
        )),
    }
}

/// Refuses what the parser should not even see.
fn bounded(text: &str) -> Result<(), Box<Diagnostic>> {
    if text.len() > LARGEST {
        return Err(Box::new(
            Diagnostic::error(0..0, format!("the template has {} bytes", text.len()))
                .because(format!("CloudFormation takes at most {LARGEST}")),
        ));
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mut depth = 0;
        let mut rest = line;
        while let Some(inner) = ["- ", "? ", " "]
            .iter()
            .find_map(|it| rest.strip_prefix(it))
        {
            depth += rest.len() - inner.len();
            rest = inner;
        }
        if depth > WIDEST && !line.trim().is_empty() {
            return Err(too_deep(start..start + line.trim_end().len()));
        }
        start += line.len();
    }
    Ok(())
}

fn too_deep(span: Span) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(span, "nested too deeply")
            .because(format!("no template needs more than {DEEPEST} levels")),
    )
}

/// Where each character of a text begins, in bytes: the parser counts characters.
struct Places<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Places<'t> {
    fn of(text: &'t str) -> Self {
        let starts = text.char_indices().map(|(start, _)| start).collect();
        Self { text, starts }
    }

    fn byte(&self, character: usize) -> usize {
        let start = self.starts.get(character);
        start.copied().unwrap_or(self.text.len())
    }

    fn span(&self, node: &MarkedYaml<'_>) -> Span {
        let (start, end) = (node.span.start, node.span.end);
        let start = self.byte(start.index());
        start..self.byte(end.index()).max(start)
    }

    fn node(&self, yaml: &MarkedYaml<'_>, depth: usize) -> Result<Node, Box<Diagnostic>> {
        let span = self.span(yaml);
        if depth > DEEPEST {
            return Err(too_deep(span));
        }
        let fault = |problem: &str| Box::new(Diagnostic::error(span.clone(), problem));
        let holds = match &yaml.data {
            YamlData::Value(scalar) => scalar_of(scalar, self.text.get(span.clone())),
            YamlData::Representation(text, _, None) => Holds::Text(text.to_string()),
            YamlData::Sequence(items) => Holds::List(
                items
                    .iter()
                    .map(|item| self.node(item, depth + 1))
                    .collect::<Result<_, _>>()?,
            ),
            YamlData::Mapping(map) => {
                let mut entries = Vec::new();
                for (key, value) in map {
                    let name = match self.node(key, depth + 1)?.holds {
                        Holds::Text(name) => name,
                        _ => {
                            return Err(Box::new(Diagnostic::error(
                                self.span(key),
                                "a key must be a text",
                            )));
                        }
                    };
                    entries.push(Entry {
                        key: name,
                        line: key.span.start.line(),
                        node: self.node(value, depth + 1)?,
                    });
                }
                long_call(entries)
            }
            YamlData::Tagged(tag, inner) => {
                let mut called = self.node(inner, depth + 1)?;
                if called.span.is_empty() {
                    called.line = yaml.span.start.line();
                    called.span = span.clone();
                }
                Holds::Call(name_of(tag), Box::new(called))
            }
            YamlData::Representation(_, _, Some(_)) | YamlData::BadValue => {
                return Err(
                    fault("this value cannot be read").because_of("its tag does not fit it")
                );
            }
            YamlData::Alias(_) => {
                return Err(fault("an alias").because_of("CloudFormation supports no YAML aliases"));
            }
        };
        Ok(Node {
            line: yaml.span.start.line().max(1),
            span,
            holds,
        })
    }
}

/// Adds the cause to a boxed problem.
trait BecauseOf {
    fn because_of(self, cause: &str) -> Self;
}

impl BecauseOf for Box<Diagnostic> {
    fn because_of(mut self, cause: &str) -> Self {
        self.cause = Some(cause.to_owned());
        self
    }
}

/// A scalar's text. What looks like a number is taken to the letter, since an
/// account's id may begin with a zero.
fn scalar_of(scalar: &Scalar<'_>, written: Option<&str>) -> Holds {
    let written = written.map(str::trim).filter(|text| !text.is_empty());
    match scalar {
        Scalar::Null => Holds::Nothing,
        Scalar::String(text) => Holds::Text(text.to_string()),
        Scalar::Boolean(value) => Holds::Text(value.to_string()),
        Scalar::Integer(number) => Holds::Text(
            written
                .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
                .map_or_else(|| number.to_string(), str::to_owned),
        ),
        Scalar::FloatingPoint(number) => Holds::Text(
            written
                .filter(|text| text.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
                .map_or_else(|| number.to_string(), str::to_owned),
        ),
    }
}

/// The long name of a short form's function.
fn name_of(tag: &Tag) -> String {
    let name = tag.suffix.as_str();
    match BARE.contains(&name) {
        true => name.to_owned(),
        false => format!("Fn::{name}"),
    }
}

/// A map, or the function that its only entry calls.
fn long_call(mut entries: Vec<Entry>) -> Holds {
    let calls = |key: &str| key == "Ref" || key.starts_with("Fn::");
    match (entries.len(), entries.pop()) {
        (1, Some(only)) if calls(&only.key) => Holds::Call(only.key, Box::new(only.node)),
        (_, last) => {
            entries.extend(last);
            Holds::Map(entries)
        }
    }
}

#[cfg(test)]
mod tests;
