//! CloudFormation templates become plan files that build what they say.
//!
//! The templates are in `tests/it/cloudformation`: the three ways with nested
//! stacks, as the tutorials have them, and one bucket by PrivateLink as flat JSON.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::lab::{Lab, Ran};

fn templates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cloudformation")
}

/// Copies a template, or a folder of templates, into the laboratory.
fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        std::fs::copy(from, to).unwrap();
    }
}

/// A laboratory with a template in it, under the same name.
fn lab(template: &str) -> Lab {
    let lab = Lab::new();
    copy(
        &templates().join(template),
        &lab.folder.path().join(template),
    );
    lab
}

fn import(lab: &Lab, template: &str, more: &[&str]) -> Ran {
    let mut args = vec![
        "import",
        "--cloudformation",
        template,
        "--write",
        "plan.toml",
        "--region",
        "ap-northeast-1",
    ];
    args.extend(more);
    lab.run(&args)
}

/// What is wanted of the three ways, in the words of plan files.
const EXPECTED: &str = r#"
[[expect]]
from = "instance.Instance1"
to = "bucket.Bucket"
via = "nat_gateway.NatGateway"
private = false

[[expect]]
from = "instance.Instance2"
to = "bucket.Bucket"
via = "gateway_endpoint.GatewayEndpoint"
private = true

[[expect]]
from = "instance.Instance3"
to = "bucket.Bucket"
via = "interface_endpoint.InterfaceEndpoint"
private = true
"#;

#[test]
fn nested_templates_build_the_three_ways() {
    let lab = lab("three-ways");
    let bucket = format!("BucketName={}", lab.bucket());
    let ran = import(&lab, "three-ways/main.yaml", &["--parameter", &bucket]).exits(0);
    // One line for each thing that is not as the template has it, with its line.
    for line in [
        "three-ways/nat.yaml:20: left out: NatGateway.MaxDrainDurationSeconds",
        "Outputs.BucketUrl: a plan file has no outputs; this one is s3://${bucket.Bucket.name}/",
        "three-ways/main.yaml:15: Parameters.Ways: its value was settled by the import: `all`",
        "PrivateSubnet1.AvailabilityZone: which zones the account has is not asked",
    ] {
        let flat = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(line), "{line}\n{}", ran.err);
    }
    assert!(
        ran.err
            .contains("21 tables from three-ways/main.yaml; 3 left out"),
        "{}",
        ran.err
    );
    let text = lab.text();
    for line in [
        "name = \"three-ways\"",
        "zone = \"c\"",
        "inline_policies = { bucket = { allow = [\"s3:*\"], on = [\"bucket.Bucket\"] } }",
        "ingress = [{ port = 443, from = \"security_group.Group\" }]",
        "routes = [{ to = \"0.0.0.0/0\", via = \"nat_gateway.NatGateway\" }]",
        "type = \"${var.InstanceType}\"",
        "tags = { Name = \"three-ways-vpc\" }",
        "# left out: NatGateway.MaxDrainDurationSeconds: s3net has no such setting",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(
        text.contains("echo \\\"$${HOME}\\\"") || text.contains("$${HOME}"),
        "{text}"
    );
    lab.run(&["validate", "plan.toml"]).exits(0);

    lab.write(&format!("{text}{EXPECTED}"));
    lab.apply().exits(0);
    let ran = lab.plan().exits(0);
    assert!(ran.out.contains("No changes"), "{}", ran.out);
    let ran = lab.verb("trace", &["--live", "--check"]).exits(0);
    assert!(!ran.out.contains("fails"), "{}", ran.out);
    let text = lab.text();
    let (_, without) = text
        .split_once("[[expect]]")
        .map(|(head, _)| ((), head.to_owned()))
        .unwrap();
    // The files of the laboratory go with it.
    lab.write(&without);
    lab.destroy().exits(0);
}

