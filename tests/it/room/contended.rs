//! What only one object can have and the other cannot give up first: refused before
//! the first change, with what to apply first. And names and rules that stay with
//! the object that has them.

use super::{GATEWAY, INTERFACE, NAT, goes_through, lab, says};
use crate::lab::Lab;

/// Refused by plan and by apply, before any call that changes something.
#[track_caller]
fn is_refused(lab: &Lab, told: &[&str]) {
    lab.calls();
    for ran in [lab.plan().exits(1), lab.apply().exits(1)] {
        for part in told {
            says(&ran.err, part);
        }
    }
    let ran = lab.verb("plan", &["--json"]).exits(1);
    let document: serde_json::Value =
        serde_json::from_str(ran.out.lines().last().unwrap()).unwrap();
    for field in ["problem", "cause", "remedy"] {
        assert_ne!(
            document[field].as_str().unwrap_or_default(),
            "",
            "{document}"
        );
    }
    let calls = lab.calls();
    assert_ne!(calls["log"].as_array().unwrap().len(), 0);
    assert_eq!(changing(&calls, ""), Vec::<String>::new());
}

#[test]
fn what_two_endpoints_swap_is_refused_and_goes_in_two_runs() {
    let second = GATEWAY
        .replace(".one", ".two")
        .replace("[\"a\"]", "[\"c\"]");
    let lab = lab(&(GATEWAY.to_owned() + &second));
    let first = lab.text();
    let tables = |name: &str| format!("route_tables = [\"{name}\"]");
    let swapped = first
        .replace(&tables("a"), &tables("x"))
        .replace(&tables("c"), &tables("a"))
        .replace(&tables("x"), &tables("c"));
    lab.write(&swapped);
    is_refused(
        &lab,
        &[
            "error: gateway_endpoint.two cannot take what gateway_endpoint.one has: both are for \
             the same service, and rtb-",
            "cause: AWS gives it to one at a time, and gateway_endpoint.one lets go of it only \
             after gateway_endpoint.two is changed",
            "hint: it takes two runs: first apply the file with gateway_endpoint.two as it is so \
             far, and with gateway_endpoint.one without it, then the file as it stands",
        ],
    );
    let without = first.replace(&tables("a"), "route_tables = []");
    assert_ne!(without, first);
    lab.write(&without);
    lab.apply().exits(0);
    lab.write(&swapped);
    goes_through(&lab, &[], &["ModifyVpcEndpoint", "ModifyVpcEndpoint"]);
}

#[test]
fn two_nat_gateways_swap_their_addresses() {
    let second = "\n[elastic_ip.second]\n\n[nat_gateway.two]\nsubnet = \"public-2\"\n\
                  elastic_ip = \"second\"\n";
    let lab = lab(&(NAT.to_owned() + second));
    lab.edit("elastic_ip = \"nat\"", "elastic_ip = \"then\"");
    lab.edit("elastic_ip = \"second\"", "elastic_ip = \"nat\"");
    lab.edit("elastic_ip = \"then\"", "elastic_ip = \"second\"");
    // Both go before one comes.
    goes_through(
        &lab,
        &[],
        &[
            "DeleteNatGateway",
            "DeleteNatGateway",
            "CreateNatGateway",
            "CreateNatGateway",
        ],
    );
}

#[test]
fn a_group_with_a_name_of_its_own_under_another_name() {
    let lab = lab("");
    lab.edit(
        "[security_group.door]\n",
        "[security_group.door]\ngroup_name = \"door\"\n",
    );
    lab.apply().exits(0);
    let door = lab.text();
    // Nothing uses it: it goes first.
    lab.edit("security_group.door", "security_group.gate");
    lab.calls();
    lab.apply().exits(0);
    let expected = ["DeleteSecurityGroup", "CreateSecurityGroup"];
    let mut made = changing(&lab.calls(), "SecurityGroup");
    made.retain(|it| expected.contains(&it.as_str()));
    assert_eq!(made, expected);
    lab.plan().exits(0);
    // An endpoint uses it, and cannot be without a group.
    let used = door + INTERFACE;
    lab.write(
        &used
            .replace("security_group.door", "security_group.gate")
            .replace("[\"door\"]", "[\"gate\"]"),
    );
    lab.apply().exits(0);
    lab.write(&used);
    is_refused(
        &lab,
        &[
            "error: security_group.door cannot take what security_group.gate has: both are called \
             door, and vpc-",
            "lets go of it only after security_group.door is made",
            "write [[moved]] with from = \"security_group.gate\" and to = \"security_group.door\"",
        ],
    );
    lab.write(
        &(used + "\n[[moved]]\nfrom = \"security_group.gate\"\nto = \"security_group.door\"\n"),
    );
    let plan = lab.plan().exits(2);
    says(
        &plan.out,
        "0 to create, 3 to change, 0 to replace, 0 to destroy.",
    );
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[test]
fn rules_whose_peer_is_written_in_another_way_stay_what_they_are() {
    let rules = |peer: &str| {
        let ports = [443, 80, 22, 8080];
        let rules = ports.map(|port| format!("    {{ port = {port}, from = \"{peer}\" }},\n"));
        format!("ingress = [\n{}]\n", rules.concat())
    };
    let named = rules("security_group.door");
    let lab = lab(&format!(
        "\n[security_group.peers]\nvpc = \"main\"\n{named}"
    ));
    let shown = lab.run(&[
        "state",
        "show",
        "plan.toml",
        "security_group.door",
        "--local",
    ]);
    let shown = shown.exits(0).out;
    let id = shown.split(|it: char| !it.is_ascii_alphanumeric() && it != '-');
    let id = id.into_iter().find(|it| it.starts_with("sg-")).unwrap();
    lab.edit(&named, &rules(id));
    let plan = lab.plan().exits(2);
    says(
        &plan.out,
        "0 to create, 4 to change, 0 to replace, 0 to destroy.",
    );
    assert!(!plan.out.contains("port:"), "{}", plan.out);
    lab.calls();
    lab.apply().exits(0);
    assert_eq!(
        changing(&lab.calls(), "SecurityGroup"),
        Vec::<String>::new()
    );
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

/// The calls with this in their names that change something, in order.
fn changing(calls: &serde_json::Value, named: &str) -> Vec<String> {
    let log = calls["log"].as_array().unwrap().iter();
    let log = log.map(|call| call["action"].as_str().unwrap());
    let reads = ["Describe", "Get", "List", "Head"];
    let changes = log
        .filter(|it| !it.ends_with("(dry run)") && !reads.iter().any(|read| it.starts_with(read)));
    changes
        .filter(|it| it.contains(named))
        .map(str::to_owned)
        .collect()
}
