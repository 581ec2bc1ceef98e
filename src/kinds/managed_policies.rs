//! Well-known policies of AWS's own: not a kind, but what a role and its managed
//! policies need to tell what they allow without asking AWS.
//!
//! The documents stand in `managed_policies.json`, each with its version and the
//! day of that version, as AWS publishes them in the "AWS managed policy
//! reference guide"; they were gathered in November 2026. AWS may widen such a
//! policy at any time, so only those are here that have hardly ever changed, or
//! whose changes touch nothing that a trace asks. Of some long ones, which AWS
//! changes every month, it is known that they only allow: what they allow is
//! unknown, but they take nothing away. Every other policy is unknown.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::model::network::{Known, NamedPolicy, Spot};
use crate::model::{Value, policy};

const TEXT: &str = include_str!("managed_policies.json");

/// AWS's own policies that only allow, and whose documents are not here.
const ONLY_ALLOW: &[&str] = &[
    "AmazonEC2FullAccess",
    "AmazonSSMFullAccess",
    "AmazonVPCFullAccess",
    "AmazonVPCReadOnlyAccess",
    "CloudWatchFullAccess",
    "CloudWatchFullAccessV2",
    "CloudWatchReadOnlyAccess",
    "ReadOnlyAccess",
    "SecurityAudit",
];

/// A managed policy by its ARN, with its document where that is well known.
pub(super) fn named(arn: &str, spot: Option<Spot>) -> NamedPolicy {
    let name = arn.rsplit('/').next().unwrap_or(arn);
    let document = match own_name(arn).and_then(|name| well_known().get(name)) {
        Some(document) => Known::Is(document.clone()),
        None if own_name(arn).is_some_and(|it| ONLY_ALLOW.contains(&it)) => {
            Known::Is(allow_something())
        }
        None => Known::Not("its document is not in the file; `--live` reads it".to_owned()),
    };
    NamedPolicy {
        name: name.to_owned(),
        document,
        spot,
    }
}

/// The name of one of AWS's own policies, with its path: nothing for others, nor
/// for those of other partitions, whose documents may differ.
fn own_name(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:aws:iam::aws:policy/")
}

/// A document that allows nobody here knows what.
fn allow_something() -> Value {
    let statement = [
        ("Effect", Value::from("Allow")),
        ("Action", Value::Unknown),
        ("Resource", Value::from("*")),
    ];
    let statement = statement.map(|(name, value)| (name.to_owned(), value));
    policy::document(vec![Value::Map(statement.into())])
}

/// The documents by name. A text that is no JSON, which a test rules out, knows
/// no policy.
fn well_known() -> &'static BTreeMap<String, Value> {
    static KNOWN: OnceLock<BTreeMap<String, Value>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let table = policy::parse(TEXT).ok();
        let entries = table.as_ref().and_then(|table| table.as_map());
        let documents = entries.into_iter().flatten().filter_map(|(name, entry)| {
            let document = entry.as_map()?.get("document")?;
            Some((name.clone(), document.clone()))
        });
        documents.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_can_be_read() {
        let table = policy::parse(TEXT).unwrap();
        let entries = table.as_map().unwrap();
        assert_eq!(well_known().len(), entries.len());
        for (name, entry) in entries {
            let entry = entry.as_map().unwrap();
            let text = |field: &str| entry[field].as_text().unwrap();
            assert!(text("version").starts_with('v'), "{name}");
            assert_eq!(text("date").len(), "2026-11-22".len(), "{name}");
            let statements = policy::statements(&entry["document"]);
            assert!(!statements.is_empty(), "{name}");
            for statement in statements {
                let of = |element| policy::values(&statement, element);
                assert!(!(of("Action").is_empty() && of("NotAction").is_empty()));
                assert!(!of("Effect").is_empty() && !of("Resource").is_empty());
            }
        }
    }

    #[test]
    fn only_aws_own_policies_are_known_by_name() {
        let known = |arn: &str| named(arn, None).document.get().is_some();
        assert!(known("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"));
        assert!(known("arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"));
        for arn in [
            "arn:aws-cn:iam::aws:policy/AmazonS3ReadOnlyAccess",
            "arn:aws:iam::123456789012:policy/AmazonS3ReadOnlyAccess",
            "arn:aws:iam::aws:policy/service-role/AmazonS3ReadOnlyAccess",
            "arn:aws:iam::aws:policy/AWSDenyAll",
            "",
        ] {
            assert!(!known(arn), "{arn}");
        }
        let other = named("arn:aws:iam::123456789012:policy/team/own", None);
        assert_eq!(other.name, "own");
    }

    #[test]
    fn a_long_policy_takes_nothing_away() {
        let all = named("arn:aws:iam::aws:policy/ReadOnlyAccess", None);
        let document = all.document.get().unwrap();
        let statements = policy::statements(document);
        assert_eq!(policy::texts(&statements[0], "Effect"), ["Allow"]);
        assert!(document.has_unknown() && statements.len() == 1);
        let both = |name: &&&str| well_known().contains_key(**name);
        assert_eq!(ONLY_ALLOW.iter().filter(both).count(), 0);
    }

    #[test]
    fn session_manager_is_no_way_to_s3() {
        let core = named("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore", None);
        let document = core.document.get().unwrap();
        let statements = policy::statements(document);
        let actions: Vec<_> = statements
            .iter()
            .flat_map(|it| policy::texts(it, "Action"))
            .collect();
        assert_eq!(actions.len(), 25);
        let services = ["ssm:", "ssmmessages:", "ec2messages:"];
        let fits = |action: &String| services.iter().any(|it| action.starts_with(it));
        assert!(actions.iter().all(fits));
    }
}