#[test]
fn a_json_template_builds_one_bucket_by_private_link() {
    let lab = lab("single-bucket.json");
    let name = format!("Name={}", lab.bucket());
    let ran = import(&lab, "single-bucket.json", &["--parameter", &name]).exits(0);
    let flat = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "left out: Bucket.BucketEncryption.ServerSideEncryptionConfiguration[0].BucketKeyEnabled",
        "left out: Bucket.CorsConfiguration",
        "left out: Client.BlockDeviceMappings",
        "left out: Alarm (AWS::CloudWatch::Alarm): s3net has no kind for this type",
        "left out: Records (AWS::Route53 record)",
        "Endpoint (AWS::EC2::VPCEndpoint): the template does not say `PrivateDnsEnabled`",
        "`s3net validate plan.toml --var Secret=…` checks the file",
    ] {
        assert!(flat.contains(part), "{part}\n{}", ran.err);
    }
    let text = lab.text();
    assert!(!text.contains("hush"), "{text}");
    assert!(text.contains("Secret = { required = true }"), "{text}");
    assert!(
        text.contains("ingress = [{ protocol = \"all\", from = \"self\" }]"),
        "{text}"
    );
    let secret = ["--var", "Secret=quiet"];
    lab.run(&["validate", "plan.toml", "--var", "Secret=quiet"])
        .exits(0);
    lab.verb("apply", &[&secret[..], &["--auto-approve"]].concat())
        .exits(0);
    lab.verb("plan", &[&secret[..], &["--detailed-exitcode"]].concat())
        .exits(0);
    let question = ["instance.Client", "bucket.Bucket"];
    let ran = lab.verb("trace", &[&question[..], &secret[..], &["--json"]].concat());
    assert!(
        ran.out.contains("interface_endpoint.Endpoint"),
        "{}\n{}",
        ran.out,
        ran.err
    );
    lab.verb("destroy", &[&secret[..], &["--auto-approve"]].concat())
        .exits(0);
}

#[test]
fn a_file_that_is_there_stays_and_documents_have_everything() {
    let lab = lab("single-bucket.json");
    lab.write("# mine\n");
    let ran = import(&lab, "single-bucket.json", &[]).exits(1);
    assert!(
        ran.err.contains("plan.toml is there already"),
        "{}",
        ran.err
    );
    assert_eq!(lab.text(), "# mine\n");
    // One in a new folder makes it, as an import of a VPC does.
    let deep = "new/plans/one.toml";
    let args = [
        "import",
        "--cloudformation",
        "single-bucket.json",
        "--write",
        deep,
    ];
    let ran = lab.run(&args).exits(0);
    assert!(ran.err.contains("the file names no region"), "{}", ran.err);
    let folder = lab.folder.path().join("new/plans");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    let written = std::fs::read_to_string(lab.folder.path().join(deep)).unwrap();
    assert!(
        written.starts_with("# One bucket by PrivateLink"),
        "{written}"
    );
    let ran = import(&lab, "single-bucket.json", &["--force", "--json"]).exits(0);
    let document: Value = serde_json::from_str(ran.out.lines().next().unwrap()).unwrap();
    assert_eq!(document["document"], "import_cloudformation");
    assert_eq!(document["file"], "plan.toml");
    assert_eq!(document["stack"], "single-bucket");
    let tables = document["tables"].as_array().unwrap();
    assert_eq!(tables.len(), 8, "{tables:?}");
    assert_eq!(document["variables"], serde_json::json!(["Name", "Secret"]));
    let notes = document["notes"].as_array().unwrap();
    let left = notes.iter().filter(|it| it["weight"] == "left_out").count();
    assert_eq!(left, 5, "{notes:#?}");
    let cors = notes
        .iter()
        .find(|it| it["subject"] == "Bucket.CorsConfiguration")
        .unwrap();
    assert_eq!(
        (cors["line"].as_u64(), cors["table"].as_str()),
        (Some(46), Some("bucket.Bucket"))
    );
    assert!(
        lab.text().starts_with("# One bucket by PrivateLink"),
        "{}",
        lab.text()
    );
}

