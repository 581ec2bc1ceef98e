//! No secret is kept or shown: not the credentials, not an instance's launch
//! script.

use std::path::{Path, PathBuf};

use crate::lab::{Lab, Ran};

const KEY: &str = "wJalrSECRETKEY0123456789";
const TOKEN: &str = "FwoGSESSIONTOKEN0123456789";
const PASSWORD: &str = "hunter2-PASSWORD-0123456789";

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

fn run(lab: &Lab, args: &[&str]) -> Ran {
    lab.command(args)
        .env("AWS_ACCESS_KEY_ID", &lab.account)
        .env("AWS_SECRET_ACCESS_KEY", KEY)
        .env("AWS_SESSION_TOKEN", TOKEN)
        .env("AWS_ENDPOINT_URL", crate::lab::endpoint())
        .output()
        .unwrap()
        .into()
}

#[track_caller]
fn holds_none(what: &str, text: &str) {
    for secret in [KEY, TOKEN, PASSWORD] {
        assert!(!text.contains(secret), "{what} holds {secret}:\n{text}");
    }
}

#[test]
fn no_secret_is_kept_or_shown() {
    let lab = Lab::new();
    lab.write(&format!(
        "[stack]\nname = \"secret\"\nregion = \"ap-northeast-1\"\n\n\
         [vpc.main]\ncidr = \"10.0.0.0/16\"\n\n\
         [subnet.a]\nvpc = \"main\"\ncidr = \"10.0.1.0/24\"\nzone = \"a\"\n\n\
         [instance.one]\nsubnet = \"a\"\ntype = \"t3.micro\"\nimage = \"al2023\"\n\
         user_data = \"#!/bin/sh\\necho {PASSWORD}\\n\"\n"
    ));
    let told = |ran: Ran| {
        holds_none("standard output", &ran.out);
        holds_none("standard error", &ran.err);
    };
    let kept = |when: &str| {
        let found = files(&lab.folder.path().join("state"));
        assert!(
            found.iter().any(|it| it.ends_with("state.json")),
            "{found:?}"
        );
        for path in found {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            holds_none(&format!("{} {when}", path.display()), &text);
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                let mode = std::fs::metadata(&path).unwrap().permissions().mode();
                assert_eq!(mode & 0o077, 0, "{} is {mode:o}", path.display());
            }
        }
    };
    told(run(&lab, &["plan", "plan.toml", "--full"]));
    told(run(&lab, &["plan", "plan.toml", "--json"]));
    // A run that fails half-way leaves more behind than one that ends well.
    lab.fault(serde_json::json!({
        "action": "ec2:CreateSubnet", "times": 1, "status": 400,
        "code": "SubnetLimitExceeded", "message": "no more"
    }));
    told(run(&lab, &["apply", "plan.toml", "--auto-approve"]).exits(1));
    kept("after a failure");
    told(run(&lab, &["apply", "plan.toml", "--auto-approve", "--json"]).exits(0));
    kept("after apply");
    // The script is not forgotten, though: it is neither lost nor seen as new.
    told(run(&lab, &["plan", "plan.toml", "--detailed-exitcode"]).exits(0));
    lab.edit("echo", "printf");
    told(run(&lab, &["plan", "plan.toml", "--detailed-exitcode"]).exits(2));
    told(run(&lab, &["destroy", "plan.toml", "--auto-approve"]).exits(0));
    kept("after destroy");
}
