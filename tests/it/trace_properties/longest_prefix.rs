//! A reference for the choice of routes: every interesting address is tried one
//! by one, by the rule as the VPC guide words it.

use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};
use s3net::model::network::{Destination, Network, RouteTable, Via};

/// Where an address is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    Local,
    Gateway(String),
    Via(Via, bool),
    Nowhere,
}

/// Where a table sends the addresses of some blocks: each place once. Nothing
/// where two routes of one rank claim the same block, which AWS refuses, or a
/// list is not known.
pub fn ways(
    network: &Network,
    (key, table): (&str, &RouteTable),
    service: &str,
    blocks: &[Ipv4Net],
) -> Option<Vec<Next>> {
    // Every claim with its rank: static, of a list, propagated.
    let mut claims: Vec<(Ipv4Net, u8, Next)> = Vec::new();
    for block in network
        .vpcs
        .get(&table.vpc)
        .iter()
        .flat_map(|it| &it.blocks)
    {
        claims.push((*block, 0, Next::Local));
    }
    for route in &table.routes {
        let next = match route.via {
            Via::Local => Next::Local,
            _ => Next::Via(route.via.clone(), route.blackhole),
        };
        let rank = if route.propagated { 2 } else { 0 };
        match &route.to {
            Destination::Block(IpNet::V4(block)) => claims.push((*block, rank, next)),
            Destination::Block(IpNet::V6(_)) => {}
            Destination::PrefixList(_) => return None,
        }
    }
    for (endpoint, it) in &network.gateway_endpoints {
        if it.service == service && it.route_tables.contains(key) {
            let next = Next::Gateway(endpoint.clone());
            claims.extend(blocks.iter().map(|block| (*block, 1, next.clone())));
        }
    }
    for (at, (block, rank, next)) in claims.iter().enumerate() {
        let twin = |(other, other_rank, other_next): &&(Ipv4Net, u8, Next)| {
            other == block && other_rank == rank && other_next != next
        };
        if claims[..at].iter().any(|it| twin(&it)) {
            return None;
        }
    }
    let mut found: Vec<Next> = Vec::new();
    for address in samples(blocks, &claims) {
        let fitting = claims.iter().filter(|(block, ..)| block.contains(&address));
        let best = fitting.max_by_key(|(block, rank, _)| (block.prefix_len(), 9 - rank));
        let next = best.map_or(Next::Nowhere, |(.., next)| next.clone());
        if !found.contains(&next) {
            found.push(next);
        }
    }
    Some(found)
}

/// The edges of every block and of every claim inside one, and a middle.
fn samples(blocks: &[Ipv4Net], claims: &[(Ipv4Net, u8, Next)]) -> Vec<Ipv4Addr> {
    let mut found = Vec::new();
    for block in blocks {
        let (first, last) = (u32::from(block.network()), u32::from(block.broadcast()));
        found.extend([first, last, first + (last - first) / 2]);
        for (claim, ..) in claims.iter().filter(|(claim, ..)| block.contains(claim)) {
            let (from, to) = (u32::from(claim.network()), u32::from(claim.broadcast()));
            found.extend([from, to, from.saturating_sub(1), to.saturating_add(1)]);
        }
        found.retain(|it| {
            blocks
                .iter()
                .any(|block| block.contains(&Ipv4Addr::from(*it)))
        });
    }
    found.into_iter().map(Ipv4Addr::from).collect()
}
