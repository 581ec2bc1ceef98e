//! Emptying a zone that is to go.
//!
//! Records are nodes of their own and go before their zone. What may be left
//! are records of a run that was interrupted and whose state was lost.

use aws_sdk_route53::types::{ChangeAction, ResourceRecordSet};

use crate::aws::route53::{self, is_the_zones_own};
use crate::aws::tagging::of_stack;
use crate::aws::{Call, CallError, vpc_endpoints};

/// Deletes the records that an interrupted run of ours left in the zone: aliases
/// to the stack's own endpoints. Anybody else's record stays, and so does the
/// zone.
pub(super) async fn empty(
    call: &Call<'_>,
    id: &str,
    name: &str,
    refusal: CallError,
) -> Result<(), CallError> {
    let (records, endpoints) = tokio::try_join!(
        route53::records(call.aws, id),
        vpc_endpoints::describe(call.aws, vec![of_stack(call.stack)], None),
    )?;
    let endpoints: Vec<&str> = endpoints
        .iter()
        .filter_map(|endpoint| endpoint.vpc_endpoint_id())
        .collect();
    let (ours, theirs): (Vec<_>, Vec<_>) = records
        .into_iter()
        .filter(|record| !is_the_zones_own(record, name))
        .partition(|record| leads_to(record, &endpoints));
    if !theirs.is_empty() {
        return Err(CallError::Held {
            id: id.to_owned(),
            holders: theirs
                .iter()
                .map(|it| call.foreign_record(id, it))
                .collect(),
            refusal: Box::new(refusal),
        });
    }
    if ours.is_empty() {
        return Ok(());
    }
    route53::change_records(call, id, ChangeAction::Delete, &ours)
        .await
        .map(|_| ())
}

fn leads_to(record: &ResourceRecordSet, endpoints: &[&str]) -> bool {
    record.alias_target().is_some_and(|target| {
        endpoints
            .iter()
            .any(|id| target.dns_name().contains(&format!("{id}-")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_route53::types::{AliasTarget, ResourceRecord, RrType};

    fn record(name: &str, kind: RrType, alias: Option<&str>) -> ResourceRecordSet {
        let target = alias.map(|name| {
            AliasTarget::builder()
                .dns_name(name)
                .hosted_zone_id("Z1")
                .evaluate_target_health(false)
                .build()
                .unwrap()
        });
        ResourceRecordSet::builder()
            .name(name)
            .r#type(kind)
            .set_alias_target(target)
            .set_resource_records(alias.is_none().then(|| {
                let value = ResourceRecord::builder().value("192.0.2.1");
                vec![value.build().unwrap()]
            }))
            .build()
            .unwrap()
    }

    #[test]
    fn only_aliases_to_our_endpoints_are_ours() {
        let ours = ["vpce-0a1b"];
        let target = "\\052.vpce-0a1b-c2d3.s3.ap-northeast-1.vpce.amazonaws.com.";
        let stranger = "vpce-0a1b9-c2d3.s3.ap-northeast-1.vpce.amazonaws.com.";
        assert!(leads_to(&record("a.b.", RrType::A, Some(target)), &ours));
        assert!(!leads_to(&record("a.b.", RrType::A, Some(stranger)), &ours));
        assert!(!leads_to(&record("a.b.", RrType::A, None), &ours));
    }

    #[test]
    fn a_zone_has_two_records_of_its_own() {
        let zone = "data.example";
        assert!(is_the_zones_own(
            &record("Data.Example.", RrType::Soa, None),
            zone
        ));
        assert!(!is_the_zones_own(
            &record("sub.data.example.", RrType::Ns, None),
            zone
        ));
        assert!(!is_the_zones_own(
            &record("data.example.", RrType::A, None),
            zone
        ));
    }
}
