//! Who is to have a certain address gets it before others get any.
//!
//! ```text
//!  instance with `private_ip` ──► instance, endpoint, NAT gateway without one
//!                                 (of the same subnet)
//! ```
//!
//! AWS gives an interface without a stated address any that is free in its subnet.
//! Made side by side, one of those may get the very address that another node is
//! to have, and AWS refuses that one as in use. So the orders go from the stated
//! to the others, and only where something is made: nothing is to be gained from
//! them when it goes. A rollback states the address of every machine that it makes
//! again.

use std::collections::BTreeMap;

use super::arrange::Arrangement;
use super::outcome::{PlannedStep, Reason};
use crate::graph::Step;
use crate::kind::Interface;
use crate::model::{Action, Value};

const STATED: &str = "it is to have a certain address of the subnet, and this one takes any";

impl Arrangement<'_, '_> {
    /// Lays the orders. `up` holds the steps that bring about what is wanted.
    pub(super) fn keep_stated_addresses_free(&mut self, up: &[Step]) {
        let mut subnets: BTreeMap<Value, (Vec<Step>, Vec<Step>)> = BTreeMap::new();
        for step in up {
            let node = self.steps.node(*step);
            for interface in self.interfaces(node) {
                let (stated, any) = subnets.entry(interface.subnet.clone()).or_default();
                match interface.stated {
                    true if node.action == Action::Create => stated.push(*step),
                    false if takes_interfaces(node) => any.push(*step),
                    _ => {}
                }
            }
        }
        for (stated, any) in subnets.into_values() {
            for first in &stated {
                for then in &any {
                    let reason = Reason(STATED.into());
                    self.steps.before_unless_circle(*first, *then, reason);
                }
            }
        }
    }

    fn interfaces<'s>(&self, step: &'s PlannedStep) -> Vec<Interface<'s>> {
        let kind = self.world.registry.of(&step.address);
        kind.map_or_else(Vec::new, |kind| kind.interfaces(&step.inputs))
    }
}

/// Whether a step may put an interface into a subnet that was not there.
fn takes_interfaces(step: &PlannedStep) -> bool {
    let changes = step.action == Action::Update && !step.differences.is_empty();
    step.action == Action::Create || changes
}
