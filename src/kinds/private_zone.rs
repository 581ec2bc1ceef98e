//! A private hosted zone: names that only chosen VPCs can resolve.
//!
//! Inside these VPCs a name under the zone is answered from the zone alone: a
//! name that it lacks does not exist there (Route 53 developer guide,
//! "Considerations when working with a private hosted zone"). Both DNS
//! attributes of each VPC must be on.
//!
//! The set of VPCs changes one at a time, new ones first, because the last one
//! cannot go. That a new zone has reached every name server is not waited for
//! here: nobody needs that before its first record, whose own wait covers it.
//! See [`crate::aws::private_zones`] for how a zone is known as ours.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_route53::types::{HostedZoneConfig, Vpc, VpcRegion};

use super::own_zones::own_zones;
use crate::aws::private_zones::{self, Zone, caller_reference};
use crate::aws::quotas::Quota;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::route53::{self, bare_id, patiently, plain_name, until_in_sync};
use crate::aws::{Call, CallError, Creation, Made, on};
use crate::kind::{
    About, Area, Change, Claim, Counted, Default, Field, Intent, Kind, Live, Node, Obstacle, Query,
    Scope, Stack, Standing, Standings, Told, Took, Type, Usual,
};
use crate::model::network::{self, Network};
use crate::model::tags::TagChange;
use crate::model::{Action, Attributes, Diagnostic, Place, Value};

mod checks;
mod emptying;
mod taken;

/// `[private_zone.<name>]`
pub struct PrivateZone;

const FIELDS: &[Field] = &[
    Field::new("name", Type::DnsName, "The name of the zone.")
        .required()
        .replaces("Route 53 cannot rename a zone"),
    Field::new(
        "vpcs",
        Type::Set(&Type::reference(&["vpc"], &["vpc-"])),
        "The VPCs that resolve it, at least one.",
    )
    .required(),
    Field::new(
        "comment",
        Type::Text,
        "What it is for, as the console shows it.",
    )
    .default(Default::Text("managed by s3net")),
];

