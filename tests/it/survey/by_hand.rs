//! A network that somebody else made, with what s3net itself never makes.

use aws_sdk_ec2::types::{
    AddPrefixListEntry, AttributeBooleanValue, DnsOptionsSpecification, IpPermission, IpRange,
    PortRange, PrefixListId, RuleAction, Tag, VpcEndpointType,
};
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use s3net::aws::{Aws, Connection};
use s3net::model::network::AclEntry;

use super::*;
use crate::lab::endpoint;

/// A VPC with two blocks, a subnet, and DNS host names.
async fn vpc_with_subnet(aws: &Aws) -> (String, String) {
    let ec2 = &aws.ec2;
    let vpc = ec2
        .create_vpc()
        .cidr_block("10.0.0.0/16")
        .send()
        .await
        .unwrap();
    let vpc = vpc.vpc().unwrap().vpc_id().unwrap().to_owned();
    let more = ec2.associate_vpc_cidr_block().vpc_id(&vpc);
    more.cidr_block("10.1.0.0/16").send().await.unwrap();
    let on = AttributeBooleanValue::builder().value(true).build();
    let change = ec2.modify_vpc_attribute().vpc_id(&vpc);
    change.enable_dns_hostnames(on).send().await.unwrap();
    let subnet = ec2.create_subnet().vpc_id(&vpc).cidr_block("10.1.1.0/24");
    let subnet = subnet.send().await.unwrap();
    let subnet = subnet.subnet().unwrap().subnet_id().unwrap().to_owned();
    let name = Tag::builder().key("Name").value("office").build();
    let tags = ec2.create_tags().resources(&subnet).resources(&vpc);
    tags.tags(name).send().await.unwrap();
    (vpc, subnet)
}

/// A list of the user's own.
async fn prefix_list(aws: &Aws) -> String {
    let entry = AddPrefixListEntry::builder().cidr("192.0.2.0/24").build();
    let request = aws.ec2.create_managed_prefix_list().entries(entry);
    let request = request.prefix_list_name("office").max_entries(5);
    let made = request.address_family("IPv4").send().await.unwrap();
    let made = made.prefix_list().unwrap();
    made.prefix_list_id().unwrap().to_owned()
}

