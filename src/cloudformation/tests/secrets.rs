//! Tests of NoEcho parameters: no value of theirs gets into the file or a note.

use super::*;

/// The plan file and the notes; neither may have the secret.
fn hushed(text: &str, request: &Request<'_>) -> (String, String) {
    let (text, notes) = plan_of(text, request);
    let notes = notes.join("\n");
    for secret in ["s3cr3t", "passed-one"] {
        assert!(!text.contains(secret), "{text}");
        assert!(!notes.contains(secret), "{notes}");
    }
    (text, notes)
}

/// A template with a secret, and an instance with this user data.
fn with_user_data(user_data: &str) -> String {
    format!(
        "
Parameters:
  Pw: {{Type: String, NoEcho: true, Default: 's3cr3t:x'}}
Conditions:
  HasPw: !Not [!Equals [!Ref Pw, '']]
Resources:
  Net: {{Type: AWS::EC2::VPC, Condition: HasPw, Properties: {{CidrBlock: 10.0.0.0/16}}}}
  Sub: {{Type: AWS::EC2::Subnet, Properties: {{VpcId: !Ref Net, CidrBlock: 10.0.0.0/24}}}}
  One:
    Type: AWS::EC2::Instance
    Properties:
      SubnetId: !Ref Sub
      UserData: {{'Fn::Base64': {user_data}}}
"
    )
}

#[test]
fn a_secret_is_a_variable_or_left_out() {
    for (parameters, user_data, line) in [
        (&[][..], "!Sub 'pw=${Pw}'", "user_data = \"pw=${var.Pw}\""),
        (&[("Pw", "s3cr3t")], "!Ref Pw", "user_data = \"${var.Pw}\""),
        (&[], "!Select [0, !Split [':', !Ref Pw]]", ""),
        (
            &[("Pw", "s3cr3t:y")],
            "!Select [0, !Split [':', !Ref Pw]]",
            "",
        ),
        (&[], "!FindInMap [M, !Ref Pw, k]", ""),
    ] {
        let request = request(parameters, &[]);
        let (text, notes) = hushed(&with_user_data(user_data), &request);
        // A condition may look at it.
        assert!(text.contains("[vpc.Net]"), "{text}");
        if line.is_empty() {
            let told = "One.UserData: the parameter Pw is NoEcho, and its value is not written";
            assert!(notes.contains(told), "{notes}");
            assert!(!text.contains("user_data"), "{text}");
            let told = "Parameters.Pw: NoEcho: the import has looked at its value";
            assert!(notes.contains(told), "{notes}");
        } else {
            assert!(text.contains(line), "{text}");
            assert!(text.contains("Pw = { required = true }"), "{text}");
        }
    }
}

#[test]
fn a_secret_is_no_tag_and_no_list() {
    let text = "
Parameters:
  Pw: {Type: String, NoEcho: 'true', Default: s3cr3t}
  All: {Type: CommaDelimitedList, NoEcho: true, Default: 's3cr3t,b'}
Resources:
  Net:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
      Tags: [{Key: k, Value: !Ref Pw}, {Key: a, Value: !Select [0, !Ref All]}, {Key: b, Value: c}]
";
    let (text, notes) = hushed(text, &request(&[], &[]));
    assert!(text.contains("tags = { b = \"c\" }"), "{text}");
    for part in [
        "left out: Net.Tags[0].Value: the parameter Pw is NoEcho",
        "left out: Net.Tags[1].Value: the list All is NoEcho",
    ] {
        assert!(notes.contains(part), "{part}\n{notes}");
    }
}

#[test]
fn a_nested_secret_has_a_variable_of_its_own() {
    let nested: &'static str = Box::leak(with_user_data("!Sub 'pw=${Pw}'").into_boxed_str());
    let files: &'static [(&str, &str)] = Box::leak(Box::new([("nest.yaml", nested)]));
    let root = |parameters: &str| {
        format!(
            "
Parameters:
  Outer: {{Type: String, NoEcho: true}}
Resources:
  N: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: nest.yaml, Parameters: {parameters}}}}}
"
        )
    };
    for (parameters, variable) in [
        ("{}", "N-Pw"),
        ("{Pw: passed-one}", "N-Pw"),
        ("{Pw: !Ref Outer}", "Outer"),
    ] {
        let request = request(&[("Outer", "passed-one")], files);
        let (text, notes) = hushed(&root(parameters), &request);
        let line = format!("user_data = \"pw=${{var.{variable}}}\"");
        assert!(text.contains(&line), "{text}");
        assert!(
            text.contains(&format!("{variable} = {{ required = true }}")),
            "{text}"
        );
        assert_eq!(text.matches("required = true").count(), 1, "{text}");
        let told = format!("Pw: NoEcho: its value is not written, pass it with --var {variable}=…");
        assert_eq!(notes.contains(&told), variable == "N-Pw", "{notes}");
        // Said at the variable, and not at the head of the file too.
        assert_eq!(
            text.matches("NoEcho: its value is not written").count(),
            1,
            "{text}"
        );
    }
}
