"""Self-tests of the endpoint: `python -m unittest discover -s tests` with the pinned requirements.

They start one server and give each test an account of its own.
"""

import concurrent.futures
import itertools
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import unittest
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError

HOME = pathlib.Path(__file__).resolve().parent.parent
REGION = "ap-northeast-1"
ACCOUNTS = itertools.count(200000000001)
S3 = f"com.amazonaws.{REGION}.s3"


def setUpModule():
    global SERVER, URL
    SERVER = subprocess.Popen(
        [sys.executable, "-m", "s3net_local", "--with-parent", str(os.getpid())],
        cwd=HOME,
        stdout=subprocess.PIPE,
        text=True,
    )
    URL = SERVER.stdout.readline().split()[1]


def tearDownModule():
    SERVER.terminate()
    SERVER.wait()
    SERVER.stdout.close()


def own(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(
        urllib.request.Request(URL + "/_s3net/" + path, data=data, method="GET" if body is None else "POST")
    ) as answer:
        return json.load(answer)


class Account(unittest.TestCase):
    def setUp(self):
        self.account = str(next(ACCOUNTS))

    def client(self, service, account=None, region=REGION):
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, max_pool_connections=32)
        return boto3.client(
            service,
            endpoint_url=URL,
            region_name=region,
            aws_access_key_id=account or self.account,
            aws_secret_access_key="x",
            config=config,
        )

    def refused(self, code, function, **arguments):
        with self.assertRaises(ClientError) as caught:
            function(**arguments)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)

    def network(self, ec2, gateway=True):
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", AvailabilityZone=REGION + "a")["Subnet"][
            "SubnetId"
        ]
        if gateway:
            igw = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
            ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
        return vpc, subnet


class Accounts(Account):
    def test_each_account_and_region_has_its_own_data(self):
        here, there, other = (
            self.client("ec2"),
            self.client("ec2", region="eu-west-1"),
            self.client("ec2", account=str(next(ACCOUNTS))),
        )
        vpc = here.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        for elsewhere in (there, other):
            self.assertNotIn(vpc, [one["VpcId"] for one in elsewhere.describe_vpcs()["Vpcs"]])
        self.assertEqual(self.client("sts").get_caller_identity()["Account"], self.account)
        self.assertIn(
            self.account,
            self.client("iam").create_role(
                RoleName="r",
                AssumeRolePolicyDocument=json.dumps(
                    {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "ec2.amazonaws.com"},
                                "Action": "sts:AssumeRole",
                            }
                        ],
                    }
                ),
            )["Role"]["Arn"],
        )

    def test_bucket_names_are_shared_and_freed_by_reset(self):
        mine, other = self.client("s3"), self.client("s3", account=str(next(ACCOUNTS)))
        name, place = (
            "shared-" + self.account,
            {"CreateBucketConfiguration": {"LocationConstraint": REGION, "Tags": [{"Key": "a", "Value": "1"}]}},
        )
        mine.create_bucket(Bucket=name, **place)
        self.assertEqual(mine.get_bucket_tagging(Bucket=name)["TagSet"], [{"Key": "a", "Value": "1"}])
        self.refused("BucketAlreadyOwnedByYou", mine.create_bucket, Bucket=name, **place)
        self.refused("BucketAlreadyExists", other.create_bucket, Bucket=name, **place)
        self.refused("AccessDenied", other.get_bucket_policy, Bucket=name)
        self.assertEqual(own(f"reset?account={self.account}", {})["reset"], [self.account])
        other.create_bucket(Bucket=name, **place)

    def test_all_regions_have_zones_images_and_services(self):
        for region in ("us-east-1", "ap-northeast-3", "eu-central-1", "sa-east-1"):
            ec2 = self.client("ec2", region=region)
            self.assertGreaterEqual(len(ec2.describe_availability_zones()["AvailabilityZones"]), 2)
            image = self.client("ssm", region=region).get_parameter(
                Name="/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
            )["Parameter"]["Value"]
            self.assertEqual(len(ec2.describe_images(ImageIds=[image])["Images"]), 1, region)
            self.assertEqual(
                len(ec2.describe_vpc_endpoint_services(ServiceNames=[f"com.amazonaws.{region}.s3"])["ServiceDetails"]),
                2,
            )


