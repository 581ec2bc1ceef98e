//! What a role and its parts share: whose it is, its tags, documents, retries.
//!
//! IAM has no read of "every role with this tag". Roles that s3net makes lie
//! under a path of their stack, so one list finds those that neither file nor
//! state knows of any more; the others are asked for by name. A list gives no
//! tags (IAM API reference, ListRoles), so each role is read once.
//!
//! ```text
//! ListRoles under /s3net/<stack>/ ─┐
//! names wanted or remembered ──────┴─► GetRole each ─► ours by its tag
//! ```

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_iam::types::{Role, Tag};
use percent_encoding::percent_decode_str;

use super::error::on;
use super::named::{Known, address_in, is_of, names};
use super::{Aws, Call, CallError, SharedReads};
use crate::model::{Address, Place, Tags, Value, policy};

/// How long IAM may take to tell all its replicas of a change.
pub const IAM_PROPAGATION: Duration = Duration::from_secs(120);

/// A role that carries our stack's tag.
#[derive(Debug, Clone)]
pub struct OwnRole {
    /// The node it is, by its tag.
    pub address: Address,
    /// The nodes whose name it has: others than `address` where its table was
    /// given another name in the file.
    pub named_by: Vec<Address>,
    /// What IAM says of it.
    pub role: Role,
    /// Its tags.
    pub tags: Tags,
}

/// The path under which a stack's roles and profiles lie.
#[must_use]
pub fn path_of(stack: &str) -> String {
    format!("/s3net/{stack}/")
}

impl SharedReads {
    /// The stack's roles: those that are wanted or remembered, and those that
    /// lie under the stack's path.
    ///
    /// # Errors
    /// AWS's refusal.
    pub async fn roles<'a>(
        &self,
        aws: &Aws,
        stack: &str,
        place: &Place,
        known: impl IntoIterator<Item = Known<'a>>,
    ) -> Result<Arc<Vec<OwnRole>>, CallError> {
        self.roles
            .get_or_try_init(|| async {
                let mut names = names(place, known);
                for name in self.adoptions.ids(&["role"]) {
                    names.entry(name.to_owned()).or_default();
                }
                let reads = names.keys().map(|name| role_named(aws, name));
                let (listed, mut found) = tokio::try_join!(
                    listed_names(aws, stack),
                    futures_util::future::try_join_all(reads),
                )?;
                let more = listed.iter().filter(|name| !names.contains_key(*name));
                let more = more.map(|name| role_named(aws, name));
                found.extend(futures_util::future::try_join_all(more).await?);
                let own = found.into_iter().flatten().filter_map(|role| {
                    let mut found = from_iam(role.tags());
                    let asked = [role.role_name()];
                    self.adoptions.claim(stack, &["role"], &asked, &mut found);
                    let by = names.get(role.role_name()).cloned().unwrap_or_default();
                    let address = address_in(&found).or_else(|| by.addresses.first().cloned())?;
                    is_of(stack, place, &found).then_some(OwnRole {
                        address,
                        named_by: by.addresses,
                        role,
                        tags: found,
                    })
                });
                Ok(Arc::new(own.collect()))
            })
            .await
            .cloned()
    }
}

async fn listed_names(aws: &Aws, stack: &str) -> Result<BTreeSet<String>, CallError> {
    let roles: Vec<Role> = aws
        .iam
        .list_roles()
        .path_prefix(path_of(stack))
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .map_err(on("ListRoles"))?;
    Ok(roles.iter().map(|it| it.role_name().to_owned()).collect())
}

/// A role by its name, with its tags; nothing where there is none.
///
/// # Errors
/// AWS's refusal.
pub async fn role_named(aws: &Aws, name: &str) -> Result<Option<Role>, CallError> {
    let sent = aws.iam.get_role().role_name(name).send().await;
    match sent.map_err(on("GetRole")) {
        Ok(answer) => Ok(answer.role().cloned()),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The role of an instance profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileRole {
    /// The role's name.
    pub name: String,
    /// Whether the profile has the role's own name and path, so that the role's
    /// table stands for both.
    pub is_namesake: bool,
}

/// The role of an instance profile; nothing where it has none, or is gone.
///
/// # Errors
/// AWS's refusal.
pub async fn role_of_profile(aws: &Aws, name: &str) -> Result<Option<ProfileRole>, CallError> {
    let request = aws.iam.get_instance_profile().instance_profile_name(name);
    let answer = match request.send().await.map_err(on("GetInstanceProfile")) {
        Ok(answer) => answer,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let profile = answer.instance_profile();
    Ok(profile.and_then(|profile| {
        let role = profile.roles().first()?;
        Some(ProfileRole {
            name: role.role_name().to_owned(),
            is_namesake: role.role_name() == name && role.path() == profile.path(),
        })
    }))
}

/// IAM tags as ours.
#[must_use]
pub fn from_iam(tags: &[Tag]) -> Tags {
    tags.iter()
        .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
        .collect()
}

/// Tags in IAM's form.
///
/// # Errors
/// A tag without a key or value, which ours never are.
pub fn to_iam(tags: &Tags) -> Result<Vec<Tag>, CallError> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<Result<_, _>>()
        .map_err(|error| CallError::internal(error.to_string()))
}

/// A policy document as IAM gives it: JSON, URL-encoded after RFC 3986 (IAM API
/// reference, GetRolePolicy).
///
/// # Errors
/// What IAM gave is no document.
pub fn document_from_iam(text: &str) -> Result<Value, CallError> {
    let plain = percent_decode_str(text).decode_utf8_lossy();
    policy::parse(&plain)
        .map_err(|error| CallError::internal(format!("IAM gave a policy that is {error}")))
}

impl Call<'_> {
    /// Repeats a write to IAM while it handles another one on the same object,
    /// or while a replica does not know what this run just made, be it the
    /// object itself or a principal that `document` names.
    ///
    /// # Errors
    /// The write's last error.
    pub async fn write_iam<T, F, R>(
        &self,
        what: &str,
        document: Option<&Value>,
        write: F,
    ) -> Result<T, CallError>
    where
        F: FnMut() -> R,
        R: Future<Output = Result<T, CallError>>,
    {
        let passing = |error: &CallError| {
            error.is(&["ConcurrentModification", "ConcurrentModificationException"])
                || error.is_not_found() && self.created_one_named_in(error.message())
                || document.is_some_and(|document| self.awaits_principal(document, error))
        };
        self.retry(what, IAM_PROPAGATION, passing, write).await
    }

    /// Whether AWS refuses a document only because it has not yet heard of a
    /// principal in it that this run made. A principal that nobody made never
    /// comes, so such a refusal is final.
    #[must_use]
    pub fn awaits_principal(&self, document: &Value, error: &CallError) -> bool {
        error.is(&["MalformedPolicy", "MalformedPolicyDocument"])
            && error.message().contains("nvalid principal")
            && policy::principals(document)
                .iter()
                .any(|principal| self.created_one_named_in(principal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_url_encoded() {
        let encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
        let document = document_from_iam(encoded).unwrap();
        assert!(policy::same(&document, &policy::document(vec![])));
        assert!(document_from_iam("%5B%5D").is_err());
        // A plain document has no escapes to undo.
        assert!(document_from_iam(r#"{"Statement":[]}"#).is_ok());
    }
}
