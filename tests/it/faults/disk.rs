//! A disk that is full, and a state folder that cannot be written.

#![cfg(unix)]

use std::process::{Command, Stdio};

use super::{NAT, ends_well, lab, nothing_left, objects, refusals, says};
use crate::lab::{Lab, Ran};

/// Runs a verb that can make no file longer than so many blocks of 512 bytes:
/// writing on is refused, as on a full disk. (`ulimit -f`; without the trap a
/// signal would end the process.)
fn with_blocks(lab: &Lab, blocks: u32, verb: &str) -> Ran {
    crate::lab::endpoint();
    let run = lab.command(&[verb, "plan.toml", "--local", "--auto-approve"]);
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).arg(run.get_program());
    shell.args(run.get_args()).current_dir(lab.folder.path());
    for (name, value) in run.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.stdin(Stdio::null()).output().unwrap().into()
}

fn undisturbed() -> Vec<String> {
    let lab = lab(&[NAT]);
    lab.apply().exits(0);
    let objects = objects(&lab);
    ends_well(&lab);
    objects
}

#[test]
fn on_a_full_disk_nothing_is_begun_that_cannot_be_written_down() {
    let whole = undisturbed();
    let mut cut = 0;
    for blocks in [0, 2, 4, 6, 8, 9, 11] {
        let lab = lab(&[NAT]);
        let ran = with_blocks(&lab, blocks, "apply");
        if ran.code != 0 {
            cut += 1;
            says(&ran, "cannot be written: File too large");
            says(&ran, "free some space");
        }
        lab.apply().exits(0);
        assert_eq!(objects(&lab), whole, "{blocks} blocks");
        lab.plan().exits(0);
        let ran = with_blocks(&lab, blocks, "destroy");
        if ran.code != 0 {
            cut += 1;
            says(&ran, "free some space");
        }
        lab.destroy().exits(0);
        nothing_left(&lab);
    }
    assert!(cut >= 7, "only {cut} runs met the full disk");
}

#[test]
fn without_a_state_folder_nothing_is_begun() {
    let lab = lab(&[NAT]);
    // As root, a folder without the right to write can be written all the same:
    // a file stands where the folder should be.
    let folder = lab.folder.path().join("state");
    std::fs::write(&folder, "not a folder").unwrap();
    let refused = lab.apply().exits(1);
    says(&refused, "cannot be written");
    says(&refused, "make it writable");
    if cfg!(target_os = "linux") {
        let args = ["--auto-approve", "--state", "/proc/s3net"];
        says(&lab.verb("apply", &args).exits(1), "/proc/s3net");
    }
    let calls = refusals(&lab);
    assert!(calls.is_empty(), "{calls:?}");
    nothing_left(&lab);
    std::fs::remove_file(folder).unwrap();
    lab.apply().exits(0);
    ends_well(&lab);
}
