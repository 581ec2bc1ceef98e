//! Managed prefix lists: those that anything names, and S3's and DynamoDB's own.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types as ec2;
use futures_util::future::try_join_all;

use super::super::error::on;
use super::super::tagging::{filter, from_ec2};
use super::super::{Aws, CallError};
use super::gaps::not_allowed;
use super::reads::{block, said};
use crate::model::network::{Key, PrefixList};
use crate::model::{Place, Tags};

/// A list with its id and tags.
#[derive(Debug, Clone)]
pub(super) struct List {
    pub id: Key,
    pub facts: PrefixList,
    pub tags: Tags,
}

/// The lists of AWS's own that gateway endpoints route by, in one call; none
/// where the credentials may not read them.
///
/// # Errors
/// AWS's refusal of anything but a permission; an answer that makes no sense.
pub(super) async fn of_aws(aws: &Aws, place: &Place) -> Result<Vec<List>, CallError> {
    let names = ["s3", "dynamodb"].map(|it| format!("com.amazonaws.{}.{it}", place.region));
    let request = aws.ec2.describe_prefix_lists();
    let request = request.filters(filter("prefix-list-name", names));
    let pages = request.into_paginator().items().send();
    let found: Result<Vec<ec2::PrefixList>, _> = pages.collect().await;
    let found = match found.map_err(on("DescribePrefixLists")) {
        Err(error) if not_allowed(&error) => return Ok(Vec::new()),
        other => other?,
    };
    found.iter().map(list_of_aws).collect()
}

fn list_of_aws(list: &ec2::PrefixList) -> Result<List, CallError> {
    let blocks = list.cidrs().iter().map(|text| block(text));
    Ok(List {
        id: said(list.prefix_list_id(), "a prefix list's id")?.to_owned(),
        facts: PrefixList {
            name: list.prefix_list_name().unwrap_or_default().to_owned(),
            blocks: blocks.collect::<Result<_, _>>()?,
        },
        tags: Tags::new(),
    })
}

/// Lists that routes and rules name. One that is gone, or that the credentials
/// may not read, is left out: nobody knows its entries.
///
/// # Errors
/// AWS's refusal of anything but a permission; an answer that makes no sense.
pub(super) async fn named(aws: &Aws, ids: BTreeSet<String>) -> Result<Vec<List>, CallError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (told, entries) = tokio::try_join!(
        described(aws, &ids),
        try_join_all(ids.iter().map(|id| entries_of(aws, id)))
    )?;
    let mut lists = Vec::new();
    for (id, entries) in ids.iter().zip(entries) {
        let Some(entries) = entries else { continue };
        let told = told.get(id);
        let name = told.and_then(|list| list.prefix_list_name());
        let blocks = entries.iter().filter_map(|entry| entry.cidr()).map(block);
        lists.push(List {
            id: id.clone(),
            facts: PrefixList {
                name: name.unwrap_or(id).to_owned(),
                blocks: blocks.collect::<Result<_, _>>()?,
            },
            tags: told.map(|list| from_ec2(list.tags())).unwrap_or_default(),
        });
    }
    Ok(lists)
}

/// Names and tags. By filter: an id in a list of ids that is gone would have the
/// whole call refused.
async fn described(
    aws: &Aws,
    ids: &BTreeSet<String>,
) -> Result<BTreeMap<Key, ec2::ManagedPrefixList>, CallError> {
    let request = aws.ec2.describe_managed_prefix_lists();
    let request = request.filters(filter("prefix-list-id", ids.iter().cloned()));
    let pages = request.into_paginator().items().send();
    let found: Result<Vec<ec2::ManagedPrefixList>, _> = pages.collect().await;
    let found = match found.map_err(on("DescribeManagedPrefixLists")) {
        Err(error) if not_allowed(&error) => Vec::new(),
        other => other?,
    };
    let found = found.into_iter();
    Ok(found
        .filter_map(|list| Some((list.prefix_list_id.clone()?, list)))
        .collect())
}

async fn entries_of(aws: &Aws, id: &str) -> Result<Option<Vec<ec2::PrefixListEntry>>, CallError> {
    let request = aws.ec2.get_managed_prefix_list_entries().prefix_list_id(id);
    let pages = request.into_paginator().items().send();
    let found: Result<Vec<ec2::PrefixListEntry>, _> = pages.collect().await;
    match found.map_err(on("GetManagedPrefixListEntries")) {
        Ok(found) => Ok(Some(found)),
        Err(error) if not_allowed(&error) || error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_aws_comes_with_its_blocks() {
        let list = |block: &str| {
            ec2::PrefixList::builder()
                .prefix_list_id("pl-1")
                .prefix_list_name("com.amazonaws.eu-west-1.s3")
                .cidrs("3.5.152.0/21")
                .cidrs(block)
                .build()
        };
        let told = list_of_aws(&list("52.219.0.0/20")).unwrap();
        assert_eq!(told.id, "pl-1");
        assert_eq!(told.facts.name, "com.amazonaws.eu-west-1.s3");
        assert_eq!(told.facts.blocks.len(), 2);
        assert!(list_of_aws(&list("S3")).is_err());
    }
}
