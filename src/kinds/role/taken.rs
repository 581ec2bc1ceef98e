//! Role names that the account has already.

use crate::aws::CallError;
use crate::aws::named::is_of;
use crate::aws::roles::{from_iam, role_named};
use crate::kind::{Intent, Obstacle};
use crate::model::{Action, tags};

/// Asks for the name of each new role.
pub(super) async fn obstacles(steps: &[Intent<'_>]) -> Result<Vec<Obstacle>, CallError> {
    let new = steps.iter().filter(|step| step.action == Action::Create);
    let named = new.filter_map(|step| Some((step, step.text("name")?)));
    let asked = named
        .filter(|(step, name)| !step.leaving.contains(name))
        .map(|(step, name)| async move {
            let Some(role) = role_named(step.aws, name).await? else {
                return Ok(None);
            };
            let found = from_iam(role.tags());
            let ours = is_of(step.stack, step.place, &found);
            Ok::<_, CallError>((!ours).then(|| Obstacle {
                address: step.address.clone(),
                problem: format!("the account has a role called {name} already"),
                cause: format!(
                    "{} has no tag of this stack, and names are unique",
                    role.arn()
                ),
                remedy: match found.contains_key(tags::STACK) {
                    true => format!(
                        "state another `name`, or look it up under [existing.role.{}]",
                        step.address.name
                    ),
                    false => step.or_take_over("state another `name`", name),
                },
            }))
        });
    let found = futures_util::future::try_join_all(asked).await?;
    Ok(found.into_iter().flatten().collect())
}
