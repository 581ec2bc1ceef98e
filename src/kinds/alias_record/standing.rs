//! Alias records as a plan file would have them, whoever made them.
//!
//! A table can say a record that leads to the regional name of an interface
//! endpoint of the VPC. Others are told of and stay as they are.

use super::matching::in_words;
use super::{FIELDS, live};
use crate::aws::CallError;
use crate::aws::private_zones;
use crate::aws::route53::{is_the_zones_own, plain_name, records};
use crate::aws::tagging::filter;
use crate::aws::vpc_endpoints::{self, regional_entry};
use crate::kind::{Area, Live, Scope, Standing, Standings};
use crate::model::Attributes;

use super::key::Key;

pub(super) async fn standing(scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
    let Some(vpc) = area.vpc() else {
        return Ok(Standings::default());
    };
    let here = vec![filter("vpc-id", [vpc])];
    let ((zones, _), endpoints) = tokio::try_join!(
        private_zones::of_vpc(scope.aws, scope.place, vpc),
        vpc_endpoints::describe(scope.aws, here, None),
    )?;
    let endpoint = |live: &Live| {
        let same = |field: &str, text: Option<&str>| live.attributes.text(field) == text;
        let found = endpoints.iter().find(|endpoint| {
            regional_entry(endpoint).is_some_and(|entry| {
                let name = entry.dns_name().map(plain_name);
                same("target_dns_name", name.as_deref())
                    && same("target_zone_id", entry.hosted_zone_id())
            })
        });
        found.and_then(|endpoint| endpoint.vpc_endpoint_id().map(str::to_owned))
    };
    let mut standings = Standings::default();
    for zone in &zones {
        let records = records(scope.aws, &zone.id).await?;
        for record in records
            .iter()
            .filter(|it| !is_the_zones_own(it, &zone.name))
        {
            let found = live(&zone.id, record);
            let target = found.as_ref().and_then(&endpoint);
            let (Some(found), Some(target)) = (found, target) else {
                let key = Key::new(&zone.id, record.name(), record.r#type().clone());
                standings
                    .left_out
                    .push(format!("record {}", in_words(&key, record)));
                continue;
            };
            standings.objects.push(table(found, &target, &zone.name));
        }
    }
    Ok(standings)
}

/// A record as its table: the shortest form of its name, and its target by name.
fn table(found: Live, endpoint: &str, zone: &str) -> Standing {
    let mut standing = Standing::new(found, FIELDS);
    let fields: &mut Attributes = &mut standing.fields;
    fields.0.remove("target_dns_name");
    fields.0.remove("target_zone_id");
    fields.set("target", endpoint);
    let name = fields.text("name").unwrap_or_default().to_owned();
    let zone = zone.to_ascii_lowercase();
    let label = name
        .strip_suffix(&zone)
        .map(|rest| rest.trim_end_matches('.'));
    match label {
        Some("") => drop(fields.0.remove("name")),
        Some(label) if !label.contains('.') => fields.set("name", label),
        _ => {}
    }
    let label = label.filter(|label| !label.is_empty()).unwrap_or("apex");
    standing.called = Some(label.replace('*', "any"));
    standing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> (Option<String>, Option<String>) {
        let attributes = Attributes::new()
            .with("zone", "Z1")
            .with("name", name)
            .with("target_dns_name", "*.vpce-1")
            .with("target_zone_id", "Z2");
        let live = Live {
            attributes,
            ..Live::default()
        };
        let table = table(live, "vpce-1", "Data.internal");
        assert_eq!(table.fields.text("target"), Some("vpce-1"));
        assert_eq!(table.fields.get("target_zone_id"), None);
        (table.fields.text("name").map(str::to_owned), table.called)
    }

    #[test]
    fn names_are_as_short_as_a_person_writes_them() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(of("data.internal"), (None, some("apex")));
        assert_eq!(of("*.data.internal"), (some("*"), some("any")));
        let deep = "a.b.data.internal";
        assert_eq!(of(deep), (some(deep), some("a.b")));
    }
}
