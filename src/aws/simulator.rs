//! IAM's policy simulator: what a user's or role's own policies say of actions,
//! for what has no dry run (IAM API reference, SimulatePrincipalPolicy).
//!
//! It judges identity policies, permissions boundaries and the organisation's
//! policies. What a condition asks for and nobody can know beforehand it reports
//! as missing; such a judgement is not certain.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::{EvaluationResult, PolicyEvaluationDecisionType};

use super::error::on;
use super::roles::role_named;
use super::{Aws, CallError};
use crate::model::policy::Caller;

/// What the simulator says of one action on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulated {
    /// Whether it is allowed.
    pub allowed: bool,
    /// Whether a statement denies it; otherwise, nothing allows it.
    pub denied: bool,
    /// The condition keys that the judgement depends on and that were not known.
    pub missing: Vec<String>,
}

/// Judgements by action and resource.
pub type Judgements = BTreeMap<(String, String), Simulated>;

/// Asks the simulator about these actions and resources. Actions that are asked
/// for on the same resources go in one call. Nothing for an account's root user,
/// who has no policies.
///
/// # Errors
/// AWS's refusal; most often these credentials may not ask.
pub async fn simulate(
    aws: &Aws,
    caller: &Caller,
    wanted: &BTreeSet<(&'static str, String)>,
) -> Result<Judgements, CallError> {
    let Some(principal) = source(caller) else {
        return Ok(Judgements::new());
    };
    let asked = groups(wanted);
    match ask(aws, &principal, &asked).await {
        // A session's ARN leaves out its role's path, so the role is looked up.
        Err(error) if error.is_not_found() => {
            let name = principal.rsplit('/').next().unwrap_or_default();
            let Some(role) = role_named(aws, name).await? else {
                return Err(error);
            };
            match role.arn() == principal {
                true => Err(error),
                false => ask(aws, role.arn(), &asked).await,
            }
        }
        other => other,
    }
}

/// The ARN of whose policies are simulated: a user's or a role's.
fn source(caller: &Caller) -> Option<String> {
    let arn = caller.principal_arns().into_iter().next()?;
    [":user/", ":role/"]
        .iter()
        .any(|kind| arn.contains(kind))
        .then_some(arn)
}

/// Actions and the resources that they share.
type Group = (Vec<&'static str>, Vec<String>);

/// The actions that are asked for on the same resources, together.
fn groups(wanted: &BTreeSet<(&'static str, String)>) -> Vec<Group> {
    let mut resources: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for (action, resource) in wanted {
        resources.entry(action).or_default().push(resource.clone());
    }
    let mut groups: BTreeMap<Vec<String>, Vec<&'static str>> = BTreeMap::new();
    for (action, resources) in resources {
        groups.entry(resources).or_default().push(action);
    }
    groups
        .into_iter()
        .map(|(resources, actions)| (actions, resources))
        .collect()
}

async fn ask(aws: &Aws, principal: &str, groups: &[Group]) -> Result<Judgements, CallError> {
    let asked = groups.iter().map(|(actions, resources)| {
        let request = aws.iam.simulate_principal_policy();
        let request = request.policy_source_arn(principal);
        let request = request
            .set_action_names(Some(actions.iter().map(|it| (*it).to_owned()).collect()))
            .set_resource_arns(Some(resources.clone()));
        async move {
            request
                .into_paginator()
                .items()
                .send()
                .collect::<Result<Vec<_>, _>>()
                .await
                .map_err(on("SimulatePrincipalPolicy"))
        }
    });
    let answers = futures_util::future::try_join_all(asked).await?;
    Ok(answers.iter().flatten().flat_map(judgements).collect())
}

/// An answer's judgements: of an action on several resources it has one for each.
fn judgements(result: &EvaluationResult) -> Vec<((String, String), Simulated)> {
    let action = result.eval_action_name().to_owned();
    let simulated = |decision: &PolicyEvaluationDecisionType, missing: &[String]| Simulated {
        allowed: *decision == PolicyEvaluationDecisionType::Allowed,
        denied: *decision == PolicyEvaluationDecisionType::ExplicitDeny,
        missing: missing.to_vec(),
    };
    let whole = simulated(result.eval_decision(), result.missing_context_values());
    let resource = result.eval_resource_name().unwrap_or("*").to_owned();
    let mut found = vec![((action.clone(), resource), whole)];
    for one in result.resource_specific_results() {
        let judged = simulated(one.eval_resource_decision(), one.missing_context_values());
        found.push((
            (action.clone(), one.eval_resource_name().to_owned()),
            judged,
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(arn: &str) -> Caller {
        Caller {
            account: "123456789012".to_owned(),
            arn: arn.to_owned(),
            user_id: "AIDA".to_owned(),
        }
    }

    #[test]
    fn a_sessions_policies_are_its_roles_and_root_has_none() {
        let user = "arn:aws:iam::123456789012:user/ops/ann";
        assert_eq!(source(&caller(user)).as_deref(), Some(user));
        let session = "arn:aws:sts::123456789012:assumed-role/build/i-1";
        let role = "arn:aws:iam::123456789012:role/build";
        assert_eq!(source(&caller(session)).as_deref(), Some(role));
        assert_eq!(source(&caller("arn:aws:iam::123456789012:root")), None);
    }

    #[test]
    fn actions_on_the_same_resources_go_together() {
        let wanted = [
            ("s3:CreateBucket", "a"),
            ("s3:PutBucketPolicy", "a"),
            ("s3:CreateBucket", "b"),
            ("s3:PutBucketPolicy", "b"),
            ("ec2:CreateVpc", "*"),
        ];
        let wanted = wanted.map(|(action, on)| (action, on.to_owned())).into();
        let told = groups(&wanted);
        let of_s3 = (
            vec!["s3:CreateBucket", "s3:PutBucketPolicy"],
            vec!["a".to_owned(), "b".to_owned()],
        );
        assert_eq!(told, [(vec!["ec2:CreateVpc"], vec!["*".to_owned()]), of_s3]);
    }
}
