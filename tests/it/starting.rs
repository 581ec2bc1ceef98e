//! The first five minutes: the README, `init`, `schema`, `man`, the help.

use std::path::Path;

use clap::CommandFactory;
use s3net::cli::Cli;
use serde_json::{Value, json};

use crate::lab::{Lab, Ran, plans};

const EXAMPLES: &[&str] = &[
    "gateway-endpoint",
    "three-ways",
    "three-patterns",
    "single-bucket",
    "single-bucket-base",
];

fn plan_schema(lab: &Lab) -> jsonschema::Validator {
    let printed = lab.run(&["schema"]).exits(0);
    let schema: Value = serde_json::from_str(&printed.out).unwrap();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    jsonschema::draft7::new(&schema).unwrap()
}

fn as_json(toml: &str) -> Value {
    serde_json::to_value(toml::from_str::<toml::Table>(toml).unwrap()).unwrap()
}

#[test]
fn every_example_begins_a_plan_file_that_is_valid_and_documented() {
    let lab = Lab::new();
    for name in EXAMPLES {
        let ran = lab.run(&["init", "--from", name]).exits(0);
        assert!(ran.err.contains("s3net plan"), "{}", ran.err);
        let file = format!("{name}.toml");
        let written = std::fs::read_to_string(lab.folder.path().join(&file)).unwrap();
        let example = std::fs::read_to_string(plans().join(&file)).unwrap();
        assert_eq!(written, example.replace("plans/", ""));
        lab.run(&["validate", &file]).exits(0);
    }
    let all = std::fs::read_dir(plans()).unwrap();
    let tomls = all.filter(|entry| {
        let path = entry.as_ref().unwrap().path();
        path.extension().is_some_and(|it| it == "toml")
    });
    assert_eq!(tomls.count(), EXAMPLES.len(), "init knows every example");
}

#[test]
fn a_scaffold_takes_the_user_s_values_and_keeps_every_comment() {
    let lab = Lab::new();
    let values = [
        "--name",
        "web",
        "--region",
        "eu-west-1",
        "--bucket",
        "web-files",
    ];
    lab.run(&[&["init", "web.toml"], &values[..]].concat())
        .exits(0);
    let written = std::fs::read_to_string(lab.folder.path().join("web.toml")).unwrap();
    let example = std::fs::read_to_string(plans().join("gateway-endpoint.toml")).unwrap();
    let comments = |text: &str| text.lines().filter(|line| line.contains('#')).count();
    assert_eq!(comments(&written), comments(&example));
    let read = as_json(&written);
    assert_eq!(read["stack"]["name"], "web");
    assert_eq!(read["stack"]["region"], "eu-west-1");
    assert_eq!(read["variables"]["bucket"], "web-files");
    assert_eq!(read["stack"]["tags"], json!({ "Project": "web" }));
}

/// The zones of the examples are those of one region, and apply asks for them.
#[test]
fn a_scaffold_for_another_region_can_be_built_there() {
    for (region, letters) in [
        ("eu-west-1", ["a", "b", "c"]),
        ("ca-central-1", ["a", "b", "d"]),
    ] {
        is_built(region, letters);
    }
}

fn is_built(region: &str, letters: [&str; 3]) {
    let lab = Lab::new();
    let bucket = lab.bucket();
    let values = ["--region", region, "--bucket", &bucket];
    let from = ["init", "plan.toml", "--from", "three-ways"];
    lab.run(&[&from[..], &values].concat()).exits(0);
    let text = lab.text();
    let told = text
        .lines()
        .filter(|it| it.contains(&format!("--region {region}")));
    assert_eq!(told.count(), 2, "{text}");
    assert!(!text.contains("ap-northeast-1"), "{text}");
    let plan = lab.verb("plan", &["--preflight"]).exits(0);
    for letter in letters {
        assert!(
            plan.out.contains(&format!("{region}{letter}")),
            "{}",
            plan.out
        );
    }
    // A text that is empty unless stated says nothing.
    assert!(!plan.out.contains("= \"\""), "{}", plan.out);
    let told = [&plan.out[..], &plan.err].concat();
    assert!(!told.contains("would fail"), "{told}");
}

