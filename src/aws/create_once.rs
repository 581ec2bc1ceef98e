//! Creating calls without a client token, whose lost answer must not cost a
//! second object.
//!
//! ```text
//! create ─┬─ answered ─────────────────────────► its id
//!         ├─ refused: it is there already ─► look ─ found ► its id
//!         │                                     └─ none ──► the refusal
//!         └─ answer lost ─► look ─┬─ one ──────► its id
//!                           ▲     ├─ several ──► an error that names them
//!                           │     └─ none
//!                           │          ├─ AWS may not show it yet: look again
//!                           └──────────┴─ it was not made: create again
//! ```
//!
//! When may we say that it was not made? Where AWS itself refuses a second one
//! (a route's destination, a bucket's name), at once: to ask again is safe, and
//! its refusal tells that the first is there. Where it would make a second one
//! (a VPC, an Elastic IP), when AWS has had the time that it may take to show
//! what it made ([`Aws::consistency`](super::Aws::consistency)), counted from
//! when the call was sent.

use std::future::Future;
use std::time::{Duration, Instant};

use super::{Call, CallError};

/// How often a call is sent whose answers are lost.
const TIMES: u32 = 10;
/// For how long.
const LIMIT: Duration = Duration::from_secs(900);
/// The longest pause before it is sent again.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// What is created, and how AWS takes a second try.
#[derive(Debug, Clone, Copy)]
pub struct Creation {
    /// What is created, such as `the VPC`.
    pub what: &'static str,
    /// AWS's codes for "it is there already"; none where AWS makes a second one.
    pub taken: &'static [&'static str],
}

/// What [`Call::create_once`] gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// The id of an object whose creation AWS answered.
    New(String),
    /// The id of one that was found after its answer was lost.
    Found(String),
}

impl Made {
    /// The id.
    #[must_use]
    pub fn into_id(self) -> String {
        match self {
            Self::New(id) | Self::Found(id) => id,
        }
    }
}

/// Refusals that say that a place is taken. Whoever has it is seen by `look`, a
/// stranger too, and then with an error: where it sees nobody, AWS does not show
/// it yet.
const PLACES: &[&str] = &["Resource.AlreadyAssociated", "RouteAlreadyExists"];

impl Call<'_> {
    /// Creates an object by a call that takes no client token. `look` gives the
    /// ids of what this creation made, by its mark or natural key; it only reads.
    ///
    /// # Errors
    /// What `create` or `look` gives, [`CallError::Several`], or
    /// [`CallError::Interrupted`] when the user asked to stop waiting.
    pub async fn create_once<C, R, L, S>(
        &self,
        creation: Creation,
        mut create: C,
        mut look: L,
    ) -> Result<Made, CallError>
    where
        C: FnMut() -> R,
        R: Future<Output = Result<String, CallError>>,
        L: FnMut() -> S,
        S: Future<Output = Result<Vec<String>, CallError>>,
    {
        let start = Instant::now();
        let mut pause = super::wait::FIRST_GAP;
        let mut lost: Option<CallError> = None;
        for time in 1.. {
            let sent = Instant::now();
            let error = match create().await {
                Ok(id) => return Ok(Made::New(id)),
                Err(error) => error,
            };
            // Until when it may be there although no look shows it.
            let window = if error.is(creation.taken) {
                // Ours if an answer was lost before; else perhaps a stranger's,
                // or made by a run that was cut off a moment ago.
                match lost {
                    Some(_) => self.aws.patience(),
                    None if error.is(PLACES) => self.aws.consistency(),
                    None => Duration::ZERO,
                }
            } else if !error.is_ambiguous() {
                return Err(match lost {
                    Some(lost) if !creation.taken.is_empty() => open_still(&lost, &error),
                    _ => error,
                });
            } else if creation.taken.is_empty() {
                self.aws.consistency()
            } else {
                Duration::ZERO
            };
            let what = format!("{} that an unanswered call may have made", creation.what);
            let found = self.look_for(&what, &creation, sent, window, &mut look);
            match found.await {
                Ok(Some(id)) => return Ok(Made::Found(id)),
                Ok(None) => {}
                Err(why @ (CallError::Several { .. } | CallError::Interrupted { .. })) => {
                    return Err(why);
                }
                // A stranger's, or nobody's business: no call of ours is open.
                Err(why) if lost.is_none() && !error.is_ambiguous() => return Err(why),
                Err(why) => return Err(open_still(lost.as_ref().unwrap_or(&error), &why)),
            }
            if time >= TIMES || start.elapsed() >= LIMIT || error.is(creation.taken) {
                return Err(error);
            }
            let again = format!("an answer about {} ({error})", creation.what);
            self.pulse.waiting(&again, start.elapsed());
            self.pause(&again, &mut pause.clone()).await?;
            pause = (pause * 2).min(LONGEST_PAUSE);
            lost = Some(error);
        }
        Err(lost.unwrap_or_else(|| CallError::internal("nothing was tried")))
    }

    /// Looks until something is seen or `window` has passed since `sent`.
    async fn look_for<L, S>(
        &self,
        what: &str,
        creation: &Creation,
        sent: Instant,
        window: Duration,
        look: &mut L,
    ) -> Result<Option<String>, CallError>
    where
        L: FnMut() -> S,
        S: Future<Output = Result<Vec<String>, CallError>>,
    {
        let mut gap = super::wait::FIRST_GAP;
        loop {
            // What a look that began too early does not show, a later one may.
            let last = sent.elapsed() >= window;
            let mut found = look().await?;
            if found.len() > 1 {
                return Err(CallError::Several {
                    what: creation.what.to_owned(),
                    ids: found,
                });
            }
            if found.len() == 1 || last {
                return Ok(found.pop());
            }
            self.pulse
                .waiting(&format!("{what} (not seen)"), sent.elapsed());
            self.pause(what, &mut gap).await?;
        }
    }
}

