//! What others change behind our back is shown, put back, or left alone.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{
    AttributeBooleanValue, Filter, IpPermission, IpRange, ResourceType, Tag, TagSpecification,
};
use s3net::aws::Aws;
use serde_json::{Value, json};

use crate::lab::Lab;

pub mod behind;

use behind::Behind;

/// Three-ways with a zone and a record.
pub fn built() -> Lab {
    let lab = Lab::with_plan("three-ways.toml");
    let text = lab.text();
    lab.write(&format!(
        "{text}\n[private_zone.data]\nname = \"data.example\"\nvpcs = [\"main\"]\n\n\
         [alias_record.data]\nzone = \"data\"\ntarget = \"interface_endpoint.s3\"\n"
    ));
    lab.apply().exits(0);
    lab
}

/// The drift as a document.
#[track_caller]
pub fn document(lab: &Lab, code: i32) -> Value {
    let ran = lab.verb("drift", &["--json"]).exits(code);
    let document: Value = serde_json::from_str(ran.out.trim()).unwrap();
    assert_eq!(document["document"], "drift");
    assert_eq!(document["drift"], code == 2);
    document
}

/// What happened to each object, by address.
fn objects(document: &Value) -> BTreeMap<String, Value> {
    let objects = document["objects"].as_array().unwrap().iter();
    objects
        .map(|it| (it["address"].as_str().unwrap().to_owned(), it.clone()))
        .collect()
}

/// The values of a field before and after.
#[track_caller]
fn field(objects: &BTreeMap<String, Value>, address: &str, field: &str) -> (Value, Value) {
    let object = objects.get(address);
    let object = object.unwrap_or_else(|| panic!("{address} is not in {objects:#?}"));
    let fields = object["fields"].as_array().unwrap();
    let found = fields.iter().find(|it| it["field"] == field);
    let found = found.unwrap_or_else(|| panic!("{field} is not in {object:#}"));
    (found["before"].clone(), found["after"].clone())
}

/// The foreign things, each as `within: noun what`.
fn foreign(document: &Value) -> Vec<String> {
    let foreign = document["foreign"].as_array().unwrap().iter();
    let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
    foreign
        .map(|it| {
            format!(
                "{}: {} {}",
                text(it, "within"),
                text(it, "noun"),
                text(it, "what")
            )
        })
        .collect()
}

#[tokio::test]
async fn everything_that_others_change_is_named_mended_or_left_alone() {
    let lab = built();
    lab.verb("drift", &[]).exits(0);
    let behind = Behind::new(&lab).await;
    behind.change_ours().await;
    behind.add_theirs().await;

    let told = document(&lab, 2);
    let objects = objects(&told);
    let gone = "route_table.private-1/route:0.0.0.0/0";
    assert_eq!(objects[gone]["happened"], "gone");
    let rule = "security_group.endpoint/ingress:tcp:443:security_group.instance";
    assert_eq!(objects[rule]["happened"], "gone");
    let block = objects
        .keys()
        .find(|it| it.starts_with("bucket.data/public"));
    assert_eq!(objects[block.unwrap()]["happened"], "gone");
    let subnet = field(&objects, "subnet.private-1", "map_public_ip");
    assert_eq!(subnet, (false.into(), true.into()));
    let vpc = field(&objects, "vpc.main", "dns_hostnames");
    assert_eq!(vpc, (true.into(), false.into()));
    assert_eq!(
        objects["vpc.main"]["tags"],
        json!({ "Name": { "before": "three-ways-main", "after": "theirs" } })
    );
    let (before, after) = field(&objects, "gateway_endpoint.s3", "policy");
    assert_eq!(before["Statement"][0]["Effect"], "Allow");
    assert_eq!(after["Statement"][0]["Effect"], "Deny");
    let (before, after) = field(&objects, "role.instance/inline_policy:s3", "policy");
    assert_ne!(before, after);
    let (before, after) = field(&objects, "instance.one", "security_groups");
    assert_eq!(
        (
            before.as_array().unwrap().len(),
            after.as_array().unwrap().len()
        ),
        (1, 2)
    );
    let (before, after) = field(&objects, "alias_record.data", "target_dns_name");
    assert!(before.as_str().unwrap().contains("vpce-"), "{before}");
    assert!(after.as_str().unwrap().contains("elsewhere"), "{after}");
    assert_eq!(
        objects["subnet.private-2"]["tags"],
        json!({ "CostCentre": { "before": null, "after": "7" } })
    );
    assert_eq!(objects.len(), 10, "{:#?}", objects.keys());

    let theirs = foreign(&told);
    assert_eq!(theirs.len(), 6, "{theirs:#?}");
    for text in [
        "route_table.public: route 10.9.0.0/16 via igw-",
        "security_group.endpoint: ingress rule tcp 22, 203.0.113.0/24",
        "private_zone.data: record note.data.example TXT to \"theirs\"",
        "role.instance: inline policy theirs",
        "role.instance: managed policy arn:aws:iam::aws:policy/ReadOnlyAccess",
        "bucket.data: bucket policy of one statement",
    ] {
        assert!(
            theirs.iter().any(|it| it.starts_with(text)),
            "{text}: {theirs:#?}"
        );
    }
    let owners = told["foreign"].to_string();
    assert!(owners.contains("its tag Owner = operations"), "{owners}");

    // In words, and the way back.
    let ran = lab.verb("drift", &[]).exits(2);
    let flat = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in [
        "map_public_ip: false → true",
        "dns_hostnames: true → false",
        "? route 10.9.0.0/16",
        "(likely owner: its tag Owner = operations)",
        "Drift: 6 changed, 3 gone, 0 appeared, 7 foreign.",
    ] {
        assert!(flat.contains(text), "`{text}` is not in\n{}", ran.out);
    }
    assert!(ran.err.contains("s3net plan"), "{}", ran.err);
    let plan = lab.plan().exits(2);
    let flat = plan.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in [
        "map_public_ip: true → false",
        "3 to create, 6 to change, 0 to replace, 0 to destroy.",
        "foreign things in",
        "are left alone",
    ] {
        assert!(flat.contains(text), "`{text}` is not in\n{}", plan.out);
    }

    lab.apply().exits(0);
    lab.plan().exits(0);
    let told = document(&lab, 2);
    assert_eq!(foreign(&told), theirs);
    let left = self::objects(&told);
    assert_eq!(left.keys().collect::<Vec<_>>(), ["subnet.private-2"]);
    behind.sees_theirs().await;
    // The next apply has nothing to do, and leaves them too.
    lab.apply().exits(0);
    behind.sees_theirs().await;
    behind.remove_theirs().await;
    document(&lab, 0);
    lab.destroy().exits(0);
}

