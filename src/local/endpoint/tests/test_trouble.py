"""Self-tests of the trouble that can be ordered: late visibility, throttling, expiry, failures."""

import json
import time

from botocore.exceptions import ClientError, HTTPClientError
from botocore.parsers import ResponseParserError
from test_endpoint import REGION, S3, Account, own, setUpModule, tearDownModule  # noqa: F401

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
LAG = 1.0


class Trouble(Account):
    def settings(self, **settings):
        return own("settings", {"account": self.account, **settings})

    def fault(self, action, **more):
        return own("fault", {"account": self.account, "action": action, **more})

    def image(self):
        name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
        return self.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]

    def code(self, function, **arguments):
        """The code of the refusal, or None."""
        try:
            function(**arguments)
        except ClientError as refused:
            return refused.response["Error"]["Code"]
        return None


class LateVisibility(Trouble):
    def setUp(self):
        super().setUp()
        self.ec2 = self.client("ec2")

    def late(self, kinds=LAG):
        self.settings(visible_after_seconds=kinds)

    def test_each_new_object_is_unknown_by_its_own_code(self):
        ec2 = self.ec2
        vpc, subnet = self.network(ec2)
        self.late(60)
        new = {
            "Vpc": ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"],
            "Subnet": ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"],
            "Gateway": ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"],
            "Address": ec2.allocate_address(Domain="vpc")["AllocationId"],
            "Table": ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"],
            "Group": ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"],
            "Nat": ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]["NatGatewayId"],
            "Endpoint": ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=S3)["VpcEndpoint"]["VpcEndpointId"],
            "Instance": ec2.run_instances(
                ImageId=self.image(), InstanceType="t4g.micro", MinCount=1, MaxCount=1, SubnetId=subnet
            )["Instances"][0]["InstanceId"],
        }
        for describe, ids, name, answer, code in (
            (ec2.describe_vpcs, "VpcIds", "Vpc", "Vpcs", "InvalidVpcID.NotFound"),
            (ec2.describe_subnets, "SubnetIds", "Subnet", "Subnets", "InvalidSubnetID.NotFound"),
            (ec2.describe_internet_gateways, "InternetGatewayIds", "Gateway", "InternetGateways", "InvalidInternetGatewayID.NotFound"),
            (ec2.describe_addresses, "AllocationIds", "Address", "Addresses", "InvalidAllocationID.NotFound"),
            (ec2.describe_route_tables, "RouteTableIds", "Table", "RouteTables", "InvalidRouteTableID.NotFound"),
            (ec2.describe_security_groups, "GroupIds", "Group", "SecurityGroups", "InvalidGroup.NotFound"),
            (ec2.describe_nat_gateways, "NatGatewayIds", "Nat", "NatGateways", "NatGatewayNotFound"),
            (ec2.describe_vpc_endpoints, "VpcEndpointIds", "Endpoint", "VpcEndpoints", "InvalidVpcEndpointId.NotFound"),
            (ec2.describe_instances, "InstanceIds", "Instance", "Reservations", "InvalidInstanceID.NotFound"),
        ):  # fmt: skip
            self.refused(code, describe, **{ids: [new[name]]})
            self.assertNotIn(new[name], str(describe()[answer]))
        # what came with the new VPC is not shown either, nor the interfaces that AWS made
        in_new = [{"Name": "vpc-id", "Values": [new["Vpc"]]}]
        self.assertEqual(ec2.describe_route_tables(Filters=in_new)["RouteTables"], [])
        self.assertEqual(ec2.describe_security_groups(Filters=in_new)["SecurityGroups"], [])
        self.assertEqual(ec2.describe_network_interfaces()["NetworkInterfaces"], [])
        # and nothing can use them
        self.refused("InvalidVpcID.NotFound", ec2.create_subnet, VpcId=new["Vpc"], CidrBlock="10.1.0.0/24")
        self.refused("InvalidVpcID.NotFound", ec2.describe_vpc_attribute, VpcId=new["Vpc"], Attribute="enableDnsSupport")
        self.refused("InvalidVpcId.NotFound", ec2.create_vpc_endpoint, VpcId=new["Vpc"], ServiceName=S3)
        self.refused("InvalidVpcID.NotFound", ec2.create_tags, Resources=[new["Vpc"]], Tags=[{"Key": "a", "Value": "b"}])
        self.refused("InvalidAllocationID.NotFound", ec2.release_address, AllocationId=new["Address"])
        self.refused("InvalidVpcID.NotFound", ec2.delete_vpc, VpcId=new["Vpc"])
        gone = ec2.delete_vpc_endpoints(VpcEndpointIds=[new["Endpoint"]])["Unsuccessful"]
        self.assertEqual([one["Error"]["Code"] for one in gone], ["InvalidVpcEndpoint.NotFound"])
        zones = self.client("route53")
        place = {"VPCRegion": REGION, "VPCId": new["Vpc"]}
        self.refused("InvalidVPCId", zones.create_hosted_zone, Name="x.internal", CallerReference="1", VPC=place)
        # but a name is taken
        self.refused("InvalidGroup.Duplicate", ec2.create_security_group, GroupName="g", Description="g", VpcId=vpc)
        # and the time ends
        self.late(0)
        ec2.describe_vpcs(VpcIds=[new["Vpc"]])
        ec2.delete_vpc(VpcId=new["Vpc"])

    def test_tags_routes_associations_and_attachments_are_late_too(self):
        ec2 = self.ec2
        vpc, subnet = self.network(ec2, gateway=False)
        igw = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        self.late()
        start = time.monotonic()
        tags = [{"ResourceType": "vpc", "Tags": [{"Key": "s", "Value": "1"}]}]
        ec2.create_vpc(CidrBlock="10.1.0.0/16", TagSpecifications=tags)
        ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=igw)
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        by_tag = lambda: ec2.describe_tags(Filters=[{"Name": "key", "Values": ["s"]}])["Tags"]
        shown = lambda: ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]
        attached = lambda: ec2.describe_internet_gateways(InternetGatewayIds=[igw])["InternetGateways"][0]["Attachments"]
        seen = [len(by_tag()), len(shown()["Routes"]), len(shown()["Associations"]), len(attached())]
        self.assertLess(time.monotonic() - start, LAG, "this machine is too slow for the test")
        self.assertEqual(seen, [0, 1, 0, 0])
        time.sleep(LAG)
        self.assertEqual([len(by_tag()), len(shown()["Routes"]), len(shown()["Associations"]), len(attached())], [1, 2, 1, 1])

    def test_a_repeated_token_is_answered_with_the_same_object(self):
        vpc, _ = self.network(self.ec2)
        self.late(60)
        make = lambda: self.ec2.create_route_table(VpcId=vpc, ClientToken="t")["RouteTable"]["RouteTableId"]
        first = make()
        self.refused("InvalidRouteTableID.NotFound", self.ec2.describe_route_tables, RouteTableIds=[first])
        self.assertEqual(make(), first)

    def test_one_kind_alone_and_what_health_says(self):
        self.late({"subnet": 7})
        self.assertEqual(own(f"health?account={self.account}")["consistency_seconds"], 7)
        self.assertEqual(own("health")["consistency_seconds"], 0)
        vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        self.assertEqual(len(self.ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]), 1)
        self.refused("InvalidSubnetID.NotFound", self.ec2.describe_subnets, SubnetIds=[subnet])

    def test_roles_profiles_and_zones_are_late_and_buckets_are_not(self):
        iam, zones, s3 = self.client("iam"), self.client("route53"), self.client("s3")
        vpc, _ = self.network(self.ec2)
        self.late(60)
        iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
        iam.create_instance_profile(InstanceProfileName="p")
        zone = zones.create_hosted_zone(
            Name="x.internal", CallerReference="1", VPC={"VPCRegion": REGION, "VPCId": vpc}
        )["HostedZone"]["Id"]
        for function, arguments in (
            (iam.get_role, {"RoleName": "r"}),
            (iam.put_role_policy, {"RoleName": "r", "PolicyName": "p", "PolicyDocument": TRUST}),
            (iam.delete_role, {"RoleName": "r"}),
            (iam.get_instance_profile, {"InstanceProfileName": "p"}),
        ):
            self.refused("NoSuchEntity", function, **arguments)
        self.assertEqual((iam.list_roles()["Roles"], iam.list_instance_profiles()["InstanceProfiles"]), ([], []))
        self.refused("EntityAlreadyExists", iam.create_role, RoleName="r", AssumeRolePolicyDocument=TRUST)
        self.refused("NoSuchHostedZone", zones.get_hosted_zone, Id=zone)
        self.refused("NoSuchHostedZone", zones.list_resource_record_sets, HostedZoneId=zone)
        self.assertEqual(zones.list_hosted_zones()["HostedZones"], [])
        self.assertEqual(zones.list_hosted_zones_by_vpc(VPCId=vpc, VPCRegion=REGION)["HostedZoneSummaries"], [])
        s3.create_bucket(Bucket="late-" + self.account, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.head_bucket(Bucket="late-" + self.account)
        self.late(0)
        iam.get_role(RoleName="r")
        self.assertEqual(len(zones.list_hosted_zones()["HostedZones"]), 1)


class Propagation(Trouble):
    def test_other_services_know_a_role_later_than_iam(self):
        ec2, iam, s3 = self.client("ec2"), self.client("iam"), self.client("s3")
        _, subnet = self.network(ec2)
        bucket = "spread-" + self.account
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.settings(iam_propagation_seconds=60)
        role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        iam.create_instance_profile(InstanceProfileName="p")
        iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="r")
        iam.get_role(RoleName="r")
        iam.remove_role_from_instance_profile(InstanceProfileName="p", RoleName="r")
        self.refused("NoSuchEntity", iam.remove_role_from_instance_profile, InstanceProfileName="p", RoleName="r")
        iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="r")
        run = {
            "ImageId": self.image(), "InstanceType": "t4g.micro", "MinCount": 1, "MaxCount": 1, "SubnetId": subnet,
            "IamInstanceProfile": {"Name": "p"},
        }  # fmt: skip
        with self.assertRaisesRegex(ClientError, "Invalid IAM Instance Profile name"):
            ec2.run_instances(**run)
        policy = json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Principal": {"AWS": role}, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
                ],
            }
        )  # fmt: skip
        with self.assertRaisesRegex(ClientError, r"\(MalformedPolicy\).*Invalid principal in policy"):
            s3.put_bucket_policy(Bucket=bucket, Policy=policy)
        trust = TRUST.replace('"Service": "ec2.amazonaws.com"', f'"AWS": "{role}"')
        self.refused("MalformedPolicyDocument", iam.create_role, RoleName="s", AssumeRolePolicyDocument=trust)
        self.settings(iam_propagation_seconds=0)
        ec2.run_instances(**run)
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
        iam.create_role(RoleName="s", AssumeRolePolicyDocument=trust)