/// An error that must not hide that an earlier call may have made something.
fn open_still(lost: &CallError, error: &CallError) -> CallError {
    let operation = match lost {
        CallError::NoAnswer { operation, .. } | CallError::Unclear { operation, .. } => operation,
        _ => "the call",
    };
    CallError::Unclear {
        operation,
        code: "no answer".to_owned(),
        message: format!("{lost}; and then: {error}"),
        request_id: error.request_id().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{Aws, Connection, Pulse};
    use crate::model::{Address, Place, Tags};
    use std::collections::{HashSet, VecDeque};
    use std::sync::Mutex;

    const VPC: Creation = Creation {
        what: "the VPC",
        taken: &[],
    };
    const SUBNET: Creation = Creation {
        what: "the subnet",
        taken: &["InvalidSubnet.Conflict"],
    };

    fn lost() -> Result<String, CallError> {
        Err(CallError::NoAnswer {
            operation: "Create",
            reason: "connection reset".into(),
            sent: true,
        })
    }

    fn refused(code: &str) -> Result<String, CallError> {
        Err(CallError::Refused {
            operation: "Create",
            code: code.into(),
            message: "no".into(),
            request_id: None,
        })
    }

    fn made(id: &str) -> Result<String, CallError> {
        Ok(id.into())
    }

    /// Runs a creation whose calls and looks end as stated, in turn; gives what
    /// came of it, and how many calls and looks were left over.
    async fn run(
        creation: Creation,
        seconds: u64,
        answers: Vec<Result<String, CallError>>,
        looks: Vec<Vec<&str>>,
    ) -> (Result<Made, CallError>, usize, usize) {
        let connection = Connection {
            region: Some("eu-west-1".into()),
            local_account: Some("123456789012".into()),
            consistency: Some(Duration::from_secs(seconds)),
            ..Connection::default()
        };
        let aws = Aws::connect(&connection).await.unwrap();
        let place = Place {
            account: "123456789012".into(),
            region: "eu-west-1".into(),
        };
        let (address, tags) = (Address::new("vpc", "main"), Tags::new());
        let pulse = Pulse::silent();
        let created = Mutex::new(HashSet::new());
        let call = Call {
            aws: &aws,
            place: &place,
            stack: "lab",
            address: &address,
            tags: &tags,
            token: "s3net-0123",
            pulse: &pulse,
            created: &created,
            leaving: &Mutex::default(),
        };
        let answers = Mutex::new(VecDeque::from(answers));
        let looks = Mutex::new(VecDeque::from(looks));
        let create = || async { answers.lock().unwrap().pop_front().unwrap() };
        let look = || async {
            let seen = looks.lock().unwrap().pop_front().unwrap();
            Ok(seen.into_iter().map(str::to_owned).collect())
        };
        let ended = call.create_once(creation, create, look).await;
        let left = (answers.lock().unwrap().len(), looks.lock().unwrap().len());
        (ended, left.0, left.1)
    }

    #[tokio::test]
    async fn an_answered_call_needs_no_look() {
        let (ended, 0, 0) = run(VPC, 0, vec![made("vpc-1")], vec![]).await else {
            panic!("a call or a look too few");
        };
        assert_eq!(ended.unwrap(), Made::New("vpc-1".into()));
        let (ended, 0, 0) = run(VPC, 0, vec![refused("VpcLimitExceeded")], vec![]).await else {
            panic!("a call or a look too few");
        };
        assert!(ended.unwrap_err().is(&["VpcLimitExceeded"]));
    }

    #[tokio::test]
    async fn what_a_lost_call_made_is_found() {
        for creation in [VPC, SUBNET] {
            let (ended, calls, looks) = run(creation, 0, vec![lost()], vec![vec!["vpc-1"]]).await;
            assert_eq!(ended.unwrap(), Made::Found("vpc-1".into()));
            assert_eq!((calls, looks), (0, 0));
        }
    }

    #[tokio::test]
    async fn it_is_looked_for_until_aws_must_show_it() {
        let looks = vec![vec![], vec![], vec!["vpc-1"]];
        let (ended, _, looks) = run(VPC, 60, vec![lost()], looks).await;
        assert_eq!(ended.unwrap(), Made::Found("vpc-1".into()));
        assert_eq!(looks, 0);
    }

    #[tokio::test]
    async fn it_is_made_again_only_when_aws_must_have_shown_it() {
        let start = Instant::now();
        let answers = vec![lost(), made("vpc-2")];
        let (ended, calls, looks) = run(VPC, 1, answers, vec![vec![]; 30]).await;
        assert_eq!(ended.unwrap(), Made::New("vpc-2".into()));
        assert_eq!(calls, 0);
        assert!(looks < 28, "it looked more than once");
        assert!(start.elapsed() >= Duration::from_secs(1));
        // What AWS has no two of needs no such wait.
        let answers = vec![lost(), made("subnet-2")];
        let (ended, _, looks) = run(SUBNET, 60, answers, vec![vec![]]).await;
        assert_eq!(ended.unwrap(), Made::New("subnet-2".into()));
        assert_eq!(looks, 0);
    }

    #[tokio::test]
    async fn a_refusal_after_a_lost_answer_means_that_it_is_there() {
        let answers = vec![lost(), refused("InvalidSubnet.Conflict")];
        let looks = vec![vec![], vec![], vec![], vec!["subnet-1"]];
        let (ended, _, looks) = run(SUBNET, 0, answers, looks).await;
        assert_eq!(ended.unwrap(), Made::Found("subnet-1".into()));
        assert_eq!(looks, 0);
        // Without one, it may be a stranger's: one look.
        let answers = vec![refused("InvalidSubnet.Conflict")];
        let (ended, _, looks) = run(SUBNET, 60, answers, vec![vec![]]).await;
        assert!(ended.unwrap_err().is(&["InvalidSubnet.Conflict"]));
        assert_eq!(looks, 0);
    }

    #[tokio::test]
    async fn several_are_told() {
        let (ended, ..) = run(VPC, 0, vec![lost()], vec![vec!["vpc-1", "vpc-2"]]).await;
        let error = ended.unwrap_err();
        assert!(matches!(&error, CallError::Several { ids, .. } if ids.len() == 2));
        assert!(error.to_string().contains("vpc-1, vpc-2"));
    }
}
