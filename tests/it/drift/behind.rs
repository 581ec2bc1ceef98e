//! Somebody who works on the account with other tools.

use aws_sdk_route53::types::{
    AliasTarget, Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType,
};

use super::{AttributeBooleanValue, Aws, Filter, IpPermission, IpRange, Lab, Tag};

const DENY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",
    "Action":"s3:*","Resource":"*"}]}"#;
const READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Action":"s3:GetObject","Resource":"*"}]}"#;
const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

/// Somebody with the ids of what to meddle with.
pub struct Behind {
    aws: Aws,
    bucket: String,
    role: String,
    zone: String,
    public: String,
    private: String,
    gateway: String,
    group: String,
    instances: String,
}

fn tagged(address: &str) -> Vec<Filter> {
    [
        ("tag:s3net:stack", "three-ways"),
        ("tag:s3net:address", address),
    ]
    .map(|(name, value)| Filter::builder().name(name).values(value).build())
    .to_vec()
}

impl Behind {
    pub async fn new(lab: &Lab) -> Self {
        let aws = lab.aws().await;
        let table = |name: &str| {
            let request = aws.ec2.describe_route_tables();
            request
                .set_filters(Some(tagged(&format!("route_table.{name}"))))
                .send()
        };
        let public = table("public").await.unwrap();
        let private = table("private-1").await.unwrap();
        let gateways = aws.ec2.describe_internet_gateways();
        let gateways = gateways.set_filters(Some(tagged("internet_gateway.main")));
        let gateways = gateways.send().await.unwrap();
        let group = |name: &str| {
            let request = aws.ec2.describe_security_groups();
            request
                .set_filters(Some(tagged(&format!("security_group.{name}"))))
                .send()
        };
        let endpoint = group("endpoint").await.unwrap();
        let instances = group("instance").await.unwrap();
        let zones = aws.route53.list_hosted_zones().send().await.unwrap();
        let roles = aws.iam.list_roles().send().await.unwrap();
        Self {
            bucket: lab.bucket(),
            role: roles.roles()[0].role_name().to_owned(),
            zone: zones.hosted_zones()[0].id().to_owned(),
            public: public.route_tables()[0]
                .route_table_id()
                .unwrap()
                .to_owned(),
            private: private.route_tables()[0]
                .route_table_id()
                .unwrap()
                .to_owned(),
            gateway: gateways.internet_gateways()[0]
                .internet_gateway_id()
                .unwrap()
                .to_owned(),
            group: endpoint.security_groups()[0].group_id().unwrap().to_owned(),
            instances: instances.security_groups()[0]
                .group_id()
                .unwrap()
                .to_owned(),
            aws,
        }
    }

    /// Changes what is ours.
    pub async fn change_ours(&self) {
        let ec2 = &self.aws.ec2;
        let request = ec2.delete_route().route_table_id(&self.private);
        request
            .destination_cidr_block("0.0.0.0/0")
            .send()
            .await
            .unwrap();
        self.revoke_our_rule().await;
        let vpcs = ec2
            .describe_vpcs()
            .set_filters(Some(tagged("vpc.main")))
            .send()
            .await
            .unwrap();
        let vpc = vpcs.vpcs()[0].vpc_id().unwrap();
        let name = Tag::builder().key("Name").value("theirs").build();
        ec2.create_tags()
            .resources(vpc)
            .tags(name)
            .send()
            .await
            .unwrap();
        let off = AttributeBooleanValue::builder().value(false).build();
        let request = ec2.modify_vpc_attribute().vpc_id(vpc);
        request.enable_dns_hostnames(off).send().await.unwrap();
        let request = ec2
            .describe_subnets()
            .set_filters(Some(tagged("subnet.private-1")));
        let subnets = request.send().await.unwrap();
        super::map_public_ip(&self.aws, subnets.subnets()[0].subnet_id().unwrap(), true).await;
        let request = ec2.describe_vpc_endpoints();
        let request = request.set_filters(Some(tagged("gateway_endpoint.s3")));
        let endpoints = request.send().await.unwrap();
        let endpoint = endpoints.vpc_endpoints()[0].vpc_endpoint_id().unwrap();
        let request = ec2.modify_vpc_endpoint().vpc_endpoint_id(endpoint);
        request.policy_document(DENY).send().await.unwrap();
        self.add_a_group_to_an_instance().await;
        let request = self.aws.s3.delete_public_access_block();
        request.bucket(&self.bucket).send().await.unwrap();
        let request = self
            .aws
            .iam
            .put_role_policy()
            .role_name(&self.role)
            .policy_name("s3");
        request.policy_document(READ).send().await.unwrap();
        let target = AliasTarget::builder()
            .dns_name("elsewhere.example")
            .hosted_zone_id("Z2E726K9Y6RL4W")
            .evaluate_target_health(false)
            .build()
            .unwrap();
        let record = ResourceRecordSet::builder()
            .name("data.example")
            .r#type(RrType::A);
        self.change_record(
            ChangeAction::Upsert,
            record.alias_target(target).build().unwrap(),
        )
        .await;
    }

