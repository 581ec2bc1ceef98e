//! Damage that knows the structure of what it damages.

use proptest::prelude::*;
use serde_json::Value;

/// One piece of damage: what is done, where, and with what.
#[derive(Debug, Clone)]
pub struct Cut {
    what: u8,
    at: usize,
    with: usize,
}

/// One to `most` pieces of damage.
pub fn cuts(most: usize) -> impl Strategy<Value = Vec<Cut>> {
    let cut = (any::<u8>(), any::<usize>(), any::<usize>());
    let cut = cut.prop_map(|(what, at, with)| Cut { what, at, with });
    prop::collection::vec(cut, 1..=most)
}

/// What is put where something else stood.
const TOKENS: &[&str] = &[
    "",
    "\"",
    "'''",
    "\"\"\"",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "#",
    "\n",
    "\\",
    "true",
    "-1",
    "0",
    "99999999999999999999999",
    "1e400",
    "nan",
    "1979-05-27T07:32:00Z",
    "\"10.0.0.0/33\"",
    "\"10.0.0.0/0\"",
    "\"::/0\"",
    "\"${\"",
    "\"${var.x}\"",
    "\"${region}\"",
    "\"${bucket.data.arn}\"",
    "\"vpc-0a1b\"",
    "\"main\"",
    "\"é\u{202e}\u{0}\"",
    "\"\"",
    "[]",
    "{}",
    "[existing.vpc.x]",
    "[variables]",
    "[[expect]]",
    "[stack]",
    "lifecycle",
    "policy = { file = \"no\" }",
    "\u{feff}",
    "\r",
    "\u{1f980}",
];

fn pick<T>(items: &[T], at: usize) -> Option<&T> {
    items.get(at.checked_rem(items.len())?)
}

/// A text with lines and words lost, repeated, moved and replaced.
pub fn of_text(text: &str, cuts: &[Cut]) -> String {
    let mut text = text.to_owned();
    for cut in cuts {
        text = match cut.what % 9 {
            0..=2 => by_line(&text, cut),
            3..=6 => by_word(&text, cut),
            7 => {
                let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
                text[..pick(&ends, cut.at).copied().unwrap_or(0)].to_owned()
            }
            _ => {
                let characters: Vec<char> = text.chars().collect();
                let at = cut.at.checked_rem(characters.len()).unwrap_or(0);
                let new = char::from_u32((cut.with % 0x3000) as u32).unwrap_or('x');
                let kept = characters.iter().enumerate();
                kept.map(|(index, c)| if index == at { new } else { *c })
                    .collect()
            }
        };
    }
    text
}

fn by_line(text: &str, cut: &Cut) -> String {
    let mut lines: Vec<&str> = text.split('\n').collect();
    let count = lines.len();
    let (at, with) = (cut.at % count, cut.with % count);
    match cut.what % 3 {
        0 => {
            lines.remove(at);
        }
        1 => lines.insert(at, lines[with]),
        _ => lines.swap(at, with),
    }
    lines.join("\n")
}

/// Words are runs of letters and digits; every other character is its own.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        if !(c.is_alphanumeric() || c == '_' || c == '-') {
            if start < at {
                words.push(&text[start..at]);
            }
            words.push(&text[at..at + c.len_utf8()]);
            start = at + c.len_utf8();
        }
    }
    words.push(&text[start..]);
    words
}

fn by_word(text: &str, cut: &Cut) -> String {
    let mut words = words(text);
    let at = cut.at % words.len();
    // Half of the time with a word of the file itself.
    let with = match cut.with % 2 {
        0 => words[(cut.with / 2) % words.len()],
        _ => TOKENS[(cut.with / 2) % TOKENS.len()],
    };
    match cut.what % 3 {
        0 => {
            words.remove(at);
        }
        1 => words.insert(at, with),
        _ => words[at] = with,
    }
    words.concat()
}

/// Bytes with some lost, repeated, flipped and cut off.
pub fn of_bytes(bytes: &[u8], cuts: &[Cut]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for cut in cuts {
        let Some(at) = cut.at.checked_rem(bytes.len()) else {
            break;
        };
        match cut.what % 4 {
            0 => {
                bytes.remove(at);
            }
            1 => bytes[at] ^= 1 << (cut.with % 8),
            2 => bytes.truncate(at),
            _ => bytes.insert(at, cut.with as u8),
        }
    }
    bytes
}

/// JSON with values lost, replaced by others, and put under other names.
pub fn of_json(json: &Value, cuts: &[Cut]) -> Value {
    let mut json = json.clone();
    for cut in cuts {
        let count = size(&json);
        let other = nth(&json, cut.with % count).cloned().unwrap_or(Value::Null);
        let mut left = cut.at % count;
        change(&mut json, &mut left, cut, &other);
    }
    json
}

fn size(json: &Value) -> usize {
    1 + match json {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(fields) => fields.values().map(size).sum(),
        _ => 0,
    }
}

fn children(json: &Value) -> Vec<&Value> {
    match json {
        Value::Array(items) => items.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        _ => Vec::new(),
    }
}

fn nth(json: &Value, mut index: usize) -> Option<&Value> {
    if index == 0 {
        return Some(json);
    }
    index -= 1;
    for child in children(json) {
        let inside = size(child);
        if index < inside {
            return nth(child, index);
        }
        index -= inside;
    }
    None
}

fn change(json: &mut Value, left: &mut usize, cut: &Cut, other: &Value) {
    if *left == 0 {
        *json = match cut.what % 10 {
            0 => Value::Null,
            1 => Value::from(u64::MAX),
            2 => Value::from(-1),
            3 => Value::from(1e300),
            4 => Value::from("\u{0}é\u{202e}\n".repeat(50)),
            5 => Value::Array(vec![other.clone(); 3]),
            6 => Value::from("subnet.a/route:x"),
            7 => serde_json::json!({ "$ref": { "target": "vpc.main", "attribute": "id" } }),
            _ => other.clone(),
        };
        *left = usize::MAX;
        return;
    }
    *left -= 1;
    match json {
        Value::Array(items) => {
            for item in items {
                if *left == usize::MAX {
                    return;
                }
                change(item, left, cut, other);
            }
        }
        Value::Object(fields) => {
            let names: Vec<String> = fields.keys().cloned().collect();
            for name in names {
                if *left == usize::MAX {
                    return;
                }
                if *left == 0 && cut.what > 200 {
                    // Lost, or under a name that nobody knows.
                    let value = fields.remove(&name).unwrap_or(Value::Null);
                    if cut.what > 228 {
                        fields.insert(format!("{name}x"), value);
                    }
                    *left = usize::MAX;
                    return;
                }
                if let Some(value) = fields.get_mut(&name) {
                    change(value, left, cut, other);
                }
            }
        }
        _ => {}
    }
}
