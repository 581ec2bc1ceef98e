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
