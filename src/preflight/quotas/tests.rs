//! Counts against limits.

use super::*;
use crate::aws::quotas::Limit;
use crate::graph::Dag;
use crate::model::Place;
use crate::plan::Selection;

fn plan() -> Plan {
    Plan {
        stack: "lab".to_owned(),
        place: Place {
            account: "123456789012".to_owned(),
            region: "eu-west-1".to_owned(),
        },
        steps: Dag::new(),
        facts: BTreeMap::new(),
        foreign: Vec::new(),
        selection: Selection::default(),
        left_out: Vec::new(),
        lifetime: None,
        switches: Vec::new(),
    }
}

fn reading(most: Option<usize>, used: usize) -> Reading {
    let mut reading = Reading::default();
    if let Some(most) = most {
        let limit = Limit {
            most,
            applied: true,
        };
        reading.limits.insert(Quota::Vpcs, limit);
    }
    reading.used.insert((Quota::Vpcs, String::new()), used);
    reading
}

fn tally(made: usize, succeeding: usize, deleted: usize) -> Tally {
    let name = |number: usize| Address::new("vpc", &format!("v{number}"));
    Tally {
        made: (0..made).map(name).collect(),
        succeeding,
        deleted,
        standing: deleted,
    }
}

fn told(tally: &Tally, reading: &Reading) -> Option<(Severity, String)> {
    let finding = judge(Quota::Vpcs, &Within::Place, tally, reading, &plan())?;
    Some((finding.severity, finding.problem))
}

#[test]
fn as_many_as_the_quota_are_well_and_one_more_is_not() {
    assert_eq!(told(&tally(2, 0, 0), &reading(Some(5), 3)), None);
    let one_more = told(&tally(3, 0, 0), &reading(Some(5), 3));
    let problem = "6 VPCs in eu-west-1 are more than the quota of 5".to_owned();
    assert_eq!(one_more, Some((Severity::Error, problem)));
}

#[test]
fn what_goes_right_before_its_successor_is_counted_off() {
    assert_eq!(told(&tally(1, 1, 1), &reading(Some(5), 5)), None);
    // Nothing says that the deletion comes first.
    let late = told(&tally(1, 0, 1), &reading(Some(5), 5));
    let problem = "for a while 6 VPCs in eu-west-1 would be more than the quota of 5";
    assert_eq!(late, Some((Severity::Warning, problem.to_owned())));
}

#[test]
fn a_default_is_no_certainty() {
    let (severity, problem) = told(&tally(3, 0, 0), &reading(None, 3)).unwrap();
    assert_eq!(severity, Severity::Warning);
    assert_eq!(
        problem,
        "6 VPCs in eu-west-1 are more than AWS's default quota of 5"
    );
}

#[test]
fn a_new_vpc_has_its_main_route_table() {
    let within = Within::New(Address::new("vpc", "main"));
    let judged = |made| {
        judge(
            Quota::RouteTables,
            &within,
            &tally(made, 0, 0),
            &Reading::default(),
            &plan(),
        )
    };
    assert_eq!(judged(199), None);
    assert!(judged(200).is_some());
}

#[test]
fn a_count_that_could_not_be_read_is_what_the_plan_knows() {
    let mut unread = Reading::default();
    unread.limits.insert(
        Quota::Vpcs,
        Limit {
            most: 5,
            applied: true,
        },
    );
    assert_eq!(told(&tally(5, 0, 0), &unread), None);
    unread.troubles.push(CallError::internal("refused"));
    assert_eq!(told(&tally(5, 0, 0), &unread), None);
    assert!(told(&tally(6, 0, 0), &unread).is_some());
}
