//! Where a stack lives: one account, one region.

use serde::{Deserialize, Serialize};

/// One account and one region of one AWS partition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The account's id, twelve digits.
    pub account: String,
    /// The region's name, such as `ap-northeast-1`.
    pub region: String,
}

impl Place {
    /// The partition that ARNs of this region begin with.
    #[must_use]
    pub fn partition(&self) -> &'static str {
        partition(&self.region)
    }

    /// The suffix of the region's host names, such as `amazonaws.com`.
    #[must_use]
    pub fn dns_suffix(&self) -> &'static str {
        match self.partition() {
            "aws-cn" => "amazonaws.com.cn",
            _ => "amazonaws.com",
        }
    }
}

/// The partition that ARNs of a region begin with.
#[must_use]
pub fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}
