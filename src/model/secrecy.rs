//! What is never shown and never kept: text that may hold passwords or keys.
//!
//! The launch script of an instance often does. It is shown, and kept in state
//! and journal, as its SHA-256, so that a change of it can be seen and told
//! from another, and no more.

use sha2::{Digest, Sha256};

use serde::{Serialize, Serializer};

use super::{Attributes, Value};

/// Fields whose text is not shown.
const SECRET: &[&str] = &["user_data"];

/// Whether a field's text is not shown.
#[must_use]
pub fn is_secret(field: &str) -> bool {
    SECRET.contains(&field)
}

/// The value of a field as it may be shown: itself, or `sha256:` and its hash.
#[must_use]
pub fn sealed(field: &str, value: &Value) -> Value {
    if !is_secret(field) {
        return value.clone();
    }
    match value {
        Value::Null => Value::Null,
        Value::String(text) if is_sealed(text) => value.clone(),
        Value::String(text) => {
            let hash = Sha256::digest(text.as_bytes());
            let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            Value::String(format!("sha256:{hex}"))
        }
        // The rest is not known yet, at least in part.
        _ => Value::Unknown,
    }
}

fn is_sealed(text: &str) -> bool {
    let hash = text.strip_prefix("sha256:");
    hash.is_some_and(|it| it.len() == 64 && it.chars().all(|c| c.is_ascii_hexdigit()))
}

/// Writes attributes with their secrets sealed, for what is kept on disk.
///
/// # Errors
/// The serialiser's.
pub fn sealed_on_disk<S: Serializer>(kept: &Attributes, out: S) -> Result<S::Ok, S::Error> {
    if !kept.iter().any(|(field, _)| is_secret(field)) {
        return kept.serialize(out);
    }
    let mut kept = kept.clone();
    for (field, value) in kept.0.iter_mut().filter(|(field, _)| is_secret(field)) {
        *value = match sealed(field, value) {
            // What is kept is known.
            Value::Unknown => Value::Null,
            sealed => sealed,
        };
    }
    kept.serialize(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Piece;

    #[test]
    fn only_the_hash_of_a_secret_is_shown() {
        let script = Value::from("password=hunter2");
        let Value::String(shown) = sealed("user_data", &script) else {
            panic!("a hash is a text");
        };
        assert!(shown.starts_with("sha256:") && shown.len() == 7 + 64);
        let template = Value::Template(vec![Piece::Text("hunter2".into()), Piece::Account]);
        assert_eq!(sealed("user_data", &template), Value::Unknown);
        assert_eq!(sealed("cidr", &script), script);
        // A seal is not sealed again, or it would change with every write.
        let seal = Value::from(shown);
        assert_eq!(sealed("user_data", &seal), seal);
    }
}
