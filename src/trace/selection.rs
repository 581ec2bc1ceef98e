//! Which things of a network a person means: `instance.one`, `subnet-0a1b…`,
//! `s3://my-data`, `ssm`, `instance.*`.
//!
//! ```text
//!  text ─► an address ─► an AWS id ─► s3://name ─► a service ─► Unfound
//!          (or a `*`)                                          what there is
//! ```

use std::collections::BTreeSet;

use super::question::{Goal, Origin};
use crate::model::diagnostic::did_you_mean;
use crate::model::network::{Key, Network, short_service};
use crate::model::pattern::fits;
use crate::model::services;

/// How many names a remedy lists.
const LISTED: usize = 12;

/// A text that names nothing of a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct Unfound {
    /// What is the matter, as a sentence fragment.
    pub problem: String,
    /// What the user may have meant, or what there is.
    pub remedy: String,
}

/// Every instance and every subnet.
#[must_use]
pub fn all_origins(network: &Network) -> Vec<Origin> {
    let instances = network.instances.keys().cloned().map(Origin::Instance);
    let subnets = network.subnets.keys().cloned().map(Origin::Subnet);
    instances.chain(subnets).collect()
}

/// Every bucket, and every service that has an endpoint; S3 itself only where
/// there is no bucket.
#[must_use]
pub fn all_goals(network: &Network) -> Vec<Goal> {
    let services = services_with_endpoints(network);
    let no_bucket = network.buckets.is_empty();
    let services = services.into_iter().filter(|it| it != "s3" || no_bucket);
    let buckets = network.buckets.keys().cloned().map(Goal::Bucket);
    buckets.chain(services.map(Goal::Service)).collect()
}

/// The origins that a text names: one by its address, its name or its AWS id,
/// several with `*`, a VPC's by the VPC.
///
/// # Errors
/// [`Unfound`] where there is none.
pub fn origins(network: &Network, text: &str) -> Result<Vec<Origin>, Unfound> {
    let all = all_origins(network);
    let named = |origin: &&Origin| names(network, origin_key(origin), text);
    let found: Vec<_> = all.iter().filter(named).cloned().collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let vpcs = network.vpcs.keys().filter(|key| names(network, key, text));
    let vpcs: BTreeSet<_> = vpcs.collect();
    let inside = |origin: &&Origin| {
        let subnet = match origin {
            Origin::Subnet(key) => network.subnets.get(key),
            Origin::Instance(key) => {
                let instance = network.instances.get(key);
                instance.and_then(|it| network.subnets.get(&it.subnet))
            }
        };
        subnet.is_some_and(|it| vpcs.contains(&it.vpc))
    };
    let found: Vec<_> = all.iter().filter(inside).cloned().collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let labels = all.iter().map(|it| network.label(origin_key(it)));
    Err(unfound(
        format!("no instance and no subnet is called `{text}`"),
        text,
        labels.collect(),
        "there is no instance and no subnet in this network",
    ))
}

