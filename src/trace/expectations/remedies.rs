//! The smallest change that would make an expectation hold, where there is one.
//!
//! A way is turned by the table that steers its subnet, or by the name that is
//! called: those two are looked at.

use super::super::question::{Goal, Naming, Origin};
use super::super::verdict::{Door, Trace, Verdict};
use super::{Asking, Miss, Outcome, judge};
use crate::model::Expectation;
use crate::model::expectation::Doorway;

impl Asking<'_> {
    /// What to change, as a sentence fragment.
    pub(super) fn remedy(
        &self,
        expectation: &Expectation,
        trace: &Trace,
        outcome: &Outcome,
    ) -> Option<String> {
        let Outcome::Broken(misses) = outcome else {
            return None;
        };
        // What leads the way wrong comes before what stops it there.
        if misses.contains(&Miss::OtherDoor) {
            return self.to_door(expectation, trace);
        }
        let way_out = matches!(
            trace.door(),
            Some(Door::NatGateway(_) | Door::InternetGateway(_))
        );
        if misses.contains(&Miss::Public) || (misses.contains(&Miss::ForbiddenDoor) && way_out) {
            return self.to_some_endpoint(trace);
        }
        if misses.contains(&Miss::ForbiddenDoor) || misses.contains(&Miss::Reached) {
            return self.away_from(trace);
        }
        match &trace.verdict {
            Verdict::Blocked(block) => block.remedy.clone(),
            _ => None,
        }
    }

    /// What would lead to the first door that is wished for.
    fn to_door(&self, expectation: &Expectation, trace: &Trace) -> Option<String> {
        let network = self.tracer.network();
        let wish = expectation.via.first()?;
        let door = trace.door()?;
        match wish.kind() {
            "interface_endpoint" => {
                let mut question = trace.question.clone();
                question.naming = Naming::Endpoint;
                let own = self.tracer.trace(&question);
                let by_own_name = expectation.naming.is_none()
                    && judge(expectation, network, &own) == Outcome::Met;
                let private_dns = match wish {
                    Doorway::One(address) => format!("set `private_dns = true` on {address}"),
                    Doorway::Kind(_) => "set `private_dns = true` on one".to_owned(),
                };
                Some(match by_own_name {
                    true => format!(
                        "{private_dns}, or expect it by the endpoint's own name with \
                         `name = \"endpoint\"`"
                    ),
                    false => private_dns,
                })
            }
            // A private name leads to an interface endpoint whatever the routes are;
            // its own name is only called where the usual one leads nowhere.
            _ if matches!(door, Door::InterfaceEndpoint(_)) && trace.instead_of.is_none() => {
                Some(format!(
                    "call it by a name that does not lead to {}, or set `private_dns = false` there \
                 and remove private zones for it",
                    network.label(door.key())
                ))
            }
            "gateway_endpoint" => {
                let endpoint = match wish {
                    Doorway::One(address) => address.to_string(),
                    Doorway::Kind(_) => "a gateway endpoint".to_owned(),
                };
                Some(match self.table(trace)? {
                    Table::Own(table) => format!("add {table} to `route_tables` of {endpoint}"),
                    Table::Main(subnet) => format!(
                        "give {subnet} a route table, and add that to `route_tables` of {endpoint}"
                    ),
                })
            }
            _ if matches!(door, Door::GatewayEndpoint(_)) => self.away_from(trace),
            _ => match (self.table(trace)?, wish) {
                (Table::Own(table), Doorway::One(address)) => {
                    Some(format!("point the default route of {table} to {address}"))
                }
                _ => None,
            },
        }
    }

    /// What would keep it off public addresses.
    fn to_some_endpoint(&self, trace: &Trace) -> Option<String> {
        let network = self.tracer.network();
        if matches!(trace.question.to, Goal::Service(_)) {
            return Some("add an interface endpoint for the service, with private DNS".to_owned());
        }
        let mut endpoints = network.gateway_endpoints.iter();
        let endpoint = endpoints.find(|(_, it)| it.service.ends_with(".s3"));
        Some(match (self.table(trace)?, endpoint) {
            (Table::Own(table), Some((key, _))) => {
                format!("add {table} to `route_tables` of {}", network.label(key))
            }
            (Table::Own(table), None) => {
                format!("add a gateway endpoint for s3 with {table} in `route_tables`")
            }
            (Table::Main(subnet), _) => format!(
                "give {subnet} a route table, and a gateway endpoint that table in `route_tables`"
            ),
        })
    }

    /// What would close the way by the door that it takes.
    fn away_from(&self, trace: &Trace) -> Option<String> {
        let door = trace.door()?;
        let label = self.tracer.network().label(door.key());
        let Table::Own(table) = self.table(trace)? else {
            return None;
        };
        match door {
            Door::GatewayEndpoint(_) => {
                Some(format!("take {table} out of `route_tables` of {label}"))
            }
            Door::NatGateway(_) | Door::InternetGateway(_) => {
                Some(format!("remove the route of {table} to {label}"))
            }
            Door::InterfaceEndpoint(_) | Door::Other(_) => None,
        }
    }

    /// The table that steers the origin's subnet.
    fn table(&self, trace: &Trace) -> Option<Table> {
        let network = self.tracer.network();
        let key = match &trace.question.from {
            Origin::Subnet(key) => key,
            Origin::Instance(key) => &network.instances.get(key)?.subnet,
        };
        let subnet = network.subnets.get(key)?;
        Some(match &subnet.route_table {
            Some(table) => Table::Own(network.label(table).to_owned()),
            None => Table::Main(network.label(key).to_owned()),
        })
    }
}

/// Which table steers a subnet.
enum Table {
    /// Its own, by what it is called.
    Own(String),
    /// The VPC's main one; what the subnet is called.
    Main(String),
}
