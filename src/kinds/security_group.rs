//! A security group. Its rules are nodes of their own.
//!
//! Because rules are nodes, two groups can name each other without a cycle:
//! both groups come first, then the rules. AWS puts an allow-all egress rule
//! into every new group. A file that says nothing of `egress` wants it, and it
//! is shown as a rule like any other; a file that lists `egress` without it has
//! the group turn it off:
//!
//! ```text
//! egress absent          part egress:all:all:0.0.0.0/0
//! egress = []            default_egress = false
//! egress = [{ … }]       default_egress = false, and the parts
//! ```
//!
//! CreateSecurityGroup has no client token; a VPC has a name once, so a second
//! call is refused with `InvalidGroup.Duplicate` and the first one's group is
//! found by that name. A group that interfaces hold is made anew beside the old
//! one, under a second name that we know again by its ending.

mod names;
mod rehearsal;
mod standing;

use async_trait::async_trait;
use aws_sdk_ec2::types::{ResourceType, SecurityGroup as Described, SecurityGroupRule};

use super::security_group_rule as rule;
use super::security_group_rule::form::is_default_egress;
use super::security_group_rule::key::{ALLOW_ALL, Direction, allow_all, split_off};
use crate::aws::holders::Held;
use crate::aws::quotas::Quota;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::tagging::{filter, from_ec2, specification, with_tags};
use crate::aws::{Call, CallError, Creation, on};
use crate::kind::{
    About, Area, Claim, Counted, Declared, Default, Field, Intent, Kind, Live, Node, Obstacle,
    Query, Scope, Stack, Standings, Told, Type,
};
use crate::model::network::Network;
use crate::model::{Address, Attributes, Diagnostic, Place};

/// `[security_group.<name>]`
pub struct SecurityGroup;

const PROTOCOL: Field = Field::new(
    "protocol",
    Type::CaselessText,
    "tcp, udp, icmp, icmpv6, all, or a protocol's number.",
)
.default(Default::Text("tcp"));
const PORT: Field = Field::new(
    "port",
    Type::Integer(0, 65535),
    "One port; tcp and udp only.",
);
const PORTS: Field = Field::new(
    "ports",
    Type::Text,
    "A range of ports such as `1024-65535`.",
);
const DESCRIPTION: Field = Field::new("description", Type::Text, "A note.");

const INGRESS: Type = Type::Object(&[
    PROTOCOL,
    PORT,
    PORTS,
    Field::new(
        "from",
        Type::Text,
        "Who may come in: a block, `self`, `security_group.…`, or an id `sg-…` or `pl-…`.",
    )
    .required(),
    DESCRIPTION,
]);
const EGRESS: Type = Type::Object(&[
    PROTOCOL,
    PORT,
    PORTS,
    Field::new(
        "to",
        Type::Text,
        "Whom its members may reach: a block, `self`, `security_group.…`, or an id `sg-…` or `pl-…`.",
    )
    .required(),
    DESCRIPTION,
]);

const FIELDS: &[Field] = &[
    Field::new(
        "vpc",
        Type::reference(&["vpc"], &["vpc-"]),
        "The VPC it belongs to.",
    )
    .required()
    .replaces("AWS cannot move a security group to another VPC"),
    Field::new(
        "description",
        Type::Text,
        "A note; by default it names s3net.",
    )
    .replaces("AWS cannot change a security group's description"),
    Field::new(
        "group_name",
        Type::Text,
        "Its name in the VPC; by default stack and table.",
    )
    .replaces("AWS cannot rename a security group"),
    Field::new("ingress", Type::List(&INGRESS), "What may come in.")
        .default(Default::Empty)
        .expanded(),
    Field::new(
        "egress",
        Type::List(&EGRESS),
        "What may go out; everything where it is left out, nothing where it is empty.",
    )
    .expanded(),
    Field::new(
        "default_egress",
        Type::Bool,
        "Follows from `egress`: whether AWS's own allow-all rule stays.",
    )
    .hidden(),
];

