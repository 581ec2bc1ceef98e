//! VPCs that have a private zone of the wanted name already: Route 53 takes only
//! one (Amazon Route 53 API reference, CreateHostedZone and
//! AssociateVPCWithHostedZone, `ConflictingDomainExists`).

use std::collections::BTreeSet;

use aws_sdk_route53::types::{HostedZoneSummary, VpcRegion};

use crate::aws::route53::{bare_id, plain_name};
use crate::aws::{Aws, CallError, on};
use crate::kind::{Intent, Obstacle};
use crate::model::Action;

/// Asks for the zones of each VPC that exists and gets a zone.
pub(super) async fn obstacles(steps: &[Intent<'_>]) -> Result<Vec<Obstacle>, CallError> {
    let gaining = |step: &&Intent<'_>| step.action == Action::Create || step.touches(&["vpcs"]);
    // The zone of an endpoint that gives its name up does not say whose it is.
    let steps = steps.iter().filter(|step| !step.given_room);
    let steps: Vec<&Intent<'_>> = steps.filter(gaining).collect();
    let vpcs: BTreeSet<String> = steps.iter().flat_map(|step| gained(step)).collect();
    let Some(first) = steps.first() else {
        return Ok(Vec::new());
    };
    let asked = vpcs.iter().map(|vpc| async move {
        let zones = zones_of(first.aws, &first.place.region, vpc).await?;
        Ok::<_, CallError>((vpc.as_str(), zones))
    });
    let known = futures_util::future::try_join_all(asked).await?;
    let mut found = Vec::new();
    for step in steps {
        let name = step.text("name").map(plain_name);
        for (vpc, zones) in &known {
            let other = zones.iter().find(|zone| {
                let id = bare_id(zone.hosted_zone_id());
                Some(plain_name(zone.name())) == name
                    && Some(id) != step.id
                    && !step.leaving.contains(id)
            });
            if let Some(other) = other.filter(|_| gained(step).iter().any(|it| it == vpc)) {
                found.push(Obstacle {
                    address: step.address.clone(),
                    problem: format!("{vpc} has a private zone {} already", other.name()),
                    cause: format!(
                        "zone {} answers for that name there, and Route 53 takes one for each VPC",
                        bare_id(other.hosted_zone_id())
                    ),
                    remedy: match step.action {
                        Action::Create => step.or_take_over(
                            "take the VPC from it first",
                            bare_id(other.hosted_zone_id()),
                        ),
                        _ => format!(
                            "look it up under [existing.private_zone.{}], or take the VPC from it \
                             first",
                            step.address.name
                        ),
                    },
                });
            }
        }
    }
    Ok(found)
}

/// The VPCs that exist and that the zone does not have yet.
fn gained(step: &Intent<'_>) -> Vec<String> {
    let had = step.live.texts("vpcs");
    let mut wanted = step.wanted.texts("vpcs");
    wanted.retain(|vpc| !had.contains(vpc));
    wanted
}

/// The private zones of a VPC. A VPC has few; one page is enough to find a name
/// in nearly all cases, and what is missed fails as it would have anyway.
async fn zones_of(aws: &Aws, region: &str, vpc: &str) -> Result<Vec<HostedZoneSummary>, CallError> {
    let request = aws.route53.list_hosted_zones_by_vpc().vpc_id(vpc);
    let request = request.vpc_region(VpcRegion::from(region));
    let answer = request.send().await.map_err(on("ListHostedZonesByVPC"))?;
    Ok(answer.hosted_zone_summaries)
}
