//! Policy documents for people: JSON in AWS's usual order of elements, on as
//! few lines as fit.

use std::collections::BTreeSet;

use super::fitting::{columns, harmless};
use super::line_difference::Line;
use crate::model::{Value, policy};

/// How a document is broken into lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breaks {
    /// Where a line would be longer than so many columns.
    Beyond(usize),
    /// At every value of several, so that each change is a line of its own.
    Everywhere,
}

/// Whether a document allows everybody everything, which is what AWS gives an
/// endpoint that states no policy.
#[must_use]
pub fn allows_everything(document: &Value) -> bool {
    let [statement] = &policy::statements(document)[..] else {
        return false;
    };
    let Some(elements) = statement.as_map() else {
        return false;
    };
    let everything = |element: &str| policy::texts(statement, element) == ["*"];
    elements
        .keys()
        .all(|key| ["Sid", "Effect", "Principal", "Action", "Resource"].contains(&key.as_str()))
        && policy::texts(statement, "Effect") == ["Allow"]
        && policy::principals(document) == ["*"]
        && everything("Action")
        && everything("Resource")
}

/// The document as lines of JSON.
#[must_use]
pub fn lines(document: &Value, breaks: Breaks) -> Vec<String> {
    let mut lines = Vec::new();
    write(&tidy("", document), String::new(), "", breaks, &mut lines);
    lines
}

/// The lines that say where in a document the changed ones are, by index: what
/// they stand in, and the name and effect of their statement.
#[must_use]
pub fn landmarks(lines: &[Line]) -> BTreeSet<usize> {
    let indent = |text: &str| text.len() - text.trim_start().len();
    let texts: Vec<&str> = lines.iter().map(Line::text).collect();
    let mut landmarks = BTreeSet::new();
    for (index, line) in lines.iter().enumerate() {
        if matches!(line, Line::Same(_)) {
            continue;
        }
        let mut inner = indent(line.text());
        for (place, text) in texts[..index].iter().enumerate().rev() {
            if indent(text) >= inner {
                continue;
            }
            inner = indent(text);
            landmarks.insert(place);
            let says_which = |place: &usize| {
                let text = texts[*place].trim_start();
                text.starts_with("\"Sid\"") || text.starts_with("\"Effect\"")
            };
            landmarks.extend((place + 1..index).take_while(says_which));
        }
    }
    landmarks
}

/// The document with its lists in one order, and lists of one as single
/// values: what AWS gives back must not look different where it means the same.
fn tidy(element: &str, value: &Value) -> Value {
    match value {
        Value::Map(entries) => Value::Map(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), tidy(key, value)))
                .collect(),
        ),
        Value::List(items) if element == "Statement" => {
            Value::List(items.iter().map(|item| tidy("", item)).collect())
        }
        Value::List(items) => {
            let mut items: Vec<_> = items.iter().map(|item| tidy("", item)).collect();
            items.sort();
            match items.len() {
                1 => items.swap_remove(0),
                _ => Value::List(items),
            }
        }
        other => other.clone(),
    }
}

fn write(value: &Value, start: String, end: &str, breaks: Breaks, lines: &mut Vec<String>) {
    let flat = format!("{start}{}{end}", flat(value));
    let fits = match breaks {
        Breaks::Beyond(width) => columns(&flat) <= width,
        Breaks::Everywhere => is_single(value),
    };
    let inner = format!("{}  ", &start[..start.len() - start.trim_start().len()]);
    match value {
        Value::List(items) if !fits && !items.is_empty() => {
            lines.push(format!("{start}["));
            for (index, item) in items.iter().enumerate() {
                let end = if index + 1 < items.len() { "," } else { "" };
                write(item, inner.clone(), end, breaks, lines);
            }
            lines.push(format!("{}]{end}", &inner[2..]));
        }
        Value::Map(map) if !fits && !map.is_empty() => {
            lines.push(format!("{start}{{"));
            let entries = ordered(map);
            for (index, (key, value)) in entries.iter().enumerate() {
                let end = if index + 1 < entries.len() { "," } else { "" };
                write(
                    value,
                    format!("{inner}{}: ", quoted(key)),
                    end,
                    breaks,
                    lines,
                );
            }
            lines.push(format!("{}}}{end}", &inner[2..]));
        }
        _ => lines.push(flat),
    }
}

/// Whether a value holds no more than one text, however deep.
fn is_single(value: &Value) -> bool {
    match value {
        Value::List(items) => items.len() < 2 && items.iter().all(is_single),
        Value::Map(map) => map.len() < 2 && map.values().all(is_single),
        _ => true,
    }
}

fn ordered(map: &std::collections::BTreeMap<String, Value>) -> Vec<(&String, &Value)> {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_by_key(|(key, _)| policy::place_of_element(key));
    entries
}

fn flat(value: &Value) -> String {
    match value {
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(flat).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(map) if map.is_empty() => "{}".to_owned(),
        Value::Map(map) => {
            let entries: Vec<_> = ordered(map)
                .into_iter()
                .map(|(key, value)| format!("{}: {}", quoted(key), flat(value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => harmless(&other.to_json().to_string()),
    }
}

fn quoted(text: &str) -> String {
    harmless(&serde_json::Value::from(text).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Value {
        policy::parse(text).unwrap()
    }

    #[test]
    fn a_document_takes_as_few_lines_as_fit() {
        let document = document(
            r#"{"Statement":[{"Resource":["arn:aws:s3:::b/*","arn:aws:s3:::b"],"Action":["s3:*"],
                "Principal":"*","Effect":"Allow"}],"Version":"2012-10-17"}"#,
        );
        let expected = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": "*",
      "Action": "s3:*",
      "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]
    }
  ]
}"#;
        assert_eq!(lines(&document, Breaks::Beyond(60)).join("\n"), expected);
        assert_eq!(lines(&document, Breaks::Beyond(200)).len(), 1);
        assert_eq!(lines(&document, Breaks::Everywhere).len(), 14);
    }

    #[test]
    fn full_access_is_known_in_both_of_aws_own_forms() {
        for text in [
            r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#,
            r#"{"Version":"2008-10-17","Statement":{"Action":["*"],"Effect":"Allow","Principal":{"AWS":"*"},"Resource":"*"}}"#,
        ] {
            assert!(allows_everything(&document(text)), "{text}");
        }
        let narrower = r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*",
            "Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}"#;
        assert!(!allows_everything(&document(narrower)));
    }
}
