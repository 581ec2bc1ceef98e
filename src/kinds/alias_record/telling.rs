//! What a record of a private zone tells: its name, and the endpoint, the name
//! or the addresses that it leads to.

use aws_sdk_route53::types::{ResourceRecordSet, RrType};

use super::key::Key;
use crate::aws::route53::plain_name;
use crate::kind::Told;
use crate::model::network::{Network, Record, RecordTarget};
use crate::model::{Attributes, Value};

pub(super) fn tell(told: &Told<'_>, network: &mut Network) {
    let inputs = told.attributes;
    let zone = network.private_zones.get_mut(&told.key_in("zone"));
    let (Some(zone), Some(name), Some(target)) = (zone, inputs.text("name"), target(told)) else {
        return;
    };
    zone.records.push(Record {
        name: plain(name),
        ipv4: inputs.text("type") != Some("AAAA"),
        target,
        spot: told.spot(""),
    });
}

/// What the record leads to; nothing for one that answers for no address.
fn target(told: &Told<'_>) -> Option<RecordTarget> {
    if let Some(endpoint) = told.key_beyond("target_dns_name", "id") {
        return Some(RecordTarget::Endpoint(endpoint));
    }
    let inputs = told.attributes;
    if let Some(name) = inputs.text("target_dns_name") {
        return Some(RecordTarget::Name(plain(name)));
    }
    let values = inputs.texts("values");
    match inputs.text("type") {
        Some("A" | "AAAA") => {
            let addresses = values.iter().filter_map(|it| it.parse().ok());
            Some(RecordTarget::Addresses(addresses.collect()))
        }
        Some("CNAME") => Some(RecordTarget::Name(plain(values.first()?))),
        _ => None,
    }
}

fn plain(name: &str) -> String {
    plain_name(name).to_ascii_lowercase()
}

/// A record of others, as far as a trace needs it.
pub(super) fn said(key: &Key, record: &ResourceRecordSet) -> Attributes {
    let mut said = Attributes::new()
        .with("zone", key.zone.as_str())
        .with("name", key.name.as_str())
        .with("type", RrType::as_str(&key.kind));
    if let Some(target) = record.alias_target() {
        said.set("target_dns_name", plain_name(target.dns_name()));
    }
    let values = record.resource_records().iter().map(|it| it.value());
    said.set("values", Value::texts(values));
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Place;

    fn of(attributes: &Attributes, endpoint: Option<&str>) -> Option<RecordTarget> {
        let place = Place::default();
        target(&Told {
            key: "Z1/x/A",
            address: None,
            attributes,
            broken: None,
            place: &place,
            stated: false,
            behind: &|field, attribute| match (field, attribute) {
                ("target_dns_name", "id") => endpoint.map(Value::from),
                _ => None,
            },
        })
    }

    #[test]
    fn a_record_leads_to_an_endpoint_a_name_or_addresses() {
        let alias = Attributes::new().with("target_dns_name", "\\052.VPCE-1.x.");
        let endpoint = RecordTarget::Endpoint("vpce-1".into());
        assert_eq!(of(&alias, Some("vpce-1")), Some(endpoint));
        let name = RecordTarget::Name("*.vpce-1.x".into());
        assert_eq!(of(&alias, None), Some(name));
        let plain = |kind: &str, value: &str| {
            let values = Value::texts([value]);
            Attributes::new().with("type", kind).with("values", values)
        };
        let address = RecordTarget::Addresses(vec!["10.0.0.1".parse().unwrap()]);
        assert_eq!(of(&plain("A", "10.0.0.1"), None), Some(address));
        let other = RecordTarget::Name("other.example".into());
        assert_eq!(of(&plain("CNAME", "Other.example."), None), Some(other));
        assert_eq!(of(&plain("TXT", "hello"), None), None);
    }
}
