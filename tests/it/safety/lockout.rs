//! Bucket policies that would shut out whoever writes them.

use crate::lab::Lab;

/// A bucket with a Deny, and the network that it speaks of.
fn plan(lab: &Lab, exception: &str) -> String {
    format!(
        "[stack]\nname = \"walled\"\nregion = \"ap-northeast-1\"\n\n\
         [vpc.main]\ncidr = \"10.0.0.0/16\"\n\n\
         [gateway_endpoint.s3]\nvpc = \"main\"\nservice = \"s3\"\n\n\
         [bucket.data]\nname = \"{}\"\n\n\
         [bucket.data.policy]\nVersion = \"2012-10-17\"\n\n\
         [[bucket.data.policy.Statement]]\nSid = \"OnlyEndpoint\"\nEffect = \"Deny\"\n\
         Principal = \"*\"\nAction = \"s3:*\"\n\
         Resource = [\"${{bucket.data.arn}}\", \"${{bucket.data.arn}}/*\"]\n\
         Condition.StringNotEquals = {{ \"aws:SourceVpce\" = \"${{gateway_endpoint.s3.id}}\" }}\n\
         {exception}",
        lab.bucket()
    )
}

#[tokio::test]
async fn a_policy_that_shuts_us_out_is_refused_unless_confirmed() {
    let lab = Lab::new();
    lab.write(&plan(&lab, ""));
    let planned = lab.plan().exits(2);
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let says = |err: &str, word: &str| {
        for text in [
            word,
            "bucket.data/policy would shut out the credentials in use",
            "statement `OnlyEndpoint` denies s3:GetBucketPolicy, s3:PutBucketPolicy, s3:DeleteBucketPolicy",
            "aws:PrincipalArn",
            "--allow-lockout",
            "root user",
        ] {
            assert!(flat(err).contains(text), "`{text}` is not in\n{err}");
        }
    };
    says(&planned.err, "warning:");
    lab.calls();
    let refused = lab.apply().exits(1);
    says(&refused.err, "error:");
    let counts = lab.calls()["counts"].clone();
    let counts = counts.as_object().unwrap();
    let made = counts
        .keys()
        .find(|name| name.contains(":Create") || name.contains(":Put"));
    assert_eq!(
        made, None,
        "something was made before the policy was refused"
    );

    lab.verb("apply", &["--auto-approve", "--allow-lockout"])
        .exits(0);
    let s3 = lab.aws().await.s3;
    let policy = s3
        .get_bucket_policy()
        .bucket(lab.bucket())
        .send()
        .await
        .unwrap();
    assert!(policy.policy().unwrap().contains("OnlyEndpoint"));
    // What stays as it is shuts nobody out anew.
    let again = lab.apply().exits(0);
    assert!(!again.err.contains("shut out"), "{}", again.err);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn a_policy_with_an_exception_for_us_is_nobodys_trouble() {
    let lab = Lab::new();
    let spared = "Condition.ArnNotLike = { \"aws:PrincipalArn\" = \"arn:aws:*::*:*\" }\n";
    lab.write(&plan(&lab, spared));
    let applied = lab.apply().exits(0);
    assert!(!applied.err.contains("shut out"), "{}", applied.err);
    lab.destroy().exits(0);
}
