//! Names and blocks that are taken, and what a destroy makes of moves and removals.

use super::*;

#[test]
fn a_destroy_leaves_out_moves_to_a_taken_name() {
    let mut sample = Sample::new();
    sample.has("vpc.a", "vpc-1", vpc("10.0.0.0/16"));
    sample.has("vpc.b", "vpc-2", vpc("10.1.0.0/16"));
    sample.wants("vpc.b", vpc("10.1.0.0/16"));
    sample.moves("vpc.a", "vpc.b");
    sample.destroy = true;
    let gone = |name: &str| (Action::Delete, name.to_owned());
    assert_eq!(deeds(&sample.plan()), [gone("vpc.a"), gone("vpc.b")]);
    // Each has its own memory: nothing is lost of the one that moves.
    let memory = |sample: &mut Sample, address: &str| {
        let node = sample.remembered.nodes.get_mut(&at(address)).unwrap();
        node.prevent_destroy = true;
    };
    memory(&mut sample, "vpc.a");
    let told = "vpc.a would be destroyed, and its `prevent_destroy` forbids that";
    assert_eq!(sample.refusal(), told);
    // So it is where the name is taken in the state only.
    sample.wanted.nodes.clear();
    sample.live.retain(|live| live.id == "vpc-1");
    let told = "vpc.b would be destroyed, and its `prevent_destroy` forbids that";
    assert_eq!(sample.refusal(), told);
}

#[test]
fn a_destroy_leaves_what_the_file_says_stays() {
    let mut sample = Sample::new();
    sample.has("vpc.main", "vpc-1", vpc("10.0.0.0/16"));
    sample.has("vpc.old", "vpc-2", vpc("10.1.0.0/16"));
    sample.wishes.removed.insert(at("vpc.old"), false);
    sample.destroy = true;
    let deeds = deeds(&sample.plan());
    let expected = [(Action::Delete, "vpc.main"), (Action::Forget, "vpc.old")];
    assert_eq!(deeds, expected.map(|(deed, name)| (deed, name.to_owned())));
}

#[test]
fn a_broken_object_does_not_take_a_name() {
    let mut sample = Sample::new();
    sample.wants("vpc.new", vpc("10.0.0.0/16"));
    sample.has("vpc.old", "vpc-1", vpc("10.0.0.0/16"));
    sample.has("vpc.new", "vpc-2", vpc("10.0.0.0/16"));
    sample.moves("vpc.old", "vpc.new");
    assert!(
        sample
            .refusal()
            .contains("both live, vpc.old as vpc-1 and vpc.new as vpc-2")
    );
    sample.live[1].broken = Some("it failed".to_owned());
    let plan = sample.plan();
    let deed = |action| (action, "vpc.new".to_owned());
    assert_eq!(deeds(&plan), [deed(Action::Update), deed(Action::Delete)]);
    let ids = plan.steps.nodes().map(|(_, it)| (it.action, it.id.clone()));
    let ids: BTreeMap<Action, Option<String>> = ids.collect();
    assert_eq!(ids[&Action::Update].as_deref(), Some("vpc-1"));
    assert_eq!(ids[&Action::Delete].as_deref(), Some("vpc-2"));
}

#[test]
fn a_block_is_given_up_before_another_subnet_takes_it() {
    let subnet = |cidr: &str| vpc(cidr).with("vpc", "vpc-1").with("zone", "eu-west-1a");
    let mut sample = Sample::new();
    sample.has("subnet.old", "subnet-1", subnet("10.0.1.0/24"));
    sample.wants("subnet.new", subnet("10.0.0.0/23"));
    sample.wants("subnet.apart", subnet("10.0.8.0/24"));
    let plan = sample.plan();
    let named = |step| plan.steps.node(step).address.to_string();
    let edges = plan.steps.edges();
    let edges: Vec<_> = edges
        .map(|(a, b, why)| (named(a), named(b), why.to_string()))
        .collect();
    let why = "only one can have it: the blocks 10.0.0.0/23 and 10.0.1.0/24 share addresses, \
               and a VPC has each one once";
    let expected = (
        "subnet.old".to_owned(),
        "subnet.new".to_owned(),
        why.to_owned(),
    );
    assert_eq!(edges, [expected]);
}

/// A gateway endpoint of tables of `vpc-1`.
fn endpoint(tables: &[&str]) -> Attributes {
    let tables = tables.iter().map(|table| (*table).into());
    Attributes::new()
        .with("vpc", "vpc-1")
        .with("service", "com.amazonaws.eu-west-1.s3")
        .with("route_tables", tables.collect::<Vec<crate::model::Value>>())
}

/// The one reason why there is no plan, with its cause and its remedy.
fn told(sample: &Sample) -> [String; 3] {
    let errors: Vec<PlanError> = sample.with(plan).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    let [cause, remedy] = [errors[0].cause(), errors[0].remedy()].map(Option::unwrap_or_default);
    [errors[0].to_string(), cause, remedy]
}