class OwnRoutes(Account):
    def test_calls_are_counted_in_order(self):
        ec2 = self.client("ec2")
        ec2.describe_vpcs()
        self.refused("InvalidVpcID.NotFound", ec2.describe_vpcs, VpcIds=["vpc-0123456789abcdef0"])
        self.client("iam").list_roles()
        seen = own(f"calls?account={self.account}&reset=1")
        self.assertEqual(seen["counts"], {"ec2:DescribeVpcs": 2, "iam:ListRoles": 1})
        self.assertEqual(
            [(one["action"], one["status"], one["error"]) for one in seen["log"]],
            [("DescribeVpcs", 200, None), ("DescribeVpcs", 400, "InvalidVpcID.NotFound"), ("ListRoles", 200, None)],
        )
        self.assertLessEqual(seen["log"][0]["end_ms"], seen["log"][1]["start_ms"])
        self.assertEqual(own(f"calls?account={self.account}")["total"], 0)

    def test_a_call_is_under_way_until_it_is_answered(self):
        own("fault", {"account": self.account, "action": "ec2:DescribeVpcs", "delay": 2})
        ec2 = self.client("ec2")
        call = threading.Thread(target=ec2.describe_vpcs)
        call.start()
        seen = own(f"calls?account={self.account}")
        while not seen["under_way"]:
            seen = own(f"calls?account={self.account}")
        self.assertEqual((seen["under_way"], seen["total"]), (["ec2:DescribeVpcs"], 0))
        call.join()
        seen = own(f"calls?account={self.account}")
        self.assertEqual((seen["under_way"], seen["total"]), ([], 1))

    def test_faults_strike_the_nth_call(self):
        ec2, fault = (
            self.client("ec2"),
            {
                "account": self.account,
                "action": "ec2:CreateVpc",
                "code": "RequestLimitExceeded",
                "status": 503,
                "message": "slow",
                "nth": 2,
                "times": 1,
            },
        )
        own("fault", fault)
        ec2.create_vpc(CidrBlock="10.1.0.0/16")
        self.refused("RequestLimitExceeded", ec2.create_vpc, CidrBlock="10.2.0.0/16")
        ec2.create_vpc(CidrBlock="10.3.0.0/16")
        own("fault", {"account": self.account, "action": "CreateVpc", "after": True, "drop": True})
        with self.assertRaises((EndpointConnectionError, HTTPClientError)):
            ec2.create_vpc(CidrBlock="10.4.0.0/16")
        self.assertIn("10.4.0.0/16", [one["CidrBlock"] for one in ec2.describe_vpcs()["Vpcs"]])

    def test_latency_of_calls_side_by_side_adds_up_once(self):
        own("settings", {"account": self.account, "latency_ms": 100})
        ec2 = self.client("ec2")
        ec2.describe_vpcs()
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda _: ec2.describe_vpcs(), range(16)))
        self.assertLess(time.monotonic() - start, 1.2)

    def test_wrong_settings_are_refused(self):
        for wrong in ({"no_such": 1}, {"pending_seconds": {"moon": 1}}, {"latency_ms": -1}):
            with self.assertRaises(urllib.error.HTTPError):
                own("settings", wrong)


