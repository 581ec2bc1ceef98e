//! What the program offers a shell that asks how a word goes on.

use super::NETWORK;
use crate::lab::{Lab, Ran, program};

/// What is offered for the last of some words, in the order of the offer.
fn offered(lab: &Lab, words: &[&str]) -> Vec<String> {
    let mut command = lab.command(&[]);
    command
        .args(["--", "s3net"])
        .args(words)
        .env("COMPLETE", "bash")
        .env("_CLAP_IFS", "\n")
        .env("_CLAP_COMPLETE_INDEX", words.len().to_string());
    let ran = Ran::from(command.output().unwrap()).exits(0);
    assert_eq!(ran.err, "", "nothing is said beside what is offered");
    ran.out.lines().map(str::to_owned).collect()
}

#[test]
fn addresses_are_those_of_the_file_on_the_line() {
    let lab = Lab::new();
    lab.write(NETWORK);
    let of = |verb: &str, flag: &str, word: &str| offered(&lab, &[verb, "plan.toml", flag, word]);
    for (verb, flag) in [
        ("plan", "--target"),
        ("plan", "--exclude"),
        ("apply", "--replace"),
        ("destroy", "--target"),
        ("graph", "--exclude"),
    ] {
        assert_eq!(
            of(verb, flag, "sub"),
            ["subnet.one", "subnet.two"],
            "{verb} {flag}"
        );
    }
    let all = of("plan", "--target", "");
    assert_eq!(all.len(), 7, "{all:?}");
    assert!(all.iter().all(|it| !it.contains('/')), "{all:?}");
    // A table that is written out leads to its parts.
    let parts = of("plan", "--target", "security_group.web");
    assert_eq!(parts[0], "security_group.web");
    assert!(parts[1].starts_with("security_group.web/"), "{parts:?}");
    assert_eq!(of("plan", "--target", "lambda"), Vec::<String>::new());
    // The file may stand behind the flag's value, too far to be seen: nothing then.
    assert_eq!(
        offered(&lab, &["plan", "--target", "sub"]),
        Vec::<String>::new()
    );
    // A second one, and options before the file.
    let words = [
        "plan",
        "--local",
        "plan.toml",
        "--target",
        "vpc.main",
        "--target",
        "r",
    ];
    assert_eq!(
        offered(&lab, &words),
        ["route_table.one", "route_table.two"]
    );
    assert_eq!(
        offered(&lab, &["state", "show", "plan.toml", "vp"]),
        ["vpc.main"]
    );
    for words in [
        &["state", "move", "plan.toml", "vp"][..],
        &["state", "move", "plan.toml", "vpc.old", "vp"],
        &["state", "forget", "plan.toml", "vp"],
        &["state", "forget", "plan.toml", "subnet.one", "vp"],
        &["import", "plan.toml", "vp"],
    ] {
        assert_eq!(offered(&lab, words), ["vpc.main"], "{words:?}");
    }
    assert_eq!(offered(&lab, &["kinds", "n"]), ["nat_gateway"]);
}

/// What has left the file is known to its state alone.
#[test]
fn addresses_are_those_of_the_state_too() {
    let lab = Lab::new();
    lab.write("[stack]\nname = \"two\"\nregion = \"eu-west-1\"\n\n[role.old]\nservice = \"ec2\"\n");
    lab.apply().exits(0);
    lab.edit("[role.old]", "[role.new]");
    let local = |words: &[&str]| {
        let (verb, rest) = words.split_last().unwrap();
        offered(&lab, &[rest, &["plan.toml", "--local", verb]].concat())
    };
    for words in [
        &["state", "forget", "role."][..],
        &["state", "move", "role."],
        &["state", "show", "role."],
    ] {
        assert_eq!(local(words), ["role.new", "role.old"], "{words:?}");
    }
    let of = |words: &[&str]| offered(&lab, &[&["state", "forget", "plan.toml"], words].concat());
    assert_eq!(of(&["role."]), ["role.new"], "this is another state");
    assert_eq!(of(&["--local", "--state", "other", "role."]), ["role.new"]);
    std::fs::rename(
        lab.folder.path().join("state"),
        lab.folder.path().join("other"),
    )
    .unwrap();
    for place in [&["--state", "other"][..], &["--state=other"]] {
        let words = [&["--local"], place, &["role."]].concat();
        assert_eq!(of(&words), ["role.new", "role.old"], "{place:?}");
    }
    lab.verb("destroy", &["--auto-approve", "--state", "other"])
        .exits(0);
}

#[test]
fn a_file_with_mistakes_still_has_tables() {
    let lab = Lab::new();
    lab.write("[stack]\nname = 3\n[vpc.main]\ncidr = \"nonsense\"\n[subnet.one]\n[wrong.kind]\n");
    let of = |word: &str| offered(&lab, &["plan", "plan.toml", "--target", word]);
    assert_eq!(of(""), ["subnet.one", "vpc.main"]);
    lab.write("[vpc.main\n");
    assert_eq!(of(""), Vec::<String>::new());
    std::fs::write(lab.folder.path().join("plan.toml"), [0xff, 0xfe]).unwrap();
    assert_eq!(of(""), Vec::<String>::new());
    let gone = offered(&lab, &["plan", "absent.toml", "--target", ""]);
    assert_eq!(gone, Vec::<String>::new());
}

#[test]
fn variables_of_the_line_count() {
    let lab = Lab::new();
    lab.write(
        "[stack]\nname = \"x\"\nregion = \"eu-west-1\"\n[variables]\ncidr = \"nonsense\"\n\
         [vpc.main]\ncidr = \"${var.cidr}\"\n[route_table.one]\nvpc = \"main\"\n\
         routes = [{ to = \"10.9.0.0/16\", via = \"nat-0a1b2c3d4e5f60718\" }]\n",
    );
    let parts = "route_table.one/";
    let without = offered(&lab, &["plan", "plan.toml", "--target", parts]);
    assert_eq!(without, Vec::<String>::new());
    for set in [
        &["--var", "cidr=10.0.0.0/16"][..],
        &["--var=cidr=10.0.0.0/16"],
    ] {
        let words = [&["plan", "plan.toml"][..], set, &["--target", parts]].concat();
        assert_eq!(offered(&lab, &words), ["route_table.one/route:10.9.0.0/16"]);
    }
}

#[test]
fn a_trace_goes_from_machines_to_buckets_and_services() {
    let lab = Lab::with_plan("three-ways.toml");
    let files = offered(&lab, &["trace", "pl"]);
    assert_eq!(files, ["plan.toml"]);
    let from = offered(&lab, &["trace", "plan.toml", "instance"]);
    assert_eq!(from, ["instance.one", "instance.three", "instance.two"]);
    let to = offered(&lab, &["trace", "plan.toml", "instance.one", "bu"]);
    assert_eq!(to, ["bucket.data"]);
    let to = offered(&lab, &["trace", "plan.toml", "instance.one", "ss"]);
    assert!(to.contains(&"ssm".to_owned()), "{to:?}");
}

#[test]
fn a_variable_that_names_no_shell_changes_nothing() {
    let ran = program()
        .arg("kinds")
        .env("COMPLETE", "yes")
        .output()
        .unwrap();
    let ran = Ran::from(ran).exits(0);
    assert!(ran.out.contains("vpc"), "{}", ran.out);
}
