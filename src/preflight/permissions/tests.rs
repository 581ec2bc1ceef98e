//! The table of the module's documentation, row by row.

use super::*;
use crate::model::Address;

fn rehearsal(action: &'static str, resource: &str) -> Rehearsal {
    Rehearsal {
        action,
        resource: resource.to_owned(),
        addresses: vec![Address::new("subnet", "a")],
        dry_run: None,
    }
}

fn answer(code: &str) -> Answer {
    Answer::of(Err(CallError::Refused {
        operation: "CreateSubnet",
        code: code.to_owned(),
        message: "You are not authorized. Encoded authorization failure message: AbC".to_owned(),
        request_id: None,
    }))
}

fn simulated(allowed: bool, denied: bool, missing: &[&str]) -> Simulated {
    Simulated {
        allowed,
        denied,
        missing: missing.iter().map(|key| (*key).to_owned()).collect(),
    }
}

fn severity(
    rehearsal: &Rehearsal,
    said: Option<(&str, bool)>,
    simulated: Option<&Simulated>,
) -> Option<Severity> {
    let caller = Caller {
        account: "123456789012".to_owned(),
        arn: "arn:aws:iam::123456789012:user/ann".to_owned(),
        user_id: "AIDA".to_owned(),
    };
    let said = said.map(|(code, real)| (answer(code), real));
    judge(rehearsal, said.as_ref(), simulated, &caller).map(|finding| finding.severity)
}

#[test]
fn a_dry_run_is_believed_before_the_simulator() {
    let subnet = rehearsal("ec2:CreateSubnet", "*");
    let denies = simulated(false, true, &[]);
    let told =
        |code: &str, real: bool, by: Option<&Simulated>| severity(&subnet, Some((code, real)), by);
    assert_eq!(told("DryRunOperation", false, Some(&denies)), None);
    let refused = "UnauthorizedOperation";
    let allows = simulated(true, false, &[]);
    let unsure = simulated(false, false, &["aws:ResourceTag/s3net:stack"]);
    assert_eq!(told(refused, true, Some(&allows)), Some(Severity::Error));
    assert_eq!(told(refused, false, Some(&allows)), Some(Severity::Warning));
    assert_eq!(told(refused, false, Some(&unsure)), Some(Severity::Warning));
    assert_eq!(told(refused, false, Some(&denies)), Some(Severity::Error));
    let silent = simulated(false, false, &[]);
    assert_eq!(told(refused, false, Some(&silent)), Some(Severity::Error));
    assert_eq!(told(refused, false, None), Some(Severity::Error));
}

#[test]
fn another_answer_says_something_only_of_what_exists() {
    let subnet = rehearsal("ec2:CreateSubnet", "*");
    let told = |real| severity(&subnet, Some(("InvalidVpcID.NotFound", real)), None);
    assert_eq!(told(true), Some(Severity::Warning));
    assert_eq!(told(false), None);
}

#[test]
fn without_a_dry_run_the_simulator_decides_as_far_as_it_is_sure() {
    let bucket = rehearsal("s3:CreateBucket", "arn:aws:s3:::lab");
    let attribute = rehearsal("ec2:ModifyVpcAttribute", "*");
    let silent = simulated(false, false, &[]);
    let denies = simulated(false, true, &[]);
    assert_eq!(severity(&bucket, None, None), None);
    assert_eq!(
        severity(&bucket, None, Some(&simulated(true, false, &[]))),
        None
    );
    assert_eq!(
        severity(&bucket, None, Some(&silent)),
        Some(Severity::Error)
    );
    let missing = simulated(false, true, &["aws:RequestTag/Team"]);
    assert_eq!(
        severity(&bucket, None, Some(&missing)),
        Some(Severity::Warning)
    );
    // Some statement may allow it on certain VPCs.
    assert_eq!(
        severity(&attribute, None, Some(&silent)),
        Some(Severity::Warning)
    );
    assert_eq!(
        severity(&attribute, None, Some(&denies)),
        Some(Severity::Error)
    );
}

#[test]
fn what_only_aws_can_read_is_left_out() {
    let Answer::Refused(error) = answer("UnauthorizedOperation") else {
        panic!("it is a refusal");
    };
    assert_eq!(
        refusal(&error),
        "AWS refuses its dry run: You are not authorized"
    );
}
