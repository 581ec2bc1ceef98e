//! What can go wrong with a call, in a form that the engine can act upon and a
//! user can understand.

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::attempts::{End, judge, never_left};
use super::fence;
use crate::model::{Holder, holder};

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
    #[error("{operation}: {}: {reason}", if *sent { "no answer" } else { "not sent" })]
    NoAnswer {
        /// The API operation.
        operation: &'static str,
        /// What the transport says.
        reason: String,
        /// Whether it left this machine, so that AWS may have carried it out.
        sent: bool,
    },
    /// The run has lost its lock, so the request was not sent.
    #[error("{operation}: not sent: {}", fence::NotSent::Lost)]
    LockLost {
        /// The API operation.
        operation: &'static str,
    },
    /// AWS answered that it failed itself, or in a way that cannot be read, so
    /// that it may have carried the call out.
    #[error("{operation}: {code}: {message}")]
    Unclear {
        /// The API operation.
        operation: &'static str,
        /// AWS's error code.
        code: String,
        /// AWS's message.
        message: String,
        /// AWS's id of the request, for a support case.
        request_id: Option<String>,
    },
    /// A call whose answers were lost made several objects.
    #[error("{what} is there more than once: {}", ids.join(", "))]
    Several {
        /// What was to be made.
        what: String,
        /// AWS's ids of them.
        ids: Vec<String>,
    },
    /// Others still hold what is to be deleted.
    #[error("{id} is held by {}: {refusal}", holder::in_brief(holders))]
    Held {
        /// AWS's id of the object.
        id: String,
        /// Who holds it: those that need the user first.
        holders: Vec<Holder>,
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
            Self::Refused { code, .. } | Self::Unclear { code, .. } => code,
            Self::Held { refusal, .. } => refusal.code(),
            _ => "",
        }
    }

    /// AWS's message; empty where AWS gave none.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::Refused { message, .. } | Self::Unclear { message, .. } => message,
            _ => "",
        }
    }

    /// AWS's id of the request, where it answered one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Refused { request_id, .. } | Self::Unclear { request_id, .. } => {
                request_id.as_deref()
            }
            Self::Held { refusal, .. } => refusal.request_id(),
            _ => None,
        }
    }

    /// Who holds what was to be deleted; nobody where that is not the trouble.
    #[must_use]
    pub fn holders(&self) -> &[Holder] {
        match self {
            Self::Held { holders, .. } => holders,
            _ => &[],
        }
    }

    /// Whether AWS's code is one of these.
    #[must_use]
    pub fn is(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code())
    }

    /// Whether nobody knows if AWS has carried the call out: it was sent and not
    /// answered, or AWS failed itself, or its answer cannot be read.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        matches!(
            self,
            Self::NoAnswer { sent: true, .. } | Self::Unclear { .. }
        )
    }

    /// Whether it is certain that the call has changed nothing: AWS refused it.
    /// After anything else (no answer, a failure of AWS's own, a wait that was
    /// broken off) somebody must look.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Refused { code, .. } => !OWN_FAILURES.contains(&code.as_str()),
            Self::Held { .. }
            | Self::Failed { .. }
            | Self::NotRecorded(_)
            | Self::LockLost { .. } => true,
            Self::NoAnswer { sent, .. } => !sent,
            Self::Unclear { .. }
            | Self::Several { .. }
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
        if let Some(remedy) = holder::remedy(self.holders()) {
            return Some(remedy);
        }
        let text = match self.code() {
            "UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException" => {
                "grant this operation to the credentials in use, then run again"
            }
            "ExpiredToken" | "RequestExpired" | "ExpiredTokenException" => {
                "renew the credentials (`aws sso login` or `aws login`), then run again"
            }
            "AuthFailure" | "InvalidClientTokenId" | "SignatureDoesNotMatch" => {
                "check the credentials, the clock of this machine, and that the account has this region enabled"
            }
            "BucketAlreadyExists" => {
                "bucket names are global: choose another name, or look the bucket up under [existing.bucket.…]"
            }
            "DependencyViolation" | "InvalidGroup.InUse" => {
                "run again in a few minutes: AWS may be taking down what holds it"
            }
            "HostedZoneNotEmpty" => "delete the records that are not ours, then run again",
            "DeleteConflict" => "detach what still holds it, then run again",
            "BucketNotEmpty" => {
                "empty the bucket, or set `force_destroy = true` on it and apply first"
            }
            "RequestLimitExceeded" | "Throttling" | "ThrottlingException" | "SlowDown" => {
                "others use up this account's rate of calls: run again when they have ended, or with a lower `--parallelism`"
            }
            code if code.ends_with("LimitExceeded") || code == "TooManyHostedZones" => {
                "raise the quota in the Service Quotas console, or remove what is not needed"
            }
            _ => match self {
                _ if self.is_not_found() => {
                    "it may have been deleted since the plan was made: run again, which looks anew"
                }
                Self::NotRecorded(_) => "free some space or make it writable, then run again",
                Self::LockLost { .. } => "wait until the other run has ended, then run again",
                Self::NoAnswer { sent: false, .. } => {
                    "check the network and the endpoint, then run again"
                }
                Self::NoAnswer { .. } | Self::Unclear { .. } => {
                    "run again: it finds out first what became of the call"
                }
                Self::Several { .. } => {
                    "delete all but one of them, those that nothing uses, then run again"
                }
                Self::TimedOut { .. } | Self::Interrupted { .. } => {
                    "run again: it goes on from here"
                }
                _ => return None,
            },
        };
        Some(text.to_owned())
    }
}