const SMALL: &str = "[stack]\nname = \"small\"\nregion = \"ap-northeast-1\"\n\n\
    [vpc.main]\ncidr = \"10.0.0.0/16\"\n\n\
    [subnet.one]\nvpc = \"main\"\ncidr = \"10.0.1.0/24\"\nzone = \"a\"\n\
    map_public_ip = false\nlifecycle = { ignore = [\"map_public_ip\"] }\n\n\
    [route_table.main]\nvpc = \"main\"\nsubnets = [\"one\"]\n";

async fn map_public_ip(aws: &Aws, subnet: &str, on: bool) {
    let on = AttributeBooleanValue::builder().value(on).build();
    let request = aws.ec2.modify_subnet_attribute().subnet_id(subnet);
    request.map_public_ip_on_launch(on).send().await.unwrap();
}

/// The stack's only subnet: its id, and whether it gives public addresses.
async fn subnet(aws: &Aws) -> (String, bool) {
    let ours = Filter::builder()
        .name("tag:s3net:stack")
        .values("small")
        .build();
    let subnets = aws
        .ec2
        .describe_subnets()
        .filters(ours)
        .send()
        .await
        .unwrap();
    let [subnet] = subnets.subnets() else {
        panic!("{subnets:?}");
    };
    let public = subnet.map_public_ip_on_launch().unwrap();
    (subnet.subnet_id().unwrap().to_owned(), public)
}

#[tokio::test]
async fn what_is_ignored_is_shown_and_left() {
    let lab = Lab::new();
    lab.write(SMALL);
    lab.apply().exits(0);
    let aws = lab.aws().await;
    let (id, _) = subnet(&aws).await;
    map_public_ip(&aws, &id, true).await;
    let ran = lab.verb("drift", &[]).exits(0);
    assert!(
        ran.out.contains("map_public_ip: false → true  (ignored)"),
        "{}",
        ran.out
    );
    let told = document(&lab, 0);
    assert_eq!(objects(&told)["subnet.one"]["fields"][0]["ignored"], true);
    lab.plan().exits(0);
    lab.apply().exits(0);
    assert!(subnet(&aws).await.1);
    lab.destroy().exits(0);
}