    async fn revoke_our_rule(&self) {
        let ours = Filter::builder()
            .name("group-id")
            .values(&self.group)
            .build();
        let rules = self.aws.ec2.describe_security_group_rules().filters(ours);
        let rules = rules.send().await.unwrap();
        let rule = rules.security_group_rules().iter();
        let mut rule = rule.filter(|it| it.is_egress() == Some(false));
        let rule = rule.next().unwrap().security_group_rule_id().unwrap();
        let request = self
            .aws
            .ec2
            .revoke_security_group_ingress()
            .group_id(&self.group);
        request.security_group_rule_ids(rule).send().await.unwrap();
    }

    async fn add_a_group_to_an_instance(&self) {
        let ec2 = &self.aws.ec2;
        let request = ec2
            .describe_instances()
            .set_filters(Some(tagged("instance.one")));
        let found = request.send().await.unwrap();
        let instance = &found.reservations()[0].instances()[0];
        let request = ec2
            .modify_instance_attribute()
            .instance_id(instance.instance_id().unwrap());
        let request = request.groups(&self.instances).groups(&self.group);
        request.send().await.unwrap();
    }

    async fn change_record(&self, action: ChangeAction, record: ResourceRecordSet) {
        let change = Change::builder().action(action).resource_record_set(record);
        let batch = ChangeBatch::builder().changes(change.build().unwrap());
        let request = self.aws.route53.change_resource_record_sets();
        let request = request.hosted_zone_id(&self.zone);
        request
            .change_batch(batch.build().unwrap())
            .send()
            .await
            .unwrap();
    }

    fn note() -> ResourceRecordSet {
        let value = ResourceRecord::builder()
            .value("\"theirs\"")
            .build()
            .unwrap();
        let record = ResourceRecordSet::builder()
            .name("note.data.example")
            .r#type(RrType::Txt);
        record.ttl(60).resource_records(value).build().unwrap()
    }

    fn ssh() -> IpPermission {
        let range = IpRange::builder().cidr_ip("203.0.113.0/24").build();
        let rule = IpPermission::builder()
            .ip_protocol("tcp")
            .from_port(22)
            .to_port(22);
        rule.ip_ranges(range).build()
    }

