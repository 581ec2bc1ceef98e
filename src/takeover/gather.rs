//! Reads a VPC, and what it refers to outside of itself.
//!
//! What stands in the VPC comes first, every kind side by side. Elastic IPs,
//! roles and buckets stand in no VPC: they are read because somebody refers to
//! them, and may refer to more, so the reading goes on until nothing new comes.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;

use super::referring::mentioned;
use super::{Gathered, TakeoverError};
use crate::aws::CallError;
use crate::aws::uncovered::uncovered;
use crate::kind::{Area, Kind, Registry, Scope, Standing, Standings};
use crate::model::tags;

/// How often what was read may lead to more: NAT gateway to address, instance to
/// role to bucket to another role.
const ROUNDS: usize = 6;

type Found = BTreeMap<&'static str, Vec<Standing>>;
/// Ids by kind.
pub(super) type Mentions = BTreeMap<&'static str, BTreeSet<String>>;

/// Reads all of a VPC, and `buckets` beside those that it refers to.
///
/// # Errors
/// The first [`TakeoverError`].
pub async fn gather(
    registry: Registry,
    scope: &Scope<'_>,
    vpc: &str,
    buckets: &BTreeSet<String>,
) -> Result<Gathered, TakeoverError> {
    let area = Area::Vpc(vpc.to_owned());
    let mut found = Found::new();
    let mut left_out = Vec::new();
    let inside = registry.tables().map(|kind| (kind, area.clone())).collect();
    let beside = async {
        let read = uncovered(scope.aws, vpc).await;
        read.map_err(read_error("what else stands in the VPC"))
    };
    let (read, others) = tokio::try_join!(wave(registry, scope, inside), beside)?;
    take(read, &mut found, &mut left_out);
    left_out.extend(others);
    check_vpc(&found, vpc)?;
    let mut asked = Mentions::new();
    asked.entry("bucket").or_default();
    let mut wanted: Mentions = [("bucket", buckets.clone())].into();
    for _ in 0..ROUNDS {
        for (kind, ids) in mentions(registry, &found) {
            wanted.entry(kind).or_default().extend(ids);
        }
        let mut next: Vec<(&'static dyn Kind, Area)> = Vec::new();
        for (name, ids) in &wanted {
            let known = asked.entry(name).or_default();
            let new: BTreeSet<String> = ids.difference(known).cloned().collect();
            known.extend(new.iter().cloned());
            if let Some(kind) = registry.table(name).filter(|_| !new.is_empty()) {
                next.push((kind, Area::Named(new)));
            }
        }
        if next.is_empty() {
            break;
        }
        let read = wave(registry, scope, next).await?;
        take(read, &mut found, &mut left_out);
    }
    let objects = registry
        .names()
        .filter_map(|name| Some((name, found.remove(name)?)))
        .collect();
    Ok(Gathered {
        vpc: vpc.to_owned(),
        objects,
        left_out,
    })
}

/// What all that was found refers to.
fn mentions(registry: Registry, found: &Found) -> Mentions {
    let mut all = Mentions::new();
    for (name, objects) in found {
        let Some(kind) = registry.table(name) else {
            continue;
        };
        for object in objects.iter().filter(|it| it.kept_by_aws.is_none()) {
            mentioned(kind.fields(), &object.fields, &mut all);
        }
    }
    all
}

/// Reads several kinds side by side, each object with its parts.
async fn wave(
    registry: Registry,
    scope: &Scope<'_>,
    kinds: Vec<(&'static dyn Kind, Area)>,
) -> Result<Vec<(&'static str, Standings)>, TakeoverError> {
    let reads = kinds.into_iter().map(|(kind, area)| async move {
        let name = kind.about().name;
        let mut standings = kind.standing(scope, &area).await.or_else(unless_gone);
        if let Ok(standings) = &mut standings {
            for object in &mut standings.objects {
                for part in parts_of(registry, name) {
                    let put_back = part.rejoin(scope, object).await;
                    put_back.map_err(read_error(part.about().name))?;
                }
            }
        }
        Ok((name, standings.map_err(read_error(name))?))
    });
    try_join_all(reads).await
}

/// An unknown VPC is told once, by the VPC's own kind.
fn unless_gone(error: CallError) -> Result<Standings, CallError> {
    match error.is_not_found() {
        true => Ok(Standings::default()),
        false => Err(error),
    }
}

/// The kinds of a table's parts.
fn parts_of(registry: Registry, table: &str) -> Vec<&'static dyn Kind> {
    let parts = registry.all().filter(|kind| {
        let part_of = kind.about().part_of;
        part_of.is_some_and(|part_of| part_of.table == table)
    });
    parts.collect()
}

fn read_error(what: &str) -> impl FnOnce(CallError) -> TakeoverError {
    let what = what.to_owned();
    move |source| TakeoverError::Read { what, source }
}

/// Takes what was read; other stacks' objects are told of and left to them.
fn take(read: Vec<(&'static str, Standings)>, found: &mut Found, left_out: &mut Vec<String>) {
    for (kind, standings) in read {
        left_out.extend(standings.left_out);
        for object in standings.objects {
            match object.tags.get(tags::STACK) {
                Some(stack) if kind != "vpc" => {
                    let address = object.tags.get(tags::ADDRESS).map_or("?", String::as_str);
                    left_out.push(format!(
                        "{kind} {}: it is {address} of stack {stack} already",
                        object.id
                    ));
                }
                _ => found.entry(kind).or_default().push(object),
            }
        }
    }
}

fn check_vpc(found: &Found, id: &str) -> Result<(), TakeoverError> {
    let vpc = found.get("vpc").and_then(|vpcs| vpcs.first());
    let Some(vpc) = vpc else {
        return Err(TakeoverError::NoVpc(id.to_owned()));
    };
    match vpc.tags.get(tags::STACK) {
        Some(stack) => Err(TakeoverError::Taken {
            vpc: id.to_owned(),
            stack: stack.clone(),
        }),
        None => Ok(()),
    }
}
