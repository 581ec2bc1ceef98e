//! Objects that a file adopts: read beside the stack's own, and taken for the
//! stack's own from there on.
//!
//! A stack's objects are known by its tag, and their parts (routes, rules,
//! settings) by the table that they stand in. What is to be adopted has no tag
//! yet, so it is read by its id in the same wave, and shown to every kind with
//! the tags that it is to get. Its parts are then found like any other's:
//!
//! ```text
//! filter by tag ──┐
//!                 ├─► claimed: our tags, for the eyes of the kinds ─► find
//! filter by id ───┘          └─► Sighting: whose it really is, its true tags
//! ```
//!
//! What another stack owns is never claimed; its sighting tells whose it is.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_ec2::types::{
    Address as ElasticIp, Filter, Instance, InternetGateway, NatGateway, RouteTable, SecurityGroup,
    Subnet, Tag, Vpc, VpcEndpoint,
};

use super::CallError;
use super::tagging::{filter, from_ec2, of_stack};
use crate::model::adoption::{Owner, Sighting};
use crate::model::{Address, Tags, tags};

/// The objects that a file adopts.
#[derive(Debug, Default)]
pub struct Adoptions {
    /// By the node that each is to be: its id, or the name that AWS knows it by.
    wanted: BTreeMap<Address, String>,
    seen: Mutex<BTreeMap<Address, Sighting>>,
}

/// An object of EC2 that can be adopted.
pub trait Adoptable {
    /// The kinds that it may be.
    const KINDS: &'static [&'static str];
    /// The filter that finds it by its id.
    const FILTER: &'static str;

    /// Its id.
    fn id(&self) -> Option<&str>;

    /// Its tags.
    fn tags(&mut self) -> &mut Option<Vec<Tag>>;
}

/// Says of each type where its id and its tags are. (They are alike, but have no
/// trait of the SDK's in common.)
macro_rules! adoptable {
    ($($type:ty: [$($kind:literal),*] by $filter:literal in $id:ident;)*) => {
        $(impl Adoptable for $type {
            const KINDS: &'static [&'static str] = &[$($kind),*];
            const FILTER: &'static str = $filter;

            fn id(&self) -> Option<&str> {
                self.$id.as_deref()
            }

            fn tags(&mut self) -> &mut Option<Vec<Tag>> {
                &mut self.tags
            }
        })*
    };
}

adoptable! {
    Vpc: ["vpc"] by "vpc-id" in vpc_id;
    Subnet: ["subnet"] by "subnet-id" in subnet_id;
    RouteTable: ["route_table"] by "route-table-id" in route_table_id;
    InternetGateway: ["internet_gateway"] by "internet-gateway-id" in internet_gateway_id;
    SecurityGroup: ["security_group"] by "group-id" in group_id;
    ElasticIp: ["elastic_ip"] by "allocation-id" in allocation_id;
    NatGateway: ["nat_gateway"] by "nat-gateway-id" in nat_gateway_id;
    Instance: ["instance"] by "instance-id" in instance_id;
    VpcEndpoint: ["gateway_endpoint", "interface_endpoint"] by "vpc-endpoint-id" in vpc_endpoint_id;
}

impl Adoptions {
    /// The objects to adopt: by the node that each is to be, its id or name.
    #[must_use]
    pub fn new(wanted: &BTreeMap<Address, String>) -> Self {
        Self {
            wanted: wanted.clone(),
            seen: Mutex::default(),
        }
    }

    /// What a table adopts, done or not: an id, or the name that AWS knows.
    #[must_use]
    pub fn id_of(&self, table: &Address) -> Option<&str> {
        self.wanted.get(table).map(String::as_str)
    }

    /// The ids and names that are to be adopted as one of these kinds.
    pub fn ids(&self, kinds: &[&str]) -> Vec<&str> {
        let wanted = self.wanted.iter();
        let of_kinds = wanted.filter(|(address, _)| kinds.contains(&address.kind.as_str()));
        of_kinds.map(|(_, id)| id.as_str()).collect()
    }

    /// Adds the tags that an object is to get, if it is to be adopted and is
    /// nobody's. `names` are what it may be asked for by, its id first.
    pub fn claim(&self, stack: &str, kinds: &[&str], names: &[&str], found: &mut Tags) {
        let asked = |(address, id): &(&Address, &String)| {
            kinds.contains(&address.kind.as_str()) && names.contains(&id.as_str())
        };
        let (Some((address, _)), Some(id)) = (self.wanted.iter().find(asked), names.first()) else {
            return;
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sighting) = seen.get_mut(address).filter(|one| one.id != **id) {
            sighting.others.push((*id).to_owned());
            return;
        }
        let owner = found
            .get(tags::STACK)
            .map_or(Owner::Nobody, |name| Owner::Stack {
                name: name.clone(),
                address: found.get(tags::ADDRESS).and_then(|text| text.parse().ok()),
            });
        let sighting = Sighting {
            id: (*id).to_owned(),
            owner,
            tags: found.clone(),
            others: Vec::new(),
        };
        if sighting.owner == Owner::Nobody {
            found.insert(tags::STACK.to_owned(), stack.to_owned());
            found.insert(tags::ADDRESS.to_owned(), address.to_string());
        }
        seen.insert(address.clone(), sighting);
    }

