//! The law of drafts: what the text of a draft means as a plan file is the draft.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use s3net::config::{self, Desired};
use s3net::draft::{Draft, DraftStack, DraftTable, variable};
use s3net::kind::{Declared, Default as Absent, Field, Lifecycle};
use s3net::kinds::registry;
use s3net::model::{Address, Attributes, Piece, Reference, Tags, Value};

const REGION: &str = "ap-northeast-1";

fn map(pairs: Vec<(&str, Value)>) -> Value {
    Value::Map(
        pairs
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

fn id(kind: &str, name: &str) -> Value {
    Reference::id(Address::new(kind, name)).into()
}

/// Texts with all that a file could misread. A `$` right before a reference
/// cannot be written, so none ends in it.
fn odd_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z]{1,6}",
        Just("${".to_owned()),
        Just("$${x}".to_owned()),
        Just("${aws:username}".to_owned()),
        Just("${*}".to_owned()),
        Just("\"'\\".to_owned()),
        Just("\n\t#".to_owned()),
        Just("'''\"\"\"".to_owned()),
        Just("ü—🦀".to_owned()),
        Just("}".to_owned()),
    ];
    proptest::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat() + ".")
}

/// The port and the note of a rule; AWS takes few characters in a note.
fn rule() -> impl Strategy<Value = (u16, String)> {
    let piece = prop_oneof![
        "[a-z ]{1,6}",
        Just("${".to_owned()),
        Just("$${x}".to_owned()),
        Just("}".to_owned()),
        Just("#".to_owned()),
    ];
    let note = proptest::collection::vec(piece, 1..5).prop_map(|pieces| pieces.concat());
    (1..60000_u16, note)
}

prop_compose! {
    fn drafts()(
        support in any::<bool>(),
        rules in proptest::collection::btree_map(0..250_u8, rule(), 0..5),
        egress in proptest::option::of(Just(Vec::<Value>::new())),
        sid in odd_text(),
        values in proptest::collection::vec(odd_text(), 1..4),
        zone in proptest::sample::select(vec!["a", "c", "d"]),
        open in any::<bool>(),
        tag in "[a-zA-Z0-9 _.:/=+@-]{0,200}",
        words in proptest::collection::vec(".{0,60}", 0..4),
    ) -> Draft {
        let table = |kind: &str, name: &str, fields: Attributes| DraftTable {
            comments: words.clone(),
            tags: Tags::from([("Note".to_owned(), tag.clone()), ("Name".to_owned(), "x".to_owned())]),
            fields,
            ..DraftTable::new(Address::new(kind, name))
        };
        let ingress = rules.iter().map(|(third, (port, note))| {
            let from = format!("10.{third}.0.0/16");
            map(vec![
                ("protocol", "tcp".into()),
                ("port", i64::from(*port).into()),
                ("from", from.into()),
                ("description", note.as_str().into()),
            ])
        });
        let mut group = Attributes::new()
            .with("vpc", id("vpc", "main"))
            .with("description", "the (group)")
            .with("group_name", "group")
            .with("ingress", ingress.collect::<Vec<_>>());
        if let Some(egress) = egress {
            group.set("egress", egress);
        }
        let arn = Reference { target: Address::new("bucket", "data"), attribute: "arn".to_owned() };
        let objects = Value::Template(vec![
            Piece::Reference(arn.clone()),
            Piece::Text(format!("/{}", values[0])),
        ]);
        let statement = map(vec![
            ("Sid", sid.as_str().into()),
            ("Effect", "Allow".into()),
            ("Principal", "*".into()),
            ("Action", Value::texts(["s3:GetObject", "s3:PutObject"])),
            ("Resource", vec![Value::from(arn), objects].into()),
            ("Condition", map(vec![("StringLike", map(vec![("aws:PrincipalTag/x", Value::texts(values.clone()))]))])),
        ]);
        let policy = map(vec![("Version", "2012-10-17".into()), ("Statement", vec![statement].into())]);
        Draft {
            comments: words.clone(),
            stack: DraftStack {
                name: "lab".to_owned(),
                region: Some(REGION.to_owned()),
                account: Some("123456789012".to_owned()),
                tags: Tags::from([("Project".to_owned(), "lab".to_owned())]),
            },
            tables: vec![
                table("gateway_endpoint", "s3", Attributes::new()
                    .with("vpc", id("vpc", "main"))
                    .with("service", format!("com.amazonaws.{REGION}.s3"))
                    .with("route_tables", vec![id("route_table", "one")])
                    .with("policy", policy)),
                table("bucket", "data", Attributes::new()
                    .with("name", "lab-data-1")
                    .with("block_public_access", open)),
                table("security_group", "group", group),
                table("route_table", "one", Attributes::new()
                    .with("vpc", id("vpc", "main"))
                    .with("subnets", vec![id("subnet", "one")])
                    .with("routes", vec![map(vec![("to", "0.0.0.0/0".into()), ("via", id("internet_gateway", "main"))])])),
                table("subnet", "one", Attributes::new()
                    .with("vpc", id("vpc", "main"))
                    .with("cidr", "10.0.1.0/24")
                    .with("zone", format!("{REGION}{zone}"))
                    .with("map_public_ip", open)),
                table("internet_gateway", "main", Attributes::new().with("vpc", id("vpc", "main"))),
                table("vpc", "main", Attributes::new()
                    .with("cidr", "10.0.0.0/16")
                    .with("dns_support", true)
                    .with("dns_hostnames", support)
                    .with("tenancy", "default")),
            ],
            ..Draft::default()
        }
    }
}

