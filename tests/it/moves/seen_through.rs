//! A table's new name that no run has written yet: every verb that lays the file
//! beside what lives takes the object for the table's all the same.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::AttributeBooleanValue;
use serde_json::Value;

use super::{FILE, changing, ids, renamed, state};
use crate::drift::document;
use crate::import_vpc::only_vpc;
use crate::lab::Lab;

/// A stack of which the file calls much otherwise by now.
fn about_to_be_renamed() -> Lab {
    let lab = Lab::new();
    lab.write(FILE);
    lab.apply().exits(0);
    lab.write(&renamed("new"));
    lab
}

/// Somebody turns the VPC's host names off.
async fn turn_off(lab: &Lab) {
    let off = AttributeBooleanValue::builder().value(false).build();
    let request = lab.aws().await.ec2.modify_vpc_attribute();
    let request = request.vpc_id(only_vpc(lab).await);
    let request = request.enable_dns_hostnames(off);
    request.send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_calls_things_as_the_file_does() {
    let lab = about_to_be_renamed();
    document(&lab, 0);
    turn_off(&lab).await;
    let told = document(&lab, 2);
    let objects = told["objects"].as_array().unwrap();
    assert_eq!(objects.len(), 1, "{told:#}");
    assert_eq!(objects[0]["address"], "vpc.new");
    assert_eq!(objects[0]["fields"][0]["field"], "dns_hostnames");
    // What the table's new name says of its life counts.
    lab.edit(
        "[vpc.new]\n",
        "[vpc.new]\nlifecycle = { ignore = [\"dns_hostnames\"] }\n",
    );
    document(&lab, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_state_nothing_has_drifted_either() {
    let lab = about_to_be_renamed();
    std::fs::remove_dir_all(lab.folder.path().join("state")).unwrap();
    let told = document(&lab, 0);
    assert_eq!(told["compared_with_file"], told["compared"], "{told:#}");
    let plan = lab.plan().exits(2);
    assert!(plan.out.contains("0 to create"), "{}", plan.out);
    // A bucket tells by its name alone that its table was renamed.
    let bucket = |name: &str| format!("\n[bucket.{name}]\nname = \"{}\"\n", lab.bucket());
    lab.apply().exits(0);
    let text = lab.text();
    lab.write(&(bucket("a") + &text));
    lab.apply().exits(0);
    std::fs::remove_dir_all(lab.folder.path().join("state")).unwrap();
    lab.write(&(bucket("b") + &text));
    document(&lab, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_learns_under_the_names_that_the_tags_have() {
    let lab = about_to_be_renamed();
    turn_off(&lab).await;
    let before = ids(&lab);
    let planned = lab.plan().exits(2);
    let shown = lab
        .verb("plan", &["--refresh-only", "--json", "--detailed-exitcode"])
        .exits(2);
    let shown: Value = serde_json::from_str(shown.out.lines().last().unwrap()).unwrap();
    assert_eq!(shown["remember"], serde_json::json!(["vpc.new"]));
    assert_eq!(shown["forget"], serde_json::json!([]));
    lab.calls();
    lab.verb("apply", &["--refresh-only", "--auto-approve"])
        .exits(0);
    assert_eq!(changing(&lab), [""; 0]);
    assert_eq!(ids(&lab), before);
    let text = std::fs::read_to_string(lab.state("moving")).unwrap();
    let kept: Value = serde_json::from_str(&text).unwrap();
    let vpc = &kept["nodes"]["vpc.old"]["attributes"];
    assert_eq!(vpc["dns_hostnames"]["bool"], false);
    document(&lab, 0);
    assert_eq!(lab.plan().exits(2).out, planned.out);
    lab.apply().exits(0);
    lab.plan().exits(0);
}

#[test]
fn terraform_imports_what_was_renamed() {
    let lab = Lab::new();
    let bucket = |name: &str| format!("\n[bucket.{name}]\nname = \"{}\"\n", lab.bucket());
    lab.write(&(bucket("a") + FILE));
    lab.apply().exits(0);
    // A bucket tells by its name alone that its table was renamed.
    lab.write(&(bucket("b") + &renamed("new")));
    let export = [
        "export",
        "plan.toml",
        "--local",
        "--terraform",
        "tf",
        "--json",
    ];
    let ran = lab.run(&export).exits(0);
    let told: Value = serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    let resources = told["resources"].as_array().unwrap().iter();
    let without = resources.filter(|it| it["import_id"].is_null());
    let without: Vec<&Value> = without.map(|it| &it["address"]).collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn a_way_to_a_bucket_stays_when_its_table_is_renamed_without_a_word() {
    let lab = Lab::new();
    let more = |name: &str| {
        format!(
            "\n[bucket.{name}]\nname = \"{}\"\n\n[gateway_endpoint.s3]\nvpc = \"old\"\n\
             service = \"s3\"\nroute_tables = [\"old\"]\n",
            lab.bucket()
        )
    };
    lab.write(&(FILE.to_owned() + &more("a")));
    lab.apply().exits(0);
    lab.write(&(FILE.to_owned() + &more("b")));
    let plan = lab.plan().exits(2);
    let expected = "0 to create, 1 to change, 0 to replace, 0 to destroy.";
    assert!(plan.out.contains(expected), "{}", plan.out);
    assert!(!plan.out.contains("Ways that change"), "{}", plan.out);
    let words = ["trace", "plan.toml", "subnet.one", "bucket.b", "--local"];
    for of in ["--live", "--planned"] {
        let ran = lab.run(&[&words[..], &[of]].concat()).exits(0);
        let way = ran.out.contains("gateway_endpoint.s3");
        assert!(way, "{of}\n{}", ran.out);
    }
    document(&lab, 0);
}

#[test]
fn a_state_says_by_which_name_it_still_knows_an_object() {
    let lab = about_to_be_renamed();
    let told = state(&lab, "show", &["vpc.new"]).exits(1);
    for text in [
        "the state knows no vpc.new yet",
        "it is vpc.old until the [[moved]] is applied",
    ] {
        assert!(told.err.contains(text), "`{text}` is not in\n{}", told.err);
    }
    let route = "route_table.new/route:0.0.0.0/0";
    let told = state(&lab, "show", &[route]).exits(1);
    let former = "it is route_table.old/route:0.0.0.0/0 until";
    assert!(told.err.contains(former), "{}", told.err);
    state(&lab, "show", &["vpc.old"]).exits(0);
    // What is made anew of what lives has the names of the tags, and all of it.
    let before = ids(&lab);
    state(&lab, "rebuild", &["--auto-approve"]).exits(0);
    let names = |ids: std::collections::BTreeMap<String, String>| ids.into_keys();
    let after: BTreeSet<String> = names(ids(&lab)).collect();
    assert_eq!(after, names(before).collect());
    lab.apply().exits(0);
    state(&lab, "show", &["vpc.new"]).exits(0);
}
