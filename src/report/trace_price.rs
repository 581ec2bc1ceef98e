//! What a way costs, in words and in figures.

use super::trace_scene::Scene;
use crate::cost::{self, Price};
use crate::trace::{Door, Trace, Way};

/// The price of a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tariff {
    /// For a GB through the door; nothing where it is not known.
    pub per_gb: Option<Price>,
    /// For the door itself, an hour, and in each zone of an interface endpoint.
    pub per_hour: Option<Price>,
    /// Whether AWS charges transfer between regions on top.
    pub between_regions: bool,
}

/// What a trace's way costs; nothing where it takes none.
#[must_use]
pub fn tariff(trace: &Trace, scene: &Scene<'_>) -> Option<Tariff> {
    let Way { door, .. } = trace.way.as_ref()?;
    let region = &scene.network.place.region;
    let way = way(door);
    Some(Tariff {
        per_gb: per_gb(door, region),
        per_hour: way.and_then(|way| cost::per_hour(way, region)),
        between_regions: scene.is_elsewhere(&trace.question.to),
    })
}

/// A tariff as a sentence fragment.
#[must_use]
pub fn words(tariff: Tariff, door: &Door, region: &str) -> String {
    let Some(per_gb) = tariff.per_gb else {
        return match door {
            Door::Other(_) => "not known".to_owned(),
            _ => format!("not known for {region}"),
        };
    };
    let mut text = match per_gb {
        Price::FREE => "nothing per GB".to_owned(),
        price => format!("{price} USD per GB"),
    };
    if tariff.between_regions {
        text.push_str(", and AWS's transfer between regions");
    }
    match (tariff.per_hour, door) {
        (Some(Price::FREE) | None, _) => {}
        (Some(hour), Door::InterfaceEndpoint(_)) => {
            text.push_str(&format!("; the endpoint {hour} USD an hour in each zone"));
        }
        (Some(hour), _) => {
            text.push_str(&format!("; the {} {hour} USD an hour", door.noun()));
        }
    }
    text
}

/// A price per GB in a few letters: `0.062 USD/GB`, `0 USD/GB`.
#[must_use]
pub fn short(per_gb: Option<Price>) -> String {
    match per_gb {
        Some(price) => format!("{price} USD/GB"),
        None => "price not known".to_owned(),
    }
}

/// The price of a GB by a door to a bucket of the same region, where it is known.
#[must_use]
pub fn per_gb(door: &Door, region: &str) -> Option<Price> {
    cost::per_gb(way(door)?, region)
}

fn way(door: &Door) -> Option<cost::Way> {
    match door {
        Door::InternetGateway(_) => Some(cost::Way::InternetGateway),
        Door::NatGateway(_) => Some(cost::Way::NatGateway),
        Door::GatewayEndpoint(_) => Some(cost::Way::GatewayEndpoint),
        Door::InterfaceEndpoint(_) => Some(cost::Way::InterfaceEndpoint),
        Door::Other(_) => None,
    }
}
