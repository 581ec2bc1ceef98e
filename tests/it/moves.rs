//! Tables that are given another name, and tables that leave the file.

use serde_json::Value;

use crate::lab::{Lab, Ran};

mod guarded;
mod seen_through;
mod selected;
mod swapped;
mod ways;

/// A network with every kind whose default name comes from its table's.
const FILE: &str = r#"
[stack]
name = "moving"
region = "ap-northeast-1"

[vpc.old]
cidr = "10.0.0.0/16"

[subnet.one]
vpc = "old"
cidr = "10.0.1.0/24"
zone = "a"

[internet_gateway.old]
vpc = "old"

[route_table.old]
vpc = "old"
subnets = ["one"]
routes = [{ to = "0.0.0.0/0", via = "internet_gateway.old" }]

[security_group.old]
vpc = "old"
ingress = [
    { port = 443, from = "self" },
    { port = 80, from = "security_group.old" },
    { port = 22, from = "10.0.0.0/8" },
]

[security_group.second]
vpc = "old"
ingress = [{ port = 443, from = "security_group.old" }]

[role.old]
service = "ec2"
managed_policies = ["AmazonSSMManagedInstanceCore"]
"#;

/// What was called `old`, each with its kind.
const KINDS: [&str; 5] = [
    "vpc",
    "internet_gateway",
    "route_table",
    "security_group",
    "role",
];

/// The file with each `old` renamed to `new`, and a `[[moved]]` for each.
fn renamed(new: &str) -> String {
    let moves = KINDS
        .iter()
        .map(|kind| format!("\n[[moved]]\nfrom = \"{kind}.old\"\nto = \"{kind}.{new}\"\n"));
    FILE.replace("old", new) + &moves.collect::<String>()
}

/// The ids of all that is remembered, by address.
fn ids(lab: &Lab) -> std::collections::BTreeMap<String, String> {
    let state: Value =
        serde_json::from_slice(&std::fs::read(lab.state("moving")).unwrap()).unwrap();
    let nodes = state["nodes"].as_object().unwrap().iter();
    let id = |node: &Value| node["id"].as_str().unwrap().to_owned();
    nodes.map(|(at, node)| (at.clone(), id(node))).collect()
}

/// The calls that changed something since the last time.
fn changing(lab: &Lab) -> Vec<String> {
    let calls = lab.calls();
    let names = calls["counts"].as_object().unwrap().keys();
    let changes = names.filter(|name| {
        let action = name.rsplit(':').next().unwrap_or_default();
        let reads = ["Describe", "Get", "List", "Head", "Simulate"];
        !name.ends_with("(dry run)") && !reads.iter().any(|read| action.starts_with(read))
    });
    changes.cloned().collect()
}

fn state(lab: &Lab, verb: &str, more: &[&str]) -> Ran {
    let mut args = vec!["state", verb, "plan.toml", "--local"];
    args.extend(more);
    lab.run(&args)
}

