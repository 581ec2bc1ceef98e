//! A gateway endpoint: a route to S3 or DynamoDB that never leaves AWS.
//!
//! AWS puts a route to the service's prefix list into each bound route table
//! by itself, and takes it out again; no route of ours may name that list. The
//! names of the service still resolve to public addresses: the prefix-list
//! route wins because the longest prefix does (AWS PrivateLink guide, "Gateway
//! endpoints"). Binding a table breaks the connections that are open through
//! it. See [`crate::aws::endpoint_changes`] for states and waits.

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, ResourceType, VpcEndpoint, VpcEndpointType};

use super::vpc_endpoint_rehearsal;
use crate::aws::endpoint_changes::{self, SetChange};
use crate::aws::quotas::Quota;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::tagging::{filter, from_ec2, specification, with_tags};
use crate::aws::vpc_endpoints::{self, full_access, is_full_access};
use crate::aws::{Aws, Call, CallError, on};
use crate::kind::{
    About, Area, Change, Claim, Counted, Declared, Default, Field, Intent, Kind, Live, Node,
    Output, PolicyUse, Query, Scope, Stack, Standings, Told, Took, Type, Usual, in_vpc,
};
use crate::model::network::{self, Known, Network};
use crate::model::{Attributes, Diagnostic, Place, Reference, Value};

mod checks;

/// `[gateway_endpoint.<name>]`
pub struct GatewayEndpoint;

const FIELDS: &[Field] = &[
    Field::new(
        "vpc",
        Type::reference(&["vpc"], &["vpc-"]),
        "The VPC it serves.",
    )
    .required()
    .replaces("AWS cannot move an endpoint to another VPC"),
    Field::new(
        "service",
        Type::Text,
        "The service it leads to: `s3`, `dynamodb`, or a whole service name.",
    )
    .required()
    .replaces("AWS cannot change the service of an endpoint"),
    Field::new(
        "route_tables",
        Type::Set(&Type::reference(&["route_table"], &["rtb-"])),
        "The route tables that get a route to the service.",
    )
    .default(Default::Empty),
    Field::new(
        "policy",
        Type::Policy(PolicyUse::Resource),
        "What may be done through it; everything where absent.",
    ),
];

#[async_trait]
impl Kind for GatewayEndpoint {
    fn about(&self) -> About {
        About {
            name: "gateway_endpoint",
            summary: "A free way from a VPC's route tables to S3 or DynamoDB.",
            example: "[vpc.main]\ncidr = \"10.0.0.0/16\"\n\n\
                      [route_table.private]\nvpc = \"main\"\n\n\
                      [gateway_endpoint.s3]\nvpc = \"main\"\nservice = \"s3\"\n\
                      route_tables = [\"private\"]\n",
            part_of: None,
            tagged: true,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn id_prefix(&self) -> Option<&'static str> {
        Some("vpce-")
    }

    fn outputs(&self) -> &'static [Output] {
        &[
            Output {
                name: "service_name",
                doc: "The whole name of the service.",
            },
            Output {
                name: "prefix_list_id",
                doc: "The id of the service's prefix list, for rules of security groups.",
            },
        ]
    }

    fn expand(&self, table: &mut Declared) {
        if let Some(service) = table.inputs.text("service") {
            let whole = vpc_endpoints::service_name(service, &table.region);
            table.inputs.set("service", whole);
        }
        if table.inputs.get("policy").is_none_or(is_full_access) {
            table.inputs.set("policy", full_access());
        }
    }

    fn check(&self, node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
        checks::check(node, stack, problems);
    }

    fn claims(&self, of: &Attributes, _place: &Place) -> Vec<Claim> {
        let service = of.text("service").unwrap_or_default();
        let tables = of.texts("route_tables").into_iter();
        let claim = |table: String| {
            Claim::new(
                format!("route of {table} to {service}"),
                format!("both are for the same service, and {table} takes one route to it"),
            )
        };
        tables.map(claim).collect()
    }

    fn predict(&self, inputs: &Attributes, _place: &Place) -> Attributes {
        let mut outputs = Attributes::new();
        outputs.set_text("service_name", inputs.text("service"));
        outputs
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        let endpoint = network::GatewayEndpoint {
            vpc: told.key_in("vpc"),
            service: told.key_in("service"),
            route_tables: told.keys_in("route_tables"),
            policy: match told.policy_in("policy") {
                Known::Is(policy) => Known::Is(policy.filter(|it| !is_full_access(it))),
                unknown => unknown,
            },
            broken: told.broken.map(str::to_owned),
            spot: told.spot(""),
        };
        let key = told.key.to_owned();
        network.gateway_endpoints.insert(key, endpoint);
    }

    // It is available with the answer, or a moment later (experience with AWS, not
    // a figure of AWS's).
    fn usual(&self) -> Usual {
        Usual {
            create: Took::seconds(3, 10),
            update: Took::seconds(2, 10),
            delete: Took::seconds(3, 10),
        }
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        vpc_endpoint_rehearsal::rehearse(VpcEndpointType::Gateway, step, calls);
    }

    fn counts(&self, _inputs: &Attributes) -> Vec<Counted> {
        vec![Counted::in_region(Quota::GatewayEndpoints)]
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let endpoints = scope.shared.vpc_endpoints(scope.aws, scope.stack).await?;
        let ours: Vec<&VpcEndpoint> = endpoints.iter().filter(|it| is_gateway(it)).collect();
        let mut found: Vec<Live> = ours.iter().map(|endpoint| live(endpoint)).collect();
        // Who asks for a prefix list pays one call for it; nobody else does.
        if scope
            .wanted
            .values()
            .any(|node| asks_for_list(&node.inputs))
        {
            for object in &mut found {
                let list = prefix_list(scope.aws, object.attributes.text("service")).await?;
                object
                    .attributes
                    .set_text("prefix_list_id", list.as_deref());
            }
        }
        Ok(found)
    }

