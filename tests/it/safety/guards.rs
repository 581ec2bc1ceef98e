//! Runs that stop before their first change: another region, another account's
//! or region's state, and what must not be destroyed.

use serde_json::Value;

use crate::lab::{Lab, Ran};

const VPC: &str = "[vpc.main]\ncidr = \"10.0.0.0/16\"\n";

/// The calls since the last time that change something.
fn changes(lab: &Lab) -> Vec<String> {
    let calls = lab.calls();
    let log = calls["log"].as_array().unwrap().iter();
    let actions = log.filter_map(|call| call["action"].as_str().map(str::to_owned));
    let reads = ["Describe", "Get", "List", "Head"];
    actions
        .filter(|action| !reads.iter().any(|read| action.starts_with(read)))
        .collect()
}

fn said(ran: &Ran, text: &str) {
    let flat = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(text), "`{text}` is not in\n{}", ran.err);
}

/// Runs the program without `--local`, as AWS's tools are run.
fn with_region(lab: &Lab, args: &[&str], region: &str) -> Ran {
    lab.command(args)
        .env("AWS_ACCESS_KEY_ID", &lab.account)
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_ENDPOINT_URL", crate::lab::endpoint())
        .env("AWS_REGION", region)
        .output()
        .unwrap()
        .into()
}

const APPLY: &[&str] = &["apply", "plan.toml", "--auto-approve"];

#[test]
fn a_region_on_the_command_line_must_be_the_files() {
    let lab = Lab::new();
    lab.write(&format!(
        "[stack]\nname = \"here\"\nregion = \"eu-west-1\"\n\n{VPC}"
    ));
    let args = [
        "apply",
        "plan.toml",
        "--auto-approve",
        "--region",
        "eu-west-2",
    ];
    let ran = with_region(&lab, &args, "eu-west-1").exits(1);
    said(
        &ran,
        "the file is for region eu-west-1, and --region says eu-west-2",
    );
    assert!(changes(&lab).is_empty());
}

#[test]
fn the_files_region_wins_over_the_environments() {
    let lab = Lab::new();
    lab.write(&format!(
        "[stack]\nname = \"here\"\nregion = \"eu-west-1\"\n\n{VPC}"
    ));
    let ran = with_region(&lab, APPLY, "us-east-1").exits(0);
    assert!(ran.out.contains("eu-west-1"), "{}", ran.out);
    let calls = lab.calls();
    let made = calls["log"].as_array().unwrap().iter();
    let made: Vec<&Value> = made.filter(|call| call["action"] == "CreateVpc").collect();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["region"], "eu-west-1");
    // Another word of the file makes it another place, which its state is not of.
    lab.edit("eu-west-1", "eu-west-2");
    let ran = with_region(&lab, APPLY, "eu-west-1").exits(1);
    said(&ran, "in eu-west-1, and this run is for");
    assert!(changes(&lab).is_empty());
}

#[test]
fn state_binds_a_file_without_a_region_to_the_first() {
    let lab = Lab::new();
    lab.write(&format!("[stack]\nname = \"anywhere\"\n\n{VPC}"));
    with_region(&lab, APPLY, "eu-west-1").exits(0);
    lab.calls();
    for verb in ["apply", "destroy"] {
        let args = [verb, "plan.toml", "--auto-approve"];
        let ran = with_region(&lab, &args, "eu-west-2").exits(1);
        said(&ran, "use that account and region");
    }
    assert!(changes(&lab).is_empty());
    with_region(
        &lab,
        &["destroy", "plan.toml", "--auto-approve"],
        "eu-west-1",
    )
    .exits(0);
}

#[test]
fn what_must_not_be_destroyed_stops_the_plan_and_not_half_an_apply() {
    let lab = Lab::new();
    let head = "[stack]\nname = \"kept\"\nregion = \"ap-northeast-1\"\n\n";
    let plan = |cidr: &str, more: &str| {
        format!(
            "{head}[vpc.main]\ncidr = \"{cidr}\"\n\
             lifecycle = {{ prevent_destroy = true }}\n\n{more}"
        )
    };
    let subnet = "[subnet.a]\nvpc = \"main\"\ncidr = \"10.0.1.0/24\"\nzone = \"a\"\n\n";
    let group = "[security_group.new]\nvpc = \"main\"\ndescription = \"new\"\n";
    lab.write(&plan("10.0.0.0/16", subnet));
    lab.apply().exits(0);
    lab.calls();
    // Each of these would create, change or delete something else first.
    let destroyed = lab.destroy().exits(1);
    said(&destroyed, "vpc.main");
    said(&destroyed, "prevent_destroy");
    lab.write(&plan("10.9.0.0/16", group));
    let replaced = lab.apply().exits(1);
    said(&replaced, "vpc.main");
    // Also where the file no longer says so: state remembers.
    lab.write(&format!("{head}[elastic_ip.other]\n"));
    let removed = lab.apply().exits(1);
    said(&removed, "vpc.main");
    assert!(changes(&lab).is_empty());
}
