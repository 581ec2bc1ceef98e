//! One step: the calls that carry it out.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};

use crate::aws::{Aws, Call, CallError, Pulse};
use crate::kind::{Change, Kind};
use crate::model::{Action, Address, Attributes, Place, tags};
use crate::plan::PlannedStep;

use super::ledger::{Entry, Ledger};

/// What every step of a run shares.
pub(super) struct Shared<'a, 's> {
    pub aws: &'a Aws,
    pub place: &'a Place,
    pub stack: &'a str,
    /// What the plan knew of each node before the first step.
    pub known: &'a BTreeMap<Address, Attributes>,
    pub created: &'a Mutex<HashSet<String>>,
    /// The ids that are still to be deleted.
    pub leaving: &'a Mutex<BTreeSet<String>>,
    pub ledger: &'a Ledger<'s>,
}

impl Shared<'_, '_> {
    /// Takes note that an object is not deleted by this run after all, or is
    /// gone; none stands for all of them.
    pub(super) fn stays(&self, id: Option<&str>) {
        let mut leaving = self.leaving.lock().unwrap_or_else(PoisonError::into_inner);
        match id {
            Some(id) => {
                leaving.remove(id);
            }
            None => leaving.clear(),
        }
    }
}

/// What a step left behind.
pub(super) struct Left {
    /// AWS's id; none where the object is gone.
    pub id: Option<String>,
    /// What others may now know of it.
    pub facts: Attributes,
}

/// Carries out one step. `inputs` are fully known.
pub(super) async fn run(
    shared: &Shared<'_, '_>,
    kind: &dyn Kind,
    step: &PlannedStep,
    inputs: Attributes,
    token: &str,
    pulse: &Pulse,
) -> Result<Left, CallError> {
    let call = Call {
        aws: shared.aws,
        place: shared.place,
        stack: shared.stack,
        address: &step.address,
        tags: &step.tags,
        token,
        pulse,
        created: shared.created,
        leaving: shared.leaving,
    };
    if step.action == Action::Keep {
        return Ok(Left {
            id: step.id.clone(),
            facts: Attributes::new(),
        });
    }
    if step.implied {
        return Ok(gone(shared, None, step).await);
    }
    let entry = shared
        .ledger
        .started(step, token, &inputs)
        .await
        .map_err(|error| CallError::NotRecorded(error.to_string()))?;
    let done = match step.action {
        Action::Create => create(shared, kind, step, inputs, &call, entry).await,
        Action::Update | Action::Adopt => update(shared, kind, step, inputs, &call, entry).await,
        Action::Delete | Action::Forget | Action::Keep => {
            remove(shared, kind, step, &call, entry).await
        }
    };
    match &done {
        Err(error) => shared.ledger.failed(entry, step, error).await,
        // Our tags go last, when the state knows nothing of it any more: whatever
        // ends the run here, nobody takes an object without them for ours.
        Ok(_) if step.given_back && !step.tag_change.is_empty() => {
            kind.retag(&call, id_of(step)?, &step.tag_change).await?;
        }
        Ok(_) => {}
    }
    done
}

async fn create(
    shared: &Shared<'_, '_>,
    kind: &dyn Kind,
    step: &PlannedStep,
    inputs: Attributes,
    call: &Call<'_>,
    entry: Entry,
) -> Result<Left, CallError> {
    let id = kind.create(call, &inputs).await?;
    if let Ok(mut created) = shared.created.lock() {
        created.insert(id.clone());
    }
    shared.ledger.made(entry, step, &id, &inputs).await;
    let outputs = kind.settle(call, &id, &inputs).await?;
    let mut facts = kind.predict(&inputs, shared.place);
    facts.0.extend(inputs.0);
    Ok(settled(shared, entry, step, id, facts, outputs).await)
}

async fn update(
    shared: &Shared<'_, '_>,
    kind: &dyn Kind,
    step: &PlannedStep,
    inputs: Attributes,
    call: &Call<'_>,
    entry: Entry,
) -> Result<Left, CallError> {
    let mut id = id_of(step)?.to_owned();
    if !step.tag_change.is_empty() && !step.given_back {
        let mut change = step.tag_change.clone();
        // What becomes ours without being made by us.
        if kind.of_no_region() && change.set.contains_key(tags::STACK) {
            let region = shared.place.region.clone();
            change.set.insert(tags::REGION.to_owned(), region);
        }
        kind.retag(call, &id, &change).await?;
    }
    // A difference that is no field asks for no change: the object was left
    // before it was at rest, or somebody needs an output again.
    let fields: BTreeSet<String> = kind
        .fields()
        .iter()
        .filter(|field| step.differences.iter().any(|d| d.field == field.name))
        .map(|field| field.name.to_owned())
        .collect();
    if !fields.is_empty() {
        let change = Change {
            before: step.live.clone(),
            after: inputs.clone(),
            fields,
        };
        id = kind.update(call, &id, &change).await?;
    }
    let mut outputs = Attributes::new();
    if !step.differences.is_empty() {
        outputs = kind.settle(call, &id, &inputs).await?;
    }
    // What the state remembers stands among the known: an output that no read
    // repeats must outlive the change.
    let known = shared.known.get(&step.address);
    let mut facts = known.unwrap_or(&step.live).clone();
    facts.0.extend(inputs.0);
    if step.given_back {
        gone(shared, Some(entry), step).await;
        let id = Some(id);
        return Ok(Left { id, facts });
    }
    Ok(settled(shared, entry, step, id, facts, outputs).await)
}

async fn settled(
    shared: &Shared<'_, '_>,
    entry: Entry,
    step: &PlannedStep,
    id: String,
    mut facts: Attributes,
    outputs: Attributes,
) -> Left {
    let id = outputs.text("id").map_or(id, str::to_owned);
    facts.0.extend(outputs.0);
    facts.set("id", id.as_str());
    let ledger = shared.ledger;
    ledger.settled(entry, step, &id, facts.clone()).await;
    Left {
        id: Some(id),
        facts,
    }
}

async fn remove(
    shared: &Shared<'_, '_>,
    kind: &dyn Kind,
    step: &PlannedStep,
    call: &Call<'_>,
    entry: Entry,
) -> Result<Left, CallError> {
    if step.action == Action::Delete {
        kind.delete(call, id_of(step)?, &step.live).await?;
    } else if !step.tag_change.is_empty() {
        kind.retag(call, id_of(step)?, &step.tag_change).await?;
    }
    Ok(gone(shared, Some(entry), step).await)
}

async fn gone(shared: &Shared<'_, '_>, entry: Option<Entry>, step: &PlannedStep) -> Left {
    if let Some(id) = &step.id {
        shared.stays(Some(id));
    }
    shared.ledger.removed(entry, step).await;
    Left {
        id: None,
        facts: Attributes::new(),
    }
}

fn id_of(step: &PlannedStep) -> Result<&str, CallError> {
    step.id
        .as_deref()
        .ok_or_else(|| CallError::internal(format!("the plan has no id for {}", step.address)))
}
