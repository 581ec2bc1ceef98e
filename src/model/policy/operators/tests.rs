//! Operators one by one.

use proptest::prelude::*;

use super::*;

/// What an operator says of a key that holds these texts; `-` is a missing key,
/// `?` one of which nothing is known, `+` one that is there.
fn met(operator: &str, wanted: &[&str], held: &[&str]) -> &'static str {
    let operator = Operator::parse(operator).unwrap();
    let wanted: Vec<Value> = wanted.iter().map(|it| Value::from(*it)).collect();
    let wanted: Vec<&Value> = wanted.iter().collect();
    let held = match held {
        ["-"] => Held::Missing,
        ["?"] => Held::Unknown("nobody knows".into()),
        ["+"] => Held::Something,
        texts => Held::Texts(texts.iter().map(|it| Text::known(it)).collect()),
    };
    match operator.met(&wanted, &held, Reader::PATTERNS) {
        Answer::Yes => "yes",
        Answer::No => "no",
        Answer::Perhaps(_) => "perhaps",
    }
}

#[test]
fn names_of_operators() {
    for name in [
        "StringEquals",
        "stringnotlike",
        "ForAllValues:StringLike",
        "ForAnyValue:ArnNotEqualsIfExists",
        "NumericLessThanEquals",
        "DateGreaterThanIfExists",
        "BoolIfExists",
        "Null",
    ] {
        assert!(Operator::parse(name).is_some(), "{name}");
    }
    for name in [
        "",
        "StringIs",
        "NullIfExists",
        "ForAllValues:Null",
        "ForSomeValues:StringEquals",
        "NumericLike",
        "NotBool",
        "StringEqualsIfExistsIfExists",
    ] {
        assert!(Operator::parse(name).is_none(), "{name}");
    }
}

#[test]
fn tests_of_one_value() {
    for (operator, wanted, held, expected) in [
        ("StringEquals", "a", "a", "yes"),
        ("StringEquals", "a", "A", "no"),
        ("StringEquals", "a*", "ab", "no"),
        ("StringEqualsIgnoreCase", "a", "A", "yes"),
        ("StringNotEqualsIgnoreCase", "a", "A", "no"),
        ("StringLike", "a*", "ab", "yes"),
        ("StringLike", "a*", "Ab", "no"),
        (
            "ArnLike",
            "arn:aws:iam::1:role/*",
            "arn:aws:iam::1:role/x",
            "yes",
        ),
        (
            "ArnEquals",
            "arn:aws:iam::1:role/*",
            "arn:aws:iam::1:role/x",
            "yes",
        ),
        (
            "ArnLike",
            "arn:aws:iam::*:role/x",
            "arn:aws:iam::1:role/x",
            "yes",
        ),
        (
            "ArnLike",
            "arn:*:role/x",
            "arn:aws:iam::1:role/x",
            "perhaps",
        ),
        ("ArnLike", "arn:aws:*:*:*:x", "arn:aws:iam::1:x", "yes"),
        ("ArnLike", "arn:aws:s3*:::b", "arn:aws:s3:::b", "yes"),
        ("ArnLike", "arn:a*3:::b:c:d", "arn:aws:s3:::b", "no"),
        ("ArnLike", "*", "arn:aws:s3:::b", "yes"),
        ("ArnLike", "arn:aws:s3:::b", "b", "no"),
        ("IpAddress", "203.0.113.0/24", "203.0.113.9", "yes"),
        ("IpAddress", "203.0.113.9", "203.0.113.9", "yes"),
        ("IpAddress", "203.0.113.9", "203.0.113.8", "no"),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", "yes"),
        ("IpAddress", "0.0.0.0/0", "2001:db8::1", "no"),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", "yes"),
        ("IpAddress", "10.0.0.0/16", "10.0.1.0/24", "yes"),
        ("IpAddress", "10.0.1.128/25", "10.0.1.0/24", "perhaps"),
        ("IpAddress", "10.1.0.0/16", "10.0.1.0/24", "no"),
        ("IpAddress", "no range", "10.0.1.1", "perhaps"),
        ("IpAddress", "10.0.0.0/8", "eip-(elastic_ip.nat)", "perhaps"),
        ("Bool", "true", "TRUE", "yes"),
        ("Bool", "false", "true", "no"),
        ("Bool", "maybe", "true", "perhaps"),
        ("BinaryEquals", "QmlpZw==", "QmlpZw==", "yes"),
        ("BinaryEquals", "QmlpZw==", "qmlpzw==", "no"),
        ("NumericEquals", "10", "10.0", "yes"),
        ("NumericNotEquals", "10", "11", "yes"),
        ("NumericLessThan", "10", "9.5", "yes"),
        ("NumericLessThan", "10", "10", "no"),
        ("NumericLessThanEquals", "10", "10", "yes"),
        ("NumericGreaterThan", "10", "9", "no"),
        ("NumericGreaterThanEquals", "1e1", "10", "yes"),
        ("NumericEquals", "NaN", "NaN", "perhaps"),
        (
            "DateLessThan",
            "2030-01-01T00:00:00Z",
            "2029-12-31T23:59:59Z",
            "yes",
        ),
        ("DateEquals", "1893456000", "2030-01-01T00:00:00Z", "yes"),
        ("DateEquals", "2030-01-01", "2030-01-01T00:00:00Z", "yes"),
        (
            "DateEquals",
            "2030-01-01T09:00:00+09:00",
            "2030-01-01T00:00:00Z",
            "yes",
        ),
        ("DateGreaterThan", "soon", "2030-01-01T00:00:00Z", "perhaps"),
        ("Null", "true", "x", "no"),
        ("Null", "false", "x", "yes"),
        ("Null", "maybe", "x", "perhaps"),
    ] {
        assert_eq!(
            met(operator, &[wanted], &[held]),
            expected,
            "{operator} {wanted} {held}"
        );
    }
}

