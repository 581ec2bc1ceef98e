//! What the parts of a role share: not a kind, but what each of them needs to
//! find itself and its role.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::aws::CallError;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::roles::OwnRole;
use crate::kind::{Field, Intent, Scope, Type};
use crate::model::{Address, Attributes};

/// The field by which a part that cannot change hands knows its role.
pub(super) const ROLE: Field = Field::new("role", Type::reference(&["role"], &[]), "The role.")
    .required()
    .replaces("the policy belongs to its role");

/// The roles that are there and ours.
pub(super) async fn own(scope: &Scope<'_>) -> Result<Arc<Vec<OwnRole>>, CallError> {
    let roles = scope.wanted_of("role", "");
    let roles = roles.map(|(address, of)| (address, &of.inputs, of.id.as_deref()));
    let reads = scope
        .shared
        .roles(scope.aws, scope.stack, scope.place, roles);
    reads.await
}

/// The parts with one label that the file wants or the state remembers, of the
/// roles that are there and ours: each one's address and role.
pub(super) async fn known(
    scope: &Scope<'_>,
    label: &str,
) -> Result<Vec<(Address, String)>, CallError> {
    let own = own(scope).await?;
    let mut known = Vec::new();
    for own in own.iter() {
        let parts = scope.wanted_of("role", label).map(|(address, _)| address);
        let keys: BTreeSet<&str> = parts
            .filter(|part| own.address == part.table() || own.named_by.contains(&part.table()))
            .filter_map(|part| part.part.as_ref().map(|part| part.key.as_str()))
            .collect();
        let role = own.role.role_name();
        known.extend(
            keys.into_iter()
                .map(|key| (own.address.part(label, key), role.to_owned())),
        );
    }
    Ok(known)
}

/// The ARN of a role or profile of the account. IAM has no dry runs.
pub(super) fn arn_of(step: &Intent<'_>, noun: &str, path: &str, name: &str) -> String {
    let (partition, account) = (step.place.partition(), &step.place.account);
    format!("arn:{partition}:iam::{account}:{noun}{path}{name}")
}

/// Notes an action on the role of a part. Of its role's path, which the ARN has,
/// only a part knows that has the same one.
pub(super) fn rehearse(step: &Intent<'_>, action: &'static str, calls: &mut Rehearsals) {
    let role = step.text("role").or(step.live.text("role"));
    let path = step.text("path");
    let whole = role
        .zip(path)
        .map(|(role, path)| arn_of(step, "role", path, role));
    calls.needs(step.address, action, whole.as_deref().unwrap_or("*"));
}

/// The name of a part's role.
pub(super) fn role_of(inputs: &Attributes) -> Result<&str, CallError> {
    inputs
        .text("role")
        .ok_or_else(|| CallError::internal("a part does not say of which role"))
}

/// A text that a part cannot do without.
pub(super) fn text_of<'i>(inputs: &'i Attributes, field: &str) -> Result<&'i str, CallError> {
    inputs
        .text(field)
        .ok_or_else(|| CallError::internal(format!("a part of a role has no {field}")))
}

/// What AWS answered to a removal: what is not there is removed.
pub(super) fn unless_gone<T>(answer: Result<T, CallError>) -> Result<(), CallError> {
    match answer {
        Err(error) if error.is_not_found() => Ok(()),
        other => other.map(|_| ()),
    }
}
