//! What progress looks like at given times, without colour.

use super::*;
use crate::model::holder::{Fate, Owner};
use crate::report::samples::address;

/// Plays events at seconds since the start; gives the lines left behind.
fn played(board: &mut Board, start: Instant, events: &[(u64, Event)]) -> Vec<String> {
    let mut lines = Vec::new();
    for (second, event) in events {
        let now = start + Duration::from_secs(*second);
        lines.extend(board.note(event, now, Style::PLAIN));
    }
    lines
}

fn started(text: &str) -> Event {
    Event::Started {
        address: address(text),
        action: Action::Create,
    }
}

fn finished(text: &str, id: &str, seconds: u64) -> Event {
    Event::Finished {
        address: address(text),
        action: Action::Create,
        id: Some(id.into()),
        elapsed: Duration::from_millis(seconds * 1000 + 420),
    }
}

fn waiting(text: &str, what: &str) -> Event {
    Event::Waiting {
        address: address(text),
        what: what.into(),
        elapsed: Duration::ZERO,
    }
}

#[test]
fn a_run() {
    let nodes = [
        "vpc.main",
        "nat_gateway.main",
        "route_table.private-1/association:private-1",
        "subnet.private-1",
    ];
    let nodes: Vec<_> = nodes.iter().map(|text| address(text)).collect();
    let start = Instant::now();
    let mut board = Board::new(nodes.iter(), start, Style::PLAIN);
    let failed = Event::Failed {
        address: address("subnet.private-1"),
        action: Action::Create,
        cause: "CreateSubnet: SubnetLimitExceeded: The maximum number of subnets has been \
                reached."
            .into(),
        remedy: None,
        request_id: None,
        elapsed: Duration::from_millis(310),
    };
    let left = played(
        &mut board,
        start,
        &[
            (0, started("vpc.main")),
            (0, finished("vpc.main", "vpc-0a1b2c3d4e5f60718", 0)),
            (1, started("nat_gateway.main")),
            (1, started("route_table.private-1/association:private-1")),
            (
                1,
                waiting(
                    "nat_gateway.main",
                    "the NAT gateway to be available (pending)",
                ),
            ),
            (1, started("subnet.private-1")),
            (2, failed),
            (33, Event::Stopping { in_flight: 2 }),
        ],
    );
    let now = start + Duration::from_secs(33);
    let drawn = board.lines(now, Style::PLAIN, "⠹").join("\n");
    let late = played(
        &mut board,
        start,
        &[
            (
                92,
                finished("nat_gateway.main", "nat-0a1b2c3d4e5f60718", 91),
            ),
            (
                93,
                finished(
                    "route_table.private-1/association:private-1",
                    "rtbassoc-1",
                    92,
                ),
            ),
        ],
    );
    let left = left.join("\n");
    let late = late.join("\n");
    insta::assert_snapshot!(format!("{left}\n{drawn}\n----\n{late}"));
}

#[test]
fn what_a_step_waits_for_is_said_as_long_as_there_is_room() {
    let long = "the endpoint to be available (pending)";
    for (node, what, told) in [
        (
            "vpc.main",
            "the VPC to be available (pending)",
            "vpc.main  waits for the VPC to be available (pending)",
        ),
        (
            "nat_gateway.main",
            "the NAT gateway to be available (pending)",
            "nat_gateway.main  waits for it to be available (pending)",
        ),
        (
            "interface_endpoint.s3",
            long,
            "interface_endpoint.s3  waits to be available (pending)",
        ),
        (
            "interface_endpoint.of-many-subnets",
            long,
            "interface_endpoint.of-many-subnets  the endpoint… (pending)",
        ),
    ] {
        let node = address(node);
        let start = Instant::now();
        let mut board = Board::new([&node].into_iter(), start, Style::PLAIN);
        board.note(&started(&node.to_string()), start, Style::PLAIN);
        board.note(&waiting(&node.to_string(), what), start, Style::PLAIN);
        let lines = board.lines(start, Style::PLAIN, "-");
        assert_eq!(lines[1], format!("  - creating 0s     {told}"));
        assert!(columns(&lines[1]) <= 80);
    }
}

#[test]
fn no_drawn_line_is_longer_than_a_narrow_terminal() {
    let node = address("interface_endpoint.s3");
    let start = Instant::now();
    let narrow = Style {
        width: 40,
        ..Style::PLAIN
    };
    let mut board = Board::new([&node].into_iter(), start, narrow);
    board.note(&started(&node.to_string()), start, narrow);
    let what = "the endpoint to be available (pending)";
    board.note(&waiting(&node.to_string(), what), start, narrow);
    let lines = board.lines(start, narrow, "-");
    assert_eq!(lines[0], "  0/1 done, 1 in flight, 0s");
    assert!(lines.iter().all(|line| columns(line) <= 40), "{lines:?}");
}

