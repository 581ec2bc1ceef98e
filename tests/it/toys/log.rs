//! What the cloud notes of each call, and when it is to misbehave.

use s3net::model::Address;

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    Create,
    Settle,
    Update,
    Retag,
    Delete,
}

/// One call. Start and end are places in the one sequence of all starts and ends.
#[derive(Debug, Clone)]
pub struct Entry {
    pub verb: Verb,
    pub address: Address,
    pub start: usize,
    /// None while it is in flight.
    pub end: Option<usize>,
    /// The code of the cloud's refusal, where it refused.
    pub refused: Option<&'static str>,
}

/// A call that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is refused, and nothing is done.
    Refuse,
    /// It is done, but the answer does not arrive.
    LoseAnswer,
}

/// The code of a refusal that a test asked for.
pub const ASKED_FOR: &str = "InternalFailure";

/// Every call so far, and how many were ever in flight at once.
#[derive(Debug, Default)]
pub struct Log {
    pub entries: Vec<Entry>,
    clock: usize,
    in_flight: usize,
    pub most_in_flight: usize,
}

impl Log {
    /// Notes the start of a call; gives its number.
    pub fn start(&mut self, verb: Verb, address: &Address) -> usize {
        self.clock += 1;
        self.in_flight += 1;
        self.most_in_flight = self.most_in_flight.max(self.in_flight);
        self.entries.push(Entry {
            verb,
            address: address.clone(),
            start: self.clock,
            end: None,
            refused: None,
        });
        self.entries.len() - 1
    }

    /// Notes the end of a call.
    pub fn end(&mut self, call: usize, refused: Option<&'static str>) {
        self.clock += 1;
        self.in_flight -= 1;
        self.entries[call].end = Some(self.clock);
        self.entries[call].refused = refused;
    }

    /// When the first call of these verbs for an address began.
    pub fn first_start(&self, address: &Address, verbs: &[Verb]) -> Option<usize> {
        self.of(address, verbs).map(|entry| entry.start).min()
    }

    /// When the last call of these verbs for an address ended.
    pub fn last_end(&self, address: &Address, verbs: &[Verb]) -> Option<usize> {
        self.of(address, verbs).filter_map(|entry| entry.end).max()
    }

    /// The calls of these verbs for an address.
    pub fn of(&self, address: &Address, verbs: &[Verb]) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.address == *address && verbs.contains(&entry.verb))
    }

    /// The verbs of every call for an address, in order.
    pub fn verbs(&self, address: &Address) -> Vec<Verb> {
        let entries = self
            .entries
            .iter()
            .filter(|entry| entry.address == *address);
        entries.map(|entry| entry.verb).collect()
    }

    /// What the cloud refused on its own account: the engine went wrong there.
    pub fn refusals(&self) -> Vec<&Entry> {
        let refused = |entry: &&Entry| entry.refused.is_some_and(|code| code != ASKED_FOR);
        self.entries.iter().filter(refused).collect()
    }
}