#[tokio::test]
async fn what_is_gone_or_appeared_or_moved_is_told() {
    let lab = Lab::new();
    lab.write(SMALL);
    lab.apply().exits(0);
    let aws = lab.aws().await;
    let (id, _) = subnet(&aws).await;
    let described = aws
        .ec2
        .describe_subnets()
        .subnet_ids(&id)
        .send()
        .await
        .unwrap();
    let vpc = described.subnets()[0].vpc_id().unwrap().to_owned();
    let tables = Filter::builder()
        .name("association.subnet-id")
        .values(&id)
        .build();
    let tables = aws
        .ec2
        .describe_route_tables()
        .filters(tables)
        .send()
        .await
        .unwrap();
    let association = tables.route_tables()[0].associations()[0]
        .route_table_association_id()
        .unwrap();
    let request = aws
        .ec2
        .disassociate_route_table()
        .association_id(association);
    request.send().await.unwrap();
    aws.ec2.delete_subnet().subnet_id(&id).send().await.unwrap();
    // Somebody makes another one, and copies our tags.
    let tags = described.subnets()[0].tags().to_vec();
    let tags = TagSpecification::builder()
        .resource_type(ResourceType::Subnet)
        .set_tags(Some(tags));
    let made = aws
        .ec2
        .create_subnet()
        .vpc_id(&vpc)
        .cidr_block("10.0.1.0/24");
    made.availability_zone("ap-northeast-1a")
        .tag_specifications(tags.build())
        .send()
        .await
        .unwrap();
    let elsewhere = [("s3net:stack", "small"), ("s3net:address", "subnet.two")];
    let elsewhere = elsewhere.map(|(key, value)| Tag::builder().key(key).value(value).build());
    let tags = TagSpecification::builder()
        .resource_type(ResourceType::Subnet)
        .set_tags(Some(elsewhere.to_vec()));
    let made = aws
        .ec2
        .create_subnet()
        .vpc_id(&vpc)
        .cidr_block("10.0.2.0/24");
    made.tag_specifications(tags.build()).send().await.unwrap();

    let told = document(&lab, 2);
    let happened: Vec<_> = objects(&told)
        .into_iter()
        .map(|(address, it)| (address, it["happened"].as_str().unwrap().to_owned()))
        .collect();
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        happened,
        [
            pair("route_table.main/association:one", "gone"),
            pair("subnet.one", "renewed"),
            pair("subnet.two", "appeared"),
        ]
    );
    assert_eq!(objects(&told)["subnet.one"]["previous_id"], id.as_str());
    lab.apply().exits(0);
    document(&lab, 0);
    lab.destroy().exits(0);
}

#[tokio::test]
async fn a_strangers_subnet_keeps_our_table_and_our_table_its_routes() {
    let lab = Lab::new();
    lab.write(SMALL);
    lab.apply().exits(0);
    let aws = lab.aws().await;
    let (id, _) = subnet(&aws).await;
    let described = aws
        .ec2
        .describe_subnets()
        .subnet_ids(&id)
        .send()
        .await
        .unwrap();
    let vpc = described.subnets()[0].vpc_id().unwrap();
    let strange = aws
        .ec2
        .create_subnet()
        .vpc_id(vpc)
        .cidr_block("10.0.7.0/24");
    let strange = strange.send().await.unwrap();
    let strange = strange.subnet().unwrap().subnet_id().unwrap();
    let ours = Filter::builder()
        .name("tag:s3net:stack")
        .values("small")
        .build();
    let tables = aws
        .ec2
        .describe_route_tables()
        .filters(ours)
        .send()
        .await
        .unwrap();
    let table = tables.route_tables()[0].route_table_id().unwrap();
    let request = aws.ec2.associate_route_table().route_table_id(table);
    let made = request.subnet_id(strange).send().await.unwrap();

    let told = document(&lab, 2);
    assert_eq!(
        foreign(&told),
        [format!("route_table.main: association {strange}")]
    );
    let plan = lab.plan().exits(0);
    let flat = plan.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let says = "1 foreign association in route_table.main is left alone";
    assert!(flat.contains(says), "{}", plan.out);
    lab.apply().exits(0);
    assert_eq!(foreign(&document(&lab, 2)).len(), 1);
    // Nobody but its owner takes it away, and then the stack can go.
    let request = aws.ec2.disassociate_route_table();
    let request = request.association_id(made.association_id().unwrap());
    request.send().await.unwrap();
    aws.ec2
        .delete_subnet()
        .subnet_id(strange)
        .send()
        .await
        .unwrap();
    lab.destroy().exits(0);
}

#[test]
fn drift_takes_no_lock_and_few_calls() {
    let lab = built();
    let lock = lab.state("three-ways").with_file_name("lock");
    let lock = std::fs::File::options().write(true).open(lock).unwrap();
    lock.lock().unwrap();
    let count = |verb: &str| {
        lab.calls();
        lab.verb(verb, &[]).exits(0);
        let calls = lab.calls();
        let calls = calls["counts"].as_object().unwrap().clone();
        assert!(
            calls.keys().all(|call| ["Describe", "Get", "List"]
                .iter()
                .any(|it| call.contains(it))),
            "{calls:#?}"
        );
        calls
            .values()
            .map(|count| count.as_u64().unwrap())
            .sum::<u64>()
    };
    let plan = count("plan");
    let drift = count("drift");
    // The names of the role's own policies, and the bucket's policy.
    assert_eq!(drift, plan + 2);
    lock.unlock().unwrap();
    lab.destroy().exits(0);
}
