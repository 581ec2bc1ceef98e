//! A route table. Its routes and its associations with subnets are nodes of
//! their own.
//!
//! A table is there long before what its routes go by, so routes run as early
//! as each can. What others add to the table, a route or the association of a
//! subnet of theirs, is foreign: `s3net drift` shows it, and nothing else is
//! done about it. It goes with the table.

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, ResourceType, RouteTable as Described};

use super::route_target::{NoDestination, VIA, canonical};
use crate::aws::holders::Held;
use crate::aws::quotas::Quota;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::tagging::{from_ec2, specification, with_tags};
use crate::aws::{Call, CallError, on};
use crate::kind::{
    About, Area, Counted, Declared, Default, Field, Intent, Kind, Live, Query, Scope, Standings,
    Told, Type,
};
use crate::model::network::{self, Network};
use crate::model::{Action, Attributes, Diagnostic, Value};

mod standing;

/// `[route_table.<name>]`
pub struct RouteTable;

const SUBNET: Type = Type::reference(&["subnet"], &["subnet-"]);

const ROUTE: Type = Type::Object(&[
    Field::new(
        "to",
        Type::Text,
        "Where it leads: an IPv4 or IPv6 block, or a prefix list `pl-…`.",
    )
    .required(),
    Field::new(
        "via",
        VIA,
        "By what: `internet_gateway.…`, `nat_gateway.…`, `instance.…` or a literal id.",
    )
    .required(),
]);

const FIELDS: &[Field] = &[
    Field::new(
        "vpc",
        Type::reference(&["vpc"], &["vpc-"]),
        "The VPC it belongs to.",
    )
    .required()
    .replaces("AWS cannot move a route table to another VPC"),
    Field::new(
        "subnets",
        Type::Set(&SUBNET),
        "The subnets whose traffic it steers.",
    )
    .default(Default::Empty)
    .expanded(),
    Field::new(
        "routes",
        Type::List(&ROUTE),
        "Its routes, beside those that AWS, gateway endpoints and others add.",
    )
    .default(Default::Empty)
    .expanded(),
];

