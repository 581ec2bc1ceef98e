//! Names that change places: `[[moved]]` is read at every run and would swap them
//! back, so it is refused, with the commands that do it once.

use super::{Lab, ids};

const TWO: &str = r#"
[stack]
name = "moving"
region = "ap-northeast-1"

[vpc.a]
cidr = "10.0.0.0/16"

[subnet.one]
vpc = "a"
cidr = "10.0.1.0/24"
zone = "a"

[vpc.b]
cidr = "10.1.0.0/16"
"#;

/// The file with the names of the two VPCs swapped, and nothing else.
fn swapped() -> String {
    let text = TWO
        .replace("[vpc.a]", "[vpc.x]")
        .replace("\"a\"\ncidr", "\"b\"\ncidr");
    text.replace("[vpc.b]", "[vpc.a]")
        .replace("[vpc.x]", "[vpc.b]")
}

const MOVES: &str = "\n[[moved]]\nfrom = \"vpc.a\"\nto = \"vpc.b\"\n\n\
                     [[moved]]\nfrom = \"vpc.b\"\nto = \"vpc.a\"\n";

#[test]
fn names_are_swapped_once_by_the_commands_that_the_refusal_names() {
    let lab = Lab::new();
    lab.write(TWO);
    lab.apply().exits(0);
    let before = ids(&lab);
    lab.write(&(swapped() + MOVES));
    lab.calls();
    let mut told = String::new();
    for verb in ["validate", "plan", "apply"] {
        let ran = lab.run(&match verb {
            "validate" => vec![verb, "plan.toml"],
            _ => vec![verb, "plan.toml", "--local"],
        });
        told = ran
            .exits(1)
            .err
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(
            told.contains("names that are swapped would be swapped back at the next run"),
            "{told}"
        );
    }
    assert_eq!(lab.calls()["log"].as_array().unwrap().len(), 0);
    // The remedy of the first [[moved]], as it is told.
    let (_, remedy) = told.split_once("swap the names once: ").unwrap();
    let remedy = remedy.split(" error:").next().unwrap();
    let commands = remedy.split('`').skip(1).step_by(2).take(3);
    let commands: Vec<Vec<&str>> = commands.map(|it| it.split(' ').collect()).collect();
    assert_eq!(commands[0][..3], ["s3net", "state", "move"]);
    lab.write(&swapped());
    for command in &commands {
        let [.., from, to] = command[..] else {
            panic!("{command:?}")
        };
        let args = [
            "state",
            "move",
            "plan.toml",
            from,
            to,
            "--local",
            "--auto-approve",
        ];
        lab.run(&args).exits(0);
    }
    lab.plan().exits(0);
    let after = ids(&lab);
    assert_eq!(
        (&after["vpc.a"], &after["vpc.b"]),
        (&before["vpc.b"], &before["vpc.a"])
    );
    assert_eq!(after["subnet.one"], before["subnet.one"]);
    lab.destroy().exits(0);
}
