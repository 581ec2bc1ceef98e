//! A renamed table is chosen by its former name as by its new one, as long as the
//! file says what became of it.

use serde_json::{Value, json};

use super::{FILE, KINDS, ids, renamed};
use crate::lab::Lab;

/// The plan's document for some flags.
fn planned(lab: &Lab, flags: &[&str]) -> Value {
    let plan = lab.verb("plan", &[&["--json"], flags].concat()).exits(0);
    let first = plan.out.lines().next().unwrap();
    serde_json::from_str(first).unwrap()
}

fn changed(plan: &Value) -> Vec<&str> {
    let changes = plan["changes"].as_array().unwrap().iter();
    changes.map(|it| it["address"].as_str().unwrap()).collect()
}

#[test]
fn a_former_name_chooses_what_it_became() {
    let lab = Lab::new();
    lab.write(FILE);
    lab.apply().exits(0);
    lab.write(&renamed("new"));

    let plan = planned(&lab, &["--target", "vpc.old"]);
    assert_eq!(changed(&plan), ["vpc.new"]);
    assert_eq!(plan["selection"]["target"], json!(["vpc.new"]));
    // What a pattern means besides stays meant: subnet.one fits it as well.
    let plan = planned(&lab, &["--target", "*.o*"]);
    let mut chosen: Vec<String> = KINDS.map(|kind| format!("{kind}.new")).to_vec();
    for address in &chosen {
        assert!(changed(&plan).contains(&address.as_str()), "{plan:#}");
    }
    chosen.push("*.o*".to_owned());
    chosen.sort();
    let mut told: Vec<&str> = plan["selection"]["target"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect();
    told.sort_unstable();
    assert_eq!(told, chosen);
    let plan = planned(&lab, &["--exclude", "*.old"]);
    assert_eq!(changed(&plan), Vec::<&str>::new());
    let plan = planned(&lab, &["--replace", "role.old"]);
    let role = plan["changes"].as_array().unwrap().iter();
    let mut role = role.filter(|it| it["address"] == "role.new");
    assert_eq!(role.next().unwrap()["action"], "replace");
    let plan = lab.verb("plan", &["--target", "subnet.old"]).exits(1);
    assert!(
        plan.err.contains("nothing is called `subnet.old`"),
        "{}",
        plan.err
    );

    // The file's blocks are done, and go on saying what became of the name.
    lab.apply().exits(0);
    let destroy = ["--target", "role.old", "--auto-approve"];
    lab.verb("destroy", &destroy).exits(0);
    let left = ids(&lab);
    assert!(left.keys().all(|it| !it.starts_with("role.")), "{left:?}");
    assert!(left.contains_key("vpc.new"), "{left:?}");
    lab.destroy().exits(0);
}