class Rates(Trouble):
    def test_nothing_is_throttled_unless_it_is_turned_on(self):
        zones = self.client("route53")
        self.assertEqual([self.code(zones.list_hosted_zones) for _ in range(12)], [None] * 12)

    def test_published_sizes_and_own_ones(self):
        ec2, zones = self.client("ec2"), self.client("route53")
        vpc, _ = self.network(ec2)
        self.settings(throttle=True)
        missing = {"VpcEndpointId": "vpce-0123456789abcdef0"}
        codes = [self.code(ec2.modify_vpc_endpoint, **missing) for _ in range(6)]
        self.assertEqual(codes[:4], ["InvalidVpcEndpointId.NotFound"] * 4)
        self.assertEqual(codes[4:], ["RequestLimitExceeded"] * 2)
        self.assertIn("Throttling", [self.code(zones.list_hosted_zones) for _ in range(12)])
        # another action and another region have buckets of their own
        ec2.describe_vpcs()
        self.refused("InvalidVpcEndpointId.NotFound", self.client("ec2", region="eu-west-1").modify_vpc_endpoint, **missing)
        self.settings(throttle={"ec2:CreateRouteTable": "2/4"})
        codes = [self.code(ec2.create_route_table, VpcId=vpc) for _ in range(4)]
        self.assertEqual(codes, [None, None, "RequestLimitExceeded", "RequestLimitExceeded"])
        time.sleep(0.3)
        self.assertEqual(self.code(ec2.create_route_table, VpcId=vpc), None)
        log = own(f"calls?account={self.account}")["log"]
        self.assertIn(503, [one["status"] for one in log if one["error"] == "RequestLimitExceeded"])
        self.settings(throttle="off")
        self.assertEqual([self.code(ec2.create_route_table, VpcId=vpc) for _ in range(4)], [None] * 4)

    def test_a_zone_takes_one_change_at_a_time(self):
        zones = self.client("route53")
        vpc, _ = self.network(self.client("ec2"))
        place = {"VPCRegion": REGION, "VPCId": vpc}
        make = lambda name: zones.create_hosted_zone(Name=name, CallerReference=name, VPC=place)["HostedZone"]["Id"]
        one, other = make("a.internal"), make("b.internal")
        record = {"Name": "x.a.internal", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "10.0.0.1"}]}
        batch = lambda name: {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {**record, "Name": name}}]}
        self.settings(zone_change_seconds=0.4)
        change = lambda zone, name: self.code(
            zones.change_resource_record_sets, HostedZoneId=zone, ChangeBatch=batch(name)
        )
        self.assertEqual(change(one, "x.a.internal"), None)
        self.assertEqual(change(one, "y.a.internal"), "PriorRequestNotComplete")
        self.assertEqual(change(other, "x.b.internal"), None)
        time.sleep(0.5)
        self.assertEqual(change(one, "y.a.internal"), None)


