//! Private hosted zones: which are the stack's, and all that a refresh asks of
//! them.
//!
//! A zone is tagged by a second call, so its caller reference carries stack
//! and name from the first one on: a run that is killed between the two finds
//! its zone again by ListHostedZones alone.
//!
//! ```text
//! ListHostedZones ─► whose reference is ours ─┬► ListTagsForResources (tens)
//!                                             ├► GetHostedZone (VPCs)
//!                                             └► ListResourceRecordSets
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_route53::types::{HostedZone, HostedZoneType, ResourceRecordSet, TagResourceType, Vpc};
use futures_util::future::try_join_all;

use super::adoption::Adoptions;
use super::error::on;
use super::named::is_of;
use super::route53::{bare_id, plain_name, records};
use super::{Aws, CallError, SharedReads};
use crate::model::address::is_name;
use crate::model::{Address, Place, Tags, tags};

/// How many zones one call reads the tags of (Route 53 API reference,
/// ListTagsForResources).
const ZONES_PER_CALL: usize = 10;

/// A private zone.
#[derive(Debug, Clone)]
pub struct Zone {
    /// Its id, without the path that Route 53 puts before it.
    pub id: String,
    /// Its name as people write it.
    pub name: String,
    /// Its comment; empty where it has none.
    pub comment: String,
    /// The ids of the VPCs that it answers.
    pub vpcs: Vec<String>,
    /// Its records; empty for a zone that was only looked up.
    pub records: Vec<ResourceRecordSet>,
    /// Its tags.
    pub tags: Tags,
    /// The node it is: by its tags, else by its caller reference.
    pub address: Option<Address>,
}

impl Zone {
    fn new(zone: &HostedZone, tags: Tags, vpcs: &[Vpc], records: Vec<ResourceRecordSet>) -> Self {
        let comment = zone.config().and_then(|config| config.comment());
        Self {
            id: bare_id(zone.id()).to_owned(),
            name: plain_name(zone.name()),
            comment: comment.unwrap_or_default().to_owned(),
            vpcs: vpcs
                .iter()
                .filter_map(|vpc| vpc.vpc_id().map(str::to_owned))
                .collect(),
            records,
            address: tags.get(tags::ADDRESS).and_then(|text| text.parse().ok()),
            tags,
        }
    }
}

/// The caller reference of a zone: unique for a creation, at most 128
/// characters, and enough to know the zone by.
#[must_use]
pub fn caller_reference(stack: &str, name: &str, token: &str) -> String {
    // A stack's name has up to 40 characters and a table's up to 64. The
    // token ends in a hash.
    let end = token.len().saturating_sub(16);
    format!("s3net/{stack}/{name}/{}", token.get(end..).unwrap_or(token))
}

/// The node that a zone with this caller reference was made for, if it was
/// made for this stack.
#[must_use]
pub fn made_for(reference: &str, stack: &str) -> Option<Address> {
    let rest = reference.strip_prefix("s3net/")?;
    let (of, rest) = rest.split_once('/')?;
    let (name, _) = rest.split_once('/')?;
    (of == stack && is_name(name)).then(|| Address::new("private_zone", name))
}

/// Which zones may be the stack's although their caller reference does not say so:
/// their tags tell.
#[derive(Debug, Clone, Default)]
pub struct Sought {
    /// The ids that the state remembers.
    pub ids: Vec<String>,
    /// The names that the file or the state knows.
    pub names: Vec<String>,
}

