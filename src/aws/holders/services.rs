//! Which AWS service put an interface, an endpoint or a group into a VPC.
//!
//! Services make network interfaces in their users' subnets and say so in the
//! interface's type, requester or description (Amazon EC2 user guide,
//! "Requester-managed network interfaces", and each service's own guide). They
//! cannot be deleted by hand: what stands behind them can.

use aws_sdk_ec2::types::{NetworkInterface, NetworkInterfaceType};

use crate::model::Tags;

/// A service, and how to make it let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Service {
    /// Its name.
    pub name: &'static str,
    /// What the user can do.
    pub advice: &'static str,
}

/// How a description begins, what the requester's name contains, and whose the
/// interface then is. Either may be empty, which never fits.
const BY_DESCRIPTION: &[(&str, &str, Service)] = &[
    (
        "AWS Lambda VPC ENI",
        "lambda",
        Service {
            name: "AWS Lambda",
            advice: "delete the function or take it out of this VPC; Lambda then removes its \
                     interfaces within about 45 minutes",
        },
    ),
    (
        "ELB ",
        "amazon-elb",
        Service {
            name: "Elastic Load Balancing",
            advice: "delete that load balancer",
        },
    ),
    (
        "RDSNetworkInterface",
        "amazon-rds",
        Service {
            name: "Amazon RDS",
            advice: "delete the database that lies in this subnet",
        },
    ),
    (
        "EFS mount target",
        "",
        Service {
            name: "Amazon EFS",
            advice: "delete that mount target",
        },
    ),
    (
        "ElastiCache",
        "amazon-elasticache",
        Service {
            name: "Amazon ElastiCache",
            advice: "delete that cache",
        },
    ),
    (
        "RedshiftNetworkInterface",
        "amazon-redshift",
        Service {
            name: "Amazon Redshift",
            advice: "delete the cluster that lies in this subnet",
        },
    ),
    (
        "DMSNetworkInterface",
        "",
        Service {
            name: "AWS DMS",
            advice: "delete the replication instance that lies in this subnet",
        },
    ),
    (
        "Amazon EKS ",
        "amazon-eks",
        Service {
            name: "Amazon EKS",
            advice: "delete that cluster",
        },
    ),
    (
        "arn:aws:ecs:",
        "",
        Service {
            name: "Amazon ECS",
            advice: "stop the task or scale its service down",
        },
    ),
    (
        "Route 53 Resolver:",
        "",
        Service {
            name: "Route 53 Resolver",
            advice: "delete that resolver endpoint",
        },
    ),
    (
        "Network Interface for Transit Gateway Attachment",
        "",
        Service {
            name: "AWS Transit Gateway",
            advice: "delete that attachment",
        },
    ),
    (
        "AWS created network interface for directory",
        "",
        Service {
            name: "AWS Directory Service",
            advice: "delete that directory",
        },
    ),
    (
        "ClientVPN Endpoint",
        "",
        Service {
            name: "AWS Client VPN",
            advice: "take this subnet off that Client VPN endpoint",
        },
    ),
];

/// By the interface's own type, where its description says nothing.
const BY_TYPE: &[(NetworkInterfaceType, &str)] = &[
    (NetworkInterfaceType::Lambda, "AWS Lambda VPC ENI"),
    (NetworkInterfaceType::LoadBalancer, "ELB "),
    (NetworkInterfaceType::NetworkLoadBalancer, "ELB "),
    (
        NetworkInterfaceType::TransitGateway,
        "Network Interface for Transit Gateway Attachment",
    ),
];

/// GuardDuty plants an interface endpoint and a group in the VPCs that it
/// watches (Amazon GuardDuty user guide, "Runtime Monitoring", and its tag
/// `GuardDutyManaged`).
pub(super) const GUARD_DUTY: Service = Service {
    name: "Amazon GuardDuty",
    advice: "turn GuardDuty's automated agent off for this VPC first, or it comes back; \
             then delete it",
};