/// Turns an SDK error into ours, naming the operation:
/// `.send().await.map_err(on("CreateVpc"))?`.
pub fn on<E>(operation: &'static str) -> impl Fn(SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    move |error| match &error {
        SdkError::ServiceError(answer) => {
            let service = answer.err();
            let meta = service.meta();
            let code = meta.code().unwrap_or("Unknown").to_owned();
            // An answer that cannot be read has no message of AWS's.
            let message = meta.message();
            let message = message.map_or_else(|| chain(service), str::to_owned);
            let request_id = meta.extra("aws_request_id").map(str::to_owned);
            match judge(answer.raw().status().as_u16(), meta.code()) {
                End::Unknown => CallError::Unclear {
                    operation,
                    code,
                    message,
                    request_id,
                },
                _ => CallError::Refused {
                    operation,
                    code,
                    message,
                    request_id,
                },
            }
        }
        _ if fence::NotSent::Lost.is_cause_of(&error) => CallError::LockLost { operation },
        _ => CallError::NoAnswer {
            operation,
            reason: chain(&error),
            sent: was_sent(&error),
        },
    }
}

/// Whether a call that was not answered left this machine. Where that is not
/// certain, it did.
fn was_sent<E: std::error::Error + 'static>(error: &SdkError<E, HttpResponse>) -> bool {
    match error {
        _ if fence::NotSent::LostUnanswered.is_cause_of(error) => true,
        SdkError::ConstructionFailure(_) => false,
        SdkError::DispatchFailure(failure) => failure.as_connector_error().is_none_or(|error| {
            // What fails before the HTTP client is reached, such as finding
            // credentials, comes as an error of no kind that is not the client's.
            let before = error.is_other() && error.as_other().is_none();
            !(never_left(error) || before && !is_of_the_client(error))
        }),
        _ => true,
    }
}

fn is_of_the_client(error: &dyn std::error::Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.to_string().starts_with("client error (") {
            return true;
        }
        cause = error.source();
    }
    false
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

#[cfg(test)]
mod tests {
    use super::*;

    fn no_answer(sent: bool) -> CallError {
        CallError::NoAnswer {
            operation: "CreateVpc",
            reason: "timeout".to_owned(),
            sent,
        }
    }

    #[test]
    fn only_what_left_this_machine_is_ambiguous() {
        assert!(no_answer(true).is_ambiguous());
        assert!(!no_answer(false).is_ambiguous());
        assert_eq!(no_answer(true).to_string(), "CreateVpc: no answer: timeout");
        assert_eq!(no_answer(false).to_string(), "CreateVpc: not sent: timeout");
        let failed = CallError::Unclear {
            operation: "CreateVpc",
            code: "InternalError".to_owned(),
            message: "An internal error has occurred".to_owned(),
            request_id: Some("1-2".to_owned()),
        };
        assert!(failed.is_ambiguous());
        assert!(failed.is(&["InternalError"]));
        assert_eq!(failed.request_id(), Some("1-2"));
    }

    #[test]
    fn several_are_all_named() {
        let several = CallError::Several {
            what: "the VPC".to_owned(),
            ids: vec!["vpc-1".to_owned(), "vpc-2".to_owned()],
        };
        let told = several.to_string();
        assert_eq!(told, "the VPC is there more than once: vpc-1, vpc-2");
        assert!(
            several
                .remedy()
                .is_some_and(|it| it.contains("delete all but one"))
        );
    }
}