/// The stack's private zones: those that it made, and those of what is `sought`
/// that bear its tag.
///
/// # Errors
/// AWS's refusal.
pub async fn of_stack(
    aws: &Aws,
    stack: &str,
    place: &Place,
    sought: &Sought,
    adoptions: &Adoptions,
) -> Result<Vec<Zone>, CallError> {
    let mut zones = all(aws).await?;
    let adopted = adoptions.ids(&["private_zone"]);
    // People give an id with the path that Route 53 puts before it, and a name
    // with its dot.
    let asked_as = |zone: &HostedZone| {
        let mut asked = adopted.iter().copied();
        asked.find(|it| {
            bare_id(it) == bare_id(zone.id()) || plain_name(it) == plain_name(zone.name())
        })
    };
    zones.retain(|zone| {
        made_for(zone.caller_reference(), stack).is_some()
            || sought.ids.iter().any(|id| id == bare_id(zone.id()))
            || (sought.names.iter()).any(|name| plain_name(name) == plain_name(zone.name()))
            || asked_as(zone).is_some()
    });
    // Whose they are comes first: of others' zones nothing more is read.
    let mut tags_of = tags_of(aws, &ids_of(&zones)).await?;
    let mut own = Vec::new();
    for zone in &zones {
        let mut tags = tags_of.remove(bare_id(zone.id())).unwrap_or_default();
        if let Some(asked) = asked_as(zone) {
            let names = [bare_id(zone.id()), asked];
            adoptions.claim(stack, &["private_zone"], &names, &mut tags);
        }
        let made_for = match tags.get(tags::STACK) {
            Some(_) if is_of(stack, place, &tags) => None,
            Some(_) => continue,
            // Killed before it could be tagged, or not ours at all.
            None => match made_for(zone.caller_reference(), stack) {
                Some(address) => Some(address),
                None => continue,
            },
        };
        own.push((zone, tags, made_for));
    }
    let ids: Vec<&str> = own.iter().map(|(zone, ..)| bare_id(zone.id())).collect();
    let (vpcs, records) = tokio::try_join!(
        try_join_all(ids.iter().map(|id| vpcs_of(aws, id))),
        try_join_all(ids.iter().map(|id| records(aws, id))),
    )?;
    let read = own.into_iter().zip(vpcs).zip(records);
    Ok(read
        .map(|(((zone, tags, made_for), vpcs), records)| {
            let mut read = Zone::new(zone, tags, &vpcs, records);
            read.address = made_for.or(read.address);
            read
        })
        .collect())
}

/// The private zones of the account that fit, without their records.
///
/// # Errors
/// AWS's refusal.
pub async fn that_fit(
    aws: &Aws,
    fits: impl Fn(&HostedZone) -> bool,
    wanted: &Tags,
) -> Result<Vec<Zone>, CallError> {
    let mut zones = all(aws).await?;
    zones.retain(fits);
    let mut tags_of = tags_of(aws, &ids_of(&zones)).await?;
    let tagged = zones.iter().filter_map(|zone| {
        let tags = tags_of.remove(bare_id(zone.id())).unwrap_or_default();
        let fit = wanted
            .iter()
            .all(|(key, value)| tags.get(key) == Some(value));
        fit.then_some((zone, tags))
    });
    try_join_all(tagged.map(|(zone, tags)| async move {
        let vpcs = vpcs_of(aws, bare_id(zone.id())).await?;
        Ok(Zone::new(zone, tags, &vpcs, Vec::new()))
    }))
    .await
}

/// The account's own zones that answer a VPC, without their records, and a word
/// on each zone of others that answers it too.
///
/// # Errors
/// AWS's refusal.
pub async fn of_vpc(
    aws: &Aws,
    place: &Place,
    vpc: &str,
) -> Result<(Vec<Zone>, Vec<String>), CallError> {
    let mut next = None;
    let mut listed = Vec::new();
    loop {
        let request = aws.route53.list_hosted_zones_by_vpc();
        let request = request.vpc_id(vpc).set_next_token(next);
        let request = request.vpc_region(place.region.as_str().into());
        let answer = request.send().await.map_err(on("ListHostedZonesByVPC"))?;
        listed.extend(answer.hosted_zone_summaries().iter().cloned());
        next = answer.next_token().map(str::to_owned);
        if next.is_none() {
            break;
        }
    }
    let here = |zone: &HostedZone| {
        let mut listed = listed.iter();
        listed.any(|it| bare_id(it.hosted_zone_id()) == bare_id(zone.id()))
    };
    let mut own = that_fit(aws, here, &Tags::new()).await?;
    own.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let others = listed
        .iter()
        .filter(|it| {
            !own.iter()
                .any(|zone| zone.id == bare_id(it.hosted_zone_id()))
        })
        .map(|it| {
            let name = plain_name(it.name());
            let id = bare_id(it.hosted_zone_id());
            format!("private zone {name} ({id}): an AWS service's or another account's")
        });
    let others = others.collect();
    Ok((own, others))
}