#[async_trait]
impl Kind for SecurityGroup {
    fn about(&self) -> About {
        About {
            name: "security_group",
            summary: "Who may talk to whom: a set of rules for network interfaces.",
            example: "[vpc.main]\ncidr = \"10.0.0.0/16\"\n\n\
                      [security_group.instance]\nvpc = \"main\"\n\n\
                      [security_group.endpoint]\nvpc = \"main\"\n\
                      description = \"HTTPS from the instances\"\n\
                      ingress = [{ port = 443, from = \"security_group.instance\" }]\n\
                      egress = []\n",
            part_of: None,
            tagged: true,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn id_prefix(&self) -> Option<&'static str> {
        Some("sg-")
    }

    fn expand(&self, table: &mut Declared) {
        let name = table.address.name.clone();
        if table.inputs.get("description").is_none() {
            let description = format!("{name}, managed by s3net");
            table.inputs.set("description", description);
        }
        if table.inputs.get("group_name").is_none() {
            let group_name = format!("{}-{name}", table.stack);
            table.inputs.set("group_name", group_name);
        }
        split_off(table, Direction::Ingress);
        let label = Direction::Egress.label();
        if table.inputs.get("egress").is_none() {
            let inputs = allow_all().with("security_group", table.own_id());
            table.part(label, ALLOW_ALL, "egress", inputs);
            return;
        }
        split_off(table, Direction::Egress);
        let kept = table.address.part(label, ALLOW_ALL);
        if !table.parts.iter().any(|part| part.address == kept) {
            table.inputs.set("default_egress", false);
        }
    }

    fn check(&self, node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
        names::check(node, stack, problems);
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        rule::telling::tell_group(told, network);
    }

    fn claims(&self, of: &Attributes, _place: &Place) -> Vec<Claim> {
        names::claim(of).into_iter().collect()
    }

    fn beside(&self, inputs: &mut Attributes, live: &Attributes) {
        names::beside(inputs, live);
    }

    /// CreateSecurityGroup takes no client token.
    fn repeatable(&self) -> bool {
        false
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        rehearsal::rehearse(step, calls);
    }

    fn counts(&self, _inputs: &Attributes) -> Vec<Counted> {
        vec![Counted::in_region(Quota::SecurityGroups)]
    }

    async fn obstacles(&self, steps: &[Intent<'_>]) -> Result<Vec<Obstacle>, CallError> {
        rehearsal::obstacles(steps).await
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let (groups, rules) = tokio::try_join!(
            scope.shared.security_groups(scope.aws, scope.stack),
            scope.shared.security_group_rules(scope.aws, scope.stack),
        )?;
        Ok(groups
            .iter()
            .map(|group| {
                let mut found = live(group);
                let name = group.group_name().unwrap_or_default();
                found.attributes.set("group_name", names::first(name));
                found.attributes.set("name", name);
                let open = has_default_egress(group, &rules);
                found.attributes.set("default_egress", open);
                found
            })
            .collect())
    }

    async fn look_up(&self, scope: &Scope<'_>, query: &Query) -> Result<Vec<Live>, CallError> {
        let mut filters = with_tags(&query.tags);
        filters.extend(query.name.as_ref().map(|name| filter("group-name", [name])));
        filters.extend(query.vpc.as_ref().map(|vpc| filter("vpc-id", [vpc])));
        let groups: Vec<_> = scope
            .aws
            .ec2
            .describe_security_groups()
            .set_filters((!filters.is_empty()).then_some(filters))
            .set_group_ids(query.id.clone().map(|id| vec![id]))
            .into_paginator()
            .items()
            .send()
            .collect::<Result<_, _>>()
            .await
            .map_err(on("DescribeSecurityGroups"))?;
        Ok(groups.iter().map(live).collect())
    }

    async fn standing(&self, scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
        standing::standing(self, scope, area).await
    }

    fn rename(
        &self,
        _own: &Address,
        fields: &mut Attributes,
        named: &(dyn Fn(&str) -> Option<Address> + Sync),
    ) {
        standing::rename(fields, named);
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let request = call
            .aws
            .ec2
            .create_security_group()
            .set_vpc_id(inputs.text("vpc").map(str::to_owned))
            .set_group_name(inputs.text("group_name").map(str::to_owned))
            .set_description(inputs.text("description").map(str::to_owned))
            .tag_specifications(specification(
                ResourceType::SecurityGroup,
                &call.marked_tags(),
            ));
        let create = || async {
            let made = call.once_known("the VPC to be known", || async {
                let sent = request.clone().send().await;
                sent.map_err(on("CreateSecurityGroup"))
            });
            made.await?
                .group_id
                .ok_or_else(|| CallError::internal("CreateSecurityGroup gave no id"))
        };
        let creation = Creation {
            what: "the security group",
            taken: &["InvalidGroup.Duplicate"],
        };
        let look = || named(call, inputs);
        let made = call.create_once(creation, create, look).await?;
        Ok(made.into_id())
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        id: &str,
        inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        if inputs.bool("default_egress") == Some(false) {
            rule::turn_off_default_egress(call, id).await?;
        }
        Ok(Attributes::new())
    }

    async fn delete(&self, call: &Call<'_>, id: &str, _live: &Attributes) -> Result<(), CallError> {
        call.delete_when_free(Held::SecurityGroup(id), || async {
            let request = call.aws.ec2.delete_security_group().group_id(id);
            let sent = request.send().await.map_err(on("DeleteSecurityGroup"));
            sent.map(|_| ())
        })
        .await
    }
}

/// A group under its real name.
fn live(group: &Described) -> Live {
    let mut attributes = Attributes::new();
    attributes.set_text("vpc", group.vpc_id());
    attributes.set_text("description", group.description());
    attributes.set_text("group_name", group.group_name());
    Live::tagged(
        group.group_id().unwrap_or_default(),
        from_ec2(group.tags()),
        attributes,
    )
}

fn has_default_egress(group: &Described, rules: &[SecurityGroupRule]) -> bool {
    rules
        .iter()
        .any(|rule| rule.group_id() == group.group_id() && is_default_egress(rule))
}

/// The group of the wanted name, if this creation made it: its answer was lost,
/// or the run that sent it broke off.
async fn named(call: &Call<'_>, inputs: &Attributes) -> Result<Vec<String>, CallError> {
    let by = |name: &str, field: &str| filter(name, inputs.text(field));
    let answer = call
        .aws
        .ec2
        .describe_security_groups()
        .filters(by("vpc-id", "vpc"))
        .filters(by("group-name", "group_name"))
        .send()
        .await
        .map_err(on("DescribeSecurityGroups"))?;
    let groups = answer.security_groups.unwrap_or_default().into_iter();
    let ours = groups.filter(|group| call.made(&from_ec2(group.tags())));
    Ok(ours.filter_map(|group| group.group_id).collect())
}

#[cfg(test)]
mod tests;
