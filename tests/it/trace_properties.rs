//! What must hold of every trace of every network, however odd.
//!
//! Each property makes the same 1,000 networks in every run; `S3NET_TRACE_CASES` asks
//! for more, and for others each time. A failing one is shrunk and printed. Each counts how many of its networks put it
//! to the test, since a property of networks that lead nowhere holds by itself.

mod documents;
mod filters;
mod longest_prefix;
mod networks;
mod refining;
mod whole;

use ipnet::{IpNet, Ipv4Net};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use s3net::model::network::{Known, Network, SecurityGroup};
use s3net::model::{Value, policy};
use s3net::trace::{
    Answer, Door, Goal, Naming, Origin, Question, Trace, Tracer, Verdict, path_changes, traps,
};

use longest_prefix::{Next, ways};
use networks::{GROUPS, REGION, question};
use refining::refine;
use whole::network;

fn try_all<S: Strategy>(of: S, property: impl Fn(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: std::fmt::Debug,
{
    let stated = std::env::var("S3NET_TRACE_CASES").ok();
    let stated: Option<u32> = stated.and_then(|it| it.parse().ok());
    let config = Config {
        cases: stated.unwrap_or(1_000),
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = match stated {
        Some(_) => TestRunner::new(config),
        None => {
            let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
            TestRunner::new_with_rng(config, rng)
        }
    };
    runner.run(&of, property).unwrap();
}

fn ask(network: &Network, question: &Question) -> Trace {
    Tracer::new(network).trace(question)
}

/// How often something happened.
#[derive(Debug, Default)]
struct Tally(std::cell::Cell<usize>);

impl Tally {
    fn count(&self, happened: bool) {
        self.0.set(self.0.get() + usize::from(happened));
    }

    /// Asserts that it happened often enough, and tells how often.
    #[track_caller]
    fn at_least(&self, often: usize, what: &str) {
        let count = self.0.get();
        println!("{count} {what}");
        assert!(count >= often, "only {count} {what}");
    }
}

fn is_blocked(trace: &Trace) -> bool {
    matches!(trace.verdict, Verdict::Blocked(_))
}

/// Which policy gets one more statement.
fn add_statement(network: &mut Network, which: usize, statement: &Value) -> bool {
    let with = |document: &mut Known<Option<Value>>| match document {
        Known::Is(Some(it)) => {
            *it = joined(it, statement);
            true
        }
        // Full access of an endpoint, or no policy of a bucket.
        Known::Is(None) | Known::Not(_) => false,
    };
    let gateways = network.gateway_endpoints.values_mut();
    let interfaces = network.interface_endpoints.values_mut();
    let mut changed = false;
    match which {
        0 => gateways.for_each(|it| changed |= with(&mut it.policy)),
        1 => interfaces.for_each(|it| changed |= with(&mut it.policy)),
        2 => {
            for bucket in network.buckets.values_mut() {
                let document = &mut bucket.policy.document;
                if *document == Known::Is(None) {
                    *document = Known::Is(Some(policy::document(Vec::new())));
                }
                changed |= with(document);
            }
        }
        _ => {
            let statement = &documents::of_ones_own(statement);
            for role in network.roles.values_mut() {
                for it in role.policies.iter_mut().chain(&mut role.boundary) {
                    if let Known::Is(document) = &mut it.document {
                        *document = joined(document, statement);
                        changed = true;
                    }
                }
            }
        }
    }
    changed
}

fn joined(document: &Value, statement: &Value) -> Value {
    let mut statements = policy::statements(document);
    statements.push(statement.clone());
    policy::document(statements)
}

#[test]
fn no_network_is_too_odd_to_be_asked() {
    let all = (network(), question(), any::<bool>());
    try_all(all, |(network, mut question, usual)| {
        if usual {
            question.naming = Naming::Usual;
        }
        let trace = ask(&network, &question);
        prop_assert_ne!(&trace.naming, &Naming::Usual.clone(), "{:?}", trace.verdict);
        prop_assert_eq!(&trace, &ask(&network, &question), "the same question");
        if trace.is_reachable() {
            prop_assert!(trace.way.is_some());
        }
        let traps = traps(&network, &std::collections::BTreeSet::new());
        prop_assert!(traps.iter().all(|it| !it.problem.is_empty()));
        let changes = path_changes(&network, &network);
        prop_assert!(changes.is_empty(), "{changes:?}");
        Ok(())
    });
}

#[test]
fn an_allow_never_closes_a_way() {
    let all = (network(), question(), 0_usize..4, documents::allow());
    let (open, opened) = (Tally::default(), Tally::default());
    try_all(all, |(network, question, which, statement)| {
        let before = ask(&network, &question);
        let mut after = network.clone();
        let changed = add_statement(&mut after, which, &statement);
        let after = ask(&after, &question);
        open.count(changed && before.is_reachable());
        opened.count(is_blocked(&before) && !is_blocked(&after));
        prop_assert!(!before.is_reachable() || after.is_reachable(), "{after:#?}");
        prop_assert!(is_blocked(&before) || !is_blocked(&after), "{after:#?}");
        Ok(())
    });
    open.at_least(20, "ways were open and had a policy with one more Allow");
    opened.at_least(1, "ways were opened by it");
}

#[test]
fn a_deny_never_opens_a_way() {
    let all = (network(), question(), 0_usize..4, documents::deny());
    let (shut, closed) = (Tally::default(), Tally::default());
    try_all(all, |(network, question, which, statement)| {
        let before = ask(&network, &question);
        let mut after = network.clone();
        let changed = add_statement(&mut after, which, &statement);
        let after = ask(&after, &question);
        shut.count(changed && is_blocked(&before));
        closed.count(!is_blocked(&before) && is_blocked(&after));
        prop_assert!(
            before.is_reachable() || !after.is_reachable(),
            "{before:#?}"
        );
        prop_assert!(!is_blocked(&before) || is_blocked(&after), "{after:#?}");
        Ok(())
    });
    shut.at_least(20, "ways were shut and had a policy with one more Deny");
    closed.at_least(1, "ways were closed by it");
}

#[test]
fn one_more_rule_of_a_group_never_closes_a_way_and_one_less_never_opens_one() {
    let all = (
        network(),
        question(),
        select(&GROUPS[..]),
        any::<[bool; 2]>(),
        prop_oneof![filters::rule(), filters::every_rule()],
    );
    let (open, opened) = (Tally::default(), Tally::default());
    try_all(all, |(mut less, question, key, [ingress, alone], rule)| {
        let Some(group) = less.security_groups.get_mut(key) else {
            return Ok(());
        };
        let side = |group: &mut SecurityGroup| match ingress {
            true => std::mem::take(&mut group.ingress),
            false => std::mem::take(&mut group.egress),
        };
        // Half of the time the rule is the first one of its side.
        let mut rules = side(group);
        if alone {
            rules.clear();
        }
        let fewer = rules.clone();
        rules.push(rule);
        let mut more = less.clone();
        for (network, rules) in [(&mut less, fewer), (&mut more, rules)] {
            if let Some(group) = network.security_groups.get_mut(key) {
                match ingress {
                    true => group.ingress = rules,
                    false => group.egress = rules,
                }
            }
        }
        let (less, more) = (ask(&less, &question), ask(&more, &question));
        prop_assert!(!less.is_reachable() || more.is_reachable(), "{more:#?}");
        prop_assert!(is_blocked(&less) || !is_blocked(&more), "{more:#?}");
        open.count(less.is_reachable());
        opened.count(is_blocked(&less) && !is_blocked(&more));
        Ok(())
    });
    open.at_least(20, "ways were open");
    opened.at_least(1, "ways were opened by one more rule");
}

/// The blocks of S3 that a network has read: the last list of its name counts.
fn of_s3(network: &Network) -> Option<Vec<Ipv4Net>> {
    let service = format!("com.amazonaws.{REGION}.s3");
    let mut lists = network.prefix_lists.values();
    let list = lists.rfind(|it| it.name == service)?;
    let blocks = list.blocks.iter().filter_map(|block| match block {
        IpNet::V4(block) => Some(*block),
        IpNet::V6(_) => None,
    });
    let blocks: Vec<_> = blocks.collect();
    (!blocks.is_empty()).then_some(blocks)
}

/// The one place that all packets to S3 go, by trying addresses; nothing where
/// there are several or that cannot be said.
fn brute(network: &Network, subnet: &str) -> Option<Vec<Next>> {
    let subnet = network.subnets.get(subnet)?;
    let (key, table) = match &subnet.route_table {
        Some(_) => network.table_of(subnet)?,
        None => {
            // Several main tables of one VPC are garbage.
            let mut main = network.route_tables.iter();
            let mut main = main
                .by_ref()
                .filter(|(_, it)| it.main && it.vpc == subnet.vpc);
            let first = main.next()?;
            if main.next().is_some() {
                return None;
            }
            first
        }
    };
    let service = format!("com.amazonaws.{REGION}.s3");
    ways(network, (key, table), &service, &of_s3(network)?)
}

fn agrees(network: &Network, trace: &Trace, ways: &[Next]) -> Result<(), TestCaseError> {
    let one = match ways {
        [one] => one,
        _ => {
            // Some addresses go otherwise, or nowhere: never a yes.
            prop_assert!(!trace.is_reachable(), "{ways:?} {trace:#?}");
            return Ok(());
        }
    };
    match (one, trace.door()) {
        (Next::Gateway(key), Some(door)) => {
            prop_assert_eq!(door, &Door::GatewayEndpoint(key.clone()));
        }
        (Next::Via(via, false), Some(door)) => {
            prop_assert!(
                format!("{via:?}").contains(door.key().as_str()),
                "{via:?} {door:?}"
            );
        }
        (Next::Gateway(key), None) => {
            prop_assert!(network.gateway_endpoints[key].broken.is_some());
        }
        (Next::Local | Next::Nowhere | Next::Via(..), door) => {
            prop_assert!(
                door.is_none() && !trace.is_reachable(),
                "{one:?} {trace:#?}"
            );
        }
    }
    Ok(())
}

#[test]
fn the_way_to_public_addresses_is_the_longest_prefixs() {
    let list = proptest::collection::vec(networks::block(), 1..4);
    let all = (
        network(),
        select(&["subnet-1", "subnet-2"][..]),
        list,
        networks::gateway(),
    );
    let (tried, moved) = (Tally::default(), Tally::default());
    try_all(all, |(mut network, subnet, blocks, gateway)| {
        // The name is public, and the list is read.
        for vpc in network.vpcs.values_mut() {
            vpc.dns_support = true;
        }
        network.private_zones.clear();
        network.interface_endpoints.clear();
        network.prefix_lists.clear();
        let service = format!("com.amazonaws.{REGION}.s3");
        let list = s3net::model::network::PrefixList {
            name: service.clone(),
            blocks,
        };
        network.prefix_lists.insert("pl-s3".to_owned(), list);
        let question = Question {
            naming: Naming::Bucket,
            ..Question::new(
                Origin::Subnet(subnet.to_owned()),
                Goal::Service("s3".to_owned()),
            )
        };
        let one_by_one = |network: &Network| -> Result<Option<Door>, TestCaseError> {
            let Some(ways) = brute(network, subnet) else {
                return Ok(None);
            };
            let trace = ask(network, &question);
            // A way behind a VPC that is not there is not walked.
            if trace.answer != Answer::Public {
                return Ok(None);
            }
            agrees(network, &trace, &ways)?;
            tried.count(ways != [Next::Nowhere]);
            Ok(trace.door().cloned())
        };
        let before = one_by_one(&network)?;
        // One more gateway endpoint may move the door, to where the rule says.
        let served = network.gateway_endpoints.values();
        let twin = served
            .clone()
            .any(|it| it.service == service && !it.route_tables.is_disjoint(&gateway.route_tables));
        if !twin {
            network
                .gateway_endpoints
                .insert("vpce-new".to_owned(), gateway);
            let after = one_by_one(&network)?;
            moved.count(after.is_some() && before != after);
        }
        Ok(())
    });
    tried.at_least(200, "choices of a route were held against every address");
    moved.at_least(10, "doors were moved by one more gateway endpoint");
}

#[test]
fn what_is_learned_later_never_contradicts_a_verdict() {
    let all = (network(), question(), any::<Index>(), any::<Index>());
    let (refined, definite) = (Tally::default(), Tally::default());
    try_all(all, |(network, question, at, to)| {
        let mut later = network.clone();
        if !refine(&mut later, at, to) {
            return Ok(());
        }
        let (before, after) = (ask(&network, &question), ask(&later, &question));
        refined.count(true);
        definite.count(!matches!(before.verdict, Verdict::Unknown(_)));
        match before.verdict {
            Verdict::Reachable => prop_assert!(after.is_reachable(), "{before:#?} {after:#?}"),
            Verdict::Blocked(_) => prop_assert!(is_blocked(&after), "{before:#?} {after:#?}"),
            Verdict::Unknown(_) => {}
        }
        Ok(())
    });
    refined.at_least(300, "networks learned something");
    definite.at_least(100, "of them had a definite verdict before");
}