class Lives(Account):
    def test_a_gateway_takes_the_set_time_and_then_lets_go(self):
        own(
            "settings",
            {
                "account": self.account,
                "pending_seconds": {"nat_gateway": 0.4},
                "deleting_seconds": {"nat_gateway": 0.4},
            },
        )
        ec2 = self.client("ec2")
        vpc, subnet = self.network(ec2)
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address, ClientToken="t")["NatGateway"][
            "NatGatewayId"
        ]
        state = lambda: ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]["State"]
        self.assertEqual(state(), "pending")
        time.sleep(0.5)
        self.assertEqual(state(), "available")
        ec2.delete_nat_gateway(NatGatewayId=nat)
        self.assertEqual(state(), "deleting")
        self.refused("AuthFailure", ec2.release_address, AllocationId=address)
        self.refused("DependencyViolation", ec2.delete_subnet, SubnetId=subnet)
        time.sleep(0.5)
        self.assertEqual(state(), "deleted")
        ec2.release_address(AllocationId=address)
        ec2.delete_subnet(SubnetId=subnet)

    def test_without_time_a_passing_state_is_shown_once(self):
        ec2 = self.client("ec2")
        vpc, subnet = self.network(ec2)
        made = ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName=S3, VpcEndpointType="Interface", SubnetIds=[subnet], PrivateDnsEnabled=False
        )["VpcEndpoint"]
        named = {"VpcEndpointIds": [made["VpcEndpointId"]]}
        self.assertEqual(
            (made["State"], ec2.describe_vpc_endpoints(**named)["VpcEndpoints"][0]["State"]), ("pending", "available")
        )
        ec2.delete_vpc_endpoints(**named)
        self.refused("DependencyViolation", ec2.delete_subnet, SubnetId=subnet)
        ec2.delete_subnet(SubnetId=subnet)
        self.refused("InvalidVpcEndpointId.NotFound", ec2.describe_vpc_endpoints, **named)

    def test_a_gateway_in_a_vpc_without_internet_gateway_fails_late(self):
        ec2 = self.client("ec2")
        _, subnet = self.network(ec2, gateway=False)
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]
        shown = ec2.describe_nat_gateways(NatGatewayIds=[nat["NatGatewayId"]])["NatGateways"][0]
        self.assertEqual(
            (nat["State"], shown["State"], shown["FailureCode"]), ("pending", "failed", "Gateway.NotAttached")
        )
        ec2.release_address(AllocationId=address)

    def test_an_endpoint_changes_one_change_at_a_time(self):
        own("settings", {"account": self.account, "modifying_seconds": {"vpc_endpoint": 0.4}})
        ec2 = self.client("ec2")
        vpc, subnet = self.network(ec2)
        group = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
        made = ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName=S3, VpcEndpointType="Interface", SubnetIds=[subnet], PrivateDnsEnabled=False
        )["VpcEndpoint"]["VpcEndpointId"]
        ec2.modify_vpc_endpoint(VpcEndpointId=made, AddSecurityGroupIds=[group])
        self.refused("OperationInProgress", ec2.modify_vpc_endpoint, VpcEndpointId=made, RemoveSecurityGroupIds=[group])
        time.sleep(0.5)
        ec2.modify_vpc_endpoint(VpcEndpointId=made, RemoveSecurityGroupIds=[group])

    def test_tombstones_can_be_set_to_nothing(self):
        own("settings", {"account": self.account, "tombstone_seconds": 0})
        ec2 = self.client("ec2")
        vpc, subnet = self.network(ec2)
        image = self.client("ssm").get_parameter(
            Name="/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
        )["Parameter"]["Value"]
        tags = [{"ResourceType": kind, "Tags": [{"Key": "s", "Value": "1"}]} for kind in ("instance", "volume")]
        one = ec2.run_instances(
            ImageId=image, InstanceType="t4g.micro", MinCount=1, MaxCount=1, SubnetId=subnet, TagSpecifications=tags
        )["Instances"][0]["InstanceId"]
        self.assertEqual(
            {
                tag["ResourceType"]
                for tag in ec2.describe_tags(
                    Filters=[{"Name": "key", "Values": ["s"]}, {"Name": "value", "Values": ["1"]}]
                )["Tags"]
            },
            {"instance", "volume"},
        )
        ec2.terminate_instances(InstanceIds=[one])
        self.refused("InvalidInstanceID.NotFound", ec2.describe_instances, InstanceIds=[one])
        self.assertEqual(ec2.describe_tags()["Tags"], [])
        ec2.delete_subnet(SubnetId=subnet)


