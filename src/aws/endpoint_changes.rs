//! The calls that change and delete VPC endpoints, with their waits, as both
//! endpoint kinds need them.
//!
//! ```text
//! create ─► pending ─► available        a change: available ─► pending ─► available
//!              └─► failed, rejected, expired: only a new one helps
//! delete ─► deleting ─► deleted, or not found
//! ```
//!
//! An endpoint takes one change at a time and answers `OperationInProgress` to
//! a second one. While it is `deleting`, an interface endpoint still holds its
//! subnets and groups; only `deleted` lets them go (Amazon EC2 API reference,
//! ModifyVpcEndpoint and DeleteVpcEndpoints).

use std::future::Future;
use std::time::Duration;

use aws_sdk_ec2::operation::RequestId;
use aws_sdk_ec2::operation::modify_vpc_endpoint::builders::ModifyVpcEndpointFluentBuilder;
use aws_sdk_ec2::types::VpcEndpoint;

use super::error::on;
use super::vpc_endpoints::{broken, describe, is_going, state};
use super::{Call, CallError, Seen};
use crate::model::Attributes;

/// How long an endpoint may take to be made, changed or deleted.
const LIMIT: Duration = Duration::from_secs(900);
/// How long a VPC may take to show what was just changed in it, and what another
/// gave up.
const NEIGHBOURS: Duration = Duration::from_secs(30);

/// What a set field gains and loses, in the form of a modify call's parameters.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SetChange {
    /// What is wanted and not there.
    pub add: Option<Vec<String>>,
    /// What is there and not wanted.
    pub remove: Option<Vec<String>>,
}

impl SetChange {
    /// What takes a set field from one form to another.
    #[must_use]
    pub fn of(before: &Attributes, after: &Attributes, field: &str) -> Self {
        let (before, after) = (before.texts(field), after.texts(field));
        let without = |these: &[String], those: &[String]| {
            let rest: Vec<String> = these
                .iter()
                .filter(|it| !those.contains(it))
                .cloned()
                .collect();
            (!rest.is_empty()).then_some(rest)
        };
        Self {
            add: without(&after, &before),
            remove: without(&before, &after),
        }
    }
}

