//! Deleting a role, which IAM does only when nothing is attached to it.
//!
//! The role's parts go before it. What else hangs on it was put there by
//! others or is forgotten by file and state. Policies go with the role, since
//! they are of no use without it; so does a profile under our stack's path. A
//! stranger's profile stays, and is named.

use std::sync::Mutex;

use super::super::role_part::unless_gone;
use crate::aws::roles::{IAM_PROPAGATION, path_of};
use crate::aws::{Call, CallError, on};
use crate::model::Holder;

pub(super) async fn delete(call: &Call<'_>, role: &str) -> Result<(), CallError> {
    let holders = Mutex::new(Vec::new());
    let passing = |error: &CallError| {
        let held = holders.lock().is_ok_and(|it| !it.is_empty());
        error.is(&["ConcurrentModification"]) || error.is(&["DeleteConflict"]) && !held
    };
    let what = "the role to be free of policies and profiles";
    let deleted = call
        .retry(what, IAM_PROPAGATION, passing, || async {
            let request = call.aws.iam.delete_role().role_name(role);
            let sent = request.send().await.map(|_| ()).map_err(on("DeleteRole"));
            if sent.as_ref().is_err_and(|it| it.is(&["DeleteConflict"])) {
                let found = release(call, role).await?;
                if let Ok(mut holders) = holders.lock() {
                    *holders = found;
                }
            }
            sent
        })
        .await;
    match deleted {
        Err(error) if error.is_not_found() => Ok(()),
        Err(error) if error.is(&["DeleteConflict"]) => Err(CallError::Held {
            id: role.to_owned(),
            holders: holders.into_inner().unwrap_or_default(),
            refusal: Box::new(error),
        }),
        other => other,
    }
}

/// Takes off the role what goes with it; gives what stays.
async fn release(call: &Call<'_>, role: &str) -> Result<Vec<Holder>, CallError> {
    let ((), (), holders) = tokio::try_join!(
        detach_policies(call, role),
        delete_policies(call, role),
        leave_profiles(call, role),
    )?;
    Ok(holders)
}

async fn detach_policies(call: &Call<'_>, role: &str) -> Result<(), CallError> {
    let iam = &call.aws.iam;
    let attached: Vec<_> = iam
        .list_attached_role_policies()
        .role_name(role)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .map_err(on("ListAttachedRolePolicies"))?;
    for policy in attached {
        let request = iam.detach_role_policy().role_name(role);
        let request = request.set_policy_arn(policy.policy_arn().map(str::to_owned));
        let sent = request.send().await.map_err(on("DetachRolePolicy"));
        unless_gone(sent)?;
    }
    Ok(())
}

async fn delete_policies(call: &Call<'_>, role: &str) -> Result<(), CallError> {
    let iam = &call.aws.iam;
    let names: Vec<String> = iam
        .list_role_policies()
        .role_name(role)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .map_err(on("ListRolePolicies"))?;
    for name in names {
        let request = iam.delete_role_policy().role_name(role).policy_name(name);
        let sent = request.send().await.map_err(on("DeleteRolePolicy"));
        unless_gone(sent)?;
    }
    Ok(())
}

async fn leave_profiles(call: &Call<'_>, role: &str) -> Result<Vec<Holder>, CallError> {
    let iam = &call.aws.iam;
    let profiles: Vec<_> = iam
        .list_instance_profiles_for_role()
        .role_name(role)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .map_err(on("ListInstanceProfilesForRole"))?;
    let mut holders = Vec::new();
    for profile in profiles {
        let name = profile.instance_profile_name();
        if profile.path() != path_of(call.stack) {
            holders.push(call.holding_profile(name, role));
            continue;
        }
        let request = iam.remove_role_from_instance_profile().role_name(role);
        let request = request.instance_profile_name(name);
        let sent = request.send().await;
        unless_gone(sent.map_err(on("RemoveRoleFromInstanceProfile")))?;
        let request = iam.delete_instance_profile().instance_profile_name(name);
        let sent = request.send().await.map_err(on("DeleteInstanceProfile"));
        unless_gone(sent)?;
    }
    Ok(holders)
}
