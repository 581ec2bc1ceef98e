//! A stack goes to Terraform, and Terraform finds nothing to change.
//!
//! What can be checked depends on the machine, and each test says what it skips:
//!
//! | there is | checked |
//! |---|---|
//! | nothing | the text parses as HCL, references and import ids are right |
//! | `terraform` | `terraform fmt -check` |
//! | and its AWS provider | `terraform validate`, and that a plan against the local endpoint imports everything and changes nothing |
//!
//! `S3NET_TERRAFORM_PLUGINS` names a folder of providers for machines without
//! network.

use std::path::Path;

use serde_json::Value;

use crate::lab::{Lab, endpoint};

mod running;

use running::{PATIENCE, checked, terraform};

#[test]
fn every_example_is_exported_offline() {
    for name in [
        "three-ways.toml",
        "three-patterns.toml",
        "single-bucket.toml",
    ] {
        let lab = Lab::with_plan(name);
        let ran = lab.run(&[
            "export",
            "plan.toml",
            "--terraform",
            "tf",
            "--offline",
            "--json",
        ]);
        let ran = ran.exits(0);
        let document: Value = serde_json::from_str(ran.out.trim()).unwrap();
        assert_eq!(document["left_out"], serde_json::json!([]), "{name}");
        assert_eq!(
            document["files"],
            serde_json::json!(["README.md", "main.tf"])
        );
        let resources = document["resources"].as_array().unwrap();
        assert!(resources.iter().all(|it| it["import_id"].is_null()));
        checked(&lab.folder.path().join("tf"));
    }
}

#[test]
fn files_that_are_there_stay() {
    let lab = Lab::with_plan("three-ways.toml");
    let folder = lab.folder.path().join("tf");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("main.tf"), "# mine\n").unwrap();
    let export = ["export", "plan.toml", "--terraform", "tf", "--offline"];
    let ran = lab.run(&export).exits(1);
    assert!(
        ran.err.contains("tf/main.tf is there already"),
        "{}",
        ran.err
    );
    assert!(!folder.join("README.md").exists());
    lab.run(&[&export[..], &["--force"]].concat()).exits(0);
    assert!(
        std::fs::read_to_string(folder.join("main.tf"))
            .unwrap()
            .contains("aws_vpc")
    );
}

/// The provider's settings for the local endpoint, beside the exported files.
fn override_for(lab: &Lab) -> String {
    let url = endpoint();
    let services = ["ec2", "iam", "route53", "s3", "s3control", "ssm", "sts"];
    let services: Vec<String> = services
        .iter()
        .map(|it| format!("    {it} = \"{url}\"\n"))
        .collect();
    format!(
        "provider \"aws\" {{\n  access_key = \"{}\"\n  secret_key = \"secret\"\n  \
         s3_use_path_style = true\n  skip_credentials_validation = true\n  skip_metadata_api_check = true\n  endpoints {{\n{}  }}\n}}\n",
        lab.account,
        services.concat()
    )
}

/// Checks what can be checked of an export: with a provider, that a plan imports
/// everything and changes nothing.
#[track_caller]
fn changes_nothing(lab: &Lab, folder: &Path, resources: usize, variables: &[&str]) {
    if !checked(folder) {
        return;
    }
    std::fs::write(folder.join("here_override.tf"), override_for(lab)).unwrap();
    let mut plan = vec!["plan", "-input=false", "-no-color", "-lock=false"];
    plan.extend(variables);
    let ran = terraform(folder, &plan, PATIENCE).expect("terraform plan ends");
    let summary = ran.out.lines().find(|line| line.starts_with("Plan:"));
    let wanted = format!("Plan: {resources} to import, 0 to add, 0 to change, 0 to destroy.");
    assert_eq!(summary, Some(wanted.as_str()), "{}\n{}", ran.out, ran.err);
}