#[tokio::test]
async fn groups_name_lists_and_acls_are_told_entry_by_entry() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let ec2 = &aws.ec2;
    let (vpc, subnet) = vpc_with_subnet(&aws).await;
    let list = prefix_list(&aws).await;
    let group = ec2.create_security_group().vpc_id(&vpc).group_name("web");
    let group = group.description("web").send().await.unwrap();
    let group = group.group_id().unwrap().to_owned();
    let s3 = "pl-61a54008";
    let named = |id: &str| PrefixListId::builder().prefix_list_id(id).build();
    let permission = IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(443)
        .to_port(443)
        .prefix_list_ids(named(&list))
        .prefix_list_ids(named(s3))
        .ip_ranges(IpRange::builder().cidr_ip("10.0.0.0/8").build())
        .build();
    let request = ec2.authorize_security_group_ingress().group_id(&group);
    request.ip_permissions(permission).send().await.unwrap();

    let acl = ec2.create_network_acl().vpc_id(&vpc).send().await.unwrap();
    let acl = acl
        .network_acl()
        .unwrap()
        .network_acl_id()
        .unwrap()
        .to_owned();
    let request = ec2.create_network_acl_entry().network_acl_id(&acl);
    let request = request.rule_number(100).egress(true).protocol("6");
    let request = request
        .cidr_block("10.0.0.0/8")
        .rule_action(RuleAction::Allow);
    let https = PortRange::builder().from(443).to(443).build();
    request.port_range(https).send().await.unwrap();
    let acls = ec2.describe_network_acls().send().await.unwrap();
    let associations = acls.network_acls().iter().flat_map(|it| it.associations());
    let mut ours = associations.filter(|it| it.subnet_id() == Some(&subnet));
    let association = ours.next().unwrap().network_acl_association_id().unwrap();
    let request = ec2.replace_network_acl_association().network_acl_id(&acl);
    request.association_id(association).send().await.unwrap();

    let area = Area {
        subnets: one(&subnet),
        ..Area::default()
    };
    let place = place(&aws).await;
    lab.calls();
    let network = survey(&aws, &place, &area).await.unwrap();
    let counts = counts(&lab);
    // S3's own list came with AWS's; the user's own takes two calls.
    assert_eq!(counts["ec2:DescribePrefixLists"], 1);
    assert_eq!(counts["ec2:DescribeManagedPrefixLists"], 1);
    assert_eq!(counts["ec2:GetManagedPrefixListEntries"], 1);

    let blocks: Vec<String> = network.vpcs[&vpc]
        .blocks
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(blocks, ["10.0.0.0/16", "10.1.0.0/16"]);
    // Two things of one name are told apart.
    assert_eq!(network.label(&subnet), format!("office ({subnet})"));
    assert_eq!(network.label(&vpc), format!("office ({vpc})"));
    let told = &network.prefix_lists[&list];
    assert_eq!(told.name, "office");
    assert_eq!(told.blocks, ["192.0.2.0/24".parse().unwrap()]);
    let peers: BTreeSet<String> = network.security_groups[&group]
        .ingress
        .iter()
        .map(|rule| format!("{:?}", rule.peer))
        .collect();
    let expected = [
        Peer::Block("10.0.0.0/8".parse().unwrap()),
        Peer::PrefixList(list.clone()),
        Peer::PrefixList(s3.to_owned()),
    ];
    assert_eq!(peers, expected.map(|peer| format!("{peer:?}")).into());

    assert_eq!(network.subnets[&subnet].network_acl.as_ref(), Some(&acl));
    let entry = AclEntry {
        number: 100,
        egress: true,
        allow: true,
        protocol: Protocol::Tcp,
        ports: Ports::HTTPS,
        block: "10.0.0.0/8".parse().unwrap(),
    };
    assert_eq!(network.network_acls[&acl].entries, [entry]);
    assert_eq!(network.network_acls.len(), 1);
}

#[tokio::test]
async fn private_dns_is_told_by_its_endpoint_and_not_as_a_zone() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let (vpc, subnet) = vpc_with_subnet(&aws).await;
    let options = DnsOptionsSpecification::builder();
    let options = options.private_dns_only_for_inbound_resolver_endpoint(false);
    let request = aws
        .ec2
        .create_vpc_endpoint()
        .vpc_id(&vpc)
        .subnet_ids(&subnet);
    let request = request.service_name("com.amazonaws.ap-northeast-1.s3");
    let request = request.vpc_endpoint_type(VpcEndpointType::Interface);
    let request = request
        .private_dns_enabled(true)
        .dns_options(options.build());
    request.send().await.unwrap();
    let zones = aws.route53.list_hosted_zones_by_vpc().vpc_id(&vpc);
    let zones = zones
        .vpc_region("ap-northeast-1".into())
        .send()
        .await
        .unwrap();
    let owners: BTreeSet<Option<&str>> = zones
        .hosted_zone_summaries()
        .iter()
        .map(|zone| zone.owner().unwrap().owning_service())
        .collect();
    assert_eq!(owners, BTreeSet::from([Some("vpce.amazonaws.com")]));

    let area = Area {
        vpcs: one(&vpc),
        ..Area::default()
    };
    let network = survey(&aws, &place(&aws).await, &area).await.unwrap();
    assert!(network.private_zones.is_empty());
    assert!(network.unread.is_empty(), "{:?}", network.unread);
    let endpoint = network.interface_endpoints.values().next().unwrap();
    assert!(endpoint.private_dns && !endpoint.only_inbound);
    // An endpoint without a stated group has the VPC's default one.
    let default = network.vpcs[&vpc].default_group.as_ref().unwrap();
    assert!(endpoint.security_groups.iter().eq([default]));
}

