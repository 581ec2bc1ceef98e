//! Client tokens that are the same after a restart.

use sha2::{Digest, Sha256};

use crate::model::{Address, Attributes};

/// The token of one creation: the same for the same stack history, node,
/// generation and inputs, and different from every other. 58 ASCII characters,
/// below EC2's limit of 64 (Amazon EC2 API, "Ensuring idempotency").
pub(super) fn token(
    lineage: &str,
    address: &Address,
    generation: u32,
    inputs: &Attributes,
) -> String {
    let inputs = serde_json::to_string(inputs).unwrap_or_default();
    let text = format!("{lineage}\n{address}\n{generation}\n{inputs}");
    format!("s3net-{}", hex(&text, 26))
}

/// A hash of a step's parameters, for the journal.
pub(super) fn hash_of(inputs: &Attributes) -> String {
    hex(&serde_json::to_string(inputs).unwrap_or_default(), 16)
}

fn hex(text: &str, bytes: usize) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter()
        .take(bytes)
        .map(|b| format!("{b:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_depends_on_all_that_makes_a_creation() {
        let vpc = Address::new("vpc", "main");
        let inputs = Attributes::new().with("cidr", "10.0.0.0/16");
        let first = token("a", &vpc, 1, &inputs);
        assert_eq!(first, token("a", &vpc, 1, &inputs));
        assert_eq!(first.len(), 58);
        let others = [
            token("b", &vpc, 1, &inputs),
            token("a", &Address::new("vpc", "b"), 1, &inputs),
            token("a", &vpc, 2, &inputs),
            token("a", &vpc, 1, &Attributes::new()),
        ];
        assert!(others.iter().all(|other| *other != first));
    }
}
