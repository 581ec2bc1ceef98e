"""Self-tests of what may be asked before anything is done: dry runs, permissions, quotas."""

import json

from botocore.exceptions import ClientError
from test_endpoint import Account, own, setUpModule, tearDownModule  # noqa: F401

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
NONE = "00000000000000000"


class Preflight(Account):
    def settings(self, **settings):
        return own("settings", {"account": self.account, **settings})

    def counts(self):
        return own(f"calls?account={self.account}&reset=1")["counts"]

    def status(self, function, **arguments):
        with self.assertRaises(ClientError) as caught:
            function(**arguments)
        return caught.exception.response["ResponseMetadata"]["HTTPStatusCode"]

    def test_a_dry_run_does_nothing_and_is_counted_apart(self):
        ec2 = self.client("ec2")
        own("fault", {"account": self.account, "action": "ec2:AllocateAddress"})
        self.counts()
        self.refused("DryRunOperation", ec2.allocate_address, DryRun=True)
        self.assertEqual(self.status(ec2.allocate_address, DryRun=True), 412)
        self.refused("DryRunOperation", ec2.create_subnet, DryRun=True, VpcId="vpc-" + NONE, CidrBlock="10.0.0.0/24")
        self.assertEqual(ec2.describe_addresses()["Addresses"], [])
        counts = self.counts()
        self.assertEqual(counts["ec2:AllocateAddress (dry run)"], 2)
        self.assertNotIn("ec2:AllocateAddress", counts)

    def test_what_is_denied_is_refused_in_each_services_words_and_known_to_the_simulator(self):
        ec2, iam, s3 = self.client("ec2"), self.client("iam"), self.client("s3")
        denied = ["ec2:CreateVpc", "iam:CreateRole", "s3:CreateBucket", "servicequotas:GetServiceQuota"]
        self.settings(deny=dict.fromkeys(denied, "on"))
        self.refused("UnauthorizedOperation", ec2.create_vpc, DryRun=True, CidrBlock="10.0.0.0/16")
        self.assertEqual(self.status(ec2.create_vpc, CidrBlock="10.0.0.0/16"), 403)
        self.refused("AccessDenied", iam.create_role, RoleName="r", AssumeRolePolicyDocument=TRUST)
        self.refused("AccessDenied", s3.create_bucket, Bucket="denied-" + self.account)
        quotas = self.client("service-quotas")
        code = "L-0263D0A3"
        self.refused("AccessDeniedException", quotas.get_service_quota, ServiceCode="ec2", QuotaCode=code)
        judged = iam.simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::{self.account}:user/s3net-local",
            ActionNames=["s3:CreateBucket", "s3:DeleteBucket"],
            ResourceArns=["arn:aws:s3:::a", "arn:aws:s3:::b"],
        )["EvaluationResults"]
        found = {one["EvalActionName"]: one["EvalDecision"] for one in judged}
        self.assertEqual(found, {"s3:CreateBucket": "implicitDeny", "s3:DeleteBucket": "allowed"})
        self.assertEqual([len(one["ResourceSpecificResults"]) for one in judged], [2, 2])
        self.settings(deny=dict.fromkeys(denied, "off"))
        self.refused("DryRunOperation", ec2.create_vpc, DryRun=True, CidrBlock="10.0.0.0/16")

    def test_quotas_are_those_of_the_account(self):
        quotas, zones, iam = self.client("service-quotas"), self.client("route53"), self.client("iam")
        self.settings(quota={"L-F678F1CE": 3, "L-0263D0A3": 4, "hosted_zones": 5, "roles": 6})
        listed = {one["QuotaCode"]: one["Value"] for one in quotas.list_service_quotas(ServiceCode="vpc")["Quotas"]}
        self.assertEqual((listed["L-F678F1CE"], listed["L-407747CB"]), (3, 100_000))
        one = quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-0263D0A3")["Quota"]
        self.assertEqual(one["Value"], 4)
        self.refused("NoSuchResourceException", quotas.get_service_quota, ServiceCode="ec2", QuotaCode="L-1")
        limit = zones.get_account_limit(Type="MAX_HOSTED_ZONES_BY_OWNER")
        self.assertEqual((limit["Limit"]["Value"], limit["Count"]), (5, 0))
        iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
        summary = iam.get_account_summary()["SummaryMap"]
        self.assertEqual((summary["Roles"], summary["RolesQuota"]), (1, 6))
