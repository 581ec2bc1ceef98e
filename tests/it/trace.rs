//! Which way traffic takes: asked of a file alone, of a plan, and of what lives.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::lab::{Lab, Ran, program};

/// The three ways of the example, each behind an instance.
const THREE_WAYS: [(&str, &str); 3] = [
    ("instance.one", "nat_gateway.main"),
    ("instance.two", "gateway_endpoint.s3"),
    ("instance.three", "interface_endpoint.s3"),
];

/// The document that a run wrote.
#[track_caller]
fn document(ran: &Ran) -> Value {
    serde_json::from_str(ran.out.trim()).unwrap_or_else(|_| panic!("{}\n{}", ran.out, ran.err))
}

/// Of each pair of a matrix: whether it works, and by which door.
#[track_caller]
fn doors(document: &Value) -> BTreeMap<(String, String), (Value, Value)> {
    assert_eq!(document["document"], "trace_matrix");
    let traces = document["traces"].as_array().unwrap().iter();
    let told = traces.map(|trace| {
        let question = &trace["question"];
        let label = |end: &str| question[end]["label"].as_str().unwrap().to_owned();
        let door = trace["way"]["door"]["label"].clone();
        (
            (label("from"), label("to")),
            (trace["reachable"].clone(), door),
        )
    });
    told.collect()
}

/// Runs trace on `plan.toml` without an account, without credentials and
/// without an endpoint.
fn offline(lab: &Lab, more: &[&str]) -> Ran {
    let mut args = vec!["trace", "plan.toml"];
    args.extend(more);
    let mut command = lab.command(&args);
    // A call would have nowhere to go.
    command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    command.output().unwrap().into()
}

