//! A plan without what must not be written down, and without what nobody needs
//! to see: of nodes that stay, only that they do.

use sha2::{Digest, Sha256};

use crate::model::secrecy::{is_secret, sealed};
use crate::model::{Action, Attributes, Value};
use crate::plan::{Drift, Plan, PlannedStep};

/// The plan as it is written down.
#[must_use]
pub fn sealed_plan(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    let steps: Vec<_> = plan.steps.steps().collect();
    for step in steps {
        seal_step(plan.steps.node_mut(step));
    }
    for left in &mut plan.left_out {
        seal_step(&mut left.step);
    }
    // What look-ups found has its names in the plan's text.
    plan.facts.retain(|address, _| address.existing);
    plan.facts.values_mut().for_each(seal);
    plan
}

fn seal_step(step: &mut PlannedStep) {
    if step.action == Action::Keep {
        for values in [&mut step.inputs, &mut step.preview, &mut step.live] {
            *values = Attributes::new();
        }
        return;
    }
    for values in [&mut step.inputs, &mut step.preview, &mut step.live] {
        seal(values);
    }
    for change in &mut step.differences {
        let field = change.field.as_str();
        change.before = change.before.as_ref().map(|value| shut(field, value));
        change.after = shut(field, &change.after);
    }
}

/// The drift as it is written down.
#[must_use]
pub fn sealed_drift(drift: &Drift) -> Drift {
    let mut drift = drift.clone();
    let fields = drift.objects.iter_mut().flat_map(|it| &mut it.fields);
    for field in fields {
        let name = field.field.as_str();
        field.before = shut(name, &field.before);
        field.after = field.after.as_ref().map(|value| shut(name, value));
    }
    drift
}

fn seal(values: &mut Attributes) {
    for (name, value) in values.0.iter_mut().filter(|(name, _)| is_secret(name)) {
        *value = shut(name, value);
    }
}

/// A value as it may be written down. Also of one that is not known yet a hash
/// is kept, so that a change of what it is made of is noticed.
fn shut(field: &str, value: &Value) -> Value {
    match sealed(field, value) {
        Value::Unknown if *value != Value::Unknown => {
            Value::String(format!("sha256:{}", hash_of(value)))
        }
        sealed => sealed,
    }
}

/// The SHA-256 of a value's written form, in hexadecimal.
#[must_use]
pub fn hash_of(value: &impl serde::Serialize) -> String {
    // What has no written form has keys that are no texts, which none here has.
    let text = serde_json::to_vec(value).unwrap_or_default();
    hash_of_text(&text)
}

/// The SHA-256 of a text, in hexadecimal.
#[must_use]
pub fn hash_of_text(text: &[u8]) -> String {
    let hash = Sha256::digest(text);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
