//! What a plan says of traffic where tables are given another name: a thing is
//! the same under both names, so no guard and no gate is lost, and no alarm is
//! false.

use serde_json::{Value, json};

use crate::lab::{Lab, Ran};

/// A subnet that reaches a bucket through a gateway endpoint.
const BY_GATEWAY: &str = r#"
[stack]
name = "named"
region = "ap-northeast-1"

[variables]
bucket = "named"

[vpc.main]
cidr = "10.0.0.0/16"

[subnet.one]
vpc = "main"
cidr = "10.0.1.0/24"
zone = "a"

[route_table.one]
vpc = "main"
subnets = ["one"]

[bucket.data]
name = "${var.bucket}"

[gateway_endpoint.s3]
vpc = "main"
service = "s3"
route_tables = ["one"]

[[expect]]
from = "subnet.one"
to = "bucket.data"
"#;

const GATEWAY: &str = "[gateway_endpoint.s3]
vpc = \"main\"
service = \"s3\"
route_tables = [\"one\"]
";

const INTERFACE: &str = "[interface_endpoint.s3]
vpc = \"main\"
service = \"s3\"
subnets = [\"one\"]
security_groups = [\"door\"]
private_dns = true

[security_group.door]
vpc = \"main\"
description = \"HTTPS to the endpoint\"
ingress = [{ protocol = \"tcp\", port = 443, from = \"10.0.0.0/16\" }]
";

/// Gives tables another name in the file, with a `[[moved]]` for each.
fn rename(lab: &Lab, names: &[(&str, &str)]) {
    let mut text = lab.text();
    let mut moves = String::new();
    for (from, to) in names {
        let ((kind, old), (_, new)) = (from.split_once('.').unwrap(), to.split_once('.').unwrap());
        text = text.replace(from, to);
        // A field that takes one kind only names it without the kind.
        for field in [kind.to_owned(), format!("{kind}s")] {
            for list in ["", "["] {
                let named = |name: &str| format!("{field} = {list}\"{name}\"");
                text = text.replace(&named(old), &named(new));
            }
        }
        moves += &format!("\n[[moved]]\nfrom = \"{from}\"\nto = \"{to}\"\n");
    }
    lab.write(&(text + &moves));
}

/// The document of a plan.
fn planned(lab: &Lab, more: &[&str]) -> Value {
    let ran = lab.verb("plan", &[&["--json"][..], more].concat());
    serde_json::from_str(ran.out.lines().next().unwrap()).unwrap()
}

#[track_caller]
fn is_refused(ran: Ran, bucket: &str) {
    let ran = ran.exits(3);
    let says = format!("error: subnet.one does not reach {bucket}");
    assert!(ran.err.contains(&says), "{}", ran.err);
    assert!(!ran.err.contains("not hold yet"), "{}", ran.err);
}

#[test]
fn a_part_that_breaks_what_works_is_not_begun_under_another_name() {
    let lab = Lab::new();
    lab.write(BY_GATEWAY);
    lab.apply().exits(0);
    lab.edit(GATEWAY, INTERFACE);
    let all = lab.verb("plan", &[]).exits(0);
    assert!(all.out.contains("1 expectation holds."), "{}", all.out);
    let part = ["--target", "gateway_endpoint.s3"];
    let apply = [&part[..], &["--auto-approve"]].concat();
    is_refused(lab.verb("plan", &part), "bucket.data");
    // The new name is left out of this part, and the way is the same.
    for renamed in [
        ("bucket.data", "bucket.files"),
        ("subnet.one", "subnet.first"),
    ] {
        let text = lab.text();
        rename(&lab, &[renamed]);
        let ran = lab.verb("plan", &part).exits(3);
        let says = " does not reach bucket.";
        assert!(ran.err.contains(says), "{}", ran.err);
        lab.verb("apply", &apply).exits(3);
        lab.write(&text);
    }
    rename(&lab, &[("bucket.data", "bucket.files")]);
    is_refused(lab.verb("plan", &part), "bucket.files");
    is_refused(lab.verb("apply", &apply), "bucket.files");
    assert_eq!(
        planned(&lab, &part)["path_changes"][0]["to"],
        "bucket.files"
    );
    // The other part takes nothing away.
    let other = ["--auto-approve", "--target", "interface_endpoint.s3"];
    lab.verb("apply", &other).exits(0);
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn a_rename_is_no_way_that_changes() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.apply().exits(0);
    rename(
        &lab,
        &[
            ("nat_gateway.main", "nat_gateway.out"),
            ("gateway_endpoint.s3", "gateway_endpoint.g"),
        ],
    );
    let quiet = |changes: u64| {
        let plan = lab.verb("plan", &[]).exits(0);
        assert!(!plan.out.contains("Ways that change"), "{}", plan.out);
        assert!(!plan.err.contains("warning"), "{}", plan.err);
        let plan = planned(&lab, &[]);
        assert_eq!(plan["path_changes"], json!([]));
        assert_eq!(plan["switches"], json!([]));
        assert_eq!(plan["totals"]["update"], changes, "{}", plan["totals"]);
        assert_eq!(plan["totals"]["delete"], 0);
    };
    quiet(2);
    rename(
        &lab,
        &[
            ("bucket.data", "bucket.files"),
            ("instance.one", "instance.first"),
            ("subnet.private-2", "subnet.second"),
        ],
    );
    quiet(5);
    // Nor is it one where the new names are left out.
    let part = planned(&lab, &["--target", "nat_gateway.out"]);
    assert_eq!(part["totals"]["update"], 1);
    assert_eq!(part["path_changes"], json!([]));
    // A trace of what lives knows the file's names already.
    for asked in ["--live", "--planned"] {
        let ran = lab.verb("trace", &["instance.first", "bucket.files", asked]);
        let ran = ran.exits(0);
        assert!(ran.out.contains("nat_gateway.out"), "{}", ran.out);
    }
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}
