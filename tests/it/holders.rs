//! A delete that AWS refuses says at once who stands in the way, whose it is
//! and what will be done, and what is not ours stays as it is.
//!
//! That it comes while the delete is still tried, and not when it is given up,
//! is read off the endpoint's log: a mark is called there when the line is seen,
//! and attempts stand before and after it.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use aws_sdk_ec2::types::{DomainType, ResourceType, SecurityGroup, Tag, TagSpecification, Vpc};
use s3net::aws::Aws;
use serde_json::{Value, json};

use crate::lab::{Lab, Ran, leftovers};

mod elsewhere;
mod planted;

const HEAD: &str = "[stack]\nname = \"held\"\nregion = \"ap-northeast-1\"\n\n\
                    [vpc.main]\ncidr = \"10.0.0.0/16\"\n\n";
const SUBNET: &str = "[subnet.private]\nvpc = \"main\"\ncidr = \"10.0.1.0/24\"\nzone = \"a\"\n\n";

/// Destroys, and calls a mark as soon as a line says who holds `address`. Fails
/// unless `action` was refused before the mark and tried again after it.
async fn destroyed(lab: &Lab, address: &str, action: &str) -> Ran {
    let aws = lab.aws().await;
    lab.calls();
    let mut child = lab
        .command(&[
            "destroy",
            "plan.toml",
            "--local",
            "--auto-approve",
            "--consistency=0",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut err = String::new();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut marked = false;
    while lines.read_line(&mut err).unwrap() > 0 {
        let last = err.lines().last().unwrap_or_default();
        // Other objects may be held as well, and be told of first.
        if !marked && last.contains(address) && last.contains("is held") {
            aws.ec2.describe_regions().send().await.unwrap();
            marked = true;
        }
    }
    let output = child.wait_with_output().unwrap();
    let ran = Ran {
        err,
        ..Ran::from(output)
    };
    assert!(marked, "nobody said who holds {address}:\n{}", ran.err);
    let calls = lab.calls();
    let log = calls["log"].as_array().unwrap();
    let of = |action: &str| {
        let calls = log.iter().filter(|call| call["action"] == action);
        calls.cloned().collect::<Vec<Value>>()
    };
    let mark = of("DescribeRegions")[0]["start_ms"].as_f64();
    let tried = of(action);
    assert!(tried[0]["error"].is_string(), "{action} was not refused");
    assert!(tried[0]["end_ms"].as_f64() <= mark, "told before: {log:?}");
    let last = tried.last().unwrap();
    assert!(last["start_ms"].as_f64() > mark, "told late: {log:?}");
    ran
}

/// Fails unless each text stands in what was said, however it is wrapped.
#[track_caller]
fn says(ran: &Ran, texts: &[&str]) {
    let flat = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in texts {
        assert!(flat.contains(text), "`{text}` is not in\n{}", ran.err);
    }
}

fn named(resource: ResourceType, name: &str) -> TagSpecification {
    TagSpecification::builder()
        .resource_type(resource)
        .tags(Tag::builder().key("Name").value(name).build())
        .build()
}

async fn our_vpc(aws: &Aws) -> Vpc {
    let vpcs = aws.ec2.describe_vpcs().send().await.unwrap();
    let mut ours = vpcs.vpcs().iter().filter(|it| !it.tags().is_empty());
    ours.next().unwrap().clone()
}

async fn our_subnet(aws: &Aws) -> String {
    let subnets = aws.ec2.describe_subnets().send().await.unwrap();
    let ours = subnets.subnets().iter().find(|it| !it.tags().is_empty());
    ours.unwrap().subnet_id().unwrap().to_owned()
}

async fn group(aws: &Aws, name: &str) -> SecurityGroup {
    let groups = aws.ec2.describe_security_groups().send().await.unwrap();
    let mut groups = groups.security_groups().iter();
    let found = groups.find(|it| it.group_name().is_some_and(|it| it.contains(name)));
    found.unwrap().clone()
}

async fn start_instance(aws: &Aws, subnet: &str, name: &str) -> String {
    let images = aws.ec2.describe_images().send().await.unwrap();
    let started = aws
        .ec2
        .run_instances()
        .image_id(images.images()[0].image_id().unwrap())
        .subnet_id(subnet)
        .min_count(1)
        .max_count(1)
        .tag_specifications(named(ResourceType::Instance, name))
        .send()
        .await
        .unwrap();
    started.instances()[0].instance_id().unwrap().to_owned()
}

#[tokio::test]
async fn a_strangers_instance_in_our_subnet_is_named_and_left_alone() {
    let lab = Lab::new();
    lab.write(&format!("{HEAD}{SUBNET}"));
    lab.apply().exits(0);
    let aws = lab.aws().await;
    let subnet = our_subnet(&aws).await;
    let stranger = start_instance(&aws, &subnet, "web").await;
    let before = format!(
        "{:?}",
        aws.ec2
            .describe_instances()
            .send()
            .await
            .unwrap()
            .reservations()
    );

    let ran = destroyed(&lab, "subnet.private", "DeleteSubnet")
        .await
        .exits(1);
    let after = format!(
        "{:?}",
        aws.ec2
            .describe_instances()
            .send()
            .await
            .unwrap()
            .reservations()
    );
    assert_eq!(before, after, "the stranger's instance was touched");
    says(
        &ran,
        &[
            &stranger,
            "aws ec2 terminate-instances",
            crate::lab::endpoint(),
        ],
    );

    // What a user reads, with ids and times that are others each time.
    let url = crate::lab::endpoint();
    let ids = made_alike(
        &ran.err,
        &[
            (&stranger, "i-0123456789abcdef0"),
            (&subnet, "subnet-0123456789abcdef0"),
            (url, "http://127.0.0.1:41234"),
        ],
    );
    insta::assert_snapshot!("a_strangers_instance", ids);
    assert!(ids.lines().all(|line| line.chars().count() <= 80), "{ids}");

    // When the stranger has gone, the next run goes on.
    let request = aws.ec2.terminate_instances().instance_ids(&stranger);
    request.send().await.unwrap();
    lab.destroy().exits(0);
    let left = leftovers(&aws).await;
    assert!(left.is_empty(), "{left:?}");
}

/// A text with what differs from run to run made alike: given texts, every id
/// of EC2, request ids and durations.
fn made_alike(text: &str, alike: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (one, other) in alike {
        text = text.replace(one, other);
    }
    let mut lines = Vec::new();
    for line in text.lines() {
        let words = line.split(' ').map(|word| {
            let bare = word.trim_matches(|c: char| "()'.,:".contains(c));
            let is_id = |prefix: &str| {
                let rest = bare.strip_prefix(prefix);
                rest.is_some_and(|rest| {
                    rest.len() == 17 && rest.chars().all(|c| c.is_ascii_hexdigit())
                })
            };
            let number = bare.strip_suffix("ms").or(bare.strip_suffix('s'));
            let seconds = number.is_some_and(|it| it.parse::<f64>().is_ok());
            if is_id("eni-") {
                word.replace(bare, "eni-0123456789abcdef0")
            } else if seconds {
                word.replace(bare, "9.9s")
            } else if bare.len() == 36 && bare.matches('-').count() == 4 {
                word.replace(bare, "00000000-0000-0000-0000-000000000000")
            } else {
                word.to_owned()
            }
        });
        lines.push(words.collect::<Vec<_>>().join(" "));
    }
    lines.join("\n")
}

#[tokio::test]
async fn another_stacks_rule_and_strangers_interface_and_address_are_named() {
    let lab = Lab::new();
    lab.write(&format!(
        "{HEAD}{SUBNET}[internet_gateway.main]\nvpc = \"main\"\n\n\
         [security_group.web]\nvpc = \"main\"\ndescription = \"web\"\n"
    ));
    lab.apply().exits(0);
    let aws = lab.aws().await;
    let plan = lab.text();
    let vpc = our_vpc(&aws).await.vpc_id().unwrap().to_owned();
    let web = group(&aws, "web").await.group_id().unwrap().to_owned();
    // Another stack's group lets ours in.
    lab.write(&format!(
        "[stack]\nname = \"shop\"\nregion = \"ap-northeast-1\"\n\n\
         [security_group.db]\nvpc = \"{vpc}\"\ndescription = \"db\"\n\
         ingress = [{{ protocol = \"tcp\", port = 5432, from = \"{web}\" }}]\n"
    ));
    lab.apply().exits(0);
    // A stranger's interface lies in our subnet, with a public address.
    let subnet = our_subnet(&aws).await;
    let request = aws.ec2.create_network_interface().subnet_id(subnet);
    let made = request.description("a stranger's").send().await.unwrap();
    let interface = made
        .network_interface()
        .unwrap()
        .network_interface_id()
        .unwrap();
    let request = aws.ec2.allocate_address().domain(DomainType::Vpc);
    let address = request.send().await.unwrap();
    aws.ec2
        .associate_address()
        .allocation_id(address.allocation_id().unwrap())
        .network_interface_id(interface)
        .send()
        .await
        .unwrap();
    let strangers = || async {
        let interfaces = aws.ec2.describe_network_interfaces().send().await.unwrap();
        let addresses = aws.ec2.describe_addresses().send().await.unwrap();
        format!(
            "{:?} {:?} {:?}",
            group(&aws, "db").await,
            interfaces.network_interfaces(),
            addresses.addresses()
        )
    };
    let before = strangers().await;

    lab.write(&plan);
    let ran = destroyed(&lab, "security_group.web", "DeleteSecurityGroup")
        .await
        .exits(1);
    says(
        &ran,
        &[
            "ingress rule sgr-",
            "security_group.db of stack shop",
            "run `s3net destroy` for stack shop first",
            &format!("network interface {interface} (a stranger's), not made by s3net"),
            "aws ec2 delete-network-interface",
            &format!("Elastic IP {}", address.public_ip().unwrap()),
            "aws ec2 disassociate-address",
        ],
    );
    assert_eq!(before, strangers().await, "what is not ours was touched");
}

#[tokio::test]
async fn reads_that_fail_do_not_hide_the_refusal() {
    let lab = Lab::new();
    lab.write(&format!("{HEAD}{SUBNET}"));
    lab.apply().exits(0);
    let aws = lab.aws().await;
    let subnet = our_subnet(&aws).await;
    let request = aws.ec2.create_network_interface().subnet_id(&subnet);
    request.send().await.unwrap();
    lab.fault(json!({
        "action": "ec2:DescribeNetworkInterfaces", "times": 1_000,
        "code": "Unavailable", "status": 503, "message": "not now"
    }));
    let ran = destroyed(&lab, "subnet.private", "DeleteSubnet")
        .await
        .exits(1);
    says(
        &ran,
        &[
            "DeleteSubnet: DependencyViolation",
            &format!("{subnet} is held by something that AWS does not name"),
            "run again in a few minutes",
        ],
    );
}

#[tokio::test]
async fn json_tells_holders_as_data() {
    let lab = Lab::new();
    lab.write(&format!("{HEAD}{SUBNET}"));
    lab.apply().exits(0);
    let aws = lab.aws().await;
    let subnet = our_subnet(&aws).await;
    let request = aws.ec2.create_network_interface().subnet_id(&subnet);
    let made = request.send().await.unwrap();
    let interface = made
        .network_interface()
        .unwrap()
        .network_interface_id()
        .unwrap();
    let ran = lab.verb("destroy", &["--auto-approve", "--json"]).exits(1);
    let documents: Vec<Value> = ran
        .out
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    let held: Vec<_> = documents
        .iter()
        .filter(|it| it["event"] == "held")
        .collect();
    assert_eq!(
        held.len(),
        1,
        "told once, since nothing changed: {}",
        ran.out
    );
    let holder = &held[0]["holders"][0];
    assert_eq!(held[0]["id"], subnet);
    let place = |event: &str| documents.iter().position(|it| it["event"] == event);
    assert!(place("held") < place("failed"), "{}", ran.out);
    assert_eq!(holder["id"], interface);
    assert_eq!(holder["owner"]["is"], "unknown");
    assert_eq!(holder["fate"]["will"], "ask");
    assert!(
        holder["fate"]["command"]
            .as_str()
            .unwrap()
            .contains(interface)
    );
    let outcome = documents
        .iter()
        .find(|it| it["document"] == "outcome")
        .unwrap();
    assert_eq!(&outcome["failed"][0]["holders"][0], holder);
}
