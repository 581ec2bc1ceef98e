//! What meets an expectation: a network of two subnets, and any verdict.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;
use proptest::prelude::*;

use super::super::verdict::{Answer, Block, SourceAddress, Stage, Symptom, Way};
use super::*;
use crate::model::Place;
use crate::model::network::{
    Bucket, BucketPolicy, Destination, GatewayEndpoint, InternetGateway, Known, NatGateway,
    PublicAddress, Route, RouteTable, Subnet, Via, Vpc,
};

const REGION: &str = "ap-northeast-1";

fn route(via: Via) -> Route {
    Route {
        to: Destination::Block("0.0.0.0/0".parse().unwrap()),
        via,
        blackhole: false,
        propagated: false,
        spot: None,
    }
}

fn subnet(block: &str, table: &str) -> Subnet {
    Subnet {
        vpc: "v".to_owned(),
        block: block.parse::<Ipv4Net>().unwrap(),
        zone: None,
        route_table: Some(table.to_owned()),
        network_acl: None,
        maps_public_addresses: false,
        spot: None,
    }
}

/// Subnet `a` by a NAT gateway, subnet `b` by a gateway endpoint, subnet `c` by
/// nothing.
fn network() -> Network {
    let mut network = Network {
        place: Place {
            account: "123456789012".to_owned(),
            region: REGION.to_owned(),
        },
        ..Network::default()
    };
    for (key, label) in [
        ("s-a", "subnet.a"),
        ("s-b", "subnet.b"),
        ("s-c", "subnet.c"),
        ("t-a", "route_table.a"),
        ("t-b", "route_table.b"),
        ("t-c", "route_table.c"),
        ("n", "nat_gateway.main"),
        ("e", "gateway_endpoint.s3"),
        ("data", "bucket.data"),
    ] {
        network.labels.insert(key.to_owned(), label.to_owned());
    }
    let vpc = Vpc {
        blocks: vec!["10.0.0.0/16".parse().unwrap()],
        dns_support: true,
        dns_hostnames: true,
        ..Vpc::default()
    };
    network.vpcs.insert("v".to_owned(), vpc);
    for (key, block, table) in [
        ("s-a", "10.0.1.0/24", "t-a"),
        ("s-b", "10.0.2.0/24", "t-b"),
        ("s-c", "10.0.3.0/24", "t-c"),
        ("s-p", "10.0.0.0/24", "t-p"),
    ] {
        network.subnets.insert(key.to_owned(), subnet(block, table));
    }
    let by = |via: &str| match via {
        "n" => vec![route(Via::NatGateway("n".to_owned()))],
        "i" => vec![route(Via::InternetGateway("i".to_owned()))],
        _ => Vec::new(),
    };
    for (key, via) in [("t-a", "n"), ("t-b", ""), ("t-c", ""), ("t-p", "i")] {
        let table = RouteTable {
            vpc: "v".to_owned(),
            routes: by(via),
            ..RouteTable::default()
        };
        network.route_tables.insert(key.to_owned(), table);
    }
    let gateway = InternetGateway {
        vpc: Some("v".to_owned()),
        spot: None,
    };
    network.internet_gateways.insert("i".to_owned(), gateway);
    let nat = NatGateway {
        subnet: "s-p".to_owned(),
        public: true,
        address: PublicAddress::Some,
        broken: None,
        spot: None,
    };
    network.nat_gateways.insert("n".to_owned(), nat);
    let endpoint = GatewayEndpoint {
        vpc: "v".to_owned(),
        service: format!("com.amazonaws.{REGION}.s3"),
        route_tables: BTreeSet::from(["t-b".to_owned()]),
        policy: Known::Is(None),
        broken: None,
        spot: None,
    };
    network.gateway_endpoints.insert("e".to_owned(), endpoint);
    let bucket = Bucket {
        name: "data".to_owned(),
        region: Known::Is(REGION.to_owned()),
        account: Known::Is("123456789012".to_owned()),
        policy: BucketPolicy::default(),
        block: Known::default(),
        spot: None,
    };
    network.buckets.insert("data".to_owned(), bucket);
    network
}

fn expectation(from: &[&str]) -> Expectation {
    Expectation {
        from: from
            .iter()
            .map(|name| Address::new("subnet", name))
            .collect(),
        to: vec![Target::Bucket(Address::new("bucket", "data"))],
        via: Vec::new(),
        not_via: Vec::new(),
        reachable: true,
        private: None,
        actions: Vec::new(),
        naming: None,
        object: None,
        span: 0..0,
        spans: BTreeMap::new(),
    }
}

