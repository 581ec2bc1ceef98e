//! Adopting writes s3net's own tags and changes nothing else: what people called
//! a thing, and what a policy means, stays.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::ResourceType;
use s3net::aws::Aws;
use serde_json::{Value, json};

use super::by_hand::{subnet, tags};
use super::{FILE, adopts_and_is_done, import, written};
use crate::lab::Lab;

/// The tags of an object of EC2.
async fn tags_of(aws: &Aws, id: &str) -> BTreeMap<String, String> {
    let request = aws.ec2.describe_tags().into_paginator().items();
    let all: Vec<_> = request.send().collect::<Result<_, _>>().await.unwrap();
    let own = all.iter().filter(|tag| tag.resource_id() == Some(id));
    let own = own.map(|tag| {
        (
            tag.key().unwrap_or_default(),
            tag.value().unwrap_or_default(),
        )
    });
    own.map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

async fn vpc(aws: &Aws, name: &str) -> String {
    let request = aws.ec2.create_vpc().cidr_block("10.9.0.0/16");
    let request = request.tag_specifications(tags(ResourceType::Vpc, &[("Name", name)]));
    let made = request.send().await.unwrap();
    made.vpc().unwrap().vpc_id().unwrap().to_owned()
}

const NAME: &str = "Prod VPC (東京)";

#[tokio::test(flavor = "multi_thread")]
async fn what_people_called_a_thing_stays() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let id = vpc(&aws, NAME).await;
    let called = subnet(&aws, &id, "10.9.0.0/24", "a", Some("app")).await;
    let bare = subnet(&aws, &id, "10.9.1.0/24", "a", None).await;
    import(&lab, &id, &[]).exits(0);
    let text = written(&lab);
    assert!(
        text.contains("which a plan file cannot say, and stays so"),
        "{text}"
    );
    adopts_and_is_done(&lab);
    let named = async || {
        let mut names = Vec::new();
        for id in [&id, &called, &bare] {
            let tags = tags_of(&aws, id).await;
            assert!(tags.contains_key("s3net:address"), "{tags:?}");
            names.push(tags.get("Name").cloned());
        }
        names
    };
    let kept = [Some(NAME.to_owned()), Some("app".to_owned()), None];
    assert_eq!(named().await, kept);
    // Nor do later plans, with the blocks gone, or the state.
    let (wanted, _) = text.split_once("\n[[import]]").unwrap();
    let path = lab.folder.path().join(FILE);
    std::fs::write(&path, wanted).unwrap();
    let plan = ["plan", FILE, "--local", "--detailed-exitcode"];
    lab.run(&plan).exits(0);
    std::fs::remove_dir_all(lab.folder.path().join("state")).unwrap();
    lab.run(&plan).exits(0);
    lab.run(&["drift", FILE, "--local"]).exits(0);
    lab.run(&["state", "rebuild", FILE, "--local", "--auto-approve"])
        .exits(0);
    lab.run(&plan).exits(0);
    // Where a change is made, what is there keeps its name, and what is new has
    // the one that s3net gives.
    let more = "[subnet.new]\nvpc = \"main\"\ncidr = \"10.9.7.0/24\"\nzone = \"a\"\n";
    let public = wanted.replace(
        "cidr = \"10.9.1.0/24\"",
        "cidr = \"10.9.1.0/24\"\nmap_public_ip = true",
    );
    std::fs::write(&path, format!("{public}\n{more}")).unwrap();
    lab.run(&["apply", FILE, "--local", "--auto-approve"])
        .exits(0);
    assert_eq!(named().await, kept);
    lab.run(&plan).exits(0);
    let subnets = aws.ec2.describe_subnets().send().await.unwrap();
    let new = subnets
        .subnets()
        .iter()
        .find(|it| it.cidr_block() == Some("10.9.7.0/24"));
    let new = new.unwrap().subnet_id().unwrap();
    assert_eq!(tags_of(&aws, new).await["Name"], "Prod-VPC-new");
    // What the file states is written.
    let stated = public.replace(
        "cidr = \"10.9.1.0/24\"",
        "tags = { Name = \"mine\" }\ncidr = \"10.9.1.0/24\"",
    );
    std::fs::write(&path, format!("{stated}\n{more}")).unwrap();
    lab.run(&["apply", FILE, "--local", "--auto-approve"])
        .exits(0);
    assert_eq!(named().await[2].as_deref(), Some("mine"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_imported_by_its_id_keeps_its_name_too() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let id = vpc(&aws, NAME).await;
    lab.write("[stack]\nname = \"one\"\nregion = \"ap-northeast-1\"\n\n[vpc.main]\ncidr = \"10.9.0.0/16\"\ndns_hostnames = false\n");
    let args = [
        "import",
        "plan.toml",
        "vpc.main",
        &id,
        "--local",
        "--auto-approve",
    ];
    lab.run(&args).exits(0);
    lab.plan().exits(0);
    assert_eq!(tags_of(&aws, &id).await["Name"], NAME);
    // A name of ours is kept true.
    let other = Lab::new();
    other.write("[stack]\nname = \"two\"\nregion = \"ap-northeast-1\"\n\n[vpc.main]\ncidr = \"10.9.0.0/16\"\n");
    other.apply().exits(0);
    let aws = other.aws().await;
    let id = super::only_vpc(&other).await;
    let name = aws_sdk_ec2::types::Tag::builder()
        .key("Name")
        .value("x")
        .build();
    aws.ec2
        .create_tags()
        .resources(&id)
        .tags(name)
        .send()
        .await
        .unwrap();
    other.plan().exits(2);
    other.apply().exits(0);
    assert_eq!(tags_of(&aws, &id).await["Name"], "two-main");
    // A remedy names nothing that the file does not have.
    let second = vpc(&aws, "second").await;
    let args = [
        "import",
        "plan.toml",
        "vpc.main",
        &second,
        "--local",
        "--auto-approve",
    ];
    let refused = other.run(&args).exits(1);
    assert!(
        refused.err.contains("give the object another table"),
        "{}",
        refused.err
    );
    assert!(!refused.err.contains("[[import]]"), "{}", refused.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_without_a_version_keeps_its_meaning() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let id = vpc(&aws, "homes").await;
    let table = aws
        .ec2
        .create_route_table()
        .vpc_id(&id)
        .send()
        .await
        .unwrap();
    let table = table
        .route_table()
        .unwrap()
        .route_table_id()
        .unwrap()
        .to_owned();
    let policy = json!({ "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "s3:*",
        "Resource": "arn:aws:s3:::homes/${aws:username}/*",
    }]});
    let request = aws
        .ec2
        .create_vpc_endpoint()
        .vpc_id(&id)
        .route_table_ids(&table);
    let request = request.service_name("com.amazonaws.ap-northeast-1.s3");
    let made = request
        .policy_document(policy.to_string())
        .send()
        .await
        .unwrap();
    let endpoint = made
        .vpc_endpoint()
        .unwrap()
        .vpc_endpoint_id()
        .unwrap()
        .to_owned();
    import(&lab, &id, &[]).exits(0);
    assert!(
        written(&lab).contains("Version = \"2008-10-17\""),
        "{}",
        written(&lab)
    );
    adopts_and_is_done(&lab);
    let found = aws.ec2.describe_vpc_endpoints().vpc_endpoint_ids(&endpoint);
    let found = found.send().await.unwrap();
    let live = found.vpc_endpoints()[0].policy_document().unwrap();
    assert_eq!(serde_json::from_str::<Value>(live).unwrap(), policy);
}