#[tokio::test]
async fn buckets_are_looked_at_where_they_are_and_only_ours_are_ours() {
    let (lab, other) = (Lab::new(), Lab::new());
    let (aws, theirs) = (lab.aws().await, other.aws().await);
    let make = |aws: &Aws, name: &str, region: &str| {
        let configuration = CreateBucketConfiguration::builder();
        let region = BucketLocationConstraint::from(region);
        let configuration = configuration.location_constraint(region).build();
        let request = aws.s3.create_bucket().bucket(name);
        request.create_bucket_configuration(configuration).send()
    };
    // A bucket is made by a client of its region.
    let connection = Connection {
        region: Some("eu-west-1".into()),
        endpoint_url: Some(endpoint().to_owned()),
        local_account: Some(lab.account.clone()),
        ..Connection::default()
    };
    let there = Aws::connect(&connection).await.unwrap();
    let names = ["here", "there", "theirs"].map(|which| format!("{}-{which}", lab.bucket()));
    make(&aws, &names[0], "ap-northeast-1").await.unwrap();
    make(&there, &names[1], "eu-west-1").await.unwrap();
    make(&theirs, &names[2], "ap-northeast-1").await.unwrap();
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": format!("arn:aws:s3:::{}/*", names[1]),
        "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
    }]});
    let request = there.s3.put_bucket_policy().bucket(&names[1]);
    request.policy(policy.to_string()).send().await.unwrap();

    let area = Area {
        buckets: names.iter().cloned().collect(),
        ..Area::default()
    };
    let place = place(&aws).await;
    lab.calls();
    let network = survey(&aws, &place, &area).await.unwrap();
    // Three reads of each, and two of them again in the other region.
    assert_eq!(counts(&lab).values().sum::<u64>(), 11);
    let [here, there, theirs] = names.each_ref().map(|name| &network.buckets[name]);
    let ours = Known::Is(lab.account.clone());
    assert_eq!((&here.account, &there.account), (&ours, &ours));
    assert_eq!(here.policy.document, Known::Is(None));
    assert_eq!(there.region, Known::Is("eu-west-1".to_owned()));
    let document = there.policy.document.get().unwrap().as_ref().unwrap();
    assert_eq!(policy::statements(document).len(), 1);
    assert!(there.block.get().unwrap().block_public_policy);

    assert_eq!(theirs.region, Known::Is("ap-northeast-1".to_owned()));
    let why = "the bucket is of another account, or the credentials may not read";
    for told in [
        match &theirs.account {
            Known::Not(reason) => reason,
            Known::Is(account) => panic!("{account}"),
        },
        match &theirs.policy.document {
            Known::Not(reason) => reason,
            Known::Is(document) => panic!("{document:?}"),
        },
    ] {
        assert!(told.starts_with(why), "{told}");
    }
}

#[tokio::test]
async fn a_role_comes_with_its_boundary_and_each_policy_is_read_once() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let trust = policy::to_json_text(&policy::trust_of_service("ec2.amazonaws.com"));
    let managed = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    for name in ["one", "two"] {
        let request = aws.iam.create_role().role_name(name);
        let request = request.assume_role_policy_document(&trust);
        request.permissions_boundary(managed).send().await.unwrap();
        let request = aws.iam.attach_role_policy().role_name(name);
        request.policy_arn(managed).send().await.unwrap();
    }
    let area = Area {
        roles: ["one", "two"].map(str::to_owned).into(),
        ..Area::default()
    };
    let place = place(&aws).await;
    lab.calls();
    let network = survey(&aws, &place, &area).await.unwrap();
    let counts = counts(&lab);
    assert_eq!(counts["iam:GetRole"], 2);
    assert_eq!(counts["iam:GetPolicy"], 1);
    assert_eq!(counts["iam:GetPolicyVersion"], 1);
    assert!(
        counts.keys().all(|name| name.starts_with("iam:")),
        "{counts:?}"
    );
    for role in network.roles.values() {
        let boundary = role.boundary.as_ref().unwrap();
        assert_eq!(boundary.name, "AmazonS3ReadOnlyAccess");
        let document = boundary.document.get().unwrap();
        assert!(!policy::statements(document).is_empty());
        assert_eq!(role.policies.len(), 1);
    }
}
