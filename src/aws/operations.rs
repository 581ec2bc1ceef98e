//! Which calls may be sent again when nobody knows what became of the first.
//!
//! A call that was sent and not answered has been carried out or not. To send it
//! again is harmless for some calls and makes a second VPC for others:
//!
//! ```text
//! reads                          again
//! writes with a client token     again: AWS answers with the first one's result
//! writes that end the same way   again: twice is as good as once
//! the rest                       once; whoever sent it looks what came of it
//! ```
//!
//! An operation that is not listed here and is no read is sent once. A test
//! reads the sources and holds the list complete.

/// What a second, identical call would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It may do the work a second time, or fail because of the first. The text
    /// says how its sender finds out what the first one did.
    OnceOnly(&'static str),
    /// It does no harm; the text says why.
    Harmless(&'static str),
}

use Again::{Harmless, OnceOnly};

const BY_TAG: &str = "what it makes carries a tag of its own from the start";
const BY_KEY: &str = "AWS knows what it makes by a key and has no two of them";
const TOKEN: &str = "it carries a client token";
const GONE: &str = "what is gone already is not found, which is success";
const SAME: &str = "it sets a value, and the same one twice";

/// Every operation that changes something, and what a second call would do.
pub const OPERATIONS: &[(&str, Again)] = &[
    // EC2: what is made.
    ("AllocateAddress", OnceOnly(BY_TAG)),
    (
        "AssociateIamInstanceProfile",
        Harmless("a second one is refused, and the wait after it sees the first"),
    ),
    ("AssociateRouteTable", OnceOnly(BY_KEY)),
    ("AttachInternetGateway", OnceOnly(BY_KEY)),
    ("AuthorizeSecurityGroupEgress", OnceOnly(BY_KEY)),
    ("AuthorizeSecurityGroupIngress", OnceOnly(BY_KEY)),
    ("CreateInternetGateway", OnceOnly(BY_TAG)),
    ("CreateNatGateway", Harmless(TOKEN)),
    ("CreateRoute", OnceOnly(BY_KEY)),
    ("CreateRouteTable", Harmless(TOKEN)),
    ("CreateSecurityGroup", OnceOnly(BY_KEY)),
    ("CreateSubnet", OnceOnly(BY_TAG)),
    ("CreateTags", Harmless(SAME)),
    ("CreateVpc", OnceOnly(BY_TAG)),
    ("CreateVpcEndpoint", Harmless(TOKEN)),
    ("RunInstances", Harmless(TOKEN)),
    // EC2: what is changed.
    ("ModifyInstanceAttribute", Harmless(SAME)),
    ("ModifyInstanceMetadataOptions", Harmless(SAME)),
    ("ModifyNetworkInterfaceAttribute", Harmless(SAME)),
    ("ModifySecurityGroupRules", Harmless(SAME)),
    ("ModifySubnetAttribute", Harmless(SAME)),
    ("ModifyVpcAttribute", Harmless(SAME)),
    (
        "ModifyVpcEndpoint",
        OnceOnly("the endpoint shows which of the sets' changes are done"),
    ),
    ("MonitorInstances", Harmless(SAME)),
    (
        "ReplaceIamInstanceProfileAssociation",
        Harmless(
            "a second one finds the old association gone, and the wait after it sees the new one",
        ),
    ),
    ("ReplaceRoute", Harmless(SAME)),
    (
        "ReplaceRouteTableAssociation",
        Harmless("a second one finds the old association gone, and then the subnet's new one"),
    ),
    ("StartInstances", Harmless(SAME)),
    ("StopInstances", Harmless(SAME)),
    ("UnmonitorInstances", Harmless(SAME)),
    // EC2: what goes.
    ("DeleteInternetGateway", Harmless(GONE)),
    ("DeleteNatGateway", Harmless(GONE)),
    ("DeleteRoute", Harmless(GONE)),
    ("DeleteRouteTable", Harmless(GONE)),
    ("DeleteSecurityGroup", Harmless(GONE)),
    ("DeleteSubnet", Harmless(GONE)),
    ("DeleteTags", Harmless(GONE)),
    ("DeleteVpc", Harmless(GONE)),
    ("DeleteVpcEndpoints", Harmless(GONE)),
    ("DetachInternetGateway", Harmless(GONE)),
    ("DisassociateIamInstanceProfile", Harmless(GONE)),
    ("DisassociateRouteTable", Harmless(GONE)),
    ("ReleaseAddress", Harmless(GONE)),
    ("RevokeSecurityGroupEgress", Harmless(GONE)),
    ("RevokeSecurityGroupIngress", Harmless(GONE)),
    ("TerminateInstances", Harmless(GONE)),
    // S3.
    ("AbortMultipartUpload", Harmless(GONE)),
    ("CreateBucket", OnceOnly(BY_KEY)),
    ("DeleteBucket", Harmless(GONE)),
    ("DeleteBucketEncryption", Harmless(GONE)),
    ("DeleteBucketPolicy", Harmless(GONE)),
    ("DeleteBucketTagging", Harmless(GONE)),
    ("DeleteObject", Harmless(GONE)),
    ("DeleteObjects", Harmless(GONE)),
    ("DeletePublicAccessBlock", Harmless(GONE)),
    (
        "PutObject",
        Harmless("it has a condition, and one that meets itself is told from another's"),
    ),
    ("PutBucketEncryption", Harmless(SAME)),
    ("PutBucketPolicy", Harmless(SAME)),
    ("PutBucketTagging", Harmless(SAME)),
    ("PutBucketVersioning", Harmless(SAME)),
    ("PutPublicAccessBlock", Harmless(SAME)),
    // IAM.
    (
        "AddRoleToInstanceProfile",
        Harmless("a second one is refused because the profile has its role, which is success"),
    ),
    ("AttachRolePolicy", Harmless(SAME)),
    ("CreateInstanceProfile", OnceOnly(BY_KEY)),
    ("CreateRole", OnceOnly(BY_KEY)),
    ("DeleteInstanceProfile", Harmless(GONE)),
    ("DeleteRole", Harmless(GONE)),
    ("DeleteRolePermissionsBoundary", Harmless(GONE)),
    ("DeleteRolePolicy", Harmless(GONE)),
    ("DetachRolePolicy", Harmless(GONE)),
    ("PutRolePermissionsBoundary", Harmless(SAME)),
    ("PutRolePolicy", Harmless(SAME)),
    ("RemoveRoleFromInstanceProfile", Harmless(GONE)),
    ("TagInstanceProfile", Harmless(SAME)),
    ("TagRole", Harmless(SAME)),
    ("UntagInstanceProfile", Harmless(GONE)),
    ("UntagRole", Harmless(GONE)),
    ("UpdateAssumeRolePolicy", Harmless(SAME)),
    ("UpdateRole", Harmless(SAME)),
    // Route 53.
    (
        "AssociateVPCWithHostedZone",
        OnceOnly("the zone shows its VPCs"),
    ),
    (
        "ChangeResourceRecordSets",
        Harmless(
            "a second one is refused because the record is there or gone, which its senders take for success",
        ),
    ),
    ("ChangeTagsForResource", Harmless(SAME)),
    (
        "CreateHostedZone",
        Harmless("it carries a caller reference, by which the first one's zone is found"),
    ),
    ("DeleteHostedZone", Harmless(GONE)),
    ("DisassociateVPCFromHostedZone", Harmless(GONE)),
    ("UpdateHostedZoneComment", Harmless(SAME)),
];

/// How the names of operations begin that only read.
const READS: &[&str] = &["Describe", "Get", "Head", "List", "Simulate"];

/// Whether an operation only reads.
#[must_use]
pub fn is_read(operation: &str) -> bool {
    READS.iter().any(|start| operation.starts_with(start))
}

/// Whether a call may be sent again when nobody knows what became of the first.
#[must_use]
pub fn may_repeat(operation: &str) -> bool {
    is_read(operation)
        || OPERATIONS
            .iter()
            .any(|(name, again)| *name == operation && matches!(again, Harmless(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|it| it == "rs") {
                found.push(path);
            }
        }
    }

    /// The operations that the sources name where they turn an SDK error into
    /// ours, which is the only way to call AWS.
    fn called() -> BTreeSet<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = Vec::new();
        for folder in ["aws", "kinds"] {
            sources(&root.join(folder), &mut files);
        }
        let mut found = BTreeSet::new();
        for file in files {
            let text = std::fs::read_to_string(file).unwrap();
            for rest in text.split("on(\"").skip(1) {
                let name = rest.split('"').next().unwrap_or_default();
                let is_name = name.chars().all(|it| it.is_ascii_alphanumeric());
                if is_name && name.starts_with(|it: char| it.is_ascii_uppercase()) {
                    found.insert(name.to_owned());
                }
            }
        }
        found
    }

    #[test]
    fn every_write_that_the_sources_send_is_listed_and_no_other() {
        let called = called();
        assert!(called.contains("CreateVpc") && called.contains("DescribeVpcs"));
        let listed: BTreeSet<&str> = OPERATIONS.iter().map(|(name, _)| *name).collect();
        assert_eq!(listed.len(), OPERATIONS.len(), "one stands there twice");
        let writes = called.iter().filter(|name| !is_read(name));
        let writes: BTreeSet<&str> = writes.map(String::as_str).collect();
        let unlisted: Vec<_> = writes.difference(&listed).collect();
        assert!(unlisted.is_empty(), "say what a second {unlisted:?} does");
        let unused: Vec<_> = listed.difference(&writes).collect();
        assert!(unused.is_empty(), "nobody sends {unused:?}");
    }

    #[test]
    fn what_is_not_known_is_sent_once() {
        assert!(may_repeat("DescribeVpcs"));
        assert!(may_repeat("CreateNatGateway"));
        assert!(may_repeat("DeleteVpc"));
        assert!(!may_repeat("CreateVpc"));
        assert!(!may_repeat("CreateSomethingNew"));
    }
}
