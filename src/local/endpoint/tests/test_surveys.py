"""Self-tests of what a survey of somebody's network reads: whose and where buckets are, zones, ACLs."""

from test_endpoint import REGION, S3, Account, setUpModule, tearDownModule  # noqa: F401


class Surveys(Account):
    def test_a_bucket_says_where_it_is_and_whose(self):
        s3, name = self.client("s3"), "where-" + self.account
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        region = lambda answer: answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"]
        self.assertEqual(region(s3.head_bucket(Bucket=name, ExpectedBucketOwner=self.account)), REGION)
        self.refused("403", s3.head_bucket, Bucket=name, ExpectedBucketOwner="999999999999")
        self.refused("AccessDenied", s3.get_bucket_policy, Bucket=name, ExpectedBucketOwner="999999999999")
        self.refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket=name, ExpectedBucketOwner=self.account)

    def test_a_request_to_another_region_is_sent_away(self):
        name = "away-" + self.account
        self.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        there, seen = self.client("s3", region="eu-west-1"), []
        there.meta.events.register(
            "response-received.s3.GetBucketPolicy",
            lambda response_dict, **_: seen.append(
                (response_dict["status_code"], response_dict["headers"].get("x-amz-bucket-region"))
            ),
        )
        # boto3 follows where the answer leads
        self.refused("NoSuchBucketPolicy", there.get_bucket_policy, Bucket=name)
        self.assertEqual(seen[0], (301, REGION))
        self.assertEqual(there.get_bucket_location(Bucket=name)["LocationConstraint"], REGION)

    def test_zones_of_a_vpc_include_those_of_its_endpoints(self):
        ec2, route53 = self.client("ec2"), self.client("route53")
        vpc, subnet = self.network(ec2)
        for attribute in ("EnableDnsHostnames", "EnableDnsSupport"):
            ec2.modify_vpc_attribute(VpcId=vpc, **{attribute: {"Value": True}})
        listed = lambda: route53.list_hosted_zones_by_vpc(VPCId=vpc, VPCRegion=REGION)["HostedZoneSummaries"]
        self.assertEqual(listed(), [])
        ec2.create_vpc_endpoint(
            VpcId=vpc,
            ServiceName=S3,
            VpcEndpointType="Interface",
            SubnetIds=[subnet],
            PrivateDnsEnabled=True,
            DnsOptions={"PrivateDnsOnlyForInboundResolverEndpoint": False},
        )
        route53.create_hosted_zone(
            Name="example.com", CallerReference="a", VPC={"VPCRegion": REGION, "VPCId": vpc}
        )
        owners = {zone["Name"]: zone["Owner"] for zone in listed()}
        self.assertEqual(owners["example.com."], {"OwningAccount": self.account})
        self.assertEqual(owners[f"s3.{REGION}.amazonaws.com."], {"OwningService": "vpce.amazonaws.com"})

    def test_every_acl_ends_with_a_refusal(self):
        ec2 = self.client("ec2")
        vpc, _ = self.network(ec2)
        made = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]
        numbers = [(entry["RuleNumber"], entry["Egress"], entry["RuleAction"]) for entry in made["Entries"]]
        self.assertEqual(sorted(numbers), [(32767, False, "deny"), (32767, True, "deny")])
        ec2.delete_network_acl(NetworkAclId=made["NetworkAclId"])