#[test]
fn what_is_to_be_done_next_can_be_pasted() {
    let lab = Lab::new();
    let ran = lab.run(&["init", "my lab.toml"]).exits(0);
    let next = "\n  s3net plan 'my lab.toml' --local\n";
    assert!(ran.err.contains(next), "{}", ran.err);
    let written = std::fs::read_to_string(lab.folder.path().join("my lab.toml")).unwrap();
    let told = "# Take it down:   s3net destroy 'my lab.toml' --local\n";
    assert!(written.contains(told), "{written}");

    // One that wants to find a network says so, and what it says works.
    let ran = lab.run(&["init", "--from", "single-bucket"]).exits(0);
    let commands: Vec<Vec<&str>> = ran
        .err
        .lines()
        .filter(|line| line.starts_with("  s3net "))
        .flat_map(|line| line.split("&&"))
        .map(|command| command.split_whitespace().skip(1).collect())
        .collect();
    assert_eq!(commands.len(), 3, "{}", ran.err);
    assert_eq!(commands[0], ["init", "--from", "single-bucket-base"]);
    lab.run(&commands[0]).exits(0);
    let base = lab.folder.path().join("single-bucket-base.toml");
    let text = std::fs::read_to_string(&base).unwrap();
    std::fs::write(&base, text.replace("single-bucket-data", &lab.bucket())).unwrap();
    crate::lab::endpoint();
    let apply = [&commands[1][..], &["--auto-approve"]].concat();
    lab.run(&apply).exits(0);
    let planned = lab.run(&commands[2]).exits(0);
    assert!(planned.out.contains("alias_record.data"), "{}", planned.out);
    lab.run(&[
        "destroy",
        "single-bucket-base.toml",
        "--local",
        "--auto-approve",
    ])
    .exits(0);

    let refused = lab.run(&[
        "init",
        "x.toml",
        "--from",
        "single-bucket",
        "--bucket",
        "b-1",
    ]);
    let refused = refused.exits(1).err;
    assert!(
        refused.contains("pass it with --from single-bucket-base"),
        "{refused}"
    );
    let piped = lab.run(&["init", "-", "--name", "no name"]).exits(1).err;
    assert!(piped.contains("in gateway-endpoint.toml"), "{piped}");
}

#[test]
fn nobody_s_work_is_written_over_and_no_unsound_file_is_written() {
    let lab = Lab::new();
    lab.write("mine");
    let refused = lab.run(&["init", "plan.toml"]).exits(1);
    assert!(refused.err.contains("is there already"), "{}", refused.err);
    assert_eq!(lab.text(), "mine");
    lab.run(&["init", "plan.toml", "--force"]).exits(0);
    assert!(lab.text().contains("[gateway_endpoint.s3]"));
    let refused = lab.run(&["init", "bad.toml", "--name", "no name"]).exits(1);
    assert!(
        refused.err.contains("cannot be a stack's name"),
        "{}",
        refused.err
    );
    assert!(!lab.folder.path().join("bad.toml").exists());
    let refused = lab.run(&["init", "bad.toml", "--bucket", "x"]).exits(1);
    assert!(
        refused.err.contains("cannot be a bucket's name"),
        "{}",
        refused.err
    );
    assert!(!lab.folder.path().join("bad.toml").exists());
    // Folders are made, but not in place of a file.
    lab.run(&["init", "a/new/folder/x.toml"]).exits(0);
    assert!(lab.folder.path().join("a/new/folder/x.toml").exists());
    let to_nowhere = lab.run(&["init", "plan.toml/x.toml"]).exits(1);
    assert!(
        to_nowhere.err.contains("cannot be written"),
        "{}",
        to_nowhere.err
    );
}

