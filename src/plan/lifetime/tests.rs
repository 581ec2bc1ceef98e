//! When a lifetime begins, goes on and ends.

use std::collections::BTreeMap;

use super::*;
use crate::kind::{Live, Node, Stack};
use crate::kinds::registry;
use crate::model::{Address, Attributes, Place};
use crate::plan::{NO_WISHES, plan};
use crate::state::Snapshot;

const HOUR: u64 = 3600;

/// Hours after the first of the month.
fn at(hours: i64) -> Timestamp {
    let first: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    first + jiff::SignedDuration::from_hours(hours)
}

/// A stack of VPCs, each with the end that it carries.
struct Given {
    live: Vec<Live>,
    remembered: Snapshot,
    wish: LifetimeWish,
}

impl Given {
    fn new(ttl_hours: u64, now: i64) -> Self {
        Self {
            live: Vec::new(),
            remembered: Snapshot::new("lab"),
            wish: LifetimeWish {
                ttl: (ttl_hours > 0).then(|| Duration::from_secs(ttl_hours * HOUR)),
                now: at(now),
                ending: Ending::Kept,
            },
        }
    }

    fn lives(mut self, name: &str, end: Option<&str>) -> Self {
        let mut tags = tags_of(name);
        tags.extend(end.map(|end| (tags::EXPIRES_AT.to_owned(), end.to_owned())));
        let cidr = Attributes::new().with("cidr", "10.0.0.0/16");
        let mut live = Live::tagged(format!("vpc-{name}"), tags, cidr);
        live.kind = "vpc";
        self.live.push(live);
        self
    }

    fn carries(self, name: &str, end: i64) -> Self {
        self.lives(name, Some(&written(at(end))))
    }

    fn remembers(mut self, ttl_hours: u64, until: i64) -> Self {
        self.remembered.lifetime = Some(Term {
            ttl_seconds: ttl_hours * HOUR,
            until: at(until),
        });
        self
    }

    fn renewed(mut self) -> Self {
        self.wish.ending = Ending::Anew;
        self
    }

    fn plan(&self, destroy: bool) -> Plan {
        let names = ["a", "b"].into_iter();
        let nodes = names.map(|name| {
            let node = Node {
                inputs: Attributes::new().with("cidr", "10.0.0.0/16"),
                tags: tags_of(name),
                ..Node::default()
            };
            (Address::new("vpc", name), node)
        });
        let wanted = Stack {
            name: "lab".into(),
            region: "ap-northeast-1".into(),
            nodes: nodes.collect(),
            ..Stack::default()
        };
        let mut wishes = NO_WISHES.clone();
        wishes.lifetime = Some(self.wish);
        plan(&World {
            registry: registry(),
            place: &Place {
                account: "123456789012".into(),
                region: "ap-northeast-1".into(),
            },
            wanted: &wanted,
            existing: &BTreeMap::new(),
            live: &self.live,
            remembered: &self.remembered,
            destroy,
            wishes: &wishes,
        })
        .unwrap()
    }

    /// When it ends, in hours after the first of the month.
    fn end(&self) -> Option<i64> {
        let lifetime = self.plan(false).lifetime?;
        let until = lifetime.term?.until;
        Some((until.as_second() - at(0).as_second()) / HOUR as i64)
    }
}

fn tags_of(name: &str) -> Tags {
    Tags::from([
        (tags::STACK.to_owned(), "lab".to_owned()),
        (tags::ADDRESS.to_owned(), format!("vpc.{name}")),
    ])
}

#[test]
fn it_begins_with_the_first_apply_and_goes_on() {
    assert_eq!(Given::new(8, 100).end(), Some(108));
    assert_eq!(Given::new(8, 103).carries("a", 108).end(), Some(108));
    // The state may be lost, or know nothing of lifetimes yet.
    assert_eq!(Given::new(8, 103).lives("a", None).end(), Some(111));
    // It is over, and apply does not bring it back by itself.
    let over = Given::new(8, 200).carries("a", 108);
    assert_eq!(over.end(), Some(108));
    assert_eq!(over.plan(false).lifetime.unwrap().left(), None);
    assert_eq!(over.renewed().end(), Some(208));
}

#[test]
fn another_length_begins_anew() {
    let longer = Given::new(24, 103).carries("a", 108).carries("b", 108);
    // Without state, a longer one cannot be told from one that runs already.
    assert_eq!(longer.end(), Some(108));
    assert_eq!(longer.remembers(8, 108).end(), Some(127));
    // A shorter one shows by itself: no hour's lifetime ends five hours ahead.
    assert_eq!(Given::new(1, 103).carries("a", 108).end(), Some(104));
}

#[test]
fn the_latest_moment_counts_of_those_that_can_be_ours() {
    let two = Given::new(8, 103).carries("a", 105).carries("b", 109);
    assert_eq!(two.end(), Some(109));
    let plan = two.plan(false);
    assert_eq!(plan.lifetimes_changed(), 1);
    assert!(plan.steps.nodes().any(|(_, step)| step.is_only_lifetime()));
    assert_eq!((plan.totals().update, plan.totals().lifetime), (0, 1));
    let strange = Given::new(8, 103)
        .lives("a", Some("forever"))
        .carries("b", 500);
    assert_eq!(strange.end(), Some(111));
    assert_eq!(strange.plan(false).lifetimes_changed(), 2);
}

#[test]
fn a_killed_beginning_is_asked_for_again_with_the_same_tags() {
    let mut killed = Given::new(8, 100).remembers(8, 108);
    killed.wish.now = at(100) + Duration::from_secs(300);
    assert_eq!(
        killed.plan(false).lifetime.unwrap().term.unwrap().until,
        at(108)
    );
    // Days later, nothing has been made: it begins then.
    assert_eq!(Given::new(8, 150).remembers(8, 108).end(), Some(158));
}

#[test]
fn a_saved_plan_ends_when_it_said() {
    let mut saved = Given::new(8, 103).carries("a", 108);
    saved.wish.ending = Ending::At(at(110));
    assert_eq!(saved.end(), Some(110));
}

#[test]
fn without_a_ttl_the_tags_go() {
    let taken_back = Given::new(0, 103).carries("a", 108).lives("b", None);
    let plan = taken_back.plan(false);
    let lifetime = plan.lifetime.unwrap();
    assert_eq!((lifetime.term, lifetime.before), (None, Some(at(108))));
    assert_eq!(plan.lifetimes_changed(), 1);
    assert_eq!(
        Given::new(0, 103).lives("a", None).plan(false).lifetime,
        None
    );
    assert_eq!(
        Given::new(8, 103).carries("a", 108).plan(true).lifetime,
        None
    );
}

#[test]
fn new_objects_get_the_end_from_the_beginning() {
    let plan = Given::new(8, 103).carries("a", 108).plan(false);
    let new = plan.steps.nodes().map(|(_, step)| step);
    let new: Vec<_> = new.filter(|s| s.action == Action::Create).collect();
    assert_eq!(new.len(), 1);
    assert_eq!(new[0].tags[tags::EXPIRES_AT], "2026-11-05T12:00:00Z");
}