#[test]
fn what_two_would_swap_is_refused() {
    let mut sample = Sample::new();
    sample.has(
        "gateway_endpoint.a",
        "vpce-1",
        endpoint(&["rtb-1", "rtb-3"]),
    );
    sample.has("gateway_endpoint.b", "vpce-2", endpoint(&["rtb-2"]));
    sample.wants("gateway_endpoint.a", endpoint(&["rtb-2", "rtb-3"]));
    sample.wants("gateway_endpoint.b", endpoint(&["rtb-1"]));
    let expected = [
        "gateway_endpoint.b cannot take what gateway_endpoint.a has: both are for the same \
         service, and rtb-1 takes one route to it",
        "AWS gives it to one at a time, and gateway_endpoint.a lets go of it only after \
         gateway_endpoint.b is changed",
        "it takes two runs: first apply the file with gateway_endpoint.b as it is so far, and \
         with gateway_endpoint.a without it, then the file as it stands",
    ];
    assert_eq!(told(&sample), expected);
    // The first of the two runs, and the second.
    sample.wanted.nodes.clear();
    sample.wants("gateway_endpoint.a", endpoint(&["rtb-3"]));
    sample.wants("gateway_endpoint.b", endpoint(&["rtb-2"]));
    let update = |name: &str| (Action::Update, name.to_owned());
    assert_eq!(deeds(&sample.plan()), [update("gateway_endpoint.a")]);
    sample.live[0].attributes = endpoint(&["rtb-3"]);
    sample.wanted.nodes.clear();
    sample.wants("gateway_endpoint.a", endpoint(&["rtb-2", "rtb-3"]));
    sample.wants("gateway_endpoint.b", endpoint(&["rtb-1"]));
    let both = [update("gateway_endpoint.a"), update("gateway_endpoint.b")];
    assert_eq!(deeds(&sample.plan()), both);
    // What is not of the part that is meant refuses nothing.
    sample.live[0].attributes = endpoint(&["rtb-1", "rtb-3"]);
    sample.wishes.selection.exclude = vec!["gateway_endpoint.b".parse().unwrap()];
    sample.wanted.nodes.insert(
        at("vpc.more"),
        Node {
            inputs: vpc("10.9.0.0/16"),
            ..Node::default()
        },
    );
    assert!(sample.with(plan).is_ok());
}

#[test]
fn what_the_file_gives_to_two_is_refused() {
    let mut sample = Sample::new();
    sample.has("gateway_endpoint.b", "vpce-2", endpoint(&["rtb-1"]));
    sample.wants("gateway_endpoint.a", endpoint(&["rtb-1"]));
    sample.wants("gateway_endpoint.b", endpoint(&["rtb-1"]));
    let expected = [
        "gateway_endpoint.a cannot take what gateway_endpoint.b has: both are for the same \
         service, and rtb-1 takes one route to it",
        "the file wants both to have it",
        "give one of the two another",
    ];
    assert_eq!(told(&sample), expected);
    // Told once where both are new.
    sample.live.clear();
    assert_eq!(told(&sample), expected);
}

#[test]
fn what_is_left_to_itself_keeps_what_it_has() {
    let mut sample = Sample::new();
    sample.has("gateway_endpoint.a", "vpce-1", endpoint(&["rtb-1"]));
    sample.wants("gateway_endpoint.b", endpoint(&["rtb-1"]));
    sample
        .wishes
        .removed
        .insert(at("gateway_endpoint.a"), false);
    let [_, cause, remedy] = told(&sample);
    assert_eq!(cause, "gateway_endpoint.a is left to itself, and keeps it");
    assert_eq!(
        remedy,
        "if gateway_endpoint.b is gateway_endpoint.a under another name, write [[moved]] with \
         from = \"gateway_endpoint.a\" and to = \"gateway_endpoint.b\"; otherwise let it go \
         first: write [[removed]] with from = \"gateway_endpoint.a\" and destroy = true"
    );
    sample.wishes.removed.insert(at("gateway_endpoint.a"), true);
    let expected = [
        (Action::Create, "gateway_endpoint.b".to_owned()),
        (Action::Delete, "gateway_endpoint.a".to_owned()),
    ];
    assert_eq!(deeds(&sample.plan()), expected);
}

/// A group of `vpc-1` with a name of its own, and what uses it.
fn group(name: &str) -> Attributes {
    let group = Attributes::new().with("vpc", "vpc-1");
    group.with("group_name", name).with("description", "one")
}

fn door(group: impl Into<crate::model::Value>) -> Attributes {
    let of_s3 = Attributes::new()
        .with("vpc", "vpc-1")
        .with("service", "com.amazonaws.eu-west-1.s3");
    of_s3.with("security_groups", vec![group.into()])
}

