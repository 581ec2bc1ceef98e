//! The nature of the cloud's objects: what they refer to, tell and take.

use std::time::Duration;

use s3net::kind::{Field, Type};
use s3net::model::{Attributes, Value};

use super::kinds::Toy;

/// Answers take their time, each another one.
pub async fn pause(number: usize) {
    match number % 7 {
        3 => tokio::time::sleep(Duration::from_millis(1)).await,
        n => {
            for _ in 0..n {
                tokio::task::yield_now().await;
            }
        }
    }
}

/// What a read tells of an object beside its fields.
pub fn outputs_of(toy: &Toy, id: &str) -> Attributes {
    let mut outputs = Attributes::new();
    for output in toy.outputs {
        match output.name {
            "code" => outputs.set("code", format!("code of {id}")),
            "arn" => outputs.set("arn", format!("arn:{}:{id}", super::lab::REGION)),
            _ => {}
        }
    }
    outputs
}

/// The ids inside a value that a type says refer to others.
pub fn ids_in<'v>(holds: &Type, value: &'v Value, found: &mut Vec<&'v str>) {
    match (holds, value) {
        (Type::Reference { .. }, Value::String(id)) => found.push(id),
        (Type::Set(item), Value::List(items)) => {
            items.iter().for_each(|value| ids_in(item, value, found));
        }
        _ => {}
    }
}

/// The ids that a field holds fast.
pub fn held_by(field: &Field, attributes: &Attributes) -> Vec<String> {
    let mut found = Vec::new();
    if let (false, Some(value)) = (field.loose, attributes.get(field.name)) {
        ids_in(&field.holds, value, &mut found);
    }
    found.into_iter().map(str::to_owned).collect()
}