class Expiry(Trouble):
    def test_credentials_expire_after_calls_in_each_services_own_words(self):
        ec2, s3 = self.client("ec2"), self.client("s3")
        self.settings(credentials_expire_after_calls=2)
        ec2.describe_vpcs()
        s3.list_buckets()
        self.refused("RequestExpired", ec2.describe_vpcs)
        self.refused("ExpiredToken", s3.list_buckets)
        for service, call in (("iam", "list_roles"), ("sts", "get_caller_identity"), ("route53", "list_hosted_zones")):
            self.refused("ExpiredToken", getattr(self.client(service), call))
        self.refused("ExpiredTokenException", self.client("ssm").get_parameter, Name="x")
        self.settings(credentials_expire_after_calls="never")
        ec2.describe_vpcs()


class Ends(Trouble):
    def test_a_gateway_fails_as_ordered_and_the_next_does_not(self):
        ec2 = self.client("ec2")
        _, subnet = self.network(ec2)
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        self.fault("ec2:CreateNatGateway", becomes="failed", code="InternalError", message="Network error.")
        make = lambda: ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]
        first, second = make(), make()
        self.assertEqual(first["State"], "pending")
        shown = {one["NatGatewayId"]: one for one in ec2.describe_nat_gateways()["NatGateways"]}
        failed = shown[first["NatGatewayId"]]
        self.assertEqual(
            (failed["State"], failed["FailureCode"], failed["FailureMessage"]),
            ("failed", "InternalError", "Network error."),
        )
        self.assertEqual(shown[second["NatGatewayId"]]["State"], "available")

    def test_endpoints_fail_and_are_rejected_as_ordered(self):
        ec2 = self.client("ec2")
        vpc, subnet = self.network(ec2)
        for state, more in (("failed", {"code": "InternalError", "message": "No capacity."}), ("rejected", {})):
            self.fault("CreateVpcEndpoint", becomes=state, **more)
            made = ec2.create_vpc_endpoint(
                VpcId=vpc, ServiceName=S3, VpcEndpointType="Interface", SubnetIds=[subnet], PrivateDnsEnabled=False
            )["VpcEndpoint"]
            self.assertEqual(made["State"], "pending")
            named = {"VpcEndpointIds": [made["VpcEndpointId"]]}
            shown = ec2.describe_vpc_endpoints(**named)["VpcEndpoints"][0]
            error = {"Code": "InternalError", "Message": "No capacity."} if state == "failed" else None
            self.assertEqual((shown["State"], shown.get("LastError")), (state, error))
            ec2.delete_vpc_endpoints(**named)
            self.assertEqual(ec2.describe_vpc_endpoints(**named)["VpcEndpoints"][0]["State"], "deleting")
            self.refused("InvalidVpcEndpointId.NotFound", ec2.describe_vpc_endpoints, **named)

    def test_what_cannot_be_ordered_is_refused(self):
        for wrong in (
            {"action": "CreateVpc", "becomes": "failed"},
            {"action": "CreateNatGateway", "becomes": "rejected"},
            {"action": "CreateVpc", "colour": "red"},
            {"action": "CreateVpc", "nth": "second"},
            {},
        ):
            with self.assertRaisesRegex(Exception, "400"):
                own("fault", {"account": self.account, **wrong})

    def test_an_address_is_not_released_right_after_its_gateway(self):
        ec2 = self.client("ec2")
        vpc, subnet = self.network(ec2)
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
        igw = ec2.describe_internet_gateways()["InternetGateways"][0]["InternetGatewayId"]
        with self.assertRaisesRegex(ClientError, "mapped public address"):
            ec2.detach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
        self.settings(release_trouble_seconds=60)
        ec2.delete_nat_gateway(NatGatewayId=nat)
        state = lambda: ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]["State"]
        self.assertEqual((state(), state()), ("deleting", "deleted"))
        codes = [self.code(ec2.release_address, AllocationId=address) for _ in range(4)]
        self.assertEqual(
            codes, ["AuthFailure", "InvalidIPAddress.InUse", "InvalidNetworkInterfaceID.NotFound", "AuthFailure"]
        )
        self.settings(release_trouble_seconds=0)
        ec2.release_address(AllocationId=address)
        ec2.detach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)

    def test_interfaces_linger_after_their_endpoint(self):
        ec2 = self.client("ec2")
        vpc, subnet = self.network(ec2)
        group = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
        made = ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName=S3, VpcEndpointType="Interface", SubnetIds=[subnet], PrivateDnsEnabled=False,
            SecurityGroupIds=[group],
        )["VpcEndpoint"]["VpcEndpointId"]  # fmt: skip
        self.settings(lingering_interface_seconds=0.6)
        ec2.delete_vpc_endpoints(VpcEndpointIds=[made])
        ec2.describe_vpc_endpoints()
        self.assertEqual(ec2.describe_vpc_endpoints()["VpcEndpoints"], [])
        self.assertEqual(len(ec2.describe_network_interfaces()["NetworkInterfaces"]), 1)
        self.refused("DependencyViolation", ec2.delete_subnet, SubnetId=subnet)
        self.refused("DependencyViolation", ec2.delete_security_group, GroupId=group)
        time.sleep(0.7)
        ec2.delete_subnet(SubnetId=subnet)
        ec2.delete_security_group(GroupId=group)


