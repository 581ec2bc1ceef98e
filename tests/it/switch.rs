//! A way that changes its door without a gap: the new door, the moment, the
//! trace, and only then the old door.

mod gates;

use aws_sdk_ec2::types::{Filter, RuleAction};
use serde_json::Value;

use crate::lab::{Lab, Ran, leftovers};

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

#[track_caller]
fn says(text: &str, part: &str) {
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat(text).contains(&flat(part)),
        "`{part}` is not in\n{text}"
    );
}

/// Takes a table out of the file.
fn take_out(lab: &Lab, table: &str) {
    let text = lab.text();
    let header = format!("[{table}]\n");
    let (before, rest) = text.split_once(&header).expect("the table is there");
    let after = rest.find("\n[").map_or("", |place| &rest[place..]);
    lab.write(&(before.to_owned() + after));
}

/// Three ways that live, without expectations.
fn three_ways() -> Lab {
    let lab = Lab::with_plan("three-ways.toml");
    lab.expect_nothing();
    lab.apply().exits(0);
    lab
}

/// The subnet behind the NAT gateway moves to the gateway endpoint.
fn from_nat_to_gateway() -> Lab {
    let lab = three_ways();
    lab.edit(
        "route_tables = [\"private-2\"]",
        "route_tables = [\"private-1\", \"private-2\"]",
    );
    lab.edit(
        "routes = [{ to = \"0.0.0.0/0\", via = \"nat_gateway.main\" }]\n",
        "",
    );
    for table in ["nat_gateway.main", "elastic_ip.nat"] {
        take_out(&lab, table);
    }
    lab
}

/// The calls since the last look, in order.
fn log(lab: &Lab) -> Vec<String> {
    let calls = lab.calls();
    let log = calls["log"].as_array().unwrap().iter();
    log.map(|call| call["action"].as_str().unwrap().to_owned())
        .collect()
}

/// Where these calls stand in a log, each for the first time after the one before.
#[track_caller]
fn in_order(log: &[String], calls: &[&str]) {
    let mut from = 0;
    for call in calls {
        let place = log[from..].iter().position(|it| it == call);
        let place = place.unwrap_or_else(|| panic!("{call} is not after {from} in {log:#?}"));
        from += place + 1;
    }
}

/// None of these calls comes before another.
#[track_caller]
fn none_before(log: &[String], calls: &[&str], other: &str) {
    let until = log.iter().position(|it| it == other).expect("it is called");
    for call in calls {
        assert!(
            !log[..until].contains(&(*call).to_owned()),
            "{call}: {log:#?}"
        );
    }
}

#[test]
fn from_nat_to_a_gateway_endpoint_the_endpoint_comes_first() {
    let lab = from_nat_to_gateway();
    let plan = lab.verb("plan", &[]).exits(0);
    for line in [
        "How ways are switched:",
        "subnet.private-1 → bucket.data: nat_gateway.main ⇒ gateway_endpoint.s3",
        "moment of change: when gateway_endpoint.s3 is changed (its route to S3 is longer than \
         0.0.0.0/0, and wins at once)",
        "open connections break then: their packets leave from another address",
        "nat_gateway.main and route_table.private-1/route:0.0.0.0/0 are deleted last, when a trace",
        "when a trace of the live network finds that the new way works",
    ] {
        says(&plan.out, line);
    }
    // A saved plan tells the same, in words and as a document.
    let saved = lab.verb("plan", &["--out", "switch.s3plan"]).exits(0);
    let shown = lab.run(&["show", "switch.s3plan"]).exits(0);
    let section = |text: &str| text.split_once("How ways are").map(|it| it.1.to_owned());
    assert_eq!(section(&shown.out), section(&saved.out));
    let switches = |ran: Ran| json_of(&ran.out)["switches"].clone();
    let planned = switches(lab.verb("plan", &["--json"]).exits(0));
    let shown = switches(lab.run(&["show", "switch.s3plan", "--json"]).exits(0));
    assert_eq!(planned.as_array().map(Vec::len), Some(1));
    assert_eq!(shown, planned);
    let graph = lab.verb("graph", &[]).exits(0);
    says(
        &graph.out,
        "the old way stays until a trace finds that the new one works",
    );
    log(&lab);
    lab.apply().exits(0);
    let log = log(&lab);
    // Only a survey asks for network ACLs.
    in_order(
        &log,
        &["ModifyVpcEndpoint", "DescribeNetworkAcls", "DeleteRoute"],
    );
    in_order(
        &log,
        &["DescribeNetworkAcls", "DeleteNatGateway", "ReleaseAddress"],
    );
    none_before(
        &log,
        &["DeleteRoute", "DeleteNatGateway"],
        "DescribeNetworkAcls",
    );
    lab.plan().exits(0);
    lab.destroy().exits(0);
    let left = block_on(async { leftovers(&lab.aws().await).await });
    assert!(left.is_empty(), "left: {left:?}");
}