#[test]
fn a_group_goes_before_another_takes_its_name() {
    let mut sample = Sample::new();
    sample.has(
        "security_group.old",
        "sg-1",
        group("web").with("name", "web"),
    );
    sample.wants("security_group.new", group("web"));
    let plan = sample.plan();
    let edges: Vec<String> = plan
        .steps
        .edges()
        .map(|(_, _, why)| why.to_string())
        .collect();
    let why = "only one can have it: both are called web, and vpc-1 takes each group name once";
    assert_eq!(edges, [why]);
    // What stays uses it.
    sample.has("interface_endpoint.s3", "vpce-1", door("sg-1"));
    let new = Reference::id(at("security_group.new"));
    sample.wants("interface_endpoint.s3", door(new));
    let [problem, cause, remedy] = told(&sample);
    assert_eq!(
        problem,
        "security_group.new cannot take what security_group.old has: both are called web, and \
         vpc-1 takes each group name once"
    );
    assert!(cause.ends_with("lets go of it only after security_group.new is made"));
    let moved =
        "write [[moved]] with from = \"security_group.old\" and to = \"security_group.new\"";
    assert!(remedy.contains(moved), "{remedy}");
    sample.moves("security_group.old", "security_group.new");
    let renamed = (Action::Update, "security_group.new".to_owned());
    assert_eq!(deeds(&sample.plan()), [renamed]);
    // Its former name, made again by another table, is not free either.
    sample.wants("security_group.old", group("web"));
    let [problem, cause, _] = told(&sample);
    assert!(problem.starts_with("security_group.old cannot take what security_group.new has"));
    assert_eq!(cause, "the file wants both to have it");
}

#[test]
fn what_stays_in_use_cannot_be_made_anew_in_its_own_place() {
    let subnet = |zone: &str| {
        let subnet = vpc("10.0.1.0/24").with("vpc", "vpc-1");
        subnet.with("zone", zone)
    };
    let door = |subnet: crate::model::Value| {
        let of_s3 = Attributes::new()
            .with("vpc", "vpc-1")
            .with("service", "com.amazonaws.eu-west-1.s3");
        of_s3.with("subnets", vec![subnet])
    };
    let mut sample = Sample::new();
    sample.has("subnet.one", "subnet-1", subnet("eu-west-1a"));
    sample.has("interface_endpoint.s3", "vpce-1", door("subnet-1".into()));
    sample.wants("subnet.one", subnet("eu-west-1b"));
    let one = Reference::id(at("subnet.one"));
    sample.wants("interface_endpoint.s3", door(one.into()));
    let expected = [
        "subnet.one cannot be made while subnet-1 is there: the blocks 10.0.1.0/24 and \
         10.0.1.0/24 share addresses, and a VPC has each one once",
        "interface_endpoint.s3 stays, and needs the old subnet.one until the new one is there",
        "state another one; or it takes two runs: first apply the file without subnet.one, and \
         with nothing that uses it (interface_endpoint.s3), then the file as it stands",
    ];
    assert_eq!(told(&sample), expected);
    // Nothing stays that needs it: the old one goes first.
    sample.live.truncate(1);
    let deed = |action| (action, "subnet.one".to_owned());
    assert_eq!(
        deeds(&sample.plan())[1..],
        [deed(Action::Create), deed(Action::Delete)]
    );
}

#[test]
fn a_role_that_its_own_profile_needs_is_not_made_anew_under_its_name() {
    let role = |path: &str| {
        let role = Attributes::new().with("name", "lab-app");
        role.with("path", path).with("service", "ec2")
    };
    let profile = |role: crate::model::Value| {
        let profile = Attributes::new().with("name", "lab-app");
        profile.with("path", "/one/").with("role", role)
    };
    let mut sample = Sample::new();
    sample.has("role.app", "lab-app", role("/one/"));
    sample.wants("role.app", role("/two/"));
    sample.has(
        "role.app/instance_profile",
        "lab-app",
        profile("lab-app".into()),
    );
    let own = Reference::id(at("role.app"));
    sample.wants("role.app/instance_profile", profile(own.into()));
    let expected = [
        "role.app cannot be made while lab-app is there: AWS tells them apart by `name`, which \
         both have",
        "role.app/instance_profile stays, and needs the old role.app until the new one is there",
        "state another one; or it takes two runs: first apply the file without role.app, and \
         with nothing that uses it, then the file as it stands",
    ];
    assert_eq!(told(&sample), expected);
    // Under another name it is made beside the old one.
    let node = sample.wanted.nodes.get_mut(&at("role.app")).unwrap();
    node.inputs.set("name", "lab-second");
    let deed = |action, name: &str| (action, name.to_owned());
    let expected = [
        deed(Action::Create, "role.app"),
        deed(Action::Update, "role.app/instance_profile"),
        deed(Action::Delete, "role.app"),
    ];
    assert_eq!(deeds(&sample.plan()), expected);
}
