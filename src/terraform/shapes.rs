//! What is in Terraform not as it is here: nested blocks, documents, values that
//! depend on others.

use hcl::{Attribute, Block, Body, Expression};

use super::expressions::{Writer, json_of, path_of};
use crate::kind::{Live, Node};
use crate::model::{Address, Value};

/// One node on its way into the configuration.
pub(super) struct Shaping<'a> {
    pub writer: &'a Writer<'a>,
    pub address: &'a Address,
    pub node: &'a Node,
    pub live: Option<&'a Live>,
    /// The block's body so far.
    pub body: Vec<hcl::Structure>,
    /// What stands above the block.
    pub comments: Vec<String>,
    /// Arguments and blocks whose differences Terraform is to leave alone.
    pub ignored: Vec<&'static str>,
}

/// Adds what is not as simple as an argument.
pub(super) type Shape = fn(&mut Shaping<'_>) -> Result<(), String>;

impl Shaping<'_> {
    /// Adds an argument.
    pub(super) fn set(&mut self, name: &str, expression: impl Into<Expression>) {
        self.body
            .push(Attribute::new(hcl::Identifier::sanitized(name), expression).into());
    }

    /// Adds an argument with the value of a field, where it has one.
    pub(super) fn copy(&mut self, field: &str, name: &str) -> Result<(), String> {
        if let Some(value) = self.node.inputs.get(field) {
            let expression = self.writer.value(value)?;
            self.set(name, expression);
        }
        Ok(())
    }

    /// Adds a nested block.
    fn nested(&mut self, name: &str, body: Vec<hcl::Structure>) {
        self.body.push(block(name, body));
    }

    /// An endpoint's policy. The one that AWS gives every endpoint is left to AWS,
    /// which writes it differently for the two sorts.
    fn endpoint_policy(&mut self) -> Result<(), String> {
        match self.node.inputs.get("policy") {
            Some(document) if is_full_access(document) => Ok(()),
            _ => self.document("policy", "policy"),
        }
    }

    fn document(&mut self, field: &str, name: &str) -> Result<(), String> {
        if let Some(value) = self.node.inputs.get(field) {
            let document = json_of(self.writer.value(value)?)?;
            self.set(name, document);
        }
        Ok(())
    }
}

/// Whether a policy lets everybody do everything, and says no more.
fn is_full_access(document: &Value) -> bool {
    let statement = document.as_map().and_then(|it| it.get("Statement"));
    let only = match statement {
        Some(Value::List(items)) => match items.as_slice() {
            [only] => only.as_map(),
            _ => None,
        },
        Some(one) => one.as_map(),
        None => None,
    };
    let wanted = [
        ("Effect", "Allow"),
        ("Principal", "*"),
        ("Action", "*"),
        ("Resource", "*"),
    ];
    only.is_some_and(|only| {
        let says =
            |(key, text): &(&str, &str)| only.get(*key).and_then(Value::as_text) == Some(*text);
        only.len() == wanted.len() && wanted.iter().all(says)
    })
}

fn block(name: &str, body: Vec<hcl::Structure>) -> hcl::Structure {
    let mut block = Block::new(hcl::Identifier::sanitized(name));
    block.body = Body::from(body);
    block.into()
}

fn argument(name: &str, expression: impl Into<Expression>) -> hcl::Structure {
    Attribute::new(hcl::Identifier::sanitized(name), expression).into()
}

pub(super) fn none(_: &mut Shaping<'_>) -> Result<(), String> {
    Ok(())
}

pub(super) fn subnet(it: &mut Shaping<'_>) -> Result<(), String> {
    let region = &it.writer.wish.stack.region;
    let zone = it.node.inputs.text("zone").map(|zone| match zone.len() {
        1 => format!("{region}{zone}"),
        _ => zone.to_owned(),
    });
    if let Some(zone) = zone {
        it.set("availability_zone", zone);
    }
    Ok(())
}

pub(super) fn elastic_ip(it: &mut Shaping<'_>) -> Result<(), String> {
    it.set("domain", "vpc");
    Ok(())
}

