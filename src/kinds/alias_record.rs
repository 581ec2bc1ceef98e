//! An alias record: a name of a private zone that leads to an endpoint.
//!
//! An alias may stand at the zone's apex, where a CNAME may not, follows the
//! endpoint's addresses, and costs nothing to ask. It needs the endpoint's
//! regional name and that very entry's own hosted-zone id (Route 53 API
//! reference, AliasTarget).
//!
//! Records have no tags and no ids. A record is known by zone, name and type,
//! and its id here is these three, `Z0123/data.example/A`. A new one is made by
//! CREATE, which never overwrites another's; `settle` writes the same again,
//! which changes nothing but tells when every name server knows it.

use async_trait::async_trait;
use aws_sdk_route53::types::{AliasTarget, ChangeAction, ResourceRecordSet, RrType};

use crate::aws::rehearsal::Rehearsals;
use crate::aws::route53::{self, plain_name, until_in_sync};
use crate::aws::{Call, CallError};
use crate::kind::{
    About, Area, Change, Declared, Default, Field, Intent, Kind, Live, Node, Query, Scope, Stack,
    Standings, Told, Took, Type, Usual,
};
use crate::model::network::Network;
use crate::model::{Attributes, Diagnostic, Piece, Reference, Value};

mod checks;
mod key;
mod matching;
mod standing;
mod telling;

use key::Key;

/// `[alias_record.<name>]`
pub struct AliasRecord;

const FIELDS: &[Field] = &[
    Field::new("zone", Type::reference(&["private_zone"], &["Z"]), "The zone it stands in.")
        .required()
        .replaces("Route 53 cannot move a record to another zone"),
    Field::new(
        "name",
        Type::DnsName,
        "Its name: one label before the zone's name (`*` too), or the whole; the zone's own where absent.",
    )
    .replaces("Route 53 cannot rename a record"),
    Field::new("type", Type::OneOf(&["A", "AAAA"]), "Whether it leads to IPv4 or IPv6 addresses.")
        .default(Default::Text("A"))
        .replaces("Route 53 cannot change the type of a record"),
    Field::new(
        "target",
        Type::reference(&["interface_endpoint"], &[]),
        "The endpoint that it leads to.",
    )
    .required()
    .expanded(),
    Field::new(
        "target_dns_name",
        Type::Reference {
            kinds: &["interface_endpoint"],
            attribute: "dns_name",
            literal: &[],
        },
        "The target's own name; set by `target`.",
    )
    .hidden(),
    Field::new(
        "target_zone_id",
        Type::Text,
        "The hosted zone of the target's own name; set by `target`.",
    )
    .hidden(),
    Field::new(
        "evaluate_target_health",
        Type::Bool,
        "Whether the record is left out of answers while its target is unhealthy.",
    )
    .default(Default::Bool(false)),
];

