//! What `--json` writes is as its published schema says.
//!
//! Every run of every test that passes `--json` is held to it, by
//! [`crate::lab::Lab::run`]; here stand the tests of the schema itself.

use std::sync::OnceLock;

use s3net::report::Verb;
use serde_json::{Value, json};

use crate::lab::Lab;

/// The schema as `s3net schema --output` prints it.
fn schema() -> &'static jsonschema::Validator {
    static SCHEMA: OnceLock<jsonschema::Validator> = OnceLock::new();
    SCHEMA.get_or_init(|| jsonschema::validator_for(&text()).unwrap())
}

fn text() -> Value {
    serde_json::from_str(s3net::report::OUTPUT_SCHEMA).unwrap()
}

/// The validator of one document or event alone, for a readable failure.
fn of(line: &Value) -> Option<jsonschema::Validator> {
    let name = match (line["document"].as_str(), line["event"].as_str()) {
        (Some(name), _) => name.to_owned(),
        (None, Some(event)) => format!("event_{event}"),
        (None, None) => return None,
    };
    let mut alone = text();
    alone["definitions"].get(&name)?;
    alone.as_object_mut()?.remove("oneOf");
    alone["allOf"] = json!([{ "$ref": format!("#/definitions/{name}") }]);
    jsonschema::validator_for(&alone).ok()
}

/// Panics unless each line is a document or an event of the schema.
#[track_caller]
pub fn hold(lines: &str) {
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("{error}: no JSON on this line: {line}"));
        if schema().is_valid(&line) {
            continue;
        }
        let Some(alone) = of(&line) else {
            panic!("the schema knows no such document: {line}");
        };
        let wrong: Vec<String> = alone
            .iter_errors(&line)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        panic!("{}\n{line:#}", wrong.join("\n"));
    }
}

#[test]
fn the_program_prints_the_schema_that_tests_hold_it_to() {
    let lab = Lab::new();
    let printed = lab.run(&["schema", "--output"]).exits(0);
    let printed: Value = serde_json::from_str(&printed.out).unwrap();
    assert_eq!(printed, text());
}

#[test]
fn the_schema_refuses_what_is_not_promised() {
    let sound = json!({
        "format_version": "1.3", "document": "error",
        "problem": "p", "cause": null, "remedy": null,
    });
    assert!(schema().is_valid(&sound));
    let (mut more, mut less, mut other) = (sound.clone(), sound.clone(), sound.clone());
    more["surprise"] = true.into();
    less.as_object_mut().unwrap().remove("cause");
    other["document"] = "unheard_of".into();
    for unsound in [more, less, other] {
        assert!(!schema().is_valid(&unsound), "{unsound}");
    }
}

#[test]
fn the_schema_knows_the_outcome_of_every_verb() {
    let known = &text()["definitions"]["outcome"]["properties"]["of"]["enum"];
    let mut known: Vec<&str> = known
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    known.sort_unstable();
    let mut verbs: Vec<&str> = Verb::ALL.iter().map(|verb| verb.name()).collect();
    verbs.sort_unstable();
    verbs.dedup();
    assert_eq!(known, verbs);
}

