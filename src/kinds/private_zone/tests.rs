//! What Route 53 refuses, explained.

use super::*;

#[test]
fn known_refusals_are_explained() {
    let refused = |code: &str| CallError::Refused {
        operation: "CreateHostedZone",
        code: code.to_owned(),
        message: "no".to_owned(),
        request_id: None,
    };
    let told = explained(refused("ConflictingDomainExists"));
    assert!(told.message().contains("one place only"));
    assert_eq!(explained(refused("InvalidInput")).message(), "no");
}
