//! Holds back what would change something while it is not certain that this run may.
//!
//! A lock on S3 ends by itself, and a call takes its time: it waits for its turn, its
//! credentials, its connection, and the machine may sleep meanwhile. By the time that
//! it would leave, another run may be at work.
//!
//! ```text
//! its turn ─► wait until certain ─► credentials, signature ─► certain? ─► sent
//!                  ▲      └ lost: an error                       │ no
//!                  └────────────── the next attempt ◄────────────┘
//! ```
//!
//! Reads pass always. So do the writes of the lock and of state themselves: S3 judges
//! each of them by a condition.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, InterceptorContext,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use super::operations::is_read;

/// How long to wait before the mandate is asked again.
const A_WHILE: Duration = Duration::from_millis(100);

/// Whether a run may change something now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody else may.
    Certain,
    /// That has to be found out; it will be, before long.
    Uncertain,
    /// It may not, and never will again.
    Lost,
}

/// What gives a run the right to change something, such as a lock.
pub trait Mandate: fmt::Debug + Send + Sync {
    /// Whether it holds now.
    fn standing(&self) -> Standing;
}

/// Why a call was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotSent {
    /// For the next attempt to wait until it is.
    #[error("it is not certain that this run still holds its lock")]
    Uncertain,
    /// For good.
    #[error("this run has lost its lock")]
    Lost,
    /// For good, and nobody knows what became of an attempt before this one.
    #[error("this run has lost its lock, and it was not answered before that")]
    LostUnanswered,
}

