//! Which way does traffic take, and why not: answered from facts alone.
//!
//! Pure: no call, no clock. The same question gets the same answer of a network
//! that a file wants and of one that lives.
//!
//! ```text
//!  Question ─► name ─► route ─► filters ─► policies ─► Trace
//!              what     longest   groups,    endpoint,    hops, the door,
//!              address  prefix,   ACLs       bucket,      the verdict, what
//!              answers  NAT, IGW  both ways  identity     the client must pass
//! ```
//!
//! Every stage may say yes, no, or that it cannot be known. One no is the
//! verdict; without a no, one unknown is. Nothing is allowed by default.

mod question;
mod verdict;

pub use question::{Goal, Naming, Origin, Question};
pub use verdict::{
    Answer, Block, Door, Hop, Need, Passes, Rule, SourceAddress, Stage, Symptom, Trace, Verdict,
    Way,
};

use crate::model::network::Network;

/// Answers questions about one network.
#[derive(Debug)]
pub struct Tracer<'a> {
    network: &'a Network,
}

impl<'a> Tracer<'a> {
    /// Makes ready to answer about a network.
    #[must_use]
    pub fn new(network: &'a Network) -> Self {
        Self { network }
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> &'a Network {
        self.network
    }

    /// Answers a question.
    #[must_use]
    pub fn trace(&self, question: &Question) -> Trace {
        let _ = self.network;
        Trace {
            question: question.clone(),
            naming: Naming::Bucket,
            host: String::new(),
            answer: Answer::Unknown,
            hops: Vec::new(),
            way: None,
            verdict: Verdict::Unknown(Vec::new()),
            needs: Vec::new(),
            assumes: Vec::new(),
        }
    }
}
