//! Tests of what is told: each cause once, and what the template itself does not
//! want is no loss.

use super::*;

/// The notes of a template with these resources beside its VPC.
fn notes_of(resources: &str) -> (String, Vec<String>) {
    plan(&format!("{VPC}{resources}"))
}

#[test]
fn a_rule_that_cannot_be_is_told_once() {
    let (text, notes) = notes_of(
        "
  Default:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: !GetAtt Net.DefaultSecurityGroup, IpProtocol: tcp, FromPort: 1, ToPort: 2, CidrIp: 10.0.0.0/8}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref Net
      GroupDescription: x
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: !ImportValue port, ToPort: !ImportValue port, CidrIp: 10.0.0.0/8}
        - {IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: !ImportValue other, Description: !ImportValue x}
        - {IpProtocol: icmp, FromPort: 8, ToPort: 0, CidrIp: 10.0.0.0/8, Description: ping}
        - {IpProtocol: tcp, FromPort: 2, ToPort: 2, SourceSecurityGroupName: web}
",
    );
    let left: Vec<&str> = notes
        .iter()
        .filter_map(|it| it.split_once(": left out: ").map(|(_, text)| text))
        .collect();
    assert_eq!(
        left,
        [
            "Default (AWS::EC2::SecurityGroupIngress): a plan file has no name for \
             Net.DefaultSecurityGroup (Default.GroupId)",
            "Group.SecurityGroupIngress[0]: Fn::ImportValue is not supported \
             (Group.SecurityGroupIngress[0].FromPort)",
            "Group.SecurityGroupIngress[1]: Fn::ImportValue is not supported \
             (Group.SecurityGroupIngress[1].Description)",
            "Group.SecurityGroupIngress[2]: type 8 of icmp alone cannot be said: \
             it would let every type through",
            "Group.SecurityGroupIngress[3]: s3net has no rules by SourceSecurityGroupName",
        ]
    );
    // A rule whose port is not known would let every port through.
    assert!(!text.contains("ingress ="), "{text}");
}

#[test]
fn protocols_are_read_in_any_case_and_with_their_ports() {
    let (text, notes) = notes_of(
        "
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref Net
      GroupDescription: x
      SecurityGroupIngress:
        - {IpProtocol: TCP, FromPort: 22, ToPort: 22, CidrIp: 10.0.0.0/8}
        - {IpProtocol: UDP, FromPort: 1, ToPort: 2, CidrIp: 10.0.0.0/8}
        - {IpProtocol: ALL, CidrIp: 10.1.0.0/16}
        - {IpProtocol: '50', FromPort: 1, ToPort: 2, CidrIp: 10.2.0.0/16}
        - {IpProtocol: ICMP, FromPort: -1, ToPort: -1, CidrIp: 10.3.0.0/16}
",
    );
    for line in [
        "{ port = 22, from = \"10.0.0.0/8\" }",
        "{ protocol = \"udp\", ports = \"1-2\", from = \"10.0.0.0/8\" }",
        "{ protocol = \"all\", from = \"10.1.0.0/16\" }",
        "{ protocol = \"50\", from = \"10.2.0.0/16\" }",
        "{ protocol = \"icmp\", from = \"10.3.0.0/16\" }",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let ports: Vec<_> = notes.iter().filter(|it| it.contains("no ports")).collect();
    assert_eq!(
        ports,
        [
            "17: Group.SecurityGroupIngress[3]: `50` has no ports: AWS lets all of it through, as here"
        ]
    );
}

#[test]
fn a_route_that_cannot_be_is_told_once() {
    let (_, notes) = notes_of(
        "
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Net}}
  Six: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: eigw-1}}
  Four: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !ImportValue nat}}
  Lost: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {RouteTableId: !ImportValue table, SubnetId: !ImportValue subnet}}
",
    );
    let left: Vec<&str> = notes
        .iter()
        .filter_map(|it| it.split_once(": left out: ").map(|(_, text)| text))
        .collect();
    assert_eq!(
        left,
        [
            "Six (AWS::EC2::Route): s3net has no routes by EgressOnlyInternetGatewayId",
            "Four (AWS::EC2::Route): Fn::ImportValue is not supported (Four.NatGatewayId)",
            "Lost (AWS::EC2::SubnetRouteTableAssociation): Fn::ImportValue is not supported \
             (Lost.RouteTableId)",
        ]
    );
}