/// The VPCs that a zone answers, with their regions.
///
/// # Errors
/// AWS's refusal.
pub async fn vpcs_of(aws: &Aws, zone: &str) -> Result<Vec<Vpc>, CallError> {
    let answer = aws.route53.get_hosted_zone().id(zone).send().await;
    let answer = answer.map_err(on("GetHostedZone"))?;
    Ok(answer.vpcs().to_vec())
}

async fn all(aws: &Aws) -> Result<Vec<HostedZone>, CallError> {
    let mut zones: Vec<HostedZone> = aws
        .route53
        .list_hosted_zones()
        .hosted_zone_type(HostedZoneType::PrivateHostedZone)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .map_err(on("ListHostedZones"))?;
    zones.retain(|zone| zone.config().is_some_and(|config| config.private_zone()));
    Ok(zones)
}

fn ids_of(zones: &[HostedZone]) -> Vec<&str> {
    zones.iter().map(|zone| bare_id(zone.id())).collect()
}

pub(super) async fn tags_of(aws: &Aws, ids: &[&str]) -> Result<BTreeMap<String, Tags>, CallError> {
    let reads = ids.chunks(ZONES_PER_CALL).map(|chunk| async move {
        let ids = chunk.iter().map(|id| (*id).to_owned()).collect();
        aws.route53
            .list_tags_for_resources()
            .resource_type(TagResourceType::Hostedzone)
            .set_resource_ids(Some(ids))
            .send()
            .await
            .map_err(on("ListTagsForResources"))
    });
    let answers = try_join_all(reads).await?;
    let sets = answers.iter().flat_map(|answer| answer.resource_tag_sets());
    Ok(sets
        .map(|set| {
            let tags = set
                .tags()
                .iter()
                .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned())))
                .filter(|(key, _)| !key.starts_with("aws:"))
                .collect();
            (
                bare_id(set.resource_id().unwrap_or_default()).to_owned(),
                tags,
            )
        })
        .collect())
}

impl SharedReads {
    /// The stack's private zones, with their records. What is `sought` is the same
    /// for every asker.
    ///
    /// # Errors
    /// AWS's refusal.
    pub async fn private_zones(
        &self,
        aws: &Aws,
        stack: &str,
        place: &Place,
        sought: &Sought,
    ) -> Result<Arc<Vec<Zone>>, CallError> {
        self.private_zones
            .get_or_try_init(|| async {
                let found = of_stack(aws, stack, place, sought, &self.adoptions).await;
                found.map(Arc::new)
            })
            .await
            .cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_reference_tells_whose_zone_it_is() {
        let token = "s3net-0123456789abcdef0123456789abcdef0123456789abcdef0123";
        let reference = caller_reference("lab", "data", token);
        assert_eq!(reference, "s3net/lab/data/456789abcdef0123");
        let zone = Address::new("private_zone", "data");
        assert_eq!(made_for(&reference, "lab"), Some(zone));
        for other in ["la", "lab/data", ""] {
            assert_eq!(made_for(&reference, other), None, "{other}");
        }
        assert_eq!(made_for("terraform-2026", "lab"), None);
        assert_eq!(made_for("s3net/lab/a b/1", "lab"), None);
        let long = caller_reference(&"s".repeat(40), &"n".repeat(64), token);
        assert!(long.len() <= 128);
    }
}
