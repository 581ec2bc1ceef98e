//! Bucket names that somebody has already.
//!
//! Names are shared by all accounts of a partition. HeadBucket answers 404 for
//! a free one, 403 for one of which these credentials may see nothing, and 301
//! for one in another region (Amazon S3 API reference, HeadBucket).

use crate::aws::{CallError, on};
use crate::kind::{Intent, Obstacle};
use crate::model::Action;

/// Asks for the name of each new bucket.
pub(super) async fn obstacles(steps: &[Intent<'_>]) -> Result<Vec<Obstacle>, CallError> {
    let new = steps.iter().filter(|step| step.action == Action::Create);
    let named = new.filter_map(|step| Some((step, step.text("name")?)));
    let asked = named
        .filter(|(step, name)| !step.leaving.contains(name))
        .map(|(step, name)| async move {
            let sent = step.aws.s3.head_bucket().bucket(name).send().await;
            let otherwise = "choose another `name`";
            let (cause, remedy) = match sent.map_err(on("HeadBucket")) {
                Ok(_) => (
                    "it is there, these credentials may use it, and it has no tag of this stack",
                    step.or_take_over(otherwise, name),
                ),
                Err(error) if error.is_not_found() => return Ok(None),
                // HeadBucket's refusals have no body that could say more.
                Err(error) if error.is(&["Unknown", "Forbidden", "AccessDenied", "403", "301"]) => {
                    (
                        "it is somebody else's, or in another region",
                        format!(
                            "{otherwise}, or look it up under [existing.bucket.{}]",
                            step.address.name
                        ),
                    )
                }
                Err(error) => return Err(error),
            };
            Ok(Some(Obstacle {
                address: step.address.clone(),
                problem: format!("the bucket name {name} is taken"),
                cause: format!("{cause}; bucket names are global"),
                remedy,
            }))
        });
    let found = futures_util::future::try_join_all(asked).await?;
    Ok(found.into_iter().flatten().collect())
}