#[test]
fn what_lives_is_imported_by_terraform_s_own_ids() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.apply().exits(0);
    let ran = lab
        .verb("export", &["--terraform", "tf", "--json"])
        .exits(0);
    let document: Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    assert_eq!(document["left_out"], serde_json::json!([]));
    let resources = document["resources"].as_array().unwrap();
    let id = |address: &str| {
        let found = resources.iter().find(|it| it["address"] == address);
        let found = found.unwrap_or_else(|| panic!("no {address}"));
        found["import_id"]
            .as_str()
            .unwrap_or_else(|| panic!("{address} has no id"))
            .to_owned()
    };
    for resource in resources {
        id(resource["address"].as_str().unwrap());
    }
    let (vpc, table) = (id("vpc.main"), id("route_table.public"));
    assert!(vpc.starts_with("vpc-"), "{vpc}");
    assert_eq!(
        id("route_table.public/route:0.0.0.0/0"),
        format!("{table}_0.0.0.0/0")
    );
    let subnet = id("subnet.public");
    assert_eq!(
        id("route_table.public/association:public"),
        format!("{subnet}/{table}")
    );
    let rule = id("security_group.endpoint/ingress:tcp:443:security_group.instance");
    assert!(rule.starts_with("sgr-"), "{rule}");
    assert_eq!(id("bucket.data/encryption"), lab.bucket());
    assert_eq!(
        id("role.instance/inline_policy:s3"),
        "three-ways-instance:s3"
    );
    assert_eq!(
        id("internet_gateway.main/attachment"),
        format!("{}:{vpc}", id("internet_gateway.main"))
    );
    let folder = lab.folder.path().join("tf");
    let main = std::fs::read_to_string(folder.join("main.tf")).unwrap();
    assert!(
        main.contains("aws_vpc.main.id") && !main.contains(&vpc),
        "{main}"
    );
    let imports = std::fs::read_to_string(folder.join("imports.tf")).unwrap();
    assert_eq!(imports.matches("import {").count(), resources.len());
    changes_nothing(&lab, &folder, resources.len(), &[]);
    lab.destroy().exits(0);
}

/// What Terraform would change if it were not told more than fields and values.
const DELICATE: &str = r#"
[stack]
name = "delicate"
region = "ap-northeast-1"

[vpc.main]
cidr = "10.0.0.0/16"
lifecycle = { ignore = ["dns_hostnames"] }

[subnet.one]
vpc = "main"
cidr = "10.0.0.0/24"
zone = "a"
lifecycle = { prevent_destroy = false, create_before_destroy = true, ignore = ["map_public_ip"] }

[security_group.one]
vpc = "main"
description = "one"
lifecycle = { create_before_destroy = true }
ingress = [
    { protocol = "icmp", from = "10.0.0.0/8" },
    { protocol = "icmpv6", from = "::/0" },
    { port = 443, from = "10.0.0.0/8" },
]

[private_zone.one]
name = "corp.internal"
vpcs = ["main"]
comment = ""

[bucket.data]
name = "BUCKET"
lifecycle = { prevent_destroy = true, ignore = ["ignore_public_acls", "enabled"] }
versioning = true

[instance.one]
subnet = "one"
security_groups = ["one"]
user_data = "echo hush"