#[test]
fn a_scaffold_can_be_piped_and_built() {
    let lab = Lab::new();
    let printed = lab.run(&["init", "-", "--bucket", &lab.bucket()]).exits(0);
    lab.write(&printed.out);
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn every_example_is_as_the_schema_says() {
    let lab = Lab::new();
    let schema = plan_schema(&lab);
    for name in EXAMPLES {
        let text = std::fs::read_to_string(plans().join(format!("{name}.toml"))).unwrap();
        let wrong: Vec<_> = schema
            .iter_errors(&as_json(&text))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{name}: {wrong:?}");
    }
}

/// What the schema must not let pass, since an editor is to underline it.
#[test]
fn the_schema_refuses_misspelt_missing_and_mistyped_fields() {
    let lab = Lab::new();
    let schema = plan_schema(&lab);
    let head = "[stack]\nname = \"lab\"\n";
    for sound in [
        "[vpc.main]\ncidr = \"10.0.0.0/16\"\n",
        "[vpc.main]\ncidr = \"${var.block}\"\nlifecycle = { prevent_destroy = true }\n",
        "[gateway_endpoint.s3]\nvpc = \"main\"\nservice = \"s3\"\npolicy = { allow_buckets = [\"a\"] }\n",
        "[existing.vpc.shared]\nid = \"vpc-1\"\n",
        "[[expect]]\nfrom = \"instance.*\"\nto = [\"bucket.a\"]\n",
        "ttl = \"1d12h\"\n",
        "ttl = \"${var.hours}h\"\n",
    ] {
        let file = as_json(&format!("{head}{sound}"));
        assert!(schema.is_valid(&file), "{sound}");
    }
    for unsound in [
        "[vpc.main]\ncidrs = \"10.0.0.0/16\"\n",
        "[vpc.main]\n",
        "[vpc.main]\ncidr = 10\n",
        "[vpcs.main]\ncidr = \"10.0.0.0/16\"\n",
        "[vpc.main]\ncidr = \"10.0.0.0/16\"\ndns_support = \"yes\"\n",
        "[interface_endpoint.s3]\nvpc = \"main\"\nservice = \"s3\"\nsubnets = \"a\"\n",
        "[vpc.main]\ncidr = \"10.0.0.0/16\"\nlifecycle = { prevent = true }\n",
        "[existing.vpc.shared]\ncidr = \"10.0.0.0/16\"\n",
        "[[expect]]\nfrom = \"instance.*\"\n",
        "ttl = \"8\"\n",
        "ttl = \"\"\n",
        "ttl = \"30m1h\"\n",
    ] {
        let file = as_json(&format!("{head}{unsound}"));
        assert!(!schema.is_valid(&file), "{unsound}");
    }
    assert!(!schema.is_valid(&json!({})), "a file needs [stack]");
}

/// The example of each kind, which `s3net kinds` shows and config reads.
#[test]
fn the_schema_takes_every_kind_s_own_example() {
    let lab = Lab::new();
    let schema = plan_schema(&lab);
    for kind in s3net::kinds::registry().tables() {
        let about = kind.about();
        let file = as_json(&format!("{}\n[stack]\nname = \"lab\"\n", about.example));
        let wrong: Vec<_> = schema.iter_errors(&file).map(|it| it.to_string()).collect();
        assert!(wrong.is_empty(), "{}: {wrong:?}", about.name);
    }
}

#[test]
fn the_manual_has_a_page_for_every_verb() {
    let lab = Lab::new();
    lab.run(&["man", "pages"]).exits(0);
    let pages = lab.folder.path().join("pages");
    let page = |name: &str| std::fs::read_to_string(pages.join(Path::new(name))).unwrap();
    let help = lab.run(&["--help"]).exits(0).out;
    let verbs = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next());
    let mut count = 0;
    for verb in verbs {
        assert!(page(&format!("s3net-{verb}.1")).contains(".TH"), "{verb}");
        count += 1;
    }
    assert!(count >= 15, "{help}");
    assert!(page("s3net.1").contains("private network paths"));
    lab.write("a file");
    let first = page("s3net.1");
    assert!(!first.contains("EXTRA"), "{first}");
    let codes = first.split(".SH \"EXIT STATUS\"\n.nf\n").nth(1).unwrap();
    assert!(
        codes.starts_with("  0    done, or nothing to do\n"),
        "{codes}"
    );
    let local = page("s3net-local.1");
    assert!(
        local.contains(".SH \"ENVIRONMENT\"\n.nf\n  S3NET_LOCAL_ACCOUNT  The"),
        "{local}"
    );
    let refused = lab.run(&["man", "plan.toml"]).exits(1);
    assert!(refused.err.contains("cannot be written"), "{}", refused.err);
}

