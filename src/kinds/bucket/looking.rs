//! Looking a bucket up by its name or by its tags, and telling of one as it stands.

use crate::aws::bucket_settings::beyond_a_file;
use crate::aws::buckets::{bucket_tags, is_elsewhere};
use crate::aws::{CallError, on};
use crate::kind::{Area, Live, Query, Scope, Standing, Standings};
use crate::model::Tags;

/// How many buckets are looked into side by side.
const SIDE_BY_SIDE: usize = 16;

/// Every bucket that fits. By tags, each bucket of the region is asked for its
/// tags, since S3 has no read that filters by them.
pub(super) async fn look_up(scope: &Scope<'_>, query: &Query) -> Result<Vec<Live>, CallError> {
    let named = query.id.as_ref().or(query.name.as_ref());
    let names = match named {
        Some(name) => vec![name.clone()],
        None => names_in_region(scope).await?,
    };
    let mut found = Vec::new();
    for chunk in names.chunks(SIDE_BY_SIDE) {
        let looks = chunk.iter().map(|name| async move {
            let tags = match named {
                Some(_) if query.tags.is_empty() => there(scope, name).await?,
                Some(_) => bucket_tags(scope.aws, scope.place, name).await?,
                None => match bucket_tags(scope.aws, scope.place, name).await {
                    // One that we may not read cannot be the one that is meant.
                    Err(error) if is_elsewhere(&error) => None,
                    other => other?,
                },
            };
            Ok::<_, CallError>(tags.map(|tags| (name, tags)))
        });
        let seen = futures_util::future::try_join_all(looks).await?;
        found.extend(seen.into_iter().flatten());
    }
    Ok(found
        .into_iter()
        .filter(|(_, tags)| query.tags.iter().all(|(k, v)| tags.get(k) == Some(v)))
        .map(|(name, tags)| Live {
            id: name.clone(),
            attributes: super::attributes(name, &tags, scope.place),
            tags,
            ..Live::default()
        })
        .collect())
}

/// The buckets of these names that are the account's own and in the region.
pub(super) async fn standing(scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
    let mut standings = Standings::default();
    for name in area.named() {
        let tags = match bucket_tags(scope.aws, scope.place, name).await {
            Ok(Some(tags)) => tags,
            Ok(None) => {
                let told = format!("bucket {name}: there is none of this name");
                standings.left_out.push(told);
                continue;
            }
            Err(error) if is_elsewhere(&error) => {
                standings.left_out.push(format!(
                    "bucket {name}: another account's or region's, or not to be read"
                ));
                continue;
            }
            Err(error) => return Err(error),
        };
        let live = Live {
            id: name.to_owned(),
            attributes: super::attributes(name, &tags, scope.place),
            tags: tags
                .into_iter()
                .filter(|(key, _)| !key.starts_with("aws:"))
                .collect(),
            ..Live::default()
        };
        let mut standing = Standing::new(live, super::FIELDS);
        standing.called = Some(name.to_owned());
        let beyond = beyond_a_file(scope.aws, scope.place, name).await;
        standing.left_out.extend(beyond);
        standings.objects.push(standing);
    }
    Ok(standings)
}

async fn names_in_region(scope: &Scope<'_>) -> Result<Vec<String>, CallError> {
    let buckets: Vec<_> = scope
        .aws
        .s3
        .list_buckets()
        .bucket_region(&scope.place.region)
        .max_buckets(1000)
        .into_paginator()
        .send()
        .collect::<Result<_, _>>()
        .await
        .map_err(on("ListBuckets"))?;
    Ok(buckets
        .iter()
        .flat_map(|page| page.buckets())
        .filter_map(|bucket| bucket.name().map(str::to_owned))
        .collect())
}

/// Whether there is a bucket of this name that we may use, be it another
/// account's. HeadBucket tells with no more than the right to list it.
async fn there(scope: &Scope<'_>, name: &str) -> Result<Option<Tags>, CallError> {
    let sent = scope.aws.s3.head_bucket().bucket(name).send().await;
    match sent.map_err(on("HeadBucket")) {
        Ok(_) => Ok(Some(Tags::new())),
        Err(error) if error.is_not_found() => Ok(None),
        // HeadBucket's refusals have no body that could say more.
        Err(error) if error.is(&["Unknown", "Forbidden", "403", "301"]) => {
            Err(CallError::Refused {
                operation: "HeadBucket",
                code: "AccessDenied".to_owned(),
                message: format!(
                    "{name} is in another region, or these credentials may not list it"
                ),
                request_id: None,
            })
        }
        Err(error) => Err(error),
    }
}
