//! What a role tells. Its policies are parts, which tell themselves.

use super::super::managed_policies;
use crate::kind::Told;
use crate::model::network::{Known, NamedPolicy, Network, Role};

pub(super) fn tell(told: &Told<'_>, network: &mut Network) {
    let inputs = told.attributes;
    let boundary = inputs.text("permissions_boundary");
    let mut role = Role {
        arn: inputs.text("arn").unwrap_or(told.key).to_owned(),
        policies: Vec::new(),
        boundary: boundary
            .filter(|arn| !arn.is_empty())
            .map(|arn| managed_policies::named(arn, told.spot("permissions_boundary"))),
        spot: told.spot(""),
    };
    if told.looked_up() {
        role.policies.push(NamedPolicy {
            name: "its policies".to_owned(),
            document: Known::Not(told.unread("the policies")),
            spot: None,
        });
    }
    network.roles.insert(told.key.to_owned(), role);
}