#[test]
fn only_so_many_steps_are_drawn() {
    let nodes: Vec<_> = (1..=14)
        .map(|n| address(&format!("subnet.a-{n}")))
        .collect();
    let start = Instant::now();
    let mut board = Board::new(nodes.iter(), start, Style::PLAIN);
    for node in &nodes {
        board.note(&started(&node.to_string()), start, Style::PLAIN);
    }
    let lines = board.lines(start, Style::PLAIN, "-");
    assert_eq!(lines.len(), 1 + SHOWN + 1);
    assert_eq!(lines[11].trim(), "+ 4 more");
}

#[test]
fn long_steps_are_told_less_and_less_often() {
    let node = address("nat_gateway.main");
    let start = Instant::now();
    let mut board = Board::new([&node].into_iter(), start, Style::PLAIN);
    board.note(&started("nat_gateway.main"), start, Style::PLAIN);
    board.note(
        &waiting("nat_gateway.main", "it (pending)"),
        start,
        Style::PLAIN,
    );
    let mut told = Vec::new();
    for second in 0..100 {
        for line in board.overdue(start + Duration::from_secs(second)) {
            told.push((second, line));
        }
    }
    let seconds: Vec<_> = told.iter().map(|(second, _)| *second).collect();
    assert_eq!(seconds, [10, 20, 40, 80]);
    assert_eq!(
        told[2].1.trim(),
        "nat_gateway.main  still creating after 40s, waits for it (pending)"
    );
}

#[test]
fn who_holds_something_is_told_at_once() {
    let node = address("subnet.private");
    let start = Instant::now();
    let mut board = Board::new([&node].into_iter(), start, Style::PLAIN);
    let holder = |id: &str, fate: Fate| Holder {
        what: "instance".into(),
        id: id.into(),
        note: Some("\"web\nserver\" (network interface eni-0123456789abcdef0)".into()),
        owner: Owner::Unknown { account: None },
        fate,
    };
    let ask = Fate::Ask {
        advice: "not s3net's to terminate; if it may go:".into(),
        command: None,
    };
    let held = |holders| Event::Held {
        address: node.clone(),
        id: "subnet-1".into(),
        holders,
        elapsed: Duration::from_millis(420),
    };
    let both = vec![holder("i-1", ask), holder("i-2", Fate::Wait)];
    let left = played(&mut board, start, &[(1, held(both)), (2, held(Vec::new()))]);
    insta::assert_snapshot!("who_holds_something", left.join("\n"));
}

/// An endpoint and an instance in a subnet: the endpoint takes longest.
fn foreseen(start: Instant, style: Style) -> (Board, Vec<(u64, Event)>) {
    use crate::report::samples::{Sample, id_of, ids_of};
    let plan = Sample::new()
        .wants("subnet.public", [])
        .wants(
            "interface_endpoint.s3",
            [("subnets", ids_of(&["subnet.public"]))],
        )
        .wants("instance.one", [("subnet", id_of("subnet.public"))])
        .plan();
    let forecast = Forecast::new(&plan, crate::kinds::registry(), start);
    let steps = plan.steps.nodes().map(|(_, step)| &step.address);
    let board = Board::new(steps, start, style).foreseeing(forecast);
    let events = vec![
        (0, started("subnet.public")),
        (1, finished("subnet.public", "subnet-0a1b2c3d4e5f60718", 1)),
        (1, started("interface_endpoint.s3")),
        (1, started("instance.one")),
        (
            1,
            waiting(
                "interface_endpoint.s3",
                "the endpoint to be available (pending)",
            ),
        ),
    ];
    (board, events)
}

#[test]
fn what_is_left_is_told_and_what_is_late() {
    let start = Instant::now();
    let mut drawings = String::new();
    for width in [80, 60] {
        let style = Style {
            width,
            ..Style::PLAIN
        };
        let (mut board, events) = foreseen(start, style);
        played(&mut board, start, &events);
        for second in [2, 41, 200] {
            let now = start + Duration::from_secs(second);
            let lines = board.lines(now, style, "⠹");
            assert!(
                lines.iter().all(|line| columns(line) <= width),
                "{lines:#?}"
            );
            drawings += &format!("{width} columns, second {second}\n{}\n", lines.join("\n"));
        }
    }
    insta::assert_snapshot!(drawings);
}

#[test]
fn a_pipe_is_told_what_is_late_too() {
    let start = Instant::now();
    let (mut board, events) = foreseen(start, Style::PLAIN);
    played(&mut board, start, &events);
    let told = |board: &mut Board, second| {
        let lines = board.overdue(start + Duration::from_secs(second));
        lines.join("\n")
    };
    let early = told(&mut board, 20);
    assert!(
        early.contains("interface_endpoint.s3") && !early.contains("usually"),
        "{early}"
    );
    let late = told(&mut board, 190);
    assert!(
        late.contains("usually 2 min") && late.contains("usually 40 s"),
        "{late}"
    );
}
