//! An Elastic IP: a public IPv4 address that is ours until we release it.
//!
//! AllocateAddress has no client token and a forgotten address costs money, so
//! it is tagged by the call that allocates it. Right after a NAT gateway is
//! deleted, ReleaseAddress may be refused with `AuthFailure`,
//! `InvalidIPAddress.InUse` or `InvalidNetworkInterfaceID.NotFound`, although
//! nothing is wrong: AWS has not finished taking the address off the gateway's
//! network interface. We try again for five minutes and look each time whether
//! the address is still there.

use async_trait::async_trait;
use aws_sdk_ec2::types::{Address as Described, DomainType, ResourceType};

use crate::aws::holders::{Held, Patience};
use crate::aws::quotas::Quota;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::tagging::{filter, from_ec2, of_creation, specification, with_tags};
use crate::aws::{Call, CallError, Creation, Seen, on};
use crate::kind::{
    About, Area, Counted, Field, Intent, Kind, Live, Output, Query, Scope, Standing, Standings,
};
use crate::model::{Action, Attributes};

/// `[elastic_ip.<name>]`
pub struct ElasticIp;

const OUTPUTS: &[Output] = &[Output {
    name: "public_ip",
    doc: "The address.",
}];

/// What AWS answers while it takes the address off a deleted interface. The
/// last one looks like a not-found answer, but it is not the address that is
/// not found.
const IN_USE: &[&str] = &[
    "AuthFailure",
    "InvalidIPAddress.InUse",
    "InvalidNetworkInterfaceID.NotFound",
];

#[async_trait]
impl Kind for ElasticIp {
    fn about(&self) -> About {
        About {
            name: "elastic_ip",
            summary: "A public IPv4 address that stays the same.",
            example: "[elastic_ip.nat]\n",
            part_of: None,
            tagged: true,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        &[]
    }

    fn id_prefix(&self) -> Option<&'static str> {
        Some("eipalloc-")
    }