class Rules(Account):
    def test_policies_of_buckets(self):
        s3, name = self.client("s3"), "policies-" + self.account
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{name}/*",
        }
        put = lambda **more: s3.put_bucket_policy(
            Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **more}]})
        )
        self.refused("AccessDenied", put)
        put(Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}})
        put(
            Effect="Deny",
            Action="s3:*",
            Resource=[f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
            Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
        )
        s3.put_object(Bucket=name, Key="k", Body=b"v")
        self.refused("MalformedPolicy", put, Resource="arn:aws:s3:::another/*")

    def test_rules_are_added_all_or_none(self):
        ec2 = self.client("ec2")
        vpc, _ = self.network(ec2)
        group = ec2.create_security_group(GroupName="g", Description="g", VpcId=vpc)["GroupId"]
        rule = lambda port, **peer: {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **peer}
        first, second = (
            rule(443, IpRanges=[{"CidrIp": "10.0.0.5/16", "Description": "a"}]),
            rule(80, UserIdGroupPairs=[{"GroupId": group, "Description": "b"}]),
        )
        made = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[first, second])["SecurityGroupRules"]
        self.assertEqual(
            [(one.get("CidrIpv4"), one["Description"]) for one in made], [("10.0.0.0/16", "a"), (None, "b")]
        )
        self.refused(
            "InvalidPermission.Duplicate",
            ec2.authorize_security_group_ingress,
            GroupId=group,
            IpPermissions=[
                rule(22, IpRanges=[{"CidrIp": "10.0.0.0/8"}]),
                rule(80, UserIdGroupPairs=[{"GroupId": group}]),
            ],
        )
        self.assertEqual(len(ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]), 2)
        ec2.modify_security_group_rules(
            GroupId=group,
            SecurityGroupRules=[
                {
                    "SecurityGroupRuleId": made[1]["SecurityGroupRuleId"],
                    "SecurityGroupRule": rule(81, ReferencedGroupId=group),
                }
            ],
        )
        shown = ec2.describe_security_group_rules(SecurityGroupRuleIds=[made[1]["SecurityGroupRuleId"]])[
            "SecurityGroupRules"
        ][0]
        self.assertEqual(
            (shown["FromPort"], shown["Description"], shown["ReferencedGroupInfo"]["GroupId"]), (81, "b", group)
        )

    def test_a_batch_of_records_is_done_whole_or_not_at_all(self):
        ec2, zones = self.client("ec2"), self.client("route53")
        vpc, _ = self.network(ec2)
        zone = zones.create_hosted_zone(
            Name="x.internal", CallerReference="1", VPC={"VPCRegion": REGION, "VPCId": vpc}
        )["HostedZone"]["Id"]
        record = lambda action, name, value="10.0.0.1": {
            "Action": action,
            "ResourceRecordSet": {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": value}]},
        }
        change = lambda *changes: zones.change_resource_record_sets(
            HostedZoneId=zone, ChangeBatch={"Changes": list(changes)}
        )
        with self.assertRaises(zones.exceptions.InvalidChangeBatch):
            change(record("CREATE", "a.x.internal"), record("DELETE", "b.x.internal"))
        self.assertEqual(len(zones.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]), 2)
        change(record("CREATE", "*.X.internal"))
        change(record("DELETE", "\\052.x.internal."), record("CREATE", "*.x.internal", "10.0.0.2"))
        self.assertEqual(
            [
                one["ResourceRecords"][0]["Value"]
                for one in zones.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
                if one["Name"] == "\\052.x.internal."
            ],
            ["10.0.0.2"],
        )
        self.refused("HostedZoneNotEmpty", zones.delete_hosted_zone, Id=zone)

    def test_a_token_repeats_its_result_under_race(self):
        ec2 = self.client("ec2")
        vpc, _ = self.network(ec2)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            made = list(
                pool.map(
                    lambda _: ec2.create_route_table(VpcId=vpc, ClientToken="same")["RouteTable"]["RouteTableId"],
                    range(16),
                )
            )
        self.assertEqual(len(set(made)), 1)
        self.refused(
            "IdempotentParameterMismatch", ec2.create_route_table, VpcId=self.network(ec2)[0], ClientToken="same"
        )


if __name__ == "__main__":
    unittest.main()
