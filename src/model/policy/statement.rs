//! One statement of a document, for one request.
//!
//! ```text
//! Principal ─┐
//! Action    ─┤
//! Resource  ─┼─► all fit ─► the statement's Effect counts
//! Condition ─┘
//! ```
//!
//! What AWS would refuse to store is not guessed at: such a statement perhaps
//! fits.

use super::answer::Answer;
use super::conditions::{Condition, conditions};
use super::document::PolicyKind;
use super::naming::Naming;
use super::request::Asked;
use super::variables::Reader;
use super::{STATEMENT_ELEMENTS, VERSION, field, items};
use crate::model::Value;

/// What a statement says of a request, element by element.
pub(super) struct Reading {
    /// Whether it allows.
    pub allows: Answer,
    /// Whether it denies.
    pub denies: Answer,
    /// Whether AWS takes a statement of this form.
    pub form: Answer,
    /// How it names who asks.
    pub naming: Naming,
    /// Whether it is about who asks.
    pub principal: Answer,
    /// Whether it is about the action.
    pub action: Answer,
    /// Whether it is about the resource.
    pub resource: Answer,
    /// Its conditions.
    pub conditions: Vec<Condition>,
}

impl Reading {
    /// Reads a statement. `version` is its document's.
    pub(super) fn of(
        statement: &Value,
        version: Option<&Value>,
        kind: PolicyKind,
        asked: &Asked<'_>,
    ) -> Self {
        let held = |key: &str| asked.held(key);
        let variables = Reader {
            wildcards: true,
            variables: Some(&held),
            perhaps: false,
        };
        let reader = match version {
            Some(Value::String(text)) if text == VERSION => variables,
            None | Some(Value::Null) => Reader::PATTERNS,
            Some(Value::String(text)) if text == "2008-10-17" => Reader::PATTERNS,
            Some(_) => Reader {
                perhaps: true,
                ..variables
            },
        };
        let (principal, naming) = principal(statement, kind, asked);
        let effect = |wanted: &str| match field(statement, "Effect") {
            Some(Value::String(effect)) if effect.eq_ignore_ascii_case("allow") => {
                Answer::from(wanted == "Allow")
            }
            Some(Value::String(effect)) if effect.eq_ignore_ascii_case("deny") => {
                Answer::from(wanted == "Deny")
            }
            Some(effect) if super::is_later(effect) => {
                Answer::perhaps("its effect is known only after apply")
            }
            _ => Answer::perhaps("its effect is neither `Allow` nor `Deny`"),
        };
        Self {
            allows: effect("Allow"),
            denies: effect("Deny"),
            form: form(statement),
            naming,
            principal,
            action: action(statement, asked),
            resource: resource(statement, asked, reader),
            conditions: conditions(field(statement, "Condition"), asked, reader),
        }
    }

    /// Whether it is about the request.
    pub(super) fn fits(&self) -> Answer {
        self.fits_but_for_its_principal()
            .and(self.principal.clone())
    }

    /// The same, whoever asks.
    pub(super) fn fits_but_for_its_principal(&self) -> Answer {
        let conditions = self.conditions.iter().map(|it| it.answer.clone());
        let elements = [&self.action, &self.resource, &self.form];
        Answer::all(elements.into_iter().cloned().chain(conditions))
    }
}

/// Whether AWS takes it: it has each element once, and none that it does not know.
fn form(statement: &Value) -> Answer {
    let Value::Map(elements) = statement else {
        return match super::is_later(statement) {
            true => Answer::perhaps("it is known only after apply"),
            false => Answer::perhaps("it is no statement"),
        };
    };
    let stray = elements
        .keys()
        .find(|it| !STATEMENT_ELEMENTS.contains(&it.as_str()));
    match stray {
        Some(stray) => Answer::perhaps(format!("`{stray}` is no element of a statement")),
        None => Answer::Yes,
    }
}

/// Whether it is about the action; the case of letters does not count.
pub(super) fn action(statement: &Value, asked: &Asked<'_>) -> Answer {
    either(statement, ["Action", "NotAction"], |value| {
        let wanted = Reader::PATTERNS.read(value)?;
        Some((wanted.text.lower().fits(&asked.action), wanted.why, None))
    })
}

