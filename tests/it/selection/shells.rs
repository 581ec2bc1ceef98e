//! The scripts in the hands of real shells, at a real terminal: what is typed, TAB,
//! and the words that the command would then get.
//!
//! A shell that this machine does not have is said to be skipped.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::NETWORK;
use crate::lab::{Lab, Ran, program};

/// Says that a shell waits. It is typed in two pieces, so that it is not seen
/// before the shell has read it.
const READY: &str = "READY> ";

/// What is typed, and the last of the words that come of it.
const TYPED: [(&str, &str); 26] = [
    ("s3net kinds nat\t", "nat_gateway"),
    ("s3net plan pl\t", "plan.toml"),
    ("s3net destroy plan.toml --target vp\t", "vpc.main"),
    ("s3net destroy plan.toml --target=vp\t", "--target=vpc.main"),
    ("s3net graph plan.toml --var a=b --exclude vp\t", "vpc.main"),
    ("s3net state move plan.toml vp\t", "vpc.main"),
    ("s3net state move plan.toml vpc.old vp\t", "vpc.main"),
    ("s3net state forget plan.toml subnet.one vp\t", "vpc.main"),
    ("s3net import plan.toml vp\t", "vpc.main"),
    // What follows a colon or an equals sign.
    ("s3net plan plan.toml --target security_group.web/i\t", RULE),
    (
        "s3net plan plan.toml --target security_group.web/ingress:\t",
        RULE,
    ),
    (
        "s3net plan plan.toml --target security_group.web/ingress:tcp:4\t",
        RULE,
    ),
    (
        "s3net plan plan.toml --target security_group.web/ingress:tcp:443:10.\t",
        RULE,
    ),
    (
        "s3net plan plan.toml --target=route_table.one/association:o\t",
        "--target=route_table.one/association:one",
    ),
    // Quotes and blanks.
    (
        "s3net plan plan.toml --exclude 'security_group.web/ing\t",
        RULE,
    ),
    ("s3net plan 'plan.toml' --target \"vp\t", "vpc.main"),
    ("s3net plan my\t", "my plans/"),
    ("s3net plan my\\ plans/a\t", "my plans/a b.toml"),
    (
        "s3net plan 'my plans/a b.toml' --target subnet.o\t",
        "subnet.one",
    ),
    (
        "s3net plan my\\ plans/a\\ b.toml --target subnet.o\t",
        "subnet.one",
    ),
    // What a shell would take for its own.
    ("s3net plan odd\t", ODD),
    ("s3net plan \"odd\t", ODD),
    ("s3net plan 'odd\t", ODD),
    ("s3net plan its\t", QUOTE),
    ("s3net plan \"its\t", QUOTE),
    ("s3net plan 'its\t", QUOTE),
];
const ODD: &str = "odd$(touch seen);`touch seen`\"&.toml";
const QUOTE: &str = "its'own.toml";
const RULE: &str = "security_group.web/ingress:tcp:443:10.0.0.0/16";

/// A folder with plan files, and commands that find the program.
struct Desk(Lab);

impl Desk {
    fn new() -> Self {
        let lab = Lab::new();
        lab.write(NETWORK);
        let folder = lab.folder.path();
        std::fs::create_dir(folder.join("my plans")).unwrap();
        for name in ["my plans/a b.toml", ODD, QUOTE] {
            std::fs::write(folder.join(name), NETWORK).unwrap();
        }
        Self(lab)
    }

    fn command(&self, name: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_s3net")).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new(name);
        command
            .current_dir(self.0.folder.path())
            .env("PATH", format!("{}:{path}", program.display()))
            // Nobody's own settings.
            .env("HOME", self.0.folder.path())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("ZDOTDIR");
        command
    }

    /// Whether a program is there; says so where not.
    fn has(&self, name: &str) -> bool {
        let ran = self.command(name).arg("--version").output();
        let there = ran.is_ok_and(|ran| ran.status.success());
        if !there {
            println!("skipped: there is no {name} here");
        }
        there
    }

