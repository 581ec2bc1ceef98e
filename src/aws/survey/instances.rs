//! Instances, and the roles that their profiles give them.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types as ec2;
use futures_util::future::try_join_all;

use super::super::error::on;
use super::super::{Aws, CallError};
use super::gaps::{Gaps, if_allowed, noted};
use super::labels;
use super::reads::{self, parsed, said};
use super::routing::public_address;
use crate::model::network::{Instance, Key, Known, Network};

/// Instances, and the role of each instance profile that they have.
#[derive(Debug)]
pub(super) struct Callers {
    pub instances: Known<Vec<ec2::Instance>>,
    profiles: BTreeMap<String, Known<Option<Key>>>,
}

impl Callers {
    /// The roles, by name.
    pub(super) fn roles(&self) -> impl Iterator<Item = &Key> {
        let known = self.profiles.values().filter_map(Known::get);
        known.flatten()
    }
}

/// Reads the VPCs' instances, and each of their profiles once.
///
/// # Errors
/// AWS's refusal of anything but a permission.
pub(super) async fn read(aws: &Aws, vpcs: &[String]) -> Result<Callers, CallError> {
    let instances: Known<Vec<ec2::Instance>> = match reads::reservations(aws, vpcs).await? {
        Known::Not(reason) => Known::Not(reason),
        Known::Is(found) => {
            let found = found.into_iter().filter_map(|it| it.instances);
            Known::Is(found.flatten().collect())
        }
    };
    let all = instances.get().into_iter().flatten();
    let profiles: BTreeSet<&str> = all.filter_map(profile_of).collect();
    let profiles = profiles.into_iter().map(|name| async move {
        let read = if_allowed(role_of(aws, name).await, "the instance profile")?;
        Ok((name.to_owned(), read))
    });
    let profiles = try_join_all(profiles).await?.into_iter().collect();
    Ok(Callers {
        instances,
        profiles,
    })
}

/// The name of an instance's profile, which ends its ARN.
fn profile_of(instance: &ec2::Instance) -> Option<&str> {
    let arn = instance.iam_instance_profile()?.arn()?;
    arn.rsplit_once('/').map(|(_, name)| name)
}

/// The role of a profile: it holds one at most (IAM user guide, "Instance
/// profiles"). A profile that is gone gives none.
async fn role_of(aws: &Aws, profile: &str) -> Result<Option<Key>, CallError> {
    let request = aws.iam.get_instance_profile();
    let sent = request.instance_profile_name(profile).send().await;
    match sent.map_err(on("GetInstanceProfile")) {
        Ok(answer) => {
            let roles = answer.instance_profile().map(|it| it.roles());
            let first = roles.and_then(|roles| roles.first());
            Ok(first.map(|role| role.role_name().to_owned()))
        }
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Tells instances.
///
/// # Errors
/// An answer that makes no sense.
pub(super) fn tell(
    network: &mut Network,
    gaps: &mut Gaps,
    found: Callers,
) -> Result<(), CallError> {
    for instance in noted(gaps, found.instances) {
        let id = said(instance.instance_id(), "an instance's id")?;
        // One that is being terminated has left its subnet.
        let Some(subnet) = instance.subnet_id().filter(|text| !text.is_empty()) else {
            continue;
        };
        let role = profile_of(&instance).and_then(|name| found.profiles.get(name));
        let address = instance.private_ip_address().filter(|it| !it.is_empty());
        let groups = instance.security_groups().iter();
        let facts = Instance {
            subnet: subnet.to_owned(),
            security_groups: groups
                .filter_map(|group| group.group_id().map(str::to_owned))
                .collect(),
            role: role.cloned().unwrap_or_default(),
            private_address: address
                .map(|text| parsed(text, "a private address"))
                .transpose()?,
            public_address: public_address(instance.public_ip_address())?,
            spot: None,
        };
        labels::put_ec2(network, id, instance.tags());
        network.instances.insert(id.to_owned(), facts);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::network::PublicAddress;
    use aws_sdk_ec2::types::builders::InstanceBuilder;
    use aws_sdk_ec2::types::{GroupIdentifier, IamInstanceProfile};

    fn instance(id: &str) -> InstanceBuilder {
        let group = GroupIdentifier::builder().group_id("sg-1").build();
        ec2::Instance::builder()
            .instance_id(id)
            .subnet_id("subnet-1")
            .security_groups(group)
            .private_ip_address("10.0.1.4")
    }

    fn with_profile(id: &str, name: &str) -> ec2::Instance {
        let arn = format!("arn:aws:iam::111122223333:instance-profile/a/path/{name}");
        let profile = IamInstanceProfile::builder().arn(arn).build();
        instance(id).iam_instance_profile(profile).build()
    }

    #[test]
    fn an_instance_has_the_role_of_its_profile() {
        let reader = Known::Is(Some("reader".to_owned()));
        let hidden = Known::Not("no".to_owned());
        let found = Callers {
            instances: Known::Is(vec![
                with_profile("i-1", "one"),
                with_profile("i-2", "two"),
                instance("i-3").public_ip_address("203.0.113.7").build(),
                ec2::Instance::builder().instance_id("i-4").build(),
            ]),
            profiles: [("one", reader.clone()), ("two", hidden.clone())]
                .map(|(name, role)| (name.to_owned(), role))
                .into(),
        };
        assert!(found.roles().eq(["reader"]));
        let mut network = Network::default();
        let mut gaps = Gaps::default();
        tell(&mut network, &mut gaps, found).unwrap();
        let told = &network.instances;
        assert_eq!(told.len(), 3);
        assert_eq!(told["i-1"].role, reader);
        assert_eq!(told["i-2"].role, hidden);
        assert_eq!(told["i-3"].role, Known::Is(None));
        let address = "203.0.113.7".parse().unwrap();
        assert_eq!(told["i-3"].public_address, PublicAddress::Is(address));
        assert_eq!(told["i-1"].public_address, PublicAddress::None);
        assert_eq!(told["i-1"].private_address, "10.0.1.4".parse().ok());
        assert!(told["i-1"].security_groups.iter().eq(["sg-1"]));
    }

    #[test]
    fn an_address_that_is_none_is_an_error() {
        let found = Callers {
            instances: Known::Is(vec![instance("i-1").public_ip_address("x").build()]),
            profiles: BTreeMap::new(),
        };
        assert!(tell(&mut Network::default(), &mut Gaps::default(), found).is_err());
    }
}
