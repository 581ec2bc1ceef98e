//! Which stacks have a lifetime, and whether it is over: by tags alone, without
//! a plan file and without state.
//!
//! ```text
//! EC2's tags ─────────────────┐
//! buckets, roles, zones ──────┴─► stacks ─► all that lives of each ─► verdict
//! ```
//!
//! Only what carries both `s3net:stack` and `s3net:expires-at` is ever taken
//! down, so one object without the second keeps the whole stack: its owner took
//! the tag off, or a run that writes or removes it was interrupted. A tag that
//! holds no moment of ours does the same.
//!
//! Roles and zones belong to no region, so a look finds those of stacks that live
//! elsewhere. Their tag s3net:region says whose they are; where it is missing, they
//! alone say nothing of a stack.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::{RefreshError, read_error};
use crate::aws::named::address_in;
use crate::aws::{Aws, SharedReads};
use crate::kind::{Live, Query, Registry, Scope};
use crate::model::address::is_name;
use crate::model::duration::passed;
use crate::model::{Address, Place, lifetime, tags};

/// The longest name that a stack has.
const LONGEST_NAME: usize = 40;

/// A stack of which something carries the end of a lifetime.
#[derive(Debug, Clone, Default)]
pub struct Marked {
    /// The stack's name, as its tags say it.
    pub stack: String,
    /// What was found by another read than that of all of the stack's objects:
    /// some of it can be found by its name only.
    pub named: Vec<Live>,
}

impl Marked {
    /// Whether the name is one that a plan file can have. Any other is not ours,
    /// and would be no name for a folder either.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        is_name(&self.stack) && self.stack.len() <= LONGEST_NAME
    }
}

/// How it stands with a stack's lifetime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is over, since so long.
    Expired(Duration),
    /// So much is left.
    Alive(Duration),
    /// It cannot be told: the reasons, as sentence fragments.
    Unclear(Vec<String>),
}

/// A stack and its lifetime.
#[derive(Debug, Clone)]
pub struct Aged {
    /// The stack's name.
    pub stack: String,
    /// When its lifetime ends: the latest moment that its objects tell.
    pub until: Option<Timestamp>,
    /// How it stands with that.
    pub verdict: Verdict,
    /// How many objects live, by table kind. Parts count with their tables.
    pub objects: BTreeMap<String, usize>,
}

/// Every stack of which something carries the end of a lifetime.
///
/// # Errors
/// The first [`RefreshError`].
pub async fn marked(
    registry: Registry,
    aws: &Aws,
    place: &Place,
) -> Result<Vec<Marked>, RefreshError> {
    let (wanted, shared) = (BTreeMap::new(), SharedReads::default());
    let scope = Scope {
        aws,
        stack: "",
        place,
        wanted: &wanted,
        shared: &shared,
        thorough: false,
    };
    let query = Query::default();
    let of_here = |live: &Live| {
        let region = live.tags.get(tags::REGION);
        region.is_none_or(|region| *region == place.region)
    };
    let elsewhere = registry.tables().filter(|kind| kind.tagged_elsewhere());
    let looks = elsewhere.map(|kind| {
        let (scope, query, of_here) = (&scope, &query, &of_here);
        async move {
            let found = kind.look_up(scope, query).await;
            let found = found.map_err(read_error(kind))?;
            Ok::<_, RefreshError>(found.into_iter().filter_map(|mut live| {
                live.kind = kind.about().name;
                let own = address_in(&live.tags).filter(|a| a.kind == live.kind);
                live.address = own;
                (live.tags.contains_key(tags::EXPIRES_AT) && of_here(&live)).then_some(live)
            }))
        }
    });
    let of_ec2 = async {
        let stacks = aws.stacks_with_lifetimes().await;
        stacks.map_err(|source| RefreshError::Read {
            kind: "tag",
            source,
        })
    };
    let (stacks, found) = tokio::try_join!(of_ec2, try_join_all(looks))?;
    let mut marked: BTreeMap<String, Vec<Live>> = stacks
        .into_iter()
        .map(|stack| (stack, Vec::new()))
        .collect();
    for live in found.into_iter().flatten() {
        if let Some(stack) = live.tags.get(tags::STACK) {
            marked.entry(stack.clone()).or_default().push(live);
        }
    }
    let marked = marked.into_iter();
    Ok(marked
        .map(|(stack, named)| Marked { stack, named })
        .collect())
}

