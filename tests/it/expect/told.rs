//! What a user and a program read of failing expectations: a real file and its
//! real traces, without an account.

use std::path::Path;

use s3net::config::{Desired, Options, Source, parse};
use s3net::model::Place;
use s3net::plan::facts;
use s3net::report::expectations_text::{failures, summary};
use s3net::report::{Style, expectations_json};
use s3net::trace::{Checked, check};

const PLAN: &str = r#"
[stack]
name = "lab"
region = "ap-northeast-1"

[vpc.main]
cidr = "10.0.0.0/16"

[subnet.public]
vpc = "main"
cidr = "10.0.0.0/24"
zone = "a"

[subnet.private-1]
vpc = "main"
cidr = "10.0.1.0/24"
zone = "a"

[subnet.private-2]
vpc = "main"
cidr = "10.0.2.0/24"
zone = "a"

[subnet.private-3]
vpc = "main"
cidr = "10.0.3.0/24"
zone = "a"

[internet_gateway.main]
vpc = "main"

[elastic_ip.nat]

[nat_gateway.main]
subnet = "public"
elastic_ip = "nat"

[route_table.public]
vpc = "main"
subnets = ["public"]
routes = [{ to = "0.0.0.0/0", via = "internet_gateway.main" }]

[route_table.private]
vpc = "main"
subnets = ["private-1", "private-2"]
routes = [{ to = "0.0.0.0/0", via = "nat_gateway.main" }]

[subnet.other]
vpc = "main"
cidr = "10.0.4.0/24"
zone = "a"

[route_table.other]
vpc = "main"
subnets = ["other"]

[gateway_endpoint.s3]
vpc = "main"
service = "s3"
route_tables = ["other"]

[bucket.data]
name = "lab-data"

[[expect]]
from = "subnet.private-1"
to = "bucket.data"
via = "nat_gateway.main"

[[expect]]
from = "subnet.private-*"
to = "bucket.data"
via = "gateway_endpoint.s3"
private = true
action = ["s3:GetObject", "s3:PutObject"]

[[expect]]
from = "subnet.private-3"
to = "s3://elsewhere"

[[expect]]
from = "subnet.private-1"
to = "bucket.data"
reachable = false
"#;

fn checked() -> (Desired, Vec<Checked>) {
    let source = Source {
        name: "plans/lab.toml".to_owned(),
        text: PLAN.to_owned(),
    };
    let registry = s3net::kinds::registry();
    let loaded = parse(source, Path::new("."), &Options::default(), registry);
    assert_eq!(loaded.diagnostics, []);
    let desired = loaded.desired.unwrap();
    let network = facts::of_file(registry, &desired.stack, &Place::default());
    let checked = check(&desired.expectations, &network);
    (desired, checked)
}

#[test]
fn failing_expectations_are_told_at_their_place() {
    let (desired, checked) = checked();
    insta::assert_snapshot!(failures(&desired, &checked, &[], Style::PLAIN));
    assert_eq!(summary(&checked), "3 of 4 expectations fail");
    assert_eq!(summary(&checked[..1]), "1 expectation holds.");
    assert_eq!(summary(&[]), "");
}

#[test]
fn programs_learn_all_of_it() {
    let (desired, checked) = checked();
    let document = expectations_json::document(&desired, &checked);
    assert_eq!(document["document"], "expectations");
    assert_eq!(document["holds"], false);
    let all = document["expectations"].as_array().unwrap();
    assert_eq!(all.len(), 4);
    let line = PLAN.lines().position(|line| line == "[[expect]]").unwrap() + 1;
    assert_eq!(all[0]["line"], line);
    assert_eq!(
        (&all[0]["holds"], &all[0]["met"]),
        (&true.into(), &1.into())
    );
    let failing = all[1]["failing"].as_array().unwrap();
    assert_eq!(failing.len(), 6);
    assert_eq!(failing[1]["action"], "s3:PutObject");
    assert_eq!(failing[1]["misses"][0], "other_door");
    assert_eq!(failing[1]["door"], "nat_gateway.main");
    assert_eq!(failing[4]["misses"][0], "blocked");
    assert_eq!(all[3]["failing"][0]["misses"][0], "reached");
}
