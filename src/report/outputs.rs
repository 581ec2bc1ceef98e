//! What the user has in hand after apply: ids, addresses, and the command that
//! goes through an interface endpoint, ready to paste.
//!
//! Nothing here knows a kind: what is worth showing is told by the names of
//! attributes. A network is what has a block and lies in no other network.

use std::collections::BTreeMap;

use super::fitting::{columns, harmless, padded};
use super::style::{Ink, Style};
use crate::model::{Address, Attributes};

/// Attributes worth showing beside an id, in this order.
const WORTH: &[&str] = &["public_ip", "private_ip", "arn"];
/// The attribute of what S3 clients can be pointed at.
const URL: &str = "bucket_url";
/// How many nodes of one kind are shown.
const SHOWN: usize = 8;

/// A block of text about what there is now; empty where nothing is worth a word.
#[must_use]
pub fn outputs(facts: &BTreeMap<Address, Attributes>, region: &str, style: Style) -> String {
    // Networks come first, since all else lies in them.
    let mut kinds: BTreeMap<(bool, &str), Vec<(&Address, &Attributes)>> = BTreeMap::new();
    for (address, known) in facts {
        let is_table = address.part.is_none() && !address.existing;
        if is_table && known.text("id").is_some() && is_worth_showing(known) {
            kinds
                .entry((!is_network(known), &address.kind))
                .or_default()
                .push((address, known));
        }
    }
    if kinds.is_empty() {
        return String::new();
    }
    let shown = || kinds.values().flat_map(|nodes| nodes.iter().take(SHOWN));
    let widest = |of: &dyn Fn(&(&Address, &Attributes)) -> usize| shown().map(of).max();
    let names = widest(&|(address, _)| columns(&address.to_string())).unwrap_or(0);
    let ids = widest(&|(_, known)| known.text("id").map_or(0, columns)).unwrap_or(0);

    let mut text = format!("{}\n\n", style.paint(Ink::Strong, "What you can use now"));
    for ((_, kind), nodes) in &kinds {
        for (address, known) in nodes.iter().take(SHOWN) {
            text.push_str(&row(address, known, names, ids, style));
        }
        if nodes.len() > SHOWN {
            text.push_str(&format!("  and {} more of {kind}\n", nodes.len() - SHOWN));
        }
    }
    let bucket = bucket(facts);
    for (address, url) in urls(facts) {
        text.push_str(&format!(
            "\nThrough {address}, from inside its network:\n\n  \
             aws s3 ls s3://{bucket} --region {region} \\\n    --endpoint-url {}\n",
            harmless(url)
        ));
    }
    text
}

fn is_network(known: &Attributes) -> bool {
    known.text("cidr").is_some() && known.get("vpc").is_none()
}

fn is_worth_showing(known: &Attributes) -> bool {
    is_network(known)
        || known.text(URL).is_some()
        || WORTH.iter().any(|name| known.text(name).is_some())
}

/// A node's address, id and what else there is, where it fits on the line.
fn row(address: &Address, known: &Attributes, names: usize, ids: usize, style: Style) -> String {
    let id = known.text("id").unwrap_or_default();
    let start = format!("  {}  ", padded(&address.to_string(), names));
    let worth: Vec<_> = WORTH
        .iter()
        .filter_map(|name| {
            let value = known.text(name)?;
            let value = harmless(value);
            // An ARN says by itself what it is.
            Some(match *name {
                "arn" => value,
                name => format!("{} {value}", name.replace('_', " ")),
            })
        })
        .collect();
    let worth = worth.join(", ");
    if worth.is_empty() {
        return format!("{start}{}\n", harmless(id));
    }
    let with_id = format!("{start}{}  ", padded(&harmless(id), ids));
    if columns(&with_id) + columns(&worth) <= style.width {
        return format!("{with_id}{worth}\n");
    }
    format!(
        "{start}{}\n{}{worth}\n",
        harmless(id),
        " ".repeat(columns(&start))
    )
}

/// The name of the only bucket there is, or a word that stands for one.
fn bucket(facts: &BTreeMap<Address, Attributes>) -> String {
    let mut buckets = facts.values().filter_map(|known| {
        let arn = known.text("arn")?;
        let mut parts = arn.splitn(6, ':');
        (parts.nth(2) == Some("s3")).then(|| parts.nth(2)).flatten()
    });
    match (buckets.next(), buckets.next()) {
        (Some(name), None) => harmless(name),
        _ => "BUCKET".to_owned(),
    }
}

fn urls(facts: &BTreeMap<Address, Attributes>) -> impl Iterator<Item = (&Address, &str)> {
    let own = facts.iter().filter(|(address, _)| !address.existing);
    own.filter_map(|(address, known)| Some((address, known.text(URL)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(pairs: &[(&str, &str)]) -> Attributes {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).into()))
            .collect()
    }

    fn facts() -> BTreeMap<Address, Attributes> {
        let mut facts = BTreeMap::from([
            (
                Address::new("vpc", "main"),
                known(&[("id", "vpc-0a1b2c3d4e5f60718"), ("cidr", "10.0.0.0/16")]),
            ),
            (
                Address::new("subnet", "private-1"),
                known(&[
                    ("id", "subnet-1"),
                    ("cidr", "10.0.1.0/24"),
                    ("vpc", "vpc-1"),
                ]),
            ),
            (
                Address::new("instance", "one"),
                known(&[("id", "i-0123456789abcdef0"), ("private_ip", "10.0.1.12")]),
            ),
            (
                Address::new("bucket", "data"),
                known(&[("id", "saa-03-003"), ("arn", "arn:aws:s3:::saa-03-003")]),
            ),
            (
                Address::new("role", "instance"),
                known(&[
                    ("id", "three-ways-instance"),
                    (
                        "arn",
                        "arn:aws:iam::123456789012:role/s3net/three-ways/three-ways-instance",
                    ),
                ]),
            ),
            (
                Address::new("interface_endpoint", "s3"),
                known(&[
                    ("id", "vpce-0a1b2c3d4e5f60718"),
                    (
                        "bucket_url",
                        "https://bucket.vpce-0a1b2c3d4e5f60718-mr3kkegt.s3.ap-northeast-1.vpce.amazonaws.com",
                    ),
                ]),
            ),
        ]);
        // A node that failed has no id.
        facts.insert(
            Address::new("instance", "two"),
            known(&[("private_ip", "10.0.2.9")]),
        );
        facts
    }

    #[test]
    fn what_there_is_now_can_be_pasted() {
        insta::assert_snapshot!(outputs(&facts(), "ap-northeast-1", Style::PLAIN));
    }

    #[test]
    fn of_several_buckets_none_is_chosen() {
        let mut facts = facts();
        facts.insert(
            Address::new("bucket", "logs"),
            known(&[("id", "logs"), ("arn", "arn:aws:s3:::logs")]),
        );
        assert_eq!(bucket(&facts), "BUCKET");
        assert_eq!(outputs(&BTreeMap::new(), "eu-west-1", Style::PLAIN), "");
    }
}