/// Judges a stack by all that a look from a region sees of it; none where that is
/// nothing.
#[must_use]
pub fn aged(
    registry: Registry,
    stack: &str,
    live: &[Live],
    region: &str,
    now: Timestamp,
) -> Option<Aged> {
    let mut objects = BTreeMap::new();
    let mut ends = Vec::new();
    let mut doubts = Vec::new();
    let mut unmarked = Vec::new();
    for object in live {
        let Some(address) = object.own_address() else {
            continue;
        };
        if address.part.is_none() {
            *objects.entry(address.kind.clone()).or_default() += 1;
        }
        let tagged = registry.of(address).is_some_and(|kind| kind.about().tagged);
        match object.tags.get(tags::EXPIRES_AT) {
            None if tagged => unmarked.push((address, &object.id)),
            None => {}
            Some(text) => match lifetime::read(text, now) {
                Some(end) => ends.push(end),
                None => doubts.push(format!(
                    "`{text}` on {address} ({}) is no end of a lifetime",
                    object.id
                )),
            },
        }
    }
    if objects.is_empty() {
        return None;
    }
    doubts.extend(without(&unmarked));
    doubts.extend(elsewhere(registry, live, region));
    let until = ends.into_iter().max();
    let verdict = match until {
        _ if !doubts.is_empty() => Verdict::Unclear(doubts),
        None => Verdict::Unclear(vec!["no object says when it ends".to_owned()]),
        Some(until) if until <= now => Verdict::Expired(passed(until, now)),
        Some(until) => Verdict::Alive(passed(now, until)),
    };
    Some(Aged {
        stack: stack.to_owned(),
        until,
        verdict,
        objects,
    })
}

/// What is to be said of objects without the tag.
fn without(unmarked: &[(&Address, &String)]) -> Option<String> {
    let ((address, id), others) = unmarked.split_first()?;
    let more = match others.len() {
        0 => String::new(),
        count => format!(", nor do {count} others"),
    };
    Some(format!(
        "{address} ({id}) does not carry {}{more}",
        tags::EXPIRES_AT
    ))
}

