//! Two stacks of one name in two regions, and what belongs to no region.

use crate::lab::{Lab, leftovers};

const TOKYO: &str = r#"
[stack]
name = "lab"
region = "ap-northeast-1"

[vpc.main]
cidr = "10.0.0.0/16"

[private_zone.data]
name = "data.example"
vpcs = ["main"]
"#;

/// The state of the stack in the other region.
const THERE: [&str; 3] = ["--auto-approve", "--state", "there"];

fn in_ireland(lab: &Lab) {
    lab.write(&lab.text().replace("ap-northeast-1", "eu-west-1"));
}

fn in_tokyo(lab: &Lab) {
    lab.write(&lab.text().replace("eu-west-1", "ap-northeast-1"));
}

#[test]
fn a_zone_is_that_of_the_stack_in_its_region() {
    let lab = Lab::new();
    lab.write(TOKYO);
    lab.apply().exits(0);
    in_ireland(&lab);
    let planned = lab.verb("plan", &THERE[1..]).exits(0).out;
    assert!(planned.contains("Plan: 2 to create"), "{planned}");
    lab.verb("apply", &THERE).exits(0);
    lab.verb("plan", &["--detailed-exitcode", "--state", "there"])
        .exits(0);
    lab.verb("destroy", &THERE).exits(0);
    in_tokyo(&lab);
    // Without the state, too.
    for state in ["state", "lost"] {
        lab.verb("plan", &["--detailed-exitcode", "--state", state])
            .exits(0);
    }
    lab.destroy().exits(0);
}

/// An account has each role's name once, so the other stack cannot have it.
#[tokio::test]
async fn a_role_is_that_of_the_stack_in_its_region() {
    let lab = Lab::new();
    let role = "[role.office]\nservice = \"ec2\"\nname = \"office\"\n";
    let (head, _) = TOKYO.split_once("[vpc.main]").unwrap();
    lab.write(&format!("{head}{role}"));
    lab.apply().exits(0);
    in_ireland(&lab);
    let refused = lab.verb("apply", &THERE).exits(1);
    assert!(refused.err.contains("office already"), "{}", refused.err);
    let late = [&THERE[..], &["--no-preflight"]].concat();
    let refused = lab.verb("apply", &late).exits(1);
    let told = refused.err.split_whitespace().collect::<Vec<_>>().join(" ");
    let whose = "office belongs to role.office of stack lab in ap-northeast-1";
    assert!(told.contains(whose), "{}", refused.err);
    lab.verb("destroy", &THERE).exits(0);
    in_tokyo(&lab);
    lab.plan().exits(0);
    lab.destroy().exits(0);
    assert!(leftovers(&lab.aws().await).await.is_empty());
}
