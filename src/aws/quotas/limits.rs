//! How many there may be.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::SummaryKeyType;
use aws_sdk_route53::types::AccountLimitType;
use aws_sdk_servicequotas::types::ServiceQuota;

use super::{Limit, Quota, Reading};
use crate::aws::error::on;
use crate::aws::{Aws, CallError};

/// Asks each service that is concerned, side by side.
pub(super) async fn read(aws: &Aws, wanted: &BTreeMap<Quota, BTreeSet<String>>) -> Reading {
    let of = |service: &str| {
        let codes = wanted
            .keys()
            .filter_map(|quota| Some((*quota, quota.code()?)));
        let here = codes.filter(|(_, (at, _))| *at == service);
        here.map(|(quota, (_, code))| (quota, code))
            .collect::<Vec<_>>()
    };
    let (of_vpc, of_ec2) = (of("vpc"), of("ec2"));
    let has = |quotas: &[Quota]| quotas.iter().any(|quota| wanted.contains_key(quota));
    let nothing = || Ok(Reading::default());
    let (vpc, ec2, zones, identities) = tokio::join!(
        async {
            match of_vpc.is_empty() {
                true => nothing(),
                false => listed(aws, &of_vpc).await,
            }
        },
        async {
            match of_ec2.first() {
                None => nothing(),
                Some(one) => single(aws, *one).await,
            }
        },
        async {
            match has(&[Quota::HostedZones]) {
                false => nothing(),
                true => hosted_zones(aws).await,
            }
        },
        async {
            match has(&[Quota::Roles, Quota::InstanceProfiles]) {
                false => nothing(),
                true => identities(aws).await,
            }
        },
    );
    Reading::default()
        .and(vpc)
        .and(ec2)
        .and(zones)
        .and(identities)
}

/// Every quota of the service `vpc` comes in one page.
async fn listed(aws: &Aws, quotas: &[(Quota, &str)]) -> Result<Reading, CallError> {
    let all: Vec<ServiceQuota> = aws
        .service_quotas
        .list_service_quotas()
        .service_code("vpc")
        .max_results(100)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .map_err(on("ListServiceQuotas"))?;
    let mut reading = Reading::default();
    for (quota, code) in quotas {
        let found = all.iter().find(|it| it.quota_code() == Some(*code));
        if let Some(most) = found.and_then(ServiceQuota::value).and_then(whole) {
            let limit = Limit {
                most,
                applied: true,
            };
            reading.limits.insert(*quota, limit);
        }
    }
    Ok(reading)
}

/// The service `ec2` has some hundreds of quotas; one of them is asked for.
async fn single(aws: &Aws, (quota, code): (Quota, &str)) -> Result<Reading, CallError> {
    let request = aws.service_quotas.get_service_quota();
    let request = request.service_code("ec2").quota_code(code);
    let answer = request.send().await.map_err(on("GetServiceQuota"))?;
    let mut reading = Reading::default();
    if let Some(most) = answer.quota().and_then(ServiceQuota::value).and_then(whole) {
        let limit = Limit {
            most,
            applied: true,
        };
        reading.limits.insert(quota, limit);
    }
    Ok(reading)
}

/// Route 53 tells limit and count together.
async fn hosted_zones(aws: &Aws) -> Result<Reading, CallError> {
    let request = aws.route53.get_account_limit();
    let request = request.r#type(AccountLimitType::MaxHostedZonesByOwner);
    let answer = request.send().await.map_err(on("GetAccountLimit"))?;
    let mut reading = Reading::default();
    if let Some(most) = answer
        .limit()
        .and_then(|limit| usize::try_from(limit.value()).ok())
    {
        let limit = Limit {
            most,
            applied: true,
        };
        reading.limits.insert(Quota::HostedZones, limit);
    }
    let used = usize::try_from(answer.count()).unwrap_or_default();
    reading
        .used
        .insert((Quota::HostedZones, String::new()), used);
    Ok(reading)
}

/// IAM tells limits and counts of everything together.
async fn identities(aws: &Aws) -> Result<Reading, CallError> {
    let request = aws.iam.get_account_summary();
    let answer = request.send().await.map_err(on("GetAccountSummary"))?;
    let map = answer.summary_map();
    let number = |key: SummaryKeyType| {
        let number = map.and_then(|map| map.get(&key)).copied();
        number.and_then(|number| usize::try_from(number).ok())
    };
    let mut reading = Reading::default();
    let pairs = [
        (
            Quota::Roles,
            SummaryKeyType::from("Roles"),
            SummaryKeyType::from("RolesQuota"),
        ),
        (
            Quota::InstanceProfiles,
            SummaryKeyType::from("InstanceProfiles"),
            SummaryKeyType::from("InstanceProfilesQuota"),
        ),
    ];
    for (quota, count, most) in pairs {
        if let (Some(used), Some(most)) = (number(count), number(most)) {
            let limit = Limit {
                most,
                applied: true,
            };
            reading.limits.insert(quota, limit);
            reading.used.insert((quota, String::new()), used);
        }
    }
    Ok(reading)
}

/// A quota's value, which comes as a floating-point number.
fn whole(value: f64) -> Option<usize> {
    let text = format!("{value:.0}");
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_whole_numbers() {
        assert_eq!(whole(5.0), Some(5));
        assert_eq!(whole(-1.0), None);
        assert_eq!(whole(f64::NAN), None);
    }
}
