//! Which node a live association is.
//!
//! Associations have no tags. One is known by its table and its subnet; the
//! table's tags tell the table's name, the subnet's tags tell the subnet's. A
//! subnet that is not ours goes by the name that the file gives it, which we
//! know again by the association's id, or else by its own id.

use aws_sdk_ec2::types::{
    RouteTableAssociation as Described, RouteTableAssociationState as State,
    RouteTableAssociationStateCode as Code,
};

use crate::kind::Wanted;
use crate::model::Address;

/// An association with a subnet that is not on its way out.
pub(super) struct Standing<'a> {
    pub id: &'a str,
    pub subnet: &'a str,
    /// Why it did not come about, if it did not.
    pub failure: Option<String>,
}

impl<'a> Standing<'a> {
    /// Reads an association. Those of a VPC (main tables) and of gateways are
    /// not ours.
    pub(super) fn read(association: &'a Described) -> Option<Self> {
        let state = association.association_state();
        let failure = match state.and_then(State::state) {
            Some(Code::Disassociating | Code::Disassociated) => return None,
            Some(Code::Failed) => Some(failure(state)),
            _ => None,
        };
        Some(Self {
            id: association.route_table_association_id()?,
            subnet: association.subnet_id()?,
            failure,
        })
    }
}

/// Why an association did not come about.
pub(super) fn failure(state: Option<&State>) -> String {
    state
        .and_then(State::status_message)
        .unwrap_or("AWS gives no reason")
        .to_owned()
}

/// The address of a live association: that of the wanted node which means the
/// same subnet, whatever it calls it; else after the subnet's own name, if the
/// subnet is ours (`known`), or its id.
pub(super) fn address(
    table: &Address,
    association: &Standing<'_>,
    known: Option<&Address>,
    wanted: &[(&Address, &Wanted)],
) -> Address {
    let of_table = || {
        wanted
            .iter()
            .filter(|(address, _)| address.table() == *table)
    };
    let by_subnet = of_table().find(|(_, node)| {
        node.inputs.text("subnet") == Some(association.subnet)
            || known.is_some() && node.inputs.target("subnet") == known
    });
    let by_id = || of_table().find(|(_, node)| node.id.as_deref() == Some(association.id));
    match by_subnet.or_else(by_id) {
        Some((address, _)) => (*address).clone(),
        None => table.part(
            "association",
            known.map_or(association.subnet, |known| &known.name),
        ),
    }
}

/// Whether an association with a subnet that is not ours was made by others: no
/// wanted node means it. Which subnet the file means by a look-up is known by the
/// association's remembered id only, so without one it is given the benefit.
pub(super) fn is_strange(
    address: &Address,
    association: &Standing<'_>,
    wanted: &[(&Address, &Wanted)],
) -> bool {
    !wanted.iter().any(|(other, node)| {
        let looked_up = |target: &Address| target.existing && node.id.is_none();
        *other == address
            || node.id.as_deref() == Some(association.id)
            || other.table() == address.table()
                && node.inputs.target("subnet").is_some_and(looked_up)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attributes, Reference, Value};

    fn id(address: &str) -> Value {
        Reference::id(address.parse().unwrap()).into()
    }

    fn wanted(subnet: Value, id: Option<&str>) -> Wanted {
        Wanted {
            inputs: Attributes::new().with("subnet", subnet),
            id: id.map(str::to_owned),
        }
    }

    fn named(known: Option<&str>, wanted: &[(&str, Wanted)]) -> String {
        let association = Standing {
            id: "rtbassoc-1",
            subnet: "subnet-1",
            failure: None,
        };
        let known = known.map(|text| text.parse().unwrap());
        let wanted: Vec<(Address, &Wanted)> = wanted
            .iter()
            .map(|(a, w)| (a.parse().unwrap(), w))
            .collect();
        let wanted: Vec<_> = wanted.iter().map(|(a, w)| (a, *w)).collect();
        let table = Address::new("route_table", "a");
        address(&table, &association, known.as_ref(), &wanted).to_string()
    }

    #[test]
    fn what_no_node_means_was_made_by_others() {
        let association = Standing {
            id: "rtbassoc-1",
            subnet: "subnet-1",
            failure: None,
        };
        let strange = |of: &str, node: Wanted| {
            let of: Address = of.parse().unwrap();
            let here: Address = "route_table.a/association:subnet-1".parse().unwrap();
            is_strange(&here, &association, &[(&of, &node)])
        };
        let other = "route_table.a/association:two";
        assert!(strange(other, wanted(id("subnet.two"), None)));
        assert!(!strange(
            other,
            wanted(id("subnet.two"), Some("rtbassoc-1"))
        ));
        assert!(!strange(other, wanted(id("existing.subnet.two"), None)));
        assert!(strange(
            other,
            wanted(id("existing.subnet.two"), Some("rtbassoc-2"))
        ));
        let own = "route_table.a/association:subnet-1";
        assert!(!strange(own, wanted("subnet-1".into(), None)));
    }

    #[test]
    fn an_association_is_named_after_its_subnet() {
        assert_eq!(
            named(Some("subnet.one"), &[]),
            "route_table.a/association:one"
        );
        assert_eq!(named(None, &[]), "route_table.a/association:subnet-1");
    }

    #[test]
    fn the_file_may_name_a_subnet_otherwise() {
        let literal = (
            "route_table.a/association:subnet-1",
            wanted("subnet-1".into(), None),
        );
        assert_eq!(
            named(Some("subnet.one"), &[literal]),
            "route_table.a/association:subnet-1"
        );
        let shared = (
            "route_table.a/association:existing.shared",
            wanted(id("existing.subnet.shared"), Some("rtbassoc-1")),
        );
        assert_eq!(
            named(None, &[shared]),
            "route_table.a/association:existing.shared"
        );
        let elsewhere = (
            "route_table.b/association:one",
            wanted(id("subnet.one"), Some("rtbassoc-1")),
        );
        assert_eq!(
            named(Some("subnet.one"), &[elsewhere]),
            "route_table.a/association:one"
        );
    }

    #[test]
    fn associations_of_others_are_left_alone() {
        let main = Described::builder()
            .route_table_association_id("rtbassoc-1")
            .main(true);
        let gateway = Described::builder()
            .route_table_association_id("rtbassoc-2")
            .gateway_id("igw-1");
        let going = Described::builder()
            .route_table_association_id("rtbassoc-3")
            .subnet_id("subnet-1")
            .association_state(State::builder().state(Code::Disassociated).build());
        for association in [main, gateway, going] {
            assert!(Standing::read(&association.build()).is_none());
        }
        let failed = Described::builder()
            .route_table_association_id("rtbassoc-4")
            .subnet_id("subnet-1")
            .association_state(
                State::builder()
                    .state(Code::Failed)
                    .status_message("no")
                    .build(),
            )
            .build();
        let failure = Standing::read(&failed).and_then(|standing| standing.failure);
        assert_eq!(failure.as_deref(), Some("no"));
    }
}
