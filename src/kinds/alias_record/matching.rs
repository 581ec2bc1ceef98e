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

use super::key::Key;
use super::live;
use crate::aws::private_zones::Zone;
use crate::aws::{CallError, route53};
use crate::kind::{Live, Scope, Wanted};
use crate::model::{Address, Reference, Value};

pub(super) async fn find(scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
    let remembered: Vec<String> = scope
        .wanted_of("private_zone", "")
        .filter_map(|(_, wanted)| wanted.id.clone())
        .collect();
    let zones = scope
        .shared
        .private_zones(scope.aws, scope.stack, &remembered)
        .await?;
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
    Ok(found)
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
