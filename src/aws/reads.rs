//! Reads that several kinds need, made once per refresh.
//!
//! A route, an association and their table all stand in one answer of
//! DescribeRouteTables. Each kind asks here; the first one makes the call and
//! the others wait for its answer.

use std::sync::Arc;

use aws_sdk_ec2::types::{
    InternetGateway, RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Tag, VpcEndpoint,
};
use tokio::sync::OnceCell;

use super::buckets::OwnBucket;
use super::error::on;
use super::private_zones::Zone;
use super::roles::OwnRole;
use super::tagging::{filter, of_stack};
use super::{Aws, CallError};
use crate::model::Address;
use crate::model::tags;

/// The answers of one refresh.
#[derive(Debug, Default)]
pub struct SharedReads {
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

impl SharedReads {
    /// The stack's subnets.
    ///
    /// # Errors
    /// AWS's refusal.
    pub async fn subnets(&self, aws: &Aws, stack: &str) -> Result<Arc<Vec<Subnet>>, CallError> {
        self.subnets
            .get_or_try_init(|| async {
                aws.ec2
                    .describe_subnets()
                    .filters(of_stack(stack))
                    .into_paginator()
                    .items()
                    .send()
                    .collect::<Result<Vec<_>, _>>()
                    .await
                    .map(Arc::new)
                    .map_err(on("DescribeSubnets"))
            })
            .await
            .cloned()
    }

    /// The stack's route tables, with routes and associations.
    ///
    /// # Errors
    /// AWS's refusal.
    pub async fn route_tables(
        &self,
        aws: &Aws,
        stack: &str,
    ) -> Result<Arc<Vec<RouteTable>>, CallError> {
        self.route_tables
            .get_or_try_init(|| async {
                aws.ec2
                    .describe_route_tables()
                    .filters(of_stack(stack))
                    .into_paginator()
                    .items()
                    .send()
                    .collect::<Result<Vec<_>, _>>()
                    .await
                    .map(Arc::new)
                    .map_err(on("DescribeRouteTables"))
            })
            .await
            .cloned()
    }

    /// The stack's internet gateways, with their attachments.
    ///
    /// # Errors
    /// AWS's refusal.
    pub async fn internet_gateways(
        &self,
        aws: &Aws,
        stack: &str,
    ) -> Result<Arc<Vec<InternetGateway>>, CallError> {
        self.internet_gateways
            .get_or_try_init(|| async {
                aws.ec2
                    .describe_internet_gateways()
                    .filters(of_stack(stack))
                    .into_paginator()
                    .items()
                    .send()
                    .collect::<Result<Vec<_>, _>>()
                    .await
                    .map(Arc::new)
                    .map_err(on("DescribeInternetGateways"))
            })
            .await
            .cloned()
    }

    /// The stack's security groups.
    ///
    /// # Errors
    /// AWS's refusal.
    pub async fn security_groups(
        &self,
        aws: &Aws,
        stack: &str,
    ) -> Result<Arc<Vec<SecurityGroup>>, CallError> {
        self.security_groups
            .get_or_try_init(|| async {
                aws.ec2
                    .describe_security_groups()
                    .filters(of_stack(stack))
                    .into_paginator()
                    .items()
                    .send()
                    .collect::<Result<Vec<_>, _>>()
                    .await
                    .map(Arc::new)
                    .map_err(on("DescribeSecurityGroups"))
            })
            .await
            .cloned()
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
