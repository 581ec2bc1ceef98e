//! What only one object can have: the old one gives it up first, the plan says that
//! there is a gap, and an apply goes through at once.

use crate::lab::Lab;

#[track_caller]
fn says(text: &str, part: &str) {
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        flat(text).contains(&flat(part)),
        "`{part}` is not in\n{text}"
    );
}

/// A VPC with two subnets, their tables, and a bucket.
fn lab(more: &str) -> Lab {
    let lab = Lab::new();
    lab.write(&format!(
        r#"
[stack]
name = "room"
region = "ap-northeast-1"

[vpc.main]
cidr = "10.0.0.0/16"

[subnet.a]
vpc = "main"
cidr = "10.0.1.0/24"
zone = "a"

[subnet.c]
vpc = "main"
cidr = "10.0.2.0/24"
zone = "c"

[route_table.a]
vpc = "main"
subnets = ["a"]

[route_table.c]
vpc = "main"
subnets = ["c"]

[security_group.door]
vpc = "main"
ingress = [{{ port = 443, from = "10.0.0.0/16" }}]

[bucket.data]
name = "{}"
{more}"#,
        lab.bucket()
    ));
    lab.apply().exits(0);
    lab
}

/// Plans and applies: the gap is told with its reason, these calls come in this
/// order, and none of them is refused and made again.
#[track_caller]
fn goes_through(lab: &Lab, gap: &[&str], calls: &[&str]) {
    let plan = lab.plan().exits(2);
    for part in gap {
        says(&plan.out, part);
    }
    lab.calls();
    lab.apply().exits(0);
    let told = lab.calls();
    let log = told["log"].as_array().unwrap().iter();
    let log: Vec<&str> = log.map(|call| call["action"].as_str().unwrap()).collect();
    let made: Vec<&str> = log.into_iter().filter(|it| calls.contains(it)).collect();
    assert_eq!(made, calls);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

const GATEWAY: &str = r#"
[gateway_endpoint.one]
vpc = "main"
service = "s3"
route_tables = ["a"]
"#;

#[test]
fn a_gateway_endpoint_under_another_name() {
    for policy in ["", "policy = { allow_buckets = [\"data\"] }\n"] {
        let lab = lab(GATEWAY);
        lab.edit(
            "[gateway_endpoint.one]\n",
            &format!("[gateway_endpoint.two]\n{policy}"),
        );
        goes_through(
            &lab,
            &[
                "gateway_endpoint.one ⇒ gateway_endpoint.two",
                "cannot be switched without a gap, because gateway_endpoint.one must be deleted \
                 before gateway_endpoint.two can be created: both are for the same service, and \
                 rtb-",
            ],
            &["DeleteVpcEndpoints", "CreateVpcEndpoint"],
        );
    }
}

#[test]
fn a_route_table_moves_to_another_endpoint() {
    let lab = lab(&(GATEWAY.replace("[\"a\"]", "[\"a\", \"c\"]")
        + &GATEWAY.replace(".one", ".two").replace("[\"a\"]", "[]")));
    lab.edit("[\"a\", \"c\"]", "[\"c\"]");
    lab.edit("route_tables = []", "route_tables = [\"a\"]");
    goes_through(
        &lab,
        &[
            "subnet.a → bucket.data: gateway_endpoint.one ⇒ gateway_endpoint.two",
            "because gateway_endpoint.one must be changed before gateway_endpoint.two can be \
             changed: both are for the same service",
        ],
        &["ModifyVpcEndpoint", "ModifyVpcEndpoint"],
    );
}

const INTERFACE: &str = r#"
[interface_endpoint.one]
vpc = "main"
service = "s3"
subnets = ["a", "c"]
security_groups = ["door"]
private_dns = true
"#;

#[test]
fn an_interface_endpoint_with_private_dns_under_another_name() {
    let lab = lab(INTERFACE);
    lab.edit(
        "[interface_endpoint.one]\n",
        "[interface_endpoint.two]\npolicy = { allow_buckets = [\"data\"] }\n",
    );
    goes_through(
        &lab,
        &[
            "interface_endpoint.one ⇒ interface_endpoint.two",
            "because interface_endpoint.one must be deleted before interface_endpoint.two can \
             be created: both answer s3.ap-northeast-1.amazonaws.com, which a VPC takes from \
             one place",
        ],
        &["DeleteVpcEndpoints", "CreateVpcEndpoint"],
    );
}

/// A zone of S3's own name, and its records.
const ZONE: &str = r#"
[private_zone.s3]
name = "s3.ap-northeast-1.amazonaws.com"
vpcs = ["main"]

[alias_record.apex]
zone = "s3"
target = "interface_endpoint.one"

[alias_record.star]
zone = "s3"
name = "*"
target = "interface_endpoint.one"
"#;

#[test]
fn private_dns_takes_the_place_of_a_private_zone() {
    let lab = lab(&(INTERFACE.replace("private_dns = true", "private_dns = false") + ZONE));
    lab.edit(ZONE, "");
    lab.edit("private_dns = false", "private_dns = true");
    lab.edit("interface_endpoint.one", "interface_endpoint.two");
    goes_through(
        &lab,
        &[
            "interface_endpoint.one ⇒ interface_endpoint.two",
            "cannot be switched without a gap, because alias_record.",
            "both answer s3.ap-northeast-1.amazonaws.com, which a VPC takes from one place",
        ],
        &[
            "DeleteHostedZone",
            "CreateVpcEndpoint",
            "DeleteVpcEndpoints",
        ],
    );
}

#[test]
fn a_private_zone_takes_the_place_of_private_dns() {
    let lab = lab(INTERFACE);
    lab.edit("private_dns = true", "private_dns = false");
    lab.write(&(lab.text() + ZONE));
    goes_through(&lab, &[], &["ModifyVpcEndpoint", "CreateHostedZone"]);
}

/// A way out by a NAT gateway.
const NAT: &str = r#"
[internet_gateway.main]
vpc = "main"

[subnet.public]
vpc = "main"
cidr = "10.0.8.0/24"
zone = "a"

[subnet.public-2]
vpc = "main"
cidr = "10.0.9.0/24"
zone = "c"

[route_table.public]
vpc = "main"
subnets = ["public", "public-2"]
routes = [{ to = "0.0.0.0/0", via = "internet_gateway.main" }]

[elastic_ip.nat]

[nat_gateway.one]
subnet = "public"
elastic_ip = "nat"

[subnet.private]
vpc = "main"
cidr = "10.0.10.0/24"
zone = "a"

[route_table.private]
vpc = "main"
subnets = ["private"]
routes = [{ to = "0.0.0.0/0", via = "nat_gateway.one" }]
"#;

#[test]
fn a_nat_gateway_takes_anothers_elastic_ip() {
    let lab = lab(NAT);
    lab.edit("nat_gateway.one", "nat_gateway.two");
    lab.edit(
        "subnet = \"public\"\nelastic_ip",
        "subnet = \"public-2\"\nelastic_ip",
    );
    goes_through(
        &lab,
        &[
            "nat_gateway.one ⇒ nat_gateway.two",
            "because nat_gateway.one must be deleted before nat_gateway.two can be created: an \
             Elastic IP serves one gateway, and both have eipalloc-",
        ],
        &["DeleteNatGateway", "CreateNatGateway", "ReplaceRoute"],
    );
}

#[test]
fn an_internet_gateway_under_another_name() {
    let lab = lab(r#"
[internet_gateway.one]
vpc = "main"

[route_table.public]
vpc = "main"
routes = [{ to = "0.0.0.0/0", via = "internet_gateway.one" }]
"#);
    lab.edit("internet_gateway.one", "internet_gateway.two");
    goes_through(
        &lab,
        &["internet_gateway.two"],
        &[
            "DetachInternetGateway",
            "AttachInternetGateway",
            "ReplaceRoute",
        ],
    );
}

/// Refused by plan and by apply, before any call that changes something.
#[track_caller]
fn is_refused(lab: &Lab, told: &[&str]) {
    lab.calls();
    for ran in [lab.plan().exits(1), lab.apply().exits(1)] {
        for part in told {
            says(&ran.err, part);
        }
    }
    let calls = lab.calls();
    let log = calls["log"].as_array().unwrap().iter();
    let log: Vec<&str> = log.map(|call| call["action"].as_str().unwrap()).collect();
    assert!(!log.is_empty());
    let reads = ["Describe", "Get", "List", "Head"];
    let changing = |it: &&&str| !reads.iter().any(|read| it.starts_with(read));
    assert_eq!(log.iter().find(changing), None);
}

#[test]
fn what_two_endpoints_swap_is_refused_and_goes_in_two_runs() {
    let second = GATEWAY
        .replace(".one", ".two")
        .replace("[\"a\"]", "[\"c\"]");
    let lab = lab(&(GATEWAY.to_owned() + &second));
    let first = lab.text();
    let swapped = first
        .replace("[\"a\"]\n", "[\"x\"]\n")
        .replace("[\"c\"]\n", "[\"a\"]\n")
        .replace("[\"x\"]\n", "[\"c\"]\n");
    let swapped = swapped
        .replace("subnets = [\"c\"]\n", "subnets = [\"x\"]\n")
        .replace("subnets = [\"a\"]\n", "subnets = [\"c\"]\n")
        .replace("subnets = [\"x\"]\n", "subnets = [\"a\"]\n");
    lab.write(&swapped);
    is_refused(
        &lab,
        &[
            "error: gateway_endpoint.two cannot take what gateway_endpoint.one has: both are for \
             the same service, and rtb-",
            "cause: AWS gives it to one at a time, and gateway_endpoint.one lets go of it only \
             after gateway_endpoint.two is changed",
            "hint: it takes two runs: first apply the file with gateway_endpoint.two as it is so \
             far, and with gateway_endpoint.one without it, then the file as it stands",
        ],
    );
    let without = first.replacen("route_tables = [\"a\"]", "route_tables = []", 1);
    assert_ne!(without, first);
    lab.write(&without);
    lab.apply().exits(0);
    lab.write(&swapped);
    goes_through(&lab, &[], &["ModifyVpcEndpoint", "ModifyVpcEndpoint"]);
}

#[test]
fn two_nat_gateways_swap_their_addresses() {
    let second = "\n[elastic_ip.second]\n\n[nat_gateway.two]\nsubnet = \"public-2\"\n\
                  elastic_ip = \"second\"\n";
    let lab = lab(&(NAT.to_owned() + second));
    lab.edit("elastic_ip = \"nat\"", "elastic_ip = \"then\"");
    lab.edit("elastic_ip = \"second\"", "elastic_ip = \"nat\"");
    lab.edit("elastic_ip = \"then\"", "elastic_ip = \"second\"");
    // Both go before one comes.
    goes_through(
        &lab,
        &[],
        &[
            "DeleteNatGateway",
            "DeleteNatGateway",
            "CreateNatGateway",
            "CreateNatGateway",
        ],
    );
}

#[test]
fn a_group_with_a_name_of_its_own_under_another_name() {
    let lab = lab("");
    lab.edit(
        "[security_group.door]\n",
        "[security_group.door]\ngroup_name = \"door\"\n",
    );
    lab.apply().exits(0);
    let door = lab.text();
    // Nothing uses it: it goes first.
    lab.edit("security_group.door", "security_group.gate");
    lab.calls();
    lab.apply().exits(0);
    let calls = lab.calls();
    let log = calls["log"].as_array().unwrap().iter();
    let log = log.map(|call| call["action"].as_str().unwrap());
    let made: Vec<&str> = log.filter(|it| it.ends_with("eSecurityGroup")).collect();
    assert_eq!(made, ["DeleteSecurityGroup", "CreateSecurityGroup"]);
    lab.plan().exits(0);
    // An endpoint uses it, and cannot be without a group.
    let used = door + INTERFACE;
    lab.write(
        &used
            .replace("security_group.door", "security_group.gate")
            .replace("[\"door\"]", "[\"gate\"]"),
    );
    lab.apply().exits(0);
    lab.write(&used);
    is_refused(
        &lab,
        &[
            "error: security_group.door cannot take what security_group.gate has: both are called \
             door, and vpc-",
            "lets go of it only after security_group.door is made",
            "write [[moved]] with from = \"security_group.gate\" and to = \"security_group.door\"",
        ],
    );
    lab.write(
        &(used + "\n[[moved]]\nfrom = \"security_group.gate\"\nto = \"security_group.door\"\n"),
    );
    let plan = lab.plan().exits(2);
    says(
        &plan.out,
        "0 to create, 1 to change, 0 to replace, 0 to destroy.",
    );
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}
