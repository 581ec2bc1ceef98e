//! Whether a gate will be able to ask, found out before the first change.
//!
//! A gate reads all of a VPC. Where the credentials may not read a part of it,
//! the new way is made, nobody can say that it works, and the old one stays: the
//! run would stop halfway. The same reads beforehand tell that.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ids, area, ends, origin_of};
use crate::aws::Aws;
use crate::aws::survey::{Area, survey};
use crate::model::network::Network;
use crate::model::policy::Caller;
use crate::model::{Address, Attributes, Place};
use crate::plan::switch::Switch;
use crate::preflight::{Check, Finding, Severity};
use crate::trace::{Goal, Question, Tracer, Verdict};

/// What the gates of these switches could not find out. No calls where there is no
/// gate.
pub async fn unreadable(
    aws: &Aws,
    place: &Place,
    caller: &Caller,
    switches: &[Switch],
    facts: &BTreeMap<Address, Attributes>,
) -> Vec<Finding> {
    let gated: Vec<&Switch> = switches.iter().filter(|it| it.is_gated()).collect();
    let ids = Ids(facts);
    let mut whole = Area::default();
    for area in gated.iter().map(|switch| area(switch, &ids)) {
        whole.subnets.extend(area.subnets);
        whole.instances.extend(area.instances);
        whole.buckets.extend(area.buckets);
    }
    if whole == Area::default() {
        return Vec::new();
    }
    let read = survey(aws, place, &whole).await;
    let reasons = |switch: &Switch| match &read {
        Ok(network) => gaps(network, switch, &ids),
        // What is told of the permissions says it.
        Err(error) if error.is_expired() => BTreeSet::new(),
        Err(error) => BTreeSet::from([format!("the live network cannot be read: {error}")]),
    };
    let each = gated.into_iter().flat_map(|switch| {
        reasons(switch).into_iter().map(move |cause| Finding {
            severity: Severity::Warning,
            check: Check::Way,
            addresses: vec![switch.old.clone()],
            problem: format!(
                "whether the way by {} works cannot be found out, so {} would stay",
                switch.new, switch.old
            ),
            cause: Some(cause),
            remedy: Some(format!(
                "let {} read it; or, with --no-verify, nobody is asked and {} goes regardless",
                caller.arn, switch.old
            )),
        })
    });
    each.collect()
}

/// What could not be read of what a switch's gate reads.
fn gaps(network: &Network, switch: &Switch, ids: &Ids<'_>) -> BTreeSet<String> {
    let tracer = Tracer::new(network);
    let mut found = BTreeSet::new();
    for (from, origin, bucket) in ends(switch, ids) {
        let vpc = network.vpc_of(origin);
        let unread = vpc.and_then(|vpc| network.unread.get(vpc));
        // By the way as it is now: what hides this one hides the next one too.
        let question = Question::new(origin_of(from, origin), Goal::Bucket(bucket.to_owned()));
        match (unread, tracer.trace(&question).verdict) {
            (Some(reasons), _) => found.extend(reasons.split("; ").map(str::to_owned)),
            (None, Verdict::Unknown(why)) => found.extend(why),
            (None, _) => {}
        }
    }
    found
}
