//! Tests of whole templates: what becomes of them, and what is said.

mod secrets;
mod settling;
mod telling;

use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::config::{self, Source};
use crate::kinds::registry;

fn request(
    parameters: &[(&str, &str)],
    files: &'static [(&'static str, &'static str)],
) -> Request<'static> {
    let read: &'static Reader<'static> = Box::leak(Box::new(move |path: &Path| {
        let found = files.iter().find(|(name, _)| path.ends_with(name));
        found
            .map(|(_, text)| (*text).to_owned())
            .ok_or_else(|| "no such file".to_owned())
    }));
    Request {
        stack: "lab".into(),
        region: Some("ap-northeast-1".into()),
        parameters: parameters
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        read,
    }
}

fn imported(text: &str, request: &Request<'_>) -> Imported {
    let template = Template {
        file: "t.yaml",
        text,
        folder: Path::new(""),
    };
    import(template, request, registry()).unwrap_or_else(|refused| panic!("{:?}", refused.problem))
}

/// The plan file of a template, which must be valid, and the notes.
fn plan(text: &str) -> (String, Vec<String>) {
    plan_of(text, &request(&[], &[]))
}

/// The same; variables that a run must set have a value that fits a text.
fn plan_of(text: &str, request: &Request<'_>) -> (String, Vec<String>) {
    let imported = imported(text, request);
    let written = imported.draft.text(registry());
    let source = Source {
        name: "x.toml".into(),
        text: written.clone(),
    };
    let variables = imported.draft.variables.iter();
    let required = variables.filter(|it| matches!(it.default, crate::model::Value::Map(_)));
    let options = config::Options {
        variables: required
            .map(|it| (it.name.clone(), "x".to_owned()))
            .collect(),
        ..config::Options::default()
    };
    let loaded = config::parse(source, Path::new(""), &options, registry());
    let errors: Vec<_> = loaded
        .diagnostics
        .iter()
        .filter(|it| it.is_error())
        .collect();
    assert!(errors.is_empty(), "{written}\n{errors:#?}");
    let notes = imported.notes.iter();
    (
        written,
        notes
            .map(|it| format!("{}: {}", it.line, it.sentence()))
            .collect(),
    )
}

const VPC: &str = "
Resources:
  Net:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
";