/// Whether it is about the resource.
fn resource(statement: &Value, asked: &Asked<'_>, reader: Reader<'_>) -> Answer {
    either(statement, ["Resource", "NotResource"], |value| {
        let wanted = reader.read(value)?;
        let fits = match wanted.void {
            true => Answer::No,
            false => wanted.text.fits(&asked.resource),
        };
        Some((fits, wanted.why, wanted.unresolved))
    })
}

/// How a value of an element fits: whether, why that is not known, and a
/// variable that has no value.
type Fit = (Answer, Option<String>, Option<String>);

/// Whether the one of two elements that the statement has fits, or for the
/// second does not.
fn either(
    statement: &Value,
    [plain, negated]: [&str; 2],
    fits: impl Fn(&Value) -> Option<Fit>,
) -> Answer {
    let (values, negates) = match (field(statement, plain), field(statement, negated)) {
        (Some(values), None) => (values, false),
        (None, Some(values)) => (values, true),
        (Some(_), Some(_)) => {
            return Answer::perhaps(format!("it has both `{plain}` and `{negated}`"));
        }
        (None, None) => return Answer::perhaps(format!("it has no `{plain}`")),
    };
    let mut unresolved = None;
    let each = items(Some(values)).into_iter().map(|value| {
        let Some((answer, why, variable)) = fits(value) else {
            return Answer::perhaps(format!("its `{plain}` is not only of texts"));
        };
        if let Some(variable) = variable {
            unresolved = Some(variable);
        }
        match (answer, why) {
            (Answer::Perhaps(_), Some(why)) => Answer::perhaps(why),
            (answer, _) => answer,
        }
    });
    let fits = Answer::any(each);
    let fits = match negates {
        true => fits.negated(),
        false => fits,
    };
    match (&fits, unresolved) {
        (Answer::Yes, Some(key)) => {
            Answer::perhaps(format!("the variable ${{{key}}} may have no value"))
        }
        _ => fits,
    }
}

/// Whether it is about who asks, and how it names them. A policy of a role is
/// about whom it is attached to, and names nobody.
fn principal(statement: &Value, kind: PolicyKind, asked: &Asked<'_>) -> (Answer, Naming) {
    let at_gateway = kind == PolicyKind::GatewayEndpoint;
    let names = |element: &Value| asked.principal.named_by(element, at_gateway);
    let pair = (
        field(statement, "Principal"),
        field(statement, "NotPrincipal"),
    );
    if matches!(kind, PolicyKind::Identity | PolicyKind::Boundary) {
        return match pair {
            (None, None) => (Answer::Yes, Naming::everybody()),
            _ => (
                Answer::perhaps("a policy of a role or user takes no principal"),
                Naming::everybody(),
            ),
        };
    }
    match pair {
        (Some(element), None) => {
            let naming = names(element);
            (naming.any(), naming)
        }
        (None, Some(element)) => (
            spared(&names(element), asked).negated(),
            Naming::everybody(),
        ),
        (Some(_), Some(_)) => (
            Answer::perhaps("it has both `Principal` and `NotPrincipal`"),
            Naming::everybody(),
        ),
        (None, None) => (
            Answer::perhaps("it has no `Principal`"),
            Naming::everybody(),
        ),
    }
}

/// Whether `NotPrincipal` spares who asks. Someone of an account is spared only
/// if the account is named too, and a role's session only if the role is; what
/// happens where just some of them are named, AWS leaves open (IAM user guide,
/// "AWS JSON policy elements: NotPrincipal").
fn spared(naming: &Naming, asked: &Asked<'_>) -> Answer {
    use super::principal::Principal;
    let all = match asked.principal {
        Principal::Session { .. } => Answer::all([
            naming.itself.clone(),
            naming.role.clone(),
            naming.account.clone(),
        ]),
        Principal::User { .. } | Principal::Somebody { .. } => {
            naming.itself.clone().and(naming.account.clone())
        }
        Principal::Root { .. } => naming.itself.clone().or(naming.account.clone()),
        Principal::Anonymous => Answer::No,
    };
    if all.is_yes() || naming.everybody.is_yes() {
        return Answer::Yes;
    }
    match naming.any() {
        Answer::No => Answer::No,
        Answer::Perhaps(doubts) => Answer::Perhaps(doubts),
        Answer::Yes => Answer::perhaps(
            "`NotPrincipal` spares a role or user for certain only where it names the account, \
             the role and the session",
        ),
    }
}
