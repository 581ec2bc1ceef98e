//! Private hosted zones and their records.
//!
//! ```text
//! ListHostedZonesByVPC ─┬─ of an AWS service   an endpoint's private names: skipped
//!                       ├─ of another account  nobody but it can read its records
//!                       └─ ours                ListResourceRecordSets, tags
//! ```

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_route53::types::{HostedZoneSummary, ResourceRecordSet, RrType, VpcRegion};
use futures_util::future::try_join_all;

use super::super::error::on;
use super::super::private_zones::tags_of;
use super::super::route53::{bare_id, plain_name, records};
use super::super::{Aws, CallError};
use super::gaps::{Gaps, if_allowed, may_not_read, not_allowed};
use super::labels;
use crate::model::network::{Known, Network, PrivateZone, Record, RecordTarget};
use crate::model::{Place, Tags};

/// What the names of AWS's services end in. A zone of others that has nothing
/// to do with them answers for none that lead to a service.
const NAMES_OF_AWS: &[&str] = &["amazonaws.com", "amazonaws.com.cn", "api.aws"];

/// What was read of zones.
#[derive(Debug, Default)]
pub(super) struct Zones {
    /// By VPC, which zones answer it.
    of_vpcs: Vec<(String, Known<Vec<HostedZoneSummary>>)>,
    /// Our account's own ones' records, by bare id.
    records: BTreeMap<String, Known<Vec<ResourceRecordSet>>>,
    tags: BTreeMap<String, Tags>,
    account: String,
}

/// Reads the zones that answer the VPCs.
///
/// # Errors
/// AWS's refusal of anything but a permission.
pub(super) async fn read(aws: &Aws, place: &Place, vpcs: &[String]) -> Result<Zones, CallError> {
    let of_vpcs = vpcs.iter().map(|vpc| async move {
        let listed = listed(aws, place, vpc).await;
        let listed = if_allowed(listed, "which private zones answer the VPC")?;
        Ok((vpc.clone(), listed))
    });
    let of_vpcs: Vec<(String, Known<Vec<HostedZoneSummary>>)> = try_join_all(of_vpcs).await?;
    let listed = of_vpcs
        .iter()
        .filter_map(|(_, zones)| zones.get())
        .flatten();
    let ids: BTreeSet<&str> = listed
        .filter(|zone| whose(zone, &place.account) == Whose::Ours)
        .map(|zone| bare_id(zone.hosted_zone_id()))
        .collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let read = try_join_all(ids.iter().map(|id| async {
        let read = if_allowed(records(aws, id).await, "its records")?;
        Ok(((*id).to_owned(), read))
    }));
    let tags = async {
        match tags_of(aws, &ids).await {
            // They are but what people call the zones.
            Err(error) if not_allowed(&error) => Ok(BTreeMap::new()),
            other => other,
        }
    };
    let (records, tags) = tokio::try_join!(read, tags)?;
    Ok(Zones {
        of_vpcs,
        records: records.into_iter().collect(),
        tags,
        account: place.account.clone(),
    })
}

async fn listed(aws: &Aws, place: &Place, vpc: &str) -> Result<Vec<HostedZoneSummary>, CallError> {
    let mut found = Vec::new();
    let mut next = None;
    loop {
        let answer = aws
            .route53
            .list_hosted_zones_by_vpc()
            .vpc_id(vpc)
            .vpc_region(VpcRegion::from(place.region.as_str()))
            .set_next_token(next)
            .send()
            .await
            .map_err(on("ListHostedZonesByVPC"))?;
        found.extend(answer.hosted_zone_summaries().iter().cloned());
        next = answer.next_token().map(str::to_owned);
        if next.is_none() {
            return Ok(found);
        }
    }
}

/// Whose a zone is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Whose {
    Ours,
    /// An AWS service's, for its own names.
    Service,
    /// Another account's, which AWS may name.
    Other(Option<String>),
}

fn whose(zone: &HostedZoneSummary, account: &str) -> Whose {
    let owner = zone.owner();
    let text = |text: Option<&str>| text.filter(|it| !it.is_empty()).map(str::to_owned);
    let service = text(owner.and_then(|it| it.owning_service()));
    let owning = text(owner.and_then(|it| it.owning_account()));
    match owning {
        _ if service.is_some() => Whose::Service,
        Some(owning) if owning == account => Whose::Ours,
        other => Whose::Other(other),
    }
}