#[test]
fn tags_that_a_file_cannot_have_are_left_out() {
    let (text, notes) = notes_of(
        "      Tags:
        - {Key: Name, Value: !Sub '${AWS::StackName} RT (private)'}
        - {Key: 'AWS:x', Value: y}
        - {Key: Team, Value: a@b}
",
    );
    assert!(text.contains("tags = { Team = \"a@b\" }"), "{text}");
    let all = notes.join("\n");
    for part in [
        "left out: Net.Tags.Name: a plan file cannot say `lab RT (private)`: letters, digits, \
         spaces and _ . : / = + - @ are allowed",
        "left out: Net.Tags.AWS:x: this key is not for users",
    ] {
        assert!(all.contains(part), "{part}\n{all}");
    }
}

#[test]
fn what_only_cloudformation_makes_is_left_out() {
    let body = "[x, [a, b], {'S${x}': {Type: AWS::EC2::VPC}}]";
    for text in [
        format!("Resources: {{'Fn::ForEach::S': {body}}}\n"),
        format!("{VPC}  Fn::ForEach::S: {body}\n"),
    ] {
        let (_, notes) = plan(&text);
        let told = "left out: Fn::ForEach::S: only CloudFormation makes resources of it";
        assert!(notes.iter().any(|it| it.ends_with(told)), "{notes:?}");
    }
    let (_, notes) = notes_of(
        "  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: '2012-10-17', 'Fn::Transform': {Name: Include}}
",
    );
    let told = "Fn::Transform is not supported";
    assert!(notes.iter().any(|it| it.contains(told)), "{notes:?}");
}

#[test]
fn a_template_that_nests_itself_is_read_once() {
    use std::cell::Cell;
    use std::rc::Rc;
    let text = "Resources:
  Net: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Me: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ../lab/r.yaml}}
";
    let reads = Rc::new(Cell::new(0));
    let counted = Rc::clone(&reads);
    let read = move |_: &Path| {
        counted.set(counted.get() + 1);
        Ok(text.to_owned())
    };
    let request = Request {
        read: &read,
        ..request(&[], &[])
    };
    let template = Template {
        file: "lab/r.yaml",
        text,
        folder: Path::new("lab"),
    };
    let imported = import(template, &request, registry()).unwrap();
    assert_eq!(reads.get(), 0);
    let names: Vec<String> = imported
        .draft
        .tables
        .iter()
        .map(|it| it.address.to_string())
        .collect();
    assert_eq!(names, ["vpc.Net"]);
    let told = "Me (AWS::CloudFormation::Stack): its template ../lab/r.yaml is one that it \
                stands in, so it would never end";
    let notes = &imported.notes;
    assert!(
        notes.iter().any(|it| it.sentence().contains(told)),
        "{notes:?}"
    );
}

#[test]
fn a_value_that_the_template_does_not_allow_is_refused() {
    let text = "
Parameters:
  Env: {Type: String, AllowedValues: [test, live], Default: test}
  Zones: {Type: CommaDelimitedList, AllowedValues: [a, c], Default: a}
  Pw: {Type: String, NoEcho: true, AllowedValues: [x, y], Default: x}
Resources: {N: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}}
";
    let refused = |name: &str, value: &str| {
        let template = Template {
            file: "t.yaml",
            text,
            folder: Path::new(""),
        };
        let result = import(template, &request(&[(name, value)], &[]), registry());
        let problem = result.err().map(|it| it.problem);
        problem.map(|it| format!("{}; {}", it.problem, it.remedy.unwrap_or_default()))
    };
    assert_eq!(refused("Env", "live"), None);
    assert_eq!(refused("Zones", "a, c"), None);
    assert_eq!(
        refused("Env", "zzzzzz").as_deref(),
        Some("`zzzzzz` is no value that the parameter `Env` allows; it allows test, live")
    );
    assert_eq!(
        refused("Zones", "a,d,c").unwrap().split(';').next(),
        Some("`d` is no value that the parameter `Zones` allows")
    );
    assert!(!refused("Pw", "hushhush").unwrap().contains("hushhush"));
}