#[test]
fn a_new_name_takes_no_gate_away() {
    let lab = from_nat_to_gateway();
    let moved = |from: &str, to: &str| format!("\n[[moved]]\nfrom = \"{from}\"\nto = \"{to}\"\n");
    let text = lab.text().replace("bucket.data", "bucket.files");
    let text = text.replace("gateway_endpoint.s3", "gateway_endpoint.free");
    lab.write(
        &(text
            + &moved("bucket.data", "bucket.files")
            + &moved("gateway_endpoint.s3", "gateway_endpoint.free")),
    );
    let plan = lab.verb("plan", &[]).exits(0);
    says(&plan.out, "How ways are switched:");
    let way = "subnet.private-1 → bucket.files: nat_gateway.main ⇒ gateway_endpoint.free";
    says(&plan.out, way);
    let graph = lab.verb("graph", &[]).exits(0);
    let gate = "the old way stays until a trace finds that the new one works";
    says(&graph.out, gate);
    log(&lab);
    walled(&lab, true);
    lab.apply().exits(1);
    assert_eq!(old_way(&lab), (vec!["available".to_owned()], true));
    walled(&lab, false);
    lab.apply().exits(0);
    in_order(
        &log(&lab),
        &["ModifyVpcEndpoint", "DescribeNetworkAcls", "DeleteRoute"],
    );
    assert_eq!(old_way(&lab), (vec!["deleted".to_owned()], false));
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn from_a_gateway_endpoint_to_names_the_record_comes_first() {
    let lab = three_ways();
    take_out(&lab, "gateway_endpoint.s3");
    lab.write(
        &(lab.text()
            + "\n[private_zone.data]\n\
               name = \"${bucket.data.name}.s3.${region}.amazonaws.com\"\nvpcs = [\"main\"]\n\n\
               [alias_record.data]\nzone = \"data\"\ntarget = \"interface_endpoint.s3\"\n"),
    );
    let plan = lab.verb("plan", &[]).exits(0);
    for line in [
        "instance.two → bucket.data: gateway_endpoint.s3 ⇒ interface_endpoint.s3",
        "moment of change: when alias_record.data is created",
        "open connections stay with gateway_endpoint.s3 until they end, or until it goes",
        "gateway_endpoint.s3 is deleted last, when a trace",
    ] {
        says(&plan.out, line);
    }
    log(&lab);
    lab.apply().exits(0);
    let log = log(&lab);
    in_order(
        &log,
        &[
            "CreateHostedZone",
            "ChangeResourceRecordSets",
            "DescribeNetworkAcls",
            "DeleteVpcEndpoints",
        ],
    );
    none_before(&log, &["DeleteVpcEndpoints"], "ChangeResourceRecordSets");
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

/// Somebody's network ACL lets nothing out, which no plan reads. Puts it there,
/// or takes it away.
fn walled(lab: &Lab, wall: bool) {
    block_on(async {
        let ec2 = lab.aws().await.ec2;
        let vpcs = ec2.describe_vpcs().send().await.unwrap();
        let ours = |vpc: &&aws_sdk_ec2::types::Vpc| {
            let mut tags = vpc.tags().iter();
            tags.any(|tag| tag.key() == Some("s3net:address"))
        };
        let vpc = vpcs.vpcs().iter().find(ours).unwrap().vpc_id().unwrap();
        let filter = Filter::builder().name("vpc-id").values(vpc).build();
        let acls = ec2.describe_network_acls().filters(filter).send().await;
        let acls = acls.unwrap();
        let acl = acls.network_acls()[0].network_acl_id().unwrap();
        if wall {
            let entry = ec2.create_network_acl_entry().network_acl_id(acl);
            let entry = entry.rule_number(50).protocol("-1").egress(true);
            let entry = entry.cidr_block("0.0.0.0/0").rule_action(RuleAction::Deny);
            entry.send().await.unwrap();
        } else {
            let entry = ec2.delete_network_acl_entry().network_acl_id(acl);
            entry.rule_number(50).egress(true).send().await.unwrap();
        }
    });
}

/// The states of the NAT gateways, and whether a route leads to one.
fn old_way(lab: &Lab) -> (Vec<String>, bool) {
    block_on(async {
        let ec2 = lab.aws().await.ec2;
        let nats = ec2.describe_nat_gateways().send().await.unwrap();
        let states = nats.nat_gateways().iter().filter_map(|it| it.state());
        let tables = ec2.describe_route_tables().send().await.unwrap();
        let mut routes = tables.route_tables().iter().flat_map(|it| it.routes());
        (
            states.map(|it| it.as_str().to_owned()).collect(),
            routes.any(|it| it.nat_gateway_id().is_some()),
        )
    })
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text.lines().next().unwrap()).unwrap()
}

fn outcome(ran: &Ran) -> Value {
    let documents = ran
        .out
        .lines()
        .map(|it| serde_json::from_str::<Value>(it).unwrap());
    let mut outcomes = documents.filter(|it| it["document"] == "outcome");
    outcomes.next().unwrap()
}

#[test]
fn the_old_way_stays_until_the_new_one_works() {
    let lab = from_nat_to_gateway();
    walled(&lab, true);
    let ran = lab.apply().exits(1);
    says(
        &ran.err,
        "subnet.private-1 → bucket.data is not found to work by gateway_endpoint.s3, so \
         nat_gateway.main stays",
    );
    says(&ran.err, "because the new way is not found to work");
    assert_eq!(old_way(&lab), (vec!["available".to_owned()], true));
    says(&ran.err, "the next apply asks again");
    // Once more, in documents: the way has moved, and the old one stays still.
    let told = lab.verb("apply", &["--auto-approve", "--json"]).exits(1);
    let told = outcome(&told);
    let withheld = told["withheld"].as_array().unwrap();
    assert_eq!(withheld.len(), 1, "{told:#}");
    assert_eq!(withheld[0]["old"], "nat_gateway.main");
    assert_eq!(old_way(&lab), (vec!["available".to_owned()], true));
    let plan = lab.verb("plan", &[]).exits(0);
    says(
        &plan.out,
        "moment of change: has been; calls go by gateway_endpoint.s3 already, and \
         nat_gateway.main is what they would fall back upon",
    );
    walled(&lab, false);
    log(&lab);
    lab.apply().exits(0);
    in_order(&log(&lab), &["DescribeNetworkAcls", "DeleteRoute"]);
    assert_eq!(old_way(&lab), (vec!["deleted".to_owned()], false));
    lab.plan().exits(0);
}

#[test]
fn who_does_not_want_to_be_asked_says_so() {
    let lab = from_nat_to_gateway();
    walled(&lab, true);
    lab.apply().exits(1);
    log(&lab);
    let args = ["--auto-approve", "--no-verify"];
    let ran = lab.verb("apply", &args).exits(0);
    assert!(!ran.out.contains("How ways are switched"), "{}", ran.out);
    assert!(!log(&lab).contains(&"DescribeNetworkAcls".to_owned()));
    assert_eq!(old_way(&lab), (vec!["deleted".to_owned()], false));
}

#[test]
fn names_that_lead_to_an_endpoint_already_keep_the_old_door_too() {
    let lab = three_ways();
    lab.write(
        &(lab.text()
            + "\n[private_zone.data]\n\
               name = \"${bucket.data.name}.s3.${region}.amazonaws.com\"\nvpcs = [\"main\"]\n\n\
               [alias_record.data]\nzone = \"data\"\ntarget = \"interface_endpoint.s3\"\n"),
    );
    lab.apply().exits(0);
    take_out(&lab, "gateway_endpoint.s3");
    let plan = lab.verb("plan", &[]).exits(0);
    says(
        &plan.out,
        "instance.two → bucket.data: gateway_endpoint.s3 ⇒ interface_endpoint.s3",
    );
    says(&plan.out, "calls go by interface_endpoint.s3 already");
    log(&lab);
    lab.apply().exits(0);
    let log = log(&lab);
    none_before(&log, &["DeleteVpcEndpoints"], "DescribeNetworkAcls");
    assert!(log.contains(&"DeleteVpcEndpoints".to_owned()));
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn a_new_way_that_does_not_work_can_be_rolled_back() {
    let lab = from_nat_to_gateway();
    let before = lab.verb("plan", &[]).exits(0).out;
    walled(&lab, true);
    let args = ["--auto-approve", "--rollback-on-failure", "--json"];
    let ran = lab.verb("apply", &args).exits(1);
    let told = outcome(&ran);
    let withheld = told["withheld"].as_array().unwrap();
    assert_eq!(withheld.len(), 1, "{told:#}");
    assert_eq!(withheld[0]["old"], "nat_gateway.main");
    assert_eq!(withheld[0]["new"], "gateway_endpoint.s3");
    assert_eq!(old_way(&lab), (vec!["available".to_owned()], true));
    assert_eq!(lab.verb("plan", &[]).exits(0).out, before);
    walled(&lab, false);
    lab.apply().exits(0);
    lab.plan().exits(0);
    assert_eq!(old_way(&lab), (vec!["deleted".to_owned()], false));
    lab.destroy().exits(0);
}
