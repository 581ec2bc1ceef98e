//! Tests of what is worked out while importing.

use super::*;

#[test]
fn an_attribute_that_repeats_a_property_is_known() {
    let text = "
Parameters: {Block: {Type: String, Default: 10.20.0.0/16}}
Resources:
  Net: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref Block}}
  A:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Net, CidrBlock: !Select [1, !Cidr [!GetAtt Net.CidrBlock, 4, 8]]}
  B:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Net, CidrBlock: !Select [3, !Cidr [!Sub '${Net.CidrBlock}', 4, 8]]}
  Data: {Type: AWS::S3::Bucket, Properties: {BucketName: lab-data, Tags: [{Key: Of, Value: !Ref Other}]}}
  Other: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub '${AWS::StackName}-other'}}
";
    let (text, notes) = plan(text);
    for line in [
        "cidr = \"10.20.1.0/24\"",
        "cidr = \"10.20.3.0/24\"",
        "cidr = \"${var.Block}\"",
        "tags = { Of = \"lab-other\" }",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let told = "Parameters.Block: the import has settled some of what depends on it";
    assert!(notes.iter().any(|it| it.ends_with(told)), "{notes:?}");
}

#[test]
fn attributes_that_repeat_each_other_come_to_an_end() {
    let own = "Resources:\n  N: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Select [0, !Cidr [!GetAtt N.CidrBlock, 1, 8]]}}\n";
    let mut chain =
        "Resources:\n  N0: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}\n"
            .to_owned();
    for level in 1..400 {
        let before = level - 1;
        chain.push_str(&format!(
            "  N{level}: {{Type: AWS::EC2::VPC, Properties: {{CidrBlock: !Select [0, !Cidr [!GetAtt N{before}.CidrBlock, 1, 8]]}}}}\n"
        ));
    }
    for text in [own, &chain] {
        let imported = imported(text, &request(&[], &[]));
        let told = "goes in circles, or through too many others";
        let notes = &imported.notes;
        assert!(notes.iter().any(|it| it.text.contains(told)), "{notes:?}");
    }
}

#[test]
fn dynamic_references_are_seen_wherever_a_text_comes_together() {
    let image = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
    let text = |image: &str, user_data: &str| {
        format!(
            "
Parameters: {{Env: {{Type: String, Default: test}}, Key: {{Type: String, Default: '{{{{resolve:ssm:/key}}}}'}}}}
Resources:
  Net: {{Type: AWS::EC2::VPC, Properties: {{CidrBlock: 10.0.0.0/16}}}}
  Sub: {{Type: AWS::EC2::Subnet, Properties: {{VpcId: !Ref Net, CidrBlock: 10.0.0.0/24}}}}
  One:
    Type: AWS::EC2::Instance
    Properties:
      SubnetId: !Ref Sub
      KeyName: !Ref Key
      ImageId: {image}
      UserData: {{'Fn::Base64': {user_data}}}
"
        )
    };
    let whole = format!("!Sub '{{{{resolve:ssm:{image}}}}}'");
    let joined = format!("!Join ['', ['{{{{res', 'olve:ssm:{image}', '}}}}']]");
    for written in [whole, joined] {
        let user_data = "!Sub \"pw='{{resolve:secretsmanager:db:SecretString:${Env}}}'\"";
        let (plan_file, notes) = plan(&text(&written, user_data));
        // The image is the default one, which need not be said.
        let said = plan_file.lines().filter(|line| !line.starts_with('#'));
        let said: Vec<&str> = said.filter(|line| line.contains("resolve")).collect();
        assert!(said.is_empty(), "{plan_file}");
        let notes = notes.join("\n");
        for part in [
            "One.UserData: a dynamic reference (secretsmanager) is not taken over",
            "One.KeyName: a dynamic reference (ssm) is not taken over",
        ] {
            assert!(notes.contains(part), "{part}\n{notes}");
        }
        assert!(!notes.contains("One.ImageId"), "{notes}");
    }
}
