//! An adoption that does not get through leaves nothing of others in the state:
//! neither the object nor what hangs on it. So no later run takes that for ours.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::VpcEndpointType;
use aws_sdk_route53::types::{
    AliasTarget, Change, ChangeAction, ChangeBatch, ResourceRecordSet, RrType, Vpc, VpcRegion,
};
use s3net::aws::Aws;
use s3net::model::Address;
use serde_json::{Value, json};

use super::Found;
use crate::lab::Lab;

/// Lets one call of an action be refused.
fn refuse(lab: &Lab, action: &str, nth: usize) {
    lab.fault(json!({
        "action": action, "nth": nth, "status": 403, "code": "AccessDenied",
        "message": "You are not authorized to perform this operation."
    }));
}

/// What the state remembers.
fn remembered(lab: &Lab) -> BTreeMap<Address, Value> {
    let text = std::fs::read(lab.state("adopting")).unwrap();
    let state: Value = serde_json::from_slice(&text).unwrap();
    let nodes = state["nodes"].as_object().unwrap().iter();
    nodes
        .map(|(at, node)| (at.parse().unwrap(), node.clone()))
        .collect()
}

/// The nodes that hang on something that the state does not know.
fn hanging(lab: &Lab) -> BTreeSet<String> {
    let nodes = remembered(lab);
    let fields = [
        "vpc",
        "subnet",
        "route_table",
        "internet_gateway",
        "security_group",
    ];
    let ids: BTreeSet<&str> = nodes
        .iter()
        .filter(|(at, _)| at.part.is_none())
        .filter_map(|(_, node)| node["id"].as_str())
        .collect();
    let strange = nodes.iter().filter(|(at, node)| {
        let fields = fields
            .iter()
            .map(|field| &node["attributes"][*field]["string"]);
        let mut named = fields.filter_map(Value::as_str);
        !nodes.contains_key(&at.table()) || named.any(|id| !ids.contains(id))
    });
    strange.map(|(at, _)| at.to_string()).collect()
}