#[async_trait]
impl Kind for PrivateZone {
    fn about(&self) -> About {
        About {
            name: "private_zone",
            summary: "Names that only chosen VPCs can resolve.",
            example: "[vpc.main]\ncidr = \"10.0.0.0/16\"\n\n\
                      [private_zone.data]\nname = \"data.s3.ap-northeast-1.amazonaws.com\"\n\
                      vpcs = [\"main\"]\n",
            part_of: None,
            tagged: true,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn check(&self, node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
        checks::check(node, stack, problems);
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        let key = told.key.to_owned();
        let Some(name) = told.attributes.text("name").map(plain_name) else {
            let reason = "its name is not known yet";
            network.unread.insert(key, reason.to_owned());
            return;
        };
        if told.looked_up() {
            network
                .unread
                .insert(key.clone(), told.unread("the records"));
        }
        let zone = network::PrivateZone {
            name: name.to_ascii_lowercase(),
            vpcs: told.keys_in("vpcs"),
            records: Vec::new(),
            spot: told.spot(""),
        };
        network.private_zones.insert(key, zone);
    }

    fn claims(&self, of: &Attributes, _place: &Place) -> Vec<Claim> {
        let name = of.text("name").map(plain_name).unwrap_or_default();
        let vpcs = of.texts("vpcs").into_iter();
        vpcs.map(|vpc| Claim::dns_name(&name, &vpc)).collect()
    }

    fn natural_key(&self) -> &'static [&'static str] {
        &["name"]
    }

    // A change is known to all name servers within 60 seconds as a rule (Amazon
    // Route 53 API reference, GetChange).
    fn usual(&self) -> Usual {
        Usual {
            create: Took::seconds(20, 60),
            update: Took::seconds(20, 60),
            delete: Took::seconds(1, 5),
        }
    }

    fn found_by_name(&self) -> bool {
        true
    }

    fn tagged_elsewhere(&self) -> bool {
        true
    }

    fn of_no_region(&self) -> bool {
        true
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        let zone = step.id.map_or_else(|| "*".to_owned(), route53::zone_arn);
        let mut needs = |action| calls.needs(step.address, action, &zone);
        match step.action {
            Action::Create => {
                needs("route53:CreateHostedZone");
                needs("route53:ChangeTagsForResource");
            }
            Action::Delete => needs("route53:DeleteHostedZone"),
            _ => {
                if !step.tag_change.is_empty() {
                    needs("route53:ChangeTagsForResource");
                }
                if step.touches(&["vpcs"]) {
                    needs("route53:AssociateVPCWithHostedZone");
                }
                if step.touches(&["comment"]) {
                    needs("route53:UpdateHostedZoneComment");
                }
            }
        }
    }

    fn counts(&self, _inputs: &Attributes) -> Vec<Counted> {
        vec![Counted::in_region(Quota::HostedZones)]
    }

    async fn obstacles(&self, steps: &[Intent<'_>]) -> Result<Vec<Obstacle>, CallError> {
        taken::obstacles(steps).await
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let zones = own_zones(scope).await?;
        Ok(zones.iter().map(live).collect())
    }

    async fn look_up(&self, scope: &Scope<'_>, query: &Query) -> Result<Vec<Live>, CallError> {
        let zones = private_zones::that_fit(
            scope.aws,
            |zone| {
                query
                    .id
                    .as_deref()
                    .is_none_or(|id| bare_id(id) == bare_id(zone.id()))
                    && query
                        .name
                        .as_deref()
                        .is_none_or(|name| plain_name(name) == plain_name(zone.name()))
            },
            &query.tags,
        )
        .await?;
        Ok(zones.iter().map(live).collect())
    }

    async fn standing(&self, scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
        let Some(vpc) = area.vpc() else {
            return Ok(Standings::default());
        };
        let (zones, left_out) = private_zones::of_vpc(scope.aws, scope.place, vpc).await?;
        let objects = zones.iter().map(|zone| {
            let mut standing = Standing::new(live(zone), FIELDS);
            standing.called = Some(zone.name.clone());
            standing
        });
        Ok(Standings {
            objects: objects.collect(),
            left_out,
        })
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let name = inputs.text("name").unwrap_or_default();
        let reference = caller_reference(call.stack, &call.address.name, call.token);
        let mut vpcs = inputs.texts("vpcs");
        vpcs.sort();
        let first = vpcs
            .first()
            .ok_or_else(|| CallError::internal("a private zone needs a VPC"))?;
        let config = HostedZoneConfig::builder()
            .set_comment(inputs.text("comment").map(str::to_owned))
            .private_zone(true);
        let request = call
            .aws
            .route53
            .create_hosted_zone()
            .name(name)
            .caller_reference(&reference)
            .vpc(vpc_of(first, &call.place.region))
            .hosted_zone_config(config.build());
        let request = &request;
        let made = patiently(call, || async {
            request.clone().send().await.map_err(on("CreateHostedZone"))
        });
        match made.await {
            Ok(answer) => answer
                .hosted_zone()
                .map(|zone| bare_id(zone.id()).to_owned())
                .ok_or_else(|| CallError::internal("CreateHostedZone gave no zone")),
            // An earlier try of ours got through, though its answer did not.
            Err(error) if error.is(&["HostedZoneAlreadyExists"]) => {
                let fits = |zone: &aws_sdk_route53::types::HostedZone| {
                    zone.caller_reference() == reference
                };
                let nothing = crate::model::Tags::new();
                let zones = private_zones::that_fit(call.aws, fits, &nothing).await?;
                let zone = zones.into_iter().next();
                zone.map(|zone| zone.id).ok_or(error)
            }
            Err(error) => Err(explained(error)),
        }
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        id: &str,
        inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        let change = TagChange {
            set: call.tags_with_region(),
            remove: Vec::new(),
        };
        route53::retag(call, id, &change).await?;
        let associated = patiently(call, || private_zones::vpcs_of(call.aws, id)).await?;
        let wanted: BTreeSet<String> = inputs.texts("vpcs").into_iter().collect();
        let has = |id: &str| associated.iter().any(|vpc| vpc.vpc_id() == Some(id));
        let mut changes = Vec::new();
        for vpc in wanted.iter().filter(|vpc| !has(vpc)) {
            changes.extend(associate(call, id, vpc_of(vpc, &call.place.region)).await?);
        }
        // All are under way at once; the wait for the last covers the others.
        for change in &changes {
            until_in_sync(call, change).await?;
        }
        if wanted.is_empty() {
            return Ok(Attributes::new());
        }
        for vpc in associated {
            if vpc.vpc_id().is_some_and(|id| !wanted.contains(id)) {
                disassociate(call, id, vpc).await?;
            }
        }
        Ok(Attributes::new())
    }

    async fn update(
        &self,
        call: &Call<'_>,
        id: &str,
        change: &Change,
    ) -> Result<String, CallError> {
        // The set of VPCs is brought to rest by `settle`.
        if change.touches("comment") {
            let comment = change.after.text("comment").unwrap_or_default();
            let request = call.aws.route53.update_hosted_zone_comment();
            let request = &request.id(id).comment(comment);
            patiently(call, || async {
                let sent = request.clone().send().await;
                sent.map(|_| ()).map_err(on("UpdateHostedZoneComment"))
            })
            .await?;
        }
        Ok(id.to_owned())
    }

    async fn retag(&self, call: &Call<'_>, id: &str, change: &TagChange) -> Result<(), CallError> {
        route53::retag(call, id, change).await
    }

    async fn delete(&self, call: &Call<'_>, id: &str, live: &Attributes) -> Result<(), CallError> {
        match remove(call, id).await {
            Err(error) if error.is(&["HostedZoneNotEmpty"]) => {
                emptying::empty(call, id, live.text("name").unwrap_or_default(), error).await?;
                remove(call, id).await
            }
            other => other,
        }
    }
}

fn live(zone: &Zone) -> Live {
    let attributes = Attributes::new()
        .with("name", zone.name.as_str())
        .with("comment", zone.comment.as_str())
        .with("vpcs", Value::texts(zone.vpcs.iter().map(String::as_str)));
    let mut live = Live::tagged(zone.id.as_str(), zone.tags.clone(), attributes);
    live.address.clone_from(&zone.address);
    live
}

fn vpc_of(id: &str, region: &str) -> Vpc {
    Vpc::builder()
        .vpc_id(id)
        .vpc_region(VpcRegion::from(region))
        .build()
}

/// Lets a zone answer a VPC; gives the change, or nothing where its answer was
/// lost and the zone shows the VPC.
async fn associate(call: &Call<'_>, zone: &str, vpc: Vpc) -> Result<Option<String>, CallError> {
    let id = vpc.vpc_id().unwrap_or_default().to_owned();
    let request = call.aws.route53.associate_vpc_with_hosted_zone();
    let request = &request.hosted_zone_id(zone).vpc(vpc);
    let create = || async {
        let answer = patiently(call, || async {
            let sent = request.clone().send().await;
            sent.map_err(on("AssociateVPCWithHostedZone"))
        })
        .await?;
        let info = answer.change_info();
        Ok(info.map(|info| info.id().to_owned()).unwrap_or_default())
    };
    let look = || async {
        let vpcs = patiently(call, || private_zones::vpcs_of(call.aws, zone)).await?;
        let there = vpcs.iter().filter_map(|it| it.vpc_id.clone());
        Ok(there.filter(|it| *it == id).collect())
    };
    let creation = Creation {
        what: "the zone's association with the VPC",
        taken: &["ConflictingDomainExists"],
    };
    match call.create_once(creation, create, look).await {
        Ok(Made::New(change)) => Ok(Some(change)),
        Ok(Made::Found(_)) => Ok(None),
        Err(error) => Err(explained(error)),
    }
}

async fn disassociate(call: &Call<'_>, zone: &str, vpc: Vpc) -> Result<(), CallError> {
    let request = call.aws.route53.disassociate_vpc_from_hosted_zone();
    let request = &request.hosted_zone_id(zone).vpc(vpc);
    let answer = patiently(call, || async {
        let sent = request.clone().send().await;
        sent.map_err(on("DisassociateVPCFromHostedZone"))
    })
    .await;
    match answer {
        Ok(answer) => match answer.change_info() {
            Some(info) => until_in_sync(call, info.id()).await,
            None => Ok(()),
        },
        Err(error) if error.is(&["VPCAssociationNotFound", "NoSuchHostedZone"]) => Ok(()),
        Err(error) => Err(explained(error)),
    }
}

/// Says what Route 53 means by the refusals that people meet.
fn explained(mut error: CallError) -> CallError {
    let hint = match error.code() {
        "ConflictingDomainExists" => {
            "a VPC takes each name from one place only: take it out of the other zone of this \
             name, or turn off private DNS of the endpoint that has it"
        }
        "LastVPCAssociation" => {
            "the last VPC of a private zone cannot leave it: add another VPC first, or remove the zone"
        }
        _ => return error,
    };
    if let CallError::Refused { message, .. } = &mut error {
        *message = format!("{message} ({hint})");
    }
    error
}

/// Deletes the zone; not found is success.
async fn remove(call: &Call<'_>, id: &str) -> Result<(), CallError> {
    let request = &call.aws.route53.delete_hosted_zone().id(id);
    let answer = patiently(call, || async {
        request.clone().send().await.map_err(on("DeleteHostedZone"))
    });
    match answer.await {
        Ok(answer) => match answer.change_info() {
            Some(info) => until_in_sync(call, info.id()).await,
            None => Ok(()),
        },
        Err(error) if error.is_not_found() => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
