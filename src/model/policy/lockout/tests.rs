//! Who is shut out, statement by statement.

use proptest::prelude::*;

use super::*;
use crate::model::policy::{document, parse};

const BUCKET: &str = "arn:aws:s3:::data";

fn role() -> Caller {
    Caller {
        account: "111122223333".into(),
        arn: "arn:aws:sts::111122223333:assumed-role/Deployer/me".into(),
        user_id: "AROAEXAMPLE:me".into(),
    }
}

fn user() -> Caller {
    Caller {
        account: "111122223333".into(),
        arn: "arn:aws:iam::111122223333:user/team/anna".into(),
        user_id: "AIDAEXAMPLE".into(),
    }
}

/// A statement for everybody on everything of the bucket, with conditions.
fn deny(condition: &str) -> String {
    format!(
        r#"{{"Effect":"Deny","Principal":"*","Action":"s3:*",
            "Resource":["{BUCKET}","{BUCKET}/*"],"Condition":{condition}}}"#
    )
}

fn verdict(statement: &str, caller: &Caller) -> &'static str {
    let statement = parse(statement).unwrap();
    let found = lockouts(&document(vec![statement]), Some(BUCKET), caller);
    match found.first().map(|it| it.certain) {
        None => "in",
        Some(true) => "out",
        Some(false) => "perhaps",
    }
}

