//! All policies together, in AWS's order.
//!
//! An explicit denial of any document is final. Without one, each policy that
//! has a say must allow ([`Case`] knows which), and a denial names the first that
//! does not. Where what is not known could change the outcome, it is not known.

use super::answer::{Answer, Doubt};
use super::case::Case;
use super::denial::Denial;
use super::document::{As, PolicyKind, Source, StatementName};
use super::request::{Asked, Request};
use crate::model::network::{Known, PublicAccessBlock};

/// Every policy that is asked.
#[derive(Debug, Clone, Default)]
pub struct Policies<'a> {
    /// The role's or user's own; nothing where they are not known.
    pub identity: Option<Vec<Source<'a>>>,
    /// What bounds the role or user; nothing where it has no boundary.
    pub boundary: Option<Source<'a>>,
    /// The policy of the endpoint on the way; nothing where there is none. An
    /// endpoint with full access has a document too.
    pub endpoint: Option<Source<'a>>,
    /// Whether that endpoint is a gateway endpoint.
    pub at_gateway: bool,
    /// The resource's own, such as a bucket's; nothing where it has none.
    pub resource: Option<Source<'a>>,
    /// Whose the resource is, if that is known. Services without policies of
    /// their own answer to the caller's account.
    pub resource_account: Option<String>,
    /// The bucket's block of public access.
    pub bucket_block: Known<PublicAccessBlock>,
    /// Its account's.
    pub account_block: Known<PublicAccessBlock>,
    /// Whether ACLs count on the bucket too. They do not unless its owner turned
    /// that on (Amazon S3 user guide, "Controlling ownership of objects").
    pub lists_count: bool,
}

/// What all policies together say of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It is allowed, by these statements, one of each document that had to.
    Allowed {
        /// The statements.
        by: Vec<Decisive>,
    },
    /// It is denied.
    Denied(Box<Denial>),
    /// It cannot be known.
    Unknown {
        /// Why.
        why: Vec<Doubt>,
    },
}

/// What decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decisive {
    /// The document's name.
    pub source: String,
    /// What it is for.
    pub kind: PolicyKind,
    /// The statement; nothing where no statement allows.
    pub statement: Option<StatementName>,
}

/// What one document says of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// The document's name.
    pub source: String,
    /// What it is for.
    pub kind: PolicyKind,
    /// What it says.
    pub says: Says,
}

/// What a document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// It allows the request, in this statement.
    Allows(StatementName),
    /// It denies it, in this one.
    Denies(StatementName),
    /// Neither.
    Nothing,
    /// That cannot be known.
    Unknown(Vec<Doubt>),
}

/// What each document says by itself, in AWS's order.
#[must_use]
pub fn opinions(policies: &Policies<'_>, request: &Request) -> Vec<Opinion> {
    let asked = Asked::new(request);
    each_of(&Case::read(policies, &asked))
}

/// What all policies together say, and what each document says by itself: as
/// [`judge`] and [`opinions`], with the documents read once.
#[must_use]
pub fn hear(policies: &Policies<'_>, request: &Request) -> (Judgement, Vec<Opinion>) {
    let asked = Asked::new(request);
    let case = Case::read(policies, &asked);
    (all_of(&case), each_of(&case))
}

fn each_of(case: &Case<'_>) -> Vec<Opinion> {
    let opinions = case.documents().map(|document| {
        let denying = document.denying().next().map(|it| it.name.clone());
        let allowing = document.allowing(As::Anyhow).map(|it| it.name.clone());
        let says = match (denying, document.denies(), allowing) {
            (Some(statement), _, _) => Says::Denies(statement),
            (None, Answer::Perhaps(doubts), _) => Says::Unknown(doubts),
            (None, _, Some(statement)) => Says::Allows(statement),
            (None, _, None) => match document.allows(As::Anyhow) {
                Answer::Perhaps(doubts) => Says::Unknown(doubts),
                Answer::Yes | Answer::No => Says::Nothing,
            },
        };
        Opinion {
            source: document.source.to_owned(),
            kind: document.kind,
            says,
        }
    });
    opinions.collect()
}

/// What all policies together say.
#[must_use]
pub fn judge(policies: &Policies<'_>, request: &Request) -> Judgement {
    let asked = Asked::new(request);
    all_of(&Case::read(policies, &asked))
}

fn all_of(case: &Case<'_>) -> Judgement {
    if let Some(denial) = case.denied_outright() {
        return Judgement::Denied(Box::new(denial));
    }
    let denied = case.denies();
    let needs = case.needs();
    let allowed = Answer::all(needs.iter().map(|need| need.answer.clone()));
    match (denied, allowed) {
        (_, Answer::No) => {
            let lacking = needs.iter().find(|need| need.answer.is_no());
            let kind = lacking.map_or(PolicyKind::Identity, |need| need.lacking);
            Judgement::Denied(Box::new(case.lacks(kind)))
        }
        (Answer::No, Answer::Yes) => Judgement::Allowed {
            by: case.allowed_by(),
        },
        (denied, allowed) => {
            let doubts = denied.doubts().iter().chain(allowed.doubts());
            let mut why: Vec<Doubt> = Vec::new();
            for doubt in doubts.cloned() {
                if !why.contains(&doubt) {
                    why.push(doubt);
                }
            }
            Judgement::Unknown { why }
        }
    }
}

#[cfg(test)]
mod tests;
