//! What a run says of the file's variables, and which of them may be secret.
//!
//! A variable is secret where a field that is never shown names it, were it by
//! way of another variable:
//!
//! ```text
//! [variables]  password = "x"   login = "root:${var.password}"
//! [instance.one]  user_data = "… ${var.login} …"     ─► login, password
//! ```

use std::collections::{BTreeMap, BTreeSet};

use super::Options;
use super::document::{Holds, Table};
use crate::model::secrecy::is_secret;

/// The value that a run gives a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The value.
    pub value: String,
    /// Whether it goes into a field that is never shown.
    pub secret: bool,
}

/// The variables of a file that the run gives a value to, by name.
pub(crate) fn given(root: &Table, options: &Options) -> BTreeMap<String, Given> {
    let Some(Holds::Table(declared)) = root.get("variables").map(|entry| &entry.item.holds) else {
        return BTreeMap::new();
    };
    let secret = secret(root, declared);
    let names = declared.entries.iter().map(|entry| &entry.key);
    names
        .filter_map(|name| {
            let given = Given {
                value: options.variables.get(name)?.clone(),
                secret: secret.contains(name),
            };
            Some((name.clone(), given))
        })
        .collect()
}

/// The variables that end up in a field which is never shown.
fn secret(root: &Table, declared: &Table) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    secret_fields(root, &mut found);
    loop {
        let mut more = BTreeSet::new();
        let known = declared.entries.iter();
        for entry in known.filter(|entry| found.contains(&entry.key)) {
            named_in(&entry.item.holds, &mut more);
        }
        let before = found.len();
        found.append(&mut more);
        if found.len() == before {
            return found;
        }
    }
}

fn secret_fields(table: &Table, found: &mut BTreeSet<String>) {
    for entry in &table.entries {
        match &entry.item.holds {
            holds if is_secret(&entry.key) => named_in(holds, found),
            Holds::Table(inner) => secret_fields(inner, found),
            Holds::List(items) => {
                for item in items {
                    if let Holds::Table(inner) = &item.holds {
                        secret_fields(inner, found);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Collects the variables that texts name. One that is only quoted (`$${…}`)
/// counts as well: that errs on the safe side.
fn named_in(holds: &Holds, found: &mut BTreeSet<String>) {
    match holds {
        Holds::Text(text) => {
            for piece in text.split("${").skip(1) {
                let expression = piece.split('}').next().unwrap_or_default();
                if let Some(name) = expression.trim().strip_prefix("var.") {
                    found.insert(name.trim().to_owned());
                }
            }
        }
        Holds::List(items) => items.iter().for_each(|it| named_in(&it.holds, found)),
        Holds::Table(table) => {
            for entry in &table.entries {
                named_in(&entry.item.holds, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::syntax::read;
    use super::*;

    #[test]
    fn a_variable_is_secret_where_a_field_that_is_never_shown_names_it() {
        let text = "[variables]\n\
             password = \"a\"\nlogin = \"root:${var.password}\"\nbucket = \"b\"\nkept = \"c\"\n\
             [bucket.data]\nname = \"${var.bucket}\"\n\
             [instance.one]\nuser_data = \"\"\"\nx ${var.bucket} ${ var.login }\n\"\"\"\n\
             tags = { K = \"${var.kept}\" }\n";
        let (root, problems) = read(text);
        assert!(problems.is_empty(), "{problems:?}");
        let names = ["password", "login", "kept", "undeclared"];
        let variables = names.map(|name| (name.to_owned(), "value".to_owned()));
        let options = Options {
            variables: variables.into(),
            ..Options::default()
        };
        let given = given(&root, &options);
        let secret = |name: &str| given.get(name).map(|given| given.secret);
        assert_eq!(secret("password"), Some(true));
        assert_eq!(secret("login"), Some(true));
        assert_eq!(secret("kept"), Some(false));
        // It keeps its default, and the file does not know the other.
        assert_eq!(secret("bucket"), None);
        assert_eq!(secret("undeclared"), None);
    }
}
