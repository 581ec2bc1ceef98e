//! Who likely owns an object of others, by its tags.

use crate::model::tags;

/// Keys by which people and tools say whose an object is, in small letters.
const SAYING: &[&str] = &[
    "managedby",
    "managed-by",
    "managed_by",
    "createdby",
    "created-by",
    "created_by",
    "owner",
    "team",
];

/// Who likely owns an object with these tags, AWS's own (`aws:`) included, as a
/// sentence fragment; none where they say nothing.
#[must_use]
pub fn likely_owner<'t>(
    found: impl IntoIterator<Item = (Option<&'t str>, Option<&'t str>)>,
) -> Option<String> {
    let found: Vec<(&str, &str)> = found
        .into_iter()
        .filter_map(|(key, value)| key.zip(value))
        .collect();
    let get = |wanted: &str| {
        found
            .iter()
            .find(|(key, _)| *key == wanted)
            .map(|(_, v)| *v)
    };
    if let Some(stack) = get(tags::STACK) {
        return Some(match get(tags::ADDRESS) {
            Some(address) => format!("{address} of s3net's stack {stack}"),
            None => format!("s3net's stack {stack}"),
        });
    }
    if let Some(stack) = get("aws:cloudformation:stack-name") {
        return Some(format!("CloudFormation stack {stack}"));
    }
    if let Some(cluster) = get("elbv2.k8s.aws/cluster") {
        return Some(format!("Kubernetes cluster {cluster}"));
    }
    let cluster = |(key, _): &(&str, &str)| {
        let name = key.strip_prefix("kubernetes.io/cluster/")?;
        Some(format!("Kubernetes cluster {name}"))
    };
    if let Some(cluster) = found.iter().find_map(cluster) {
        return Some(cluster);
    }
    if get("GuardDutyManaged") == Some("true") {
        return Some("Amazon GuardDuty".to_owned());
    }
    let says = |(key, _): &&(&str, &str)| SAYING.contains(&key.to_ascii_lowercase().as_str());
    if let Some((key, value)) = found.iter().find(says) {
        return Some(format!("its tag {key} = {value}"));
    }
    get(tags::NAME).map(|name| format!("its name, {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(found: &[(&str, &str)]) -> Option<String> {
        likely_owner(found.iter().map(|(key, value)| (Some(*key), Some(*value))))
    }

    #[test]
    fn tags_tell_who_owns_an_object() {
        for (found, told) in [
            (
                vec![("s3net:stack", "b"), ("s3net:address", "vpc.main")],
                "vpc.main of s3net's stack b",
            ),
            (
                vec![("Owner", "me"), ("aws:cloudformation:stack-name", "web")],
                "CloudFormation stack web",
            ),
            (
                vec![("kubernetes.io/cluster/prod", "owned")],
                "Kubernetes cluster prod",
            ),
            (vec![("GuardDutyManaged", "true")], "Amazon GuardDuty"),
            (
                vec![("Name", "x"), ("ManagedBy", "Terraform")],
                "its tag ManagedBy = Terraform",
            ),
            (vec![("Name", "x")], "its name, x"),
        ] {
            assert_eq!(owner(&found).as_deref(), Some(told));
        }
        assert_eq!(owner(&[("Cost", "7")]), None);
    }
}
