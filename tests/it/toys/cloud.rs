//! The cloud: objects in memory, and rules like AWS's.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use s3net::aws::{Call, CallError};
use s3net::kind::{Change, Field, Live, OnChange};
use s3net::model::tags::{self, TagChange};
use s3net::model::{Address, Attributes, Tags, Value};

use super::kinds::Toy;
use super::log::{ASKED_FOR, Fault, Log, Verb};
use super::nature::{held_by, ids_in, outputs_of, pause};

/// One stack's cloud. Kinds find it by the stack's name.
#[derive(Debug, Default)]
pub struct Cloud {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    objects: BTreeMap<String, Object>,
    /// Which objects hold an object fast, by its id.
    holders: HashMap<String, BTreeSet<String>>,
    /// Which object has a unique value, by kind and value.
    names: HashMap<(&'static str, String), String>,
    tokens: HashMap<String, String>,
    made: usize,
    log: Log,
    faults: BTreeMap<usize, Fault>,
    refused_creations: BTreeSet<Address>,
}

/// An object of the cloud.
#[derive(Debug, Clone)]
pub struct Object {
    pub toy: &'static Toy,
    pub attributes: Attributes,
    pub tags: Tags,
    /// Tells a table's parts apart.
    key: String,
    pub broken: Option<String>,
}

static CLOUDS: LazyLock<Mutex<HashMap<String, Arc<Cloud>>>> = LazyLock::new(Mutex::default);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

type Answer<T> = Result<T, CallError>;

fn refused<T>(code: &'static str, message: impl Into<String>) -> Answer<T> {
    Err(CallError::Refused {
        operation: "Toy",
        code: code.to_owned(),
        message: message.into(),
        request_id: Some("toy-1".to_owned()),
    })
}

impl Cloud {
    /// The cloud of a stack.
    pub fn of(stack: &str) -> Arc<Self> {
        lock(&CLOUDS).entry(stack.to_owned()).or_default().clone()
    }

    /// Drops the cloud of a stack.
    pub fn close(stack: &str) {
        lock(&CLOUDS).remove(stack);
    }

    /// The objects by id.
    pub fn objects(&self) -> BTreeMap<String, Object> {
        lock(&self.inner).objects.clone()
    }

    /// Changes an object behind s3net's back.
    pub fn meddle(&self, id: &str, change: impl FnOnce(&mut Object)) {
        change(
            lock(&self.inner)
                .objects
                .get_mut(id)
                .expect("the object is there"),
        );
    }

    /// Takes what was noted so far, and begins anew.
    pub fn take_log(&self) -> Log {
        std::mem::take(&mut lock(&self.inner).log)
    }

    /// Makes the nth call from the start of the log go wrong.
    pub fn trip(&self, nth: usize, fault: Fault) {
        lock(&self.inner).faults.insert(nth, fault);
    }

    /// Refuses to create an address.
    pub fn refuse(&self, address: &Address) {
        lock(&self.inner).refused_creations.insert(address.clone());
    }

    /// Behaves well from now on.
    pub fn relent(&self) {
        let mut inner = lock(&self.inner);
        inner.faults.clear();
        inner.refused_creations.clear();
    }

    /// Every live object of a kind, as a filtered read gives it.
    pub fn find(&self, toy: &Toy) -> Vec<Live> {
        let inner = lock(&self.inner);
        let of_kind = inner.objects.iter().filter(|(_, o)| o.toy.name == toy.name);
        of_kind
            .map(|(id, object)| Live {
                address: inner.address(object),
                id: id.clone(),
                attributes: inner.read(id, object),
                tags: object.tags.clone(),
                broken: object.broken.clone(),
                ..Live::default()
            })
            .collect()
    }

