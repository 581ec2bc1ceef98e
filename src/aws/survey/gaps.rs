//! What could not be looked at, and why.

use std::collections::BTreeMap;

use super::super::CallError;
use crate::model::network::{Key, Known};

/// Codes by which AWS says that the credentials may not do something (error
/// codes of the EC2, IAM, Route 53 and S3 API references).
const NOT_ALLOWED: &[&str] = &[
    "UnauthorizedOperation",
    "AccessDenied",
    "AccessDeniedException",
    "NotAuthorizedException",
];

/// Whether AWS refuses for want of a permission.
pub(super) fn not_allowed(error: &CallError) -> bool {
    error.is(NOT_ALLOWED)
}

/// What was read, or that the credentials may not read it.
///
/// # Errors
/// Every other refusal.
pub(super) fn if_allowed<T>(read: Result<T, CallError>, what: &str) -> Result<Known<T>, CallError> {
    match read {
        Ok(found) => Ok(Known::Is(found)),
        Err(error) if not_allowed(&error) => Ok(Known::Not(may_not_read(what))),
        Err(error) => Err(error),
    }
}

/// The reason.
pub(super) fn may_not_read(what: &str) -> String {
    format!("the credentials may not read {what}")
}

/// What is not known, by the VPC that it concerns.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    everywhere: Vec<String>,
    of_vpcs: BTreeMap<Key, Vec<String>>,
}

impl Gaps {
    /// Notes what is missing of every VPC.
    pub(super) fn everywhere(&mut self, reason: impl Into<String>) {
        self.everywhere.push(reason.into());
    }

    /// Notes what is missing of one VPC.
    pub(super) fn of_vpc(&mut self, vpc: &str, reason: impl Into<String>) {
        let reasons = self.of_vpcs.entry(vpc.to_owned()).or_default();
        reasons.push(reason.into());
    }

    /// All that is missing, as one sentence fragment for each VPC.
    pub(super) fn by_vpc<'k>(
        mut self,
        vpcs: impl Iterator<Item = &'k Key>,
    ) -> BTreeMap<Key, String> {
        for vpc in vpcs {
            for reason in &self.everywhere {
                let reasons = self.of_vpcs.entry(vpc.clone()).or_default();
                reasons.push(reason.clone());
            }
        }
        let told = self.of_vpcs.into_iter();
        told.map(|(vpc, reasons)| (vpc, reasons.join("; ")))
            .collect()
    }
}

/// What was read; nothing, with a note, of what could not be.
pub(super) fn noted<T>(gaps: &mut Gaps, read: Known<Vec<T>>) -> Vec<T> {
    match read {
        Known::Is(found) => found,
        Known::Not(reason) => {
            gaps.everywhere(reason);
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: &str) -> Result<(), CallError> {
        Err(CallError::Refused {
            operation: "DescribeNetworkAcls",
            code: code.to_owned(),
            message: String::new(),
            request_id: None,
        })
    }

    #[test]
    fn only_a_missing_permission_is_a_gap() {
        let reason = "the credentials may not read network ACLs".to_owned();
        for code in ["UnauthorizedOperation", "AccessDenied"] {
            let read = if_allowed(refused(code), "network ACLs").unwrap();
            assert_eq!(read, Known::Not(reason.clone()), "{code}");
        }
        for code in [
            "InvalidVpcID.NotFound",
            "RequestLimitExceeded",
            "ExpiredToken",
        ] {
            assert!(if_allowed(refused(code), "network ACLs").is_err(), "{code}");
        }
        assert_eq!(if_allowed(Ok(1), "it").unwrap(), Known::Is(1));
    }

    #[test]
    fn gaps_are_told_for_each_vpc() {
        let mut gaps = Gaps::default();
        gaps.of_vpc("vpc-1", "a");
        let found: Vec<()> = noted(&mut gaps, Known::Not("b".to_owned()));
        assert!(found.is_empty());
        let told = gaps.by_vpc(["vpc-1".to_owned(), "vpc-2".to_owned()].iter());
        assert_eq!(told.get("vpc-1").map(String::as_str), Some("a; b"));
        assert_eq!(told.get("vpc-2").map(String::as_str), Some("b"));
        assert_eq!(told.len(), 2);
    }
}
