//! Where routes go to and by what: not a kind, but what `route_table` and
//! `route` both need to know of the form of routes.
//!
//! AWS has a parameter of its own for each sort of destination and target, and
//! shows routes that are not ours to manage beside those that are:
//!
//! | AWS shows                                   | whose                          |
//! |---------------------------------------------|--------------------------------|
//! | gateway `local`, origin `CreateRouteTable`  | AWS's, cannot be deleted       |
//! | origin `EnableVgwRoutePropagation`          | a virtual private gateway's    |
//! | gateway `vpce-…`                            | an endpoint's                  |
//! | gateway `VpcLattice`, owner `amazon-…`      | an AWS service's               |
//! | everything else                             | ours, or foreign               |

use aws_sdk_ec2::types::{Route, RouteOrigin, RouteState};
use ipnet::IpNet;

use crate::aws::CallError;
use crate::kind::Type;

/// What a route's `via` may hold.
pub(super) const VIA: Type =
    Type::reference(&["internet_gateway", "nat_gateway", "instance"], LITERAL);

/// The prefixes of the ids that a route can go by.
pub(super) const LITERAL: &[&str] = &["igw-", "nat-", "i-", "eni-", "vgw-", "tgw-", "pcx-"];

/// The ending by which a target says that it leads nowhere.
pub(super) const BLACK_HOLE: &str = " (black hole)";

/// Why a text is no destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoDestination {
    /// It is a block with host bits set; this is the one that it lies in.
    HostBits(IpNet),
    /// It is neither a block nor a prefix list.
    Nonsense,
}

/// A route's destination in the form in which AWS shows it.
pub(super) fn canonical(text: &str) -> Result<String, NoDestination> {
    if text.starts_with("pl-") {
        return Ok(text.to_owned());
    }
    let block: IpNet = text.parse().map_err(|_| NoDestination::Nonsense)?;
    if block.trunc() == block {
        Ok(block.to_string())
    } else {
        Err(NoDestination::HostBits(block.trunc()))
    }
}

/// A destination, by the parameter that AWS takes it in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Destination {
    pub ipv4: Option<String>,
    pub ipv6: Option<String>,
    pub prefix_list: Option<String>,
}

impl Destination {
    pub(super) fn of(to: &str) -> Self {
        let text = Some(to.to_owned());
        if to.starts_with("pl-") {
            Self {
                prefix_list: text,
                ..Self::default()
            }
        } else if to.contains(':') {
            Self {
                ipv6: text,
                ..Self::default()
            }
        } else {
            Self {
                ipv4: text,
                ..Self::default()
            }
        }
    }
}

/// A target, by the parameter that AWS takes it in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Target {
    /// An internet gateway or a virtual private gateway.
    pub gateway: Option<String>,
    pub nat_gateway: Option<String>,
    pub instance: Option<String>,
    pub network_interface: Option<String>,
    pub transit_gateway: Option<String>,
    pub peering: Option<String>,
}

impl Target {
    /// The target that an id names.
    pub(super) fn of(via: &str) -> Result<Self, CallError> {
        let mut target = Self::default();
        let place = match via.split_once('-').map(|(prefix, _)| prefix) {
            Some("igw" | "vgw") => &mut target.gateway,
            Some("nat") => &mut target.nat_gateway,
            Some("i") => &mut target.instance,
            Some("eni") => &mut target.network_interface,
            Some("tgw") => &mut target.transit_gateway,
            Some("pcx") => &mut target.peering,
            _ => {
                let text = format!("`{via}` is nothing that a route can go by");
                return Err(CallError::internal(text));
            }
        };
        *place = Some(via.to_owned());
        Ok(target)
    }
}

/// A route of ours as AWS shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// The destination in canonical form.
    pub to: String,
    /// The ids of its target: an instance is shown with its network interface.
    targets: Vec<String>,
    /// Whether it leads anywhere.
    pub active: bool,
}

impl Shown {
    /// Reads a route, unless it is not ours to manage.
    pub(super) fn read(route: &Route) -> Option<Self> {
        let made_by_us = matches!(route.origin(), None | Some(RouteOrigin::CreateRoute));
        let of_a_service = route.gateway_id().is_some_and(|gateway| {
            gateway == "local" || gateway == "VpcLattice" || gateway.starts_with("vpce-")
        });
        let of_amazon = route
            .instance_owner_id()
            .is_some_and(|owner| owner.starts_with("amazon"));
        if !made_by_us || of_a_service || of_amazon {
            return None;
        }
        let to = route
            .destination_cidr_block()
            .or(route.destination_ipv6_cidr_block())
            .or(route.destination_prefix_list_id())?;
        let targets = [
            route.gateway_id(),
            route.nat_gateway_id(),
            route.instance_id(),
            route.network_interface_id(),
            route.transit_gateway_id(),
            route.vpc_peering_connection_id(),
            route.egress_only_internet_gateway_id(),
            route.local_gateway_id(),
            route.carrier_gateway_id(),
            route.core_network_arn(),
        ];
        Some(Self {
            to: canonical(to).unwrap_or_else(|_| to.to_owned()),
            targets: targets
                .into_iter()
                .flatten()
                .filter(|id| !id.is_empty())
                .map(str::to_owned)
                .collect(),
            active: route.state() != Some(&RouteState::Blackhole),
        })
    }

