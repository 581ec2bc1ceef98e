//! Who calls and what is called: instances, roles and buckets.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::{Key, Known, PublicAddress, Spot};
use crate::model::Value;

/// A machine in a subnet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instance {
    /// The subnet.
    pub subnet: Key,
    /// Its groups; the VPC's default group if empty.
    pub security_groups: BTreeSet<Key>,
    /// The role of its instance profile; nothing where it has none.
    pub role: Known<Option<Key>>,
    /// Its address inside the subnet.
    pub private_address: Option<Ipv4Addr>,
    /// Its public address.
    pub public_address: PublicAddress,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// A role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role {
    /// Its ARN, with a stand-in for what is not known of it.
    pub arn: String,
    /// Its inline and managed policies.
    pub policies: Vec<NamedPolicy>,
    /// The policy that bounds it.
    pub boundary: Option<NamedPolicy>,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// A policy of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPolicy {
    /// Its name: `inline policy s3`, `AmazonS3FullAccess`.
    pub name: String,
    /// The document. Of AWS's own policies only well-known ones are known
    /// offline.
    pub document: Known<Value>,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its name, or a stand-in.
    pub name: String,
    /// Its region.
    pub region: Known<String>,
    /// The account that owns it.
    pub account: Known<String>,
    /// Its policy; nothing where it has none.
    pub policy: BucketPolicy,
    /// Its own block of public access.
    pub block: Known<PublicAccessBlock>,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// A bucket's policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BucketPolicy {
    /// The document, if there is one.
    pub document: Known<Option<Value>>,
    /// Where the file says it.
    pub spot: Option<Spot>,
}

/// The switches that keep the public out of a bucket (Amazon S3 user guide,
/// "Blocking public access").
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PublicAccessBlock {
    /// Lists that open it to the public are refused.
    pub block_public_acls: bool,
    /// Lists that open it to the public count for nothing.
    pub ignore_public_acls: bool,
    /// Policies that open it to the public are refused.
    pub block_public_policy: bool,
    /// A policy that opens it to the public lets only the account and AWS's
    /// services in.
    pub restrict_public_buckets: bool,
}
