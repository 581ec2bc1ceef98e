//! Buckets, of any region and account.
//!
//! Every call names our account as the expected owner, so that one that S3
//! carries out says whose the bucket is. S3 tells a bucket's region in a header
//! of every answer, of refusals too (Amazon S3 API reference, HeadBucket):
//!
//! ```text
//! HeadBucket ───────────┐ region    another one ─► the other two again, there
//! GetBucketPolicy ──────┤
//! GetPublicAccessBlock ─┘ carried out: ours; refused: perhaps somebody else's
//! ```

use std::collections::BTreeSet;

use aws_sdk_s3::config::{Builder, Region};
use futures_util::future::try_join_all;

use super::super::buckets::is_elsewhere;
use super::super::error::on;
use super::super::{Aws, CallError};
use super::gaps::not_allowed;
use crate::model::network::{Bucket, BucketPolicy, Known, PublicAccessBlock};
use crate::model::{Place, Value, policy};

/// Reads buckets by name. Of one that is not there nothing is known.
///
/// # Errors
/// AWS's refusal of anything but a permission.
pub(super) async fn read(
    aws: &Aws,
    place: &Place,
    names: &BTreeSet<String>,
) -> Result<Vec<Bucket>, CallError> {
    try_join_all(names.iter().map(|name| one(aws, place, name))).await
}

/// What HeadBucket says.
#[derive(Debug, PartialEq, Eq)]
enum Head {
    /// No bucket has this name.
    Nobodys,
    /// Somebody's: its region, if S3 said it, and whether it is certainly ours.
    Somebodys { region: Option<String>, ours: bool },
}

/// What a read of a setting gave.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Setting<T> {
    /// It is there.
    Is(T),
    /// The bucket is there and ours, and has none.
    None,
    /// There is no such bucket.
    NoBucket,
    /// S3 refuses: the bucket is elsewhere, or the credentials may not.
    Kept,
}

async fn one(aws: &Aws, place: &Place, name: &str) -> Result<Bucket, CallError> {
    let (head, mut document, mut block) = tokio::try_join!(
        head(aws, place, name),
        policy_of(aws, place, name, None),
        block_of(aws, place, name, None),
    )?;
    if let Head::Somebodys {
        region: Some(region),
        ..
    } = &head
        && *region != place.region
        && (document == Setting::Kept || block == Setting::Kept)
    {
        (document, block) = tokio::try_join!(
            policy_of(aws, place, name, Some(region)),
            block_of(aws, place, name, Some(region)),
        )?;
    }
    Ok(told(place, name, head, document, block))
}

async fn head(aws: &Aws, place: &Place, name: &str) -> Result<Head, CallError> {
    let request = aws.s3.head_bucket().bucket(name);
    let sent = request.expected_bucket_owner(&place.account).send().await;
    let error = match sent {
        Ok(answer) => {
            let region = answer.bucket_region().map(str::to_owned);
            return Ok(Head::Somebodys { region, ours: true });
        }
        Err(error) => error,
    };
    // Its refusals have no body, and so no code.
    let raw = error.raw_response();
    let status = raw.map_or(0, |raw| raw.status().as_u16());
    let region = raw
        .and_then(|raw| raw.headers().get("x-amz-bucket-region"))
        .map(str::to_owned);
    match status {
        404 => Ok(Head::Nobodys),
        301 | 307 | 403 => Ok(Head::Somebodys {
            region,
            ours: false,
        }),
        400 if region.is_some() => Ok(Head::Somebodys {
            region,
            ours: false,
        }),
        _ => Err(on("HeadBucket")(error)),
    }
}

/// The setting of a client that calls another region.
fn there(region: Option<&String>) -> Builder {
    let mut config = Builder::new();
    config.set_region(region.map(|region| Region::new(region.clone())));
    config
}

async fn policy_of(
    aws: &Aws,
    place: &Place,
    name: &str,
    region: Option<&String>,
) -> Result<Setting<String>, CallError> {
    let request = aws.s3.get_bucket_policy().bucket(name);
    let request = request.expected_bucket_owner(&place.account);
    let sent = match region {
        None => request.send().await,
        some => {
            request
                .customize()
                .config_override(there(some))
                .send()
                .await
        }
    };
    match sent.map_err(on("GetBucketPolicy")) {
        Ok(answer) => Ok(answer.policy.map_or(Setting::None, Setting::Is)),
        Err(error) => kept(error),
    }
}

async fn block_of(
    aws: &Aws,
    place: &Place,
    name: &str,
    region: Option<&String>,
) -> Result<Setting<PublicAccessBlock>, CallError> {
    let request = aws.s3.get_public_access_block().bucket(name);
    let request = request.expected_bucket_owner(&place.account);
    let sent = match region {
        None => request.send().await,
        some => {
            request
                .customize()
                .config_override(there(some))
                .send()
                .await
        }
    };
    let answer = match sent.map_err(on("GetPublicAccessBlock")) {
        Ok(answer) => answer,
        Err(error) => return kept(error),
    };
    let block = answer.public_access_block_configuration();
    Ok(block.map_or(Setting::None, |block| {
        Setting::Is(PublicAccessBlock {
            block_public_acls: block.block_public_acls().unwrap_or_default(),
            ignore_public_acls: block.ignore_public_acls().unwrap_or_default(),
            block_public_policy: block.block_public_policy().unwrap_or_default(),
            restrict_public_buckets: block.restrict_public_buckets().unwrap_or_default(),
        })
    }))
}

