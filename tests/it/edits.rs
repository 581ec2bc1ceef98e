//! An edit of the file shows the least change, and apply makes it.

use crate::lab::Lab;

/// Three-ways, applied.
fn built() -> Lab {
    let lab = Lab::with_plan("three-ways.toml");
    lab.expect_nothing();
    lab.apply().exits(0);
    lab
}

/// Plans an edit, applies it, and sees that nothing is left to do.
#[track_caller]
fn makes(lab: &Lab, says: &[&str]) {
    let plan = lab.plan().exits(2);
    for text in says {
        assert!(plan.out.contains(text), "`{text}` is not in\n{}", plan.out);
    }
    lab.apply().exits(0);
    lab.plan().exits(0);
}

#[test]
fn what_aws_can_change_is_changed_in_place() {
    let lab = built();
    lab.edit(
        "private_dns = false",
        "private_dns = true\nprivate_dns_only_for_inbound_resolver = true",
    );
    makes(
        &lab,
        &[
            "private_dns",
            "Plan: 0 to create, 1 to change, 0 to replace, 0 to destroy.",
        ],
    );
    lab.edit("port = 443", "port = 8443");
    makes(
        &lab,
        &[
            "from_port",
            "Plan: 0 to create, 1 to change, 0 to replace, 0 to destroy.",
        ],
    );
    lab.edit(
        "route_tables = [\"private-2\"]",
        "route_tables = [\"private-2\", \"private-3\"]\npolicy = { allow_buckets = [\"data\"] }",
    );
    makes(
        &lab,
        &[
            "route_tables",
            "Plan: 0 to create, 1 to change, 0 to replace, 0 to destroy.",
        ],
    );
    lab.edit(
        "tags = { Project = \"three-ways\" }",
        "tags = { Project = \"other\" }",
    );
    makes(
        &lab,
        &["Project", "0 to create", "0 to replace, 0 to destroy."],
    );
    lab.edit(
        "allow = [\"s3:*\"]",
        "allow = [\"s3:GetObject\", \"s3:ListBucket\"]",
    );
    makes(
        &lab,
        &["Plan: 0 to create, 1 to change, 0 to replace, 0 to destroy."],
    );
    lab.edit("type = \"t3.micro\"", "type = \"t3.small\"");
    makes(
        &lab,
        &["Plan: 0 to create, 3 to change, 0 to replace, 0 to destroy."],
    );
    lab.edit(
        "force_destroy = true",
        "force_destroy = true\nversioning = true",
    );
    makes(
        &lab,
        &[
            "enabled: false → true",
            "Plan: 0 to create, 1 to change, 0 to replace, 0 to destroy.",
        ],
    );
    lab.destroy().exits(0);
}

#[test]
fn a_route_changes_its_target_in_place() {
    let lab = built();
    lab.edit(
        "routes = [{ to = \"0.0.0.0/0\", via = \"nat_gateway.main\" }]",
        "routes = [{ to = \"0.0.0.0/0\", via = \"internet_gateway.main\" }]",
    );
    makes(
        &lab,
        &["Plan: 0 to create, 1 to change, 0 to replace, 0 to destroy."],
    );
    lab.destroy().exits(0);
}

#[test]
fn what_aws_cannot_change_is_replaced_and_the_reason_is_told() {
    let lab = built();
    lab.edit("cidr = \"10.0.3.0/24\"", "cidr = \"10.0.33.0/24\"");
    let plan = lab.plan().exits(2);
    assert!(
        plan.out.contains("AWS cannot change a subnet's IPv4 block"),
        "{}",
        plan.out
    );
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn a_security_group_in_use_is_replaced_before_the_old_one_goes() {
    let lab = built();
    lab.edit(
        "HTTPS from the instances to the endpoint",
        "HTTPS from the three instances",
    );
    let plan = lab.plan().exits(2);
    assert!(plan.out.contains("description"), "{}", plan.out);
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn a_table_that_leaves_the_file_is_destroyed_and_nothing_else() {
    let lab = built();
    let text = lab.text();
    let start = text.find("[instance.three]").unwrap();
    lab.write(&text[..start]);
    makes(
        &lab,
        &["Plan: 0 to create, 0 to change, 0 to replace, 1 to destroy."],
    );
    lab.destroy().exits(0);
}

#[test]
fn a_new_name_in_the_file_replaces_nothing() {
    let lab = built();
    lab.edit("[subnet.private-3]", "[subnet.third]");
    lab.edit("subnets = [\"private-3\"]", "subnets = [\"third\"]");
    lab.edit("subnet = \"private-3\"", "subnet = \"third\"");
    lab.edit("bucket.data", "bucket.files");
    let plan = lab.plan().exits(2);
    assert!(plan.out.contains("0 to create"), "{}", plan.out);
    assert!(
        plan.out.contains("0 to replace, 0 to destroy."),
        "{}",
        plan.out
    );
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn what_only_apply_can_know_is_shown_as_such_and_then_known() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.edit(
        "description = \"The three instances\"",
        "description = \"NAT address ${elastic_ip.nat.public_ip}\"",
    );
    let plan = lab.plan().exits(2);
    assert!(plan.out.contains("(known after apply)"), "{}", plan.out);
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}
