//! A denial, and what would open it.
//!
//! An explicit denial names the statement that refuses, and the conditions that
//! make it. A denial for want of an allowance names the statements that come
//! nearest to one, and what keeps each from fitting: the fewest first.

use super::conditions::Condition;
use super::document::{Document, PolicyKind, Statement, StatementName};
use super::judge::Decisive;
use super::keys::Holds;
use super::request::Asked;
use super::{field, items, shown};
use crate::model::Value;

/// Why a request is denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// What denies it: the statement, or the policy that does not allow it.
    pub by: Decisive,
    /// Whether a statement says so; else no statement allows it.
    pub explicit: bool,
    /// How many such policies were asked.
    pub documents: usize,
    /// The statements to change: what denies, or what nearly allows.
    pub near: Vec<Near>,
    /// The action that was asked.
    pub action: String,
    /// The ARN that it was asked of.
    pub resource: String,
}

/// A statement that decides, or nearly does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// The document's name.
    pub source: String,
    /// The statement.
    pub statement: StatementName,
    /// Of a statement that allows: what keeps it from fitting. Of one that
    /// denies: the conditions that are met.
    pub parts: Vec<Part>,
}

/// An element of a statement beside what the request has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The element.
    pub element: Element,
    /// Whether it asks for what is not: `NotAction`, `StringNotEquals`.
    pub negated: bool,
    /// Its values.
    pub wanted: Vec<String>,
    /// What the request has.
    pub holds: Holds,
}

/// An element of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Element {
    /// `Principal` or `NotPrincipal`.
    Principal,
    /// `Action` or `NotAction`.
    Action,
    /// `Resource` or `NotResource`.
    Resource,
    /// A key under an operator of `Condition`.
    Condition {
        /// The operator as it is written.
        operator: String,
        /// The key as it is written.
        key: String,
    },
}

impl Denial {
    /// The denial by the first statement of a document that refuses.
    pub(super) fn outright(document: &Document<'_>, asked: &Asked<'_>) -> Option<Self> {
        let near: Vec<Near> = document
            .denying()
            .map(|statement| Near {
                source: document.source.to_owned(),
                statement: statement.name.clone(),
                parts: statement.reading.conditions.iter().map(part).collect(),
            })
            .collect();
        Some(Self {
            by: Decisive {
                source: document.source.to_owned(),
                kind: document.kind,
                statement: Some(near.first()?.statement.clone()),
            },
            explicit: true,
            documents: 1,
            near,
            action: asked.action_name.to_owned(),
            resource: asked.resource_name.clone(),
        })
    }

    /// What is the matter, as a sentence fragment.
    #[must_use]
    pub fn problem(&self) -> String {
        let Self { by, action, .. } = self;
        if let Some(statement) = &by.statement {
            let near = self.near.first();
            let met = near.map_or(&[][..], |near| near.parts.as_slice());
            let met: Vec<String> = met.iter().map(Part::shown).collect();
            let why = match met.is_empty() {
                true => String::new(),
                false => format!(", since {}", met.join(" and ")),
            };
            return format!("{statement} of the {} denies {action}{why}", by.source);
        }
        let silent = match (by.kind, self.documents) {
            (PolicyKind::PublicAccessBlock, _) => {
                return format!(
                    "the bucket's policy opens it to the public, and the {} then keeps {action} \
                     to the bucket's own account",
                    by.source
                );
            }
            (PolicyKind::Resource, 0) => {
                "the resource is of another account and has no policy that allows".to_owned()
            }
            (PolicyKind::Identity, 1) => format!("the {} does not allow", by.source),
            (PolicyKind::Identity, _) => "no policy of the caller allows".to_owned(),
            (_, _) => format!("the {} does not allow", by.source),
        };
        let why = match self.nearly() {
            Some((near, part)) => {
                let of = match self.documents {
                    1 => String::new(),
                    _ => format!(" of the {}", near.source),
                };
                format!(": {}{of} has {}", near.statement, part.shown())
            }
            None => String::new(),
        };
        format!("{silent} {action} on {}{why}", self.resource)
    }

    /// The smallest change that would open this policy, as a sentence fragment;
    /// another policy may still keep it shut.
    #[must_use]
    pub fn remedy(&self) -> String {
        let Self { by, action, .. } = self;
        if by.kind == PolicyKind::PublicAccessBlock {
            return "name the other account in the bucket's policy in place of `*`".to_owned();
        }
        if self.explicit {
            let Some(near) = self.near.first() else {
                return format!("take {action} out of the {}", by.source);
            };
            let of = format!("{} of the {}", near.statement, near.source);
            let breaks: Vec<String> = near.parts.iter().map(Part::broken).collect();
            return match breaks.is_empty() {
                true => format!("take {action} out of {of}"),
                false => format!("in {of} {}", breaks.join(", or ")),
            };
        }
        if let Some((near, part)) = self.nearly() {
            let of = format!("{} of the {}", near.statement, near.source);
            return format!("in {of} {}", part.mended());
        }
        let (action, resource) = (&self.action, &self.resource);
        match (by.kind, self.documents) {
            (PolicyKind::Resource, 0) => {
                format!("give the resource a policy that allows the caller {action} on {resource}")
            }
            (PolicyKind::Identity, count) if count != 1 => {
                format!("give the caller a policy that allows {action} on {resource}")
            }
            (_, _) => format!(
                "add a statement to the {} that allows {action} on {resource}",
                by.source
            ),
        }
    }