    async fn call<T>(
        &self,
        verb: Verb,
        call: &Call<'_>,
        work: impl FnOnce(&mut Inner) -> Answer<T>,
    ) -> Answer<T> {
        let number = lock(&self.inner).log.start(verb, call.address);
        pause(number).await;
        let mut inner = lock(&self.inner);
        let fault = inner.faults.remove(&number);
        let banned = verb == Verb::Create && inner.refused_creations.contains(call.address);
        if fault == Some(Fault::Refuse) || banned {
            inner.log.end(number, Some(ASKED_FOR));
            return refused(ASKED_FOR, "a test asked for this");
        }
        let mut answer = work(&mut inner);
        let mut code = answer.as_ref().err().map(|_| "Refused");
        if fault == Some(Fault::LoseAnswer) && answer.is_ok() {
            code = Some(ASKED_FOR);
            answer = Err(CallError::NoAnswer {
                operation: "Toy",
                reason: "a test asked for this".to_owned(),
                sent: true,
            });
        }
        inner.log.end(number, code);
        answer
    }

    pub async fn create(
        &self,
        toy: &'static Toy,
        call: &Call<'_>,
        inputs: &Attributes,
    ) -> Answer<String> {
        self.call(Verb::Create, call, |inner| inner.create(toy, call, inputs))
            .await
    }

    pub async fn settle(
        &self,
        toy: &Toy,
        call: &Call<'_>,
        id: &str,
        inputs: &Attributes,
    ) -> Answer<Attributes> {
        self.call(Verb::Settle, call, |inner| {
            let object = inner.object(id)?;
            for field in toy.settled {
                if let Some(value) = inputs.get(field) {
                    object.attributes.set(field, value.clone());
                }
            }
            let mut outputs = outputs_of(toy, id);
            if toy.outputs.iter().any(|output| output.name == "secret") {
                outputs.set("secret", format!("secret of {id}"));
            }
            Ok(outputs)
        })
        .await
    }

    pub async fn update(
        &self,
        toy: &Toy,
        call: &Call<'_>,
        id: &str,
        change: &Change,
    ) -> Answer<String> {
        self.call(Verb::Update, call, |inner| inner.update(toy, id, change))
            .await
    }

    pub async fn retag(&self, call: &Call<'_>, id: &str, change: &TagChange) -> Answer<()> {
        self.call(Verb::Retag, call, |inner| {
            let object = inner.object(id)?;
            object.tags.retain(|key, _| !change.remove.contains(key));
            object.tags.extend(change.set.clone());
            Ok(())
        })
        .await
    }

    pub async fn delete(&self, call: &Call<'_>, id: &str) -> Answer<()> {
        self.call(Verb::Delete, call, |inner| inner.delete(id))
            .await
    }
}

impl Inner {
    fn object(&mut self, id: &str) -> Answer<&mut Object> {
        match self.objects.get_mut(id) {
            Some(object) => Ok(object),
            None => refused("Toy.NotFound", id),
        }
    }

    /// The address that an object's tags, or its table's, tell.
    fn address(&self, object: &Object) -> Option<Address> {
        let Some(part_of) = object.toy.part_of else {
            return object.tags.get(tags::ADDRESS)?.parse().ok();
        };
        let table = self
            .objects
            .get(object.attributes.text(object.toy.table_field)?)?;
        Some(self.address(table)?.part(part_of.label, &object.key))
    }

    fn read(&self, id: &str, object: &Object) -> Attributes {
        let mut seen = object.attributes.clone();
        seen.0.extend(outputs_of(object.toy, id).0);
        if object.toy.renamed_beside
            && let Some(name) = seen.text("name").map(str::to_owned)
        {
            seen.set("name", name.trim_end_matches("~2"));
            seen.set("full_name", name);
        }
        seen
    }

    /// All that is referred to must exist, and every value must be plain.
    fn check(&self, field: &Field, value: &Value) -> Answer<()> {
        let mut plain = !value.has_unknown();
        value.each_reference(&mut |_| plain = false);
        if !plain {
            return refused("Malformed", format!("{}: {value:?}", field.name));
        }
        let mut ids = Vec::new();
        ids_in(&field.holds, value, &mut ids);
        match ids.iter().find(|id| !self.objects.contains_key(**id)) {
            Some(id) => refused("Toy.NotFound", format!("{}: {id}", field.name)),
            None => Ok(()),
        }
    }

