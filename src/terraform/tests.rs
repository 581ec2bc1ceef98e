//! Tests of the configuration's text.

use std::path::Path;

use super::*;
use crate::config::{self, Options, Source};
use crate::kinds::registry;
use crate::model::Attributes;

fn exported(name: &str) -> Exported {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("plans")
        .join(name);
    let text = std::fs::read_to_string(path).unwrap();
    of_text(&text)
}

fn of_text(text: &str) -> Exported {
    with_live(text, &[])
}

fn with_live(text: &str, live: &[Live]) -> Exported {
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
        live: live
            .iter()
            .filter_map(|it| Some((it.own_address()?, it)))
            .collect(),
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

#[test]
fn what_is_left_alone_stands_as_it_lives() {
    let text = "[stack]\nname = \"lab\"\nregion = \"eu-west-1\"\n\n\
         [vpc.main]\ncidr = \"10.0.0.0/16\"\nlifecycle = { ignore = [\"dns_hostnames\", \"tenancy\"] }\n\n\
         [security_group.web]\nvpc = \"main\"\ndescription = \"web\"\n";
    let vpc = Attributes::new()
        .with("cidr", "10.0.0.0/16")
        .with("dns_support", false)
        .with("dns_hostnames", false);
    let group = Attributes::new()
        .with("group_name", "by-hand")
        .with("name", "by-hand (2)");
    let live = [
        Live::keyed(Address::new("vpc", "main"), "vpc-1", vpc),
        Live::keyed(Address::new("security_group", "web"), "sg-1", group),
    ];
    let main = with_live(text, &live).files["main.tf"].clone();
    for line in [
        "  enable_dns_hostnames = false\n",
        // It is not to be left alone, so it is as the file has it.
        "  enable_dns_support   = true\n",
        "    ignore_changes = [enable_dns_hostnames, instance_tenancy]\n",
        // Its name follows from the table's, and an object keeps its own.
        "  name        = \"by-hand (2)\"\n",
    ] {
        assert!(main.contains(line), "{line}\n{main}");
    }
    assert!(!main.contains("instance_tenancy ="), "{main}");
    // What does not live yet is made as the file has it, and then left alone.
    let main = of_text(text).files["main.tf"].clone();
    for line in [
        "  enable_dns_hostnames = true\n",
        "    ignore_changes = [enable_dns_hostnames, instance_tenancy]\n",
        "  name        = \"lab-web\"\n",
    ] {
        assert!(main.contains(line), "{line}\n{main}");
    }
}
