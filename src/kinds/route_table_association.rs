//! The association of a route table with a subnet.
//!
//! A subnet has one association at most; without one, its VPC's main table
//! steers it. When a subnet moves from one table to another, the association
//! moves with it by ReplaceRouteTableAssociation, which leaves no moment
//! without a table and gives the association a new id.
//!
//! Associations have no tags: `key` tells which node a live one is.

mod key;

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    RouteTableAssociation as Described, RouteTableAssociationState as State,
    RouteTableAssociationStateCode as Code,
};

use self::key::{Standing, address, failure, is_strange};
use crate::aws::reads::address_of;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::tagging::filter;
use crate::aws::{Call, CallError, Creation, Seen, on};
use crate::kind::{
    About, Change, Field, Foreign, Intent, Kind, Live, Node, PartOf, Scope, Stack, Told, Type,
};
use crate::model::network::Network;
use crate::model::{Action, Attributes, Diagnostic};

/// `route_table.<name>/association:<subnet>`
pub struct RouteTableAssociation;

const FIELDS: &[Field] = &[
    Field::new(
        "route_table",
        Type::reference(&["route_table"], &["rtb-"]),
        "The table.",
    )
    .required(),
    Field::new(
        "subnet",
        Type::reference(&["subnet"], &["subnet-"]),
        "The subnet whose traffic the table steers.",
    )
    .required()
    .replaces("AWS moves an association between tables only, not between subnets")
    .loose(),
];

const LIMIT: Duration = Duration::from_secs(300);

