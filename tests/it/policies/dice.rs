//! Random documents and requests within what both evaluators know.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::partner::{Held, Quirk};

/// Who asks, always.
pub const USER: &str = "arn:aws:iam::111122223333:user/anna";

/// Dice that fall the same way in every run.
pub struct Dice(pub u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // SplitMix64, by its published constants.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.roll(items.len())]
    }

    /// One to three of them, as a list or a single one.
    fn some(&mut self, items: &[&str]) -> Json {
        let first = self.pick(items);
        match self.roll(3) {
            0 => json!(first),
            1 => json!([first]),
            _ => json!([first, self.pick(items), self.pick(items)]),
        }
    }
}

/// A question for both.
pub struct Question {
    pub document: Json,
    pub of_resource: bool,
    pub action: String,
    pub resource: String,
    pub keys: BTreeMap<String, Held>,
    pub quirks: BTreeSet<Quirk>,
}

/// What a resource is to be, in a document of version 2012-10-17.
fn resources(dice: &mut Dice, quirks: &mut BTreeSet<Quirk>) -> Json {
    let odd = [
        ("arn:aws:*:::data/*", Quirk::WildcardForService),
        ("arn:aws:s3:*", Quirk::HeadOfArn),
        (
            "arn:aws:s3:::data/${aws:PrincipalTag/none}*",
            Quirk::VariableWithoutValue,
        ),
        ("arn:aws:s3:::data${*}/*", Quirk::EscapedStar),
    ];
    if dice.roll(24) == 0 {
        let (resource, quirk) = odd[dice.roll(odd.len())];
        quirks.insert(quirk);
        return json!(resource);
    }
    dice.some(&[
        "*",
        "arn:aws:s3:::data",
        "arn:aws:s3:::data/*",
        "arn:aws:s3:::data/home/${aws:username}/*",
        "arn:aws:s3:::data/${aws:PrincipalTag/none, 'home'}/*",
        "arn:aws:s3:::d?ta/*",
        "arn:aws:s3:::*/report.csv",
        "arn:aws:s3:::other*",
        "arn:*:s3:::data/*",
        "arn:aws:s3:::data/home/*/plan.md",
    ])
}

/// An operator, a key, and values.
fn condition(dice: &mut Dice, quirks: &mut BTreeSet<Quirk>) -> (String, String, Json) {
    let word = |text: &str| text.to_owned();
    if dice.roll(16) == 0 {
        let odd: [(&str, &str, Json, Quirk); 4] = [
            (
                "ArnEquals",
                "aws:PrincipalArn",
                json!("arn:aws:iam::111122223333:user/*"),
                Quirk::ArnEqualsWithWildcard,
            ),
            (
                "StringLike",
                "s3:prefix",
                json!("home/${aws:username}/*"),
                Quirk::VariableInCondition,
            ),
            (
                "StringEquals",
                "aws:TagKeys",
                json!(["a", "b"]),
                Quirk::SeveralValues,
            ),
            ("BinaryEquals", "my:bytes", json!("qmlu"), Quirk::BinaryCase),
        ];
        let (operator, key, values, quirk) = odd[dice.roll(odd.len())].clone();
        quirks.insert(quirk);
        return (word(operator), word(key), values);
    }
    let strings = [
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
    ];
    let orders = [
        "Equals",
        "NotEquals",
        "LessThan",
        "LessThanEquals",
        "GreaterThan",
        "GreaterThanEquals",
    ];
    let if_exists = |dice: &mut Dice| if dice.roll(3) == 0 { "IfExists" } else { "" };
    match dice.roll(9) {
        0 | 1 => (
            format!("{}{}", dice.pick(&strings), if_exists(dice)),
            word(dice.pick(&["aws:SourceVpce", "AWS:sourcevpce", "aws:SourceVpc"])),
            dice.some(&["vpce-1", "vpce-2", "VPCE-1", "vpce-*", "vpc-?", "*"]),
        ),
        2 => (
            format!(
                "{}:{}",
                dice.pick(&["ForAllValues", "ForAnyValue"]),
                dice.pick(&strings)
            ),
            word("aws:TagKeys"),
            dice.some(&["a", "b", "A", "c*", "*"]),
        ),
        3 => (
            format!(
                "{}{}",
                dice.pick(&["IpAddress", "NotIpAddress"]),
                if_exists(dice)
            ),
            word("aws:SourceIp"),
            dice.some(&[
                "203.0.113.0/24",
                "203.0.113.7",
                "2001:db8::/32",
                "0.0.0.0/0",
                "10.0.0.0/8",
            ]),
        ),
        4 => (
            format!("Bool{}", if_exists(dice)),
            word("aws:SecureTransport"),
            json!(dice.pick(&["true", "false"])),
        ),
        5 => (
            format!("Numeric{}{}", dice.pick(&orders), if_exists(dice)),
            word("s3:max-keys"),
            dice.some(&["10", "100", "9.5"]),
        ),
        6 => (
            format!("Date{}{}", dice.pick(&orders), if_exists(dice)),
            word("aws:CurrentTime"),
            dice.some(&[
                "2026-01-01T00:00:00Z",
                "2027-06-30T12:00:00+02:00",
                "1790000000",
            ]),
        ),
        7 => (
            format!(
                "{}{}",
                dice.pick(&["ArnLike", "ArnNotLike"]),
                if_exists(dice)
            ),
            word("aws:PrincipalArn"),
            dice.some(&[
                USER,
                "arn:aws:iam::111122223333:user/*",
                "arn:aws:iam::*:user/a??a",
                "arn:aws:iam::111122223333:role/*",
            ]),
        ),
        _ => (
            word("Null"),
            word(dice.pick(&["aws:SourceVpce", "aws:TagKeys", "aws:SourceIp", "s3:prefix"])),
            json!(dice.pick(&["true", "false"])),
        ),
    }
}