    /// Puts things into objects of ours.
    pub async fn add_theirs(&self) {
        let ec2 = &self.aws.ec2;
        let request = ec2.create_route().route_table_id(&self.public);
        let request = request
            .destination_cidr_block("10.9.0.0/16")
            .gateway_id(&self.gateway);
        request.send().await.unwrap();
        let owner = Tag::builder().key("Owner").value("operations").build();
        let tags = super::TagSpecification::builder()
            .resource_type(super::ResourceType::SecurityGroupRule)
            .tags(owner);
        let request = ec2.authorize_security_group_ingress().group_id(&self.group);
        let request = request
            .ip_permissions(Self::ssh())
            .tag_specifications(tags.build());
        request.send().await.unwrap();
        let request = ec2
            .describe_subnets()
            .set_filters(Some(tagged("subnet.private-2")));
        let subnets = request.send().await.unwrap();
        let cost = Tag::builder().key("CostCentre").value("7").build();
        let request = ec2
            .create_tags()
            .resources(subnets.subnets()[0].subnet_id().unwrap());
        request.tags(cost).send().await.unwrap();
        self.change_record(ChangeAction::Create, Self::note()).await;
        let request = self
            .aws
            .iam
            .put_role_policy()
            .role_name(&self.role)
            .policy_name("theirs");
        request.policy_document(READ).send().await.unwrap();
        let request = self.aws.iam.attach_role_policy().role_name(&self.role);
        request.policy_arn(READ_ONLY).send().await.unwrap();
        let policy = DENY.replace(
            "\"Resource\":\"*\"",
            &format!("\"Resource\":\"arn:aws:s3:::{}/secret\"", self.bucket),
        );
        let request = self.aws.s3.put_bucket_policy().bucket(&self.bucket);
        request.policy(policy).send().await.unwrap();
    }

    /// What was put into our objects is still there.
    pub async fn sees_theirs(&self) {
        let request = self
            .aws
            .ec2
            .describe_route_tables()
            .route_table_ids(&self.public);
        let tables = request.send().await.unwrap();
        let mut routes = tables.route_tables()[0].routes().iter();
        assert!(routes.any(|it| it.destination_cidr_block() == Some("10.9.0.0/16")));
        let request = self
            .aws
            .ec2
            .describe_security_groups()
            .group_ids(&self.group);
        let groups = request.send().await.unwrap();
        let mut rules = groups.security_groups()[0].ip_permissions().iter();
        assert!(rules.any(|it| it.from_port() == Some(22)));
        let request = self.aws.iam.get_role_policy().role_name(&self.role);
        request.policy_name("theirs").send().await.unwrap();
        self.aws
            .s3
            .get_bucket_policy()
            .bucket(&self.bucket)
            .send()
            .await
            .unwrap();
        let request = self
            .aws
            .route53
            .list_resource_record_sets()
            .hosted_zone_id(&self.zone);
        let records = request.send().await.unwrap();
        let mut records = records.resource_record_sets().iter();
        assert!(records.any(|it| it.name().starts_with("note.")));
    }

    /// Takes away again what was put into our objects.
    pub async fn remove_theirs(&self) {
        let ec2 = &self.aws.ec2;
        let request = ec2.delete_route().route_table_id(&self.public);
        request
            .destination_cidr_block("10.9.0.0/16")
            .send()
            .await
            .unwrap();
        let request = ec2.revoke_security_group_ingress().group_id(&self.group);
        request.ip_permissions(Self::ssh()).send().await.unwrap();
        let request = ec2
            .describe_subnets()
            .set_filters(Some(tagged("subnet.private-2")));
        let subnets = request.send().await.unwrap();
        let request = ec2
            .delete_tags()
            .resources(subnets.subnets()[0].subnet_id().unwrap());
        request
            .tags(Tag::builder().key("CostCentre").build())
            .send()
            .await
            .unwrap();
        self.change_record(ChangeAction::Delete, Self::note()).await;
        let request = self.aws.iam.delete_role_policy().role_name(&self.role);
        request.policy_name("theirs").send().await.unwrap();
        let request = self.aws.iam.detach_role_policy().role_name(&self.role);
        request.policy_arn(READ_ONLY).send().await.unwrap();
        self.aws
            .s3
            .delete_bucket_policy()
            .bucket(&self.bucket)
            .send()
            .await
            .unwrap();
    }
}
