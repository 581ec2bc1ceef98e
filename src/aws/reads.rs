//! Reads that several kinds need, made once per refresh.
//!
//! A route, an association and their table all stand in one answer of
//! DescribeRouteTables. Each kind asks here; the first one makes the call and
//! the others wait for its answer.

use std::sync::Arc;

use aws_sdk_ec2::types::{
    Filter, InternetGateway, RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Tag, VpcEndpoint,
};
use tokio::sync::OnceCell;

use super::adoption::Adoptions;
use super::buckets::OwnBucket;
use super::error::on;
use super::private_zones::Zone;
use super::roles::OwnRole;
use super::tagging::filter;
use super::{Aws, CallError};
use crate::model::Address;
use crate::model::tags;

/// The answers of one refresh.
#[derive(Debug, Default)]
pub struct SharedReads {
    /// What the file adopts.
    pub adoptions: Adoptions,
    route_tables: OnceCell<Arc<Vec<RouteTable>>>,
    internet_gateways: OnceCell<Arc<Vec<InternetGateway>>>,
    security_groups: OnceCell<Arc<Vec<SecurityGroup>>>,
    security_group_rules: OnceCell<Arc<Vec<SecurityGroupRule>>>,
    subnets: OnceCell<Arc<Vec<Subnet>>>,
    pub(super) buckets: OnceCell<Arc<Vec<OwnBucket>>>,
    pub(super) roles: OnceCell<Arc<Vec<OwnRole>>>,
    pub(super) vpc_endpoints: OnceCell<Arc<Vec<VpcEndpoint>>>,
    pub(super) private_zones: OnceCell<Arc<Vec<Zone>>>,
}

/// How many values one EC2 filter takes (EC2's documentation of filtering).
const FILTER_VALUES: usize = 200;

/// The address that an EC2 object's tags name: the table under which its
/// untagged parts are found.
#[must_use]
pub fn address_of(found: &[Tag]) -> Option<Address> {
    let tag = found.iter().find(|tag| tag.key() == Some(tags::ADDRESS));
    tag?.value()?.parse().ok()
}

/// A read of all of a stack's objects of one type: one paged call, made once,
/// and a second beside it for those that the file adopts.
/// (Each call of the SDK has a type of its own, which no generic function fits.)
macro_rules! once_by_stack {
    ($($(#[$meta:meta])* $name:ident: $type:ty = $request:ident, $called:literal;)*) => {
        impl SharedReads {
            $($(#[$meta])*
            ///
            /// # Errors
            /// AWS's refusal.
            pub async fn $name(
                &self,
                aws: &Aws,
                stack: &str,
            ) -> Result<Arc<Vec<$type>>, CallError> {
                self.$name
                    .get_or_try_init(|| async {
                        let read = |by: Filter| async {
                            aws.ec2
                                .$request()
                                .filters(by)
                                .into_paginator()
                                .items()
                                .send()
                                .collect::<Result<Vec<_>, _>>()
                                .await
                                .map_err(on($called))
                        };
                        self.adoptions.with_own(stack, read).await.map(Arc::new)
                    })
                    .await
                    .cloned()
            })*
        }
    };
}

once_by_stack! {
    /// The stack's subnets.
    subnets: Subnet = describe_subnets, "DescribeSubnets";
    /// The stack's route tables, with routes and associations.
    route_tables: RouteTable = describe_route_tables, "DescribeRouteTables";
    /// The stack's internet gateways, with their attachments.
    internet_gateways: InternetGateway = describe_internet_gateways, "DescribeInternetGateways";
    /// The stack's security groups.
    security_groups: SecurityGroup = describe_security_groups, "DescribeSecurityGroups";
}

impl SharedReads {
    /// Reads that see what a file adopts as the stack's own.
    #[must_use]
    pub fn adopting(adoptions: Adoptions) -> Self {
        Self {
            adoptions,
            ..Self::default()
        }
    }

    /// Every rule of the stack's security groups, foreign ones included.
    ///
    /// # Errors
    /// AWS's refusal.
    pub async fn security_group_rules(
        &self,
        aws: &Aws,
        stack: &str,
    ) -> Result<Arc<Vec<SecurityGroupRule>>, CallError> {
        self.security_group_rules
            .get_or_try_init(|| async {
                let groups = self.security_groups(aws, stack).await?;
                let ids: Vec<&str> = groups.iter().filter_map(|g| g.group_id()).collect();
                let mut rules = Vec::new();
                for chunk in ids.chunks(FILTER_VALUES) {
                    let page: Vec<SecurityGroupRule> = aws
                        .ec2
                        .describe_security_group_rules()
                        .filters(filter("group-id", chunk.iter().copied()))
                        .into_paginator()
                        .items()
                        .send()
                        .collect::<Result<_, _>>()
                        .await
                        .map_err(on("DescribeSecurityGroupRules"))?;
                    rules.extend(page);
                }
                Ok(Arc::new(rules))
            })
            .await
            .cloned()
    }
}
