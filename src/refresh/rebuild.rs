//! A state from what lives, for the case that there is none that can be read.
//!
//! Tags tell the address of most objects; what has no tags is found under its
//! tagged parent, by what the file says. What the file does not say and no tag
//! tells cannot be known to be ours: it is foreign from then on.

use std::collections::{BTreeMap, HashSet};

use futures_util::future::try_join_all;

use super::{RefreshError, Wish, read_error};
use crate::aws::SharedReads;
use crate::aws::named::address_in;
use crate::kind::{Live, Node, Query, Scope, Stack};
use crate::model::{Address, Place, Tags, tags};
use crate::state::{Remembered, Snapshot};

/// A new state, and what has no room in it.
#[derive(Debug)]
pub struct Rebuilt {
    /// The state, of a new history: client tokens of the old one count no more.
    pub snapshot: Snapshot,
    /// Objects at an address where another one stands, with their ids.
    pub surplus: Vec<(Address, String)>,
}

/// Makes a state from the stack's live objects, each at the address that its tags
/// name. `moved` tells what the file calls those tables by now.
#[must_use]
pub fn rebuilt(
    wanted: &Stack,
    moved: &BTreeMap<Address, Address>,
    place: &Place,
    live: &[Live],
) -> Rebuilt {
    let mut snapshot = Snapshot::new(&wanted.name);
    snapshot.place = Some(place.clone());
    snapshot.serial = 1;
    let mut surplus = Vec::new();
    for object in live {
        let Some(address) = object.own_address() else {
            continue;
        };
        match snapshot.nodes.get(address) {
            // A read may give one object twice, between two pages.
            Some(first) if first.id == object.id => {}
            Some(_) => surplus.push((address.clone(), object.id.clone())),
            None => {
                let node = wanted.get(&address.clone().moved(moved));
                let node = remembered(node, object);
                snapshot.nodes.insert(address.clone(), node);
                snapshot.generations.insert(address.clone(), 1);
            }
        }
    }
    Rebuilt { snapshot, surplus }
}

fn remembered(node: Option<&Node>, object: &Live) -> Remembered {
    let lifecycle = node.map(|node| node.lifecycle.clone()).unwrap_or_default();
    // Which of the others we wrote, nobody knows any more.
    let is_ours = |key: &str, value: &str| {
        let stated = node.is_some_and(|node| node.has_written(key, value));
        stated || key.starts_with(tags::PREFIX)
    };
    let mut written = object.tags.clone();
    written.retain(|key, value| is_ours(key, value));
    Remembered {
        id: object.id.clone(),
        attributes: object.attributes.clone(),
        tags: written,
        prevent_destroy: lifecycle.prevent_destroy,
        forget_on_remove: lifecycle.forget_on_remove,
        ..Remembered::default()
    }
}

/// Objects of the stack that a refresh cannot find, since neither the file nor
/// any state names them. `found` is what a refresh found. This may take a call
/// for each object of the account.
///
/// # Errors
/// The first [`RefreshError`].
pub async fn strays(wish: &Wish<'_>, found: &[Live]) -> Result<Vec<Live>, RefreshError> {
    let (wanted, shared) = (BTreeMap::new(), SharedReads::default());
    let scope = Scope {
        aws: wish.aws,
        stack: &wish.wanted.name,
        place: wish.place,
        wanted: &wanted,
        shared: &shared,
        thorough: false,
    };
    let query = Query {
        tags: Tags::from([(tags::STACK.to_owned(), wish.wanted.name.clone())]),
        ..Query::default()
    };
    let kinds = wish.registry.tables().filter(|kind| kind.found_by_name());
    let looks = kinds.map(|kind| {
        let (scope, query) = (&scope, &query);
        async move {
            let found = kind.look_up(scope, query).await;
            let found = found.map_err(read_error(kind))?;
            // A stack of the same name may live in another region.
            let here = |live: &Live| tags::elsewhere(&live.tags, &wish.place.region).is_none();
            Ok::<_, RefreshError>(found.into_iter().filter(here).map(move |live| {
                let named = address_in(&live.tags);
                Live {
                    address: named.filter(|address| address.kind == kind.about().name),
                    ..live
                }
            }))
        }
    });
    let known: HashSet<(&str, &str)> = found
        .iter()
        .filter_map(|live| Some((live.address.as_ref()?.kind.as_str(), live.id.as_str())))
        .collect();
    let strays = try_join_all(looks).await?.into_iter().flatten();
    Ok(strays
        .filter(|live| live.address.is_some())
        .filter(|live| {
            let kind = live.address.as_ref().map_or("", |address| &address.kind);
            !known.contains(&(kind, live.id.as_str()))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::{Foreign, Lifecycle};
    use crate::model::Attributes;

    fn place() -> Place {
        Place {
            account: "123456789012".into(),
            region: "eu-west-1".into(),
        }
    }

    fn own(address: &str, id: &str, more: &str) -> Live {
        let tags = [
            ("s3net:stack", "lab"),
            ("s3net:address", address),
            (more, "x"),
        ];
        let tags = tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Live::tagged(
            id,
            tags.collect(),
            Attributes::new().with("cidr", "10.0.0.0/16"),
        )
    }

    #[test]
    fn what_lives_and_is_ours_is_remembered() {
        let mut wanted = Stack {
            name: "lab".into(),
            ..Stack::default()
        };
        let vpc = Address::new("vpc", "main");
        let node = Node {
            tags: Tags::from([("Project".to_owned(), "lab".to_owned())]),
            lifecycle: Lifecycle {
                prevent_destroy: true,
                ..Lifecycle::default()
            },
            ..Node::default()
        };
        wanted.nodes.insert(vpc.clone(), node);
        let live = [
            own("vpc.main", "vpc-1", "Project"),
            own("vpc.main", "vpc-1", "Project"),
            own("vpc.main", "vpc-2", "Project"),
            own("subnet.gone", "subnet-1", "CostCentre"),
            Live::foreign("rtb-1:x", Foreign::new(&vpc, "route", "x")),
        ];
        let Rebuilt { snapshot, surplus } = rebuilt(&wanted, &BTreeMap::new(), &place(), &live);
        assert_eq!(surplus, [(vpc.clone(), "vpc-2".to_owned())]);
        assert_eq!(snapshot.place, Some(place()));
        assert_eq!(snapshot.nodes.len(), 2);
        let main = &snapshot.nodes[&vpc];
        assert!(main.prevent_destroy && main.tags.contains_key("Project"));
        assert_eq!(main.attributes.text("cidr"), Some("10.0.0.0/16"));
        let gone = &snapshot.nodes[&Address::new("subnet", "gone")];
        assert!(!gone.tags.contains_key("CostCentre") && gone.tags.len() == 2);
    }

    #[test]
    fn what_the_file_says_of_a_renamed_table_is_remembered_under_its_tags_name() {
        let mut wanted = Stack {
            name: "lab".into(),
            ..Stack::default()
        };
        let (old, new) = (Address::new("vpc", "old"), Address::new("vpc", "new"));
        let node = Node {
            lifecycle: Lifecycle {
                prevent_destroy: true,
                ..Lifecycle::default()
            },
            ..Node::default()
        };
        wanted.nodes.insert(new.clone(), node);
        let live = [own("vpc.old", "vpc-1", "Project")];
        let moved = BTreeMap::from([(old.clone(), new)]);
        let Rebuilt { snapshot, .. } = rebuilt(&wanted, &moved, &place(), &live);
        assert!(snapshot.nodes[&old].prevent_destroy);
    }
}
