//! Instances as a plan file would have them, whoever started them.
//!
//! An instance has its role through a profile; only where the two share name
//! and path does the role's table make that profile, so that the instance can
//! name the role. User data may hold secrets and is never written.

use super::{Instance, sight};
use crate::aws::CallError;
use crate::aws::roles::role_of_profile;
use crate::kind::{Area, Scope, Standing, Standings, in_vpc};

/// Codes by which IAM says that the credentials may not ask.
const NOT_ALLOWED: &[&str] = &["AccessDenied", "AccessDeniedException"];

pub(super) async fn standing(
    kind: &Instance,
    scope: &Scope<'_>,
    area: &Area,
) -> Result<Standings, CallError> {
    let mut found = in_vpc(kind, scope, area).await?;
    for instance in &mut found {
        instance.drop_if("instance_profile", "");
        if let Some(address) = instance.fields.0.remove("private_ip") {
            let address = address.to_text().unwrap_or_default();
            instance.notes.push(format!("private address {address}"));
        }
        if !sight::user_data(scope.aws, &instance.id).await?.is_empty() {
            let note = "has user data, which stays as it is and may hold secrets";
            instance.notes.push(note.to_owned());
        }
        by_role(scope, instance).await?;
    }
    Ok(found.into())
}

/// Names the role in place of the profile, where the role's table would make it.
async fn by_role(scope: &Scope<'_>, instance: &mut Standing) -> Result<(), CallError> {
    let Some(profile) = instance.fields.text("instance_profile") else {
        return Ok(());
    };
    match role_of_profile(scope.aws, profile).await {
        Ok(Some(role)) if role.is_namesake => {
            instance.fields.set("role", role.name);
            instance.fields.0.remove("instance_profile");
        }
        Ok(Some(role)) => instance.left_out.push(format!(
            "its role {}: the profile {profile} has another name or path than the role",
            role.name
        )),
        Ok(None) => {}
        Err(error) if error.is(NOT_ALLOWED) => {
            let note = "its role is not known: the credentials may not read its profile";
            instance.notes.push(note.to_owned());
        }
        Err(error) => return Err(error),
    }
    Ok(())
}
