//! What is never shown: text that may hold passwords or keys.
//!
//! The launch script of an instance often does. It is shown as its SHA-256, so
//! that a change of it can be seen and told from another, and no more.

use sha2::{Digest, Sha256};

use crate::model::Value;

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
        Value::String(text) => {
            let hash = Sha256::digest(text.as_bytes());
            let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            Value::String(format!("sha256:{hex}"))
        }
        // The rest is not known yet, at least in part.
        _ => Value::Unknown,
    }
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
    }
}