impl NotSent {
    /// Whether this run may not ask again, ever.
    pub(super) fn is_for_good(error: &(dyn std::error::Error + 'static)) -> bool {
        Self::Lost.is_cause_of(error) || Self::LostUnanswered.is_cause_of(error)
    }

    /// Why a call is not sent once the right to it is lost.
    fn lost(cfg: &ConfigBag) -> Self {
        match cfg.load::<Unanswered>() {
            Some(_) => Self::LostUnanswered,
            None => Self::Lost,
        }
    }

    /// Whether this is at the bottom of an error.
    pub(super) fn is_cause_of(self, error: &(dyn std::error::Error + 'static)) -> bool {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.downcast_ref() == Some(&self) {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

/// Where calls are held back. Without a mandate all of them pass.
#[derive(Debug, Clone, Default)]
pub struct Fence {
    mandate: Arc<RwLock<Option<Arc<dyn Mandate>>>>,
}

impl Fence {
    /// From now on, what changes something goes by this mandate.
    pub fn goes_by(&self, mandate: Option<Arc<dyn Mandate>>) {
        *self.mandate.write().unwrap_or_else(PoisonError::into_inner) = mandate;
    }

    fn standing(&self, cfg: &ConfigBag) -> Standing {
        let call = cfg.load::<Metadata>();
        if cfg.load::<Judged>().is_some() || call.is_none_or(|call| is_read(call.name())) {
            return Standing::Certain;
        }
        let mandate = self.mandate.read().unwrap_or_else(PoisonError::into_inner);
        mandate
            .as_ref()
            .map_or(Standing::Certain, |mandate| mandate.standing())
    }

    /// Waits until it is certain that a call may go.
    pub(super) async fn certain(&self, cfg: &ConfigBag) -> Result<(), NotSent> {
        loop {
            match self.standing(cfg) {
                Standing::Certain => return Ok(()),
                Standing::Uncertain => tokio::time::sleep(A_WHILE).await,
                Standing::Lost => return Err(NotSent::lost(cfg)),
            }
        }
    }

    /// Whether a call may go at this moment.
    pub(super) fn passes(&self, cfg: &ConfigBag) -> Result<(), NotSent> {
        match self.standing(cfg) {
            Standing::Certain => Ok(()),
            Standing::Uncertain => Err(NotSent::Uncertain),
            Standing::Lost => Err(NotSent::lost(cfg)),
        }
    }
}

impl ClassifyRetry for Fence {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.output_or_error() {
            Some(Err(error)) if NotSent::Uncertain.is_cause_of(error) => {
                RetryAction::transient_error()
            }
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "Fence"
    }
}

/// The mark of a call of which an attempt was sent, and nobody knows its end.
#[derive(Debug)]
pub(super) struct Unanswered;

impl Storable for Unanswered {
    type Storer = StoreReplace<Self>;
}

/// The mark of a call that AWS itself judges by a condition.
#[derive(Debug)]
struct Judged;

impl Storable for Judged {
    type Storer = StoreReplace<Self>;
}

/// Marks all calls of a client as judged by AWS, so that none is held back.
#[derive(Debug)]
pub(super) struct UnderConditions;

impl Intercept for UnderConditions {
    fn name(&self) -> &'static str {
        "UnderConditions"
    }

    fn read_before_execution(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        cfg.interceptor_state().store_put(Judged);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use crate::aws::{Aws, CallError, Connection, on};

    /// A mandate that stands as the list says, and then as its last word says.
    #[derive(Debug)]
    struct Told(Mutex<Vec<Standing>>);

    impl Mandate for Told {
        fn standing(&self) -> Standing {
            let mut left = self.0.lock().unwrap();
            match left.len() {
                1 => left[0],
                _ => left.remove(0),
            }
        }
    }

    /// An endpoint that makes VPCs, and hangs up on some requests first; how many
    /// have come.
    fn endpoint(hangs_up: usize) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let came = Arc::new(AtomicUsize::new(0));
        let counter = came.clone();
        std::thread::spawn(move || {
            while let Ok((mut stream, _)) = listener.accept() {
                let read = stream.read(&mut [0; 16384]).unwrap_or_default();
                let before = counter.fetch_add(usize::from(read > 0), Ordering::SeqCst);
                if before < hangs_up {
                    continue;
                }
                let body = "<CreateVpcResponse><vpc><vpcId>vpc-1</vpcId></vpc></CreateVpcResponse>";
                let length = body.len();
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n");
                let answer = format!("{head}connection: close\r\n\r\n{body}");
                drop(stream.write_all(answer.as_bytes()));
            }
        });
        (url, came)
    }

    /// Clients that go by a mandate, and how many requests have come.
    async fn clients(standings: &[Standing], hangs_up: usize) -> (Aws, Arc<AtomicUsize>) {
        let (url, came) = endpoint(hangs_up);
        let connection = Connection {
            region: Some("eu-west-1".to_owned()),
            endpoint_url: Some(url),
            local_account: Some("123456789012".to_owned()),
            ..Connection::default()
        };
        let aws = Aws::connect(&connection).await.unwrap();
        let mandate = Told(Mutex::new(standings.to_vec()));
        aws.fence().goes_by(Some(Arc::new(mandate)));
        (aws, came)
    }

    /// What a call gives that goes by a mandate, and how many requests have come.
    async fn create(standings: &[Standing]) -> (Result<(), CallError>, usize) {
        let (aws, came) = clients(standings, 0).await;
        let created = aws.ec2.create_vpc().cidr_block("10.0.0.0/16").send().await;
        let created = created.map(drop).map_err(on("CreateVpc"));
        // A read asks nobody.
        let read = aws.ec2.describe_vpcs().send().await;
        drop(read.map_err(on("DescribeVpcs")));
        (created, came.load(Ordering::SeqCst) - 1)
    }

    #[tokio::test]
    async fn what_is_certain_goes_and_what_is_not_waits() {
        use Standing::{Certain, Uncertain};
        let (created, came) = create(&[Certain]).await;
        assert!(created.is_ok() && came == 1, "{created:?} {came}");
        let (created, came) = create(&[Uncertain, Uncertain, Certain]).await;
        assert!(created.is_ok() && came == 1, "{created:?} {came}");
    }

    #[tokio::test]
    async fn a_call_that_is_overtaken_on_its_way_goes_when_it_is_certain_again() {
        use Standing::{Certain, Uncertain};
        let on_its_way = [Certain, Uncertain, Uncertain, Uncertain, Certain];
        let (created, came) = create(&on_its_way).await;
        assert!(created.is_ok() && came == 1, "{created:?} {came}");
    }

    #[tokio::test]
    async fn without_the_lock_nothing_is_sent_and_nothing_is_tried_again() {
        use Standing::{Certain, Lost, Uncertain};
        for standings in [
            &[Lost][..],
            &[Uncertain, Lost],
            &[Certain, Lost],
            &[Certain, Uncertain, Lost],
        ] {
            let (created, came) = create(standings).await;
            assert!(
                matches!(created, Err(CallError::LockLost { .. })),
                "{created:?}"
            );
            assert!(created.is_err_and(|error| error.is_final()));
            assert_eq!(came, 0, "{standings:?}");
        }
    }

    #[tokio::test]
    async fn what_was_sent_before_the_lock_was_lost_has_an_unknown_end() {
        use Standing::{Certain, Lost};
        // Twice certain for the first attempt, which is sent and not answered.
        let (aws, came) = clients(&[Certain, Certain, Lost], 1).await;
        let tags = aws.ec2.create_tags().resources("vpc-1").send().await;
        let error = tags.map_err(on("CreateTags")).unwrap_err();
        assert!(error.is_ambiguous() && !error.is_final(), "{error:?}");
        let told = error.to_string();
        assert!(told.starts_with("CreateTags: no answer: "), "{told}");
        assert!(told.ends_with("it was not answered before that"), "{told}");
        assert_eq!(came.load(Ordering::SeqCst), 1);
    }
}