#[async_trait]
impl Kind for RouteTable {
    fn about(&self) -> About {
        About {
            name: "route_table",
            summary: "Which way traffic of its subnets takes.",
            example: "[vpc.main]\ncidr = \"10.0.0.0/16\"\n\n\
                      [subnet.public]\nvpc = \"main\"\ncidr = \"10.0.0.0/24\"\nzone = \"a\"\n\n\
                      [internet_gateway.main]\nvpc = \"main\"\n\n\
                      [route_table.public]\nvpc = \"main\"\nsubnets = [\"public\"]\n\
                      routes = [{ to = \"0.0.0.0/0\", via = \"internet_gateway.main\" }]\n",
            part_of: None,
            tagged: true,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn id_prefix(&self) -> Option<&'static str> {
        Some("rtb-")
    }

    fn expand(&self, table: &mut Declared) {
        for (index, subnet) in table
            .inputs
            .list("subnets")
            .to_vec()
            .into_iter()
            .enumerate()
        {
            associate(table, index, subnet);
        }
        for (index, route) in table.inputs.list("routes").to_vec().into_iter().enumerate() {
            route_to(table, index, &route);
        }
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        let key = told.key.to_owned();
        if told.looked_up() {
            network.unread.insert(key, told.unread("the routes"));
            return;
        }
        let table = network::RouteTable {
            vpc: told.key_in("vpc"),
            main: false,
            routes: Vec::new(),
            spot: told.spot(""),
        };
        network.route_tables.insert(key, table);
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        let ec2 = &step.aws.ec2;
        match step.action {
            Action::Create => {
                let vpc = step.id_in("vpc", "vpc");
                let tags = specification(ResourceType::RouteTable, step.tags);
                let request = ec2.create_route_table().dry_run(true).vpc_id(&vpc);
                let request = request.tag_specifications(tags);
                let real = step.knows(&["vpc"]);
                calls.dry_run(
                    step.address,
                    "ec2:CreateRouteTable",
                    (&vpc, real),
                    request.send(),
                );
            }
            Action::Delete => {
                let request = ec2.delete_route_table().dry_run(true);
                let request = request.route_table_id(step.own_id("rtb"));
                calls.dry_run(
                    step.address,
                    "ec2:DeleteRouteTable",
                    ("", true),
                    request.send(),
                );
            }
            _ => step.rehearse_tags(calls),
        }
    }

    fn counts(&self, _inputs: &Attributes) -> Vec<Counted> {
        vec![Counted::within(Quota::RouteTables, "vpc")]
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let tables = scope.shared.route_tables(scope.aws, scope.stack).await?;
        Ok(tables.iter().map(live).collect())
    }

    async fn look_up(&self, scope: &Scope<'_>, query: &Query) -> Result<Vec<Live>, CallError> {
        let filters: Vec<Filter> = with_tags(&query.tags);
        let tables: Vec<_> = scope
            .aws
            .ec2
            .describe_route_tables()
            .set_filters((!filters.is_empty()).then_some(filters))
            .set_route_table_ids(query.id.clone().map(|id| vec![id]))
            .into_paginator()
            .items()
            .send()
            .collect::<Result<_, _>>()
            .await
            .map_err(on("DescribeRouteTables"))?;
        Ok(tables.iter().map(live).collect())
    }

    async fn standing(&self, scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
        standing::standing(scope, area).await
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let request = call
            .aws
            .ec2
            .create_route_table()
            .client_token(call.token)
            .set_vpc_id(inputs.text("vpc").map(str::to_owned))
            .tag_specifications(specification(ResourceType::RouteTable, call.tags));
        let answer = call
            .once_known("the VPC to be known", || async {
                request.clone().send().await.map_err(on("CreateRouteTable"))
            })
            .await?;
        answer
            .route_table()
            .and_then(|table| table.route_table_id())
            .map(str::to_owned)
            .ok_or_else(|| CallError::internal("CreateRouteTable gave no id"))
    }

    async fn delete(&self, call: &Call<'_>, id: &str, _live: &Attributes) -> Result<(), CallError> {
        call.delete_when_free(Held::RouteTable(id), || async {
            let request = call.aws.ec2.delete_route_table().route_table_id(id);
            let sent = request.send().await.map_err(on("DeleteRouteTable"));
            sent.map(|_| ())
        })
        .await
    }
}

/// Splits off the association with one subnet.
fn associate(table: &mut Declared, index: usize, subnet: Value) {
    let field = format!("subnets[{index}]");
    let key = match &subnet {
        Value::Reference(reference) if reference.target.existing => {
            format!("existing.{}", reference.target.name)
        }
        Value::Reference(reference) => reference.target.name.clone(),
        Value::String(id) => id.clone(),
        _ => {
            let problem = "a subnet that is not known when the plan is made";
            table.problems.push(
                Diagnostic::error(table.span_of(&field), problem)
                    .remedy("write the name of a subnet or a literal id"),
            );
            return;
        }
    };
    let inputs = Attributes::new()
        .with("route_table", table.own_id())
        .with("subnet", subnet);
    table.part("association", &key, &field, inputs);
}

/// Splits off one route.
fn route_to(table: &mut Declared, index: usize, route: &Value) {
    // What is missing or of a wrong type was told by the parser.
    let Some(route) = route.as_map() else { return };
    let (Some(to), Some(via)) = (route.get("to"), route.get("via")) else {
        return;
    };
    let field = format!("routes[{index}]");
    let span = match table.spans.get(&format!("{field}.to")) {
        Some(span) => span.clone(),
        None => table.span_of(&field),
    };
    let Some(text) = to.as_text() else {
        let problem = "a destination that is not known when the plan is made";
        table.problems.push(
            Diagnostic::error(span, problem)
                .because("a route is known by its destination, before and after apply")
                .remedy("write the block itself, or a variable"),
        );
        return;
    };
    match canonical(text) {
        Ok(to) => {
            let inputs = Attributes::new()
                .with("route_table", table.own_id())
                .with("to", to.as_str())
                .with("via", via.clone());
            table.part("route", &to, &field, inputs);
        }
        Err(NoDestination::HostBits(block)) => table.problems.push(
            Diagnostic::error(span, format!("{text} has host bits set"))
                .remedy(format!("write `{block}`")),
        ),
        Err(NoDestination::Nonsense) => table.problems.push(
            Diagnostic::error(span, format!("`{text}` is no destination"))
                .remedy("write a block such as `0.0.0.0/0` or `::/0`, or a prefix list `pl-…`"),
        ),
    }
}

fn live(table: &Described) -> Live {
    let mut attributes = Attributes::new();
    attributes.set_text("vpc", table.vpc_id());
    Live::tagged(
        table.route_table_id().unwrap_or_default(),
        from_ec2(table.tags()),
        attributes,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Address, Reference};

    fn expanded(subnets: Vec<Value>, routes: Vec<(&str, Value)>) -> Declared {
        let routes: Vec<Value> = routes
            .into_iter()
            .map(|(to, via)| Value::Map([("to".into(), to.into()), ("via".into(), via)].into()))
            .collect();
        let mut table = Declared {
            address: Address::new("route_table", "public"),
            stack: "lab".into(),
            region: "eu-west-1".into(),
            inputs: Attributes::new()
                .with("subnets", subnets)
                .with("routes", routes),
            spans: [("routes[1].to".to_owned(), 70..80)].into(),
            span: 0..10,
            tags: crate::model::Tags::new(),
            parts: Vec::new(),
            problems: Vec::new(),
        };
        RouteTable.expand(&mut table);
        table
    }

    fn addresses(table: &Declared) -> Vec<String> {
        let parts = table.parts.iter();
        parts.map(|part| part.address.to_string()).collect()
    }

    #[test]
    fn subnets_become_associations() {
        let table = expanded(
            vec![
                Reference::id(Address::new("subnet", "one")).into(),
                Reference::id(Address::existing("subnet", "shared")).into(),
                "subnet-0abc".into(),
            ],
            Vec::new(),
        );
        assert_eq!(
            addresses(&table),
            [
                "route_table.public/association:one",
                "route_table.public/association:existing.shared",
                "route_table.public/association:subnet-0abc",
            ]
        );
        let own = table.parts[0].inputs.target("route_table");
        assert_eq!(own, Some(&table.address));
    }

    #[test]
    fn routes_are_known_by_their_destination() {
        let table = expanded(
            Vec::new(),
            vec![("0.0.0.0/0", "igw-1".into()), ("::0/0", "igw-1".into())],
        );
        assert_eq!(
            addresses(&table),
            [
                "route_table.public/route:0.0.0.0/0",
                "route_table.public/route:::/0"
            ]
        );
        assert_eq!(table.parts[1].inputs.text("to"), Some("::/0"));
    }

    #[test]
    fn bad_and_double_destinations_are_told() {
        let told = |routes| {
            let table = expanded(Vec::new(), routes);
            let problems = table.problems.into_iter();
            problems
                .map(|p| (p.problem, p.labels[0].span.clone()))
                .collect::<Vec<_>>()
        };
        let good = || ("0.0.0.0/0", Value::from("igw-1"));
        let bits = told(vec![good(), ("10.1.0.0/8", "nat-1".into())]);
        assert_eq!(bits, [("10.1.0.0/8 has host bits set".to_owned(), 70..80)]);
        let nonsense = told(vec![good(), ("s3", "nat-1".into())]);
        assert_eq!(nonsense, [("`s3` is no destination".to_owned(), 70..80)]);
        let twice = told(vec![good(), good()]);
        assert_eq!(twice[0].0, "`0.0.0.0/0` stands twice in route_table.public");
    }
}
