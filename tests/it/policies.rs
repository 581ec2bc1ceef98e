//! Documented examples of policies, and what they allow: the tables in
//! `tests/it/policies/`, one test for each file, every case named.

mod dice;
mod differential;
mod partner;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use s3net::model::Value;
use s3net::model::network::{Known, PublicAccessBlock};
use s3net::model::policy::{Holds, Judgement, Keys, Policies, Principal, Request, Source, judge};
use serde::Deserialize;

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    case: Vec<Case>,
}

/// A case; `tests/it/policies/README.md` says what the fields mean.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    source: String,
    action: Option<String>,
    resource: Option<String>,
    principal: Option<String>,
    session: Option<String>,
    owner: Option<String>,
    identity: Option<Vec<toml::Value>>,
    boundary: Option<Vec<toml::Value>>,
    endpoint: Option<Vec<toml::Value>>,
    bucket: Option<Vec<toml::Value>>,
    version: Option<String>,
    #[serde(default)]
    gateway: bool,
    #[serde(default)]
    restrict_public_buckets: bool,
    #[serde(default)]
    keys: BTreeMap<String, OneOrMore>,
    #[serde(default)]
    missing: Vec<String>,
    #[serde(default)]
    there: Vec<String>,
    expect: String,
    by: Option<Vec<String>>,
    problem: Option<String>,
    remedy: Option<String>,
    why: Option<String>,
}

/// A key's value, or several.
struct OneOrMore(Vec<String>);

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = match toml::Value::deserialize(deserializer)? {
            toml::Value::Array(items) => items,
            single => vec![single],
        };
        let texts = texts.into_iter().map(|it| match it {
            toml::Value::String(text) => text,
            other => other.to_string(),
        });
        Ok(Self(texts.collect()))
    }
}

const ACCOUNT: &str = "111122223333";

impl Case {
    fn document(&self, statements: &[toml::Value]) -> Value {
        let statements = serde_json::to_value(statements).unwrap();
        let version = self.version.as_deref().unwrap_or("2012-10-17");
        Value::from_json(&match version {
            "" => serde_json::json!({ "Statement": statements }),
            version => serde_json::json!({ "Version": version, "Statement": statements }),
        })
    }

    fn request(&self) -> Request {
        let mut keys = Keys::new();
        for (key, OneOrMore(texts)) in &self.keys {
            keys.set(key, Holds::Texts(texts.clone()));
        }
        for key in &self.missing {
            keys.set(key, Holds::Missing);
        }
        for key in &self.there {
            keys.set(key, Holds::Something);
        }
        let role = format!("arn:aws:iam::{ACCOUNT}:role/app");
        let principal = self.principal.clone().unwrap_or(role);
        let principal = match principal.as_str() {
            "anonymous" => Principal::Anonymous,
            "somebody" => Principal::Somebody {
                account: Some(ACCOUNT.to_owned()),
            },
            arn if arn.ends_with(":root") => Principal::Root {
                account: arn.split(':').nth(4).unwrap().to_owned(),
            },
            arn if arn.contains(":role/") => Principal::Session {
                role: arn.to_owned(),
                whole: true,
                session: self.session.clone(),
            },
            arn => Principal::User {
                arn: arn.to_owned(),
            },
        };
        let or = |text: &Option<String>, default: &str| {
            text.clone().unwrap_or_else(|| default.to_owned())
        };
        Request {
            action: or(&self.action, "s3:GetObject"),
            resource: Some(or(&self.resource, "arn:aws:s3:::data/report.csv")),
            principal,
            keys,
        }
    }

    /// What differs from what was expected.
    fn differs(&self) -> Option<String> {
        let document = |it: &Option<Vec<toml::Value>>| it.as_ref().map(|it| self.document(it));
        let identity = document(&self.identity);
        let [boundary, endpoint, bucket] =
            [&self.boundary, &self.endpoint, &self.bucket].map(document);
        let own = |document: &'_ Value| {
            !document.as_map().unwrap()["Statement"]
                .as_list()
                .unwrap()
                .is_empty()
        };
        let identity = identity.as_ref().map(|it| match own(it) {
            true => vec![Source::new("identity policy 1", it)],
            false => Vec::new(),
        });
        let owner = self.owner.as_deref().unwrap_or(ACCOUNT);
        let policies = Policies {
            identity,
            boundary: boundary.as_ref().map(|it| Source::new("boundary", it)),
            endpoint: endpoint
                .as_ref()
                .map(|it| Source::new("endpoint policy", it)),
            at_gateway: self.gateway,
            resource: bucket.as_ref().map(|it| Source::new("bucket policy", it)),
            resource_account: (owner != "unknown").then(|| owner.to_owned()),
            bucket_block: Known::Is(PublicAccessBlock {
                restrict_public_buckets: self.restrict_public_buckets,
                ..PublicAccessBlock::default()
            }),
            ..Policies::default()
        };
        let judgement = judge(&policies, &self.request());
        let named = |it: &s3net::model::policy::Decisive| match &it.statement {
            Some(statement) => format!("{statement} of {}", it.source),
            None => it.source.clone(),
        };
        let (word, by, problem, remedy, why) = match &judgement {
            Judgement::Allowed { by } => {
                ("allowed", by.iter().map(named).collect(), None, None, None)
            }
            Judgement::Denied(denial) => (
                "denied",
                vec![named(&denial.by)],
                Some(denial.problem()),
                Some(denial.remedy()),
                None,
            ),
            Judgement::Unknown { why } => {
                ("unknown", Vec::new(), None, None, Some(why[0].to_string()))
            }
        };
        let other =
            |wanted: &Option<String>, found: Option<String>| wanted.is_some() && *wanted != found;
        let differs = word != self.expect
            || self.by.as_ref().is_some_and(|it| *it != by)
            || other(&self.problem, problem)
            || other(&self.remedy, remedy)
            || other(&self.why, why);
        differs.then(|| {
            let told = match &judgement {
                Judgement::Denied(it) => format!("\n  {}\n  {}", it.problem(), it.remedy()),
                _ => String::new(),
            };
            format!(
                "{}\n  ({})\n  expected {}, found {judgement:?}{told}",
                self.name, self.source, self.expect
            )
        })
    }
}

fn cases(file: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/policies");
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    let table: Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    table.case
}

const FILES: [&str; 4] = [
    "evaluation.toml",
    "endpoints.toml",
    "elements.toml",
    "conditions.toml",
];

#[test]
fn every_documented_case_is_judged_as_documented() {
    let mut wrong = Vec::new();
    let mut names = BTreeSet::new();
    let mut expected = BTreeMap::<String, usize>::new();
    for file in FILES {
        for case in cases(file) {
            assert!(!case.source.is_empty(), "{}", case.name);
            assert!(names.insert(case.name.clone()), "twice: {}", case.name);
            *expected.entry(case.expect.clone()).or_default() += 1;
            wrong.extend(case.differs());
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(names.len() >= 100, "{} cases", names.len());
    println!("{} cases: {expected:?}", names.len());
}
