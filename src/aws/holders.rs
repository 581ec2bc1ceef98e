//! Deleting what others may still hold, and saying who holds it.
//!
//! AWS refuses a delete with `DependencyViolation` and names no one. We ask for
//! the network interfaces (and, for a VPC, the subnets and groups) that stand
//! in the way, say so at once, and wait as long as it can help: interfaces that
//! AWS itself is taking down go by themselves; a stranger's instance does not.

use std::time::{Duration, Instant};

use aws_sdk_ec2::types::NetworkInterface;

use super::error::on;
use super::tagging::{filter, from_ec2};
use super::{Aws, Call, CallError};
use crate::model::tags;

/// What AWS answers while something still uses the object.
const HELD: &[&str] = &["DependencyViolation", "InvalidGroup.InUse"];
/// How long interfaces that AWS takes down may linger: an endpoint's stay
/// until it is `deleted`, which takes minutes.
const LINGER: Duration = Duration::from_secs(900);
/// How long we wait for what will not go by itself, in case it is just going.
const STRANGER: Duration = Duration::from_secs(20);

/// What stands in the way of a delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// A sentence fragment with its id and owner.
    pub text: String,
    /// Whether AWS takes it down by itself.
    pub passing: bool,
}

impl Call<'_> {
    /// Deletes an EC2 object by `delete`, waiting while others hold it.
    /// Not found is success.
    ///
    /// # Errors
    /// [`CallError::Held`] with the holders, or what `delete` gives.
    pub async fn delete_when_free<F, R>(&self, id: &str, mut delete: F) -> Result<(), CallError>
    where
        F: FnMut() -> R,
        R: Future<Output = Result<(), CallError>>,
    {
        let start = Instant::now();
        let mut gap = super::wait::FIRST_GAP;
        loop {
            let error = match delete().await {
                Ok(()) => return Ok(()),
                Err(error) if error.is_not_found() => return Ok(()),
                Err(error) if !error.is(HELD) => return Err(error),
                Err(error) => error,
            };
            // A read that fails must not hide why the delete did.
            let holders = holders(self.aws, id).await.unwrap_or_default();
            let limit = if holders.iter().any(|holder| !holder.passing) {
                STRANGER
            } else {
                LINGER
            };
            let texts: Vec<String> = holders.into_iter().map(|holder| holder.text).collect();
            if start.elapsed() >= limit {
                return Err(CallError::Held {
                    id: id.to_owned(),
                    holders: texts,
                    refusal: Box::new(error),
                });
            }
            let who = texts.first().map_or("something", String::as_str);
            let what = format!("{id} to be free of {who}");
            self.pulse.waiting(&what, start.elapsed());
            self.pause(&what, &mut gap).await?;
        }
    }
}

/// Who holds a subnet, a group, a VPC or a gateway.
///
/// # Errors
/// AWS's refusal of a read.
pub async fn holders(aws: &Aws, id: &str) -> Result<Vec<Holder>, CallError> {
    let name = match id.split_once('-').map(|(prefix, _)| prefix) {
        Some("subnet") => "subnet-id",
        Some("sg") => "group-id",
        Some("vpc") => "vpc-id",
        _ => return Ok(Vec::new()),
    };
    let interfaces = aws
        .ec2
        .describe_network_interfaces()
        .filters(filter(name, [id]))
        .send()
        .await
        .map_err(on("DescribeNetworkInterfaces"))?;
    let mut found: Vec<Holder> = interfaces
        .network_interfaces()
        .iter()
        .map(interface)
        .collect();
    match name {
        "group-id" => found.extend(referring_groups(aws, id).await?),
        "vpc-id" => found.extend(left_in_vpc(aws, id).await?),
        _ => {}
    }
    Ok(found)
}

fn interface(interface: &NetworkInterface) -> Holder {
    let managed = interface.requester_managed().unwrap_or(false);
    let owner = interface
        .attachment()
        .and_then(|attachment| attachment.instance_id())
        .or(interface.description().filter(|text| !text.is_empty()))
        .unwrap_or("no description");
    Holder {
        text: format!(
            "network interface {} ({owner}{})",
            interface.network_interface_id().unwrap_or("?"),
            owned_by(&from_ec2(interface.tag_set())),
        ),
        passing: managed,
    }
}

async fn referring_groups(aws: &Aws, id: &str) -> Result<Vec<Holder>, CallError> {
    let mut found = Vec::new();
    for name in ["ip-permission.group-id", "egress.ip-permission.group-id"] {
        let groups = aws
            .ec2
            .describe_security_groups()
            .filters(filter(name, [id]))
            .send()
            .await
            .map_err(on("DescribeSecurityGroups"))?;
        for group in groups.security_groups() {
            let group_id = group.group_id().unwrap_or("?");
            if group_id != id {
                found.push(Holder {
                    text: format!(
                        "a rule of security group {group_id}{}",
                        owned_by(&from_ec2(group.tags()))
                    ),
                    passing: false,
                });
            }
        }
    }
    Ok(found)
}

async fn left_in_vpc(aws: &Aws, id: &str) -> Result<Vec<Holder>, CallError> {
    let by_vpc = || filter("vpc-id", [id]);
    let (subnets, groups) = tokio::try_join!(
        async {
            let request = aws.ec2.describe_subnets().filters(by_vpc());
            request.send().await.map_err(on("DescribeSubnets"))
        },
        async {
            let request = aws.ec2.describe_security_groups().filters(by_vpc());
            request.send().await.map_err(on("DescribeSecurityGroups"))
        },
    )?;
    let subnets = subnets.subnets().iter().map(|subnet| {
        let id = subnet.subnet_id().unwrap_or("?");
        format!("subnet {id}{}", owned_by(&from_ec2(subnet.tags())))
    });
    // The VPC's own default group goes with it.
    let groups = groups.security_groups().iter();
    let groups = groups
        .filter(|group| group.group_name() != Some("default"))
        .map(|group| {
            let id = group.group_id().unwrap_or("?");
            format!("security group {id}{}", owned_by(&from_ec2(group.tags())))
        });
    Ok(subnets
        .chain(groups)
        .map(|text| Holder {
            text,
            passing: false,
        })
        .collect())
}

fn owned_by(found: &crate::model::Tags) -> String {
    match (found.get(tags::STACK), found.get(tags::ADDRESS)) {
        (Some(stack), Some(address)) => format!(", {address} of stack {stack}"),
        _ => found
            .get(tags::NAME)
            .map_or_else(String::new, |name| format!(", named {name}")),
    }
}
