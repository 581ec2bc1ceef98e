//! Which policies have a say, and what each needs to say.
//!
//! ```text
//!  denied anywhere? ──yes──► denied
//!       │ no
//!  the endpoint on the way allows? ──no──► denied
//!       │ yes
//!  of the resource's own account          of another account        unsigned
//!  resource names it or everybody  or     resource allows           resource
//!  boundary allows and                    and identity allows       allows
//!     (identity allows or                 and boundary allows       everybody
//!      resource names the role)           and it is not held for public
//! ```
//!
//! (IAM user guide, "Policy evaluation logic" and "Cross-account policy
//! evaluation logic"; VPC user guide, "Control access to VPC endpoints using
//! endpoint policies".) An organisation's policies are not asked: nobody but its
//! owner can read them.

use super::answer::Answer;
use super::denial::{Denial, nearest};
use super::document::{As, Document, PolicyKind, Source};
use super::judge::{Decisive, Policies};
use super::principal::Principal;
use super::public::is_public;
use super::request::Asked;
use crate::model::network::{Known, PublicAccessBlock};

/// Something that has to hold for a request to be allowed.
pub(super) struct Need {
    /// Whether it holds.
    pub answer: Answer,
    /// Which policy is to blame where it does not hold.
    pub lacking: PolicyKind,
}

/// The documents, read for a request.
pub(super) struct Case<'a> {
    policies: &'a Policies<'a>,
    asked: &'a Asked<'a>,
    endpoint: Option<Document<'a>>,
    resource: Option<Document<'a>>,
    /// Nothing where they are not known.
    identity: Option<Vec<Document<'a>>>,
    boundary: Option<Document<'a>>,
}

impl<'a> Case<'a> {
    pub(super) fn read(policies: &'a Policies<'a>, asked: &'a Asked<'a>) -> Self {
        let read = |source: &'a Source<'a>, kind| Document::read(source, kind, asked);
        let endpoint = match policies.at_gateway {
            true => PolicyKind::GatewayEndpoint,
            false => PolicyKind::InterfaceEndpoint,
        };
        // Neither has policies of its own: the root user may do anything in its
        // account, and an unsigned request is nobody's.
        let bare = matches!(
            asked.principal,
            Principal::Root { .. } | Principal::Anonymous
        );
        let identity = match &policies.identity {
            _ if bare => Some(Vec::new()),
            Some(sources) => Some(
                sources
                    .iter()
                    .map(|it| read(it, PolicyKind::Identity))
                    .collect(),
            ),
            None => None,
        };
        let boundary = policies.boundary.as_ref().filter(|_| !bare);
        Self {
            policies,
            asked,
            endpoint: policies.endpoint.as_ref().map(|it| read(it, endpoint)),
            resource: policies
                .resource
                .as_ref()
                .map(|it| read(it, PolicyKind::Resource)),
            identity,
            boundary: boundary.map(|it| read(it, PolicyKind::Boundary)),
        }
    }