    async fn look_up(&self, scope: &Scope<'_>, query: &Query) -> Result<Vec<Live>, CallError> {
        let mut filters = with_tags(&query.tags);
        filters.push(of_type());
        filters.extend(query.vpc.as_ref().map(|vpc| filter("vpc-id", [vpc])));
        let endpoints = vpc_endpoints::describe(scope.aws, filters, query.id.as_deref()).await?;
        let mut found: Vec<Live> = endpoints
            .iter()
            .filter(|it| is_gateway(it))
            .map(live)
            .collect();
        for object in &mut found {
            let list = prefix_list(scope.aws, object.attributes.text("service")).await?;
            object
                .attributes
                .set_text("prefix_list_id", list.as_deref());
        }
        Ok(found)
    }

    async fn standing(&self, scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
        let mut found = in_vpc(self, scope, area).await?;
        for endpoint in &mut found {
            vpc_endpoints::as_stated(&mut endpoint.fields, &scope.place.region);
            endpoint.called = endpoint.fields.text("service").map(str::to_owned);
        }
        Ok(found.into())
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let tables = inputs.texts("route_tables");
        // The SDK does not fill in this token by itself, as it does elsewhere.
        let request = call
            .aws
            .ec2
            .create_vpc_endpoint()
            .vpc_endpoint_type(VpcEndpointType::Gateway)
            .set_vpc_id(inputs.text("vpc").map(str::to_owned))
            .set_service_name(inputs.text("service").map(str::to_owned))
            .set_route_table_ids((!tables.is_empty()).then_some(tables))
            .set_policy_document(vpc_endpoints::policy_text(inputs.get("policy")))
            .client_token(call.token)
            .tag_specifications(specification(ResourceType::VpcEndpoint, call.tags));
        let request = &request;
        let answer = endpoint_changes::once_free(call, || async {
            request
                .clone()
                .send()
                .await
                .map_err(on("CreateVpcEndpoint"))
        })
        .await?;
        answer
            .vpc_endpoint()
            .and_then(|endpoint| endpoint.vpc_endpoint_id())
            .map(str::to_owned)
            .ok_or_else(|| CallError::internal("CreateVpcEndpoint gave no id"))
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        id: &str,
        inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        let (endpoint, list) = tokio::try_join!(
            endpoint_changes::until_available(call, id),
            prefix_list(call.aws, inputs.text("service")),
        )?;
        let mut outputs = Attributes::new();
        outputs.set_text("service_name", endpoint.service_name());
        outputs.set_text("prefix_list_id", list.as_deref());
        Ok(outputs)
    }

    async fn update(
        &self,
        call: &Call<'_>,
        id: &str,
        change: &Change,
    ) -> Result<String, CallError> {
        let mut request = call.aws.ec2.modify_vpc_endpoint().vpc_endpoint_id(id);
        if change.touches("route_tables") {
            let tables = SetChange::of(&change.before, &change.after, "route_tables");
            request = request
                .set_add_route_table_ids(tables.add)
                .set_remove_route_table_ids(tables.remove);
        }
        if change.touches("policy") {
            request = match vpc_endpoints::policy_text(change.after.get("policy")) {
                Some(policy) => request.policy_document(policy),
                None => request.reset_policy(true),
            };
        }
        endpoint_changes::modify(call, request).await?;
        Ok(id.to_owned())
    }

    async fn delete(&self, call: &Call<'_>, id: &str, _live: &Attributes) -> Result<(), CallError> {
        endpoint_changes::delete(call, id).await
    }
}

fn of_type() -> Filter {
    filter("vpc-endpoint-type", [VpcEndpointType::Gateway.as_str()])
}

fn is_gateway(endpoint: &VpcEndpoint) -> bool {
    endpoint.vpc_endpoint_type() == Some(&VpcEndpointType::Gateway)
        && !vpc_endpoints::is_going(endpoint)
}

fn live(endpoint: &VpcEndpoint) -> Live {
    let mut attributes = Attributes::new()
        .with("policy", vpc_endpoints::policy_of(endpoint))
        .with(
            "route_tables",
            Value::texts(endpoint.route_table_ids().iter().map(String::as_str)),
        );
    attributes.set_text("vpc", endpoint.vpc_id());
    attributes.set_text("service", endpoint.service_name());
    attributes.set_text("service_name", endpoint.service_name());
    let mut live = Live::tagged(
        endpoint.vpc_endpoint_id().unwrap_or_default(),
        from_ec2(endpoint.tags()),
        attributes,
    );
    live.broken = vpc_endpoints::broken(endpoint);
    live
}

/// Whether any value refers to the prefix list of a gateway endpoint.
fn asks_for_list(inputs: &Attributes) -> bool {
    let mut asks = false;
    inputs.each_reference(&mut |reference: &Reference| {
        asks |=
            reference.target.kind == "gateway_endpoint" && reference.attribute == "prefix_list_id";
    });
    asks
}

/// The id of a service's prefix list.
async fn prefix_list(aws: &Aws, service: Option<&str>) -> Result<Option<String>, CallError> {
    let Some(service) = service else {
        return Ok(None);
    };
    let answer = aws
        .ec2
        .describe_prefix_lists()
        .filters(filter("prefix-list-name", [service]))
        .send()
        .await
        .map_err(on("DescribePrefixLists"))?;
    let list = answer.prefix_lists().first();
    Ok(list
        .and_then(|list| list.prefix_list_id())
        .map(str::to_owned))
}
