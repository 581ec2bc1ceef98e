//! What is asked of a network.

use crate::model::network::Key;

/// From where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Some machine of a subnet: its groups and its role are not known.
    Subnet(Key),
    /// An instance, with its groups and its role.
    Instance(Key),
}

/// To what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Goal {
    /// A bucket, by its key in the network; one that is not there is somebody
    /// else's, of which only the name is known.
    Bucket(Key),
    /// A service of the region, by its short name: `ssm`, `ec2`, `monitoring`.
    Service(String),
}

/// By which name the client calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Naming {
    /// The service's usual name where that leads there, else the own name of an
    /// interface endpoint that does.
    #[default]
    Usual,
    /// `BUCKET.s3.REGION.amazonaws.com`, what clients use unless told otherwise.
    Bucket,
    /// `s3.REGION.amazonaws.com/BUCKET`.
    Path,
    /// `BUCKET.s3.amazonaws.com`, the legacy global name.
    Global,
    /// `BUCKET.s3.dualstack.REGION.amazonaws.com`.
    Dualstack,
    /// The own name of an interface endpoint: `bucket.vpce-…` for buckets.
    Endpoint,
    /// `NAME-ACCOUNT.s3-accesspoint.REGION.amazonaws.com`.
    AccessPoint,
    /// `ACCOUNT.s3-control.REGION.amazonaws.com`.
    Control,
    /// A whole host name.
    Host(String),
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// From where.
    pub from: Origin,
    /// To what.
    pub to: Goal,
    /// By which name.
    pub naming: Naming,
    /// What is to be done there, such as `s3:GetObject`; the network's part
    /// alone where absent.
    pub action: Option<String>,
    /// The object's key, for actions on objects; any object where absent.
    pub object: Option<String>,
    /// As which role: its key or ARN. An instance's own where absent.
    pub principal: Option<String>,
    /// Whether the client speaks TLS, as all do unless told otherwise.
    pub tls: bool,
}

impl Question {
    /// The plain question: by the usual name, over TLS, may objects be read.
    #[must_use]
    pub fn new(from: Origin, to: Goal) -> Self {
        let action = matches!(to, Goal::Bucket(_)).then(|| "s3:GetObject".to_owned());
        Self {
            from,
            to,
            naming: Naming::Usual,
            action,
            object: None,
            principal: None,
            tls: true,
        }
    }
}

impl std::str::FromStr for Naming {
    type Err = std::convert::Infallible;

    /// What `--name` holds: one of the words, or a host name.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "usual" => Self::Usual,
            "bucket" => Self::Bucket,
            "path" => Self::Path,
            "global" => Self::Global,
            "dualstack" => Self::Dualstack,
            "endpoint" => Self::Endpoint,
            "accesspoint" => Self::AccessPoint,
            "control" => Self::Control,
            host => Self::Host(host.to_ascii_lowercase()),
        })
    }
}

impl std::fmt::Display for Naming {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Usual => "usual",
            Self::Bucket => "bucket",
            Self::Path => "path",
            Self::Global => "global",
            Self::Dualstack => "dualstack",
            Self::Endpoint => "endpoint",
            Self::AccessPoint => "accesspoint",
            Self::Control => "control",
            Self::Host(host) => host,
        })
    }
}
