//! Values as expressions of HCL.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use hcl::expr::TemplateExpr;
use hcl::{Expression, Object, ObjectKey};

use super::Wish;
use super::forms;
use super::names::{Names, identifier};
use crate::model::{Piece, Reference, Value, images};

/// Where the account's id comes from where it is not known yet.
const ACCOUNT: &str = "data.aws_caller_identity.current.account_id";

/// Turns values into expressions, and notes what they need beside resources.
pub(super) struct Writer<'a> {
    pub wish: &'a Wish<'a>,
    pub names: Names,
    /// Variables, and what they are for.
    pub variables: RefCell<BTreeMap<String, Variable>>,
    /// Whether the account is asked for.
    pub asks_account: Cell<bool>,
    /// Public parameters that are asked for, by the names of their data sources.
    pub parameters: RefCell<BTreeMap<String, String>>,
}

/// A variable of the configuration.
#[derive(Debug, Clone)]
pub(super) struct Variable {
    /// What it is for.
    pub about: String,
    /// Whether Terraform must not show it.
    pub secret: bool,
}

impl<'a> Writer<'a> {
    /// A writer for a wish.
    pub(super) fn new(wish: &'a Wish<'a>) -> Self {
        Self {
            wish,
            names: Names::of(wish.stack),
            variables: RefCell::default(),
            asks_account: Cell::default(),
            parameters: RefCell::default(),
        }
    }

    /// A value as an expression.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn value(&self, value: &Value) -> Result<Expression, String> {
        Ok(match value {
            Value::Null => Expression::Null,
            Value::Bool(value) => Expression::Bool(*value),
            Value::Integer(number) => Expression::Number((*number).into()),
            Value::String(text) => Expression::String(text.clone()),
            Value::List(items) => {
                let items = items.iter().map(|item| self.value(item));
                Expression::Array(items.collect::<Result<_, _>>()?)
            }
            Value::Map(map) => {
                let mut object = Object::new();
                for (key, value) in map {
                    object.insert(key_of(key), self.value(value)?);
                }
                Expression::Object(object)
            }
            Value::Reference(reference) => match self.reference(reference)? {
                Meant::Text(text) => Expression::String(text),
                Meant::Path(path) => path_of(&path)?,
            },
            Value::Template(pieces) => self.template(pieces)?,
            Value::Unknown => return Err("a value is not known".to_owned()),
        })
    }

    fn template(&self, pieces: &[Piece]) -> Result<Expression, String> {
        let mut text = String::new();
        let mut plain = String::new();
        let mut literal = true;
        for piece in pieces {
            let meant = match piece {
                Piece::Text(part) => Meant::Text(part.clone()),
                Piece::Account => match self.wish.place {
                    Some(place) => Meant::Text(place.account.clone()),
                    None => {
                        self.asks_account.set(true);
                        Meant::Path(ACCOUNT.to_owned())
                    }
                },
                Piece::Reference(reference) => self.reference(reference)?,
            };
            match meant {
                Meant::Text(part) => {
                    plain.push_str(&part);
                    text.push_str(&quoted(&part));
                }
                Meant::Path(path) => {
                    literal = false;
                    text.push_str(&format!("${{{path}}}"));
                }
            }
        }
        if literal {
            return Ok(Expression::String(plain));
        }
        Ok(Expression::from(TemplateExpr::QuotedString(text)))
    }

    /// What a reference stands for.
    fn reference(&self, reference: &Reference) -> Result<Meant, String> {
        let Reference { target, attribute } = reference;
        if target.existing {
            if let Some(live) = self.wish.existing.get(target) {
                let known = match attribute.as_str() {
                    "id" => Some(live.id.clone()),
                    name => live.attributes.get(name).and_then(Value::to_text),
                };
                return known
                    .map(Meant::Text)
                    .ok_or_else(|| format!("{target}.{attribute} is not known"));
            }
            let name = identifier(&format!(
                "existing_{}_{}_{attribute}",
                target.kind, target.name
            ));
            let about = format!("The {attribute} of {target}, which this stack only looks up.");
            self.variable(&name, about, false);
            return Ok(Meant::Path(format!("var.{name}")));
        }
        let path = self.names.path(target);
        match (path, forms::attribute(target, attribute)) {
            (Some(path), Some(theirs)) => Ok(Meant::Path(format!("{path}.{theirs}"))),
            (None, _) => Err(format!("{target} is not exported")),
            (_, None) => Err(format!("Terraform has no name for {target}.{attribute}")),
        }
    }

    /// Declares a variable.
    pub(super) fn variable(&self, name: &str, about: String, secret: bool) {
        let variable = Variable { about, secret };
        self.variables
            .borrow_mut()
            .insert(name.to_owned(), variable);
    }

    /// An image: what lives, an id, or a public parameter that Terraform asks for.
    pub(super) fn image(&self, stated: &str, live: Option<&str>) -> Result<Expression, String> {
        if let Some(id) = live {
            return Ok(Expression::String(id.to_owned()));
        }
        if stated.starts_with("ami-") {
            return Ok(Expression::String(stated.to_owned()));
        }
        let path = images::parameter_of(stated).unwrap_or(stated);
        let name = identifier(path.rsplit('/').next().unwrap_or(path));
        let parameter = format!("data.aws_ssm_parameter.{name}.value");
        self.parameters.borrow_mut().insert(name, path.to_owned());
        path_of(&parameter)
    }
}

/// A text as it stands inside quotes, with nothing in it that HCL would read.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.replace("${", "$${").replace("%{", "%%{")
}

/// What a reference stands for: what is known, or where Terraform finds it.
enum Meant {
    Text(String),
    Path(String),
}

/// A path such as `aws_vpc.main.id` as an expression.
pub(super) fn path_of(path: &str) -> Result<Expression, String> {
    path.parse().map_err(|error| format!("{path}: {error}"))
}

/// A key: bare where it can be.
pub(super) fn key_of(key: &str) -> ObjectKey {
    let bare = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match hcl::Identifier::new(key) {
        Ok(identifier) if bare => ObjectKey::Identifier(identifier),
        _ => ObjectKey::Expression(Expression::String(key.to_owned())),
    }
}

/// A text as JSON that Terraform writes itself.
pub(super) fn json_of(document: Expression) -> Result<Expression, String> {
    let name = hcl::Identifier::new("jsonencode").map_err(|error| error.to_string())?;
    Ok(Expression::from(
        hcl::expr::FuncCall::builder(name).arg(document).build(),
    ))
}
