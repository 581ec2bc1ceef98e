//! What can go wrong with a call, in a form that the engine can act upon and a
//! user can understand.

use std::time::Duration;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Why a call, or a wait after one, did not do its work.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// AWS answered with an error.
    #[error("{operation}: {code}: {message}")]
    Refused {
        /// The API operation, such as `CreateSubnet`.
        operation: &'static str,
        /// AWS's error code.
        code: String,
        /// AWS's message.
        message: String,
        /// AWS's id of the request, for a support case.
        request_id: Option<String>,
    },
    /// The request could not be sent, or its answer did not arrive.
    #[error("{operation}: no answer: {reason}")]
    NoAnswer {
        /// The API operation.
        operation: &'static str,
        /// What the transport says.
        reason: String,
    },
    /// Others still hold what is to be deleted.
    #[error("{id} is held by {}: {refusal}", listed(holders))]
    Held {
        /// AWS's id of the object.
        id: String,
        /// Who holds it, a sentence fragment each.
        holders: Vec<String>,
        /// AWS's refusal.
        refusal: Box<CallError>,
    },
    /// The object went into a state that it will not leave.
    #[error("{what} failed: {reason}")]
    Failed {
        /// Which object.
        what: String,
        /// AWS's failure code and message.
        reason: String,
    },
    /// A wait took longer than its limit.
    #[error("waited {} s for {what}; last seen: {last}", limit.as_secs())]
    TimedOut {
        /// What was waited for.
        what: String,
        /// What AWS last said.
        last: String,
        /// The limit.
        limit: Duration,
    },
    /// The user asked to stop while something was waited for.
    #[error("stopped while waiting for {what}")]
    Interrupted {
        /// What was waited for.
        what: String,
    },
    /// The step could not be written down before its call, so it was not made.
    #[error("not begun, since it cannot be written down: {0}")]
    NotRecorded(String),
    /// AWS's answer, or our own plan, lacks something that must be there.
    #[error("{0}")]
    Internal(String),
}

/// Codes by which AWS says that something failed on its side, perhaps halfway.
const OWN_FAILURES: &[&str] = &[
    "InternalError",
    "InternalFailure",
    "InternalServiceError",
    "ServiceUnavailable",
    "Unavailable",
    "ServiceFailure",
    "Unknown",
];

impl CallError {
    /// An answer or a plan that lacks something.
    #[must_use]
    pub fn internal(text: impl Into<String>) -> Self {
        Self::Internal(text.into())
    }

    /// AWS's error code; empty where AWS gave none.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused { code, .. } => code,
            Self::Held { refusal, .. } => refusal.code(),
            _ => "",
        }
    }

    /// AWS's message; empty where AWS gave none.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Refused { message, .. } => message,
            _ => "",
        }
    }

    /// AWS's id of the request, where it answered one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Refused { request_id, .. } => request_id.as_deref(),
            Self::Held { refusal, .. } => refusal.request_id(),
            _ => None,
        }
    }

    /// Whether AWS's code is one of these.
    #[must_use]
    pub fn is(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code())
    }

    /// Whether it is certain that the call has changed nothing: AWS refused it.
    /// After anything else (no answer, a failure of AWS's own, a wait that was
    /// broken off) somebody must look.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Refused { code, .. } => !OWN_FAILURES.contains(&code.as_str()),
            Self::Held { .. } | Self::Failed { .. } | Self::NotRecorded(_) => true,
            Self::NoAnswer { .. }
            | Self::TimedOut { .. }
            | Self::Interrupted { .. }
            | Self::Internal(_) => false,
        }
    }

    /// Whether the credentials are no longer good, so that every further call
    /// would fail too.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.is(&["ExpiredToken", "ExpiredTokenException", "RequestExpired"])
    }

    /// Whether AWS says that the object is not there. Only such an answer ever
    /// means "gone"; see the table of codes in each service's API reference.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        let code = self.code();
        code.ends_with(".NotFound")
            || code.ends_with("NotFoundException")
            || [
                "NatGatewayNotFound",
                "Gateway.NotAttached",
                "NoSuchEntity",
                "NoSuchBucket",
                "NoSuchHostedZone",
                "NoSuchBucketPolicy",
                "NoSuchPublicAccessBlockConfiguration",
                "NoSuchTagSet",
                "ServerSideEncryptionConfigurationNotFoundError",
                "VPCAssociationNotFound",
                "ParameterNotFound",
                "NotFound",
                "404",
            ]
            .contains(&code)
    }

    /// What the user can do about it, where we know.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        let text = match self.code() {
            "UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException" => {
                "grant this operation to the credentials in use, then run again"
            }
            "ExpiredToken" | "RequestExpired" | "ExpiredTokenException" => {
                "renew the credentials (`aws sso login` or `aws login`), then run again"
            }
            "AuthFailure" | "InvalidClientTokenId" | "SignatureDoesNotMatch" => {
                "check the credentials and the clock of this machine"
            }
            "BucketAlreadyExists" => {
                "bucket names are global: choose another name, or look the bucket up under [existing.bucket.…]"
            }
            "DependencyViolation" | "InvalidGroup.InUse" => {
                "delete what holds it (see above), or run again when it is gone"
            }
            "HostedZoneNotEmpty" => "delete the records that are not ours, then run again",
            "DeleteConflict" => "detach what still holds it (see above), then run again",
            "BucketNotEmpty" => {
                "empty the bucket, or set `force_destroy = true` on it and apply first"
            }
            code if code.ends_with("LimitExceeded") || code == "TooManyHostedZones" => {
                "raise the quota in the Service Quotas console, or remove what is not needed"
            }
            _ => match self {
                Self::NoAnswer { .. } => "check the network and the endpoint, then run again",
                Self::TimedOut { .. } | Self::Interrupted { .. } => {
                    "run again: it goes on from here"
                }
                _ => return None,
            },
        };
        Some(text.to_owned())
    }
}

fn listed(holders: &[String]) -> String {
    if holders.is_empty() {
        "something that AWS does not name".to_owned()
    } else {
        holders.join(", ")
    }
}

/// Turns an SDK error into ours, naming the operation:
/// `.send().await.map_err(on("CreateVpc"))?`.
pub fn on<E, R>(operation: &'static str) -> impl Fn(SdkError<E, R>) -> CallError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    move |error| match error.as_service_error() {
        Some(service) => {
            let meta = service.meta();
            CallError::Refused {
                operation,
                code: meta.code().unwrap_or("Unknown").to_owned(),
                // An answer that cannot be read has no message of AWS's.
                message: meta.message().map_or_else(|| chain(service), str::to_owned),
                request_id: meta.extra("aws_request_id").map(str::to_owned),
            }
        }
        None => CallError::NoAnswer {
            operation,
            reason: chain(&error),
        },
    }
}

/// The innermost two causes of an error, which are the ones that say something.
fn chain(error: &dyn std::error::Error) -> String {
    let mut texts = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        texts.push(cause.to_string());
        source = cause.source();
    }
    texts.dedup();
    texts.split_off(texts.len().saturating_sub(2)).join(": ")
}