[instance.two]
subnet = "one"
security_groups = ["one"]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_s3net_leaves_alone_terraform_does_too() {
    let lab = Lab::new();
    lab.write(&DELICATE.replace("BUCKET", &lab.bucket()));
    lab.apply().exits(0);
    let aws = lab.aws().await;
    let vpcs = aws.ec2.describe_vpcs().send().await.unwrap();
    let mut vpcs = vpcs
        .vpcs()
        .iter()
        .filter(|it| it.is_default() != Some(true));
    let vpc = vpcs.next().unwrap().vpc_id().unwrap().to_owned();
    let off = aws_sdk_ec2::types::AttributeBooleanValue::builder();
    let request = aws.ec2.modify_vpc_attribute().vpc_id(&vpc);
    let request = request.enable_dns_hostnames(off.value(false).build());
    request.send().await.unwrap();
    let block = aws_sdk_s3::types::PublicAccessBlockConfiguration::builder()
        .block_public_acls(true)
        .block_public_policy(true)
        .restrict_public_buckets(true)
        .ignore_public_acls(false);
    let request = aws.s3.put_public_access_block().bucket(lab.bucket());
    let request = request.public_access_block_configuration(block.build());
    request.send().await.unwrap();
    lab.plan().exits(0);

    let ran = lab
        .verb("export", &["--terraform", "tf", "--json"])
        .exits(0);
    let document: Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    let resources = document["resources"].as_array().unwrap().len();
    assert_eq!(document["variables"], serde_json::json!(["user_data_one"]));
    let folder = lab.folder.path().join("tf");
    let main = std::fs::read_to_string(folder.join("main.tf")).unwrap();
    let block = |named: &str| {
        let (_, rest) = main.split_once(&format!("resource {named} {{\n")).unwrap();
        let (block, _) = rest.split_once("\n}\n").unwrap();
        let block = block.split_whitespace().collect::<Vec<_>>().join(" ");
        block.replace(" = ", "=")
    };
    for (named, parts) in [
        (
            "\"aws_vpc\" \"main\"",
            &[
                "enable_dns_hostnames=false",
                "lifecycle { ignore_changes=[enable_dns_hostnames] }",
            ][..],
        ),
        (
            "\"aws_subnet\" \"one\"",
            &["lifecycle { create_before_destroy=true ignore_changes=[map_public_ip_on_launch] }"],
        ),
        (
            "\"aws_security_group\" \"one\"",
            &["lifecycle { create_before_destroy=true }"],
        ),
        (
            "\"aws_s3_bucket_public_access_block\" \"data\"",
            &[
                "ignore_public_acls=false",
                "block_public_acls=true",
                "lifecycle { prevent_destroy=true ignore_changes=[ignore_public_acls] }",
            ],
        ),
        (
            "\"aws_s3_bucket_versioning\" \"data\"",
            &["ignore_changes=[versioning_configuration]"],
        ),
        (
            "\"aws_s3_bucket\" \"data\"",
            &["lifecycle { prevent_destroy=true }"],
        ),
        ("\"aws_route53_zone\" \"one\"", &["comment=\"\""]),
        (
            "\"aws_instance\" \"one\"",
            &[
                "user_data=var.user_data_one",
                "lifecycle { ignore_changes=[user_data, user_data_replace_on_change] }",
            ],
        ),
        (
            "\"aws_instance\" \"two\"",
            &["lifecycle { ignore_changes=[user_data, user_data_replace_on_change] }"],
        ),
    ] {
        for part in parts {
            assert!(block(named).contains(part), "{part}\n{}", block(named));
        }
    }
    assert_eq!(
        main.matches("ip_protocol       = \"icmp").count(),
        2,
        "{main}"
    );
    assert!(!main.contains("= -1"), "{main}");
    assert!(main.contains("from_port         = 443"), "{main}");
    changes_nothing(
        &lab,
        &folder,
        resources,
        &["-var", "user_data_one=echo hush"],
    );

    // Import blocks of an earlier export are none of one without.
    let offline = ["export", "plan.toml", "--terraform", "tf", "--offline"];
    let imports = folder.join("imports.tf");
    for name in ["main.tf", "README.md"] {
        std::fs::remove_file(folder.join(name)).unwrap();
    }
    let ran = lab.run(&offline).exits(1);
    assert!(
        ran.err.contains("tf/imports.tf is there already"),
        "{}",
        ran.err
    );
    assert!(imports.exists() && !folder.join("main.tf").exists());
    lab.run(&[&offline[..], &["--force"]].concat()).exits(0);
    assert!(!imports.exists() && folder.join("main.tf").exists());
    let main = std::fs::read_to_string(folder.join("main.tf")).unwrap();
    assert!(main.contains("from_port         = -1"), "{main}");
    assert!(!main.contains("user_data_replace_on_change"), "{main}");

    lab.edit("prevent_destroy = true, ", "");
    lab.destroy().exits(0);
}
