//! Which live record is which node.
//!
//! ```text
//! the id that the state remembers ─┐
//!                                  ├─► node        no node: somebody else's
//! zone, name, type of the file ────┘
//! ```
//!
//! In the stack's own zones every alias record is seen, and one that fits what
//! the file says is ours, with or without state. In a zone that is not the
//! stack's, only a record that the state remembers is.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_route53::types::ResourceRecordSet;

use super::super::own_zones::own_zones;
use super::key::Key;
use super::{live, telling};
use crate::aws::private_zones::Zone;
use crate::aws::{CallError, route53};
use crate::kind::{Foreign, Live, Scope, Wanted};
use crate::model::{Address, Reference, Value};

pub(super) async fn find(scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
    let zones = own_zones(scope).await?;
    let mut found: Vec<Live> = zones
        .iter()
        .flat_map(|zone| zone.records.iter().filter_map(|it| live(&zone.id, it)))
        .collect();
    let elsewhere: Vec<Key> = scope
        .wanted_of("alias_record", "")
        .filter_map(|(_, wanted)| Key::parse(wanted.id.as_deref()?))
        .filter(|key| !zones.iter().any(|zone| zone.id == key.zone))
        .collect();
    let reads = elsewhere.iter().map(|key| async move {
        match route53::record(scope.aws, &key.zone, &key.name, &key.kind).await {
            Ok(record) => Ok(record.and_then(|it| live(&key.zone, &it))),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    });
    let read = futures_util::future::try_join_all(reads).await?;
    found.extend(read.into_iter().flatten());

    let wanted: Vec<(&Address, &Wanted)> = scope.wanted_of("alias_record", "").collect();
    let keys = keys_of(&wanted, &zones, scope.wanted, &scope.place.account);
    assign(&mut found, &wanted, &keys);
    found.retain(|live| live.address.is_some());
    let strange = strange_in(&zones, &found);
    found.extend(strange);
    Ok(found)
}

/// The records of the stack's zones that are not its own, nor the zones'.
fn strange_in(zones: &[Zone], own: &[Live]) -> Vec<Live> {
    let own: BTreeSet<&str> = own.iter().map(|live| live.id.as_str()).collect();
    let mut strange = Vec::new();
    for zone in zones {
        let Some(within) = &zone.address else {
            continue;
        };
        let records = zone.records.iter();
        for record in records.filter(|it| !route53::is_the_zones_own(it, &zone.name)) {
            let key = Key::new(&zone.id, record.name(), record.r#type().clone());
            // Several weighted records may share name and type.
            let id = match record.set_identifier() {
                Some(one_of_them) => format!("{}/{one_of_them}", key.text()),
                None => key.text(),
            };
            if !own.contains(id.as_str()) {
                let what = in_words(&key, record);
                let foreign = Live::foreign(id, Foreign::new(within, "record", what));
                strange.push(foreign.showing(telling::said(&key, record)));
            }
        }
    }
    strange
}

pub(super) fn in_words(key: &Key, record: &ResourceRecordSet) -> String {
    let values = record.resource_records().iter().map(|it| it.value());
    let to = match record.alias_target() {
        Some(target) => vec![route53::plain_name(target.dns_name())],
        None => values.map(str::to_owned).collect(),
    };
    format!("{} {} to {}", key.name, key.kind.as_str(), to.join(", "))
}

/// Gives each live record the node it is.
fn assign(found: &mut [Live], wanted: &[(&Address, &Wanted)], keys: &BTreeMap<String, Address>) {
    let alive: BTreeSet<String> = found.iter().map(|live| live.id.clone()).collect();
    let remembered: BTreeMap<&str, &Address> = wanted
        .iter()
        .filter_map(|(address, wanted)| Some((wanted.id.as_deref()?, *address)))
        .filter(|(id, _)| alive.contains(*id))
        .collect();
    let placed: BTreeSet<&Address> = remembered.values().copied().collect();
    for live in found {
        // The state's word goes first: the file may want another name now.
        live.address = match remembered.get(live.id.as_str()) {
            Some(address) => Some((*address).clone()),
            None => keys
                .get(&live.id)
                .filter(|address| !placed.contains(*address))
                .cloned(),
        };
    }
}

/// The keys that the file's records have, as far as they are known: zones and
/// names stand there as references.
fn keys_of(
    wanted: &[(&Address, &Wanted)],
    zones: &[Zone],
    nodes: &BTreeMap<Address, Wanted>,
    account: &str,
) -> BTreeMap<String, Address> {
    let known = |reference: &Reference| {
        let zone = zones
            .iter()
            .find(|zone| zone.address.as_ref() == Some(&reference.target));
        if let Some(zone) = zone {
            match reference.attribute.as_str() {
                "id" => return Some(Value::text(zone.id.as_str())),
                "name" => return Some(Value::text(zone.name.as_str())),
                _ => {}
            }
        }
        let node = nodes.get(&reference.target)?;
        node.inputs
            .get(&reference.attribute)
            .filter(|value| value.as_text().is_some())
            .cloned()
    };
    wanted
        .iter()
        .filter_map(|(address, wanted)| {
            let inputs = wanted.inputs.resolve(Some(account), &known);
            let key = Key::of(&inputs).ok()?;
            // Zones that are not ours are left to the state's word.
            let ours = zones.iter().any(|zone| zone.id == key.zone);
            ours.then(|| (key.text(), (*address).clone()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attributes, Piece, Tags};
    use aws_sdk_route53::types::ResourceRecord;

    fn zone() -> Zone {
        Zone {
            id: "Z1".into(),
            name: "data.example".into(),
            comment: String::new(),
            vpcs: Vec::new(),
            records: Vec::new(),
            tags: Tags::new(),
            address: Some(Address::new("private_zone", "data")),
        }
    }

    fn of_zone(attribute: &str) -> Reference {
        Reference {
            target: Address::new("private_zone", "data"),
            attribute: attribute.into(),
        }
    }

    fn wanted(name: Value, id: Option<&str>) -> Wanted {
        Wanted {
            inputs: Attributes::new()
                .with("zone", of_zone("id"))
                .with("name", name)
                .with("type", "A"),
            id: id.map(str::to_owned),
        }
    }

    fn lives(ids: &[&str]) -> Vec<Live> {
        ids.iter()
            .map(|id| Live {
                id: (*id).to_owned(),
                ..Live::default()
            })
            .collect()
    }

    fn addresses(found: &[Live]) -> Vec<Option<String>> {
        let shown = |live: &Live| live.address.as_ref().map(|it| it.name.clone());
        found.iter().map(shown).collect()
    }

    #[test]
    fn without_state_the_file_knows_its_records() {
        let label = Piece::Text("*.".into());
        let wild = Value::Template(vec![label, Piece::Reference(of_zone("name"))]);
        let nodes = BTreeMap::from([
            (
                Address::new("alias_record", "apex"),
                wanted(Value::Reference(of_zone("name")), None),
            ),
            (Address::new("alias_record", "wild"), wanted(wild, None)),
        ]);
        let all: Vec<_> = nodes.iter().collect();
        let keys = keys_of(&all, &[zone()], &nodes, "123456789012");
        let mut found = lives(&["Z1/data.example/A", "Z1/*.data.example/A", "Z1/x/A"]);
        assign(&mut found, &all, &keys);
        assert_eq!(
            addresses(&found),
            [Some("apex".into()), Some("wild".into()), None]
        );
    }

    #[test]
    fn records_of_others_are_foreign() {
        let plain = |name: &str, kind: &str, value: &str| {
            let value = ResourceRecord::builder().value(value).build().unwrap();
            ResourceRecordSet::builder()
                .name(name)
                .r#type(kind.into())
                .resource_records(value)
                .build()
                .unwrap()
        };
        let zone = Zone {
            records: vec![
                plain("data.example.", "SOA", "ns.example"),
                plain("data.example.", "A", "10.0.0.1"),
                plain("x.data.example.", "TXT", "hello"),
            ],
            ..zone()
        };
        let strange = strange_in(&[zone], &lives(&["Z1/data.example/A"]));
        let told: Vec<_> = strange
            .iter()
            .filter_map(|it| it.foreign.as_ref())
            .collect();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].what, "x.data.example TXT to hello");
        assert_eq!(strange[0].address, None);
    }

    #[test]
    fn the_state_goes_before_the_file() {
        let record = wanted(
            Value::from("new.data.example"),
            Some("Z1/old.data.example/A"),
        );
        let nodes = BTreeMap::from([(Address::new("alias_record", "a"), record)]);
        let all: Vec<_> = nodes.iter().collect();
        let keys = keys_of(&all, &[zone()], &nodes, "");
        let mut both = lives(&["Z1/new.data.example/A", "Z1/old.data.example/A"]);
        assign(&mut both, &all, &keys);
        assert_eq!(addresses(&both), [None, Some("a".into())]);
        let mut one = lives(&["Z1/new.data.example/A"]);
        assign(&mut one, &all, &keys);
        assert_eq!(addresses(&one), [Some("a".into())]);
    }
}