#[test]
fn a_rename_changes_tags_and_nothing_else() {
    let lab = Lab::new();
    lab.write(FILE);
    lab.apply().exits(0);
    let before = ids(&lab);
    lab.calls();
    lab.write(&renamed("new"));
    let plan = lab.plan().exits(2);
    for text in [
        "~ vpc.new",
        "address: vpc.old so far; the object stays",
        "0 to create",
        "0 to replace, 0 to destroy.",
    ] {
        assert!(plan.out.contains(text), "`{text}` is not in\n{}", plan.out);
    }
    assert!(!plan.out.contains("Ways that change"), "{}", plan.out);
    lab.calls();
    lab.apply().exits(0);
    assert_eq!(
        changing(&lab),
        ["ec2:CreateTags", "iam:TagInstanceProfile", "iam:TagRole"]
    );
    lab.plan().exits(0);
    let after = ids(&lab);
    let expected = before
        .iter()
        .map(|(at, id)| (at.replace("old", "new"), id.clone()));
    assert_eq!(after, expected.collect());
    // A second time the blocks say nothing, and without them neither.
    lab.apply().exits(0);
    lab.write(&FILE.replace("old", "new"));
    lab.plan().exits(0);
    // The state is only a cache: the names that came of the old name stay.
    std::fs::remove_dir_all(lab.folder.path().join("state")).unwrap();
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn a_chain_leads_to_its_end_from_wherever_the_stack_is() {
    let chain = |from: &str, to: &str| {
        KINDS
            .iter()
            .map(|kind| format!("\n[[moved]]\nfrom = \"{kind}.{from}\"\nto = \"{kind}.{to}\"\n"))
            .collect::<String>()
    };
    for first in ["old", "mid"] {
        let lab = Lab::new();
        lab.write(&FILE.replace("old", first));
        lab.apply().exits(0);
        let before = ids(&lab);
        lab.write(&(FILE.replace("old", "new") + &chain("old", "mid") + &chain("mid", "new")));
        lab.apply().exits(0);
        let after = ids(&lab);
        assert_eq!(after["vpc.new"], before[&format!("vpc.{first}")]);
        assert_eq!(after["role.new"], before[&format!("role.{first}")]);
        assert_eq!(after.len(), before.len());
        lab.plan().exits(0);
    }
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let lab = Lab::new();
    lab.write(FILE);
    lab.edit(
        "[subnet.one]",
        "[vpc.new]\ncidr = \"10.9.0.0/16\"\n\n[subnet.one]",
    );
    lab.apply().exits(0);
    lab.write(&format!(
        "{}\n[[moved]]\nfrom = \"vpc.old\"\nto = \"vpc.new\"\n",
        FILE.replace("old", "new")
    ));
    let ran = lab.plan().exits(1);
    let told = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        told.contains("vpc.old cannot become vpc.new: both live"),
        "{told}"
    );
}

#[test]
fn what_looks_like_a_rename_is_told() {
    let lab = Lab::new();
    lab.write("[stack]\nname = \"moving\"\nregion = \"ap-northeast-1\"\n\n[vpc.old]\ncidr = \"10.0.0.0/16\"\n");
    lab.apply().exits(0);
    lab.edit("vpc.old", "vpc.new");
    let ran = lab.plan().exits(2);
    let told = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    let says = "write [[moved]] with from = \"vpc.old\" and to = \"vpc.new\"";
    assert!(told.contains(says), "{}", ran.err);
    lab.edit("10.0.0.0/16", "10.5.0.0/16");
    let ran = lab.plan().exits(2);
    assert!(!ran.err.contains("[[moved]]"), "{}", ran.err);
}

#[test]
fn a_removed_table_is_forgotten_or_destroyed_as_the_file_says() {
    let lab = Lab::new();
    lab.write(FILE);
    lab.edit(
        "service = \"ec2\"",
        "service = \"ec2\"\nlifecycle = { prevent_destroy = true }",
    );
    lab.apply().exits(0);
    let before = ids(&lab);
    let (network, _) = FILE.split_once("[security_group.second]").unwrap();
    let removed = |destroy: &str| {
        format!(
            "{network}\n[[removed]]\nfrom = \"security_group.second\"\n{destroy}\n\n[[removed]]\nfrom = \"role.old\"\n"
        )
    };
    lab.write(&removed(""));
    let plan = lab.plan().exits(2);
    for text in [
        ". role.old",
        ". security_group.second",
        "6 to leave to themselves",
    ] {
        assert!(plan.out.contains(text), "`{text}` is not in\n{}", plan.out);
    }
    lab.write(&removed("destroy = true"));
    let plan = lab.plan().exits(2);
    assert!(plan.out.contains("- security_group.second"), "{}", plan.out);
    lab.apply().exits(0);
    lab.plan().exits(0);
    let after = ids(&lab);
    assert!(
        !after
            .keys()
            .any(|at| at.starts_with("role.") || at.contains("second"))
    );
    // The role is there, and can be adopted again.
    lab.write(&format!(
        "{FILE}\n[[import]]\nto = \"role.old\"\nid = \"{}\"\n",
        before["role.old"]
    ));
    let plan = lab.plan().exits(2);
    assert!(plan.out.contains("> role.old"), "{}", plan.out);
    lab.apply().exits(0);
    lab.plan().exits(0);
    assert_eq!(ids(&lab)["role.old"], before["role.old"]);
}