/// Tells zones. One whose records nobody but its owner can read is left out,
/// and noted where it may answer for names of AWS.
pub(super) fn tell(network: &mut Network, gaps: &mut Gaps, found: Zones) {
    for (vpc, zones) in &found.of_vpcs {
        let zones = match zones {
            Known::Is(zones) => zones,
            Known::Not(reason) => {
                gaps.of_vpc(vpc, reason.as_str());
                continue;
            }
        };
        for zone in zones {
            let name = plain_name(zone.name());
            let id = bare_id(zone.hosted_zone_id());
            let unread = match whose(zone, &found.account) {
                Whose::Service => continue,
                Whose::Ours => match found.records.get(id) {
                    Some(Known::Is(records)) => {
                        if let Some(tags) = found.tags.get(id) {
                            labels::put(network, id, tags);
                        }
                        let records = told(network, records);
                        let known = network.private_zones.entry(id.to_owned());
                        let known = known.or_insert_with(|| PrivateZone {
                            name,
                            records,
                            ..PrivateZone::default()
                        });
                        known.vpcs.insert(vpc.clone());
                        continue;
                    }
                    _ => may_not_read(&format!("the records of the private zone {name}")),
                },
                Whose::Other(Some(account)) => {
                    format!(
                        "the private zone {name} is of account {account}, which alone can read its records"
                    )
                }
                Whose::Other(None) => format!("the private zone {name} is of another account"),
            };
            if may_answer_for_aws(&name) {
                gaps.of_vpc(vpc, unread);
            }
        }
    }
}

/// Whether a zone of this name can stand in the way of names of AWS: it is
/// above or below what they end in.
fn may_answer_for_aws(zone: &str) -> bool {
    let below = |name: &str, end: &str| {
        name == end
            || name
                .strip_suffix(end)
                .is_some_and(|rest| rest.ends_with('.'))
    };
    let mut names = NAMES_OF_AWS.iter();
    names.any(|end| below(zone, end) || below(end, zone))
}

/// The records that answer for addresses.
fn told(network: &Network, records: &[ResourceRecordSet]) -> Vec<Record> {
    let answers = records.iter().filter_map(|record| {
        let ipv4 = match record.r#type() {
            RrType::A | RrType::Cname => true,
            RrType::Aaaa => false,
            _ => return None,
        };
        Some(Record {
            name: plain_name(record.name()),
            ipv4,
            target: target_of(network, record)?,
            spot: None,
        })
    });
    answers.collect()
}

/// What a record leads to; nothing if it has neither alias nor value.
fn target_of(network: &Network, record: &ResourceRecordSet) -> Option<RecordTarget> {
    if let Some(alias) = record.alias_target() {
        let name = plain_name(alias.dns_name());
        return Some(match endpoint_of(network, &name) {
            Some(endpoint) => RecordTarget::Endpoint(endpoint),
            None => RecordTarget::Name(name),
        });
    }
    let values = record.resource_records();
    if *record.r#type() == RrType::Cname {
        let name = values.first()?.value();
        return Some(RecordTarget::Name(plain_name(name)));
    }
    // What Route 53 took as a value of these types is an address.
    let addresses = values.iter().filter_map(|it| it.value().parse().ok());
    Some(RecordTarget::Addresses(addresses.collect()))
}

/// The interface endpoint whose own name this is, regional or zonal, with or
/// without a label before it: `vpce-0a1b-c2d3.s3.REGION.vpce.amazonaws.com`.
fn endpoint_of(network: &Network, name: &str) -> Option<String> {
    if !name.ends_with(".vpce.amazonaws.com") && !name.ends_with(".vpce.amazonaws.com.cn") {
        return None;
    }
    let label = name.split('.').find(|label| label.starts_with("vpce-"))?;
    let mut words = label.splitn(3, '-');
    let id = format!("{}-{}", words.next()?, words.next()?);
    network.interface_endpoints.contains_key(&id).then_some(id)
}

#[cfg(test)]
mod tests;
