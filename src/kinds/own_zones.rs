//! The stack's private zones as zones and records both see them: not a kind, but
//! what the two need to find themselves.
//!
//! A zone that the stack made says so by its caller reference. One that it adopted
//! does not: it is known by its tags, which are read where the state remembers its
//! id or the file has its name.

use std::sync::Arc;

use crate::aws::CallError;
use crate::aws::private_zones::{Sought, Zone};
use crate::kind::Scope;
use crate::model::{Reference, Value};

/// The zones, with their records.
pub(super) async fn own_zones(scope: &Scope<'_>) -> Result<Arc<Vec<Zone>>, CallError> {
    let mut sought = Sought::default();
    let known = |reference: &Reference| {
        let inputs = &scope.wanted.get(&reference.target)?.inputs;
        let value = inputs.get(&reference.attribute)?;
        value.as_text().map(Value::text)
    };
    for (_, zone) in scope.wanted_of("private_zone", "") {
        sought.ids.extend(zone.id.clone());
        let name = zone.inputs.get("name");
        let name = name.map(|name| name.resolve(Some(&scope.place.account), &known));
        sought.names.extend(name.and_then(|name| name.to_text()));
    }
    let reads = scope
        .shared
        .private_zones(scope.aws, scope.stack, scope.place, &sought);
    reads.await
}
