//! What is learned later: something definite in the place of one thing that a
//! network does not know.

use proptest::sample::Index;
use s3net::model::network::{Known, Network, PublicAccessBlock, PublicAddress};
use s3net::model::{Value, policy};

type Change = Box<dyn Fn(&mut Network)>;

/// Puts something definite in the place of one thing that is not known; false
/// where all is known.
pub fn refine(network: &mut Network, at: Index, to: Index) -> bool {
    let mut changes: Vec<Change> = Vec::new();
    of_policies(network, to, &mut changes);
    of_buckets(network, to, &mut changes);
    of_addresses(network, to, &mut changes);
    for (key, instance) in &network.instances {
        if instance.role.get().is_none() {
            let role = ["r".to_owned()].get(to.index(2)).cloned();
            let key = key.clone();
            changes.push(Box::new(move |it| {
                it.instances.get_mut(&key).unwrap().role = Known::Is(role.clone());
            }));
        }
    }
    if changes.is_empty() {
        return false;
    }
    changes[at.index(changes.len())](network);
    true
}

/// No document, one that allows everything, or one that allows nothing.
fn document(to: Index) -> Option<Value> {
    match to.index(3) {
        0 => None,
        1 => Some(policy::document(vec![policy::allow_everything()])),
        _ => Some(policy::document(Vec::new())),
    }
}

fn of_policies(network: &Network, to: Index, changes: &mut Vec<Change>) {
    for (key, endpoint) in &network.gateway_endpoints {
        if endpoint.policy.get().is_none() {
            let key = key.clone();
            changes.push(Box::new(move |it| {
                it.gateway_endpoints.get_mut(&key).unwrap().policy = Known::Is(document(to));
            }));
        }
    }
    for (key, endpoint) in &network.interface_endpoints {
        if endpoint.policy.get().is_none() {
            let key = key.clone();
            changes.push(Box::new(move |it| {
                it.interface_endpoints.get_mut(&key).unwrap().policy = Known::Is(document(to));
            }));
        }
    }
    for (key, role) in &network.roles {
        for (at, policy) in role.policies.iter().chain(&role.boundary).enumerate() {
            if policy.document.get().is_none() {
                let key = key.clone();
                changes.push(Box::new(move |it| {
                    let role = it.roles.get_mut(&key).unwrap();
                    let mut policies = role.policies.iter_mut().chain(&mut role.boundary);
                    let own = document(to).unwrap_or_else(|| policy::document(Vec::new()));
                    policies.nth(at).unwrap().document = Known::Is(own);
                }));
            }
        }
    }
}

fn of_buckets(network: &Network, to: Index, changes: &mut Vec<Change>) {
    for (key, bucket) in &network.buckets {
        let with = |change: fn(&mut s3net::model::network::Bucket, Index)| -> Change {
            let key = key.clone();
            Box::new(move |it| change(it.buckets.get_mut(&key).unwrap(), to))
        };
        if bucket.policy.document.get().is_none() {
            changes.push(with(|it, to| it.policy.document = Known::Is(document(to))));
        }
        if bucket.block.get().is_none() {
            changes.push(with(|it, to| {
                it.block = Known::Is(PublicAccessBlock {
                    restrict_public_buckets: to.index(2) == 0,
                    ..PublicAccessBlock::default()
                });
            }));
        }
        if bucket.account.get().is_none() {
            changes.push(with(|it, to| {
                let account = ["123456789012", "999999999999"][to.index(2)];
                it.account = Known::Is(account.to_owned());
            }));
        }
    }
}

fn of_addresses(network: &Network, to: Index, changes: &mut Vec<Change>) {
    for (key, nat) in &network.nat_gateways {
        if nat.address == PublicAddress::Some {
            let (key, address) = (key.clone(), [203, 0, 113, [7, 8][to.index(2)]].into());
            changes.push(Box::new(move |it| {
                it.nat_gateways.get_mut(&key).unwrap().address = PublicAddress::Is(address);
            }));
        }
    }
    let host_of = |subnet: &str| {
        let hosts: Vec<_> = network.subnets.get(subnet)?.block.hosts().collect();
        hosts.get(to.index(hosts.len())).copied()
    };
    for (key, instance) in &network.instances {
        if instance.public_address == PublicAddress::Some {
            let key = key.clone();
            changes.push(Box::new(move |it| {
                let address = PublicAddress::Is([198, 51, 100, 7].into());
                it.instances.get_mut(&key).unwrap().public_address = address;
            }));
        }
        if let (None, Some(host)) = (instance.private_address, host_of(&instance.subnet)) {
            let key = key.clone();
            changes.push(Box::new(move |it| {
                it.instances.get_mut(&key).unwrap().private_address = Some(host);
            }));
        }
    }
    for (key, endpoint) in &network.interface_endpoints {
        for (subnet, address) in &endpoint.subnets {
            if let (None, Some(host)) = (address, host_of(subnet)) {
                let (key, subnet) = (key.clone(), subnet.clone());
                changes.push(Box::new(move |it| {
                    let endpoint = it.interface_endpoints.get_mut(&key).unwrap();
                    endpoint.subnets.insert(subnet.clone(), Some(host));
                }));
            }
        }
    }
}
