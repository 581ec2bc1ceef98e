//! What becomes of each attempt to make a call, and whether there is a next one.
//!
//! The SDK's own retries go by the error alone. Ours go by the operation too:
//!
//! ```text
//!                       reads, tokens,    calls that may
//!                       same results      be sent once only
//! never left here       again             again
//! throttled             again             again        (never carried out)
//! sent, no answer       again             the caller's turn
//! answer unreadable     again             the caller's turn
//! AWS's own failure     again             the caller's turn
//! refused, lock lost    –                 –
//! ```
//!
//! Throttles are repeated for ten minutes, all else up to ten attempts. The
//! SDK's quota of retries is not used: it would end a large run at the first
//! busy minute. Every attempt is also told to the [`Pacer`], which learns from
//! throttles.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, Error, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::{Metadata, OrchestratorError};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::retry::RetryConfig;

use super::fence::{Fence, NotSent, Unanswered};
use super::operations::may_repeat;
use super::pacer::Pacer;

/// How often a call is tried while it fails in passing ways; the SDK's standard
/// mode gives up after 3.
pub(super) const ATTEMPTS: u32 = 10;
/// How long a call is tried while AWS asks to slow down.
const THROTTLED: Duration = Duration::from_secs(600);
/// The longest pause between attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// The longest pause after a throttle. What spaces the calls is the pacer; this
/// only spreads those that were refused together.
const THROTTLE_PAUSE: Duration = Duration::from_secs(3);

/// AWS's codes for "you are asking too fast". Nothing has been done then.
const THROTTLES: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequests",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "SlowDown",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
];

/// Codes that come with a status of the server's failure, and are refusals:
/// there was no room for what was asked (Amazon EC2 API reference, "Server
/// error codes").
const NO_ROOM: &[&str] = &[
    "InsufficientAddressCapacity",
    "InsufficientCapacity",
    "InsufficientHostCapacity",
    "InsufficientInstanceCapacity",
    "InsufficientReservedInstanceCapacity",
    "InsufficientCapacityOnHost",
];

/// What became of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// AWS did it.
    Done,
    /// AWS refuses it, or this run may no longer ask for it.
    Refused,
    /// AWS asks to come again later.
    Throttled,
    /// It never left this machine.
    NotSent,
    /// It was sent, and nobody knows what came of it.
    Unknown,
}

/// What AWS's answer means, by its status and its error code.
pub(super) fn judge(status: u16, code: Option<&str>) -> End {
    let is = |codes: &[&str]| code.is_some_and(|code| codes.contains(&code));
    if is(THROTTLES) || status == 429 {
        End::Throttled
    } else if is(NO_ROOM) {
        End::Refused
    } else if status >= 500 || is(&["RequestTimeout", "RequestTimeoutException"]) {
        End::Unknown
    } else if (400..500).contains(&status) {
        End::Refused
    } else {
        // An error in an answer of success: it could not be read.
        End::Unknown
    }
}

/// Whether a request certainly never left: no name, no connection, no TLS. The
/// HTTP client says so in words only; what it does not say counts as sent.
pub(super) fn never_left(error: &ConnectorError) -> bool {
    if error.is_user() {
        return true;
    }
    let mut cause: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if text == "client error (Connect)" || text.starts_with("HTTP connect timeout") {
            return true;
        }
        cause = error.source();
    }
    false
}

fn end_of(
    error: &OrchestratorError<Error>,
    answer: Option<(u16, Option<&str>)>,
    sent: bool,
) -> End {
    if !sent {
        return End::NotSent;
    }
    if let Some(error) = error.as_connector_error() {
        return match never_left(error) {
            true => End::NotSent,
            false => End::Unknown,
        };
    }
    match answer {
        Some((status, code)) if error.is_operation_error() => judge(status, code),
        _ => End::Unknown,
    }
}

/// The error code in an answer's body: `<Code>` in the query and REST services,
/// `__type` in the JSON ones.
fn code_in(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?;
    if let Some((_, rest)) = text.split_once("<Code>") {
        return rest.split_once("</Code>").map(|(code, _)| code.trim());
    }
    let (_, rest) = text.split_once("\"__type\"")?;
    let name = rest.split('"').nth(1)?;
    Some(name.rsplit('#').next().unwrap_or(name))
}

/// How a call has gone so far.
#[derive(Debug, Clone, Default)]
struct Course {
    /// When the attempt left, by the pacer's clock; none if it has not.
    sent: Option<f64>,
    /// How many attempts failed otherwise than by a throttle.
    failed: u32,
    /// Since when AWS asks to slow down.
    throttled: Option<Instant>,
}

impl Storable for Course {
    type Storer = StoreReplace<Self>;
}

impl Course {
    fn of(cfg: &ConfigBag) -> Self {
        cfg.load::<Self>().cloned().unwrap_or_default()
    }

    /// Whether there is a next attempt.
    fn goes_on(&mut self, end: End, operation: &str) -> bool {
        match end {
            End::Done | End::Refused => false,
            End::Throttled => self.throttled.get_or_insert_with(Instant::now).elapsed() < THROTTLED,
            End::Unknown if !may_repeat(operation) => false,
            End::NotSent | End::Unknown => {
                self.failed += 1;
                self.failed < ATTEMPTS
            }
        }
    }
}