fn statement(dice: &mut Dice, of_resource: bool, quirks: &mut BTreeSet<Quirk>) -> Json {
    let mut statement = json!({ "Effect": dice.pick(&["Allow", "Allow", "Deny"]) });
    let action = dice.pick(&["Action", "Action", "Action", "NotAction"]);
    statement[action] = dice.some(&[
        "*",
        "s3:*",
        "s3:Get*",
        "S3:getobject",
        "s3:PutObject",
        "s3:?etObject",
        "ec2:*",
    ]);
    let resource = dice.pick(&["Resource", "Resource", "Resource", "NotResource"]);
    statement[resource] = resources(dice, quirks);
    if of_resource {
        let everybody = [json!("*"), json!({ "AWS": "*" })];
        statement["Principal"] = match dice.roll(12) {
            0..=3 => everybody[dice.roll(2)].clone(),
            4..=8 => json!({ "AWS": USER }),
            9 => json!({ "AWS": ["arn:aws:iam::111122223333:user/bob", USER] }),
            10 => json!({ "AWS": "arn:aws:iam::111122223333:user/bob" }),
            _ => {
                quirks.insert(Quirk::AccountAsPrincipal);
                json!({ "AWS": "111122223333" })
            }
        };
    }
    for _ in 0..dice.roll(3) {
        let (operator, key, values) = condition(dice, quirks);
        statement["Condition"][operator][key] = values;
    }
    statement
}

/// A question, and the known quirks that it touches.
pub fn question(dice: &mut Dice) -> Question {
    let mut quirks = BTreeSet::new();
    let of_resource = dice.roll(3) == 0;
    let statements: Vec<Json> = (0..1 + dice.roll(3))
        .map(|_| statement(dice, of_resource, &mut quirks))
        .collect();
    let old = dice.roll(24) == 0;
    let version = if old { "2008-10-17" } else { "2012-10-17" };
    let document = json!({ "Version": version, "Statement": statements });
    if old && document.to_string().contains("${") {
        quirks.insert(Quirk::VariableInOldVersion);
    }
    let resource = match dice.roll(40) {
        0 => {
            quirks.insert(Quirk::StarInResource);
            "arn:aws:s3:::data/*x"
        }
        _ => dice.pick(&[
            "arn:aws:s3:::data",
            "arn:aws:s3:::data/report.csv",
            "arn:aws:s3:::data/home/anna/plan.md",
            "arn:aws:s3:::data/home/bob/plan.md",
            "arn:aws:s3:::other/report.csv",
        ]),
    };
    let mut keys = BTreeMap::from([
        ("aws:PrincipalArn".to_owned(), Held::Text(USER.into())),
        ("aws:username".to_owned(), Held::Text("anna".into())),
        ("my:bytes".to_owned(), Held::Text("Qmlu".into())),
    ]);
    let mut perhaps = |key: &str, texts: &[&str]| {
        if dice.roll(3) > 0 {
            keys.insert(key.to_owned(), Held::Text(dice.pick(texts).to_owned()));
        }
    };
    perhaps("aws:SourceVpce", &["vpce-1", "vpce-2", "vpce-3"]);
    perhaps("aws:SourceVpc", &["vpc-1", "vpc-2"]);
    perhaps(
        "aws:SourceIp",
        &["203.0.113.7", "198.51.100.1", "2001:db8::7"],
    );
    perhaps("s3:max-keys", &["10", "50", "1000"]);
    perhaps(
        "aws:CurrentTime",
        &[
            "2026-01-01T00:00:00Z",
            "2026-09-21T00:00:00Z",
            "2028-01-01T00:00:00Z",
        ],
    );
    perhaps("s3:prefix", &["home/anna/", "home/bob/", ""]);
    if dice.roll(3) > 0 {
        keys.insert("aws:SecureTransport".into(), Held::Truth(dice.roll(2) == 0));
    }
    if dice.roll(3) > 0 {
        let mut tags: Vec<String> = (0..1 + dice.roll(3))
            .map(|_| dice.pick(&["a", "b", "cd", "e"]).to_owned())
            .collect();
        tags.dedup();
        keys.insert("aws:TagKeys".into(), Held::Texts(tags));
    }
    Question {
        document,
        of_resource,
        action: dice
            .pick(&["s3:GetObject", "s3:PutObject", "s3:ListBucket"])
            .to_owned(),
        resource: resource.to_owned(),
        keys,
        quirks,
    }
}
