//! How ways change and which traps are there, for programs.

use serde_json::{Value, json};

use super::trace_price;
use crate::trace::{Passage, PathChange, Trap, TrapKind, Works};

/// The ways that change.
#[must_use]
pub fn changes(changes: &[PathChange], region: &str) -> Value {
    let each = changes.iter().map(|change| {
        json!({
            "from": change.from,
            "to": change.to,
            "before": passage(change.before.as_ref(), region),
            "after": passage(change.after.as_ref(), region),
            "breaks_connections": change.breaks_connections(),
        })
    });
    each.collect()
}

fn passage(passage: Option<&Passage>, region: &str) -> Value {
    let Some(passage) = passage else {
        return Value::Null;
    };
    let (works, why) = match &passage.works {
        Works::Yes => ("yes", None),
        Works::No(why) => ("no", Some(why)),
        Works::Unknown(why) => ("unknown", Some(why)),
    };
    let door = passage.door.as_ref();
    let price = door.and_then(|door| trace_price::per_gb(door, region));
    json!({
        "reachable": works,
        "why": why,
        "door": door.map(|door| json!({ "kind": door.kind(), "name": door.key() })),
        "by_endpoint_name": passage.by_endpoint_name,
        "usd_per_gb": price.map(|price| price.to_string()),
    })
}

/// The traps.
#[must_use]
pub fn traps(traps: &[Trap]) -> Value {
    let each = traps.iter().map(|trap| {
        json!({
            "trap": name(trap.kind),
            "problem": trap.problem,
            "remedy": trap.remedy,
            "address": trap.spot.as_ref().map(|spot| &spot.address),
        })
    });
    each.collect()
}

const fn name(kind: TrapKind) -> &'static str {
    match kind {
        TrapKind::S3ByNat => "s3_by_nat",
        TrapKind::NobodysEndpoint => "nobodys_endpoint",
        TrapKind::ZoneWithoutWildcard => "zone_without_wildcard",
        TrapKind::ShadowedZone => "shadowed_zone",
        TrapKind::ZoneNotAsked => "zone_not_asked",
        TrapKind::RepositoriesBlocked => "repositories_blocked",
        TrapKind::SystemsManagerBlocked => "systems_manager_blocked",
    }
}