/// Watches every attempt of a client.
#[derive(Debug, Clone)]
pub(super) struct Attempts {
    pub(super) pacer: Arc<Pacer>,
    pub(super) fence: Fence,
}

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "Attempts"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.fence.passes(cfg)?;
        let mut course = Course::of(cfg);
        course.sent = Some(self.pacer.now());
        cfg.interceptor_state().store_put(course);
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(call) = cfg.load::<Metadata>().cloned() else {
            return Ok(());
        };
        let mut course = Course::of(cfg);
        let sent = course.sent.take();
        let answer = context.response().map(|response| {
            let code = response.body().bytes().and_then(code_in);
            (response.status().as_u16(), code)
        });
        let end = match context.output_or_error() {
            None | Some(Ok(_)) => End::Done,
            Some(Err(error)) if NotSent::is_for_good(error) => End::Refused,
            Some(Err(error)) => end_of(error, answer, sent.is_some()),
        };
        if let Some(sent) = sent {
            // A zone that is busy is no sign of calling too fast.
            let busy = answer.is_some_and(|(_, code)| code == Some("PriorRequestNotComplete"));
            let throttled = end == End::Throttled && !busy;
            self.pacer
                .answered(call.service(), call.name(), sent, throttled);
        }
        if end == End::Unknown {
            cfg.interceptor_state().store_put(Unanswered);
        }
        let goes_on = course.goes_on(end, call.name());
        if !matches!(end, End::Done | End::Refused)
            && let Some(config) = cfg.load::<RetryConfig>()
            && let Some(made) = cfg.load::<RequestAttempts>()
            && config.has_retry()
        {
            let made = made.attempts();
            let pause = match end {
                End::Throttled => THROTTLE_PAUSE,
                _ => LONGEST_PAUSE,
            };
            let config = config
                .clone()
                .with_max_attempts(if goes_on { made + 1 } else { made })
                .with_max_backoff(pause);
            cfg.interceptor_state().store_put(config);
        }
        cfg.interceptor_state().store_put(course);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_refusal_a_throttle_or_no_answer_at_all() {
        assert_eq!(judge(400, Some("InvalidParameterValue")), End::Refused);
        assert_eq!(judge(404, None), End::Refused);
        assert_eq!(judge(503, Some("RequestLimitExceeded")), End::Throttled);
        assert_eq!(judge(400, Some("Throttling")), End::Throttled);
        assert_eq!(judge(503, Some("SlowDown")), End::Throttled);
        assert_eq!(judge(500, Some("InternalError")), End::Unknown);
        assert_eq!(judge(502, None), End::Unknown);
        assert_eq!(judge(200, None), End::Unknown);
        assert_eq!(
            judge(500, Some("InsufficientAddressCapacity")),
            End::Refused
        );
    }

    #[test]
    fn codes_are_read_from_both_sorts_of_answer() {
        let xml = b"<Response><Errors><Error><Code>Unavailable</Code></Error></Errors></Response>";
        assert_eq!(code_in(xml), Some("Unavailable"));
        let json = br#"{"__type":"com.amazonaws.ssm#ThrottlingException","message":"slow"}"#;
        assert_eq!(code_in(json), Some("ThrottlingException"));
        assert_eq!(code_in(b"<html>Bad Gateway</html>"), None);
        assert_eq!(code_in(&[0xff, 0xfe]), None);
    }

    #[test]
    fn what_may_not_be_repeated_ends_with_the_first_lost_answer() {
        let mut course = Course::default();
        assert!(!course.goes_on(End::Unknown, "CreateVpc"));
        assert!(course.goes_on(End::NotSent, "CreateVpc"));
        assert!(course.goes_on(End::Throttled, "CreateVpc"));
        assert!(course.goes_on(End::Unknown, "DescribeVpcs"));
        assert!(!course.goes_on(End::Refused, "DescribeVpcs"));
    }

    #[test]
    fn attempts_are_counted_without_throttles() {
        let mut course = Course::default();
        for _ in 0..1000 {
            assert!(course.goes_on(End::Throttled, "CreateSubnet"));
        }
        let more = (0..100).take_while(|_| course.goes_on(End::NotSent, "CreateSubnet"));
        assert_eq!(more.count(), 9);
    }

    #[tokio::test]
    async fn a_refused_connection_never_left_and_a_silent_one_did() {
        use aws_smithy_runtime_api::client::result::SdkError;

        async fn failure(port: u16) -> ConnectorError {
            let ec2 = aws_sdk_ec2::Client::from_conf(
                aws_sdk_ec2::Config::builder()
                    .behavior_version_latest()
                    .endpoint_url(format!("http://127.0.0.1:{port}"))
                    .region(aws_sdk_ec2::config::Region::new("eu-west-1"))
                    .credentials_provider(aws_sdk_ec2::config::Credentials::new(
                        "a", "b", None, None, "test",
                    ))
                    .retry_config(RetryConfig::disabled())
                    .build(),
            );
            match ec2.describe_vpcs().send().await {
                Err(SdkError::DispatchFailure(failure)) => {
                    let told = failure.as_connector_error().map(ToString::to_string);
                    assert!(told.is_some());
                    let error = failure.as_connector_error().unwrap();
                    // The error is only lent; its judgement is what counts.
                    if never_left(error) {
                        ConnectorError::user("never left".into())
                    } else {
                        ConnectorError::io("left".into())
                    }
                }
                other => panic!("{other:?}"),
            }
        }
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let closed = listener.local_addr().unwrap().port();
        drop(listener);
        assert!(failure(closed).await.is_user());

        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let silent = listener.local_addr().unwrap().port();
        let hangs_up = std::thread::spawn(move || {
            use std::io::Read;
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]);
        });
        assert!(failure(silent).await.is_io());
        hangs_up.join().unwrap();
    }
}