fn kind(kind: &str) -> Doorway {
    Doorway::Kind(kind.to_owned())
}

/// The misses of each failing case, by subnet.
fn misses(checked: &Checked) -> Vec<(&str, Vec<Miss>)> {
    let failing = checked.failing.iter();
    failing
        .map(|case| match &case.outcome {
            Outcome::Broken(misses) => (case.from.name.as_str(), misses.clone()),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn each_origin_is_asked() {
    let network = network();
    let checked = check(&[expectation(&["a", "b", "c"])], &network);
    assert_eq!(checked[0].met, 2);
    assert_eq!(misses(&checked[0]), [("c", vec![Miss::Blocked])]);
    let none = Expectation {
        reachable: false,
        ..expectation(&["a", "b", "c"])
    };
    let checked = check(&[none], &network);
    assert_eq!(checked[0].met, 1);
    let reached = vec![Miss::Reached];
    assert_eq!(
        misses(&checked[0]),
        [("a", reached.clone()), ("b", reached)]
    );
}

#[test]
fn the_door_counts_by_name_and_by_kind() {
    let network = network();
    let endpoint = Doorway::One(Address::new("gateway_endpoint", "s3"));
    for (via, failing) in [
        (vec![endpoint.clone()], vec!["a"]),
        (vec![kind("nat_gateway")], vec!["b"]),
        (vec![kind("nat_gateway"), endpoint], vec![]),
        (
            vec![Doorway::One(Address::new("gateway_endpoint", "other"))],
            vec!["a", "b"],
        ),
    ] {
        let wish = Expectation {
            via,
            ..expectation(&["a", "b"])
        };
        let checked = check(&[wish], &network);
        let found: Vec<_> = misses(&checked[0]);
        let wanted: Vec<_> = failing
            .into_iter()
            .map(|name| (name, vec![Miss::OtherDoor]))
            .collect();
        assert_eq!(found, wanted);
    }
}

#[test]
fn what_is_wrong_and_what_to_change_is_told() {
    let network = network();
    let wish = Expectation {
        not_via: vec![kind("nat_gateway")],
        private: Some(true),
        ..expectation(&["a", "b"])
    };
    let checked = check(&[wish], &network);
    assert_eq!(
        misses(&checked[0]),
        [("a", vec![Miss::ForbiddenDoor, Miss::Public])]
    );
    let case = &checked[0].failing[0];
    assert_eq!(case.door.as_deref(), Some("nat_gateway.main"));
    assert_eq!(
        case.remedy.as_deref(),
        Some("add route_table.a to `route_tables` of gateway_endpoint.s3")
    );
    let closed = Expectation {
        reachable: false,
        ..expectation(&["b"])
    };
    let checked = check(&[closed], &network);
    assert_eq!(
        checked[0].failing[0].remedy.as_deref(),
        Some("take route_table.b out of `route_tables` of gateway_endpoint.s3")
    );
}

#[test]
fn a_remedy_that_is_followed_makes_it_hold() {
    let mut network = network();
    let wish = Expectation {
        via: vec![Doorway::One(Address::new("gateway_endpoint", "s3"))],
        ..expectation(&["a"])
    };
    let wishes = [wish];
    let checked = check(&wishes, &network);
    assert_eq!(
        checked[0].failing[0].remedy.as_deref(),
        Some("add route_table.a to `route_tables` of gateway_endpoint.s3")
    );
    let endpoint = network.gateway_endpoints.get_mut("e").unwrap();
    endpoint.route_tables.insert("t-a".to_owned());
    assert!(check(&wishes, &network)[0].holds());
}

#[test]
fn a_bucket_goes_by_its_name_too() {
    let network = network();
    let wish = Expectation {
        to: vec![
            Target::Named("data".to_owned()),
            Target::Named("other".to_owned()),
        ],
        via: vec![kind("gateway_endpoint")],
        ..expectation(&["b"])
    };
    let checked = check(&[wish], &network);
    assert_eq!(checked[0].met, 1);
    // Nobody here knows the policy of somebody else's bucket.
    let other = &checked[0].failing[0];
    assert_eq!(other.to, Target::Named("other".to_owned()));
    assert!(matches!(other.outcome, Outcome::Unknown(_)));
}

#[test]
fn what_is_not_there_is_not_known() {
    let network = network();
    for reachable in [true, false] {
        let wish = Expectation {
            reachable,
            ..expectation(&["nowhere"])
        };
        let checked = check(&[wish], &network);
        assert!(matches!(checked[0].failing[0].outcome, Outcome::Unknown(_)));
    }
}

fn any_verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        Just(Verdict::Reachable),
        Just(Verdict::Blocked(Block {
            stage: Stage::Route,
            symptom: Symptom::TimeOut,
            problem: "x".to_owned(),
            spot: None,
            remedy: None,
        })),
        prop::collection::vec("[a-z]", 0..2).prop_map(Verdict::Unknown),
    ]
}

fn any_way() -> impl Strategy<Value = Option<Way>> {
    let key = || {
        prop_oneof![
            Just("n".to_owned()),
            Just("e".to_owned()),
            Just("z".to_owned())
        ]
    };
    let door = prop_oneof![
        key().prop_map(Door::NatGateway),
        key().prop_map(Door::GatewayEndpoint),
        key().prop_map(Door::InterfaceEndpoint),
        key().prop_map(Door::InternetGateway),
        key().prop_map(Door::Other),
    ];
    prop::option::of((door, any::<bool>()).prop_map(|(door, private)| Way {
        door,
        source: SourceAddress::Unknown,
        private,
    }))
}

fn any_doorways() -> impl Strategy<Value = Vec<Doorway>> {
    let doors = vec![
        kind("nat_gateway"),
        kind("gateway_endpoint"),
        kind("interface_endpoint"),
        kind("internet_gateway"),
        Doorway::One(Address::new("nat_gateway", "main")),
        Doorway::One(Address::new("gateway_endpoint", "s3")),
    ];
    prop::collection::vec(prop::sample::select(doors), 0..4)
}

prop_compose! {
    fn any_expectation()(
        via in any_doorways(),
        not_via in any_doorways(),
        reachable in any::<bool>(),
        private in any::<Option<bool>>(),
    ) -> Expectation {
        let plain = expectation(&["a"]);
        if !reachable {
            return Expectation { reachable, ..plain };
        }
        Expectation { via, not_via, private, ..plain }
    }
}

fn trace_of(verdict: Verdict, way: Option<Way>) -> Trace {
    Trace {
        question: Question::new(Origin::Subnet("s-a".into()), Goal::Bucket("data".into())),
        naming: Naming::Bucket,
        host: String::new(),
        answer: Answer::Public,
        hops: Vec::new(),
        way,
        verdict,
        needs: Vec::new(),
        assumes: Vec::new(),
        instead_of: None,
    }
}

proptest! {
    #[test]
    fn only_what_is_certain_meets_an_expectation(
        wish in any_expectation(),
        verdict in any_verdict(),
        way in any_way(),
    ) {
        let network = network();
        let trace = trace_of(verdict.clone(), way.clone());
        let outcome = judge(&wish, &network, &trace);
        match (&verdict, wish.reachable) {
            (Verdict::Unknown(_), _) => prop_assert_ne!(outcome, Outcome::Met),
            (Verdict::Reachable, false) | (Verdict::Blocked(_), true) => {
                prop_assert!(matches!(outcome, Outcome::Broken(_)));
            }
            (Verdict::Blocked(_), false) => prop_assert_eq!(outcome, Outcome::Met),
            (Verdict::Reachable, true) => {
                let asks = asks_for_a_way(&wish);
                let clear = way.is_some_and(|it| !matches!(it.door, Door::Other(_)));
                prop_assert!(!asks || clear || outcome != Outcome::Met);
                prop_assert!(asks || outcome == Outcome::Met);
            }
        }
    }

    /// Asking for more never turns what fails into what holds.
    #[test]
    fn a_stricter_expectation_holds_less_often(
        wish in any_expectation(),
        door in any_doorways(),
        private in any::<bool>(),
        verdict in any_verdict(),
        way in any_way(),
    ) {
        prop_assume!(wish.reachable);
        let network = network();
        let trace = trace_of(verdict, way);
        let mut stricter = wish.clone();
        stricter.not_via.extend(door);
        stricter.private = stricter.private.or(Some(private));
        if judge(&stricter, &network, &trace) == Outcome::Met {
            prop_assert_eq!(judge(&wish, &network, &trace), Outcome::Met);
        }
    }
}