/// Where a text is set wider than the terminal, it is broken once more, and the end
/// of its line stands on a line of its own.
#[test]
fn no_help_has_a_line_that_the_terminal_would_break() {
    let mut program = Cli::command().term_width(80);
    program.build();
    let mut asked = vec![program];
    let mut set = 0;
    while let Some(mut verb) = asked.pop() {
        let help = verb.render_long_help().to_string();
        let long = help.lines().find(|line| line.chars().count() > 80);
        assert_eq!(long, None, "{help}");
        let beneath = verb.get_after_long_help().or(verb.get_after_help());
        if let Some(beneath) = beneath {
            let beneath = beneath.to_string();
            assert!(help.contains(beneath.trim_end()), "{help}");
            set += 1;
        }
        asked.extend(verb.get_subcommands().map(|it| it.clone().term_width(80)));
    }
    assert!(set >= 8, "{set}");
}

#[test]
fn a_help_speaks_of_what_is_heeded() {
    let lab = Lab::new();
    let [apply, destroy] = ["apply", "destroy"].map(|verb| lab.run(&[verb, "--help"]).exits(0).out);
    for flag in ["--allow-lockout", "--no-preflight", "--no-verify"] {
        assert!(apply.contains(flag), "{apply}");
        assert!(!destroy.contains(flag), "{destroy}");
    }
    let first = lab.run(&["--help"]).exits(0).out;
    assert!(first.contains("  s3net init\n"), "{first}");
    // The page of a kind has the fields of the tables in it, and of every table.
    let page = lab.run(&["kinds", "route_table"]).exits(0).out;
    for line in [
        "  routes  list of { to, via }\n",
        "      to  text\n",
        "  lifecycle  {",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}

/// The first thing that a reader tries.
#[test]
fn the_files_of_the_readme_are_plan_files() {
    let lab = Lab::new();
    let readme = include_str!("../../README.md");
    let blocks: Vec<&str> = readme
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    let (whole, parts): (Vec<&str>, Vec<&str>) =
        blocks.iter().partition(|block| block.contains("[stack]"));
    assert!(
        blocks[0].contains("[stack]") && !parts.is_empty(),
        "{blocks:?}"
    );
    for file in whole {
        lab.write(file);
        lab.run(&["validate", "plan.toml"]).exits(0);
    }
    for part in parts {
        as_json(part);
    }
}

/// A pipe to a full disk, where the answer is all that a verb has to give.
#[test]
fn an_answer_that_is_lost_is_an_error() {
    let lab = Lab::new();
    crate::lab::endpoint();
    for words in [
        &["kinds"][..],
        &["kinds", "vpc"],
        &["completions", "bash"],
        &["local", "status"],
        &["schema"],
    ] {
        let full = std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let ran = lab.command(words).stdout(full).output().unwrap();
        let ran = Ran::from(ran).exits(1);
        assert!(
            ran.err.contains("cannot be written"),
            "{words:?}: {}",
            ran.err
        );
    }
}

#[test]
fn one_is_counted_as_one() {
    let lab = Lab::new();
    lab.write("[stack]\nname = \"a\"\nregion = \"eu-west-1\"\n[vpc.a]\ncidr = \"10.0.0.0/16\"\n");
    let ran = lab.run(&["validate", "plan.toml"]).exits(0);
    assert_eq!(ran.err, "plan.toml is valid: 1 resource, 1 node.\n");
}