/// A service that the interface's answer does not name.
const SOME_SERVICE: Service = Service {
    name: "an AWS service",
    advice: "delete what made it; its description says what that is",
};

/// The service that keeps an interface; none where a user made it.
pub(super) fn of_interface(interface: &NetworkInterface) -> Option<Service> {
    let managed = interface.requester_managed().unwrap_or(false);
    let description = interface.description().unwrap_or_default();
    let requester = interface.requester_id().unwrap_or_default();
    let by_type = interface.interface_type().and_then(|is| {
        let known = BY_TYPE.iter().find(|(kind, _)| kind == is);
        known.map(|(_, description)| *description)
    });
    let known = BY_DESCRIPTION.iter().find(|(start, name, _)| {
        // A description alone could be anybody's: users write them too.
        let described = managed && description.starts_with(start);
        let requested = managed && !name.is_empty() && requester.contains(name);
        described || requested || by_type == Some(*start)
    });
    let service = known.map(|(_, _, service)| *service);
    service.or(managed.then_some(SOME_SERVICE))
}

/// Whether GuardDuty planted an endpoint: by its service's name or its tag.
pub(super) fn is_guard_duty_endpoint(service: &str, tags: &Tags) -> bool {
    service.contains("guardduty-data")
        || tags
            .get("GuardDutyManaged")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// Whether GuardDuty planted a group: by its name.
pub(super) fn is_guard_duty_group(name: &str) -> bool {
    name.starts_with("GuardDutyManagedSecurityGroup-vpc-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(description: &str, requester: &str, managed: bool) -> NetworkInterface {
        NetworkInterface::builder()
            .description(description)
            .requester_id(requester)
            .requester_managed(managed)
            .build()
    }

    #[test]
    fn services_are_known_by_requester_or_description() {
        let cases = [
            (
                "AWS Lambda VPC ENI-report-0a1b",
                "AROA1:report",
                "AWS Lambda",
            ),
            ("", "amazon-rds", "Amazon RDS"),
            ("ELB app/web/0a1b2c", "amazon-elb", "Elastic Load Balancing"),
            ("EFS mount target for fs-1 (fsmt-1)", "1234", "Amazon EFS"),
            (
                "Route 53 Resolver: rslvr-in-1:rni-1",
                "1234",
                "Route 53 Resolver",
            ),
            ("", "", "an AWS service"),
        ];
        for (description, requester, expected) in cases {
            let service = of_interface(&interface(description, requester, true));
            assert_eq!(service.map(|it| it.name), Some(expected), "{description}");
        }
    }

    #[test]
    fn what_a_user_writes_makes_no_service() {
        let pretender = interface("EFS mount target for fs-1", "111122223333", false);
        assert_eq!(of_interface(&pretender), None);
        assert_eq!(of_interface(&interface("", "", false)), None);
    }

    #[test]
    fn a_type_says_enough() {
        let lambda = NetworkInterface::builder()
            .interface_type(NetworkInterfaceType::Lambda)
            .build();
        assert_eq!(of_interface(&lambda).map(|it| it.name), Some("AWS Lambda"));
    }

    #[test]
    fn guard_duty_is_known_by_service_tag_and_group_name() {
        let tags = |value: &str| Tags::from([("GuardDutyManaged".into(), value.into())]);
        let service = "com.amazonaws.eu-west-1.guardduty-data";
        assert!(is_guard_duty_endpoint(service, &Tags::new()));
        assert!(is_guard_duty_endpoint(
            "com.amazonaws.eu-west-1.s3",
            &tags("true")
        ));
        assert!(!is_guard_duty_endpoint(
            "com.amazonaws.eu-west-1.s3",
            &tags("false")
        ));
        assert!(is_guard_duty_group(
            "GuardDutyManagedSecurityGroup-vpc-0a1b"
        ));
        assert!(!is_guard_duty_group("guards"));
    }
}