#[test]
fn conditions_on_the_network_and_their_exceptions() {
    let vpce = r#""aws:SourceVpce":"vpce-1""#;
    let cases: &[(&str, &str)] = &[
        // The plain ways to say "only through the endpoint".
        (r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#, "out"),
        (
            r#"{"StringNotEquals":{"AWS:sourcevpc":["vpc-1","vpc-2"]}}"#,
            "out",
        ),
        (r#"{"StringNotLike":{"aws:SourceVpce":"vpce-*"}}"#, "out"),
        (
            r#"{"StringNotEqualsIgnoreCase":{"aws:SourceVpce":"vpce-1"}}"#,
            "out",
        ),
        (
            r#"{"NotIpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}}"#,
            "out",
        ),
        (r#"{"Null":{"aws:SourceVpce":"true"}}"#, "out"),
        (r#"{"Null":{"aws:SourceVpce":true}}"#, "out"),
        // A key that is missing meets every condition with IfExists.
        (
            r#"{"StringNotEqualsIfExists":{"aws:SourceVpce":"vpce-1"}}"#,
            "out",
        ),
        (
            r#"{"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"}}"#,
            "out",
        ),
        (
            r#"{"ForAllValues:StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#,
            "out",
        ),
        // These speak of calls through an endpoint, which ours are not.
        (r#"{"StringEquals":{"aws:SourceVpce":"vpce-1"}}"#, "in"),
        (
            r#"{"ForAnyValue:StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#,
            "in",
        ),
        (r#"{"Null":{"aws:SourceVpce":"false"}}"#, "in"),
        (r#"{"IpAddress":{"aws:VpcSourceIp":"10.0.0.0/8"}}"#, "in"),
        // TLS only: ours are.
        (r#"{"Bool":{"aws:SecureTransport":"false"}}"#, "in"),
        (r#"{"Bool":{"aws:SecureTransport":false}}"#, "in"),
        // What cannot be known counts only beside the network.
        (r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}"#, "in"),
        (r#"{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#, "in"),
        (
            r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"},"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#,
            "perhaps",
        ),
        (
            r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1","aws:PrincipalTag/team":"net"}}"#,
            "perhaps",
        ),
        // AWS's own calls are not ours.
        (
            r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"},"Bool":{"aws:ViaAWSService":"false"}}"#,
            "out",
        ),
        (
            r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"},"Bool":{"aws:ViaAWSService":"true"}}"#,
            "in",
        ),
    ];
    for (condition, expected) in cases {
        assert_eq!(verdict(&deny(condition), &role()), *expected, "{condition}");
    }
    let exceptions: &[(&str, &str, &str)] = &[
        // exception, for the role, for the user
        (
            r#""ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/Deployer"}"#,
            "in",
            "out",
        ),
        (
            r#""ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/Deploy*"}"#,
            "in",
            "out",
        ),
        (
            r#""ArnNotLikeIfExists":{"aws:PrincipalArn":["arn:aws:iam::1:role/x","arn:aws:iam::111122223333:user/*"]}"#,
            "out",
            "in",
        ),
        // A session's ARN leaves out the role's path.
        (
            r#""StringNotEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/ops/Deployer"}"#,
            "in",
            "out",
        ),
        (
            r#""StringNotLike":{"aws:userid":["AROAEXAMPLE:*"]}"#,
            "in",
            "out",
        ),
        (r#""StringNotEquals":{"aws:username":"anna"}"#, "out", "in"),
        (
            r#""StringNotEquals":{"aws:PrincipalAccount":"111122223333"}"#,
            "in",
            "in",
        ),
        (
            r#""StringEquals":{"aws:PrincipalAccount":"111122223333"}"#,
            "out",
            "out",
        ),
        // A variable is not known.
        (
            r#""StringNotEquals":{"aws:username":"${aws:PrincipalTag/user}"}"#,
            "out",
            "perhaps",
        ),
    ];
    for (exception, of_role, of_user) in exceptions {
        let condition = match exception.strip_prefix(r#""StringNotEquals":{"#) {
            Some(rest) => format!(r#"{{"StringNotEquals":{{{vpce},{rest}}}"#),
            None => format!(r#"{{"StringNotEquals":{{{vpce}}},{exception}}}"#),
        };
        assert_eq!(verdict(&deny(&condition), &role()), *of_role, "{condition}");
        assert_eq!(verdict(&deny(&condition), &user()), *of_user, "{condition}");
    }
}

#[test]
fn principals_actions_and_resources() {
    let all = deny(r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#);
    let with = |from: &str, to: &str| {
        assert!(all.contains(from), "{from}");
        all.replace(from, to)
    };
    let principal = r#""Principal":"*""#;
    let resource = r#"["arn:aws:s3:::data","arn:aws:s3:::data/*"]"#;
    let cases = [
        (all.clone(), "out"),
        (with("Deny", "Allow"), "in"),
        (with(principal, r#""Principal":{"AWS":"*"}"#), "out"),
        (with(principal, r#""Principal":{"AWS":["*"]}"#), "out"),
        (
            with(principal, r#""Principal":{"AWS":"111122223333"}"#),
            "out",
        ),
        (
            with(
                principal,
                r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"}"#,
            ),
            "out",
        ),
        (
            with(
                principal,
                r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/Deployer"}"#,
            ),
            "out",
        ),
        (
            with(
                principal,
                r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/x"}"#,
            ),
            "in",
        ),
        (
            with(principal, r#""Principal":{"Service":"ec2.amazonaws.com"}"#),
            "in",
        ),
        (
            with(
                principal,
                r#""NotPrincipal":{"AWS":"arn:aws:iam::111122223333:role/Deployer"}"#,
            ),
            "in",
        ),
        (
            with(
                principal,
                r#""NotPrincipal":{"AWS":"arn:aws:iam::111122223333:role/x"}"#,
            ),
            "out",
        ),
        (with("s3:*", "S3:PutBucket*"), "out"),
        (with("s3:*", "*"), "out"),
        (with("s3:*", "s3:GetObject"), "in"),
        (with("s3:*", "s3:*Object"), "in"),
        (
            with(r#""Action":"s3:*""#, r#""NotAction":"s3:GetObject""#),
            "out",
        ),
        (
            with(r#""Action":"s3:*""#, r#""NotAction":["s3:*Bucket*"]"#),
            "in",
        ),
        (with(resource, r#""arn:aws:s3:::data/*""#), "in"),
        (with(resource, r#""arn:aws:s3:::data*""#), "out"),
        (with(resource, r#""*""#), "out"),
    ];
    for (statement, expected) in cases {
        assert_eq!(verdict(&statement, &role()), expected, "{statement}");
    }
    let root = Caller {
        arn: "arn:aws:iam::111122223333:root".into(),
        ..role()
    };
    assert_eq!(verdict(&all, &root), "in", "the root can always delete it");
}

#[test]
fn the_statement_and_its_actions_are_named() {
    let first = parse(r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#);
    let put = r#"{"Sid":"OnlyVpc","Effect":"Deny","Principal":"*","Action":"s3:PutBucketPolicy","Resource":"*"}"#;
    let nameless = put.replace(r#""Sid":"OnlyVpc","#, "");
    let document = document(vec![
        first.unwrap(),
        parse(put).unwrap(),
        parse(&nameless).unwrap(),
    ]);
    let found = lockouts(&document, None, &role());
    let names: Vec<_> = found.iter().map(|it| it.statement.as_str()).collect();
    assert_eq!(names, ["statement `OnlyVpc`", "statement 3"]);
    assert_eq!(found[0].actions, ["s3:PutBucketPolicy"]);
}

proptest! {
    #[test]
    fn any_document_gives_an_answer(text in ".{0,200}", key in "[a-zA-Z:]{0,20}") {
        if let Ok(document) = parse(&text) {
            let _ = lockouts(&document, Some(BUCKET), &role());
        }
        let odd = format!(
            r#"{{"Statement":[{{"Effect":"Deny","Principal":[{{}},7],"Action":{{}},"Resource":null,
                "Condition":{{"{key}":{{"{key}":[null,{{}}]}}}}}}, 3, null]}}"#
        );
        let _ = lockouts(&parse(&odd).unwrap(), None, &Caller::default());
    }
}