class Connections(Trouble):
    def test_an_answer_is_cut_in_the_middle_after_the_work(self):
        ec2 = self.client("ec2")
        self.fault("ec2:CreateVpc", truncate=True)
        # boto does not look at the length
        with self.assertRaisesRegex(ResponseParserError, "<vpc>"):
            ec2.create_vpc(CidrBlock="10.4.0.0/16")
        self.assertIn("10.4.0.0/16", [one["CidrBlock"] for one in ec2.describe_vpcs()["Vpcs"]])
        log = own(f"calls?account={self.account}")["log"]
        self.assertEqual([one["error"] for one in log if one["action"] == "CreateVpc"], ["AnswerTruncated"])

    def test_a_delay_alone_is_no_failure(self):
        ec2 = self.client("ec2")
        self.fault("ec2:CreateVpc", delay=0.4)
        self.fault("ec2:CreateVpc", delay=0.4, nth=2, code="InternalError")
        start = time.monotonic()
        ec2.create_vpc(CidrBlock="10.5.0.0/16")
        self.refused("InternalError", ec2.create_vpc, CidrBlock="10.6.0.0/16")
        self.assertGreater(time.monotonic() - start, 0.8)

    def test_a_connection_is_reset_before_the_work_or_after(self):
        ec2 = self.client("ec2")
        for after, block in ((False, "10.5.0.0/16"), (True, "10.6.0.0/16")):
            self.fault("ec2:CreateVpc", reset=True, after=after)
            with self.assertRaisesRegex(HTTPClientError, "(?i)reset|closed"):
                ec2.create_vpc(CidrBlock=block)
            self.assertEqual(block in [one["CidrBlock"] for one in ec2.describe_vpcs()["Vpcs"]], after)