#[test]
fn state_move_gives_another_name_at_once() {
    let lab = Lab::new();
    lab.write(FILE);
    lab.apply().exits(0);
    let before = ids(&lab);
    state(&lab, "move", &["vpc.old", "vpc.new"]).exits(1);
    let ran = state(&lab, "move", &["vpc.old", "vpc.new", "--auto-approve"]).exits(0);
    assert!(ran.out.contains("address: vpc.old so far"), "{}", ran.out);
    state(
        &lab,
        "move",
        &["security_group.old", "security_group.new", "--auto-approve"],
    )
    .exits(0);
    let after = ids(&lab);
    assert_eq!(after["vpc.new"], before["vpc.old"]);
    assert_eq!(after.len(), before.len());
    lab.write(
        &FILE
            .replace("vpc = \"old\"", "vpc = \"new\"")
            .replace("[vpc.old]", "[vpc.new]")
            .replace("security_group.old", "security_group.new"),
    );
    lab.plan().exits(0);
    for (args, says) in [
        (["vpc.old", "vpc.two"], "the stack has no vpc.old"),
        (
            ["vpc.new", "subnet.two"],
            "vpc.new cannot become subnet.two",
        ),
        (["security_group.new", "security_group.second"], "both live"),
    ] {
        let ran = state(&lab, "move", &[args[0], args[1], "--auto-approve"]).exits(1);
        let told = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(says), "{}", ran.err);
    }
}

#[test]
fn state_forget_lets_go_and_import_takes_back() {
    let lab = Lab::new();
    lab.write(FILE);
    lab.apply().exits(0);
    let before = ids(&lab);
    let all: Vec<String> = before
        .keys()
        .filter(|at| !at.contains('/'))
        .cloned()
        .collect();
    let mut args: Vec<&str> = all.iter().map(String::as_str).collect();
    args.push("--auto-approve");
    state(&lab, "forget", &args).exits(0);
    assert!(ids(&lab).is_empty(), "{:?}", ids(&lab));
    let plan = lab.verb("plan", &["--json"]).exits(0);
    let plan: Value = serde_json::from_str(plan.out.lines().next().unwrap()).unwrap();
    assert_eq!(plan["totals"]["keep"], 0);
    assert_eq!(plan["totals"]["create"], before.len());
    lab.calls();
    // What others stand in comes first.
    let mut all = all;
    all.sort_by_key(|at| !at.starts_with("vpc."));
    for at in &all {
        let args = [
            "import",
            "plan.toml",
            at,
            &before[at],
            "--local",
            "--auto-approve",
        ];
        lab.run(&args).exits(0);
    }
    // Only what makes them ours was written.
    assert_eq!(
        changing(&lab),
        ["ec2:CreateTags", "iam:TagInstanceProfile", "iam:TagRole"]
    );
    lab.apply().exits(0);
    assert_eq!(ids(&lab), before);
    lab.plan().exits(0);
    // It is ours already; there is no such table; no such id.
    for (args, code, says) in [
        (["vpc.old", &before["vpc.old"]], 0, "this stack's already"),
        (["vpc.odl", &before["vpc.old"]], 1, "did you mean vpc.old?"),
        (["vpc.old", "subnet-0123"], 1, "is no id of vpc"),
        (["bucket.none", "x"], 1, "has no [bucket.none]"),
    ] {
        let args = [
            "import",
            "plan.toml",
            args[0],
            args[1],
            "--local",
            "--auto-approve",
        ];
        let ran = lab.run(&args).exits(code);
        let told = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(says), "`{says}` is not in {}", ran.err);
    }
}