#[test]
fn a_file_alone_tells_its_three_ways() {
    let lab = Lab::with_plan("three-ways.toml");
    for (from, door) in THREE_WAYS {
        let ran = offline(&lab, &[from, "bucket.data", "--json"]).exits(0);
        let told = document(&ran);
        assert_eq!(told["document"], "trace");
        assert_eq!(told["network"], "wanted");
        assert_eq!(told["place"]["account"], Value::Null);
        let trace = &told["trace"];
        assert_eq!(trace["reachable"], true, "{trace:#}");
        assert_eq!(trace["way"]["door"]["label"], door);
        assert_eq!(trace["way"]["door"]["id"], Value::Null);
        assert_eq!(ran.err, "");
    }
    let text = offline(&lab, &["instance.one", "bucket.data"]).exits(0).out;
    assert!(text.contains("Reachable by nat_gateway.main, over public addresses.\n"));
    assert!(text.contains("0.062 USD per GB"), "{text}");
    let text = offline(&lab, &["instance.three", "bucket.data"])
        .exits(0)
        .out;
    assert!(text.contains("--endpoint-url\n"), "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}

#[test]
fn a_matrix_has_every_pair_once() {
    let lab = Lab::with_plan("three-ways.toml");
    let told = doors(&document(&offline(&lab, &["--all", "--json"]).exits(0)));
    assert_eq!(told.len(), 7);
    let some = doors(&document(
        &offline(&lab, &["instance.*", "bucket.data", "--json"]).exits(0),
    ));
    assert_eq!(some.len(), 3);
    for (from, door) in THREE_WAYS {
        let pair = (from.to_owned(), "bucket.data".to_owned());
        assert_eq!(some[&pair], (true.into(), door.into()));
        assert_eq!(told[&pair], some[&pair]);
    }
    let ran = offline(&lab, &["--all"]).exits(0);
    assert!(ran.out.contains("7 ways asked: "), "{}", ran.out);
}

#[test]
fn what_blocks_is_shown_in_the_file() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.edit(
        "description = \"The three instances\"\n",
        "description = \"The three instances\"\negress = []\n",
    );
    let text = lab.text();
    let line = text.lines().position(|line| line == "egress = []").unwrap() + 1;
    let ran = offline(&lab, &["instance.two", "bucket.data"]).exits(0);
    assert!(ran.out.contains("Blocked at the filter"), "{}", ran.out);
    assert!(
        ran.out.contains(&format!("plan.toml:{line}:")),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("\n  change    "), "{}", ran.out);
    let told = document(&offline(&lab, &["instance.two", "bucket.data", "--json"]).exits(0));
    assert_eq!(told["trace"]["block"]["symptom"], "time_out");
    assert_eq!(told["trace"]["block"]["spot"]["line"], line);
}

#[test]
fn check_exits_with_3_unless_all_works() {
    let lab = Lab::with_plan("three-ways.toml");
    offline(&lab, &["instance.*", "bucket.data", "--check"]).exits(0);
    lab.edit(
        "routes = [{ to = \"0.0.0.0/0\", via = \"nat_gateway.main\" }]\n",
        "",
    );
    // The interface endpoint's own name leads there still.
    offline(&lab, &["instance.one", "bucket.data", "--check"]).exits(0);
    let usual = ["--name", "bucket", "--check"];
    let asked = |from| [&[from, "bucket.data"], &usual[..]].concat();
    offline(&lab, &asked("instance.one")).exits(3);
    offline(&lab, &asked("instance.one")[..4]).exits(0);
    offline(&lab, &asked("instance.two")).exits(0);
    offline(&lab, &asked("instance.*")).exits(3);
}

#[test]
fn what_cannot_be_asked_is_told_with_a_remedy() {
    let lab = Lab::with_plan("three-ways.toml");
    for (args, problem, remedy) in [
        (
            &["instance.on", "bucket.data"][..],
            "no instance and no subnet is called `instance.on`",
            "did you mean `instance.one`?",
        ),
        (
            &["instance.one", "bucket.daat"],
            "no bucket and no service is called `bucket.daat`",
            "did you mean `bucket.data`?",
        ),
        (
            &["instance.one", "bucket.data", "--as", "role.instanc"],
            "no role is called `role.instanc`",
            "did you mean `role.instance`?",
        ),
        (&["instance.one"], "it is not said from where", "pass --all"),
    ] {
        let ran = offline(&lab, args).exits(1);
        assert_eq!(ran.out, "");
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let told = words(&ran.err);
        assert!(told.contains(problem) && told.contains(remedy), "{told}");
    }
    let id = ["trace", "subnet-0a1b2c3d4e5f60718", "s3://data"];
    let ran = lab.run(&id).exits(1);
    assert!(ran.err.contains("pass --live"), "{}", ran.err);
    let ran = Ran::from(program().args(["trace", "--help"]).output().unwrap()).exits(0);
    assert!(
        ran.out.contains("trace [OPTIONS] FILE FROM TO"),
        "{}",
        ran.out
    );
}

#[test]
fn what_lives_goes_the_ways_that_the_file_told() {
    let lab = Lab::with_plan("three-ways.toml");
    let nothing = lab.verb("trace", &["--all", "--live"]).exits(1);
    assert!(nothing.err.contains("nothing of three-ways lives"));
    let wanted = doors(&document(&lab.verb("trace", &["--all", "--json"]).exits(0)));
    let planned = lab.verb("trace", &["--all", "--json", "--planned"]);
    assert_eq!(doors(&document(&planned.exits(0))), wanted);
    lab.apply().exits(0);
    lab.calls();
    let ran = lab.verb("trace", &["--all", "--json", "--live"]).exits(0);
    let told = document(&ran);
    assert_eq!(told["network"], "live");
    assert_eq!(told["place"]["account"], lab.account.as_str());
    assert_eq!(doors(&told), wanted);
    let calls = lab.calls();
    let names = calls["counts"].as_object().unwrap();
    assert!(!names.is_empty());
    let reads = ["Describe", "Get", "List", "Head"];
    for name in names.keys() {
        let action = name.rsplit(':').next().unwrap();
        assert!(
            reads.iter().any(|it| action.starts_with(it)),
            "{name} writes"
        );
    }
    let planned = lab.verb("trace", &["--all", "--json", "--planned"]);
    assert_eq!(doors(&document(&planned.exits(0))), wanted);

    // What blocks a way that lives is shown where the file says it.
    let shut = lab
        .verb("trace", &["instance.two", "ssm", "--live"])
        .exits(0);
    let header = "[route_table.private-2]";
    let at = lab.text().lines().position(|line| line == header).unwrap() + 1;
    let place = format!("[plan.toml:{at}:1]");
    assert!(shut.out.contains(&place), "{place}: {}", shut.out);

    // The same without the file: by ids alone.
    let one = told["traces"].as_array().unwrap().iter();
    let one = one
        .clone()
        .find(|it| it["question"]["from"]["label"] == "instance.one");
    let id = one.unwrap()["question"]["from"]["id"].as_str().unwrap();
    assert!(id.starts_with("i-"), "{id}");
    let bucket = format!("s3://{}", lab.bucket());
    let by_id = [
        "trace",
        id,
        &bucket,
        "--live",
        "--local",
        "--region",
        "ap-northeast-1",
    ];
    let ran = lab.run(&by_id).exits(0);
    assert!(
        ran.out.contains("Reachable by nat_gateway.main"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("a public address\n"), "{}", ran.out);
    lab.destroy().exits(0);
}