    fn create(
        &mut self,
        toy: &'static Toy,
        call: &Call<'_>,
        inputs: &Attributes,
    ) -> Answer<String> {
        if let Some(id) = self.tokens.get(call.token)
            && self.objects.contains_key(id)
        {
            return Ok(id.clone());
        }
        let mut attributes = Attributes::new();
        for field in toy.fields {
            match inputs.get(field.name) {
                Some(value) => {
                    self.check(field, value)?;
                    if !toy.settled.contains(&field.name) {
                        attributes.set(field.name, value.clone());
                    }
                }
                None if field.required => return refused("Missing", field.name),
                None => {}
            }
        }
        let name = toy.unique.and_then(|field| attributes.text(field));
        let name = name.map(|name| (toy.name, name.to_owned()));
        if name
            .as_ref()
            .is_some_and(|name| self.names.contains_key(name))
        {
            return refused("AlreadyExists", format!("{name:?}"));
        }
        self.made += 1;
        let id = match &name {
            Some((_, name)) if toy.id_is_name => name.clone(),
            _ => format!("{}-{:06}", toy.name, self.made),
        };
        if let Some(name) = name {
            self.names.insert(name, id.clone());
        }
        let key = call.address.part.as_ref().map(|part| part.key.clone());
        let object = Object {
            toy,
            attributes,
            tags: call.tags.clone(),
            key: key.unwrap_or_default(),
            broken: None,
        };
        self.tokens.insert(call.token.to_owned(), id.clone());
        self.insert(&id, object);
        Ok(id)
    }

    fn update(&mut self, toy: &Toy, id: &str, change: &Change) -> Answer<String> {
        let mut attributes = self.object(id)?.attributes.clone();
        for field in toy.fields.iter().filter(|field| change.touches(field.name)) {
            if matches!(field.on_change, OnChange::Replace(_)) {
                return refused("Immutable", field.name);
            }
            let value = change.after.get(field.name).cloned().unwrap_or(Value::Null);
            self.check(field, &value)?;
            if !toy.settled.contains(&field.name) {
                attributes.set(field.name, value);
            }
        }
        let mut object = self.remove(id)?;
        object.attributes = attributes;
        // A way that moves becomes another way, as an association does.
        let id = if toy.name == "net_way" {
            self.made += 1;
            format!("{}-{:06}", toy.name, self.made)
        } else {
            id.to_owned()
        };
        if let Some(name) = toy.unique.and_then(|field| object.attributes.text(field)) {
            self.names.insert((toy.name, name.to_owned()), id.clone());
        }
        self.insert(&id, object);
        Ok(id)
    }

    fn delete(&mut self, id: &str) -> Answer<()> {
        self.object(id)?;
        let holders = self.holders.get(id).cloned().unwrap_or_default();
        let (own, others): (Vec<_>, Vec<_>) = holders
            .into_iter()
            .partition(|holder| self.is_contained_in(holder, id));
        if !others.is_empty() {
            return refused("DependencyViolation", format!("{id} is held by {others:?}"));
        }
        for part in own {
            self.delete(&part)?;
        }
        self.remove(id).map(|_| ())
    }

    fn is_contained_in(&self, part: &str, table: &str) -> bool {
        self.objects.get(part).is_some_and(|object| {
            object.toy.contained && object.attributes.text(object.toy.table_field) == Some(table)
        })
    }

    fn insert(&mut self, id: &str, object: Object) {
        for field in object.toy.fields {
            for held in held_by(field, &object.attributes) {
                self.holders.entry(held).or_default().insert(id.to_owned());
            }
        }
        self.objects.insert(id.to_owned(), object);
    }

    fn remove(&mut self, id: &str) -> Answer<Object> {
        let Some(object) = self.objects.remove(id) else {
            return refused("Toy.NotFound", id);
        };
        for field in object.toy.fields {
            for held in held_by(field, &object.attributes) {
                if let Some(holders) = self.holders.get_mut(&held) {
                    holders.remove(id);
                }
            }
        }
        if let Some(name) = object
            .toy
            .unique
            .and_then(|field| object.attributes.text(field))
        {
            self.names.remove(&(object.toy.name, name.to_owned()));
        }
        Ok(object)
    }
}