#[test]
fn what_is_no_template_is_told_at_its_place() {
    let lab = Lab::new();
    let ran = import(&lab, "gone.yaml", &[]).exits(1);
    assert!(ran.err.contains("gone.yaml cannot be read"), "{}", ran.err);
    std::fs::write(
        lab.folder.path().join("t.yaml"),
        "Resources:\n  A:\n    Type: [\n",
    )
    .unwrap();
    let ran = import(&lab, "t.yaml", &[]).exits(1);
    assert!(
        ran.err.contains("t.yaml:") && ran.err.contains("cannot be read"),
        "{}",
        ran.err
    );
    std::fs::write(lab.folder.path().join("t.yaml"), b"\xff\xfe").unwrap();
    let ran = import(&lab, "t.yaml", &[]).exits(1);
    assert!(ran.err.contains("UTF-8"), "{}", ran.err);
    std::fs::write(
        lab.folder.path().join("t.yaml"),
        "Resources: {V: {Type: 'AWS::EC2::VPC'}}\n",
    )
    .unwrap();
    let ran = import(&lab, "t.yaml", &["--parameter", "X=1"]).exits(1);
    assert!(ran.err.contains("no parameter `X`"), "{}", ran.err);
    assert!(!lab.folder.path().join("plan.toml").exists());
}

/// The documents that an import wrote.
fn documents(ran: &Ran) -> Vec<Value> {
    let lines = ran.out.lines();
    lines.map(|it| serde_json::from_str(it).unwrap()).collect()
}

#[test]
fn a_file_that_is_not_valid_is_told_and_ends_in_an_error() {
    let lab = Lab::new();
    let template = |text: &str| {
        std::fs::write(lab.folder.path().join("t.yaml"), text).unwrap();
    };
    // A key, a block and a secret that only a run knows.
    let resources = "
Parameters:
  Key: {Type: 'AWS::EC2::KeyPair::KeyName'}
  Block: {Type: String}
  Pw: {Type: String, NoEcho: true, Default: hush}
Resources:
  Net: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net, CidrBlock: 10.0.0.0/24}}
  B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net, CidrBlock: !Ref Block}}
  One:
    Type: AWS::EC2::Instance
    Properties: {SubnetId: !Ref A, KeyName: !Ref Key, UserData: {'Fn::Base64': !Ref Pw}}
";
    template(resources);
    let ran = import(&lab, "t.yaml", &["--json"]).exits(0);
    let told = documents(&ran);
    assert_eq!(told.len(), 1, "{}", ran.out);
    assert_eq!(told[0]["valid"], true);
    assert_eq!(
        told[0]["variables"],
        serde_json::json!(["Key", "Block", "Pw"])
    );
    let ran = import(&lab, "t.yaml", &["--force"]).exits(0);
    let flat = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    let hint = "`s3net validate plan.toml --var Key=… --var Block=… --var Pw=…` checks the file";
    assert!(flat.contains(hint), "{}", ran.err);
    assert!(!ran.err.contains("stand-in"), "{}", ran.err);

    for parameters in ["", "--parameter=Key=k"] {
        template(&resources.replace("10.0.0.0/24", "10.9.0.0/24"));
        let mut more = vec!["--force", "--json"];
        more.extend(Some(parameters).filter(|it| !it.is_empty()));
        let ran = import(&lab, "t.yaml", &more).exits(1);
        let told = documents(&ran);
        assert_eq!(told[0]["valid"], false);
        let problems = told[1]["problems"].as_array().unwrap();
        assert_eq!(problems.len(), 1, "{problems:#?}");
        let problem = problems[0]["problem"].as_str().unwrap();
        assert!(problem.contains("outside its VPC"), "{problem}");
        assert!(
            ran.err
                .contains("the template says what a plan file may not"),
            "{}",
            ran.err
        );
        // It is written all the same, to be mended.
        assert!(lab.text().contains("10.9.0.0/24"));
    }
}