fn parsed(text: &str) -> Desired {
    let source = config::Source {
        name: "plan.toml".to_owned(),
        text: text.to_owned(),
    };
    let options = config::Options::default();
    let loaded = config::parse(source, Path::new("."), &options, registry());
    let errors: Vec<_> = loaded
        .diagnostics
        .iter()
        .filter(|it| it.is_error())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{text}");
    loaded.desired.unwrap()
}

/// What an absent field means.
fn default(field: &Field) -> Option<Value> {
    Some(match field.default {
        Absent::Unmanaged => return None,
        Absent::Bool(value) => value.into(),
        Absent::Integer(value) => value.into(),
        Absent::Text(value) => value.into(),
        Absent::Empty => Value::List(Vec::new()),
    })
}

/// The nodes that a table of the draft stands for, by the kind's own word.
fn nodes(table: &DraftTable) -> BTreeMap<Address, Attributes> {
    let kind = registry().of(&table.address).unwrap();
    let mut inputs = table.fields.clone();
    for field in kind.fields() {
        if inputs.get(field.name).is_none()
            && let Some(value) = default(field)
        {
            inputs.set(field.name, value);
        }
    }
    let mut declared = Declared {
        address: table.address.clone(),
        stack: "lab".to_owned(),
        region: REGION.to_owned(),
        inputs,
        spans: BTreeMap::new(),
        span: 0..0,
        tags: Tags::new(),
        parts: Vec::new(),
        problems: Vec::new(),
    };
    kind.expand(&mut declared);
    assert!(declared.problems.is_empty(), "{:#?}", declared.problems);
    for field in kind.fields().iter().filter(|field| field.expanded) {
        declared.inputs.0.remove(field.name);
    }
    let parts = declared
        .parts
        .into_iter()
        .map(|part| (part.address, part.inputs));
    parts.chain([(declared.address, declared.inputs)]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_draft_means_what_it_says(draft in drafts()) {
        let text = draft.text(registry());
        let desired = parsed(&text);
        let mut wanted = BTreeMap::new();
        for table in &draft.tables {
            wanted.extend(nodes(table));
            let node = desired.stack.get(&table.address).unwrap();
            for (key, value) in table.tags.iter().chain(&draft.stack.tags) {
                let tagged = registry().of(&table.address).unwrap().about().tagged;
                prop_assert!(!tagged || node.tags.get(key) == Some(value), "{}", text);
            }
        }
        let found: BTreeMap<Address, Attributes> = desired
            .stack
            .nodes
            .iter()
            .map(|(address, node)| (address.clone(), node.inputs.clone()))
            .collect();
        prop_assert_eq!(found, wanted, "{}", text);
        // Networks first, whatever the order of the draft.
        let place = |header: &str| text.find(header).unwrap();
        prop_assert!(place("[vpc.main]") < place("[subnet.one]"));
        prop_assert!(place("[route_table.one]") < place("[bucket.data]"));
        prop_assert!(!text.contains("tenancy") && !text.contains("dns_support"));
    }
}

#[test]
fn a_draft_reads_like_a_file_of_a_person() {
    let mut subnet = DraftTable::new(Address::new("subnet", "private"));
    subnet.comments = vec!["subnet-0a1b, \"the\nold one\"".to_owned()];
    subnet.fields = Attributes::new()
        .with("vpc", id("vpc", "main"))
        .with("cidr", variable("block"))
        .with("zone", "ap-northeast-1a");
    subnet
        .remarks
        .insert("cidr".to_owned(), "of the office".to_owned());
    subnet.lifecycle = Lifecycle {
        prevent_destroy: true,
        ignore: vec!["map_public_ip".to_owned()],
        ..Lifecycle::default()
    };
    let mut vpc = DraftTable::new(Address::new("vpc", "main"));
    vpc.fields = Attributes::new().with("cidr", "10.0.0.0/16");
    let draft = Draft {
        comments: vec!["A network.".to_owned()],
        stack: DraftStack {
            name: "lab".to_owned(),
            region: Some(REGION.to_owned()),
            ..DraftStack::default()
        },
        variables: vec![s3net::draft::DraftVariable {
            name: "block".to_owned(),
            default: "10.0.1.0/24".into(),
            comments: vec!["Where the office is.".to_owned()],
        }],
        tables: vec![subnet, vpc],
        ..Draft::default()
    };
    let text = draft.text(registry());
    insta::assert_snapshot!(text);
    let desired = parsed(&text);
    let subnet = desired
        .stack
        .get(&Address::new("subnet", "private"))
        .unwrap();
    assert_eq!(subnet.inputs.text("cidr"), Some("10.0.1.0/24"));
    assert!(subnet.lifecycle.prevent_destroy);
}