/// Repeats a creating or changing call while an earlier change is under way,
/// or while the VPC does not yet show what it needs: its DNS attributes, its
/// gateway endpoint, a route table or a name that another endpoint gave up.
///
/// # Errors
/// The call's last error.
pub async fn once_free<T, F, R>(call: &Call<'_>, send: F) -> Result<T, CallError>
where
    F: Fn() -> R,
    R: Future<Output = Result<T, CallError>>,
{
    let send = &send;
    call.retry(
        "the endpoint's last change to end",
        LIMIT,
        is_changing,
        || {
            call.retry(GIVEN_UP, NEIGHBOURS, waits_for_another, || {
                call.retry("the VPC to be ready", NEIGHBOURS, waits_for_vpc, || {
                    call.once_known("what it stands on to be known", send)
                })
            })
        },
    )
    .await
}

fn is_changing(error: &CallError) -> bool {
    error.is(&["OperationInProgress"])
}

/// What is waited for where another endpoint or zone has what only one can have.
const GIVEN_UP: &str = "another to give up what only one can have";

fn waits_for_another(error: &CallError) -> bool {
    error.is(&["RouteAlreadyExists"]) || is_about(error, &["conflicting dns domain"])
}

fn waits_for_vpc(error: &CallError) -> bool {
    is_about(error, &["enabledns", "gateway endpoint"])
}

fn is_about(error: &CallError, words: &[&str]) -> bool {
    let told = error.message().to_ascii_lowercase();
    error.is(&["InvalidParameter"]) && words.iter().any(|word| told.contains(word))
}

/// How often a change is sent whose answers are lost.
const TIMES: u32 = 5;

/// Sends one change of an endpoint, when it takes one. AWS refuses to add what
/// is there, so after a lost answer the endpoint is asked what is still to do.
///
/// # Errors
/// AWS's refusal.
pub async fn modify(
    call: &Call<'_>,
    mut request: ModifyVpcEndpointFluentBuilder,
) -> Result<(), CallError> {
    for _ in 1..TIMES {
        match send(call, &request).await {
            Err(error) if error.is_ambiguous() => {}
            other => return other,
        }
        let id = request.get_vpc_endpoint_id().clone().unwrap_or_default();
        let endpoint = until_available(call, &id).await?;
        request = still_to_do(request, &endpoint);
        if is_nothing(&request) {
            return Ok(());
        }
    }
    send(call, &request).await
}

async fn send(call: &Call<'_>, request: &ModifyVpcEndpointFluentBuilder) -> Result<(), CallError> {
    once_free(call, || async {
        let sent = request.clone().send().await;
        sent.map(|_| ()).map_err(on("ModifyVpcEndpoint"))
    })
    .await
}

/// A change without what the endpoint shows as done. What is set, not added or
/// removed, is set again.
fn still_to_do(
    request: ModifyVpcEndpointFluentBuilder,
    endpoint: &VpcEndpoint,
) -> ModifyVpcEndpointFluentBuilder {
    let rest = |list: &Option<Vec<String>>, there: &[String], wanted: bool| {
        let list = list.clone().unwrap_or_default().into_iter();
        let rest: Vec<String> = list.filter(|id| there.contains(id) != wanted).collect();
        (!rest.is_empty()).then_some(rest)
    };
    let groups = endpoint.groups().iter();
    let groups: Vec<String> = groups.filter_map(|it| it.group_id.clone()).collect();
    let (subnets, tables) = (endpoint.subnet_ids(), endpoint.route_table_ids());
    let add_subnets = rest(request.get_add_subnet_ids(), subnets, true);
    let remove_subnets = rest(request.get_remove_subnet_ids(), subnets, false);
    let add_groups = rest(request.get_add_security_group_ids(), &groups, true);
    let remove_groups = rest(request.get_remove_security_group_ids(), &groups, false);
    let add_tables = rest(request.get_add_route_table_ids(), tables, true);
    let remove_tables = rest(request.get_remove_route_table_ids(), tables, false);
    request
        .set_add_subnet_ids(add_subnets)
        .set_remove_subnet_ids(remove_subnets)
        .set_add_security_group_ids(add_groups)
        .set_remove_security_group_ids(remove_groups)
        .set_add_route_table_ids(add_tables)
        .set_remove_route_table_ids(remove_tables)
}

fn is_nothing(request: &ModifyVpcEndpointFluentBuilder) -> bool {
    [
        request.get_add_subnet_ids(),
        request.get_remove_subnet_ids(),
        request.get_add_security_group_ids(),
        request.get_remove_security_group_ids(),
        request.get_add_route_table_ids(),
        request.get_remove_route_table_ids(),
    ]
    .iter()
    .all(|list| list.is_none())
        && request.get_policy_document().is_none()
        && request.get_reset_policy().is_none()
        && request.get_ip_address_type().is_none()
        && request.get_private_dns_enabled().is_none()
        && request.get_dns_options().is_none()
}

/// Waits until an endpoint is available, or until it is the other side's turn
/// to accept it.
///
/// # Errors
/// [`CallError::Failed`] with AWS's reason where it never will be.
pub async fn until_available(call: &Call<'_>, id: &str) -> Result<VpcEndpoint, CallError> {
    call.wait_for("the endpoint to be available", LIMIT, || async {
        let found = match describe(call.aws, Vec::new(), Some(id)).await {
            Ok(found) => found.into_iter().next(),
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(error),
        };
        let Some(endpoint) = found else {
            return Ok(Seen::Pending("not yet known".to_owned()));
        };
        let failed = |reason| CallError::Failed {
            what: id.to_owned(),
            reason,
        };
        if let Some(reason) = broken(&endpoint) {
            return Err(failed(reason));
        }
        if is_going(&endpoint) {
            return Err(failed("somebody has deleted it".to_owned()));
        }
        Ok(match state(&endpoint).as_str() {
            "available" | "pendingacceptance" => Seen::Ready(endpoint),
            other => Seen::Pending(other.to_owned()),
        })
    })
    .await
}

/// Deletes an endpoint and waits until it holds nothing any more.
///
/// # Errors
/// AWS's refusal, which DeleteVpcEndpoints tells inside a successful answer.
pub async fn delete(call: &Call<'_>, id: &str) -> Result<(), CallError> {
    let what = "the endpoint's last change to end";
    let deleted = call.retry(what, LIMIT, is_changing, || async {
        let request = call.aws.ec2.delete_vpc_endpoints().vpc_endpoint_ids(id);
        let answer = request.send().await.map_err(on("DeleteVpcEndpoints"))?;
        match answer.unsuccessful().iter().find_map(|item| item.error()) {
            None => Ok(()),
            Some(error) => Err(CallError::Refused {
                operation: "DeleteVpcEndpoints",
                code: error.code().unwrap_or("Unknown").to_owned(),
                message: error.message().unwrap_or("no message").to_owned(),
                request_id: answer.request_id().map(str::to_owned),
            }),
        }
    });
    match deleted.await {
        Ok(()) => {}
        Err(error) if error.is_not_found() => return Ok(()),
        Err(error) => return Err(error),
    }
    call.wait_for("the endpoint to be gone", LIMIT, || async {
        match describe(call.aws, Vec::new(), Some(id)).await {
            Ok(found) => Ok(match found.first().map(state) {
                None => Seen::Ready(()),
                Some(state) if state == "deleted" => Seen::Ready(()),
                Some(state) => Seen::Pending(state),
            }),
            Err(error) if error.is_not_found() => Ok(Seen::Ready(())),
            Err(error) => Err(error),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Value;

    #[test]
    fn a_set_changes_by_what_differs() {
        let set =
            |items: &[&str]| Attributes::new().with("subnets", Value::texts(items.iter().copied()));
        let change = SetChange::of(&set(&["a", "b"]), &set(&["b", "c"]), "subnets");
        assert_eq!(change.add, Some(vec!["c".to_owned()]));
        assert_eq!(change.remove, Some(vec!["a".to_owned()]));
        let nothing = SetChange::of(&set(&["a", "b"]), &set(&["b", "a"]), "subnets");
        assert_eq!(nothing, SetChange::default());
    }

    #[tokio::test]
    async fn after_a_lost_answer_only_the_rest_is_sent() {
        let aws = crate::aws::Aws::offline("eu-west-1");
        let request = aws.ec2.modify_vpc_endpoint().vpc_endpoint_id("vpce-1");
        let request = request
            .add_subnet_ids("subnet-new")
            .remove_subnet_ids("subnet-old")
            .add_security_group_ids("sg-new");
        let untouched = VpcEndpoint::builder().subnet_ids("subnet-old").build();
        let all = still_to_do(request.clone(), &untouched);
        assert_eq!(all.get_add_subnet_ids(), request.get_add_subnet_ids());
        assert_eq!(all.get_remove_subnet_ids(), request.get_remove_subnet_ids());
        let group = aws_sdk_ec2::types::SecurityGroupIdentifier::builder().group_id("sg-new");
        let done = VpcEndpoint::builder().subnet_ids("subnet-new");
        let done = done.groups(group.build()).build();
        assert!(is_nothing(&still_to_do(request.clone(), &done)));
        let policy = request.policy_document("{}");
        assert!(!is_nothing(&still_to_do(policy, &done)));
    }

    #[test]
    fn only_passing_refusals_are_repeated() {
        let refused = |code: &str, message: &str| CallError::Refused {
            operation: "CreateVpcEndpoint",
            code: code.to_owned(),
            message: message.to_owned(),
            request_id: None,
        };
        let taken = refused("RouteAlreadyExists", "route table rtb-1 …");
        assert!(waits_for_another(&taken) && !waits_for_vpc(&taken));
        assert!(waits_for_another(&refused(
            "InvalidParameter",
            "there is already a conflicting DNS domain for s3.eu-west-1.amazonaws.com"
        )));
        assert!(waits_for_vpc(&refused(
            "InvalidParameter",
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames"
        )));
        assert!(!waits_for_vpc(&refused("InvalidParameter", "no such type")));
        assert!(is_changing(&refused("OperationInProgress", "")));
    }
}