    /// The words of each command line once its keys have been typed in a shell
    /// that has read `settings`; nothing where the shell is not there.
    fn typed<'t>(
        &self,
        shell: &[&str],
        settings: &[&str],
        lines: impl Iterator<Item = &'t str>,
    ) -> Option<Vec<Vec<String>>> {
        if !self.has("python3") || !self.has(shell[0]) {
            return None;
        }
        // The first of the settings is the prompt that all others wait for.
        let waits = std::iter::once("").chain(std::iter::repeat(READY));
        let settings = settings.iter().map(|it| format!("{it}\r"));
        let mut steps: Vec<_> = waits.map(str::to_owned).zip(settings).collect();
        // Ctrl-A goes to the line's beginning, Ctrl-E to its end.
        let told = |keys: &str| format!("{keys}\u{1}printf '<%s>' WO''RDS \u{5}; echo\r");
        steps.extend(lines.map(|keys| (READY.to_owned(), told(keys))));
        steps.push((READY.to_owned(), "exit\r".to_owned()));
        let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/selection/terminal.py");
        let mut person = self
            .command("python3")
            .arg(driver)
            .args(shell)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let steps = serde_json::to_vec(&steps).unwrap();
        person.stdin.take().unwrap().write_all(&steps).unwrap();
        let ran = Ran::from(person.wait_with_output().unwrap()).exits(0);
        let answers = ran.out.split("<WORDS>").skip(1);
        let words = answers.map(|answer| {
            let line = answer.lines().next().unwrap().trim_end();
            let words = line.trim_start_matches('<').trim_end_matches('>');
            words.split("><").map(str::to_owned).collect()
        });
        Some(words.collect())
    }

    /// Holds a shell to what is to come of each line.
    fn holds(&self, shell: &[&str], settings: &[&str]) {
        let Some(lines) = self.typed(shell, settings, TYPED.iter().map(|(keys, _)| *keys)) else {
            return;
        };
        assert_eq!(lines.len(), TYPED.len(), "{lines:?}");
        for ((keys, last), words) in TYPED.iter().zip(&lines) {
            assert_eq!(
                words.last().unwrap(),
                last,
                "{keys} in {shell:?}: {words:?}"
            );
        }
    }
}

const BASH: &[&str] = &["bash", "--norc", "-i"];
const BASH_SETTINGS: &[&str] = &[
    "PS1='READ''Y> '; PS2=; bind 'set enable-bracketed-paste off'",
    "bind '\"\\C-xa\": insert-completions'; source <(s3net completions bash)",
];
const ZSH: &[&str] = &["zsh", "-f", "-i"];
const ZSH_PROMPT: &str = "PS1='READ''Y> '; PS2=; bindkey -e; autoload -Uz compinit";

#[test]
fn bash_completes_by_the_script() {
    let desk = Desk::new();
    desk.holds(BASH, BASH_SETTINGS);
    // All that is offered at once.
    let keys = ["s3net plan plan.toml --target route\u{18}a"];
    if let Some(lines) = desk.typed(BASH, BASH_SETTINGS, keys.into_iter()) {
        assert_eq!(lines[0][4..], ["route_table.one", "route_table.two"]);
    }
}

#[test]
fn zsh_completes_by_the_script() {
    let desk = Desk::new();
    let source = [
        ZSH_PROMPT,
        "compinit -u -D; source <(s3net completions zsh)",
        "zle -C all complete-word _generic; bindkey '^Xa' all",
        "zstyle ':completion:all:*' completer _all_matches _complete",
        "zstyle ':completion:all:*' insert yes",
    ];
    desk.holds(ZSH, &source);
    let keys = ["s3net plan plan.toml --target route\u{18}a"];
    if let Some(lines) = desk.typed(ZSH, &source, keys.into_iter()) {
        assert_eq!(lines[0][4..], ["route_table.one", "route_table.two"]);
    }
    // A file in a folder of `fpath` answers at the first TAB.
    let found = [
        ZSH_PROMPT,
        "mkdir functions; s3net completions zsh > functions/_s3net",
        "fpath=($PWD/functions $fpath); compinit -u -D",
    ];
    if let Some(lines) = desk.typed(ZSH, &found, ["s3net kinds nat\t"].into_iter()) {
        assert_eq!(lines, [["s3net", "kinds", "nat_gateway"]]);
    }
}

#[test]
fn fish_completes_by_the_script() {
    let desk = Desk::new();
    desk.holds(
        &["fish", "--no-config", "-i"],
        &[
            "function fish_prompt; echo 'READ''Y> '; end",
            "s3net completions fish | source",
        ],
    );
    if !desk.has("fish") {
        return;
    }
    let offered = |line: &str| {
        let script = format!("s3net completions fish | source; complete -C {line:?}");
        let mut fish = desk.command("fish");
        let ran = fish.args(["--no-config", "-c", &script]).output().unwrap();
        let ran = Ran::from(ran);
        assert_eq!(ran.err, "", "{line}");
        ran.out
    };
    assert_eq!(
        offered("s3net plan plan.toml --target route"),
        "route_table.one\nroute_table.two\n"
    );
    assert_eq!(offered("s3net destroy --target "), "");
    assert_eq!(
        offered("s3net kind"),
        "kinds\tList the kinds, or describe one of them\n"
    );
}

#[test]
fn every_shell_gets_a_script_that_asks_the_program() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = program().args(["completions", shell]).output().unwrap();
        let ran = Ran::from(ran).exits(0);
        assert!(ran.out.contains("COMPLETE"), "{shell}: {}", ran.out);
        assert!(ran.out.contains("s3net"), "{shell}: {}", ran.out);
        assert_eq!(ran.err, "");
    }
    let ran = Ran::from(program().args(["completions", "cmd"]).output().unwrap());
    assert_ne!(ran.code, 0);
}
