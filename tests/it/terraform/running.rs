//! Terraform as a process, where there is one: it gets no keyboard and not all the
//! time in the world.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::lab::Ran;

/// How long Terraform may take to find its provider before it counts as not there.
const LOOKING: Duration = Duration::from_secs(60);
/// How long anything else may take.
pub const PATIENCE: Duration = Duration::from_secs(400);

/// Runs Terraform in a folder; nothing where there is none, or none that answers
/// in time.
pub fn terraform(folder: &Path, args: &[&str], patience: Duration) -> Option<Ran> {
    let (out, err) = (folder.join("terraform.out"), folder.join("terraform.err"));
    let mut child = Command::new("terraform")
        .args(args)
        .current_dir(folder)
        .env("TF_IN_AUTOMATION", "1")
        .env("CHECKPOINT_DISABLE", "1")
        .env_remove("TF_CLI_CONFIG_FILE")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(&out).unwrap())
        .stderr(std::fs::File::create(&err).unwrap())
        .spawn()
        .ok()?;
    let end = Instant::now() + patience;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            let text = |path: &Path| std::fs::read_to_string(path).unwrap();
            return Some(Ran {
                code: status.code().unwrap_or(-1),
                out: text(&out),
                err: text(&err),
            });
        }
        if Instant::now() > end {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Whether Terraform has its provider on this machine: looked for once, and not
/// for long.
fn has_provider() -> bool {
    static THERE: OnceLock<bool> = OnceLock::new();
    *THERE.get_or_init(|| {
        let folder = tempfile::TempDir::new().unwrap();
        let wanted = "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n";
        std::fs::write(folder.path().join("main.tf"), wanted).unwrap();
        initialised(folder.path())
    })
}

/// Gets a folder ready; false where the provider is not to be had.
fn initialised(folder: &Path) -> bool {
    let plugins = std::env::var("S3NET_TERRAFORM_PLUGINS").ok();
    let named = plugins.map(|folder| format!("-plugin-dir={folder}"));
    let mut args = vec!["init", "-input=false", "-no-color", "-backend=false"];
    args.extend(named.as_deref());
    let ran = terraform(folder, &args, LOOKING);
    let there = ran.as_ref().is_some_and(|ran| ran.code == 0);
    if !there {
        println!(
            "skipped: terraform has no AWS provider here: {:?}",
            ran.map(|it| it.err)
        );
    }
    there
}

/// Checks what can be checked of a folder without an account; says whether the
/// provider is there.
pub fn checked(folder: &Path) -> bool {
    for file in ["main.tf", "imports.tf"] {
        if let Ok(text) = std::fs::read_to_string(folder.join(file)) {
            hcl::parse(&text).unwrap_or_else(|error| panic!("{file}: {error}\n{text}"));
        }
    }
    match terraform(folder, &["fmt", "-check", "-diff", "-no-color"], PATIENCE) {
        None => {
            println!("skipped: there is no terraform");
            return false;
        }
        Some(ran) => assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err),
    }
    if !has_provider() || !initialised(folder) {
        return false;
    }
    let ran =
        terraform(folder, &["validate", "-no-color"], PATIENCE).expect("terraform validate ends");
    assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
    true
}