    /// A stack's objects of one type and those that it adopts, each once. What is
    /// asked for by id and belongs to another stack is not among them.
    ///
    /// # Errors
    /// AWS's refusal of one of the two reads.
    pub async fn with_own<T: Adoptable, R>(
        &self,
        stack: &str,
        read: impl Fn(Filter) -> R,
    ) -> Result<Vec<T>, CallError>
    where
        R: Future<Output = Result<Vec<T>, CallError>>,
    {
        let ids = self.ids(T::KINDS);
        if ids.is_empty() {
            return read(of_stack(stack)).await;
        }
        let by_id = filter(T::FILTER, ids);
        let (mut found, mut asked) = tokio::try_join!(read(of_stack(stack)), read(by_id))?;
        for object in &mut asked {
            self.claim_object(stack, object);
        }
        asked.retain_mut(|object| {
            let own = object.tags().iter().flatten();
            let own = own.filter(|tag| tag.key() == Some(tags::STACK));
            let ours = own.filter_map(Tag::value).any(|owner| owner == stack);
            ours && !found.iter().any(|other| other.id() == object.id())
        });
        found.extend(asked);
        Ok(found)
    }

    fn claim_object<T: Adoptable>(&self, stack: &str, object: &mut T) {
        let id = object.id().unwrap_or_default().to_owned();
        let before = from_ec2(object.tags().as_deref().unwrap_or_default());
        let mut after = before.clone();
        self.claim(stack, T::KINDS, &[&id], &mut after);
        for (key, value) in after
            .iter()
            .filter(|(key, value)| before.get(*key) != Some(value))
        {
            let all = object.tags().get_or_insert_default();
            all.retain(|tag| tag.key() != Some(key));
            all.push(Tag::builder().key(key).value(value).build());
        }
    }

    /// What was seen of each that was found.
    #[must_use]
    pub fn seen(self) -> BTreeMap<Address, Sighting> {
        self.seen
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adoptions() -> Adoptions {
        let wanted = [("vpc.main", "vpc-1"), ("private_zone.data", "data.example")];
        let wanted = wanted.map(|(address, id)| (address.parse().unwrap(), id.to_owned()));
        Adoptions::new(&BTreeMap::from(wanted))
    }

    fn vpc(id: &str, pairs: &[(&str, &str)]) -> Vpc {
        let tag = |(key, value): &(&str, &str)| Tag::builder().key(*key).value(*value).build();
        Vpc::builder()
            .vpc_id(id)
            .set_tags(Some(pairs.iter().map(tag).collect()))
            .build()
    }

    async fn found(own: Vec<Vpc>, asked: Vec<Vpc>) -> (Vec<(String, Tags)>, Adoptions) {
        let adoptions = adoptions();
        let found = adoptions.with_own("lab", |by: Filter| {
            let by_id = by.name() == Some("vpc-id");
            let answer = if by_id { asked.clone() } else { own.clone() };
            async move { Ok(answer) }
        });
        let found: Vec<Vpc> = found.await.unwrap();
        let found = found.iter().map(|vpc| {
            let id = vpc.vpc_id().unwrap_or_default().to_owned();
            (id, from_ec2(vpc.tags()))
        });
        (found.collect(), adoptions)
    }

    #[tokio::test]
    async fn what_is_nobodys_is_shown_as_ours_and_its_true_tags_are_kept() {
        let (found, adoptions) = found(vec![], vec![vpc("vpc-1", &[("Name", "old")])]).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1[tags::STACK], "lab");
        assert_eq!(found[0].1[tags::ADDRESS], "vpc.main");
        let seen = adoptions.seen();
        let sighting = &seen[&Address::new("vpc", "main")];
        assert_eq!(sighting.owner, Owner::Nobody);
        assert_eq!(sighting.tags.len(), 1);
    }

    #[tokio::test]
    async fn what_another_stack_has_is_seen_and_not_shown() {
        let others = vpc("vpc-1", &[(tags::STACK, "web"), (tags::ADDRESS, "vpc.a")]);
        let (found, adoptions) = found(vec![], vec![others]).await;
        assert!(found.is_empty());
        let owner = Owner::Stack {
            name: "web".to_owned(),
            address: Some(Address::new("vpc", "a")),
        };
        assert_eq!(adoptions.seen()[&Address::new("vpc", "main")].owner, owner);
    }

    #[tokio::test]
    async fn what_is_ours_already_is_there_once() {
        let own = vpc(
            "vpc-1",
            &[(tags::STACK, "lab"), (tags::ADDRESS, "vpc.main")],
        );
        let (found, _) = found(vec![own.clone()], vec![own]).await;
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn a_name_that_two_have_is_told() {
        let adoptions = adoptions();
        for id in ["Z1", "Z2"] {
            let names = [id, "data.example"];
            adoptions.claim("lab", &["private_zone"], &names, &mut Tags::new());
        }
        let seen = adoptions.seen();
        let sighting = &seen[&Address::new("private_zone", "data")];
        assert_eq!(
            (sighting.id.as_str(), &sighting.others[..]),
            ("Z1", &["Z2".to_owned()][..])
        );
    }
}