    fn outputs(&self) -> &'static [Output] {
        OUTPUTS
    }

    /// AllocateAddress takes no client token.
    fn repeatable(&self) -> bool {
        false
    }

    fn lost_with(&self, live: &Attributes) -> Option<String> {
        let address = live.text("public_ip");
        Some(match address {
            Some(address) => format!("its address {address}"),
            None => "its address".to_owned(),
        })
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        let ec2 = &step.aws.ec2;
        match step.action {
            Action::Create => {
                let tags = specification(ResourceType::ElasticIp, step.tags);
                let request = ec2.allocate_address().domain(DomainType::Vpc);
                let request = request.tag_specifications(tags).dry_run(true);
                calls.dry_run(
                    step.address,
                    "ec2:AllocateAddress",
                    ("", true),
                    request.send(),
                );
            }
            Action::Delete => {
                let request = ec2.release_address().dry_run(true);
                let request = request.allocation_id(step.own_id("eipalloc"));
                calls.dry_run(
                    step.address,
                    "ec2:ReleaseAddress",
                    ("", true),
                    request.send(),
                );
            }
            _ => step.rehearse_tags(calls),
        }
    }

    fn counts(&self, _inputs: &Attributes) -> Vec<Counted> {
        vec![Counted::in_region(Quota::ElasticIps)]
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let found = scope.shared.adoptions.with_own(scope.stack, |by| async {
            // DescribeAddresses has no pages.
            let request = scope.aws.ec2.describe_addresses().filters(by);
            let answer = request.send().await.map_err(on("DescribeAddresses"))?;
            Ok(answer.addresses.unwrap_or_default())
        });
        Ok(found.await?.iter().filter_map(live).collect())
    }

    async fn look_up(&self, scope: &Scope<'_>, query: &Query) -> Result<Vec<Live>, CallError> {
        let filters = with_tags(&query.tags);
        let answer = scope
            .aws
            .ec2
            .describe_addresses()
            .set_filters((!filters.is_empty()).then_some(filters))
            .set_allocation_ids(query.id.clone().map(|id| vec![id]))
            .send()
            .await
            .map_err(on("DescribeAddresses"))?;
        Ok(answer.addresses().iter().filter_map(live).collect())
    }

    async fn standing(&self, scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
        let ids = area.named();
        if ids.is_empty() {
            return Ok(Standings::default());
        }
        let request = scope.aws.ec2.describe_addresses();
        let request = request.filters(filter("allocation-id", ids));
        let answer = request.send().await.map_err(on("DescribeAddresses"))?;
        let found = answer.addresses().iter().filter_map(live).map(|live| {
            let public = live.attributes.text("public_ip").map(str::to_owned);
            let mut standing = Standing::new(live, &[]);
            standing.notes.extend(public);
            standing
        });
        Ok(found.collect::<Vec<_>>().into())
    }

    async fn create(&self, call: &Call<'_>, _inputs: &Attributes) -> Result<String, CallError> {
        let ec2 = &call.aws.ec2;
        let tags = specification(ResourceType::ElasticIp, &call.marked_tags());
        let request = ec2.allocate_address().domain(DomainType::Vpc);
        let request = request.tag_specifications(tags);
        let create = || async {
            let answer = request.clone().send().await;
            answer
                .map_err(on("AllocateAddress"))?
                .allocation_id()
                .map(str::to_owned)
                .ok_or_else(|| CallError::internal("AllocateAddress gave no id"))
        };
        let look = || async {
            let request = ec2.describe_addresses().filters(of_creation(call));
            let answer = request.send().await.map_err(on("DescribeAddresses"))?;
            let addresses = answer.addresses().iter();
            Ok(addresses
                .filter_map(|it| it.allocation_id.clone())
                .collect())
        };
        let creation = Creation {
            what: "the Elastic IP",
            taken: &[],
        };
        let made = call.create_once(creation, create, look).await?;
        Ok(made.into_id())
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        id: &str,
        _inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        let public = call
            .wait_for(
                "the Elastic IP to be known",
                call.aws.patience(),
                || async {
                    let address = describe(call, id).await?;
                    let public = address.and_then(|address| address.public_ip);
                    Ok(public.map_or(Seen::Pending("not yet known".into()), Seen::Ready))
                },
            )
            .await?;
        Ok(Attributes::new().with("public_ip", public))
    }

    async fn delete(&self, call: &Call<'_>, id: &str, _live: &Attributes) -> Result<(), CallError> {
        let mut patience = Patience::new(call, id);
        loop {
            let request = call.aws.ec2.release_address().allocation_id(id);
            let refusal = match request.send().await.map_err(on("ReleaseAddress")) {
                Ok(_) => return Ok(()),
                Err(error) if error.is(IN_USE) => error,
                Err(error) if error.is_not_found() => return Ok(()),
                Err(error) => return Err(error),
            };
            if describe(call, id).await?.is_none() {
                return Ok(());
            }
            patience.bear(Held::Address(id), refusal).await?;
        }
    }
}

fn live(address: &Described) -> Option<Live> {
    let mut attributes = Attributes::new();
    attributes.set_text("public_ip", address.public_ip());
    Some(Live::tagged(
        address.allocation_id()?,
        from_ec2(address.tags()),
        attributes,
    ))
}

/// The address, or nothing where AWS says that it is not there.
async fn describe(call: &Call<'_>, id: &str) -> Result<Option<Described>, CallError> {
    let request = call.aws.ec2.describe_addresses().allocation_ids(id);
    match request.send().await.map_err(on("DescribeAddresses")) {
        Ok(answer) => Ok(answer.addresses.unwrap_or_default().into_iter().next()),
        Err(error) if error.is_not_found() || belongs_to_another(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether AWS says that the address is somebody else's by now, which is its
/// other way to say that ours is gone.
fn belongs_to_another(error: &CallError) -> bool {
    error.is(&["AuthFailure"]) && error.message().contains("does not belong to you")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lacking_permission_is_not_being_gone() {
        let refused = |message: &str| CallError::Refused {
            operation: "DescribeAddresses",
            code: "AuthFailure".into(),
            message: message.into(),
            request_id: None,
        };
        assert!(belongs_to_another(&refused(
            "The address '192.0.2.7' does not belong to you."
        )));
        assert!(!belongs_to_another(&refused(
            "You do not have permission to access the specified resource."
        )));
    }
}
