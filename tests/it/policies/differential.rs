//! Random documents and requests, judged here and by `iam-rs`.
//!
//! ```text
//!  dice ─► document, request, quirks ─┬─► judge ──► allowed, denied, silent
//!                                     └─► iam-rs ─► the same, or a known quirk
//! ```
//!
//! The dice are the same in every run, so that the counts are facts.

use std::collections::BTreeMap;

use s3net::model::Value;
use s3net::model::policy::{Holds, Judgement, Keys, Policies, Principal, Request, Source, judge};
use serde_json::json;

use super::dice::{Dice, Question, USER, question};
use super::partner::{Held, QUIRKS, Quirk, decides};

/// What is decided here: `allowed`, `denied`, `silent`, or `unknown`.
fn decided(question: &Question) -> &'static str {
    let document = Value::from_json(&question.document);
    let everything = Value::from_json(
        &json!({ "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] }),
    );
    let mut keys = Keys::new().without(&[
        "aws:SourceVpce",
        "aws:SourceVpc",
        "aws:SourceIp",
        "s3:max-keys",
        "aws:CurrentTime",
        "s3:prefix",
        "aws:SecureTransport",
        "aws:TagKeys",
        "aws:PrincipalTag/none",
    ]);
    for (key, held) in &question.keys {
        keys.set(
            key,
            match held {
                Held::Text(text) => Holds::text(text),
                Held::Truth(truth) => Holds::text(truth.to_string()),
                Held::Texts(texts) => Holds::Texts(texts.clone()),
            },
        );
    }
    let request = Request {
        action: question.action.clone(),
        resource: Some(question.resource.clone()),
        principal: Principal::User { arn: USER.into() },
        keys,
    };
    // A bucket policy is judged alone where the user may do all that it may.
    let policies = match question.of_resource {
        true => Policies {
            identity: Some(vec![Source::new("identity", &everything)]),
            resource: Some(Source::new("bucket policy", &document)),
            resource_account: Some("444455556666".into()),
            ..Policies::default()
        },
        false => Policies {
            identity: Some(vec![Source::new("identity", &document)]),
            resource_account: Some("111122223333".into()),
            ..Policies::default()
        },
    };
    match judge(&policies, &request) {
        Judgement::Allowed { .. } => "allowed",
        Judgement::Denied(denial) if denial.explicit => "denied",
        Judgement::Denied(_) => "silent",
        Judgement::Unknown { .. } => "unknown",
    }
}

#[test]
fn random_documents_are_judged_as_the_partner_judges_them() {
    let mut dice = Dice(4);
    let mut agreed: BTreeMap<&str, usize> = BTreeMap::new();
    let mut odd: BTreeMap<Quirk, (usize, usize)> = BTreeMap::new();
    let mut unexplained = Vec::new();
    for _ in 0..30_000 {
        let question = question(&mut dice);
        let here = decided(&question);
        let there = decides(
            &question.document,
            USER,
            &question.action,
            &question.resource,
            &question.keys,
        );
        for quirk in &question.quirks {
            let (asked, differed) = odd.entry(*quirk).or_default();
            *asked += 1;
            // A difference is put down to a quirk that is alone.
            *differed += usize::from(here != there && question.quirks.len() == 1);
        }
        if question.quirks.is_empty() {
            match here == there {
                true => *agreed.entry(here).or_default() += 1,
                false => unexplained.push(format!(
                    "here {here}, there {there}: {} on {} with {:?}\n{:#}",
                    question.action, question.resource, question.keys, question.document
                )),
            }
        }
    }
    let first = unexplained.first().cloned().unwrap_or_default();
    assert!(
        unexplained.is_empty(),
        "{} differ, such as\n{first}",
        unexplained.len()
    );
    let alike: usize = agreed.values().sum();
    println!("{alike} of {alike} documents without quirks are judged alike: {agreed:?}");
    println!("with quirks (asked, differing by this one alone): {odd:?}");
    assert!(alike > 15_000 && agreed.len() == 3, "{agreed:?}");
    assert!(agreed.values().all(|count| *count > 2_000), "{agreed:?}");
    // A quirk that makes no difference is none.
    for quirk in QUIRKS {
        let (_, differed) = odd.get(&quirk).copied().unwrap_or_default();
        assert!(differed > 0, "{quirk:?}");
    }
}
