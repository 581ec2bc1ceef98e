//! One file per AWS kind, and the registry that lists them.
//!
//! A kind's file holds all that s3net knows of it: fields, checks, orders, and
//! the calls that find, create, settle, update and delete it. Kinds never
//! import each other: they meet only by name, in references and orders.

use crate::kind::{Kind, Registry};

/// Declares each kind's module and lists it, so that a kind is one line here.
/// (`cargo fmt` does not follow modules made by a macro; the checks run
/// `rustfmt` on them by name.)
macro_rules! registry {
    ($($module:ident::$kind:ident,)*) => {
        $(mod $module;)*
        static KINDS: &[&dyn Kind] = &[$(&$module::$kind,)*];
    };
}

registry! {
    vpc::Vpc,
    subnet::Subnet,
    internet_gateway::InternetGateway,
    internet_gateway_attachment::InternetGatewayAttachment,
    elastic_ip::ElasticIp,
    nat_gateway::NatGateway,
    route_table::RouteTable,
    route::Route,
    route_table_association::RouteTableAssociation,
    gateway_endpoint::GatewayEndpoint,
    interface_endpoint::InterfaceEndpoint,
    security_group::SecurityGroup,
    security_group_ingress_rule::SecurityGroupIngressRule,
    security_group_egress_rule::SecurityGroupEgressRule,
    bucket::Bucket,
    bucket_public_access_block::PublicAccessBlock,
    bucket_versioning::Versioning,
    bucket_encryption::Encryption,
    bucket_policy::BucketPolicy,
    private_zone::PrivateZone,
    alias_record::AliasRecord,
    role::Role,
    role_inline_policy::InlinePolicy,
    role_managed_policy::ManagedPolicy,
    role_instance_profile::InstanceProfile,
    instance::Instance,
}

// No kinds, but what several of them are made of.
mod bucket_setting;
mod managed_policies;
mod own_zones;
mod private_address;
mod role_part;
mod route_target;
mod security_group_rule;
mod vpc_endpoint_rehearsal;

/// Every kind that s3net can build.
#[must_use]
pub fn registry() -> Registry {
    Registry::new(KINDS)
}
