//! One file per AWS kind, and the registry that lists them.
//!
//! A kind's file holds all that s3net knows of it: fields, checks, orders, and
//! the calls that find, create, settle, update and delete it. Kinds never
//! import each other: they meet only by name, in references and orders.

use crate::kind::{Kind, Registry};

/// Declares each kind's module and lists it, so that a kind is one line here.
/// (`cargo fmt` does not follow modules made by a macro; the checks run
/// `rustfmt` on them by name.)
macro_rules! registry {
    ($($module:ident::$kind:ident,)*) => {
        $(mod $module;)*
        static KINDS: &[&dyn Kind] = &[$(&$module::$kind,)*];
    };
}

registry! {
    vpc::Vpc,
    subnet::Subnet,
}

/// Every kind that s3net can build.
#[must_use]
pub fn registry() -> Registry {
    Registry::new(KINDS)
}
