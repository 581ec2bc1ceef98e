//! What S3 holds for public.

use super::*;
use crate::model::policy::parse;

fn public(principal: &str, condition: &str) -> Answer {
    let condition = match condition {
        "" => String::new(),
        text => format!(r#","Condition":{text}"#),
    };
    let text = format!(
        r#"{{"Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject",
            "Resource":"arn:aws:s3:::data/*"{condition}}}]}}"#
    );
    is_public(&parse(&text).unwrap())
}

#[test]
fn fixed_values_keep_the_public_out() {
    let everybody = r#""*""#;
    for (principal, condition, expected) in [
        (everybody, "", true),
        (r#"{"AWS":"*"}"#, "", true),
        (r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, "", false),
        (r#"{"Service":"logging.s3.amazonaws.com"}"#, "", false),
        (
            everybody,
            r#"{"StringEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}}"#,
            false,
        ),
        (
            everybody,
            r#"{"StringLike":{"aws:SourceVpc":"vpc-91237329"}}"#,
            false,
        ),
        (
            everybody,
            r#"{"StringLike":{"aws:SourceVpc":"vpc-*"}}"#,
            true,
        ),
        (
            everybody,
            r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1a2b3c4d"}}"#,
            true,
        ),
        (
            everybody,
            r#"{"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1a2b3c4d"}}"#,
            true,
        ),
        (
            everybody,
            r#"{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3"}}"#,
            false,
        ),
        (
            everybody,
            r#"{"StringEquals":{"aws:userid":"${aws:PrincipalTag/id}"}}"#,
            true,
        ),
        (
            everybody,
            r#"{"StringEquals":{"aws:UserAgent":"me"}}"#,
            true,
        ),
        (
            everybody,
            r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
            false,
        ),
        (
            everybody,
            r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}"#,
            true,
        ),
        (
            everybody,
            r#"{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","::/8"]}}"#,
            true,
        ),
        (
            everybody,
            r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
            true,
        ),
        (everybody, r#"{"StringEquals":{"aws:SourceVpce":[]}}"#, true),
    ] {
        let answer = public(principal, condition);
        assert_eq!(answer, Answer::from(expected), "{principal} {condition}");
    }
    let pattern = r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}"#;
    assert!(!public(everybody, pattern).doubts().is_empty());
    let denies = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#;
    assert!(is_public(&parse(denies).unwrap()).is_no());
    assert!(is_public(&Value::Null).is_no());
    assert!(!is_public(&Value::Unknown).doubts().is_empty());
}
