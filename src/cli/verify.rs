//! Whether a new way works, asked of the live network before the old way goes.
//!
//! ```text
//! survey ─► trace ─► the new door, and reachable? ─ yes ─► go on
//!             │ another door wins yet
//!             └─► trace without the old door ─► the same question
//! ```
//!
//! A few reads for each gate. AWS may show a little late what was just made, so
//! a no is asked again for as long as that may take. Where it was a name that
//! moved, the old door stays until answers from before have run out.

mod beforehand;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use async_trait::async_trait;

use crate::apply::{Unproven, Verifier, Waits};
use crate::aws::survey::{Area, survey};
use crate::aws::{Aws, CallError};
use crate::model::network::Network;
use crate::model::{Address, Attributes, Place};
use crate::plan::switch::{DNS_ANSWERS, Switch};
use crate::trace::{Goal, Origin, Question, Tracer, Verdict, without_door};

pub(super) use beforehand::unreadable;

/// How long a new way may take to show, where AWS shows at once what it has.
const LEAST_PATIENCE: Duration = Duration::from_secs(2);
/// How long to wait before asking again, at first and at most.
const FIRST_GAP: Duration = Duration::from_millis(250);
const LONGEST_GAP: Duration = Duration::from_secs(5);

/// Traces ways in the live network.
pub struct LiveTraces<'a> {
    /// The clients.
    pub aws: &'a Aws,
    /// Where the stack lives.
    pub place: &'a Place,
}

#[async_trait]
impl Verifier for LiveTraces<'_> {
    async fn works(
        &self,
        switch: &Switch,
        facts: &BTreeMap<Address, Attributes>,
        waits: &Waits<'_>,
    ) -> Result<(), Unproven> {
        let ids = Ids(facts);
        let area = area(switch, &ids);
        let patience = self.aws.consistency().max(LEAST_PATIENCE);
        let start = Instant::now();
        let mut gap = FIRST_GAP;
        loop {
            let unproven = match survey(self.aws, self.place, &area).await {
                Ok(network) => match proven(switch, &ids, network) {
                    Ok(()) => {
                        self.let_answers_run_out(switch, waits).await;
                        return Ok(());
                    }
                    Err(unproven) => unproven,
                },
                Err(error) => not_read(&error),
            };
            if start.elapsed() >= patience {
                return Err(unproven);
            }
            tokio::time::sleep(gap).await;
            gap = (gap * 2).min(LONGEST_GAP);
        }
    }
}

impl LiveTraces<'_> {
    /// Where names have moved to the new door, who asked before them still calls
    /// the old one.
    async fn let_answers_run_out(&self, switch: &Switch, waits: &Waits<'_>) {
        // Where AWS shows at once what it has, nobody asks for names either.
        let rest = DNS_ANSWERS.min(self.aws.consistency());
        if switch.moves_names() && !rest.is_zero() {
            waits("DNS answers to run out");
            tokio::time::sleep(rest).await;
        }
    }
}

/// What is known of nodes, their ids above all.
struct Ids<'f>(&'f BTreeMap<Address, Attributes>);

impl<'f> Ids<'f> {
    fn of(&self, address: &Address) -> Result<&'f str, Unproven> {
        let known = self.0.get(address).and_then(|known| known.text("id"));
        known.ok_or_else(|| Unproven {
            cause: format!("the id of {address} is not known"),
            remedy: None,
        })
    }
}

/// From where to which bucket, by AWS's ids. What is not there yet calls nobody.
fn ends<'a>(switch: &'a Switch, ids: &Ids<'a>) -> Vec<(&'a Address, &'a str, &'a str)> {
    let ends = switch.ends.iter();
    ends.filter_map(|(from, to)| Some((from, ids.of(from).ok()?, ids.of(to).ok()?)))
        .collect()
}

/// What is to be read: all of the VPC that the callers stand in, and the buckets.
fn area(switch: &Switch, ids: &Ids<'_>) -> Area {
    let mut area = Area::default();
    for (from, origin, bucket) in ends(switch, ids) {
        let origins = match from.kind.as_str() {
            "instance" => &mut area.instances,
            _ => &mut area.subnets,
        };
        origins.insert(origin.to_owned());
        area.buckets.insert(bucket.to_owned());
    }
    area
}

/// Where a node's calls come from.
fn origin_of(from: &Address, id: &str) -> Origin {
    match from.kind.as_str() {
        "instance" => Origin::Instance(id.to_owned()),
        _ => Origin::Subnet(id.to_owned()),
    }
}

/// Whether every end of a switch gets there by the new door.
fn proven(switch: &Switch, ids: &Ids<'_>, mut network: Network) -> Result<(), Unproven> {
    let new = ids.of(&switch.new)?;
    let looked_up = ids.of(&switch.old).ok();
    let old = switch.old_id.as_deref().or(looked_up);
    for (address, known) in ids.0 {
        if let Some(id) = known.text("id").filter(|_| address.part.is_none()) {
            network.labels.insert(id.to_owned(), address.to_string());
        }
    }
    let without = match old {
        Some(old) => without_door(&network, old),
        None => network.clone(),
    };
    let (as_it_is, later) = (Tracer::new(&network), Tracer::new(&without));
    for (from, origin, bucket) in ends(switch, ids) {
        let question = Question::new(origin_of(from, origin), Goal::Bucket(bucket.to_owned()));
        let mut trace = as_it_is.trace(&question);
        // The old door may win for as long as it is there.
        if trace.door().is_none_or(|door| door.key() != new) {
            trace = later.trace(&question);
        }
        let by_new = trace.door().is_some_and(|door| door.key() == new);
        let (cause, remedy) = match &trace.verdict {
            Verdict::Reachable if by_new => continue,
            Verdict::Reachable => {
                let door = trace
                    .door()
                    .map_or("nothing", |door| network.label(door.key()));
                (format!("traffic would leave by {door}"), None)
            }
            Verdict::Blocked(block) => (block.problem.clone(), block.remedy.clone()),
            Verdict::Unknown(why) => (
                format!("it cannot be known whether it works: {}", why.join("; ")),
                None,
            ),
        };
        return Err(Unproven {
            cause: format!("from {from}, {cause}"),
            remedy,
        });
    }
    Ok(())
}

fn not_read(error: &CallError) -> Unproven {
    Unproven {
        cause: format!("the live network cannot be read: {error}"),
        remedy: error.remedy(),
    }
}