#[async_trait]
impl Kind for RouteTableAssociation {
    fn about(&self) -> About {
        About {
            name: "route_table_association",
            summary: "The association of a route table with a subnet.",
            example: "",
            part_of: Some(PartOf {
                table: "route_table",
                label: "association",
            }),
            tagged: false,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn check(&self, node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
        let subnet = node.inputs.get("subnet");
        // Told at the later of the two.
        let mut twins = stack.parts_of_kind("route_table", "association");
        if let Some((other, twin)) = twins.find(|(_, twin)| {
            twin.span.start < node.span.start && twin.inputs.get("subnet") == subnet
        }) {
            problems.push(
                Diagnostic::error(node.span.clone(), "a subnet in two route tables")
                    .here("this subnet has a table already")
                    .also(twin.span.clone(), format!("{} has it", other.table()))
                    .because("AWS steers a subnet by one route table")
                    .remedy("leave it in one of them"),
            );
        }
        check_vpc(node, stack, problems);
    }

    fn pairs_with(&self, wanted: &Attributes, live: &Attributes) -> bool {
        let subnet = wanted.text("subnet");
        subnet.is_some() && subnet == live.text("subnet")
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        if let Some(subnet) = network.subnets.get_mut(&told.key_in("subnet")) {
            let former = subnet.route_table.replace(told.key_in("route_table"));
            former.map(|table| network.unread.remove(&table));
        }
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        let ec2 = &step.aws.ec2;
        let table = step.id_in("route_table", "rtb");
        match step.action {
            Action::Create => {
                let request = ec2
                    .associate_route_table()
                    .dry_run(true)
                    .route_table_id(table);
                let request = request.subnet_id(step.id_in("subnet", "subnet"));
                let real = step.knows(&["route_table", "subnet"]);
                let action = "ec2:AssociateRouteTable";
                calls.dry_run(step.address, action, ("", real), request.send());
            }
            Action::Delete => {
                let request = ec2.disassociate_route_table().dry_run(true);
                let request = request.association_id(step.own_id("rtbassoc"));
                let action = "ec2:DisassociateRouteTable";
                calls.dry_run(step.address, action, ("", true), request.send());
            }
            _ => {
                let request = ec2.replace_route_table_association().dry_run(true);
                let request = request.association_id(step.own_id("rtbassoc"));
                let request = request.route_table_id(table);
                let action = "ec2:ReplaceRouteTableAssociation";
                let real = step.knows(&["route_table"]);
                calls.dry_run(step.address, action, ("", real), request.send());
            }
        }
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let tables = scope.shared.route_tables(scope.aws, scope.stack).await?;
        let standing: Vec<_> = tables
            .iter()
            .filter_map(|table| Some((address_of(table.tags())?, table.route_table_id()?, table)))
            .flat_map(|(address, id, table)| {
                let ours = table.associations().iter().filter_map(Standing::read);
                ours.map(move |association| (address.clone(), id, association))
            })
            .collect();
        if standing.is_empty() {
            return Ok(Vec::new());
        }
        let subnets = scope.shared.subnets(scope.aws, scope.stack).await?;
        let wanted: Vec<_> = scope.wanted_of("route_table", "association").collect();
        Ok(standing
            .into_iter()
            .map(|(table, id, association)| {
                let subnet = association.subnet;
                let known = subnets.iter().find(|s| s.subnet_id() == Some(subnet));
                let known = known.and_then(|subnet| address_of(subnet.tags()));
                let known = known.as_ref();
                let address = address(&table, &association, known, &wanted);
                let attributes = Attributes::new()
                    .with("route_table", id)
                    .with("subnet", subnet);
                let strange = known.is_none() && is_strange(&address, &association, &wanted);
                let mut live = Live::keyed(address, association.id, attributes);
                live.broken = association.failure;
                live.foreign = strange.then(|| Foreign::new(&table, "association", subnet));
                live
            })
            .collect())
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let (table, subnet) = both(inputs)?;
        associate(call, table, subnet).await
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        id: &str,
        _inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        call.wait_for("the route table to be associated", LIMIT, || async {
            let found = describe(call, "association.route-table-association-id", id).await?;
            let found = found
                .iter()
                .find(|found| found.route_table_association_id() == Some(id));
            let Some(found) = found else {
                return Ok(Seen::Pending("not yet seen".into()));
            };
            let state = found.association_state();
            match state.and_then(State::state) {
                // Some partitions tell no state.
                None | Some(Code::Associated) => Ok(Seen::Ready(())),
                Some(Code::Failed) => Err(CallError::Failed {
                    what: id.to_owned(),
                    reason: failure(state),
                }),
                Some(other) => Ok(Seen::Pending(other.as_str().to_owned())),
            }
        })
        .await?;
        Ok(Attributes::new())
    }

    async fn update(
        &self,
        call: &Call<'_>,
        id: &str,
        change: &Change,
    ) -> Result<String, CallError> {
        if !change.touches("route_table") {
            return Ok(id.to_owned());
        }
        let (table, subnet) = both(&change.after)?;
        let moved = call
            .once_known("the route table to be known", || async {
                let request = call.aws.ec2.replace_route_table_association();
                let request = request.association_id(id).route_table_id(table);
                request
                    .send()
                    .await
                    .map_err(on("ReplaceRouteTableAssociation"))
            })
            .await;
        match moved {
            Ok(answer) => answer
                .new_association_id
                .ok_or_else(|| CallError::internal("ReplaceRouteTableAssociation gave no new id")),
            // Somebody took the old one away meanwhile.
            Err(error) if error.is(&["InvalidAssociationID.NotFound"]) => {
                associate(call, table, subnet).await
            }
            Err(error) => Err(error),
        }
    }

    async fn delete(&self, call: &Call<'_>, id: &str, _live: &Attributes) -> Result<(), CallError> {
        // The answer is enough: who follows (the table's own delete) waits for
        // AWS to have heard of it.
        let request = call.aws.ec2.disassociate_route_table().association_id(id);
        match request.send().await.map_err(on("DisassociateRouteTable")) {
            Ok(_) => Ok(()),
            Err(error) if error.is_not_found() => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn check_vpc(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    let vpc_of = |field: &str| {
        let address = node.inputs.target(field)?;
        Some((address, stack.get(address)?.inputs.get("vpc")?))
    };
    if let (Some((table, one)), Some((subnet, other))) = (vpc_of("route_table"), vpc_of("subnet"))
        && one != other
    {
        let problem = format!("{table} and {subnet} belong to different VPCs");
        problems.push(
            Diagnostic::error(node.span.clone(), problem)
                .because("a route table steers subnets of its own VPC only")
                .remedy("list subnets of the same VPC"),
        );
    }
}

async fn associate(call: &Call<'_>, table: &str, subnet: &str) -> Result<String, CallError> {
    let create = || async {
        let made = call.once_known("the route table and the subnet to be known", || async {
            let request = call.aws.ec2.associate_route_table();
            let request = request.route_table_id(table).subnet_id(subnet);
            request.send().await.map_err(on("AssociateRouteTable"))
        });
        made.await?
            .association_id
            .ok_or_else(|| CallError::internal("AssociateRouteTable gave no id"))
    };
    let creation = Creation {
        what: "the association",
        taken: &["Resource.AlreadyAssociated"],
    };
    let look = || standing_one(call, table, subnet);
    let made = call.create_once(creation, create, look).await?;
    Ok(made.into_id())
}

/// The subnet's association, where it is with the wanted table: our own call,
/// whose answer was lost or whose run died before it could note it.
async fn standing_one(
    call: &Call<'_>,
    table: &str,
    subnet: &str,
) -> Result<Vec<String>, CallError> {
    let found = describe(call, "association.subnet-id", subnet).await?;
    let found = found.iter().find(|found| found.subnet_id() == Some(subnet));
    let Some((found, id)) = found.and_then(|f| Some((f, f.route_table_association_id()?))) else {
        return Ok(Vec::new());
    };
    let other = found.route_table_id().unwrap_or("another table");
    if other == table {
        return Ok(vec![id.to_owned()]);
    }
    Err(CallError::Failed {
        what: format!("the association of {table} with {subnet}"),
        reason: format!("the subnet is associated with {other}; end that association first"),
    })
}

/// The associations of all tables that have one with this property.
async fn describe(call: &Call<'_>, name: &str, value: &str) -> Result<Vec<Described>, CallError> {
    let request = call.aws.ec2.describe_route_tables();
    let answer = request.filters(filter(name, [value])).send().await;
    Ok(answer
        .map_err(on("DescribeRouteTables"))?
        .route_tables
        .unwrap_or_default()
        .into_iter()
        .flat_map(|table| table.associations.unwrap_or_default())
        .collect())
}

fn both(inputs: &Attributes) -> Result<(&str, &str), CallError> {
    inputs
        .text("route_table")
        .zip(inputs.text("subnet"))
        .ok_or_else(|| CallError::internal("an association lacks its table or its subnet"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Address, Reference, Value};

    fn id(address: &str) -> Value {
        Reference::id(address.parse().unwrap()).into()
    }

    #[test]
    fn a_subnet_that_moves_takes_its_association_with_it() {
        let live = Attributes::new()
            .with("route_table", "rtb-1")
            .with("subnet", "subnet-1");
        let wanted = |subnet: Value| {
            Attributes::new()
                .with("route_table", Value::Unknown)
                .with("subnet", subnet)
        };
        let kind = RouteTableAssociation;
        assert!(kind.pairs_with(&wanted("subnet-1".into()), &live));
        assert!(!kind.pairs_with(&wanted("subnet-2".into()), &live));
        assert!(!kind.pairs_with(&wanted(Value::Unknown), &live));
    }

    #[test]
    fn a_subnet_in_two_tables_is_told_once() {
        let mut stack = Stack::default();
        for (table, start) in [("a", 10), ("b", 40)] {
            let table = Address::new("route_table", table);
            let node = Node {
                inputs: Attributes::new()
                    .with("route_table", Reference::id(table.clone()))
                    .with("subnet", id("subnet.one")),
                span: start..start + 5,
                ..Node::default()
            };
            stack.nodes.insert(table.part("association", "one"), node);
        }
        let mut problems = Vec::new();
        for node in stack.nodes.values() {
            RouteTableAssociation.check(node, &stack, &mut problems);
        }
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].labels[0].span, 40..45);
        assert_eq!(problems[0].labels[1].text, "route_table.a has it");
    }

    #[test]
    fn a_table_serves_its_own_vpc() {
        let mut stack = Stack::default();
        for (address, vpc) in [("route_table.a", "vpc.main"), ("subnet.one", "vpc.other")] {
            let node = Node {
                inputs: Attributes::new().with("vpc", id(vpc)),
                ..Node::default()
            };
            stack.nodes.insert(address.parse().unwrap(), node);
        }
        let node = Node {
            inputs: Attributes::new()
                .with("route_table", id("route_table.a"))
                .with("subnet", id("subnet.one")),
            ..Node::default()
        };
        let mut problems = Vec::new();
        RouteTableAssociation.check(&node, &stack, &mut problems);
        assert_eq!(
            problems[0].problem,
            "route_table.a and subnet.one belong to different VPCs"
        );
    }
}