#[test]
fn missing_and_half_known_keys() {
    for (operator, wanted, missing, there, unknown) in [
        ("StringEquals", "a", "no", "perhaps", "perhaps"),
        ("StringNotEquals", "a", "yes", "perhaps", "perhaps"),
        ("StringEqualsIfExists", "a", "yes", "perhaps", "perhaps"),
        ("StringLike", "*", "no", "yes", "perhaps"),
        ("StringLikeIfExists", "*", "yes", "yes", "yes"),
        ("StringNotLike", "*", "yes", "no", "perhaps"),
        (
            "ForAllValues:StringEquals",
            "a",
            "yes",
            "perhaps",
            "perhaps",
        ),
        ("ForAllValues:StringLike", "*", "yes", "yes", "yes"),
        ("ForAnyValue:StringEquals", "a", "no", "perhaps", "perhaps"),
        (
            "ForAnyValue:StringNotEquals",
            "a",
            "no",
            "perhaps",
            "perhaps",
        ),
        ("ForAnyValue:StringNotLike", "*", "no", "no", "no"),
        (
            "ForAnyValue:StringEqualsIfExists",
            "a",
            "yes",
            "perhaps",
            "perhaps",
        ),
        ("NumericLessThan", "1", "no", "perhaps", "perhaps"),
        ("NotIpAddress", "10.0.0.0/8", "yes", "perhaps", "perhaps"),
        (
            "ArnLike",
            "arn:aws:iam::1:role/x",
            "no",
            "perhaps",
            "perhaps",
        ),
        ("Null", "true", "yes", "no", "perhaps"),
        ("Null", "false", "no", "yes", "perhaps"),
    ] {
        let found = ["-", "+", "?"].map(|held| met(operator, &[wanted], &[held]));
        assert_eq!(found, [missing, there, unknown], "{operator} {wanted}");
    }
}