/// Why what is seen from a region may not be all of the stack, or not of it alone.
fn elsewhere(registry: Registry, live: &[Live], region: &str) -> Option<String> {
    let own = || {
        let own = live.iter();
        own.filter_map(|object| Some((object.own_address()?, object)))
    };
    let other = own().find_map(|(address, object)| {
        let other = object.tags.get(tags::REGION)?;
        (other != region).then(|| {
            format!("{address} is that of a stack in {other}: pass --region {other} for that one")
        })
    });
    let of_here = |(address, object): (&Address, &Live)| {
        let kind = registry.table(&address.kind);
        object.tags.contains_key(tags::REGION) || kind.is_some_and(|kind| !kind.of_no_region())
    };
    other.or_else(|| {
        let kinds: BTreeSet<&str> = own().map(|(address, _)| address.kind.as_str()).collect();
        let kinds: Vec<&str> = kinds.into_iter().collect();
        (!own().any(of_here)).then(|| {
            format!(
                "from {region} nothing but its {} is seen, which belongs to no region: pass \
                 --region with that of its network",
                kinds.join(" and ")
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::registry;
    use crate::model::{Attributes, Tags};

    const HERE: &str = "eu-west-1";

    fn now() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn live(address: &str, end: Option<&str>) -> Live {
        let mut tags = Tags::from([
            (tags::STACK.to_owned(), "lab".to_owned()),
            (tags::ADDRESS.to_owned(), address.to_owned()),
        ]);
        tags.extend(end.map(|end| (tags::EXPIRES_AT.to_owned(), end.to_owned())));
        Live::tagged(format!("{address}-id"), tags, Attributes::new())
    }

    fn verdict(live: &[Live]) -> Option<Verdict> {
        aged(registry(), "lab", live, HERE, now()).map(|aged| aged.verdict)
    }

    #[test]
    fn the_latest_moment_counts() {
        let past = live("vpc.main", Some("2026-11-22T10:00:00Z"));
        let later = live("subnet.a", Some("2026-11-22T13:00:00Z"));
        let exactly = live("subnet.b", Some("2026-11-22T12:00:00Z"));
        let hour = Duration::from_secs(3600);
        assert_eq!(
            verdict(std::slice::from_ref(&past)),
            Some(Verdict::Expired(2 * hour))
        );
        let both = [past.clone(), later];
        assert_eq!(verdict(&both), Some(Verdict::Alive(hour)));
        let both = [past, exactly];
        assert_eq!(verdict(&both), Some(Verdict::Expired(Duration::ZERO)));
    }

    #[test]
    fn whatever_is_not_clear_keeps_the_stack() {
        let past = || live("vpc.main", Some("2026-11-22T10:00:00Z"));
        for (odd, said) in [
            (live("subnet.a", None), "does not carry s3net:expires-at"),
            (
                live("subnet.a", Some("next week")),
                "`next week` on subnet.a",
            ),
            (live("subnet.a", Some("2099-01-01T00:00:00Z")), "2099"),
            (live("subnet.a", Some("1999-01-01T00:00:00Z")), "1999"),
        ] {
            let Some(Verdict::Unclear(reasons)) = verdict(&[past(), odd]) else {
                panic!("{said}");
            };
            assert!(reasons[0].contains(said), "{reasons:?}");
        }
        assert_eq!(verdict(&[]), None);
    }

    #[test]
    fn what_belongs_to_no_region_tells_of_a_stack_by_its_tag_alone() {
        let past = "2026-11-22T10:00:00Z";
        let of = |address: &str, region: Option<&str>| {
            let mut object = live(address, Some(past));
            let region = region.map(|region| (tags::REGION.to_owned(), region.to_owned()));
            object.tags.extend(region);
            object
        };
        let expired = Some(Verdict::Expired(Duration::from_secs(7200)));
        let vpc = || of("vpc.main", None);
        let role = |region| of("role.a", region);
        for sound in [
            vec![role(Some(HERE))],
            vec![vpc(), role(None)],
            vec![vpc(), role(Some(HERE))],
            vec![of("bucket.a", None), role(None)],
        ] {
            assert_eq!(verdict(&sound), expired, "{sound:?}");
        }
        for (unclear, said) in [
            (vec![role(None)], "nothing but its role is seen"),
            (
                vec![of("private_zone.a", None), role(None)],
                "nothing but its private_zone and role is seen",
            ),
            (
                vec![vpc(), role(Some("us-east-1"))],
                "role.a is that of a stack in us-east-1",
            ),
        ] {
            let Some(Verdict::Unclear(reasons)) = verdict(&unclear) else {
                panic!("{said}");
            };
            assert!(reasons[0].contains(said), "{reasons:?}");
        }
    }

    #[test]
    fn what_takes_no_tags_needs_none() {
        let past = live("route_table.a", Some("2026-11-22T10:00:00Z"));
        let route: Address = "route_table.a/route:0.0.0.0/0".parse().unwrap();
        let route = Live::keyed(route, "rtb:0.0.0.0/0", Attributes::new());
        let found = aged(registry(), "lab", &[past, route], HERE, now()).unwrap();
        assert!(matches!(found.verdict, Verdict::Expired(_)));
        assert_eq!(found.objects, BTreeMap::from([("route_table".into(), 1)]));
    }

    #[test]
    fn a_name_that_no_file_can_have_is_not_ours() {
        for (name, ours) in [
            ("lab", true),
            ("three-ways_2", true),
            ("", false),
            ("..", false),
            ("../../etc", false),
            ("a/b", false),
            ("a b", false),
        ] {
            let marked = Marked {
                stack: name.to_owned(),
                named: Vec::new(),
            };
            assert_eq!(marked.is_ours(), ours, "{name}");
        }
        let long = Marked {
            stack: "a".repeat(41),
            named: Vec::new(),
        };
        assert!(!long.is_ours());
    }
}
