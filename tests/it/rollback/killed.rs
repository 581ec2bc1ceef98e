//! A rollback that is killed: the next run goes on from where it was.

use super::*;
use crate::kill::proxy::{At, Blow, Moment, Proxy};

/// Runs an apply with rollback by way of a proxy that kills it at a call.
pub(super) fn killed_at(lab: &Lab, operation: &'static str, moment: Moment) {
    let at = At::First(operation);
    let proxy = Proxy::before(endpoint(), Some(Blow { at, moment }));
    let bucket = format!("bucket={}", lab.bucket());
    let mut args = vec!["apply", "plan.toml", "--state", "state/of-proxy"];
    if lab.text().contains("${var.bucket}") {
        args.extend(["--var", &bucket]);
    }
    args.extend(ROLLBACK);
    let child = lab
        .command(&args)
        .env("AWS_ACCESS_KEY_ID", &lab.account)
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_ENDPOINT_URL", &proxy.url)
        .env("S3NET_CONSISTENCY", "0")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    proxy.aim_at(child.id());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, -1, "killed at {operation}: {}", ran.err);
    says(&ran.out, "Rolling back:");
}

/// The endpoint is reached directly, and the state is where a proxy's run left it.
pub(super) fn direct(lab: &Lab, verb: &str, more: &[&str]) -> Ran {
    let bucket = format!("bucket={}", lab.bucket());
    let mut args = vec![verb, "plan.toml", "--state", "state/of-proxy"];
    if lab.text().contains("${var.bucket}") {
        args.extend(["--var", &bucket]);
    }
    args.extend(more);
    let mut command = lab.command(&args);
    command
        .env("AWS_ACCESS_KEY_ID", &lab.account)
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_ENDPOINT_URL", endpoint())
        .env("S3NET_CONSISTENCY", "0");
    Ran::from(command.output().unwrap())
}

/// After a kill the next run finds what became of it, and goes on to the file.
fn goes_on(lab: &Lab) {
    direct(lab, "apply", &["--auto-approve"]).exits(0);
    direct(lab, "plan", &["--detailed-exitcode"]).exits(0);
    lab.write(
        &lab.text()
            .replace("lifecycle = { prevent_destroy = true }", ""),
    );
    direct(lab, "apply", &["--auto-approve"]).exits(0);
    direct(lab, "destroy", &["--auto-approve"]).exits(0);
    nothing_left(lab);
}

#[test]
fn a_rollback_killed_at_a_deletion_is_gone_on_from() {
    for moment in [Moment::Before, Moment::After] {
        let lab = Lab::new();
        lab.write(SMALL);
        refuse(&lab, "ec2:CreateSubnet");
        killed_at(&lab, "DeleteVpc", moment);
        goes_on(&lab);
    }
}

#[test]
fn a_rollback_killed_at_a_creation_is_gone_on_from() {
    for moment in [Moment::Before, Moment::After] {
        let lab = edited();
        // The state of a lab stands elsewhere than a proxy's.
        let folder = lab.folder.path().join("state");
        std::fs::create_dir_all(folder.join("of-proxy")).unwrap();
        let local = folder.join("three-ways/local");
        std::fs::rename(local, folder.join("of-proxy/three-ways")).unwrap();
        refuse(&lab, "ec2:DeleteSubnet");
        killed_at(&lab, "RunInstances", moment);
        goes_on(&lab);
    }
}