/// What a refusal says of a setting.
fn kept<T>(error: CallError) -> Result<Setting<T>, CallError> {
    if error.is(&["NoSuchBucketPolicy", "NoSuchPublicAccessBlockConfiguration"]) {
        Ok(Setting::None)
    } else if error.is(&["NoSuchBucket"]) {
        Ok(Setting::NoBucket)
    // S3 says so to those who may read policies but are of another account.
    } else if not_allowed(&error) || is_elsewhere(&error) || error.is(&["MethodNotAllowed"]) {
        Ok(Setting::Kept)
    } else {
        Err(error)
    }
}

/// Puts the answers together.
fn told(
    place: &Place,
    name: &str,
    head: Head,
    document: Setting<String>,
    block: Setting<PublicAccessBlock>,
) -> Bucket {
    let nobodys = || "there is no bucket of this name".to_owned();
    let Head::Somebodys { region, ours } = head else {
        return Bucket {
            name: name.to_owned(),
            region: Known::Not(nobodys()),
            account: Known::Not(nobodys()),
            policy: BucketPolicy {
                document: Known::Not(nobodys()),
                spot: None,
            },
            block: Known::Not(nobodys()),
            spot: None,
        };
    };
    let ours = ours
        || matches!(document, Setting::Is(_) | Setting::None)
        || matches!(block, Setting::Is(_) | Setting::None);
    let hidden = |what: &str| match ours {
        true => format!("the credentials may not read {what}"),
        false => {
            format!("the bucket is of another account, or the credentials may not read {what}")
        }
    };
    let document = match document {
        Setting::Is(text) => match policy::parse(&text) {
            Ok(document) => Known::Is(Some(document)),
            Err(error) => Known::Not(format!("S3 gave a policy that is {error}")),
        },
        Setting::None => Known::Is(None::<Value>),
        Setting::NoBucket => Known::Not(nobodys()),
        Setting::Kept => Known::Not(hidden("the bucket's policy")),
    };
    Bucket {
        name: name.to_owned(),
        region: region.map_or_else(
            || Known::Not("S3 does not say the bucket's region".to_owned()),
            Known::Is,
        ),
        account: match ours {
            true => Known::Is(place.account.clone()),
            false => Known::Not(hidden("whose it is")),
        },
        policy: BucketPolicy {
            document,
            spot: None,
        },
        block: match block {
            Setting::Is(block) => Known::Is(block),
            Setting::None => Known::Is(PublicAccessBlock::default()),
            Setting::NoBucket => Known::Not(nobodys()),
            Setting::Kept => Known::Not(hidden("its block of public access")),
        },
        spot: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        }
    }

    fn refused(code: &str) -> CallError {
        CallError::Refused {
            operation: "GetBucketPolicy",
            code: code.into(),
            message: String::new(),
            request_id: None,
        }
    }

    fn somebodys(ours: bool) -> Head {
        Head::Somebodys {
            region: Some("us-west-2".into()),
            ours,
        }
    }

    #[test]
    fn a_refusal_is_told_from_a_setting_that_is_not_there() {
        for (code, setting) in [
            ("NoSuchBucketPolicy", Setting::None),
            ("NoSuchPublicAccessBlockConfiguration", Setting::None),
            ("NoSuchBucket", Setting::NoBucket),
            ("AccessDenied", Setting::Kept),
            ("PermanentRedirect", Setting::Kept),
            ("MethodNotAllowed", Setting::Kept),
        ] {
            assert_eq!(kept::<()>(refused(code)).unwrap(), setting, "{code}");
        }
        for code in ["SlowDown", "ExpiredToken", "InternalError"] {
            assert!(kept::<()>(refused(code)).is_err(), "{code}");
        }
    }

    #[test]
    fn a_setting_that_can_be_read_says_whose_the_bucket_is() {
        let ours = told(
            &place(),
            "data",
            somebodys(false),
            Setting::None,
            Setting::Kept,
        );
        assert_eq!(ours.account, Known::Is("111122223333".into()));
        assert_eq!(ours.region, Known::Is("us-west-2".into()));
        assert_eq!(ours.policy.document, Known::Is(None));
        assert_eq!(
            ours.block,
            Known::Not("the credentials may not read its block of public access".into())
        );
    }

    #[test]
    fn nothing_is_made_up_about_a_bucket_of_others() {
        let theirs = told(
            &place(),
            "data",
            somebodys(false),
            Setting::Kept,
            Setting::Kept,
        );
        assert!(matches!(theirs.account, Known::Not(_)));
        assert!(matches!(theirs.policy.document, Known::Not(_)));
        assert!(matches!(theirs.block, Known::Not(_)));
        assert_eq!(theirs.region, Known::Is("us-west-2".into()));
    }

    #[test]
    fn of_a_bucket_that_is_not_there_nothing_is_known() {
        let none = told(
            &place(),
            "data",
            Head::Nobodys,
            Setting::NoBucket,
            Setting::NoBucket,
        );
        let reason = "there is no bucket of this name".to_owned();
        assert_eq!(none.region, Known::Not(reason.clone()));
        assert_eq!(none.account, Known::Not(reason.clone()));
        assert_eq!(none.policy.document, Known::Not(reason));
    }

    #[test]
    fn a_policy_that_is_none_is_not_known() {
        let odd = Setting::Is("nonsense".to_owned());
        let odd = told(&place(), "data", somebodys(true), odd, Setting::None);
        assert!(matches!(odd.policy.document, Known::Not(_)));
        assert_eq!(odd.block, Known::Is(PublicAccessBlock::default()));
    }
}
