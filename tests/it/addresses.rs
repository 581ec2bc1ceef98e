//! Stated private addresses beside those that AWS picks.

use serde_json::json;

use crate::lab::Lab;

const SHARED: &str = r#"
[stack]
name = "shared"
region = "ap-northeast-1"

[vpc.main]
cidr = "10.0.0.0/16"

[subnet.one]
vpc = "main"
cidr = "10.0.0.0/28"
zone = "a"

[security_group.all]
vpc = "main"

[interface_endpoint.logs]
vpc = "main"
service = "logs"
subnets = ["one"]
security_groups = ["all"]
private_dns = false

[instance.stated]
subnet = "one"
security_groups = ["all"]
private_ip = "10.0.0.4"
"#;

/// AWS's first pick would be the very address that another node is to have, and
/// that node's call comes late.
#[test]
fn who_is_to_have_a_certain_address_gets_it_first() {
    let lab = Lab::new();
    lab.write(SHARED);
    lab.fault(json!({ "action": "ec2:RunInstances", "delay": 2 }));
    lab.calls();
    lab.apply().exits(0);
    let calls = lab.calls();
    let log = calls["log"].as_array().unwrap();
    let call = |action: &str| log.iter().find(|call| call["action"] == action).unwrap();
    let (run, create) = (call("RunInstances"), call("CreateVpcEndpoint"));
    assert!(run["end_ms"].as_f64() < create["start_ms"].as_f64());
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

/// Nobody needs the machine that is to have it.
#[test]
fn whoever_takes_any_address_goes_on_when_the_other_fails() {
    let lab = Lab::new();
    lab.write(SHARED);
    let part = lab.verb("plan", &["--exclude", "instance.stated"]).exits(0);
    assert!(part.out.contains("Plan: 5 to create"), "{}", part.out);
    lab.fault(json!({
        "action": "ec2:RunInstances", "delay": 1, "status": 400,
        "code": "InsufficientInstanceCapacity", "message": "No capacity.", "times": 99
    }));
    let ran = lab.verb("apply", &["--auto-approve", "--json"]).exits(1);
    let outcome = ran.out.lines().last().unwrap();
    let outcome: serde_json::Value = serde_json::from_str(outcome).unwrap();
    assert_eq!(outcome["totals"]["failed"], 1, "{outcome}");
    assert_eq!(outcome["totals"]["not_started"], 0, "{outcome}");
    assert_eq!(outcome["failed"][0]["address"], "instance.stated");
}

/// The machine that is to have its address waits itself for one that takes any.
#[test]
fn who_is_waited_for_does_not_wait() {
    let lab = Lab::new();
    lab.write(
        r##"
[stack]
name = "circle"
region = "ap-northeast-1"

[vpc.main]
cidr = "10.0.0.0/16"

[subnet.one]
vpc = "main"
cidr = "10.0.1.0/24"
zone = "a"

[route_table.one]
vpc = "main"
subnets = ["one"]
routes = [{ to = "10.9.0.0/16", via = "instance.router" }]

[instance.router]
subnet = "one"
source_dest_check = false

[instance.stated]
subnet = "one"
private_ip = "10.0.1.50"
user_data = "#!/bin/sh"
"##,
    );
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}