/// What one object's name, or whose it is, is changed by.
#[tokio::test]
async fn deeds_on_what_is_remembered_keep_to_the_schema() {
    let lab = Lab::new();
    let vpc = |name: &str| {
        lab.write(&format!(
            "[stack]\nname = \"deeds\"\nregion = \"ap-northeast-1\"\n\n[vpc.{name}]\ncidr = \
             \"10.0.0.0/16\"\n"
        ));
    };
    vpc("old");
    lab.apply().exits(0);
    let of = |verb: &[&str], more: &[&str]| -> Vec<Value> {
        let how = ["--local", "--auto-approve", "--json"];
        let ran = lab.run(&[verb, &["plan.toml"], more, &how].concat());
        let lines = ran.exits(0).out;
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let id = {
        let aws = lab.aws().await;
        let found = aws.ec2.describe_vpcs().send().await.unwrap();
        let own = found
            .vpcs()
            .iter()
            .find(|vpc| vpc.is_default() != Some(true));
        own.unwrap().vpc_id().unwrap().to_owned()
    };
    vpc("new");
    for (verb, more) in [
        (&["state", "move"][..], &["vpc.old", "vpc.new"][..]),
        (&["state", "forget"], &["vpc.new"]),
        (&["import"], &["vpc.new", &id]),
    ] {
        let told = of(verb, more);
        assert_eq!(told[0]["document"], "plan", "{verb:?}");
        let outcome = told.last().unwrap();
        assert_eq!(outcome["document"], "outcome");
        assert_eq!(outcome["of"], verb.join(" "));
        assert_eq!(outcome["complete"], true);
    }
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn a_file_with_mistakes_is_told_as_a_document() {
    let lab = Lab::new();
    lab.write(
        "[stack]\nname = \"lab\"\nregion = \"eu-west-1\"\n\n[vpc.main]\ncidr = \"10.0.0.1/16\"\n",
    );
    for verb in ["validate", "plan"] {
        let ran = lab.run(&[verb, "plan.toml", "--json"]).exits(1);
        let told: Value = serde_json::from_str(ran.out.trim()).unwrap();
        assert_eq!(told["document"], "validation");
        assert_eq!(told["valid"], false);
        let problem = &told["problems"][0];
        assert_eq!(problem["line"], 6);
        assert_eq!(problem["text"], "\"10.0.0.1/16\"");
        assert_eq!(problem["remedy"], "write \"10.0.0.0/16\"");
    }
}

#[test]
fn a_sound_file_is_counted() {
    let lab = Lab::with_plan("three-ways.toml");
    let ran = lab.run(&["validate", "plan.toml", "--json"]).exits(0);
    let told: Value = serde_json::from_str(ran.out.trim()).unwrap();
    assert_eq!(told["valid"], true);
    assert_eq!(told["problems"], json!([]));
    assert_eq!(told["expectations"], 3);
    assert!(told["nodes"].as_u64() > told["resources"].as_u64());
}

/// One run of each verb that writes documents, from an empty account to nothing.
#[test]
fn every_verb_of_a_stack_s_life_keeps_to_the_schema() {
    let lab = Lab::with_plan("three-ways.toml");
    let documents = |ran: &crate::lab::Ran| -> Vec<String> {
        let lines = ran
            .out
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines
            .filter_map(|line| line["document"].as_str().map(str::to_owned))
            .collect()
    };
    let plan = lab.verb("plan", &["--json"]).exits(0);
    assert_eq!(documents(&plan), ["plan"]);
    let apply = lab.verb("apply", &["--json", "--auto-approve"]).exits(0);
    assert_eq!(documents(&apply).last().unwrap(), "outcome");
    let events = apply.out.lines().filter(|line| line.contains("\"event\""));
    assert!(events.count() > 60, "{}", apply.out);
    let drift = lab.verb("drift", &["--json"]).exits(0);
    assert_eq!(documents(&drift), ["drift"]);
    let graph = lab.verb("graph", &["--destroy", "--json"]).exits(0);
    assert_eq!(documents(&graph), ["graph"]);
    let bucket = format!("bucket={}", lab.bucket());
    let of_file = ["plan.toml", "--local", "--json", "--var", &bucket];
    let state = |verb: &[&str]| lab.run(&[verb, &of_file].concat()).exits(0);
    assert_eq!(documents(&state(&["state", "list"])), ["state"]);
    let show = lab.run(&[&["state", "show"], &of_file[..], &["vpc.main"]].concat());
    assert_eq!(documents(&show.exits(0)), ["state_node"]);
    let trace = lab.run(&[
        "trace",
        "plan.toml",
        "instance.one",
        "bucket.data",
        "--json",
    ]);
    assert_eq!(documents(&trace.exits(0)), ["trace"]);
    let matrix = lab.run(&["trace", "plan.toml", "--all", "--json"]);
    assert_eq!(documents(&matrix.exits(0)), ["trace_matrix"]);
    let destroy = lab.verb("destroy", &["--json", "--auto-approve"]).exits(0);
    assert_eq!(documents(&destroy).last().unwrap(), "outcome");
}

#[test]
fn a_graph_is_the_same_for_programs_as_for_people() {
    let lab = Lab::with_plan("three-ways.toml");
    let graph = lab.verb("graph", &["--json"]).exits(0);
    let graph: Value = serde_json::from_str(graph.out.trim()).unwrap();
    let (steps, orders) = (graph["steps"].as_array(), graph["orders"].as_array());
    let (steps, orders) = (steps.unwrap(), orders.unwrap());
    let dot = lab.verb("graph", &[]).exits(0).out;
    let mut told: Vec<String> = steps
        .iter()
        .map(|it| {
            assert_eq!(it["action"], "create");
            let label = format!("creating {}", it["address"].as_str().unwrap());
            format!("  n{} [label={label:?}];", it["step"])
        })
        .collect();
    told.extend(orders.iter().map(|it| {
        let reason = it["reason"].as_str().unwrap();
        format!("  n{} -> n{} [label={reason:?}];", it["first"], it["then"])
    }));
    let lines: Vec<&str> = dot.lines().filter(|it| it.starts_with("  n")).collect();
    assert_eq!(lines[1..], told);
    assert!(steps.len() > 30 && orders.len() > steps.len(), "{dot}");
    let both = lab.verb("graph", &["--json", "--format", "mermaid"]);
    assert!(both.exits(1).err.contains("cannot be used with"));
}

/// What `graph` takes, it heeds.
#[test]
fn a_graph_shows_a_lifetime_that_begins_anew() {
    let lab = Lab::new();
    lab.write(
        "[stack]\nname = \"lasting\"\nregion = \"ap-northeast-1\"\nttl = \"8h\"\n\n\
         [vpc.main]\ncidr = \"10.0.0.0/16\"\n",
    );
    lab.apply().exits(0);
    let actions = |more: &[&str]| {
        let graph = lab.verb("graph", &[&["--json"], more].concat()).exits(0);
        let graph: Value = serde_json::from_str(graph.out.trim()).unwrap();
        let steps = graph["steps"].as_array().unwrap().iter();
        let actions = steps.map(|it| it["action"].as_str().unwrap().to_owned());
        actions.collect::<Vec<_>>()
    };
    assert_eq!(actions(&[]), ["keep"]);
    assert_eq!(actions(&["--renew"]), ["update"]);
    lab.verb("graph", &["--renew", "--destroy"]).exits(1);
    lab.destroy().exits(0);
}

#[test]
fn kinds_are_told_to_programs_with_all_their_fields() {
    let lab = Lab::new();
    let kinds = |of: &[&str]| -> Vec<Value> {
        let ran = lab.run(&[&["kinds", "--json"], of].concat()).exits(0);
        let mut told: Value = serde_json::from_str(ran.out.trim()).unwrap();
        serde_json::from_value(told["kinds"].take()).unwrap()
    };
    let all = kinds(&[]);
    let names: Vec<&str> = all.iter().map(|it| it["kind"].as_str().unwrap()).collect();
    let known: Vec<&str> = s3net::kinds::registry().names().collect();
    assert_eq!(names, known);
    let table = kinds(&["route_table"]).remove(0);
    assert!(all.contains(&table));
    let routes = table["fields"].as_array().unwrap().iter();
    let routes = routes.clone().find(|it| it["name"] == "routes").unwrap();
    let inner = routes["fields"].as_array().unwrap().iter();
    let inner: Vec<&str> = inner.map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(inner, ["to", "via"]);
    let ran = lab.run(&["kinds", "route_tables", "--json"]).exits(1);
    let told: Value = serde_json::from_str(ran.out.trim()).unwrap();
    assert_eq!(told["remedy"], "did you mean `route_table`?");
}
