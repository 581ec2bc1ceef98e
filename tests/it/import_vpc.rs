//! `import --vpc`: a network that others made becomes a plan file, and the file
//! plans nothing but its own adoption.

#[path = "import_vpc/at_once.rs"]
mod at_once;
#[path = "import_vpc/by_hand.rs"]
mod by_hand;
#[path = "import_vpc/kept.rs"]
mod kept;
#[path = "import_vpc/led_out.rs"]
mod led_out;
#[path = "import_vpc/main_table.rs"]
mod main_table;
#[path = "import_vpc/names.rs"]
mod names;
#[path = "import_vpc/strip.rs"]
mod strip;
#[path = "import_vpc/told.rs"]
mod told;

use serde_json::Value;

use crate::lab::{Lab, Ran, endpoint, plans};
use strip::as_if_by_hand;

/// Where the tests let the file be written.
pub(crate) const FILE: &str = "plans/existing.toml";

/// Runs `import --vpc` into [`FILE`].
pub(crate) fn import(lab: &Lab, vpc: &str, more: &[&str]) -> Ran {
    endpoint();
    let mut args = vec!["import", "--local", "--region", "ap-northeast-1"];
    args.extend(["--vpc", vpc, "--write", FILE]);
    args.extend(more);
    lab.run(&args)
}

/// The file that an import wrote.
pub(crate) fn written(lab: &Lab) -> String {
    std::fs::read_to_string(lab.folder.path().join(FILE)).unwrap()
}

/// The file with what differs between runs written the same: ids and the
/// laboratory's account, each by the order in which it appears.
pub(crate) fn settled(lab: &Lab, text: &str) -> String {
    let mut seen: Vec<String> = Vec::new();
    let mut settled = String::new();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    // The addresses that AWS chose stand in comments.
    let chosen = |word: &str| match word.parse::<std::net::Ipv4Addr>() {
        Ok(_) => "192.0.2.1".to_owned(),
        Err(_) => word.to_owned(),
    };
    let lines = text.lines().map(|line| match line.starts_with("# ") {
        true => line.split(' ').map(chosen).collect::<Vec<_>>().join(" "),
        false => line.to_owned(),
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let mut rest = text.replace(&lab.account, "123456789012");
    while let Some(start) = rest.find(is_word) {
        settled.push_str(&rest[..start]);
        let end = rest[start..]
            .find(|c| !is_word(c))
            .map_or(rest.len(), |at| start + at);
        let word = &rest[start..end];
        settled.push_str(&match stand_in(word, &mut seen) {
            Some(told) => told,
            None => word.to_owned(),
        });
        rest = rest[end..].to_owned();
    }
    settled + &rest
}

/// What stands for an id: its prefix and a number of its own.
fn stand_in(word: &str, seen: &mut Vec<String>) -> Option<String> {
    let (prefix, end) = match word.rsplit_once('-') {
        Some((prefix, end)) if end.len() >= 8 && end.bytes().all(|b| b.is_ascii_hexdigit()) => {
            (format!("{prefix}-"), end)
        }
        None if word.len() >= 14
            && word.starts_with('Z')
            && word
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) =>
        {
            ("Z".to_owned(), word)
        }
        _ => return None,
    };
    let _ = end;
    let known = seen.iter().position(|it| it == word);
    let number = known.unwrap_or_else(|| {
        seen.push(word.to_owned());
        seen.len() - 1
    });
    Some(format!("{prefix}{:08x}", number + 1))
}

/// The only VPC of a laboratory that is not the account's default one.
pub(crate) async fn only_vpc(lab: &Lab) -> String {
    let answer = lab.aws().await.ec2.describe_vpcs().send().await.unwrap();
    let mut vpcs = answer
        .vpcs()
        .iter()
        .filter(|vpc| vpc.is_default() != Some(true));
    let id = vpcs.next().unwrap().vpc_id().unwrap().to_owned();
    assert!(vpcs.next().is_none());
    id
}

/// The actions of a plan of the written file, with how often each comes.
fn actions(lab: &Lab) -> (Vec<String>, Value) {
    let ran = lab.run(&["plan", FILE, "--local", "--json"]).exits(0);
    let documents = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let mut plans = documents.filter(|it: &Value| it["document"] == "plan");
    let plan = plans.next().unwrap();
    let changes = plan["changes"].as_array().unwrap().iter();
    let mut found: Vec<String> = changes
        .map(|change| change["action"].as_str().unwrap().to_owned())
        .collect();
    found.sort();
    found.dedup();
    (found, plan)
}

/// Checks that the written file plans nothing but adoptions; that they are
/// adopted by an apply; and that nothing is left to do then.
fn adopts_and_is_done(lab: &Lab) {
    let (found, plan) = actions(lab);
    assert_eq!(found, ["adopt"], "{plan:#}");
    for change in plan["changes"].as_array().unwrap() {
        assert_eq!(change["differences"], serde_json::json!([]), "{change:#}");
    }
    lab.run(&["apply", FILE, "--local", "--auto-approve"])
        .exits(0);
    let again = lab.run(&["plan", FILE, "--local", "--detailed-exitcode"]);
    let again = again.exits(0);
    assert!(again.out.contains("No changes."), "{}", again.out);
}

/// Applies an example, takes s3net's marks off, and imports its VPC.
async fn imported(lab: &Lab, stack: &str) {
    lab.apply().exits(0);
    as_if_by_hand(lab).await;
    let vpc = only_vpc(lab).await;
    let ran = import(lab, &vpc, &["--stack", stack]).exits(0);
    assert!(ran.err.contains("Wrote plans/existing.toml"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_ways_become_a_file_that_a_person_might_have_written() {
    let lab = Lab::with_plan("three-ways.toml");
    imported(&lab, "three-ways").await;
    insta::assert_snapshot!("three_ways", settled(&lab, &written(&lab)));
    adopts_and_is_done(&lab);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_patterns_are_adopted_without_a_change() {
    let lab = Lab::with_plan("three-patterns.toml");
    imported(&lab, "three-patterns").await;
    let text = written(&lab);
    // Endpoint policies name the bucket by its table, and the bucket is there.
    assert!(text.contains("\"${bucket."), "{text}");
    adopts_and_is_done(&lab);
}

#[tokio::test(flavor = "multi_thread")]
async fn zones_and_their_records_come_along() {
    let lab = Lab::with_plan("single-bucket-base.toml");
    lab.apply().exits(0);
    let plan = std::fs::read_to_string(plans().join("single-bucket.toml")).unwrap();
    lab.write(&plan);
    lab.apply().exits(0);
    as_if_by_hand(&lab).await;
    let vpc = only_vpc(&lab).await;
    import(
        &lab,
        &vpc,
        &["--stack", "office", "--bucket", &lab.bucket()],
    )
    .exits(0);
    let text = written(&lab);
    assert!(text.contains("[private_zone."), "{text}");
    assert!(text.contains("target = \"single-bucket-s3\""), "{text}");
    adopts_and_is_done(&lab);
}
