//! The types of resources that kinds of ours cover, and what each gives.
//!
//! A type becomes a table, or a part of another's: a route is a line of its
//! route table. What `Ref` and `GetAtt` of a type give is written here once (AWS
//! CloudFormation template reference, "Return values" of each type).

use super::properties::{Context, Properties};
use super::tables::Tables;
use super::value::{attribute, joined, pieces};
use super::{endpoints, groups, identity, machines, network, routing, storage, zones};
use crate::model::{Address, Piece, Reference, Value};

/// What a resource of a type becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Becomes {
    /// A table of this kind.
    Table(&'static str),
    /// A table of the kind that its property says: a gateway or an interface
    /// endpoint.
    Endpoint,
    /// Something inside the tables of others.
    Part,
    /// Tables of a template of its own.
    Stack,
}

/// What a name of a resource's value stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Gives {
    /// This attribute of its table.
    Attribute(&'static str),
    /// A value that is made of them.
    Made(fn(&Address) -> Value),
}

impl Gives {
    /// The value for a table.
    pub(super) fn of(self, address: &Address) -> Value {
        match self {
            Self::Attribute(name) => attribute(address.clone(), name),
            Self::Made(make) => make(address),
        }
    }
}

/// One type of resources.
#[derive(Debug, Clone, Copy)]
pub(super) struct Type {
    /// Its name in templates.
    pub name: &'static str,
    /// What it becomes.
    pub becomes: Becomes,
    /// What it gives, by `GetAtt` attribute; `""` is what `Ref` gives.
    pub gives: &'static [(&'static str, Gives)],
    /// Takes its properties over.
    pub map: fn(&mut Context<'_>, &mut Properties<'_>, &mut Tables),
}

const fn of_table(
    name: &'static str,
    kind: &'static str,
    gives: &'static [(&'static str, Gives)],
    map: fn(&mut Context<'_>, &mut Properties<'_>, &mut Tables),
) -> Type {
    Type {
        name,
        becomes: Becomes::Table(kind),
        gives,
        map,
    }
}

const fn part(
    name: &'static str,
    map: fn(&mut Context<'_>, &mut Properties<'_>, &mut Tables),
) -> Type {
    Type {
        name,
        becomes: Becomes::Part,
        gives: &[],
        map,
    }
}

use Gives::{Attribute, Made};

const ID: (&str, Gives) = ("", Attribute("id"));

