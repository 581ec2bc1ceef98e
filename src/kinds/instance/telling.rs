//! What an instance tells: where it stands, who it is, and its addresses.

use crate::kind::Told;
use crate::model::network::{Instance, Key, Known, Network, PublicAddress};

pub(super) fn tell(told: &Told<'_>, network: &mut Network) {
    let inputs = told.attributes;
    let instance = Instance {
        subnet: told.key_in("subnet"),
        security_groups: told.keys_in("security_groups"),
        role: role(told),
        private_address: inputs.text("private_ip").and_then(|it| it.parse().ok()),
        public_address: public_address(told),
        spot: told.spot(""),
    };
    network.instances.insert(told.key.to_owned(), instance);
}

/// The role behind the instance's profile. A profile of ours is a part of its
/// role; a look-up of a role stands for the profile of its name.
fn role(told: &Told<'_>) -> Known<Option<Key>> {
    let profile = "instance_profile";
    let found = told.key_beyond(profile, "role");
    if let Some(role) = found.or_else(|| told.key_beyond(profile, "id")) {
        return Known::Is(Some(role));
    }
    match told.attributes.text(profile) {
        Some("") => Known::Is(None),
        Some(name) => Known::Not(format!(
            "the role of the instance profile {name} is not read"
        )),
        None => Known::Not("its instance profile is known only after apply".to_owned()),
    }
}

/// The public address: one that it has, or one that it will be given. Launching
/// it states whether it gets one, so what its subnet gives to others is nothing
/// to it (see `launch`).
fn public_address(told: &Told<'_>) -> PublicAddress {
    let inputs = told.attributes;
    let has = inputs.text("public_address").and_then(|it| it.parse().ok());
    match (has, inputs.bool("public_ip")) {
        (Some(address), _) => PublicAddress::Is(address),
        (None, Some(true)) => PublicAddress::Some,
        (None, _) => PublicAddress::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attributes, Place, Value};

    fn told(attributes: &Attributes, behind: &dyn Fn(&str, &str) -> Option<Value>) -> Instance {
        let (mut network, place) = (Network::default(), Place::default());
        tell(
            &Told {
                key: "i-1",
                address: None,
                attributes,
                broken: None,
                place: &place,
                stated: false,
                behind,
            },
            &mut network,
        );
        network.instances.remove("i-1").unwrap()
    }

    #[test]
    fn a_role_is_found_behind_the_profile() {
        let role = |profile: &str, part: Option<&str>, look_up: Option<&str>| {
            let attributes = Attributes::new().with("instance_profile", profile);
            let behind = |_: &str, attribute: &str| match attribute {
                "role" => part.map(Value::from),
                _ => look_up.map(Value::from),
            };
            told(&attributes, &behind).role
        };
        let is = |role: &str| Known::Is(Some(role.to_owned()));
        assert_eq!(role("p", Some("r"), Some("p")), is("r"));
        assert_eq!(role("p", None, Some("p")), is("p"));
        assert_eq!(role("", None, None), Known::Is(None));
        assert!(role("p", None, None).get().is_none());
    }

    #[test]
    fn a_public_address_is_none_one_or_some() {
        let address = |attributes: Attributes| told(&attributes, &|_, _| None).public_address;
        let wants = |public: bool| Attributes::new().with("public_ip", public);
        assert_eq!(address(wants(false)), PublicAddress::None);
        assert_eq!(address(wants(true)), PublicAddress::Some);
        let has = wants(true).with("public_address", "192.0.2.7");
        let is = PublicAddress::Is("192.0.2.7".parse().unwrap());
        assert_eq!(address(has), is);
    }
}
