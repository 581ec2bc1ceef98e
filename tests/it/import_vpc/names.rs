//! What the stack and the tables of an imported VPC are called, and that no
//! stack that lives is meant by it.

use aws_sdk_ec2::types::ResourceType;
use s3net::aws::Aws;

use super::by_hand::{subnet, tags};
use super::{FILE, actions, adopts_and_is_done, import, written};
use crate::lab::Lab;

const OTHER: &str = r#"
[stack]
name = "other"
region = "ap-northeast-1"

[vpc.net]
cidr = "10.1.0.0/16"

[subnet.a]
vpc = "net"
cidr = "10.1.0.0/24"
zone = "a"
"#;

/// A VPC that somebody has called this.
async fn vpc(aws: &Aws, name: &str) -> String {
    let request = aws.ec2.create_vpc().cidr_block("10.9.0.0/16");
    let request = request.tag_specifications(tags(ResourceType::Vpc, &[("Name", name)]));
    let made = request.send().await.unwrap();
    made.vpc().unwrap().vpc_id().unwrap().to_owned()
}

fn stack_of(text: &str) -> &str {
    let (_, rest) = text.split_once("[stack]\nname = \"").unwrap();
    rest.split('"').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_a_stack_has_is_left_to_it() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    lab.write(OTHER);
    lab.apply().exits(0);
    let id = vpc(&aws, "other").await;
    subnet(&aws, &id, "10.9.0.0/24", "a", Some("other-a")).await;
    import(&lab, &id, &[]).exits(0);
    let text = written(&lab);
    assert_eq!(stack_of(&text), "other-2");
    assert!(
        text.contains("[vpc.main]") && text.contains("[subnet.a]"),
        "{text}"
    );
    assert_eq!(actions(&lab).0, ["adopt"]);
    // Asked for by name it is refused, and the file stays.
    let refused = import(&lab, &id, &["--force", "--stack", "other"]).exits(1);
    for said in [
        "stack other lives here already",
        "name another one with --stack",
    ] {
        assert!(refused.err.contains(said), "{}", refused.err);
    }
    assert_eq!(written(&lab), text);
    // The tags tell it as well as the state does, and a number that is taken is
    // passed over.
    lab.edit("\"other\"", "\"other-2\"");
    lab.edit("10.1.", "10.2.");
    lab.apply().exits(0);
    std::fs::remove_dir_all(lab.folder.path().join("state")).unwrap();
    import(&lab, &id, &["--force"]).exits(0);
    assert_eq!(stack_of(&written(&lab)), "other-3");
    let refused = import(&lab, &id, &["--force", "--stack", "other"]).exits(1);
    assert!(refused.err.contains("vpc.net (vpc-"), "{}", refused.err);
    adopts_and_is_done(&lab);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_a_stack_that_is_gone_is_free() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    lab.write(OTHER);
    lab.apply().exits(0);
    lab.destroy().exits(0);
    let id = vpc(&aws, "other").await;
    import(&lab, &id, &[]).exits(0);
    assert_eq!(stack_of(&written(&lab)), "other");
    assert!(written(&lab).contains(&format!("id = \"{id}\"")));
    assert_eq!(actions(&lab).0, ["adopt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_names_keep_what_tells_them_apart() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let id = vpc(&aws, "2024_net.v1").await;
    for (block, end) in [("10.9.0.0/24", "reports"), ("10.9.1.0/24", "billing")] {
        let name = format!("2024_net.v1-private-subnet-for-{end}");
        subnet(&aws, &id, block, "a", Some(&name)).await;
    }
    import(&lab, &id, &[]).exits(0);
    let text = written(&lab);
    assert_eq!(stack_of(&text), "2024_net-v1");
    for table in [
        "[vpc.main]",
        "[subnet.private-subnet-for-reports]",
        "[subnet.private-subnet-for-billing]",
    ] {
        assert!(text.contains(table), "`{table}` is not in\n{text}");
    }
    assert!(std::fs::exists(lab.folder.path().join(FILE)).unwrap());
}
