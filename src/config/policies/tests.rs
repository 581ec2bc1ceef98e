//! What each way to write a policy becomes.

use serde_json::json;

use crate::config::load::tests::loaded;
use crate::model::Address;

const TOP: &str = "[stack]\nname = \"x\"\nregion = \"cn-north-1\"\n\
    [existing.bucket.shared]\nname = \"shared-data\"\n\
    [bucket.data]\nname = \"x-data\"\n\
    [vpc.main]\ncidr = \"10.0.0.0/16\"\n";

/// The policy of an endpoint as JSON, or the problems.
fn endpoint(policy: &str) -> Result<serde_json::Value, Vec<String>> {
    let text = format!(
        "{TOP}[gateway_endpoint.s3]\nvpc = \"main\"\nservice = \"s3\"\npolicy = {policy}\n"
    );
    field(&text, &Address::new("gateway_endpoint", "s3"), "policy")
}

/// The inline policy of a role as JSON, or the problems.
fn role(policy: &str) -> Result<serde_json::Value, Vec<String>> {
    let text = format!("{TOP}[role.one]\nservice = \"ec2\"\ninline_policies.own = {policy}\n");
    let part = Address::new("role", "one").part("inline_policy", "own");
    field(&text, &part, "policy")
}

fn field(text: &str, address: &Address, name: &str) -> Result<serde_json::Value, Vec<String>> {
    let loaded = loaded(text);
    let Some(desired) = loaded.desired else {
        return Err(loaded.diagnostics.into_iter().map(|d| d.problem).collect());
    };
    let inputs = &desired.stack.nodes[address].inputs;
    Ok(inputs.get(name).unwrap().to_json())
}

#[test]
fn buckets_stand_for_themselves_and_their_objects() {
    let document = endpoint(r#"{ allow_buckets = ["data", "shared", "someone-elses"] }"#).unwrap();
    assert_eq!(
        document,
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [
                    "${bucket.data.arn}", "${bucket.data.arn}/*",
                    "${existing.bucket.shared.arn}", "${existing.bucket.shared.arn}/*",
                    "arn:aws-cn:s3:::someone-elses", "arn:aws-cn:s3:::someone-elses/*",
                ],
            }],
        })
    );
}

#[test]
fn actions_of_a_bucket_can_be_chosen() {
    let policy = r#"{ allow_buckets = ["data"], actions = ["s3:GetObject", "s3:ListBucket"] }"#;
    assert_eq!(
        endpoint(policy).unwrap()["Statement"][0]["Action"],
        json!(["s3:GetObject", "s3:ListBucket"])
    );
}

#[test]
fn a_role_allows_and_denies_on_what_has_an_arn() {
    let policy = r#"{ allow = ["s3:*"], deny = ["s3:DeleteObject"], on = ["bucket.data", "arn:aws-cn:s3:::b/c", "${bucket.data.arn}/logs/*"] }"#;
    let on = json!([
        "${bucket.data.arn}",
        "${bucket.data.arn}/*",
        "arn:aws-cn:s3:::b/c",
        "${bucket.data.arn}/logs/*",
    ]);
    assert_eq!(
        role(policy).unwrap()["Statement"],
        json!([
            { "Effect": "Allow", "Action": "s3:*", "Resource": on },
            { "Effect": "Deny", "Action": "s3:DeleteObject", "Resource": on },
        ])
    );
}

#[test]
fn a_document_is_taken_as_toml_and_as_json() {
    let wanted = json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": "${bucket.data.arn}/x-data/${aws:username}",
        },
    });
    let toml = r#"{ Statement = { Effect = "Allow", Action = "s3:GetObject", Resource = "${bucket.data.arn}/${bucket.data.name}/${aws:username}" } }"#;
    let json = r#"'{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "${bucket.data.arn}/${bucket.data.name}/${aws:username}"}}'"#;
    assert_eq!(role(toml).unwrap(), wanted);
    assert_eq!(role(json).unwrap(), wanted);
}

#[test]
fn unsound_policies_are_refused() {
    for (policy, problem) in [
        ("{}", "`policy` is empty"),
        ("3", "`policy` must be a policy, not a number"),
        ("'[]'", "a policy is a table of elements"),
        ("'{'", "`policy` is not JSON"),
        (
            "'${bucket.data.arn}'",
            "`policy` must be known before apply",
        ),
        (
            "{ Version = '2012-10-17' }",
            "the policy has no `Statement`",
        ),
        (
            "{ Statement = [] }",
            "`Statement` is a list of tables, at least one",
        ),
        ("{ Statement = [1] }", "a statement is a table"),
        ("{ allow_buckets = [] }", "`allow_buckets` is empty"),
        (
            "{ allow_buckets = ['data'], on = [] }",
            "this policy has no field `on`",
        ),
        (
            "{ allow = ['s3:*'], on = ['*'] }",
            "`policy` cannot be written with `allow`",
        ),
        (
            "{ file = '/etc/passwd' }",
            "a policy's path is relative to the plan file",
        ),
    ] {
        assert_eq!(endpoint(policy), Err(vec![problem.to_owned()]), "{policy}");
    }
}
