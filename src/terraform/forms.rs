//! What each kind is in Terraform: type, arguments, attributes, import id.
//!
//! Import ids are of the forms that the AWS provider's documentation gives under
//! "Import" of each resource: often AWS's own id, else a few of them together.

use super::shapes::{self, Shape};
use crate::kind::Live;
use crate::model::Address;

/// What a kind is in Terraform.
pub(super) struct Form {
    /// The table's kind, and the part's label.
    pub kind: (&'static str, &'static str),
    /// Terraform's type.
    pub named: &'static str,
    /// Fields that are arguments as they are.
    pub arguments: &'static [(&'static str, &'static str)],
    /// Attributes that others refer to, where they have other names there.
    pub attributes: &'static [(&'static str, &'static str)],
    /// What is not as simple as that.
    pub shape: Shape,
    /// Whether it takes tags there.
    pub tags: bool,
    /// By what it is imported.
    pub import: fn(&Live) -> Option<String>,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.named)
    }
}

/// Images by their short names.
pub(super) const IMAGES: &[(&str, &str)] = &[
    (
        "al2023",
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
    ),
    (
        "al2023-arm64",
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
    ),
    (
        "al2",
        "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2",
    ),
];

const PLAIN: Form = Form {
    kind: ("", ""),
    named: "",
    arguments: &[],
    attributes: &[],
    shape: shapes::none,
    tags: false,
    import: by_id,
};

/// Every kind that is exported.
const FORMS: &[Form] = &[
    Form {
        kind: ("vpc", ""),
        named: "aws_vpc",
        arguments: &[
            ("cidr", "cidr_block"),
            ("dns_support", "enable_dns_support"),
            ("dns_hostnames", "enable_dns_hostnames"),
            ("tenancy", "instance_tenancy"),
        ],
        attributes: &[("cidr", "cidr_block")],
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("subnet", ""),
        named: "aws_subnet",
        arguments: &[
            ("vpc", "vpc_id"),
            ("cidr", "cidr_block"),
            ("map_public_ip", "map_public_ip_on_launch"),
        ],
        attributes: &[
            ("cidr", "cidr_block"),
            ("zone", "availability_zone"),
            ("vpc", "vpc_id"),
        ],
        shape: shapes::subnet,
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("internet_gateway", ""),
        named: "aws_internet_gateway",
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("internet_gateway", "attachment"),
        named: "aws_internet_gateway_attachment",
        arguments: &[
            ("internet_gateway", "internet_gateway_id"),
            ("vpc", "vpc_id"),
        ],
        import: |live| together(live, &["internet_gateway", "vpc"], ":"),
        ..PLAIN
    },
    Form {
        kind: ("elastic_ip", ""),
        named: "aws_eip",
        shape: shapes::elastic_ip,
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("nat_gateway", ""),
        named: "aws_nat_gateway",
        arguments: &[
            ("subnet", "subnet_id"),
            ("elastic_ip", "allocation_id"),
            ("connectivity", "connectivity_type"),
            ("private_ip", "private_ip"),
        ],
        attributes: &[("network_interface", "network_interface_id")],
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("route_table", ""),
        named: "aws_route_table",
        arguments: &[("vpc", "vpc_id")],
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("route_table", "route"),
        named: "aws_route",
        arguments: &[("route_table", "route_table_id")],
        shape: shapes::route,
        import: |live| together(live, &["route_table", "to"], "_"),
        ..PLAIN
    },
    Form {
        kind: ("route_table", "association"),
        named: "aws_route_table_association",
        arguments: &[("subnet", "subnet_id"), ("route_table", "route_table_id")],
        import: |live| together(live, &["subnet", "route_table"], "/"),
        ..PLAIN
    },
    Form {
        kind: ("gateway_endpoint", ""),
        named: "aws_vpc_endpoint",
        arguments: &[
            ("vpc", "vpc_id"),
            ("service", "service_name"),
            ("route_tables", "route_table_ids"),
        ],
        shape: shapes::gateway_endpoint,
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("interface_endpoint", ""),
        named: "aws_vpc_endpoint",
        arguments: &[
            ("vpc", "vpc_id"),
            ("service", "service_name"),
            ("subnets", "subnet_ids"),
            ("security_groups", "security_group_ids"),
            ("private_dns", "private_dns_enabled"),
            ("ip_address_type", "ip_address_type"),
        ],
        attributes: &[
            ("dns_name", "dns_entry[0].dns_name"),
            ("hosted_zone_id", "dns_entry[0].hosted_zone_id"),
        ],
        shape: shapes::interface_endpoint,
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("security_group", ""),
        named: "aws_security_group",
        arguments: &[
            ("group_name", "name"),
            ("description", "description"),
            ("vpc", "vpc_id"),
        ],
        attributes: &[("group_name", "name")],
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("security_group", "ingress"),
        named: "aws_vpc_security_group_ingress_rule",
        arguments: RULE,
        shape: shapes::rule,
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("security_group", "egress"),
        named: "aws_vpc_security_group_egress_rule",
        arguments: RULE,
        shape: shapes::rule,
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("bucket", ""),
        named: "aws_s3_bucket",
        arguments: &[("name", "bucket")],
        attributes: &[
            ("name", "bucket"),
            ("domain_name", "bucket_regional_domain_name"),
        ],
        shape: shapes::bucket,
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("bucket", "public_access_block"),
        named: "aws_s3_bucket_public_access_block",
        arguments: &[
            ("bucket", "bucket"),
            ("block_public_acls", "block_public_acls"),
            ("ignore_public_acls", "ignore_public_acls"),
            ("block_public_policy", "block_public_policy"),
            ("restrict_public_buckets", "restrict_public_buckets"),
        ],
        import: of_bucket,
        ..PLAIN
    },
    Form {
        kind: ("bucket", "versioning"),
        named: "aws_s3_bucket_versioning",
        arguments: &[("bucket", "bucket")],
        shape: shapes::versioning,
        import: of_bucket,
        ..PLAIN
    },
    Form {
        kind: ("bucket", "encryption"),
        named: "aws_s3_bucket_server_side_encryption_configuration",
        arguments: &[("bucket", "bucket")],
        shape: shapes::encryption,
        import: of_bucket,
        ..PLAIN
    },
    Form {
        kind: ("bucket", "policy"),
        named: "aws_s3_bucket_policy",
        arguments: &[("bucket", "bucket")],
        shape: shapes::policy,
        import: of_bucket,
        ..PLAIN
    },
    Form {
        kind: ("private_zone", ""),
        named: "aws_route53_zone",
        arguments: &[("name", "name"), ("comment", "comment")],
        attributes: &[("id", "zone_id")],
        shape: shapes::private_zone,
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("alias_record", ""),
        named: "aws_route53_record",
        arguments: &[("zone", "zone_id"), ("name", "name"), ("type", "type")],
        shape: shapes::alias_record,
        import: |live| Some(live.id.replace('/', "_")),
        ..PLAIN
    },
    Form {
        kind: ("role", ""),
        named: "aws_iam_role",
        arguments: &[
            ("name", "name"),
            ("path", "path"),
            ("description", "description"),
            ("max_session_duration", "max_session_duration"),
            ("permissions_boundary", "permissions_boundary"),
        ],
        attributes: &[("id", "name")],
        shape: shapes::role,
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("role", "inline_policy"),
        named: "aws_iam_role_policy",
        arguments: &[("role", "role"), ("name", "name")],
        shape: shapes::policy,
        import: |live| together(live, &["role", "name"], ":"),
        ..PLAIN
    },
    Form {
        kind: ("role", "managed_policy"),
        named: "aws_iam_role_policy_attachment",
        arguments: &[("role", "role"), ("policy_arn", "policy_arn")],
        import: |live| together(live, &["role", "policy_arn"], "/"),
        ..PLAIN
    },
    Form {
        kind: ("role", "instance_profile"),
        named: "aws_iam_instance_profile",
        arguments: &[("role", "role"), ("name", "name"), ("path", "path")],
        attributes: &[("id", "name")],
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("instance", ""),
        named: "aws_instance",
        arguments: &[
            ("subnet", "subnet_id"),
            ("security_groups", "vpc_security_group_ids"),
            ("instance_profile", "iam_instance_profile"),
            ("type", "instance_type"),
            ("source_dest_check", "source_dest_check"),
            ("public_ip", "associate_public_ip_address"),
            ("private_ip", "private_ip"),
            ("key_pair", "key_name"),
            ("monitoring", "monitoring"),
        ],
        attributes: &[("public_address", "public_ip"), ("image_id", "ami")],
        shape: shapes::instance,
        tags: true,
        ..PLAIN
    },
];

