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

/// Tells zones. One whose records cannot be read answers too: it is told with
/// none of them and the reason.
pub(super) fn tell(network: &mut Network, gaps: &mut Gaps, found: Zones) {
    for (vpc, zones) in &found.of_vpcs {
        let zones = match zones {
            Known::Is(zones) => zones,
            Known::Not(reason) => {
                gaps.hide(vpc, reason);
                continue;
            }
        };
        for zone in zones {
            let id = bare_id(zone.hosted_zone_id());
            let Some(read) = records_of(zone, &found) else {
                continue;
            };
            if let Some(tags) = found.tags.get(id) {
                labels::put(network, id, tags);
            }
            let records = match read {
                Known::Is(records) => told(network, records),
                Known::Not(reason) => {
                    network.unread.insert(id.to_owned(), reason);
                    Vec::new()
                }
            };
            let facts = network.private_zones.entry(id.to_owned());
            let facts = facts.or_insert_with(|| PrivateZone {
                name: plain_name(zone.name()),
                records,
                ..PrivateZone::default()
            });
            facts.vpcs.insert(vpc.clone());
        }
    }
}

/// A zone's records; nothing for a zone that an AWS service keeps for its own
/// names, since the service's endpoint tells of them.
fn records_of<'f>(
    zone: &HostedZoneSummary,
    found: &'f Zones,
) -> Option<Known<&'f [ResourceRecordSet]>> {
    let name = plain_name(zone.name());
    let unread = may_not_read(&format!("the records of the private zone {name}"));
    Some(match whose(zone, &found.account) {
        Whose::Service => return None,
        Whose::Ours => match found.records.get(bare_id(zone.hosted_zone_id())) {
            Some(Known::Is(records)) => Known::Is(records.as_slice()),
            _ => Known::Not(unread),
        },
        Whose::Other(Some(account)) => Known::Not(format!(
            "the private zone {name} is of account {account}, which alone can read its records"
        )),
        Whose::Other(None) => Known::Not(unread),
    })
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
