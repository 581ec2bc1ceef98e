//! Which AWS account a command acts in when it talks to the local endpoint.
//!
//! There the access key id *is* the account id, and each account has data of
//! its own. So one endpoint serves many: a test, or a student of a class, sets
//! `S3NET_LOCAL_ACCOUNT` and sees nothing of the others.

use std::env;

use super::LocalError;

/// The account, and the access key id, of whoever names no other.
pub const ACCOUNT: &str = "123456789012";

/// The secret access key. The endpoint does not look at it, but AWS tools
/// refuse to sign without one.
pub const SECRET: &str = "local";

/// Names another account, in twelve digits.
pub(super) const VARIABLE: &str = "S3NET_LOCAL_ACCOUNT";

/// The account to use: `S3NET_LOCAL_ACCOUNT`, else [`ACCOUNT`].
///
/// # Errors
/// [`LocalError::BadAccount`] where the variable holds no account id.
pub fn account() -> Result<String, LocalError> {
    match env::var_os(VARIABLE) {
        None => Ok(ACCOUNT.to_owned()),
        Some(text) if text.is_empty() => Ok(ACCOUNT.to_owned()),
        Some(text) => checked(&text.to_string_lossy()),
    }
}

/// An account id has twelve digits (AWS Account Management reference guide,
/// "View AWS account identifiers"). That of zeros only is the endpoint's own:
/// it holds the public machine images.
fn checked(text: &str) -> Result<String, LocalError> {
    let digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits && text != "000000000000" {
        Ok(text.to_owned())
    } else {
        Err(LocalError::BadAccount(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_twelve_digits() {
        assert_eq!(checked("111122223333").unwrap(), "111122223333");
        for wrong in [
            "",
            "12345678901",
            "1234567890123",
            "12345678901x",
            "٠١٢٣٤٥",
            "000000000000",
        ] {
            assert!(checked(wrong).is_err(), "{wrong}");
        }
        assert!(checked(ACCOUNT).is_ok());
    }
}
