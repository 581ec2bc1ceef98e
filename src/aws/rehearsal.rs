//! What a plan's calls need to be allowed, collected from its steps before any
//! of them is made.
//!
//! ```text
//! steps ─► kinds ─► Rehearsals ─┬─ dry runs    EC2 says whether it would let the call be made
//!                   each once   └─ needs       IAM's simulator says it, where it may be asked
//! ```
//!
//! EC2 answers a dry run with `DryRunOperation` where the caller has the
//! permission and `UnauthorizedOperation` where not (Amazon EC2 API reference,
//! common parameter `DryRun`). Thirty subnets are one dry run: a call is asked
//! for once, with one step's parameters, and for what does not exist yet it has
//! a well-formed id that nothing has. AWS does not say whether it looks for such
//! an id before it looks for the permission, so any other answer says nothing.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::CallError;
use super::error::on;
use crate::model::Address;

/// A dry run that has not been sent yet.
pub type Asking = Pin<Box<dyn Future<Output = Result<(), CallError>> + Send>>;

/// What EC2 says to a dry run.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The call would be allowed.
    Allowed,
    /// The call would be refused, for want of permission.
    Refused(CallError),
    /// Something else, which says nothing certain of permissions.
    Unclear(CallError),
}

impl Answer {
    /// Reads an answer to a dry run.
    #[must_use]
    pub fn of(answer: Result<(), CallError>) -> Self {
        match answer {
            // Nothing answers a dry run so; it would have been done.
            Ok(()) => Self::Allowed,
            Err(error) if error.is(&["DryRunOperation"]) => Self::Allowed,
            Err(error) if error.is(&["UnauthorizedOperation", "AccessDenied"]) => {
                Self::Refused(error)
            }
            Err(error) => Self::Unclear(error),
        }
    }
}

/// A dry run.
pub struct DryRun {
    /// Sends it.
    pub asking: Asking,
    /// Whether every id in it is of something that exists.
    pub real: bool,
}

impl std::fmt::Debug for DryRun {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("DryRun")
            .field("real", &self.real)
            .finish_non_exhaustive()
    }
}

/// One action that a plan needs to be allowed.
#[derive(Debug)]
pub struct Rehearsal {
    /// The action, as a policy names it: `ec2:CreateSubnet`.
    pub action: &'static str,
    /// On what, as an ARN; `*` where that has no ARN yet.
    pub resource: String,
    /// The nodes that need it.
    pub addresses: Vec<Address>,
    /// How EC2 is asked for it, where it can be.
    pub dry_run: Option<DryRun>,
}

/// What a plan's calls need to be allowed, each once.
#[derive(Debug, Default)]
pub struct Rehearsals {
    found: BTreeMap<(&'static str, String), Rehearsal>,
}

impl Rehearsals {
    /// Notes a call of EC2 that can be asked for by a dry run. Calls of the same
    /// action that are `alike` (the same VPC, the same service) are asked for
    /// once, and rather with ids that exist (`real`). `request` is sent at most
    /// once, and not by this.
    pub fn dry_run<T, E>(
        &mut self,
        address: &Address,
        action: &'static str,
        (alike, real): (&str, bool),
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send + 'static,
    ) where
        T: Send + 'static,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        let rehearsal = self.noted(address, action, alike, "*");
        let better = rehearsal
            .dry_run
            .as_ref()
            .is_none_or(|known| real && !known.real);
        if better {
            let operation = action.strip_prefix("ec2:").unwrap_or(action);
            let asking = Box::pin(async move { request.await.map(|_| ()).map_err(on(operation)) });
            rehearsal.dry_run = Some(DryRun { asking, real });
        }
    }

    /// Notes a call that cannot be asked for by itself.
    pub fn needs(&mut self, address: &Address, action: &'static str, resource: &str) {
        self.noted(address, action, resource, resource);
    }

    fn noted(
        &mut self,
        address: &Address,
        action: &'static str,
        key: &str,
        resource: &str,
    ) -> &mut Rehearsal {
        let rehearsal = self
            .found
            .entry((action, key.to_owned()))
            .or_insert_with(|| Rehearsal {
                action,
                resource: resource.to_owned(),
                addresses: Vec::new(),
                dry_run: None,
            });
        if rehearsal.addresses.last() != Some(address) {
            rehearsal.addresses.push(address.clone());
        }
        rehearsal
    }

    /// What was noted, in the order of actions.
    pub fn into_all(self) -> impl Iterator<Item = Rehearsal> {
        self.found.into_values()
    }

    /// Whether nothing was noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }
}

/// A well-formed id of EC2 that nothing has, for what does not exist yet.
#[must_use]
pub fn stand_in(prefix: &str) -> String {
    format!("{prefix}-00000000000000000")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::operation::create_subnet::CreateSubnetError;

    async fn answered() -> Result<(), SdkError<CreateSubnetError, HttpResponse>> {
        Ok(())
    }

    #[test]
    fn alike_calls_are_one_and_rather_one_whose_ids_exist() {
        let mut calls = Rehearsals::default();
        let [a, b, c] = ["a", "b", "c"].map(|name| Address::new("subnet", name));
        calls.dry_run(&a, "ec2:CreateSubnet", ("", false), answered());
        calls.dry_run(&b, "ec2:CreateSubnet", ("", true), answered());
        calls.dry_run(&c, "ec2:CreateSubnet", ("vpc-1", false), answered());
        calls.needs(&a, "ec2:ModifySubnetAttribute", "*");
        let all: Vec<_> = calls.into_all().collect();
        let told: Vec<_> = all
            .iter()
            .map(|it| {
                let real = it.dry_run.as_ref().map(|dry_run| dry_run.real);
                (it.action, it.addresses.len(), real)
            })
            .collect();
        let expected = [
            ("ec2:CreateSubnet", 2, Some(true)),
            ("ec2:CreateSubnet", 1, Some(false)),
            ("ec2:ModifySubnetAttribute", 1, None),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn only_two_answers_say_something_of_permissions() {
        let refused = |code: &str| {
            Answer::of(Err(CallError::Refused {
                operation: "CreateVpc",
                code: code.to_owned(),
                message: String::new(),
                request_id: None,
            }))
        };
        assert!(matches!(refused("DryRunOperation"), Answer::Allowed));
        assert!(matches!(
            refused("UnauthorizedOperation"),
            Answer::Refused(_)
        ));
        assert!(matches!(
            refused("InvalidVpcID.NotFound"),
            Answer::Unclear(_)
        ));
    }
}