/// Every type, in no order that matters.
const TYPES: &[Type] = &[
    of_table(
        "AWS::EC2::VPC",
        "vpc",
        &[
            ID,
            ("VpcId", Attribute("id")),
            ("CidrBlock", Attribute("cidr")),
        ],
        network::vpc,
    ),
    of_table(
        "AWS::EC2::Subnet",
        "subnet",
        &[
            ID,
            ("SubnetId", Attribute("id")),
            ("VpcId", Attribute("vpc")),
            ("CidrBlock", Attribute("cidr")),
            ("AvailabilityZone", Attribute("zone")),
        ],
        network::subnet,
    ),
    of_table(
        "AWS::EC2::InternetGateway",
        "internet_gateway",
        &[ID, ("InternetGatewayId", Attribute("id"))],
        network::internet_gateway,
    ),
    part(
        "AWS::EC2::VPCGatewayAttachment",
        network::gateway_attachment,
    ),
    of_table(
        "AWS::EC2::EIP",
        "elastic_ip",
        &[
            ("", Attribute("public_ip")),
            ("PublicIp", Attribute("public_ip")),
            ("AllocationId", Attribute("id")),
        ],
        network::elastic_ip,
    ),
    of_table(
        "AWS::EC2::NatGateway",
        "nat_gateway",
        &[ID, ("NatGatewayId", Attribute("id"))],
        network::nat_gateway,
    ),
    of_table(
        "AWS::EC2::RouteTable",
        "route_table",
        &[ID, ("RouteTableId", Attribute("id"))],
        routing::route_table,
    ),
    part("AWS::EC2::Route", routing::route),
    part(
        "AWS::EC2::SubnetRouteTableAssociation",
        routing::association,
    ),
    Type {
        name: "AWS::EC2::VPCEndpoint",
        becomes: Becomes::Endpoint,
        gives: &[
            ID,
            ("Id", Attribute("id")),
            ("DnsEntries", Made(dns_entries)),
        ],
        map: endpoints::endpoint,
    },
    of_table(
        "AWS::EC2::SecurityGroup",
        "security_group",
        &[
            ID,
            ("GroupId", Attribute("id")),
            ("VpcId", Attribute("vpc")),
        ],
        groups::security_group,
    ),
    part("AWS::EC2::SecurityGroupIngress", groups::ingress),
    part("AWS::EC2::SecurityGroupEgress", groups::egress),
    of_table(
        "AWS::EC2::Instance",
        "instance",
        &[
            ID,
            ("InstanceId", Attribute("id")),
            ("PrivateIp", Attribute("private_ip")),
            ("PublicIp", Attribute("public_address")),
            ("AvailabilityZone", Attribute("availability_zone")),
        ],
        machines::instance,
    ),
    of_table(
        "AWS::S3::Bucket",
        "bucket",
        &[
            ("", Attribute("name")),
            ("Arn", Attribute("arn")),
            ("RegionalDomainName", Attribute("domain_name")),
            ("DomainName", Made(global_name)),
        ],
        storage::bucket,
    ),
    part("AWS::S3::BucketPolicy", storage::bucket_policy),
    of_table(
        "AWS::Route53::HostedZone",
        "private_zone",
        &[ID, ("Id", Attribute("id"))],
        zones::hosted_zone,
    ),
    of_table(
        "AWS::Route53::RecordSet",
        "alias_record",
        &[],
        zones::record_set,
    ),
    part("AWS::Route53::RecordSetGroup", zones::record_set_group),
    of_table(
        "AWS::IAM::Role",
        "role",
        &[("", Attribute("name")), ("Arn", Attribute("arn"))],
        identity::role,
    ),
    part("AWS::IAM::InstanceProfile", identity::instance_profile),
    part("AWS::IAM::Policy", identity::policy),
    part("AWS::IAM::RolePolicy", identity::role_policy),
    Type {
        name: "AWS::CloudFormation::Stack",
        becomes: Becomes::Stack,
        gives: &[],
        map: super::nesting::stack,
    },
];

/// Attributes that repeat a property of their resource: kind, attribute, property.
/// Where the template states the property, it is known before anything exists.
const REPEATED: &[(&str, &str, &str)] = &[
    ("vpc", "cidr", "CidrBlock"),
    ("subnet", "cidr", "CidrBlock"),
    ("bucket", "name", "BucketName"),
    ("role", "name", "RoleName"),
];

/// The property that an attribute repeats.
pub(super) fn property_of(reference: &Reference) -> Option<&'static str> {
    let mut repeated = REPEATED.iter();
    let found = repeated.find(|(kind, attribute, _)| {
        *kind == reference.target.kind && *attribute == reference.attribute
    });
    found.map(|(_, _, property)| *property)
}

/// A type by its name.
pub(super) fn of(name: &str) -> Option<&'static Type> {
    TYPES.iter().find(|it| it.name == name)
}

/// An endpoint's DNS entries, `ZONE:NAME` each; the first is that of all zones.
fn dns_entries(address: &Address) -> Value {
    let part = |name| pieces(attribute(address.clone(), name)).unwrap_or_default();
    let colon = vec![Piece::Text(":".to_owned())];
    let first = [part("hosted_zone_id"), colon, part("dns_name")].concat();
    Value::List(joined(first).into_iter().collect())
}

/// A bucket's name below the global end of S3.
fn global_name(address: &Address) -> Value {
    let mut all = pieces(attribute(address.clone(), "name")).unwrap_or_default();
    all.push(Piece::Text(".s3.amazonaws.com".to_owned()));
    joined(all).unwrap_or(Value::Null)
}