#[test]
fn values_that_must_be_known_are_worked_out() {
    let text = "
Parameters:
  Env: {Type: String, Default: test, AllowedValues: [test, live]}
  Block: {Type: String, Default: 10.1.0.0/16}
Mappings:
  Sizes:
    ap-northeast-1: {Type: t3.small}
Conditions:
  IsLive: !Equals [!Ref Env, live]
  Never: !And [!Condition IsLive, !Not [!Condition IsLive]]
  Test: !Not [Condition: IsLive]
Resources:
  Net:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: !Ref Block
      Tags: [{Key: Name, Value: !Sub '${AWS::StackName}-${Env}'}]
  Second:
    Type: AWS::EC2::VPC
    Condition: IsLive
    Properties: {CidrBlock: 10.2.0.0/16}
  A:
    Type: AWS::EC2::Subnet
    Condition: Test
    Properties:
      VpcId: !Ref Net
      CidrBlock: !Select [1, !Cidr [10.1.0.0/16, 4, 8]]
      AvailabilityZone: !Select [1, !GetAZs '']
  One:
    Type: AWS::EC2::Instance
    Properties:
      SubnetId: !GetAtt A.SubnetId
      InstanceType: !FindInMap [Sizes, !Ref AWS::Region, Type]
      ImageId: '{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64}}'
      Monitoring: !If [IsLive, true, !Ref AWS::NoValue]
      UserData: !Base64
        Fn::Sub: |
          #!/bin/sh
          echo ${!HOME} ${AWS::Region}
";
    let (text, notes) = plan(&text.replace("t3.small", "t4g.small"));
    for line in [
        "cidr = \"${var.Block}\"",
        "tags = { Name = \"lab-test\" }",
        "cidr = \"10.1.1.0/24\"",
        "zone = \"c\"",
        "type = \"t4g.small\"",
        "image = \"al2023-arm64\"",
        "Block = \"10.1.0.0/16\"",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(text.contains("$${HOME} ${region}"), "{text}");
    assert!(!text.contains("Env ="), "{text}");
    let has = |part: &str| {
        assert!(
            notes.iter().any(|it| it.contains(part)),
            "{part}\n{notes:#?}"
        )
    };
    has("Second (AWS::EC2::VPC): not wanted: its condition IsLive does not hold");
    assert!(
        !notes.iter().any(|it| it.contains("left out")),
        "{notes:#?}"
    );
    has("Parameters.Env: its value was settled by the import: `test`");
    has("A.AvailabilityZone: which zones the account has is not asked");
    let (text, _) = plan_of(
        "Parameters: {Block: {Type: String}}\nResources: {N: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref Block}}}\n",
        &request(&[("Block", "10.9.0.0/16")], &[]),
    );
    assert!(text.contains("Block = \"10.9.0.0/16\""), "{text}");
}

#[test]
fn nothing_is_dropped_silently() {
    let text = format!(
        "{VPC}
      Ipv4NetmaskLength: 16
    Metadata: {{a: b}}
    DeletionPolicy: Retain
  Queue:
    Type: AWS::SQS::Queue
  Sub:
    Type: AWS::EC2::Subnet
    DependsOn: Net
    Properties:
      VpcId: !Ref Net
      CidrBlock: !GetAtt Queue.Arn
  Inside:
    Type: AWS::EC2::Instance
    Properties: {{SubnetId: !Ref Sub}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref Net
      GroupDescription: x
      SecurityGroupIngress:
        - {{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: !ImportValue other}}
        - {{IpProtocol: icmp, FromPort: 8, ToPort: -1, CidrIp: 10.0.0.0/8}}
        - {{IpProtocol: '-1', CidrIp: 10.0.0.0/8}}
Outputs:
  Id: {{Value: !Ref Net}}
Transform: AWS::Serverless-2016-10-31
"
    );
    let (text, notes) = plan(&text);
    let all = notes.join("\n");
    for part in [
        "6: left out",
        "left out: Net.Metadata",
        "left out: Queue (AWS::SQS::Queue): s3net has no kind for this type",
        "left out: Sub (AWS::EC2::Subnet): Queue is not taken over (Sub.CidrBlock)",
        "left out: Inside (AWS::EC2::Instance): Sub is not taken over (Inside.SubnetId)",
        "Net.Ipv4NetmaskLength: s3net has no such setting",
        "Net.DeletionPolicy: kept when its table leaves the file",
        "Fn::ImportValue is not supported",
        "type 8 of icmp alone cannot be said",
        "DependsOn: not needed",
        "Outputs.Id: a plan file has no outputs; this one is ${vpc.Net.id}",
        "left out: Transform",
    ] {
        let part = part.trim_start_matches("6: ");
        assert!(all.contains(part), "{part}\n{all}");
    }
    assert!(text.contains("on_remove = \"forget\""), "{text}");
    assert!(
        text.contains("ingress = [{ protocol = \"all\", from = \"10.0.0.0/8\" }]"),
        "{text}"
    );
    // Each note is a comment too.
    let flat: String = text
        .lines()
        .filter_map(|it| it.strip_prefix('#'))
        .collect::<Vec<_>>()
        .join(" ");
    let flat = flat.split_whitespace().collect::<Vec<_>>().join(" ");
    for note in &notes {
        let sentence = note.split_once(": ").unwrap().1;
        assert!(flat.contains(sentence), "{sentence}\n{text}");
    }
}

#[test]
fn what_goes_in_circles_comes_to_an_end() {
    for text in [
        "Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\nResources: {N: {Type: AWS::EC2::VPC, Condition: A}}\n",
        "Parameters: {P: {Type: String}}\nResources: {N: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref P}}, S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: self.yaml, Parameters: {P: !GetAtt S.Outputs.O}}}}\nOutputs: {O: {Value: !Ref P}}\n",
    ] {
        let files: &'static [(&str, &str)] = Box::leak(Box::new([("self.yaml", text)]));
        let imported = imported(text, &request(&[], files));
        assert!(
            imported.notes.iter().any(|it| it.weight == Weight::Left),
            "{:?}",
            imported.notes
        );
    }
    // A condition that doubles at every step.
    let mut conditions = "Conditions:\n  C0: !Equals [a, a]\n".to_owned();
    for level in 1..50 {
        conditions.push_str(&format!(
            "  C{level}: !And [!Condition C{0}, !Condition C{0}]\n",
            level - 1
        ));
    }
    let text = format!("{conditions}Resources: {{N: {{Type: AWS::EC2::VPC, Condition: C49}}}}\n");
    let imported = imported(&text, &request(&[], &[]));
    assert!(imported.draft.tables.is_empty());
}

#[test]
fn nested_stacks_pass_values_and_names_that_clash_are_told_apart() {
    let files: &'static [(&str, &str)] = &[
        (
            "net.yaml",
            "Parameters: {Block: {Type: String}, Zones: {Type: CommaDelimitedList}}\nResources:\n  Net: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref Block}}\n  Sub: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Net, CidrBlock: !Ref Block, AvailabilityZone: !Select [1, !Ref Zones]}}\nOutputs:\n  Id: {Value: !Ref Net}\n",
        ),
        (
            "more.yaml",
            "Parameters: {Vpc: {Type: String}}\nResources:\n  Sub: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.128.0/20}}\n",
        ),
    ];
    let text = "Resources:\n  Network: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./net.yaml, Parameters: {Block: 10.0.0.0/17, Zones: 'a, d', Odd: 1}}}\n  More: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: more.yaml, Parameters: {Vpc: !GetAtt Network.Outputs.Id}}}\n  Far: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: 'https://x.example/t.yaml'}}\n  Lost: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: gone.yaml}}\n";
    let imported = imported(text, &request(&[], files));
    let text = imported.draft.text(registry());
    assert!(
        text.contains("[subnet.Sub]\nvpc = \"Net\"\ncidr = \"10.0.0.0/17\"\nzone = \"d\""),
        "{text}"
    );
    assert!(
        text.contains("[subnet.More-Sub]\nvpc = \"Net\"\n"),
        "{text}"
    );
    let notes: String = imported
        .notes
        .iter()
        .map(|it| format!("{}:{}: {}\n", it.file, it.line, it.sentence()))
        .collect();
    for part in [
        "t.yaml:2: left out: Network.Parameters.Odd: the nested template has no such parameter",
        "Far (AWS::CloudFormation::Stack): its template is at https://x.example/t.yaml",
        "Lost (AWS::CloudFormation::Stack): its template gone.yaml cannot be read: no such file",
    ] {
        assert!(notes.contains(part), "{part}\n{notes}");
    }
}

#[test]
fn what_is_no_template_is_refused() {
    let refused = |text: &str, request: &Request<'_>| {
        let template = Template {
            file: "t.yaml",
            text,
            folder: Path::new(""),
        };
        import(template, request, registry())
            .unwrap_err()
            .problem
            .problem
    };
    let plain = request(&[], &[]);
    assert!(refused("a: 1\n", &plain).contains("no CloudFormation template"));
    assert!(refused("Resources: []\n", &plain).contains("no CloudFormation template"));
    assert!(refused("Resources: {A: {}}\n", &plain).contains("has no `Type`"));
    let asked = request(&[("Nte", "1")], &[]);
    assert!(
        refused(
            "Parameters: {Net: {Type: String}}\nResources: {A: {Type: X}}\n",
            &asked
        )
        .contains("no parameter `Nte`")
    );
    let broken: &'static [(&str, &str)] = &[("n.yaml", "a: [")];
    let text =
        "Resources: {S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: n.yaml}}}\n";
    let template = Template {
        file: "dir/t.yaml",
        text,
        folder: Path::new("dir"),
    };
    let refused = import(template, &request(&[], broken), registry()).unwrap_err();
    assert_eq!(refused.file, "dir/n.yaml");
}
