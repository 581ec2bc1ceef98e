//! Lifetimes: what `ttl` writes, what a plan says of it, and what `reap` finds
//! and takes down with neither plan file nor state.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use s3net::aws::Aws;
use serde_json::{Value, json};

use crate::lab::{Lab, Ran, endpoint, leftovers};

mod elsewhere;

/// Long ago: what began then and lived for hours is over.
const PAST: &str = "2026-01-01T00:00:00Z";
const OVER: &str = "2026-01-01T08:00:00Z";
const HERE: &str = "ap-northeast-1";

/// A network of three taggable objects and one that takes no tags.
fn small(stack: &str, ttl: &str) -> String {
    let ttl = match ttl {
        "" => String::new(),
        ttl => format!("ttl = \"{ttl}\"\n"),
    };
    format!(
        "[stack]\nname = \"{stack}\"\nregion = \"{HERE}\"\n{ttl}\n[vpc.main]\ncidr = \
         \"10.0.0.0/16\"\n\n[subnet.a]\nvpc = \"main\"\ncidr = \"10.0.1.0/24\"\nzone = \
         \"a\"\n\n[route_table.a]\nvpc = \"main\"\nsubnets = [\"a\"]\n"
    )
}

/// Runs a verb on `plan.toml` as if it were another time.
fn at(lab: &Lab, now: &str, verb: &str, more: &[&str]) -> Ran {
    let bucket = format!("bucket={}", lab.bucket());
    let mut args = vec![verb, "plan.toml", "--local"];
    if lab.text().contains("${var.bucket}") {
        args.extend(["--var", &bucket]);
    }
    args.extend(more);
    endpoint();
    let mut command = lab.command(&args);
    command.env("S3NET_NOW", now).output().unwrap().into()
}

fn apply_at(lab: &Lab, now: &str) -> Ran {
    at(lab, now, "apply", &["--auto-approve"])
}

fn reap(lab: &Lab, more: &[&str]) -> Ran {
    endpoint();
    let mut args = vec!["reap", "--local", "--region", HERE];
    args.extend(more);
    lab.run(&args)
}

/// Every value of a tag in EC2, by resource.
async fn tagged(aws: &Aws, key: &str) -> BTreeMap<String, String> {
    let filter = aws_sdk_ec2::types::Filter::builder();
    let filter = filter.name("key").values(key).build();
    let found = aws.ec2.describe_tags().filters(filter).send().await;
    let found = found.unwrap();
    let tags = found.tags().iter();
    tags.map(|tag| {
        let id = tag.resource_id().unwrap().to_owned();
        (id, tag.value().unwrap_or_default().to_owned())
    })
    .collect()
}

/// The values of a tag, each once, and how many resources have it.
async fn ends(aws: &Aws) -> (usize, BTreeSet<String>) {
    let found = tagged(aws, "s3net:expires-at").await;
    (found.len(), found.into_values().collect())
}

