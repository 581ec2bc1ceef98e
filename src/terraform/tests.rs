//! Tests of the configuration's text.

use std::path::Path;

use super::*;
use crate::config::{self, Options, Source};
use crate::kinds::registry;

fn exported(name: &str) -> Exported {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("plans")
        .join(name);
    let text = std::fs::read_to_string(path).unwrap();
    of_text(&text)
}

fn of_text(text: &str) -> Exported {
    let source = Source {
        name: "x.toml".into(),
        text: text.to_owned(),
    };
    let loaded = config::parse(source, Path::new(""), &Options::default(), registry());
    let desired = loaded
        .desired
        .unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let wish = Wish {
        registry: registry(),
        stack: &desired.stack,
        live: BTreeMap::new(),
        existing: &BTreeMap::new(),
        place: None,
    };
    export(&wish).unwrap()
}

#[test]
fn every_example_becomes_hcl_with_its_references() {
    for name in [
        "three-ways.toml",
        "three-patterns.toml",
        "single-bucket.toml",
        "single-bucket-base.toml",
    ] {
        let exported = exported(name);
        assert_eq!(exported.left_out, [], "{name}");
        let main = &exported.files["main.tf"];
        hcl::parse(main).unwrap_or_else(|error| panic!("{name}: {error}\n{main}"));
        assert!(!exported.files.contains_key("imports.tf"), "{name}");
    }
    let main = exported("three-ways.toml").files["main.tf"].clone();
    for line in [
        "resource \"aws_subnet\" \"private-1\" {",
        "  availability_zone       = \"ap-northeast-1a\"",
        "  vpc_id                  = aws_vpc.main.id",
        "  nat_gateway_id         = aws_nat_gateway.main.id",
        "  iam_instance_profile        = aws_iam_instance_profile.instance.name",
        "  ami                         = data.aws_ssm_parameter.al2023-ami-kernel-default-x86_64.value",
        "resource \"aws_vpc_endpoint\" \"s3_interface_endpoint\" {",
        "# security_group.endpoint/ingress:tcp:443:security_group.instance",
    ] {
        assert!(main.contains(line), "{line}\n{main}");
    }
}

#[test]
fn secrets_and_what_is_elsewhere_become_variables() {
    let exported = of_text(
        "[stack]\nname = \"lab\"\nregion = \"eu-west-1\"\n\n[existing.subnet.shared]\nid = \"subnet-0123456789abcdef0\"\n\n\
         [instance.one]\nsubnet = \"existing.subnet.shared\"\nuser_data = \"password=hush\"\n\n\
         [bucket.data]\nname = \"lab-${account}-data\"\n",
    );
    let main = &exported.files["main.tf"];
    assert!(!main.contains("hush"), "{main}");
    assert_eq!(
        exported.variables,
        ["existing_subnet_shared_id", "user_data_one"]
    );
    assert!(main.contains("sensitive   = true"), "{main}");
    assert!(
        main.contains("lab-${data.aws_caller_identity.current.account_id}-data"),
        "{main}"
    );
    hcl::parse(main).unwrap();
}

#[test]
fn texts_are_to_the_letter() {
    let exported = of_text(
        "[stack]\nname = \"lab\"\nregion = \"eu-west-1\"\n\n\
         [role.one]\nservice = \"ec2\"\ndescription = 'a \"quote\" $${x} %{y}'\n\n\
         [role.two]\nservice = \"ec2\"\ndescription = 'a \"quote\" \\ $${x} %{y} of ${account}'\n",
    );
    let main = &exported.files["main.tf"];
    hcl::parse(main).unwrap();
    for text in [
        "\"a \\\"quote\\\" $${x} %%{y}\"",
        "\"a \\\"quote\\\" \\\\ $${x} %%{y} of ${data.aws_caller_identity.current.account_id}\"",
    ] {
        assert!(main.contains(text), "{text}\n{main}");
    }
}
