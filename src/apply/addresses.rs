//! Who is to have a certain address gets it before others get any.
//!
//! ```text
//!  instance with `private_ip` ──ends──► instance, endpoint, NAT gateway without one
//!                                       (of the same subnet)
//! ```
//!
//! AWS gives an interface without a stated address any that is free in its subnet.
//! Made side by side, one of those may get the very address that another node is
//! to have, and AWS refuses that one as in use. So the others wait until it has
//! come to its end. A rollback states the address of every machine that it makes
//! again.
//!
//! That is no order of the plan: nobody needs that machine. If it fails, the others
//! go on, and where it waits for one of them itself, so do they.

use std::collections::{BTreeMap, HashMap};

use crate::graph::Step;
use crate::kind::{Interface, Registry};
use crate::model::{Action, Value};
use crate::plan::{Plan, PlannedStep};

/// The addresses that are to be had, and who waits for that.
pub(super) struct Addresses<'p> {
    registry: Registry,
    plan: &'p Plan,
    /// The subnets of the steps that are to have a certain address, until they end.
    stated: HashMap<Step, Vec<&'p Value>>,
    /// How many of those each subnet still has.
    to_come: BTreeMap<&'p Value, usize>,
    held: Vec<Step>,
}

impl<'p> Addresses<'p> {
    pub(super) fn new(plan: &'p Plan, registry: Registry) -> Self {
        let mut addresses = Self {
            registry,
            plan,
            stated: HashMap::new(),
            to_come: BTreeMap::new(),
            held: Vec::new(),
        };
        for (place, step) in plan.steps.nodes() {
            let new = new_interfaces(registry, step).into_iter();
            for interface in new.filter(|interface| interface.stated) {
                let subnets = addresses.stated.entry(place).or_default();
                subnets.push(interface.subnet);
                *addresses.to_come.entry(interface.subnet).or_default() += 1;
            }
        }
        addresses
    }

    /// Whether a step has to wait, since it may take the address of another.
    pub(super) fn hold(&mut self, place: Step) -> bool {
        if self.to_come.is_empty() {
            return false;
        }
        let new = new_interfaces(self.registry, self.plan.steps.node(place));
        let mut any = new.iter().filter(|interface| !interface.stated);
        let waits = any.any(|interface| self.to_come.contains_key(interface.subnet));
        if waits {
            self.held.push(place);
        }
        waits
    }

    /// Takes note that a step has ended, however that was. Gives those that may
    /// be free now.
    pub(super) fn ended(&mut self, place: Step) -> Vec<Step> {
        let Some(subnets) = self.stated.remove(&place) else {
            return Vec::new();
        };
        for subnet in subnets {
            if let Some(left) = self.to_come.get_mut(subnet) {
                *left -= 1;
            }
        }
        self.to_come.retain(|_, left| *left > 0);
        std::mem::take(&mut self.held)
    }

    /// Gives those that wait for what waits for them.
    pub(super) fn let_go(&mut self) -> Vec<Step> {
        if !self.held.is_empty() {
            self.to_come.clear();
        }
        std::mem::take(&mut self.held)
    }
}

/// The interfaces that a step puts where there was none.
fn new_interfaces(registry: Registry, step: &PlannedStep) -> Vec<Interface<'_>> {
    if !matches!(step.action, Action::Create | Action::Update) {
        return Vec::new();
    }
    let Some(kind) = registry.of(&step.address) else {
        return Vec::new();
    };
    let had = match step.action {
        Action::Create => Vec::new(),
        _ => kind.interfaces(&step.live),
    };
    let is_new = |now: &Interface<'_>| had.iter().all(|old| old.subnet != now.subnet);
    let now = kind.interfaces(&step.preview);
    let wanted = kind.interfaces(&step.inputs).into_iter();
    let new = wanted.zip(now).filter(|(_, now)| is_new(now));
    new.map(|(wanted, _)| wanted).collect()
}