fn only(end: &str) -> BTreeSet<String> {
    BTreeSet::from([end.to_owned()])
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_lifetime_is_kept_renewed_changed_and_taken_back() {
    let lab = Lab::new();
    lab.write(&small("brief", "8h"));
    lab.calls();
    let planned = at(&lab, PAST, "plan", &["--out", "first.s3plan"]).exits(0);
    let starts = "Lifetime: 8 h from now, until 2026-01-01 08:00 UTC.";
    assert!(planned.out.contains(starts), "{}", planned.out);
    // What was shown is what is done, although time has passed.
    let mut saved = lab.command(&["apply", "first.s3plan", "--local"]);
    saved.env("S3NET_NOW", "2026-01-01T00:10:00Z");
    Ran::from(saved.output().unwrap()).exits(0);
    let aws = lab.aws().await;
    assert_eq!(ends(&aws).await, (3, only(OVER)));
    // By the creating calls, not afterwards.
    let calls = lab.calls();
    assert_eq!(calls["counts"].get("ec2:CreateTags"), None, "{calls}");

    let later = "2026-01-01T04:40:00Z";
    let exit = ["--detailed-exitcode"];
    let same = at(&lab, later, "plan", &exit).exits(0);
    let left = "Lifetime: 3 h 20 min left, until 2026-01-01 08:00 UTC.";
    assert!(same.out.contains(left), "{}", same.out);
    // The tags are the memory: also without state, also for what is new.
    fs::remove_dir_all(lab.folder.path().join("state")).unwrap();
    at(&lab, later, "plan", &exit).exits(0);
    lab.write(&(lab.text() + "\n[security_group.web]\nvpc = \"main\"\ndescription = \"web\"\n"));
    apply_at(&lab, later).exits(0);
    let (count, all) = ends(&aws).await;
    assert_eq!(all, only(OVER));
    assert!(count >= 4, "{count}");

    // A renewal is one line, and no change of any object.
    let renewed = at(&lab, later, "plan", &["--renew", "--json"]).exits(0);
    let document: Value = serde_json::from_str(renewed.out.trim()).unwrap();
    assert_eq!(document["changes"], json!([]));
    assert_eq!(document["totals"]["update"], 0);
    assert_eq!(document["totals"]["lifetime"], count);
    let expected = json!({
        "status": "renewed", "ttl_seconds": 28800, "until": "2026-01-01T12:40:00Z",
        "until_so_far": OVER, "left_seconds": 28800, "objects_to_tag": count,
    });
    assert_eq!(document["lifetime"], expected);
    let ran = at(&lab, later, "apply", &["--renew", "--auto-approve"]).exits(0);
    assert!(!ran.out.contains("~ vpc.main"), "{}", ran.out);
    let told = format!("Its tag is written on {count} objects.");
    assert!(flat(&ran.out).contains(&told), "{}", ran.out);
    let counted = format!("{count} with another end");
    assert!(ran.err.contains(&counted), "{}", ran.err);
    assert_eq!(ends(&aws).await, (count, only("2026-01-01T12:40:00Z")));

    // Another length begins anew; a lifetime that is over stays over.
    lab.edit("ttl = \"8h\"", "ttl = \"1d\"");
    apply_at(&lab, later).exits(0);
    let next_day = "2026-01-02T04:40:00Z";
    assert_eq!(ends(&aws).await, (count, only(next_day)));
    let ended = at(&lab, "2026-01-03T04:40:00Z", "plan", &exit).exits(0);
    let said = flat(&ended.out);
    let over = "Lifetime: ended 1 d ago. `s3net reap` may take the stack down at any time; \
                `apply --renew` gives it 1 d more.";
    assert!(said.contains(over), "{said}");

    lab.edit("ttl = \"1d\"\n", "");
    let gone = at(&lab, later, "plan", &exit).exits(2);
    assert!(
        gone.out.contains("Lifetime: none any more."),
        "{}",
        gone.out
    );
    let refused = at(&lab, later, "apply", &["--renew", "--auto-approve"]).exits(1);
    assert!(refused.err.contains("states no `ttl`"), "{}", refused.err);
    apply_at(&lab, later).exits(0);
    assert_eq!(ends(&aws).await, (0, BTreeSet::new()));
    let silent = lab.plan().exits(0);
    assert!(!silent.out.contains("Lifetime"), "{}", silent.out);
    lab.destroy().exits(0);
}

#[tokio::test]
async fn what_is_over_is_taken_down_by_its_tags_alone() {
    let lab = Lab::with_plan("three-ways.toml");
    let aws = lab.aws().await;
    // Beside it: one that goes on, and one that has no lifetime.
    for (stack, ttl) in [("goes-on", "8h"), ("stays", "")] {
        let file = format!("{stack}.toml");
        fs::write(lab.folder.path().join(&file), small(stack, ttl)).unwrap();
        lab.run(&["apply", &file, "--local", "--auto-approve"])
            .exits(0);
    }
    let mut others = leftovers(&aws).await;
    others.sort();
    lab.edit(
        "name = \"three-ways\"\n",
        "name = \"three-ways\"\nttl = \"8h\"\n",
    );
    apply_at(&lab, PAST).exits(0);
    let role = aws.iam.list_roles().send().await.unwrap();
    let role = role.roles()[0].role_name().to_owned();
    let tags = aws.iam.list_role_tags().role_name(&role).send().await;
    let tags = tags.unwrap();
    let end = tags
        .tags()
        .iter()
        .find(|tag| tag.key() == "s3net:expires-at");
    assert_eq!(end.map(|tag| tag.value()), Some(OVER));
    let tags = aws
        .s3
        .get_bucket_tagging()
        .bucket(lab.bucket())
        .send()
        .await;
    let tags = tags.unwrap();
    let end = tags
        .tag_set()
        .iter()
        .find(|t| t.key() == "s3net:expires-at");
    assert_eq!(end.map(|tag| tag.value()), Some(OVER));

    // Another machine: no file, no state.
    fs::remove_file(lab.folder.path().join("plan.toml")).unwrap();
    fs::remove_dir_all(lab.folder.path().join("state")).unwrap();
    lab.calls();
    let listed = reap(&lab, &["--detailed-exitcode"]).exits(2);
    for word in [
        "three-ways  ended ",
        "goes-on     7 h 59 min left",
        "costs by the hour: elastic_ip, 3 × instance, interface_endpoint, nat_gateway",
        "1 is over, 1 goes on.",
    ] {
        assert!(
            flat(&listed.out).contains(&flat(word)),
            "{word}: {}",
            listed.out
        );
    }
    assert!(!listed.out.contains("stays"), "{}", listed.out);
    let calls = lab.calls();
    let counts = calls["counts"].as_object().unwrap();
    let reads = ["Describe", "Get", "List", "Head"];
    let is_read = |name: &String| {
        let action = name.split(':').nth(1).unwrap_or_default();
        reads.iter().any(|read| action.starts_with(read))
    };
    assert!(counts.keys().all(is_read), "{counts:?}");
    assert!(!lab.folder.path().join("state").exists());
    let nobody = reap(&lab, &["--destroy"]).exits(1);
    assert!(nobody.err.contains("nobody is there"), "{}", nobody.err);

    let ran = reap(&lab, &["--destroy", "--auto-approve"]).exits(0);
    assert!(
        ran.err.contains("Nothing is left of three-ways"),
        "{}",
        ran.err
    );
    let mut left = leftovers(&aws).await;
    left.sort();
    assert_eq!(left, others);
    let after = reap(&lab, &["--destroy", "--auto-approve", "--json"]).exits(0);
    let document: Value = serde_json::from_str(after.out.trim()).unwrap();
    assert_eq!(document["document"], "reap");
    let stacks = document["stacks"].as_array().unwrap();
    assert_eq!(stacks.len(), 1, "{document}");
    assert_eq!(stacks[0]["stack"], "goes-on");
    assert_eq!(stacks[0]["status"], "alive");
    assert_eq!(
        stacks[0]["objects"],
        json!({ "route_table": 1, "subnet": 1, "vpc": 1 })
    );
}

#[tokio::test]
async fn what_is_in_use_or_not_clear_is_left_alone() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let mut ids = BTreeMap::new();
    for stack in ["busy", "garbled", "over", "partly"] {
        lab.write(&small(stack, "8h"));
        apply_at(&lab, PAST).exits(0);
        let subnets = aws.ec2.describe_subnets().send().await.unwrap();
        let own = subnets.subnets().iter().find(|subnet| {
            let mut tags = subnet.tags().iter();
            tags.any(|tag| tag.key() == Some("s3net:stack") && tag.value() == Some(stack))
        });
        ids.insert(stack, own.unwrap().subnet_id().unwrap().to_owned());
    }
    let tag = |value: Option<&str>| {
        aws_sdk_ec2::types::Tag::builder()
            .key("s3net:expires-at")
            .set_value(value.map(str::to_owned))
            .build()
    };
    let request = aws.ec2.create_tags().resources(&ids["garbled"]);
    request.tags(tag(Some("next week"))).send().await.unwrap();
    let request = aws.ec2.delete_tags().resources(&ids["partly"]);
    request.tags(tag(None)).send().await.unwrap();
    // Another tool's object, with a moment and without a stack.
    let vpc = aws.ec2.create_vpc().cidr_block("10.9.0.0/16").send().await;
    let vpc = vpc.unwrap().vpc().unwrap().vpc_id().unwrap().to_owned();
    let request = aws.ec2.create_tags().resources(&vpc);
    request.tags(tag(Some(OVER))).send().await.unwrap();

    let lock = lab.state("busy").with_file_name("lock");
    let lock = fs::File::options().write(true).open(lock).unwrap();
    lock.lock().unwrap();
    let ran = reap(&lab, &["--destroy", "--auto-approve", "--json"]).exits(4);
    let documents: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let status = |stack: &str| {
        let stacks = documents[0]["stacks"].as_array().unwrap();
        stacks
            .iter()
            .find(|it| it["stack"] == stack)
            .unwrap()
            .clone()
    };
    assert_eq!(documents[0]["stacks"].as_array().unwrap().len(), 4);
    assert_eq!(status("over")["status"], "expired");
    for (stack, said) in [
        ("garbled", "`next week` on subnet.a"),
        ("partly", "does not carry"),
    ] {
        assert_eq!(status(stack)["status"], "unclear");
        let reason = status(stack)["reasons"][0].as_str().unwrap().to_owned();
        assert!(
            reason.contains(said) && reason.contains(&ids[stack]),
            "{reason}"
        );
    }
    let expected = json!([
        { "stack": "busy", "region": HERE, "result": "locked" },
        { "stack": "over", "region": HERE, "result": "gone" },
    ]);
    assert_eq!(documents.last().unwrap()["document"], "reaped");
    assert_eq!(documents.last().unwrap()["stacks"], expected);
    let left = leftovers(&aws).await;
    for stack in ["busy", "garbled", "partly"] {
        assert!(left.contains(&ids[stack]), "{stack}: {left:?}");
    }
    assert!(
        !left.contains(&ids["over"]) && left.contains(&vpc),
        "{left:?}"
    );

    // One can wait for the other run, as the hint says.
    let patient = ["--destroy", "--auto-approve", "--stack", "busy"];
    let patient = [&patient[..], &["--lock-timeout", "1"]].concat();
    let ran = reap(&lab, &patient).exits(4);
    assert!(ran.err.contains("--lock-timeout"), "{}", ran.err);

    // When the other run has ended, it goes, and only it.
    drop(lock);
    reap(&lab, &["--destroy", "--auto-approve", "--stack", "garbled"]).exits(0);
    reap(&lab, &["--destroy", "--auto-approve", "--stack", "busy"]).exits(0);
    let left = leftovers(&aws).await;
    assert!(!left.contains(&ids["busy"]), "{left:?}");
    assert!(
        left.contains(&ids["garbled"]) && left.contains(&ids["partly"]),
        "{left:?}"
    );
}