const RULE: &[(&str, &str)] = &[
    ("security_group", "security_group_id"),
    ("from_port", "from_port"),
    ("to_port", "to_port"),
    ("cidr_ipv4", "cidr_ipv4"),
    ("cidr_ipv6", "cidr_ipv6"),
    ("prefix_list", "prefix_list_id"),
    ("source_group", "referenced_security_group_id"),
];

/// The form of a node.
pub(super) fn of(address: &Address) -> Option<&'static Form> {
    let mut forms = FORMS.iter();
    forms.find(|form| form.kind == (address.kind.as_str(), address.label()))
}

/// Attributes that have one name in both worlds.
const ALIKE: &[&str] = &[
    "id",
    "arn",
    "public_ip",
    "private_ip",
    "prefix_list_id",
    "availability_zone",
    "name",
    "path",
];

/// Terraform's name of an attribute.
pub(super) fn attribute(address: &Address, ours: &str) -> Option<&'static str> {
    let form = of(address)?;
    let named = form.attributes.iter().find(|(known, _)| *known == ours);
    let alike = || ALIKE.iter().find(|name| **name == ours).copied();
    named.map(|(_, theirs)| *theirs).or_else(alike)
}

fn by_id(live: &Live) -> Option<String> {
    Some(live.id.trim_start_matches("/hostedzone/").to_owned())
}

fn of_bucket(live: &Live) -> Option<String> {
    let stated = live.attributes.text("bucket").map(str::to_owned);
    stated.or_else(|| live.id.split('/').next().map(str::to_owned))
}

/// Several of a live object's attributes together.
fn together(live: &Live, names: &[&str], between: &str) -> Option<String> {
    let texts: Option<Vec<&str>> = names
        .iter()
        .map(|name| live.attributes.text(name))
        .collect();
    Some(texts?.join(between))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::registry;

    #[test]
    fn every_kind_of_today_has_a_form_whose_fields_are_its_own() {
        for kind in registry().all() {
            let about = kind.about();
            let wanted = about
                .part_of
                .map_or((about.name, ""), |it| (it.table, it.label));
            let form = FORMS.iter().find(|form| form.kind == wanted);
            let form = form.unwrap_or_else(|| panic!("{wanted:?} has no form"));
            for (ours, _) in form.arguments {
                let known = kind.fields().iter().any(|field| field.name == *ours);
                assert!(known, "{wanted:?} has no field {ours}");
            }
            assert_eq!(form.tags, about.tagged, "{wanted:?}");
        }
        assert_eq!(FORMS.len(), registry().all().count());
    }
}
