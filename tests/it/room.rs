//! What only one object can have: the old one gives it up first, the plan says that
//! there is a gap, and an apply goes through at once.

use crate::lab::Lab;

mod contended;

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
