//! An egress rule of a security group: what may go out. See `security_group_rule`,
//! which has all that it shares with its sibling.

use async_trait::async_trait;

use super::security_group_rule as rule;
use super::security_group_rule::key::Direction;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::{Call, CallError};
use crate::kind::{About, Change, Claim, Counted, Field, Intent, Kind, Live, PartOf, Scope, Told};
use crate::model::network::Network;
use crate::model::{Attributes, Place};

/// `security_group.<name>/egress:<protocol>:<ports>:<peer>`
pub struct SecurityGroupEgressRule;

#[async_trait]
impl Kind for SecurityGroupEgressRule {
    fn about(&self) -> About {
        About {
            name: "security_group_egress_rule",
            summary: "What may go out, by one protocol, port range and peer.",
            example: "",
            part_of: Some(PartOf {
                table: "security_group",
                label: "egress",
            }),
            tagged: true,
            contained: true,
        }
    }

    fn fields(&self) -> &'static [Field] {
        rule::FIELDS
    }

    fn pairs_with(&self, wanted: &Attributes, live: &Attributes) -> bool {
        rule::pairs(wanted, live)
    }

    fn claims(&self, of: &Attributes, _place: &Place) -> Vec<Claim> {
        let claim = rule::form::claim(of, Direction::Egress);
        claim.into_iter().collect()
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        rule::telling::tell(told, Direction::Egress, network);
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        rule::rehearsal::rehearse(step, Direction::Egress, calls);
    }

    fn counts(&self, _inputs: &Attributes) -> Vec<Counted> {
        rule::rehearsal::counts(Direction::Egress)
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        rule::find(scope, Direction::Egress).await
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        rule::create(call, inputs, Direction::Egress).await
    }

    async fn update(
        &self,
        call: &Call<'_>,
        id: &str,
        change: &Change,
    ) -> Result<String, CallError> {
        rule::update(call, id, change).await
    }

    async fn delete(&self, call: &Call<'_>, id: &str, live: &Attributes) -> Result<(), CallError> {
        rule::delete(call, id, live, Direction::Egress).await
    }
}
