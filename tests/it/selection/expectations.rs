//! What becomes of `[[expect]]` where only a part is done: what waits for the
//! rest is told and stops nothing; what works and would break does.

use super::planned;
use crate::lab::Lab;

const NETWORK: &str = r#"
[stack]
name = "parts"
region = "ap-northeast-1"

[variables]
bucket = "parts"

[vpc.main]
cidr = "10.0.0.0/16"

[subnet.one]
vpc = "main"
cidr = "10.0.1.0/24"
zone = "a"

[subnet.two]
vpc = "main"
cidr = "10.0.2.0/24"
zone = "c"

[route_table.one]
vpc = "main"
subnets = ["one"]

[route_table.two]
vpc = "main"
subnets = ["two"]

[gateway_endpoint.s3]
vpc = "main"
service = "s3"
route_tables = ["one"]

[bucket.data]
name = "${var.bucket}"

[[expect]]
from = "subnet.one"
to = "bucket.data"

[[expect]]
from = "subnet.two"
to = "bucket.data"
reachable = false
"#;

#[test]
fn what_waits_for_the_rest_is_told_and_stops_nothing() {
    let lab = Lab::new();
    lab.write(NETWORK);
    let flags = ["--target", "subnet.*"];
    let plan = lab.verb("plan", &flags).exits(0);
    assert!(
        plan.err
            .contains("warning: 1 expectation does not hold yet"),
        "{}",
        plan.err
    );
    assert!(!plan.err.contains("error:"), "{}", plan.err);
    let document = planned(&lab, &flags);
    let of = |at: usize, key: &str| document["expectations"][at][key].clone();
    assert_eq!(
        (of(0, "holds"), of(0, "waits")),
        (false.into(), true.into())
    );
    assert_eq!(
        (of(1, "holds"), of(1, "waits")),
        (true.into(), false.into())
    );
    lab.verb("apply", &[&["--auto-approve"][..], &flags].concat())
        .exits(0);
    // What is asked for next makes one of them hold.
    let flags = [
        "--target",
        "gateway_endpoint.s3",
        "--target",
        "route_table.one",
        "--target",
        "bucket.data",
    ];
    let plan = lab.verb("plan", &flags).exits(0);
    assert!(plan.out.contains("2 expectations hold."), "{}", plan.out);
    assert!(!plan.err.contains("not hold yet"), "{}", plan.err);
    let applied = lab.apply().exits(0);
    assert!(
        applied.out.contains("2 expectations hold."),
        "{}",
        applied.out
    );
    assert!(!applied.err.contains("not yet"), "{}", applied.err);
    lab.destroy().exits(0);
}

#[test]
fn what_fails_of_all_of_it_fails_of_a_part_too() {
    let lab = Lab::new();
    lab.write(NETWORK);
    lab.edit("route_tables = [\"one\"]", "route_tables = [\"two\"]");
    let plan = lab.verb("plan", &["--target", "subnet.*"]).exits(3);
    assert!(
        plan.err.contains("1 of 2 expectations fails"),
        "{}",
        plan.err
    );
    let applied = lab
        .verb("apply", &["--auto-approve", "--target", "subnet.*"])
        .exits(3);
    assert!(
        applied.err.contains("so nothing was begun"),
        "{}",
        applied.err
    );
}

#[test]
fn a_part_that_breaks_what_works_is_not_begun() {
    let lab = Lab::new();
    lab.write(NETWORK);
    lab.apply().exits(0);
    // The door gets another name: all in all the way stays.
    lab.edit("[gateway_endpoint.s3]", "[gateway_endpoint.other]");
    lab.edit(
        "route_tables = [\"one\"]",
        "route_tables = [\"one\"]\npolicy = { allow_buckets = [\"data\"] }",
    );
    let text = lab.text();
    lab.edit(
        "[subnet.one]\nvpc = \"main\"\ncidr = \"10.0.1.0/24\"",
        "[subnet.one]\nvpc = \"main\"\ncidr = \"10.0.1.0/24\"\nmap_public_ip = true",
    );
    lab.verb("plan", &[]).exits(0);
    lab.write(&text);
    lab.edit("route_tables = [\"one\"]", "route_tables = []");
    lab.write(&format!(
        "{}\n[internet_gateway.main]\nvpc = \"main\"\n[elastic_ip.nat]\n[subnet.public]\nvpc = \"main\"\n\
         cidr = \"10.0.9.0/24\"\nzone = \"a\"\n[route_table.public]\nvpc = \"main\"\nsubnets = [\"public\"]\n\
         routes = [{{ to = \"0.0.0.0/0\", via = \"internet_gateway.main\" }}]\n[nat_gateway.main]\n\
         subnet = \"public\"\nelastic_ip = \"nat\"\n",
        lab.text()
    ));
    lab.edit(
        "subnets = [\"one\"]",
        "subnets = [\"one\"]\nroutes = [{ to = \"0.0.0.0/0\", via = \"nat_gateway.main\" }]",
    );
    let all = lab.verb("plan", &[]).exits(0);
    assert!(all.out.contains("2 expectations hold."), "{}", all.out);
    let part = ["--auto-approve", "--target", "gateway_endpoint.*"];
    let refused = lab.verb("apply", &part).exits(3);
    assert!(
        refused
            .err
            .contains("error: subnet.one does not reach bucket.data"),
        "{}",
        refused.err
    );
    assert!(
        refused.err.contains("so nothing was begun"),
        "{}",
        refused.err
    );
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}