/// The file as it would be had nothing been adopted.
fn without_imports(lab: &Lab) {
    let text = lab.text();
    lab.write(text.split_once("[[import]]").unwrap().0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hangs_on_it_is_not_remembered_and_comes_with_it() {
    let whole = {
        let lab = Lab::new();
        let found = Found::build(&lab.aws().await, &lab.bucket()).await;
        lab.write(&found.file(&lab.bucket()));
        lab.apply().exits(0);
        assert_eq!(hanging(&lab), BTreeSet::new());
        remembered(&lab).into_keys().collect::<BTreeSet<_>>()
    };
    for part in [
        "internet_gateway.main/attachment",
        "route_table.public/route:0.0.0.0/0",
        "route_table.public/association:one",
        "security_group.web/ingress:tcp:443:10.0.0.0/8",
        "bucket.data/versioning",
    ] {
        assert!(whole.contains(&part.parse().unwrap()), "{part}: {whole:?}");
    }
    for (action, nth) in [
        ("ec2:CreateTags", 1),
        ("ec2:CreateTags", 2),
        ("ec2:CreateTags", 3),
        ("ec2:CreateTags", 4),
        ("s3:PutBucketTagging", 1),
        ("iam:TagRole", 1),
    ] {
        let lab = Lab::new();
        let aws = lab.aws().await;
        let found = Found::build(&aws, &lab.bucket()).await;
        lab.write(&found.file(&lab.bucket()));
        refuse(&lab, action, nth);
        let args = ["--auto-approve", "--parallelism", "1"];
        lab.verb("apply", &args).exits(1);
        assert_eq!(lab.faults_to_come(), 0);
        assert_eq!(hanging(&lab), BTreeSet::new(), "{action} {nth}");
        // What is known is as it was left, and nothing seems to be gone.
        let text = lab.text();
        without_imports(&lab);
        let drift = lab.verb("drift", &["--json"]);
        assert!(!drift.out.contains("\"gone\""), "{}", drift.out);
        // Once nothing stands in the way all of it is adopted.
        lab.write(&text);
        lab.apply().exits(0);
        lab.plan().exits(0);
        let all: BTreeSet<Address> = remembered(&lab).into_keys().collect();
        assert_eq!(all, whole, "{action} {nth}");
    }
}

/// What a part of the plan leaves out is not adopted, nor is what hangs on it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_is_not_remembered() {
    let lab = Lab::new();
    let found = Found::build(&lab.aws().await, &lab.bucket()).await;
    lab.write(&found.file(&lab.bucket()));
    let args = ["--auto-approve", "--exclude", "subnet.one"];
    lab.verb("apply", &args).exits(0);
    let known = remembered(&lab);
    let knows = |address: &str| known.contains_key(&address.parse().unwrap());
    assert!(knows("route_table.public/route:0.0.0.0/0"));
    assert!(!knows("subnet.one"));
    assert!(!knows("route_table.public/association:one"));
    assert_eq!(hanging(&lab), BTreeSet::new());
    lab.apply().exits(0);
    assert_eq!(hanging(&lab), BTreeSet::new());
    lab.plan().exits(0);
}

/// A zone of others with a record that leads to an endpoint of theirs.
struct Zone {
    id: String,
    endpoint: String,
    vpc: String,
    subnet: String,
}

const NAME: &str = "data.example";

impl Zone {
    async fn build(aws: &Aws) -> Self {
        let ec2 = &aws.ec2;
        let vpc = ec2.create_vpc().cidr_block("10.0.0.0/16");
        let vpc = vpc.send().await.unwrap().vpc.unwrap().vpc_id.unwrap();
        let subnet = ec2.create_subnet().vpc_id(&vpc).cidr_block("10.0.1.0/24");
        let subnet = subnet.send().await.unwrap().subnet.unwrap();
        let subnet = subnet.subnet_id.unwrap();
        let endpoint = ec2
            .create_vpc_endpoint()
            .vpc_id(&vpc)
            .vpc_endpoint_type(VpcEndpointType::Interface)
            .service_name("com.amazonaws.ap-northeast-1.s3")
            .subnet_ids(&subnet)
            .private_dns_enabled(false);
        let endpoint = endpoint.send().await.unwrap().vpc_endpoint.unwrap();
        let regional = &endpoint.dns_entries()[0];
        let zone = aws.route53.create_hosted_zone().name(NAME);
        let of_vpc = Vpc::builder().vpc_id(&vpc);
        let of_vpc = of_vpc.vpc_region(VpcRegion::ApNortheast1).build();
        let zone = zone.caller_reference(&vpc).vpc(of_vpc).send().await;
        let id = zone.unwrap().hosted_zone.unwrap().id;
        let alias = AliasTarget::builder()
            .dns_name(regional.dns_name().unwrap())
            .hosted_zone_id(regional.hosted_zone_id().unwrap())
            .evaluate_target_health(false);
        let record = ResourceRecordSet::builder()
            .name(NAME)
            .r#type(RrType::A)
            .alias_target(alias.build().unwrap());
        let change = Change::builder()
            .action(ChangeAction::Create)
            .resource_record_set(record.build().unwrap());
        let batch = ChangeBatch::builder().changes(change.build().unwrap());
        let request = aws.route53.change_resource_record_sets();
        let request = request.hosted_zone_id(&id);
        let request = request.change_batch(batch.build().unwrap());
        request.send().await.unwrap();
        Self {
            id: id
                .rsplit_once('/')
                .map_or(id.clone(), |(_, id)| id.to_owned()),
            endpoint: endpoint.vpc_endpoint_id.unwrap(),
            vpc,
            subnet,
        }
    }

    fn file(&self) -> String {
        let Self {
            id,
            endpoint,
            vpc,
            subnet,
        } = self;
        format!(
            "[stack]\nname = \"adopting\"\nregion = \"ap-northeast-1\"\n\n\
             [private_zone.data]\nname = \"{NAME}\"\nvpcs = [\"{vpc}\"]\n\n\
             [interface_endpoint.s3]\nvpc = \"{vpc}\"\nservice = \"s3\"\n\
             subnets = [\"{subnet}\"]\nprivate_dns = false\n\n\
             [alias_record.data]\nzone = \"data\"\ntarget = \"interface_endpoint.s3\"\n\n\
             [[import]]\nto = \"private_zone.data\"\nid = \"{id}\"\n\n\
             [[import]]\nto = \"interface_endpoint.s3\"\nid = \"{endpoint}\"\n"
        )
    }

    /// Whether the record still leads to the endpoint.
    async fn has_its_record(&self, aws: &Aws) -> bool {
        let request = aws.route53.list_resource_record_sets();
        let records = request.hosted_zone_id(&self.id).send().await.unwrap();
        let mut records = records.resource_record_sets().iter();
        records.any(|record| record.r#type() == &RrType::A && record.alias_target().is_some())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_a_zone_that_was_not_adopted_outlives_a_destroy() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let zone = Zone::build(&aws).await;
    lab.write(&zone.file());
    let planned = lab.verb("plan", &["--json"]).exits(0);
    assert_eq!(
        super::changes(&planned.out),
        ["adopt interface_endpoint.s3", "adopt private_zone.data"]
    );
    refuse(&lab, "route53:ChangeTagsForResource", 1);
    lab.apply().exits(1);
    let known: Vec<String> = remembered(&lab).keys().map(ToString::to_string).collect();
    assert_eq!(known, ["interface_endpoint.s3"]);
    let text = lab.text();
    without_imports(&lab);
    lab.destroy().exits(0);
    assert!(zone.has_its_record(&aws).await);
    // Where all goes well, the record is ours with its zone.
    let again = Zone::build(&lab.aws().await).await;
    lab.write(
        &text
            .replace(&zone.id, &again.id)
            .replace(&zone.endpoint, &again.endpoint),
    );
    lab.edit(&zone.vpc, &again.vpc);
    lab.edit(&zone.subnet, &again.subnet);
    lab.apply().exits(0);
    lab.plan().exits(0);
    assert_eq!(remembered(&lab).len(), 3);
    without_imports(&lab);
    lab.plan().exits(0);
    lab.destroy().exits(0);
    let zones = aws.route53.list_hosted_zones().send().await.unwrap();
    let zones: Vec<&str> = zones.hosted_zones().iter().map(|it| it.id()).collect();
    assert_eq!(zones, [format!("/hostedzone/{}", zone.id)]);
}
