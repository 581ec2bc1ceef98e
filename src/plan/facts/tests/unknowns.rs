//! What a file and its look-ups leave unknown.

use super::samples::of_text;
use super::{LAB, key};
use crate::kind::Live;
use crate::model::network::Known;
use crate::model::{Attributes, Tags, Value};
use crate::plan::facts::wanted;

#[test]
fn a_look_up_is_known_as_far_as_it_was_read() {
    let text = r#"
[stack]
name = "lab"
region = "eu-west-1"
[existing.vpc.shared]
id = "vpc-0a"
[existing.subnet.one]
id = "subnet-0a"
[existing.subnet.two]
id = "subnet-0b"
[existing.security_group.all]
id = "sg-0a"
[existing.role.ops]
name = "ops"
[route_table.own]
vpc = "existing.vpc.shared"
subnets = ["existing.subnet.two"]
[instance.one]
subnet = "existing.subnet.one"
security_groups = ["existing.security_group.all"]
role = "existing.role.ops"
[instance.two]
subnet = "subnet-0c0c0c0c"
"#;
    let mut sample = of_text(text);
    let offline = wanted(&sample.world(), None);
    let vpc = offline.labelled("existing.vpc.shared").unwrap();
    assert_eq!(vpc, "vpc-(existing.vpc.shared)");
    assert_eq!(
        offline.instances[&key("instance.one")].subnet,
        "subnet-(existing.subnet.one)"
    );
    let unread: Vec<&str> = offline.unread.keys().map(String::as_str).collect();
    let expected = [
        "(existing.role.ops)",
        "sg-(existing.security_group.all)",
        "subnet-(existing.subnet.one)",
        "subnet-(existing.subnet.two)",
        "subnet-0c0c0c0c",
        "vpc-(existing.vpc.shared)",
    ];
    assert_eq!(unread, expected);
    assert_eq!(
        offline.unread[vpc],
        "the facts of existing.vpc.shared are not in the file; `--live` reads them"
    );
    let mut look_up = |address: &str, id: &str, attributes: Attributes| {
        let found = Live::tagged(id, Tags::new(), attributes);
        sample.existing.insert(address.parse().unwrap(), found);
    };
    let block = |cidr: &str| Attributes::new().with("cidr", cidr).with("vpc", "vpc-0a");
    look_up("existing.vpc.shared", "vpc-0a", block("10.0.0.0/16"));
    look_up("existing.subnet.one", "subnet-0a", block("10.0.1.0/24"));
    look_up("existing.subnet.two", "subnet-0b", block("10.0.2.0/24"));
    look_up("existing.security_group.all", "sg-0a", block("10.0.0.0/8"));
    let arn = Attributes::new().with("arn", "arn:aws:iam::1:role/ops");
    look_up("existing.role.ops", "ops", arn);
    let found = wanted(&sample.world(), Some(&sample.plan()));
    assert_eq!(found.vpcs["vpc-0a"].default_group, None);
    assert_eq!(found.label("vpc-0a"), "existing.vpc.shared");
    let table = |subnet: &str| {
        found
            .table_of(&found.subnets[subnet])
            .map(|it| it.0.clone())
    };
    assert_eq!(table("subnet-0a"), None);
    assert_eq!(table("subnet-0b"), Some(key("route_table.own")));
    let unread: Vec<&str> = found.unread.keys().map(String::as_str).collect();
    assert_eq!(
        unread,
        ["rtb-of(subnet-0a)", "sg-0a", "subnet-0c0c0c0c", "vpc-0a"]
    );
    let one = &found.instances[&key("instance.one")];
    assert_eq!(one.role, Known::Is(Some("ops".into())));
    let document = &found.roles["ops"].policies[0].document;
    assert!(document.get().is_none());
}

#[test]
fn a_policy_with_what_only_apply_knows_stays_undecided() {
    let text = LAB.replace(
        "\"aws:SourceVpce\" = \"${interface_endpoint.s3.id}\"",
        "\"aws:SourceIp\" = \"${elastic_ip.nat.public_ip}/32\"",
    );
    let sample = of_text(&text);
    let network = wanted(&sample.world(), None);
    let document = &network.buckets["lab-data-(account)"].policy.document;
    let document: &Value = document.get().unwrap().as_ref().unwrap();
    assert!(document.has_unknown());
}