#[test]
fn several_values() {
    for (operator, wanted, held, expected) in [
        // One of several wanted ones; of a negated operator none.
        ("StringEquals", &["a", "b"][..], &["b"][..], "yes"),
        ("StringNotEquals", &["a", "b"], &["b"], "no"),
        ("StringNotEquals", &["a", "b"], &["c"], "yes"),
        ("ForAllValues:StringEquals", &["a", "b"], &["a", "b"], "yes"),
        ("ForAllValues:StringEquals", &["a", "b"], &["a", "c"], "no"),
        ("ForAnyValue:StringEquals", &["a", "b"], &["c", "b"], "yes"),
        ("ForAnyValue:StringEquals", &["a", "b"], &["c", "d"], "no"),
        (
            "ForAllValues:StringNotEquals",
            &["a", "b"],
            &["c", "d"],
            "yes",
        ),
        (
            "ForAllValues:StringNotEquals",
            &["a", "b"],
            &["c", "b"],
            "no",
        ),
        (
            "ForAnyValue:StringNotEquals",
            &["a", "b"],
            &["c", "b"],
            "yes",
        ),
        (
            "ForAnyValue:StringNotEquals",
            &["a", "b"],
            &["a", "b"],
            "no",
        ),
        // Without a set operator only what all values agree on is certain.
        ("StringEquals", &["a"], &["a", "b"], "perhaps"),
        ("StringEquals", &["a"], &["b", "c"], "no"),
        ("StringEquals", &["a", "b"], &["a", "b"], "yes"),
        ("StringEquals", &[], &["a"], "perhaps"),
        ("Null", &["true", "false"], &["a"], "perhaps"),
    ] {
        assert_eq!(
            met(operator, wanted, held),
            expected,
            "{operator} {wanted:?} {held:?}"
        );
    }
}

#[test]
fn a_variable_without_a_value_fits_nothing() {
    let missing = |_: &str| Held::Missing;
    let reader = Reader {
        wildcards: true,
        variables: Some(&missing),
        perhaps: false,
    };
    let wanted = [Value::from("${aws:username}"), Value::from("x")];
    let answer = |operator: &str, wanted: &[&Value], held: &str| {
        let operator = Operator::parse(operator).unwrap();
        operator.met(wanted, &Held::text(held), reader)
    };
    let (variable, both) = ([&wanted[0]], [&wanted[0], &wanted[1]]);
    assert!(answer("StringEquals", &variable, "a").is_no());
    assert!(
        !answer("StringNotEquals", &variable, "a")
            .doubts()
            .is_empty()
    );
    assert!(!answer("StringEquals", &both, "x").doubts().is_empty());
    // Variables are none to other operators.
    assert!(!answer("Bool", &variable, "true").doubts().is_empty());
}

proptest! {
    /// Whatever a certain answer about an unknown key is, it is the answer for
    /// every value of it.
    #[test]
    fn what_is_said_of_an_unknown_key_holds_for_every_value(
        operator in prop::sample::select(vec![
            "StringEquals", "StringNotEquals", "StringLike", "StringNotLikeIfExists",
            "ForAllValues:StringLike", "ForAnyValue:StringNotLike", "ArnLike", "ArnNotLike",
            "IpAddress", "NotIpAddressIfExists", "Bool", "NumericLessThan", "Null",
        ]),
        wanted in prop::collection::vec("[ab*?]{0,3}|arn:a:b:::[*c]|10.0.0.0/8|true|5", 1..3),
        held in prop::collection::vec("[ab]{0,3}|arn:a:b:::c|10.1.1.1|true|4", 1..3),
    ) {
        let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
        let held: Vec<&str> = held.iter().map(String::as_str).collect();
        let unknown = met(operator, &wanted, &["?"]);
        if unknown != "perhaps" {
            prop_assert_eq!(unknown, met(operator, &wanted, &["-"]));
            prop_assert_eq!(unknown, met(operator, &wanted, &["+"]));
        }
        let there = met(operator, &wanted, &["+"]);
        if there != "perhaps" {
            prop_assert_eq!(there, met(operator, &wanted, &held));
        }
    }
}
