//! What could not be looked at, and why.

use std::collections::{BTreeMap, BTreeSet};

use super::super::CallError;
use crate::model::network::{Key, Known, Network};

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

/// What is not known of the VPCs.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    reasons: BTreeMap<Key, Vec<String>>,
    hidden: BTreeSet<Key>,
}

impl Gaps {
    /// None yet, of any of these VPCs.
    pub(super) fn new(vpcs: &[String]) -> Self {
        let reasons = vpcs.iter().map(|vpc| (vpc.clone(), Vec::new()));
        Self {
            reasons: reasons.collect(),
            hidden: BTreeSet::new(),
        }
    }

    /// Notes what is missing of every VPC, by things that are not told.
    pub(super) fn everywhere(&mut self, reason: &str) {
        for reasons in self.reasons.values_mut() {
            reasons.push(reason.to_owned());
        }
    }

    /// Notes what is missing of a VPC and would make another answer of every
    /// question: the VPC is not to be told.
    pub(super) fn hide(&mut self, vpc: &str, reason: &str) {
        let reasons = self.reasons.entry(vpc.to_owned()).or_default();
        reasons.push(reason.to_owned());
        self.hidden.insert(vpc.to_owned());
    }

    /// [`Self::hide`] for every VPC.
    pub(super) fn hide_all(&mut self, reason: &str) {
        self.everywhere(reason);
        self.hidden.extend(self.reasons.keys().cloned());
    }

    /// Tells the reasons, as one sentence fragment for each VPC, and takes back
    /// the VPCs that are not to be told.
    pub(super) fn tell(self, network: &mut Network) {
        for vpc in &self.hidden {
            network.vpcs.remove(vpc);
        }
        let gaps = self.reasons.into_iter();
        let gaps = gaps.filter(|(_, reasons)| !reasons.is_empty());
        let told = gaps.map(|(vpc, reasons)| (vpc, reasons.join("; ")));
        network.unread.extend(told);
    }
}

/// What was read; nothing, with a note, of what could not be.
pub(super) fn noted<T>(gaps: &mut Gaps, read: Known<Vec<T>>) -> Vec<T> {
    match read {
        Known::Is(found) => found,
        Known::Not(reason) => {
            gaps.everywhere(&reason);
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::network::Vpc;

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
    fn gaps_are_told_for_each_vpc_and_hide_those_that_they_decide() {
        let ids = ["vpc-1", "vpc-2", "vpc-3"].map(str::to_owned);
        let mut network = Network::default();
        for id in &ids {
            network.vpcs.insert(id.clone(), Vpc::default());
        }
        let mut gaps = Gaps::new(&ids);
        gaps.hide("vpc-1", "a");
        let found: Vec<()> = noted(&mut gaps, Known::Not("b".to_owned()));
        assert!(found.is_empty());
        gaps.tell(&mut network);
        let unread = |vpc: &str| network.unread.get(vpc).map(String::as_str);
        assert_eq!(unread("vpc-1"), Some("a; b"));
        assert_eq!(unread("vpc-2"), Some("b"));
        assert!(network.vpcs.keys().eq(["vpc-2", "vpc-3"]));
    }

    #[test]
    fn without_gaps_everything_is_told() {
        let ids = ["vpc-1".to_owned()];
        let mut network = Network::default();
        network.vpcs.insert("vpc-1".to_owned(), Vpc::default());
        Gaps::new(&ids).tell(&mut network);
        assert!(network.unread.is_empty());
        assert_eq!(network.vpcs.len(), 1);

        let mut gaps = Gaps::new(&ids);
        gaps.hide_all("b");
        gaps.tell(&mut network);
        assert!(network.vpcs.is_empty());
    }
}