/// The goals that a text names: a bucket by its address, its name or `s3://name`,
/// several with `*`, or a service.
///
/// # Errors
/// [`Unfound`] where there is none. Any bucket may be named by `s3://name`, and
/// any service by its whole name, `com.amazonaws.<region>.<service>`.
pub fn goals(network: &Network, text: &str) -> Result<Vec<Goal>, Unfound> {
    if let Some(name) = text.strip_prefix("s3://") {
        let name = name.trim_end_matches('/');
        return match name {
            "" => Err(no_bucket_name(text)),
            _ if name.contains('/') => Err(no_bucket_name(text)),
            _ => Ok(vec![Goal::Bucket(bucket_called(network, name))]),
        };
    }
    let buckets = network.buckets.iter();
    let named = buckets.filter(|(key, bucket)| names(network, key, text) || bucket.name == text);
    let found: Vec<_> = named.map(|(key, _)| Goal::Bucket(key.clone())).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let short = short_service(text);
    let with_endpoints = services_with_endpoints(network);
    let known = short != text || services::KNOWN.contains(&text) || with_endpoints.contains(text);
    if known && !short.is_empty() {
        return Ok(vec![Goal::Service(short.to_owned())]);
    }
    let of_pattern = all_goals(network).into_iter();
    let of_pattern = of_pattern.filter(|goal| match goal {
        Goal::Bucket(_) => false,
        Goal::Service(name) => text.contains('*') && fits(text, name),
    });
    let found: Vec<_> = of_pattern.collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let labels = network.buckets.keys().map(|key| network.label(key));
    let labels: Vec<_> = labels
        .chain(with_endpoints.iter().map(String::as_str))
        .collect();
    if let Some(near) = did_you_mean(text, services::KNOWN.iter().copied())
        && did_you_mean(text, labels.iter().copied()).is_none()
    {
        return Err(Unfound {
            problem: nothing_called(text),
            remedy: format!("did you mean the service `{near}`?"),
        });
    }
    let mut unfound = unfound(
        nothing_called(text),
        text,
        labels,
        "this network has no bucket and no endpoint",
    );
    if !unfound.remedy.ends_with('?') {
        unfound.remedy.push_str(
            "; any other bucket is s3://NAME, any other service its whole name, such as \
             com.amazonaws.eu-west-1.ssm",
        );
    }
    Err(unfound)
}

/// Whether a text holds a `*`, and so may name several things.
#[must_use]
pub fn is_pattern(text: &str) -> bool {
    text.contains('*')
}

/// The key of the role that a text names, or the ARN that it is.
///
/// # Errors
/// [`Unfound`] where there is none.
pub fn role(network: &Network, text: &str) -> Result<Key, Unfound> {
    if text.starts_with("arn:") {
        return Ok(text.to_owned());
    }
    let mut roles = network.roles.keys();
    if let Some(key) = roles.find(|key| names(network, key, text)) {
        return Ok(key.clone());
    }
    let labels = network.roles.keys().map(|key| network.label(key));
    Err(unfound(
        format!("no role is called `{text}`"),
        text,
        labels.collect(),
        "this network has no role: name one by its ARN",
    ))
}

fn origin_key(origin: &Origin) -> &Key {
    match origin {
        Origin::Subnet(key) | Origin::Instance(key) => key,
    }
}

/// The key of a bucket by its name; the name itself where it is somebody else's.
fn bucket_called(network: &Network, name: &str) -> Key {
    let mut buckets = network.buckets.iter();
    let found = buckets.find(|(_, bucket)| bucket.name == name);
    found.map_or_else(|| name.to_owned(), |(key, _)| key.clone())
}

fn services_with_endpoints(network: &Network) -> BTreeSet<String> {
    let gateways = network.gateway_endpoints.values().map(|it| &it.service);
    let interfaces = network.interface_endpoints.values().map(|it| &it.service);
    let all = gateways.chain(interfaces);
    all.map(|it| short_service(it).to_owned()).collect()
}

/// Whether a text is what people call a thing. A look-up need not be called
/// `existing.`.
fn names(network: &Network, key: &str, text: &str) -> bool {
    let label = network.label(key);
    let plain = label.strip_prefix("existing.").unwrap_or(label);
    [key, label, plain].iter().any(|it| match is_pattern(text) {
        true => fits(text, it),
        false => *it == text,
    })
}

fn nothing_called(text: &str) -> String {
    format!("no bucket and no service is called `{text}`")
}

fn no_bucket_name(text: &str) -> Unfound {
    Unfound {
        problem: format!("`{text}` is no bucket"),
        remedy: "write s3://NAME, and the object with --object KEY".to_owned(),
    }
}

fn unfound(problem: String, text: &str, labels: Vec<&str>, nothing: &str) -> Unfound {
    let remedy = if let Some(near) = did_you_mean(text, labels.iter().copied()) {
        format!("did you mean `{near}`?")
    } else if labels.is_empty() {
        nothing.to_owned()
    } else {
        let more = labels.len().saturating_sub(LISTED);
        let listed: Vec<_> = labels.into_iter().take(LISTED).collect();
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("there is {}{more}", listed.join(", "))
    };
    Unfound { problem, remedy }
}

#[cfg(test)]
mod tests;
