//! State on S3 that may not be trusted: refused, named and left as it is.

use serde_json::{Value, json};

use super::site::{Site, flat};

const STATE: &str = "labs/small/state.json";
const HEAD: &str = "labs/small/journal.json";
const RUN: &str = "019ab000-0000-7000-8000-000000000000";

/// Refuses to apply and to plan with these words, and touches none of `kept`.
#[track_caller]
fn refuses(site: &Site, words: &[&str], kept: &[&str]) {
    let before: Vec<_> = kept.iter().map(|key| site.get(key)).collect();
    assert!(before.iter().all(Option::is_some), "{kept:?}");
    for (verb, more) in [("apply", &["--auto-approve"][..]), ("plan", &[])] {
        let ran = site.run(verb, more).exits(1);
        for word in words {
            assert!(flat(&ran.err).contains(word), "`{word}`: {}", ran.err);
        }
    }
    let after: Vec<_> = kept.iter().map(|key| site.get(key)).collect();
    assert_eq!(before, after);
    // Nobody waits for a run that was refused.
    assert_eq!(site.get("labs/small/lock.json"), None);
}

#[test]
fn a_state_that_is_not_ours_to_read_is_left_as_it_is() {
    let site = Site::small_on_s3();
    site.apply().exits(0);
    let sound = site.get(STATE).unwrap();
    let changed = |path: &[&str], to: Value| {
        let mut state: Value = serde_json::from_slice(&sound).unwrap();
        let mut place = &mut state;
        for name in path {
            place = &mut place[*name];
        }
        *place = to;
        state.to_string().into_bytes()
    };
    let cases: [(Vec<u8>, &[&str]); 6] = [
        (
            b"{ \"format_version\": 1, ".to_vec(),
            &["damaged", "state rebuild"],
        ),
        (vec![0xff, 0, 1], &["damaged"]),
        (
            changed(&["format_version"], json!(99)),
            &["has format 99", "newer"],
        ),
        (
            changed(&["stack"], json!("other")),
            &["is of stack `other`"],
        ),
        (
            changed(&["place", "account"], json!("111122223333")),
            &["is of account 111122223333"],
        ),
        (
            changed(&["place", "region"], json!("eu-west-1")),
            &["in eu-west-1"],
        ),
    ];
    for (text, words) in cases {
        site.put(STATE, &text);
        refuses(&site, words, &[STATE]);
        assert_eq!(site.keys(), [STATE]);
    }
    site.put(STATE, &sound);
    site.plan().exits(0);
}

#[test]
fn a_journal_that_is_not_ours_to_read_is_left_as_it_is() {
    let site = Site::small_on_s3();
    site.apply().exits(0);
    let part = format!("labs/small/journal/{RUN}/00000000.jsonl");
    let head = |version: u32, run: &str| {
        json!({ "format_version": version, "owner": "x", "run": run }).to_string()
    };
    site.put(&part, b"0123456789abcdef {\"record\":\"opened\"}\n");
    site.put(HEAD, head(1, RUN).as_bytes());
    refuses(
        &site,
        &["journal.json is damaged in line 1", "checksum"],
        &[STATE, &part],
    );
    site.delete(&part);
    site.put(HEAD, head(1, RUN).as_bytes());
    refuses(&site, &["parts of it are missing"], &[STATE]);
    // The head names its last claimant, and still that journal.
    let head_now: Value = serde_json::from_slice(&site.get(HEAD).unwrap()).unwrap();
    assert_eq!(head_now["run"], RUN);
    for (text, words) in [
        (
            "{ garbage".to_owned(),
            "journal.json cannot be read: it is damaged",
        ),
        (head(1, "../../other"), "is no run's id"),
        (head(9, RUN), "has format 9"),
    ] {
        site.put(HEAD, text.as_bytes());
        refuses(&site, &[words], &[STATE, HEAD]);
    }
    site.delete(HEAD);
    site.plan().exits(0);
}

#[test]
fn a_bucket_that_cannot_keep_state_is_named_with_a_remedy() {
    let site = Site::small_on_s3();
    let ran = site
        .run("plan", &["--state", "s3://nobody-has-this-bucket/labs"])
        .exits(1);
    for word in ["nobody-has-this-bucket", "NoSuchBucket", "make the bucket"] {
        assert!(flat(&ran.err).contains(word), "`{word}`: {}", ran.err);
    }
    site.lab.fault(json!({
        "action": "s3:PutObject", "status": 403, "code": "AccessDenied",
        "message": "Access Denied"
    }));
    let ran = site.apply().exits(1);
    for word in ["lock.json", "s3:DeleteObject", "labs/small/*"] {
        assert!(flat(&ran.err).contains(word), "`{word}`: {}", ran.err);
    }
    site.lab.fault(json!({
        "action": "s3:GetObject", "status": 403, "code": "AccessDenied",
        "message": "Access Denied"
    }));
    let ran = site.run("plan", &[]).exits(1);
    assert!(flat(&ran.err).contains("cannot be read"), "{}", ran.err);
    let own = format!(
        "{}\n[bucket.own]\nname = \"{}\"\n",
        site.lab.text(),
        site.bucket.as_ref().unwrap()
    );
    site.lab.write(&own);
    let ran = site.run("plan", &[]).exits(1);
    assert!(
        flat(&ran.err).contains("bucket.own, which this stack makes"),
        "{}",
        ran.err
    );
}
