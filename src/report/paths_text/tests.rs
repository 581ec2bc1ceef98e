//! Ways that change, as people read them.

use super::*;

fn passage(door: Door, works: Works) -> Option<Passage> {
    Some(Passage {
        door: Some(door),
        works,
        by_endpoint_name: false,
    })
}

fn change(from: &str, before: Option<Passage>, after: Option<Passage>) -> PathChange {
    PathChange {
        from: from.into(),
        to: "bucket.data".into(),
        before,
        after,
    }
}

fn nat(name: &str) -> Option<Passage> {
    passage(Door::NatGateway(format!("nat_gateway.{name}")), Works::Yes)
}

fn gateway() -> Option<Passage> {
    passage(
        Door::GatewayEndpoint("gateway_endpoint.s3".into()),
        Works::Yes,
    )
}

fn told(all: &[PathChange], full: bool) -> String {
    changes(
        all,
        "ap-northeast-1",
        Style {
            color: false,
            width: 80,
            terminal: false,
        },
        full,
    )
}

#[test]
fn ways_are_told_with_their_prices() {
    let own_name = Passage {
        by_endpoint_name: true,
        ..passage(
            Door::InterfaceEndpoint("interface_endpoint.s3".into()),
            Works::Yes,
        )
        .unwrap()
    };
    let no = Works::No("route_table.private has no route that leads there".into());
    let shut = Passage {
        door: None,
        works: no,
        by_endpoint_name: false,
    };
    let all = [
        change("subnet.private-1", nat("main"), gateway()),
        change("subnet.private-2", nat("main"), gateway()),
        change("subnet.private-3", nat("main"), nat("other")),
        change("instance.three", None, Some(own_name)),
        change("subnet.public", gateway(), Some(shut)),
        change("subnet.old", nat("main"), None),
    ];
    insta::assert_snapshot!(told(&all, false));
    let broken = broken_connections(&all).unwrap();
    assert!(broken.contains("subnet.private-1") && !broken.contains("instance.three"));
    assert_eq!(broken_connections(&all[3..4]), None);
}

#[test]
fn many_ways_are_counted_and_told_in_full_when_asked() {
    let all: Vec<PathChange> = (0..30)
        .map(|n| change(&format!("subnet.s{n}"), nat(&format!("n{n}")), gateway()))
        .collect();
    assert!(told(&all, false).ends_with("… and 18 more; --full shows them\n\n"));
    assert_eq!(told(&all, true).matches(" → ").count(), 30);
    assert_eq!(told(&[], false), "");
}