    /// Whether this id is the target, or stands behind it.
    pub(super) fn goes_via(&self, id: &str) -> bool {
        self.targets.iter().any(|target| target == id)
    }

    /// The target's id: the wanted one where it is among those shown. A route
    /// that leads nowhere is not as anyone wants it, and says so.
    pub(super) fn via(&self, wanted: Option<&str>) -> String {
        let id = wanted
            .filter(|wanted| self.goes_via(wanted))
            .or(self.targets.first().map(String::as_str))
            .unwrap_or("something that is gone");
        match self.active {
            true => id.to_owned(),
            false => format!("{id}{BLACK_HOLE}"),
        }
    }
}

/// The destination and the endpoint of a route that goes by one. A gateway
/// endpoint's route comes and goes with the endpoint.
pub(super) fn of_endpoint(route: &Route) -> Option<(&str, &str)> {
    let endpoint = route.gateway_id().filter(|id| id.starts_with("vpce-"))?;
    let to = route
        .destination_prefix_list_id()
        .or(route.destination_cidr_block())
        .or(route.destination_ipv6_cidr_block())?;
    Some((to, endpoint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::builders::RouteBuilder;

    fn everywhere() -> RouteBuilder {
        Route::builder()
            .destination_cidr_block("0.0.0.0/0")
            .origin(RouteOrigin::CreateRoute)
            .state(RouteState::Active)
    }

    #[test]
    fn destinations_take_one_form() {
        assert_eq!(canonical("0.0.0.0/0").as_deref(), Ok("0.0.0.0/0"));
        assert_eq!(canonical("2001:DB8:0::/48").as_deref(), Ok("2001:db8::/48"));
        assert_eq!(canonical("pl-61a54008").as_deref(), Ok("pl-61a54008"));
        assert_eq!(
            canonical("10.0.1.0/8"),
            Err(NoDestination::HostBits("10.0.0.0/8".parse().unwrap()))
        );
        assert_eq!(canonical("everywhere"), Err(NoDestination::Nonsense));
    }

    #[test]
    fn each_destination_has_its_parameter() {
        assert_eq!(
            Destination::of("0.0.0.0/0").ipv4.as_deref(),
            Some("0.0.0.0/0")
        );
        assert_eq!(Destination::of("::/0").ipv6.as_deref(), Some("::/0"));
        assert_eq!(Destination::of("pl-1").prefix_list.as_deref(), Some("pl-1"));
    }

    #[test]
    fn each_target_has_its_parameter() {
        assert_eq!(
            Target::of("igw-1").unwrap().gateway.as_deref(),
            Some("igw-1")
        );
        assert_eq!(
            Target::of("vgw-1").unwrap().gateway.as_deref(),
            Some("vgw-1")
        );
        assert_eq!(Target::of("i-1").unwrap().instance.as_deref(), Some("i-1"));
        assert!(Target::of("vpce-1").is_err());
    }

    #[test]
    fn routes_of_others_are_left_alone() {
        let local = everywhere().gateway_id("local");
        let born = everywhere()
            .gateway_id("igw-1")
            .origin(RouteOrigin::CreateRouteTable);
        let propagated = everywhere()
            .gateway_id("vgw-1")
            .origin(RouteOrigin::EnableVgwRoutePropagation);
        let endpoint = Route::builder()
            .destination_prefix_list_id("pl-61a54008")
            .origin(RouteOrigin::CreateRoute)
            .gateway_id("vpce-1");
        let lattice = everywhere().gateway_id("VpcLattice");
        let service = everywhere()
            .network_interface_id("eni-1")
            .instance_owner_id("amazon-aws");
        for route in [local, born, propagated, endpoint, lattice, service] {
            assert_eq!(Shown::read(&route.build()), None);
        }
    }

    #[test]
    fn an_instance_and_its_interface_are_one_target() {
        let route = everywhere()
            .instance_id("i-1")
            .network_interface_id("eni-1")
            .instance_owner_id("123456789012");
        let shown = Shown::read(&route.build()).unwrap();
        assert_eq!(shown.via(None), "i-1");
        assert_eq!(shown.via(Some("eni-1")), "eni-1");
        assert_eq!(shown.via(Some("igw-1")), "i-1");
    }

    #[test]
    fn a_black_hole_is_never_as_wanted() {
        let route = everywhere()
            .nat_gateway_id("nat-1")
            .state(RouteState::Blackhole);
        let shown = Shown::read(&route.build()).unwrap();
        assert_eq!(shown.via(Some("nat-1")), "nat-1 (black hole)");
        let gone = everywhere().state(RouteState::Blackhole).build();
        assert_eq!(
            Shown::read(&gone).unwrap().via(None),
            "something that is gone (black hole)"
        );
    }
}