pub(super) fn route(it: &mut Shaping<'_>) -> Result<(), String> {
    let to = it.node.inputs.text("to").unwrap_or_default();
    let destination = match to {
        list if list.starts_with("pl-") => "destination_prefix_list_id",
        block if block.contains(':') => "destination_ipv6_cidr_block",
        _ => "destination_cidr_block",
    };
    it.copy("to", destination)?;
    let via = it.node.inputs.get("via");
    let target = match via {
        Some(Value::Reference(reference)) => reference.target.kind.clone(),
        Some(Value::String(id)) => id.split('-').next().unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    match target.as_str() {
        "internet_gateway" | "igw" | "vgw" => it.copy("via", "gateway_id"),
        "nat_gateway" | "nat" => it.copy("via", "nat_gateway_id"),
        "eni" => it.copy("via", "network_interface_id"),
        "tgw" => it.copy("via", "transit_gateway_id"),
        "pcx" => it.copy("via", "vpc_peering_connection_id"),
        // Terraform's routes lead to an instance by its interface only.
        "instance" => {
            let path = it
                .node
                .inputs
                .target("via")
                .and_then(|it2| it.writer.names.path(it2));
            let path = path.ok_or("the instance is not exported")?;
            let interface = path_of(&format!("{path}.primary_network_interface_id"))?;
            it.set("network_interface_id", interface);
            Ok(())
        }
        other => Err(format!("Terraform has no routes by `{other}`")),
    }
}

pub(super) fn gateway_endpoint(it: &mut Shaping<'_>) -> Result<(), String> {
    it.set("vpc_endpoint_type", "Gateway");
    it.endpoint_policy()
}

pub(super) fn interface_endpoint(it: &mut Shaping<'_>) -> Result<(), String> {
    it.set("vpc_endpoint_type", "Interface");
    it.endpoint_policy()?;
    let mut options = Vec::new();
    if let Some(kind) = it.node.inputs.text("dns_record_ip_type") {
        options.push(argument("dns_record_ip_type", kind));
    }
    if it.node.inputs.bool("private_dns_only_for_inbound_resolver") == Some(true) {
        options.push(argument(
            "private_dns_only_for_inbound_resolver_endpoint",
            true,
        ));
    }
    if !options.is_empty() {
        it.nested("dns_options", options);
    }
    Ok(())
}

pub(super) fn security_group(it: &mut Shaping<'_>) -> Result<(), String> {
    // One that was made beside its predecessor has an ending to its name.
    let attributes = it.live.map(|live| &live.attributes);
    let own = attributes.and_then(|live| live.text("name"));
    let same = attributes.and_then(|live| live.text("group_name"));
    match own.filter(|_| same == it.node.inputs.text("group_name")) {
        Some(name) => it.set("name", name),
        None => it.copy("group_name", "name")?,
    }
    Ok(())
}

pub(super) fn rule(it: &mut Shaping<'_>) -> Result<(), String> {
    let protocol = match it.node.inputs.text("protocol").unwrap_or("tcp") {
        "all" => "-1",
        name => name,
    };
    let protocol = protocol.to_owned();
    it.set("ip_protocol", protocol);
    for port in ["from_port", "to_port"] {
        // An import finds none where AWS has -1 for all of them.
        if it.live.is_none() || it.node.inputs.integer(port) != Some(-1) {
            it.copy(port, port)?;
        }
    }
    if it
        .node
        .inputs
        .text("description")
        .is_some_and(|text| !text.is_empty())
    {
        it.copy("description", "description")?;
    }
    Ok(())
}

pub(super) fn bucket(it: &mut Shaping<'_>) -> Result<(), String> {
    if it.node.inputs.bool("force_destroy") == Some(true) {
        match it.live {
            // It is no setting of the bucket: an import does not find it.
            Some(_) => it.comments.push(
                "Add `force_destroy = true` to let Terraform delete it with all that is in it."
                    .to_owned(),
            ),
            None => it.set("force_destroy", true),
        }
    }
    Ok(())
}

pub(super) fn versioning(it: &mut Shaping<'_>) -> Result<(), String> {
    let status = match it.node.inputs.bool("enabled") {
        Some(true) => "Enabled",
        _ => "Suspended",
    };
    it.nested("versioning_configuration", vec![argument("status", status)]);
    Ok(())
}

pub(super) fn encryption(it: &mut Shaping<'_>) -> Result<(), String> {
    let algorithm = it
        .node
        .inputs
        .text("algorithm")
        .unwrap_or("AES256")
        .to_owned();
    let mut by_default = vec![argument("sse_algorithm", algorithm)];
    if let Some(key) = it.node.inputs.get("kms_key") {
        by_default.push(argument("kms_master_key_id", it.writer.value(key)?));
    }
    let inner = block("apply_server_side_encryption_by_default", by_default);
    it.nested("rule", vec![inner]);
    Ok(())
}

pub(super) fn policy(it: &mut Shaping<'_>) -> Result<(), String> {
    it.document("policy", "policy")
}

pub(super) fn private_zone(it: &mut Shaping<'_>) -> Result<(), String> {
    // An empty one too: Terraform writes one of its own where none is stated.
    it.copy("comment", "comment")?;
    for vpc in it.node.inputs.list("vpcs") {
        let id = it.writer.value(vpc)?;
        it.nested("vpc", vec![argument("vpc_id", id)]);
    }
    Ok(())
}

pub(super) fn alias_record(it: &mut Shaping<'_>) -> Result<(), String> {
    let mut alias = Vec::new();
    for (field, name) in [("target_dns_name", "name"), ("target_zone_id", "zone_id")] {
        if let Some(value) = it.node.inputs.get(field) {
            alias.push(argument(name, it.writer.value(value)?));
        }
    }
    let health = it
        .node
        .inputs
        .bool("evaluate_target_health")
        .unwrap_or(false);
    alias.push(argument("evaluate_target_health", health));
    it.nested("alias", alias);
    Ok(())
}

pub(super) fn role(it: &mut Shaping<'_>) -> Result<(), String> {
    it.document("trust", "assume_role_policy")
}

pub(super) fn instance(it: &mut Shaping<'_>) -> Result<(), String> {
    let live = it.live.and_then(|live| live.attributes.text("image_id"));
    let image = it.node.inputs.text("image").unwrap_or("al2023");
    let image = it.writer.image(image, live)?;
    it.set("ami", image);
    if it.node.inputs.get("user_data").is_some() {
        let name = super::names::identifier(&format!("user_data_{}", it.address.name));
        let about = format!("What runs at the first boot of {}.", it.address);
        it.writer.variable(&name, about, true);
        it.set("user_data", path_of(&format!("var.{name}"))?);
    }
    if it.live.is_some() {
        // An import knows the first by its digest only, and the second not at all.
        let unknown = ["user_data", "user_data_replace_on_change"];
        it.ignored.extend(unknown);
    }
    if let Some(tokens) = it.node.inputs.text("metadata_tokens") {
        it.nested("metadata_options", vec![argument("http_tokens", tokens)]);
    }
    Ok(())
}
