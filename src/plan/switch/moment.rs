//! With which step traffic moves over, and what that does to open connections.
//!
//! While both ways are there, one of them wins: the longest prefix among routes,
//! and a private answer before a public one among names. So the moment is the
//! step at which the winner changes, and not the one that removes the loser
//! (Amazon VPC user guide, "Route priority"; Route 53 developer guide, "Private
//! hosted zones").

use std::time::Duration;

use super::super::outcome::Plan;
use super::Switch;
use super::pieces::Pieces;
use crate::graph::Step;
use crate::model::{Action, Address};

/// The step with which traffic moves over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The node.
    pub address: Address,
    /// What is done with it.
    pub action: Action,
    /// Why it is this one, as a sentence fragment.
    pub because: &'static str,
}

/// What becomes of connections that are open at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connections {
    /// They break: their packets leave with another source address (Amazon VPC
    /// user guide, "Gateway endpoints").
    Break,
    /// They stay with the old door until they end, or until it goes: only names
    /// lead elsewhere.
    Stay,
}

/// How long a client may go on calling the old door after a name has moved: the
/// time to live of the answers. An alias record has its target's (Amazon Route 53
/// developer guide, "Choosing between alias and non-alias records"); that the
/// names of endpoints have 60 s is experience, not a figure of AWS's.
pub const DNS_ANSWERS: Duration = Duration::from_secs(60);

const LONGER: &str = "its route to S3 is longer than 0.0.0.0/0, and wins at once";
const SHORTER: &str = "until then its route to S3 is longer than 0.0.0.0/0";
const NAME_LEADS: &str = "from then on the name leads to the endpoint; clients follow as their DNS answers run out, \
     within a minute";
const NAME_LEFT: &str = "from then on the name leads to S3's public addresses again; clients follow as their DNS \
     answers run out, within a minute";
const TABLE: &str = "the subnet takes the other table's routes at once";
const ROUTE: &str = "the route leads elsewhere at once";
const DOOR: &str = "until then the old door takes the traffic";

/// When and how traffic moves over.
pub(super) fn of(plan: &Plan, switch: &Switch, pieces: &Pieces) -> (Option<Moment>, Connections) {
    let by_name = |door: &Address| door.kind == "interface_endpoint";
    let connections = match by_name(&switch.old) || by_name(&switch.new) || switch.has_moved {
        true => Connections::Stay,
        false => Connections::Break,
    };
    if switch.by_endpoint_name || switch.has_moved {
        return (None, connections);
    }
    let opening: Vec<Step> = pieces.opening.iter().copied().collect();
    let closing: Vec<Step> = pieces.closing.iter().copied().collect();
    let one = |steps: &[Step], fits: &dyn Fn(&Address) -> bool| {
        let found = steps
            .iter()
            .find(|step| fits(&plan.steps.node(**step).address));
        found.copied()
    };
    let label = |address: &Address, label: &str| address.label() == label;
    let names = |steps: &[Step], door: &Address| {
        one(steps, &|it| it.kind == "alias_record")
            .or_else(|| one(steps, &|it| it.kind == "private_zone"))
            .or_else(|| one(steps, &|it| it == door))
    };
    let turning = |wanted: &str| {
        let both = |step: &&Step| pieces.closing.contains(step);
        let both: Vec<Step> = opening.iter().filter(both).copied().collect();
        one(&both, &|it| label(it, wanted))
    };
    let gateway = |door: &Address| door.kind == "gateway_endpoint";
    let found = if by_name(&switch.new) {
        names(&opening, &switch.new).map(|step| (step, NAME_LEADS))
    } else if by_name(&switch.old) {
        names(&closing, &switch.old).map(|step| (step, NAME_LEFT))
    } else if let Some(step) = turning("association") {
        Some((step, TABLE))
    } else if gateway(&switch.new) {
        one(&opening, &|it| *it == switch.new).map(|step| (step, LONGER))
    } else if gateway(&switch.old) {
        one(&closing, &|it| *it == switch.old).map(|step| (step, SHORTER))
    } else {
        turning("route").map(|step| (step, ROUTE))
    };
    let found = found.or_else(|| Some((*closing.first()?, DOOR)));
    let moment = found.map(|(step, because)| {
        let step = plan.steps.node(step);
        Moment {
            address: step.address.clone(),
            action: step.action,
            because,
        }
    });
    (moment, connections)
}
