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
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::lab::{Lab, Ran, endpoint};

/// How long Terraform may take to find its provider before it counts as not there.
const LOOKING: Duration = Duration::from_secs(60);
/// How long anything else may take.
const PATIENCE: Duration = Duration::from_secs(400);

/// Runs Terraform in a folder; nothing where there is none, or none that answers
/// in time.
fn terraform(folder: &Path, args: &[&str], patience: Duration) -> Option<Ran> {
    let (out, err) = (folder.join("terraform.out"), folder.join("terraform.err"));
    let mut child = Command::new("terraform")
        .args(args)
        .current_dir(folder)
        .env("TF_IN_AUTOMATION", "1")
        .env("CHECKPOINT_DISABLE", "1")
        .env_remove("TF_CLI_CONFIG_FILE")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(&out).unwrap())
        .stderr(std::fs::File::create(&err).unwrap())
        .spawn()
        .ok()?;
    let end = Instant::now() + patience;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            let text = |path: &Path| std::fs::read_to_string(path).unwrap();
            return Some(Ran {
                code: status.code().unwrap_or(-1),
                out: text(&out),
                err: text(&err),
            });
        }
        if Instant::now() > end {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Whether Terraform has its provider on this machine: looked for once, and not
/// for long.
fn has_provider() -> bool {
    static THERE: OnceLock<bool> = OnceLock::new();
    *THERE.get_or_init(|| {
        let folder = tempfile::TempDir::new().unwrap();
        let wanted = "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n";
        std::fs::write(folder.path().join("main.tf"), wanted).unwrap();
        initialised(folder.path())
    })
}

/// Gets a folder ready; false where the provider is not to be had.
fn initialised(folder: &Path) -> bool {
    let plugins = std::env::var("S3NET_TERRAFORM_PLUGINS").ok();
    let named = plugins.map(|folder| format!("-plugin-dir={folder}"));
    let mut args = vec!["init", "-input=false", "-no-color", "-backend=false"];
    args.extend(named.as_deref());
    let ran = terraform(folder, &args, LOOKING);
    let there = ran.as_ref().is_some_and(|ran| ran.code == 0);
    if !there {
        println!(
            "skipped: terraform has no AWS provider here: {:?}",
            ran.map(|it| it.err)
        );
    }
    there
}

/// Checks what can be checked of a folder without an account; says whether the
/// provider is there.
fn checked(folder: &Path) -> bool {
    for file in ["main.tf", "imports.tf"] {
        if let Ok(text) = std::fs::read_to_string(folder.join(file)) {
            hcl::parse(&text).unwrap_or_else(|error| panic!("{file}: {error}\n{text}"));
        }
    }
    match terraform(folder, &["fmt", "-check", "-diff", "-no-color"], PATIENCE) {
        None => {
            println!("skipped: there is no terraform");
            return false;
        }
        Some(ran) => assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err),
    }
    if !has_provider() || !initialised(folder) {
        return false;
    }
    let ran =
        terraform(folder, &["validate", "-no-color"], PATIENCE).expect("terraform validate ends");
    assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
    true
}

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
    if checked(&folder) {
        std::fs::write(folder.join("here_override.tf"), override_for(&lab)).unwrap();
        let plan = ["plan", "-input=false", "-no-color", "-lock=false"];
        let ran = terraform(&folder, &plan, PATIENCE).expect("terraform plan ends");
        let summary = ran.out.lines().find(|line| line.starts_with("Plan:"));
        let wanted = format!(
            "Plan: {} to import, 0 to add, 0 to change, 0 to destroy.",
            resources.len()
        );
        assert_eq!(summary, Some(wanted.as_str()), "{}\n{}", ran.out, ran.err);
    }
    lab.destroy().exits(0);
}
