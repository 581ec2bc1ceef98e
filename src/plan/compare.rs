//! When what is wanted and what lives are the same.

use crate::kind::{Field, Type};
use crate::model::{Value, policy};

/// Whether a wanted value and a live one mean the same for a field of a type.
/// What is not known yet is never the same as anything.
#[must_use]
pub fn same(holds: &Type, wanted: &Value, live: &Value) -> bool {
    if wanted.has_unknown() {
        return false;
    }
    match holds {
        Type::Set(item) => same_set(item, wanted, live),
        Type::List(item) => match (wanted, live) {
            (Value::List(a), Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(item, a, b))
            }
            _ => is_nothing(wanted) && is_nothing(live),
        },
        Type::Object(fields) => same_object(fields, wanted, live),
        Type::Map(item) => match (wanted, live) {
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|(key, a)| b.get(key).is_some_and(|b| same(item, a, b)))
            }
            _ => is_nothing(wanted) && is_nothing(live),
        },
        Type::Policy(_) => policy::same(wanted, live),
        Type::CaselessText => {
            texts(wanted, live).map_or(wanted == live, |(a, b)| a.eq_ignore_ascii_case(&b))
        }
        Type::DnsName => {
            texts(wanted, live).map_or(wanted == live, |(a, b)| dns_name(&a) == dns_name(&b))
        }
        Type::Cidr | Type::Cidr4(..) => {
            texts(wanted, live).map_or(wanted == live, |(a, b)| {
                match (a.parse::<ipnet::IpNet>(), b.parse::<ipnet::IpNet>()) {
                    (Ok(a), Ok(b)) => a == b,
                    _ => a == b,
                }
            })
        }
        Type::Reference { attribute, .. } if *attribute != "id" => {
            texts(wanted, live).map_or(wanted == live, |(a, b)| dns_name(&a) == dns_name(&b))
        }
        _ => texts(wanted, live).map_or(wanted == live, |(a, b)| a == b),
    }
}

/// A DNS name as it compares: lower case, no trailing dot, `\052` as `*`
/// (Route 53 returns an asterisk as its octal code).
#[must_use]
pub fn dns_name(text: &str) -> String {
    text.trim_end_matches('.')
        .replace("\\052", "*")
        .to_ascii_lowercase()
}

fn texts(a: &Value, b: &Value) -> Option<(String, String)> {
    Some((a.to_text()?, b.to_text()?))
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.is_empty(),
        _ => false,
    }
}

fn same_set(item: &Type, wanted: &Value, live: &Value) -> bool {
    let (Value::List(a), Value::List(b)) = (wanted, live) else {
        return is_nothing(wanted) && is_nothing(live);
    };
    if a.len() != b.len() {
        return false;
    }
    let mut rest: Vec<&Value> = b.iter().collect();
    a.iter().all(|a| {
        let found = rest.iter().position(|b| same(item, a, b));
        found.map(|index| rest.swap_remove(index)).is_some()
    })
}

fn same_object(fields: &[Field], wanted: &Value, live: &Value) -> bool {
    let (Value::Map(a), Value::Map(b)) = (wanted, live) else {
        return is_nothing(wanted) && is_nothing(live);
    };
    fields
        .iter()
        .all(|field| match (a.get(field.name), b.get(field.name)) {
            (Some(a), Some(b)) => same(&field.holds, a, b),
            (Some(a), None) => is_nothing(a),
            // What the file does not state is not compared.
            (None, _) => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_compare_as_dns_does() {
        let live = Value::from("\\052.VPCE-1.s3.Amazonaws.com.");
        assert!(same(
            &Type::DnsName,
            &Value::from("*.vpce-1.s3.amazonaws.com"),
            &live
        ));
        assert!(!same(&Type::Text, &Value::from("a"), &Value::from("A")));
    }

    #[test]
    fn the_unknown_is_never_the_same() {
        assert!(!same(&Type::Text, &Value::Unknown, &Value::Unknown));
    }

    proptest! {
        #[test]
        fn a_set_is_the_same_in_any_order(items in prop::collection::vec("[a-c]{1,2}", 0..6), seed in any::<u64>()) {
            let mut shuffled = items.clone();
            let mut state = seed;
            for i in (1..shuffled.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                shuffled.swap(i, (state >> 33) as usize % (i + 1));
            }
            let set = Type::Set(&Type::Text);
            prop_assert!(same(&set, &Value::texts(items.clone()), &Value::texts(shuffled)));
            let mut more = items;
            more.push("d".into());
            prop_assert!(!same(&set, &Value::texts(more.clone()), &Value::texts(more[1..].to_vec())));
        }
    }
}
