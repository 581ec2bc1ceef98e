//! Which live routes are ours.
//!
//! A route has no tags. In a table of ours it is ours where the file wants one
//! to its destination, or where the state remembers that we made it. Any other
//! is somebody else's, and so is the route of an endpoint that is not ours.

use std::collections::BTreeSet;

use super::super::route_target::{Shown, of_endpoint};
use super::id_of;
use crate::aws::CallError;
use crate::aws::reads::address_of;
use crate::kind::{Foreign, Live, Scope};
use crate::model::{Address, Attributes};

pub(super) async fn find(scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
    let (tables, endpoints) = tokio::try_join!(
        scope.shared.route_tables(scope.aws, scope.stack),
        scope.shared.vpc_endpoints(scope.aws, scope.stack),
    )?;
    let endpoints: BTreeSet<&str> = endpoints
        .iter()
        .filter_map(|endpoint| endpoint.vpc_endpoint_id())
        .collect();
    let mut found = Vec::new();
    for table in tables.iter() {
        let (Some(address), Some(id)) = (address_of(table.tags()), table.route_table_id()) else {
            continue;
        };
        for route in table.routes() {
            if let Some(shown) = Shown::read(route) {
                found.push(live(scope, &address, id, &shown));
            } else if let Some((to, endpoint)) = of_endpoint(route)
                && !endpoints.contains(endpoint)
            {
                let owner = format!("endpoint {endpoint}, which is not this stack's");
                let what = Foreign::new(&address, "route", format!("{to} via {endpoint}"));
                let foreign = Live::foreign(id_of(id, to), what.owned_by(Some(owner)));
                found.push(foreign.showing(said(id, to, endpoint)));
            }
        }
    }
    Ok(found)
}

fn live(scope: &Scope<'_>, table: &Address, table_id: &str, shown: &Shown) -> Live {
    let address = table.part("route", &shown.to);
    let id = id_of(table_id, &shown.to);
    let Some(wanted) = scope.wanted.get(&address) else {
        if !scope.remembers("route_table", "route", &id) {
            let what = format!("{} via {}", shown.to, shown.via(None));
            let foreign = Live::foreign(id, Foreign::new(table, "route", what));
            return foreign.showing(said(table_id, &shown.to, &shown.via(None)));
        }
        return keyed(address, id, table_id, shown, None);
    };
    keyed(address, id, table_id, shown, wanted.inputs.text("via"))
}

fn keyed(address: Address, id: String, table: &str, shown: &Shown, wanted: Option<&str>) -> Live {
    Live::keyed(address, id, said(table, &shown.to, &shown.via(wanted)))
}

fn said(table: &str, to: &str, via: &str) -> Attributes {
    Attributes::new()
        .with("route_table", table)
        .with("to", to)
        .with("via", via)
}