    pub(super) fn documents(&self) -> impl Iterator<Item = &Document<'a>> {
        let first = self.endpoint.iter().chain(&self.resource);
        let own = self.identity.iter().flatten();
        first.chain(own).chain(&self.boundary)
    }

    pub(super) fn denied_outright(&self) -> Option<Denial> {
        self.documents()
            .find_map(|document| Denial::outright(document, self.asked))
    }

    pub(super) fn denies(&self) -> Answer {
        let said = Answer::any(self.documents().map(Document::denies));
        said.or(match &self.identity {
            Some(_) => Answer::No,
            None => own_policies_unknown(),
        })
    }

    /// What has to hold, in order.
    pub(super) fn needs(&self) -> Vec<Need> {
        let mut needs = Vec::new();
        if let Some(endpoint) = &self.endpoint {
            needs.push(Need {
                answer: endpoint.allows(As::Anyhow),
                lacking: endpoint.kind,
            });
        }
        if *self.asked.principal == Principal::Anonymous {
            needs.extend(self.for_outsiders(As::Everybody));
            return needs;
        }
        let (own, owner) = (
            self.asked.principal.account(),
            &self.policies.resource_account,
        );
        match (own, owner) {
            (Some(own), Some(owner)) if own == owner => needs.push(self.inside()),
            (Some(_), Some(_)) => needs.extend(self.across()),
            _ => {
                let inside = self.inside();
                let across = Answer::all(self.across().into_iter().map(|need| need.answer));
                needs.push(Need {
                    answer: Answer::whichever(
                        [inside.answer, across],
                        "whether the resource is of the caller's account is not known",
                    ),
                    lacking: inside.lacking,
                });
            }
        }
        needs
    }

    /// What the own account's resources need.
    fn inside(&self) -> Need {
        let named = |named: As| {
            let resource = self.resource.as_ref();
            resource.map_or(Answer::No, |it| it.allows(named))
        };
        let own = self.identity_allows();
        let within = own.clone().or(named(As::Role));
        let lacking = match within.is_no() {
            true => PolicyKind::Identity,
            false => PolicyKind::Boundary,
        };
        Need {
            answer: named(As::Itself).or(within.and(self.boundary_allows())),
            lacking,
        }
    }

    /// What another account's resources need.
    fn across(&self) -> Vec<Need> {
        let mut needs = self.for_outsiders(As::Anyhow);
        needs.push(Need {
            answer: self.identity_allows(),
            lacking: PolicyKind::Identity,
        });
        needs.push(Need {
            answer: self.boundary_allows(),
            lacking: PolicyKind::Boundary,
        });
        needs
    }

    /// What a resource has to say to those of other accounts.
    fn for_outsiders(&self, named: As) -> Vec<Need> {
        let resource = self.resource.as_ref();
        let said = resource.map_or(Answer::No, |it| it.allows(named));
        let anonymous = *self.asked.principal == Principal::Anonymous;
        let ignored = self.blocked(|block| block.ignore_public_acls);
        let by_list = match self.policies.lists_count {
            true if anonymous => ignored.negated(),
            other => Answer::from(other),
        };
        let by_list = by_list.and(Answer::perhaps("its ACLs may allow it too"));
        let public = match self.policies.resource.as_ref().map(|it| &it.document) {
            Some(Known::Is(document)) => is_public(document),
            Some(Known::Not(why)) => Answer::perhaps(why),
            None => Answer::No,
        };
        let public = match &self.policies.resource {
            Some(source) => public.of(&source.name, None),
            None => public,
        };
        let kept_out = public.and(self.blocked(|block| block.restrict_public_buckets));
        vec![
            Need {
                answer: said.or(by_list),
                lacking: PolicyKind::Resource,
            },
            Need {
                answer: kept_out.negated(),
                lacking: PolicyKind::PublicAccessBlock,
            },
        ]
    }

    /// Whether the bucket or its account has a switch on.
    fn blocked(&self, switch: impl Fn(&PublicAccessBlock) -> bool) -> Answer {
        let blocks = [&self.policies.bucket_block, &self.policies.account_block];
        Answer::any(blocks.into_iter().map(|block| match block {
            Known::Is(block) => Answer::from(switch(block)),
            Known::Not(why) => Answer::perhaps(why),
        }))
    }

    fn identity_allows(&self) -> Answer {
        match (self.asked.principal, &self.identity) {
            (Principal::Root { .. }, _) => Answer::Yes,
            (_, None) => own_policies_unknown(),
            (_, Some(documents)) => Answer::any(documents.iter().map(|it| it.allows(As::Anyhow))),
        }
    }

    fn boundary_allows(&self) -> Answer {
        let boundary = self.boundary.as_ref();
        boundary.map_or(Answer::Yes, |it| it.allows(As::Anyhow))
    }

    /// The statements that allow it, one of each document.
    pub(super) fn allowed_by(&self) -> Vec<Decisive> {
        let allowing = self.documents().filter_map(|document| {
            let statement = document.allowing(As::Anyhow)?;
            Some(Decisive {
                source: document.source.to_owned(),
                kind: document.kind,
                statement: Some(statement.name.clone()),
            })
        });
        allowing.collect()
    }

    /// The denial for want of an allowance in policies of a kind.
    pub(super) fn lacks(&self, kind: PolicyKind) -> Denial {
        let of_kind = |it: &&Document<'_>| it.kind == kind;
        let documents: Vec<&Document<'_>> = self.documents().filter(of_kind).collect();
        let near = nearest(&documents, self.asked);
        let source = match (near.first(), documents.first(), kind) {
            (Some(near), _, _) => near.source.clone(),
            (None, Some(document), _) => document.source.to_owned(),
            (None, None, PolicyKind::Resource) => "resource's policy".to_owned(),
            (None, None, PolicyKind::PublicAccessBlock) => "block of public access".to_owned(),
            (None, None, _) => "policies of the caller".to_owned(),
        };
        Denial {
            by: Decisive {
                source,
                kind,
                statement: None,
            },
            explicit: false,
            documents: documents.len(),
            near,
            action: self.asked.action_name.to_owned(),
            resource: self.asked.resource_name.clone(),
        }
    }
}

fn own_policies_unknown() -> Answer {
    Answer::perhaps("the policies of who asks are not known")
}