#[async_trait]
impl Kind for AliasRecord {
    fn about(&self) -> About {
        About {
            name: "alias_record",
            summary: "A name of a private zone that leads to an interface endpoint.",
            example: "[vpc.main]\ncidr = \"10.0.0.0/16\"\n\n\
                      [subnet.private-1]\nvpc = \"main\"\ncidr = \"10.0.1.0/24\"\nzone = \"a\"\n\n\
                      [interface_endpoint.s3]\nvpc = \"main\"\nservice = \"s3\"\n\
                      subnets = [\"private-1\"]\n\n\
                      [private_zone.data]\nname = \"data.s3.ap-northeast-1.amazonaws.com\"\n\
                      vpcs = [\"main\"]\n\n\
                      [alias_record.data]\nzone = \"data\"\ntarget = \"interface_endpoint.s3\"\n",
            part_of: None,
            tagged: false,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn expand(&self, table: &mut Declared) {
        if let Some(target) = table.inputs.target("target").cloned() {
            for (field, attribute) in [
                ("target_dns_name", "dns_name"),
                ("target_zone_id", "hosted_zone_id"),
            ] {
                let value = Reference {
                    target: target.clone(),
                    attribute: attribute.to_owned(),
                };
                table.inputs.set(field, value);
            }
        }
        expand_name(table);
    }

    fn check(&self, node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
        checks::check(node, stack, problems);
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        telling::tell(told, network);
    }

    fn of_no_region(&self) -> bool {
        true
    }

    fn natural_key(&self) -> &'static [&'static str] {
        &["zone", "name", "type"]
    }

    // A change is known to all name servers within 60 seconds as a rule (Amazon
    // Route 53 API reference, GetChange).
    fn usual(&self) -> Usual {
        Usual {
            create: Took::seconds(20, 60),
            update: Took::seconds(20, 60),
            delete: Took::seconds(20, 60),
        }
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        let zone = step.text("zone");
        let zone = zone.map_or_else(|| route53::zone_arn("*"), route53::zone_arn);
        calls.needs(step.address, "route53:ChangeResourceRecordSets", &zone);
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        matching::find(scope).await
    }

    async fn look_up(&self, scope: &Scope<'_>, query: &Query) -> Result<Vec<Live>, CallError> {
        let key = query.id.as_deref().and_then(Key::parse).ok_or_else(|| {
            CallError::internal("a record is looked up by its id, `ZONE_ID/NAME/TYPE`")
        })?;
        let found = route53::record(scope.aws, &key.zone, &key.name, &key.kind).await?;
        Ok(found.iter().filter_map(|it| live(&key.zone, it)).collect())
    }

    async fn standing(&self, scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
        standing::standing(scope, area).await
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let key = Key::of(inputs)?;
        let wanted = record_of(&key, inputs)?;
        let made = route53::change_records(
            call,
            &key.zone,
            ChangeAction::Create,
            std::slice::from_ref(&wanted),
        );
        match made.await {
            Ok(_) => Ok(key.text()),
            Err(error)
                if error.is(&["InvalidChangeBatch"])
                    && error.message().contains("already exists") =>
            {
                // An earlier try of ours may have got through.
                let found = route53::record(call.aws, &key.zone, &key.name, &key.kind).await?;
                match found {
                    Some(found) if is_same(&found, &wanted) => Ok(key.text()),
                    _ => Err(taken(&key, error)),
                }
            }
            Err(error) => Err(error),
        }
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        _id: &str,
        inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        let key = Key::of(inputs)?;
        let wanted = record_of(&key, inputs)?;
        let change =
            route53::change_records(call, &key.zone, ChangeAction::Upsert, &[wanted]).await?;
        until_in_sync(call, &change).await?;
        Ok(Attributes::new())
    }

    async fn update(
        &self,
        _call: &Call<'_>,
        id: &str,
        _change: &Change,
    ) -> Result<String, CallError> {
        // `settle` writes the whole record.
        Ok(id.to_owned())
    }

    async fn delete(&self, call: &Call<'_>, id: &str, _live: &Attributes) -> Result<(), CallError> {
        let key = Key::parse(id)
            .ok_or_else(|| CallError::internal(format!("`{id}` is not a record's id")))?;
        // Route 53 deletes only what is named with its exact values.
        let found = match route53::record(call.aws, &key.zone, &key.name, &key.kind).await {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(()),
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error),
        };
        let deleted =
            route53::change_records(call, &key.zone, ChangeAction::Delete, &[found]).await;
        match deleted {
            Ok(change) => until_in_sync(call, &change).await,
            Err(error) if error.is_not_found() => Ok(()),
            Err(error)
                if error.is(&["InvalidChangeBatch"]) && error.message().contains("not found") =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

/// Makes the name whole. A name without a dot is one label before the zone's
/// name; the zone's own name is only known by reference here.
fn expand_name(table: &mut Declared) {
    let label = match table.inputs.get("name") {
        None => "",
        Some(Value::String(name)) if !name.contains('.') => name,
        Some(_) => return,
    };
    let Some(zone) = table.inputs.target("zone").cloned() else {
        if table.inputs.get("zone").is_some() {
            let problem = "the whole name is needed where the zone is an id";
            table.problems.push(
                Diagnostic::error(table.span_of("name"), problem)
                    .because("the name of a zone that is not in this file is not known here")
                    .remedy(
                        "write the whole name, or look the zone up under [existing.private_zone.…]",
                    ),
            );
        }
        return;
    };
    let of_zone = Reference {
        target: zone,
        attribute: "name".to_owned(),
    };
    let name = if label.is_empty() {
        Value::Reference(of_zone)
    } else {
        let label = Piece::Text(format!("{label}."));
        Value::Template(vec![label, Piece::Reference(of_zone)])
    };
    table.inputs.set("name", name);
}

fn record_of(key: &Key, inputs: &Attributes) -> Result<ResourceRecordSet, CallError> {
    let needed = |field: &str| {
        let missing = || CallError::internal(format!("the target of {} has no {field}", key.name));
        inputs.text(field).ok_or_else(missing)
    };
    let health = inputs.bool("evaluate_target_health").unwrap_or(false);
    let target = AliasTarget::builder()
        .dns_name(needed("target_dns_name")?)
        .hosted_zone_id(needed("target_zone_id")?)
        .evaluate_target_health(health)
        .build()
        .map_err(|error| CallError::internal(error.to_string()))?;
    ResourceRecordSet::builder()
        .name(&key.name)
        .r#type(key.kind.clone())
        .alias_target(target)
        .build()
        .map_err(|error| CallError::internal(error.to_string()))
}

fn is_same(one: &ResourceRecordSet, other: &ResourceRecordSet) -> bool {
    match (one.alias_target(), other.alias_target()) {
        (Some(one), Some(other)) => {
            plain_name(one.dns_name()) == plain_name(other.dns_name())
                && one.hosted_zone_id() == other.hosted_zone_id()
        }
        _ => false,
    }
}

fn taken(key: &Key, mut error: CallError) -> CallError {
    if let CallError::Refused { message, .. } = &mut error {
        *message = format!(
            "{message} (s3net did not make the {} record {} and leaves it alone: remove it, or choose another name)",
            key.kind.as_str(),
            key.name,
        );
    }
    error
}

/// An alias record as this kind shows it; other records are none of its own.
fn live(zone: &str, record: &ResourceRecordSet) -> Option<Live> {
    let target = record.alias_target()?;
    let weighted = record.set_identifier().is_some();
    if weighted || !matches!(record.r#type(), RrType::A | RrType::Aaaa) {
        return None;
    }
    let key = Key::new(zone, record.name(), record.r#type().clone());
    let attributes = Attributes::new()
        .with("zone", key.zone.as_str())
        .with("name", key.name.as_str())
        .with("type", key.kind.as_str())
        .with("target_dns_name", plain_name(target.dns_name()))
        .with("target_zone_id", target.hosted_zone_id())
        .with("evaluate_target_health", target.evaluate_target_health());
    Some(Live {
        id: key.text(),
        attributes,
        ..Live::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs() -> Attributes {
        Attributes::new()
            .with("zone", "Z1")
            .with("name", "*.Data.example.")
            .with(
                "target_dns_name",
                "*.vpce-0a1b-c2d3.s3.x.vpce.amazonaws.com",
            )
            .with("target_zone_id", "Z2")
    }

    #[test]
    fn what_route_53_says_reads_like_what_was_sent() {
        let key = Key::of(&inputs()).unwrap();
        let sent = record_of(&key, &inputs()).unwrap();
        let target = AliasTarget::builder()
            .dns_name("\\052.vpce-0a1b-c2d3.s3.x.vpce.amazonaws.com.")
            .hosted_zone_id("Z2")
            .evaluate_target_health(false)
            .build()
            .unwrap();
        let kept = ResourceRecordSet::builder()
            .name("\\052.data.example.")
            .r#type(RrType::A)
            .alias_target(target)
            .build()
            .unwrap();
        assert!(is_same(&sent, &kept));
        let found = live("/hostedzone/Z1", &kept).unwrap();
        assert_eq!(found.id, key.text());
        assert_eq!(found.attributes.text("name"), Some("*.data.example"));
        assert_eq!(
            found.attributes.text("target_dns_name"),
            inputs().text("target_dns_name")
        );
    }

    #[test]
    fn a_target_without_a_name_is_an_error() {
        let key = Key::of(&inputs()).unwrap();
        assert!(record_of(&key, &Attributes::new()).is_err());
    }
}
