//! Records in a zone and objects in a bucket that are not ours: what keeps AWS
//! from deleting the zone or the bucket.

use aws_sdk_route53::types::ResourceRecordSet;
use serde_json::{Map, Value, json};

use super::commands::command;
use crate::aws::route53::plain_name;
use crate::aws::{Call, CallError, on};
use crate::model::Holder;
use crate::model::holder::{Fate, Owner, clipped};

/// How many keys of a bucket are named.
const KEYS: usize = 3;

impl Call<'_> {
    /// A record that somebody else put into a zone.
    #[must_use]
    pub fn foreign_record(&self, zone: &str, record: &ResourceRecordSet) -> Holder {
        let change = change_that_deletes(record).map(|change| {
            let zone_id: &[&str] = &[zone];
            let batch = change.to_string();
            let options = [
                ("--hosted-zone-id", zone_id),
                ("--change-batch", &[batch.as_str()]),
            ];
            command(
                "route53",
                "change-resource-record-sets",
                &options,
                self.aws.reach(),
            )
        });
        Holder {
            what: "record".to_owned(),
            id: clipped(&format!(
                "{} {}",
                plain_name(record.name()),
                record.r#type()
            )),
            note: None,
            owner: Owner::Unknown { account: None },
            fate: Fate::Ask {
                advice: "not s3net's to delete; if it may go:".to_owned(),
                command: change,
            },
        }
    }

    /// What is in a bucket, from one page of its versions; nothing where AWS
    /// does not show it.
    ///
    /// # Errors
    /// AWS's refusal.
    pub async fn bucket_contents(&self, bucket: &str) -> Result<Option<Holder>, CallError> {
        let request = self.aws.s3.list_object_versions().bucket(bucket);
        let request = request.expected_bucket_owner(&self.place.account);
        let page = request.send().await.map_err(on("ListObjectVersions"))?;
        let versions = page.versions().iter().filter_map(|it| it.key());
        let markers = page.delete_markers().iter().filter_map(|it| it.key());
        let keys: Vec<&str> = versions.chain(markers).collect();
        let more = page.is_truncated().unwrap_or(false);
        Ok(contents(bucket, &keys, more, self.aws.reach()))
    }
}

fn contents(bucket: &str, keys: &[&str], more: bool, reach: &str) -> Option<Holder> {
    let count = keys.len();
    let what = match (count, more) {
        (0, _) => return None,
        (_, true) => format!("more than {count} object versions, such as"),
        (1, false) => "1 object version:".to_owned(),
        (_, false) => format!("{count} object versions, such as"),
    };
    let mut names: Vec<&str> = keys.to_vec();
    names.sort_unstable();
    names.dedup();
    let named: Vec<String> = names.iter().take(KEYS).map(|key| clipped(key)).collect();
    let address = format!("s3://{bucket}");
    let remove = command("s3", "rm", &[("--recursive", &[address.as_str()])], reach);
    Some(Holder {
        what,
        id: named.join(", "),
        note: None,
        owner: Owner::Unknown { account: None },
        fate: Fate::Ask {
            advice: "s3net deletes no files unasked; set `force_destroy = true` on the bucket \
                     and apply, which takes every version along, or delete the newest by:"
                .to_owned(),
            command: Some(remove),
        },
    })
}

/// The change that deletes a record: AWS wants all of it repeated. None for
/// records with a routing policy, which have more to repeat.
fn change_that_deletes(record: &ResourceRecordSet) -> Option<Value> {
    if record.set_identifier().is_some() {
        return None;
    }
    let mut fields = Map::new();
    fields.insert("Name".to_owned(), record.name().into());
    fields.insert("Type".to_owned(), record.r#type().as_str().into());
    if let Some(ttl) = record.ttl() {
        fields.insert("TTL".to_owned(), ttl.into());
    }
    if let Some(alias) = record.alias_target() {
        let target = json!({
            "HostedZoneId": alias.hosted_zone_id(),
            "DNSName": alias.dns_name(),
            "EvaluateTargetHealth": alias.evaluate_target_health(),
        });
        fields.insert("AliasTarget".to_owned(), target);
    } else {
        let values = record.resource_records().iter();
        let values: Vec<Value> = values.map(|it| json!({ "Value": it.value() })).collect();
        fields.insert("ResourceRecords".to_owned(), values.into());
    }
    Some(json!({ "Changes": [{ "Action": "DELETE", "ResourceRecordSet": fields }] }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_route53::types::{ResourceRecord, RrType};

    #[test]
    fn what_is_in_a_bucket_is_counted_and_the_first_keys_named() {
        assert_eq!(contents("b", &[], false, ""), None);
        let told = |keys: &[&str], more| {
            let holder = contents("b", keys, more, "--region eu-west-1").unwrap();
            format!("{}\n{}", holder.named(), holder.remedy().unwrap())
        };
        insta::assert_snapshot!(told(&["b", "a", "a", "d", "c"], false), @r"
        5 object versions, such as a, b, c, not made by s3net
        5 object versions, such as a, b, c: s3net deletes no files unasked; set `force_destroy = true` on the bucket and apply, which takes every version along, or delete the newest by:
        aws s3 rm --region eu-west-1 --recursive s3://b
        ");
        assert!(told(&["a"], false).starts_with("1 object version: a, not made"));
        assert!(told(&["a"], true).starts_with("more than 1 object versions, such as a"));
    }

    #[test]
    fn the_change_repeats_the_whole_record() {
        let record = ResourceRecordSet::builder()
            .name("a.b.")
            .r#type(RrType::A)
            .ttl(60)
            .resource_records(
                ResourceRecord::builder()
                    .value("192.0.2.1")
                    .build()
                    .unwrap(),
            );
        let change = change_that_deletes(&record.clone().build().unwrap()).unwrap();
        assert_eq!(
            change["Changes"][0]["ResourceRecordSet"],
            json!({"Name": "a.b.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]})
        );
        let weighted = record.set_identifier("x").build().unwrap();
        assert_eq!(change_that_deletes(&weighted), None);
    }
}