    /// The statement that allows but for one element that can be changed.
    fn nearly(&self) -> Option<(&Near, &Part)> {
        let near = self.near.first()?;
        match near.parts.as_slice() {
            [part] if part.is_akin(&self.action) => Some((near, part)),
            _ => None,
        }
    }
}

impl Part {
    /// What it is, for people: `StringEquals aws:SourceVpce "vpce-1"`, and what
    /// the request has.
    #[must_use]
    pub fn shown(&self) -> String {
        let wanted = self.wanted.join(", ");
        let not = if self.negated { "Not" } else { "" };
        match &self.element {
            Element::Principal => format!("{not}Principal {wanted}"),
            Element::Action => format!("{not}Action {wanted}"),
            Element::Resource => format!("{not}Resource {wanted}"),
            Element::Condition { operator, key } => {
                let held = match &self.holds {
                    Holds::Texts(texts) => format!("the call has {}", texts.join(", ")),
                    Holds::Missing => "the call has none".to_owned(),
                    Holds::Something => "the call has one".to_owned(),
                    Holds::Unknown(why) => why.clone(),
                };
                format!("{operator} {key} {wanted} ({held})")
            }
        }
    }

    /// Whether it makes sense to change it: a statement about another service's
    /// actions is left alone.
    fn is_akin(&self, action: &str) -> bool {
        if self.element != Element::Action || self.negated {
            return true;
        }
        let service = |action: &str| action.split(':').next().map(str::to_ascii_lowercase);
        self.wanted.iter().any(|it| service(it) == service(action))
    }

    /// How to make it fit.
    fn mended(&self) -> String {
        let element = self.name();
        match (self.value(), self.negated) {
            (Some(value), false) => format!("add {value} to {element}"),
            (Some(_), true) => format!("narrow {element}"),
            (None, _) => format!("take {element} out"),
        }
    }

    /// How to keep it from fitting.
    fn broken(&self) -> String {
        let element = self.name();
        match (self.value(), self.negated) {
            (Some(value), true) => format!("add {value} to {element}"),
            (Some(value), false) => format!("take {value} out of {element}"),
            (None, _) => format!("except such calls from {element}"),
        }
    }

    fn name(&self) -> String {
        let not = if self.negated { "Not" } else { "" };
        match &self.element {
            Element::Principal => format!("its {not}Principal"),
            Element::Action => format!("its {not}Action"),
            Element::Resource => format!("its {not}Resource"),
            Element::Condition { operator, key } => format!("{operator} {key}"),
        }
    }

    /// What the request has, where it is one value.
    fn value(&self) -> Option<&str> {
        match &self.holds {
            Holds::Texts(texts) => texts.first().map(String::as_str),
            Holds::Missing | Holds::Something | Holds::Unknown(_) => None,
        }
    }
}

/// The statements of documents that come nearest to allowing a request.
pub(super) fn nearest(documents: &[&Document<'_>], asked: &Asked<'_>) -> Vec<Near> {
    let mut near: Vec<Near> = Vec::new();
    for document in documents {
        for statement in &document.statements {
            if statement.reading.allows.is_yes() {
                near.push(Near {
                    source: document.source.to_owned(),
                    statement: statement.name.clone(),
                    parts: missed(statement, asked),
                });
            }
        }
    }
    let action = asked.action_name;
    near.sort_by_key(|near| {
        let strange = near.parts.iter().any(|part| !part.is_akin(action));
        (strange, near.parts.len())
    });
    near
}

/// What keeps a statement from fitting.
fn missed(statement: &Statement<'_>, asked: &Asked<'_>) -> Vec<Part> {
    let reading = &statement.reading;
    let has = |text: String| Holds::Texts(vec![text]);
    let principal = || {
        asked.principal.arn().map_or_else(
            || Holds::Unknown("who asks is not known".to_owned()),
            |arn| Holds::Texts(vec![arn]),
        )
    };
    let mut parts = Vec::new();
    if reading.action.is_no() {
        let action = asked.action_name.to_owned();
        parts.push(element(
            statement.value,
            "Action",
            Element::Action,
            has(action),
        ));
    }
    if reading.resource.is_no() {
        let resource = has(asked.resource_name.clone());
        parts.push(element(
            statement.value,
            "Resource",
            Element::Resource,
            resource,
        ));
    }
    if reading.principal.is_no() {
        let named = Element::Principal;
        parts.push(element(statement.value, "Principal", named, principal()));
    }
    let unmet = reading.conditions.iter().filter(|it| it.answer.is_no());
    parts.extend(unmet.map(part));
    parts
}

fn element(statement: &Value, name: &str, element: Element, holds: Holds) -> Part {
    let (values, negated) = match field(statement, name) {
        Some(values) => (Some(values), false),
        None => (field(statement, &format!("Not{name}")), true),
    };
    let values = match values {
        Some(Value::Map(kinds)) => kinds.values().flat_map(|it| items(Some(it))).collect(),
        values => items(values),
    };
    Part {
        element,
        negated,
        wanted: values.into_iter().map(shown).collect(),
        holds,
    }
}

fn part(condition: &Condition) -> Part {
    Part {
        element: Element::Condition {
            operator: condition.operator.clone(),
            key: condition.key.clone(),
        },
        negated: condition.negated,
        wanted: condition.wanted.clone(),
        holds: condition.holds.clone(),
    }
}