#[tokio::test]
async fn what_ec2_knows_nothing_of_is_found_as_well() {
    let lab = Lab::new();
    let bucket = lab.bucket();
    lab.write(&format!(
        "[stack]\nname = \"files\"\nregion = \"{HERE}\"\nttl = \"1h\"\n[bucket.data]\nname = \
         \"{bucket}\"\nforce_destroy = true\n[role.reader]\nservice = \"ec2\"\npath = \
         \"/elsewhere/\"\ninline_policies = {{ s3 = {{ allow = [\"s3:GetObject\"], on = \
         [\"bucket.data\"] }} }}\n"
    ));
    apply_at(&lab, PAST).exits(0);
    let aws = lab.aws().await;
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"x");
    let request = aws.s3.put_object().bucket(&bucket).key("a/b");
    request.body(body).send().await.unwrap();
    fs::remove_file(lab.folder.path().join("plan.toml")).unwrap();
    fs::remove_dir_all(lab.folder.path().join("state")).unwrap();
    let ran = reap(&lab, &["--destroy", "--auto-approve"]).exits(0);
    assert!(ran.err.contains("Nothing is left of files"), "{}", ran.err);
    assert_eq!(leftovers(&aws).await, Vec::<String>::new());
    let none = reap(&lab, &[]).exits(0);
    assert!(none.err.contains("has a lifetime"), "{}", none.err);
}
