//! What each kind is in Terraform: type, arguments, attributes, import id.

use super::form::{Form, PLAIN, of_bucket, together};
use super::shapes;
use crate::model::Address;

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
        shaped: &[("zone", "availability_zone")],
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
        shaped: &[
            ("to", "destination_cidr_block"),
            ("to", "destination_ipv6_cidr_block"),
            ("to", "destination_prefix_list_id"),
            ("via", "gateway_id"),
            ("via", "nat_gateway_id"),
            ("via", "network_interface_id"),
            ("via", "transit_gateway_id"),
            ("via", "vpc_peering_connection_id"),
        ],
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
        shaped: &[("policy", "policy")],
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
        shaped: &[
            ("policy", "policy"),
            ("dns_record_ip_type", "dns_options"),
            ("private_dns_only_for_inbound_resolver", "dns_options"),
        ],
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("security_group", ""),
        named: "aws_security_group",
        arguments: &[("description", "description"), ("vpc", "vpc_id")],
        attributes: &[("group_name", "name")],
        shape: shapes::security_group,
        shaped: &[("group_name", "name")],
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("security_group", "ingress"),
        named: "aws_vpc_security_group_ingress_rule",
        arguments: RULE,
        shape: shapes::rule,
        shaped: &[
            ("protocol", "ip_protocol"),
            ("from_port", "from_port"),
            ("to_port", "to_port"),
            ("description", "description"),
        ],
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("security_group", "egress"),
        named: "aws_vpc_security_group_egress_rule",
        arguments: RULE,
        shape: shapes::rule,
        shaped: &[
            ("protocol", "ip_protocol"),
            ("from_port", "from_port"),
            ("to_port", "to_port"),
            ("description", "description"),
        ],
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
        shaped: &[("force_destroy", "force_destroy")],
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
        shaped: &[("enabled", "versioning_configuration")],
        import: of_bucket,
        ..PLAIN
    },
    Form {
        kind: ("bucket", "encryption"),
        named: "aws_s3_bucket_server_side_encryption_configuration",
        arguments: &[("bucket", "bucket")],
        shape: shapes::encryption,
        shaped: &[("algorithm", "rule"), ("kms_key", "rule")],
        import: of_bucket,
        ..PLAIN
    },
    Form {
        kind: ("bucket", "policy"),
        named: "aws_s3_bucket_policy",
        arguments: &[("bucket", "bucket")],
        shape: shapes::policy,
        shaped: &[("policy", "policy")],
        import: of_bucket,
        ..PLAIN
    },
    Form {
        kind: ("private_zone", ""),
        named: "aws_route53_zone",
        arguments: &[("name", "name")],
        attributes: &[("id", "zone_id")],
        shape: shapes::private_zone,
        shaped: &[("vpcs", "vpc"), ("comment", "comment")],
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("alias_record", ""),
        named: "aws_route53_record",
        arguments: &[("zone", "zone_id"), ("name", "name"), ("type", "type")],
        shape: shapes::alias_record,
        shaped: &[
            ("target_dns_name", "alias"),
            ("target_zone_id", "alias"),
            ("evaluate_target_health", "alias"),
        ],
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
        shaped: &[("trust", "assume_role_policy")],
        tags: true,
        ..PLAIN
    },
    Form {
        kind: ("role", "inline_policy"),
        named: "aws_iam_role_policy",
        arguments: &[("role", "role"), ("name", "name")],
        shape: shapes::policy,
        shaped: &[("policy", "policy")],
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
        shaped: &[
            ("image", "ami"),
            ("user_data", "user_data"),
            ("metadata_tokens", "metadata_options"),
        ],
        tags: true,
        ..PLAIN
    },
];

const RULE: &[(&str, &str)] = &[
    ("security_group", "security_group_id"),
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
            for (ours, _) in form.arguments.iter().chain(form.shaped) {
                let known = kind.fields().iter().any(|field| field.name == *ours);
                assert!(known, "{wanted:?} has no field {ours}");
            }
            // What a file may tell s3net to leave alone has a name there too.
            for field in kind.fields().iter().filter(|it| !it.expanded) {
                let named = form.names_of(field.name).next().is_some();
                let is_no_setting = field.name == "default_egress";
                assert!(named || is_no_setting, "{wanted:?}: {}", field.name);
            }
            assert_eq!(form.tags, about.tagged, "{wanted:?}");
        }
        assert_eq!(FORMS.len(), registry().all().count());
    }
}
