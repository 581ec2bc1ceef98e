//! How long a refused delete is tried again, and what is said meanwhile.

use std::time::{Duration, Instant};

use super::Held;
use crate::aws::wait::FIRST_GAP;
use crate::aws::{Call, CallError};
use crate::model::{Holder, holder};

/// How long what AWS takes down may linger: an endpoint's interfaces stay until
/// it is `deleted`, which takes minutes; a NAT gateway's address likewise.
const LINGER: Duration = Duration::from_secs(900);
/// How long we wait for what will not go by itself, in case it is just going.
const STRANGER: Duration = Duration::from_secs(20);
/// After how long the holders are asked for again. The delete itself is tried
/// more often.
const LOOK_AGAIN: Duration = Duration::from_secs(3);
/// After how long holders are told of that need nobody: most have gone by then.
const WORTH_A_WORD: Duration = Duration::from_secs(2);

/// The patience with one object that AWS does not let go.
#[derive(Debug)]
pub struct Patience<'c> {
    call: &'c Call<'c>,
    id: &'c str,
    since: Instant,
    gap: Duration,
    looked: Option<Instant>,
    holders: Vec<Holder>,
    /// Who was told of last.
    told: Option<Vec<Holder>>,
}

impl<'c> Patience<'c> {
    /// Patience that begins now.
    #[must_use]
    pub fn new(call: &'c Call<'c>, id: &'c str) -> Self {
        Self {
            call,
            id,
            since: Instant::now(),
            gap: FIRST_GAP,
            looked: None,
            holders: Vec::new(),
            told: None,
        }
    }

    /// Takes a refusal: looks who holds the object, says so, and pauses.
    ///
    /// # Errors
    /// [`CallError::Held`] when waiting no longer serves, or
    /// [`CallError::Interrupted`].
    pub async fn bear(&mut self, held: Held<'_>, refusal: CallError) -> Result<(), CallError> {
        if self.looked.is_none_or(|it| it.elapsed() >= LOOK_AGAIN) {
            self.holders = self.call.holders(held).await;
            self.looked = Some(Instant::now());
        }
        let elapsed = self.since.elapsed();
        self.tell(elapsed);
        if elapsed >= limit(&self.holders, self.call.aws.consistency()) {
            return Err(CallError::Held {
                id: self.id.to_owned(),
                holders: std::mem::take(&mut self.holders),
                refusal: Box::new(refusal),
            });
        }
        let what = format!(
            "{} to be free of {}",
            self.id,
            holder::in_few_words(&self.holders)
        );
        self.call.pulse.waiting(&what, elapsed);
        self.call.pause(&what, &mut self.gap).await
    }

    /// Says who holds the object, where that is news: strangers at once.
    fn tell(&mut self, elapsed: Duration) {
        let asks = self.holders.iter().any(|holder| !holder.passes());
        let news = self.told.as_ref() != Some(&self.holders);
        if news && (asks || elapsed >= WORTH_A_WORD) {
            self.call.pulse.held(self.id, &self.holders, elapsed);
            self.told = Some(self.holders.clone());
        }
    }
}

/// How long waiting serves. Where nobody is seen, AWS may not show its holder
/// yet, or no longer.
fn limit(holders: &[Holder], consistency: Duration) -> Duration {
    if holders.is_empty() {
        consistency.max(STRANGER)
    } else if holders.iter().all(Holder::passes) {
        LINGER
    } else {
        STRANGER
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::holder::{Fate, Owner};

    #[test]
    fn what_goes_by_itself_is_waited_for_longest() {
        let one = |fate: Fate| Holder {
            what: "network interface".into(),
            id: "eni-1".into(),
            note: None,
            owner: Owner::Unknown { account: None },
            fate,
        };
        let ask = || {
            one(Fate::Ask {
                advice: String::new(),
                command: None,
            })
        };
        let budget = Duration::from_secs(300);
        assert_eq!(
            limit(&[one(Fate::Wait), one(Fate::DeleteFirst)], budget),
            LINGER
        );
        assert_eq!(limit(&[one(Fate::Wait), ask()], budget), STRANGER);
        assert_eq!(limit(&[], budget), budget);
        assert_eq!(limit(&[], Duration::ZERO), STRANGER);
    }
}
