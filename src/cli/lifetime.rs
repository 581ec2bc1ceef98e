//! What the planner is told of a stack's lifetime: how long, what time it is,
//! and whether it is to begin anew.

use jiff::Timestamp;

use super::arguments::Target;
use super::problem::Problem;
use crate::config::Desired;
use crate::plan::{Ending, LifetimeWish};

/// With --local alone: what time it is to be, so that the end of a lifetime can
/// be rehearsed without waiting for it.
const NOW: &str = "S3NET_NOW";

/// What the file and the command line say of the stack's lifetime.
///
/// # Errors
/// A lifetime that the file does not state is to be renewed.
pub fn wish(desired: &Desired, target: &Target, ending: Ending) -> Result<LifetimeWish, Problem> {
    if ending == Ending::Anew && desired.ttl.is_none() {
        return Err(
            Problem::new("there is no lifetime to renew: the file states no `ttl`")
                .remedy("add `ttl = \"8h\"` under [stack], or leave --renew out"),
        );
    }
    Ok(LifetimeWish {
        ttl: desired.ttl,
        now: now(target),
        ending,
    })
}

/// What time it is, in whole seconds as the tag has them: what begins now has its
/// full length left.
fn now(target: &Target) -> Timestamp {
    let stated = std::env::var(NOW).ok().filter(|_| target.local);
    let stated = stated.and_then(|text| text.parse().ok());
    let now = stated.unwrap_or_else(Timestamp::now);
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
