//! What the planner makes of wishes: adoption, moves, removals, and objects that
//! are made beside their predecessors.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::kind::{Lifecycle, Live, Node, Stack};
use crate::kinds::registry;
use crate::model::adoption::Owner;
use crate::model::{Action, Attributes, Place, Reference, Tags, tags};
use crate::plan::{Plan, PlanError, Tending, World, lookalikes, plan, tend};
use crate::state::{Remembered, Snapshot};

mod taken;

const STACK: &str = "lab";

/// A world of VPCs and subnets.
struct Sample {
    wanted: Stack,
    live: Vec<Live>,
    remembered: Snapshot,
    wishes: Wishes,
    place: Place,
    destroy: bool,
}

fn at(text: &str) -> Address {
    text.parse().unwrap()
}

fn own_tags(address: &Address) -> Tags {
    Tags::from([
        (tags::NAME.to_owned(), format!("{STACK}-{}", address.name)),
        (tags::STACK.to_owned(), STACK.to_owned()),
        (tags::ADDRESS.to_owned(), address.to_string()),
    ])
}

fn vpc(cidr: &str) -> Attributes {
    Attributes::new().with("cidr", cidr)
}

impl Sample {
    fn new() -> Self {
        Self {
            wanted: Stack {
                name: STACK.to_owned(),
                ..Stack::default()
            },
            live: Vec::new(),
            remembered: Snapshot::new(STACK),
            wishes: Wishes::default(),
            place: Place {
                account: "123456789012".into(),
                region: "eu-west-1".into(),
            },
            destroy: false,
        }
    }

    fn wants(&mut self, address: &str, inputs: Attributes) -> &mut Node {
        let address = at(address);
        let node = Node {
            inputs,
            tags: own_tags(&address),
            ..Node::default()
        };
        self.wanted.nodes.entry(address).or_insert(node)
    }

    /// An object of ours, which the state remembers.
    fn has(&mut self, address: &str, id: &str, attributes: Attributes) {
        let tags = own_tags(&at(address));
        let node = Remembered {
            id: id.to_owned(),
            attributes: attributes.clone(),
            tags: tags.clone(),
            ..Remembered::default()
        };
        self.remembered.nodes.insert(at(address), node);
        self.live.push(Live::tagged(id, tags, attributes));
    }

    /// An object of nobody's that is to be adopted.
    fn adopts(&mut self, address: &str, id: &str, attributes: Attributes) {
        let mut live = Live::tagged(id, Tags::new(), attributes);
        live.address = Some(at(address));
        self.live.push(live);
        self.sights(address, id, Owner::Nobody);
    }

    fn sights(&mut self, address: &str, id: &str, owner: Owner) {
        let sighting = Sighting {
            id: id.to_owned(),
            owner,
            ..Sighting::default()
        };
        let adoption = Adoption {
            id: id.to_owned(),
            sighting: Some(sighting),
            in_file: true,
        };
        self.wishes.adopted.insert(at(address), adoption);
    }

    fn moves(&mut self, from: &str, to: &str) {
        self.wishes.moved.insert(at(from), at(to));
    }

    fn with<T>(&self, look: impl Fn(&World<'_>) -> T) -> T {
        look(&World {
            registry: registry(),
            place: &self.place,
            wanted: &self.wanted,
            existing: &BTreeMap::new(),
            live: &self.live,
            remembered: &self.remembered,
            destroy: self.destroy,
            wishes: &self.wishes,
        })
    }

    fn plan(&self) -> Plan {
        self.with(plan).unwrap()
    }

    /// The one reason why there is no plan.
    fn refusal(&self) -> String {
        let errors: Vec<PlanError> = self.with(plan).unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:?}");
        errors[0].to_string()
    }
}

/// Every step that does something.
fn deeds(plan: &Plan) -> Vec<(Action, String)> {
    let steps = plan.steps.nodes().map(|(_, step)| step);
    let doing = steps.filter(|step| step.action != Action::Keep);
    let mut deeds: Vec<_> = doing.map(|s| (s.action, s.address.to_string())).collect();
    deeds.sort();
    deeds
}

#[test]
fn what_is_nobodys_is_adopted_with_what_differs() {
    let mut sample = Sample::new();
    sample.wants("vpc.main", vpc("10.0.0.0/16").with("dns_hostnames", true));
    sample.adopts(
        "vpc.main",
        "vpc-1",
        vpc("10.0.0.0/16").with("dns_hostnames", false),
    );
    let plan = sample.plan();
    assert_eq!(deeds(&plan), [(Action::Adopt, "vpc.main".to_owned())]);
    assert_eq!(plan.totals().adopt, 1);
    let (_, step) = plan.steps.nodes().next().unwrap();
    assert_eq!(step.id.as_deref(), Some("vpc-1"));
    assert_eq!(step.tag_change.set, own_tags(&at("vpc.main")));
    assert_eq!(step.differences.len(), 1);
    // The deed alone: two tags, and no field.
    let only = sample.with(|world| tend(world, &Tending::Adopt(&at("vpc.main"))).unwrap());
    let (_, step) = only.steps.nodes().next().unwrap();
    assert_eq!((step.action, step.differences.len()), (Action::Adopt, 0));
    let keys: Vec<_> = step.tag_change.set.keys().cloned().collect();
    assert_eq!(keys, [tags::ADDRESS, tags::STACK]);
}

#[test]
fn adopting_never_destroys() {
    let mut sample = Sample::new();
    sample.wants("vpc.main", vpc("10.1.0.0/16"));
    sample.adopts("vpc.main", "vpc-1", vpc("10.0.0.0/16"));
    assert_eq!(
        sample.refusal(),
        "vpc.main cannot adopt vpc-1: `cidr` differs, and it would be made anew: \
         AWS cannot change a VPC's primary IPv4 block"
    );
}

#[test]
fn what_is_somebodys_is_refused() {
    let refusal = |owner: Owner| {
        let mut sample = Sample::new();
        sample.wants("vpc.main", vpc("10.0.0.0/16"));
        sample.sights("vpc.main", "vpc-1", owner);
        sample.refusal()
    };
    let of = |stack: &str, address: &str| Owner::Stack {
        name: stack.to_owned(),
        address: Some(at(address)),
    };
    assert!(refusal(of("web", "vpc.a")).ends_with("it is vpc.a of s3net's stack web"));
    assert!(refusal(of(STACK, "vpc.a")).ends_with("it is vpc.a of this stack already"));
    // What is ours here has been adopted long ago, or was renamed.
    let mut sample = Sample::new();
    sample.wants("vpc.main", vpc("10.0.0.0/16"));
    sample.has("vpc.old", "vpc-1", vpc("10.0.0.0/16"));
    sample.sights("vpc.main", "vpc-1", of(STACK, "vpc.old"));
    sample.moves("vpc.old", "vpc.main");
    assert_eq!(
        deeds(&sample.plan()),
        [(Action::Update, "vpc.main".to_owned())]
    );
}

#[test]
fn what_is_not_there_is_refused_unless_it_was_ours() {
    let mut sample = Sample::new();
    sample.wants("vpc.main", vpc("10.0.0.0/16"));
    sample.wishes.adopted.insert(
        at("vpc.main"),
        Adoption {
            id: "vpc-1".to_owned(),
            sighting: None,
            in_file: true,
        },
    );
    let told = "vpc.main cannot adopt vpc-1: account 123456789012 has none in eu-west-1";
    assert_eq!(sample.refusal(), told);
    let node = Remembered {
        id: "vpc-1".to_owned(),
        ..Remembered::default()
    };
    sample.remembered.nodes.insert(at("vpc.main"), node);
    assert_eq!(
        deeds(&sample.plan()),
        [(Action::Create, "vpc.main".to_owned())]
    );
    // Another object has the address.
    let mut sample = Sample::new();
    sample.wants("vpc.main", vpc("10.0.0.0/16"));
    sample.has("vpc.main", "vpc-2", vpc("10.0.0.0/16"));
    sample.adopts("vpc.main", "vpc-1", vpc("10.0.0.0/16"));
    assert!(sample.refusal().ends_with("vpc.main is vpc-2 already"));
}

#[test]
fn a_removed_table_goes_as_the_file_says() {
    let mut sample = Sample::new();
    sample.wants("vpc.main", vpc("10.0.0.0/16"));
    sample.has("vpc.main", "vpc-1", vpc("10.0.0.0/16"));
    sample.has("vpc.old", "vpc-2", vpc("10.1.0.0/16"));
    let node = sample.remembered.nodes.get_mut(&at("vpc.old")).unwrap();
    node.prevent_destroy = true;
    sample.wishes.removed.insert(at("vpc.old"), true);
    assert!(sample.refusal().contains("`prevent_destroy` forbids"));
    sample.wishes.removed.insert(at("vpc.old"), false);
    let plan = sample.plan();
    assert_eq!(deeds(&plan), [(Action::Forget, "vpc.old".to_owned())]);
    let mut steps = plan.steps.nodes().map(|(_, step)| step);
    let forgotten = steps.find(|step| step.action == Action::Forget);
    let keys = [tags::ADDRESS, tags::STACK].map(str::to_owned);
    assert_eq!(forgotten.unwrap().tag_change.remove, keys);
}

#[test]
fn a_rename_that_nobody_states_is_noticed() {
    let mut sample = Sample::new();
    sample.wants("vpc.new", vpc("10.0.0.0/16"));
    sample.has("vpc.old", "vpc-1", vpc("10.0.0.0/16"));
    let alike = |sample: &Sample| lookalikes(&sample.plan(), registry());
    assert_eq!(alike(&sample), [(at("vpc.old"), at("vpc.new"))]);
    sample.has("vpc.older", "vpc-2", vpc("10.0.0.0/16"));
    assert_eq!(alike(&sample), [], "either may be meant");
    sample.moves("vpc.old", "vpc.new");
    assert_eq!(alike(&sample), []);
}

#[test]
fn blocks_that_overlap_cannot_stand_side_by_side() {
    let subnet = |cidr: &str| vpc(cidr).with("vpc", "vpc-1").with("zone", "eu-west-1a");
    let told = |cidr: &str| {
        let mut sample = Sample::new();
        let node = sample.wants("subnet.one", subnet(cidr));
        node.lifecycle = Lifecycle {
            create_before_destroy: true,
            ..Lifecycle::default()
        };
        sample.has("subnet.one", "subnet-1", subnet("10.0.1.0/24"));
        sample.with(plan).map_err(|errors| errors[0].to_string())
    };
    assert_eq!(
        told("10.0.0.0/23").unwrap_err(),
        "subnet.one cannot be made while subnet-1 is there: the blocks 10.0.0.0/23 and \
         10.0.1.0/24 share addresses, and a VPC has each one once"
    );
    let plan = told("10.0.2.0/24").unwrap();
    let order = plan.steps.order().unwrap();
    let actions = order.into_iter().map(|step| plan.steps.node(step).action);
    assert_eq!(
        actions.collect::<Vec<_>>(),
        [Action::Create, Action::Delete]
    );
}

#[test]
fn two_objects_never_come_to_one_address() {
    let mut sample = Sample::new();
    sample.wants("vpc.c", vpc("10.0.0.0/16"));
    sample.has("vpc.a", "vpc-1", vpc("10.0.0.0/16"));
    sample.has("vpc.b", "vpc-2", vpc("10.0.0.0/16"));
    // A chain: each of the two leads to the same end.
    sample.moves("vpc.a", "vpc.c");
    sample.moves("vpc.b", "vpc.c");
    let told = "vpc.b cannot become vpc.c: both live, vpc.b as vpc-2 and vpc.a as vpc-1";
    assert_eq!(sample.refusal(), told);
}

proptest! {
    /// Renames never replace: whatever is renamed, every object stays.
    #[test]
    fn renames_only_change_tags(renamed in prop::collection::vec(any::<bool>(), 1..12), lost in any::<bool>()) {
        let mut sample = Sample::new();
        let name = |index: usize, is_new: bool| format!("{}{index}", if is_new { "new" } else { "old" });
        for (index, is_new) in renamed.iter().enumerate() {
            let block = |part: usize| format!("10.{index}.{part}.0/24");
            let (vpc_id, old) = (format!("vpc-{index}"), name(index, false));
            let new = name(index, *is_new);
            sample.has(&format!("vpc.{old}"), &vpc_id, vpc(&block(0)));
            let inside = vpc(&block(1)).with("vpc", vpc_id.as_str()).with("zone", "eu-west-1a");
            sample.has(&format!("subnet.{old}"), &format!("subnet-{index}"), inside);
            sample.wants(&format!("vpc.{new}"), vpc(&block(0)));
            let parent = Reference::id(at(&format!("vpc.{new}")));
            let inside = vpc(&block(1)).with("vpc", parent).with("zone", "eu-west-1a");
            sample.wants(&format!("subnet.{new}"), inside);
            if *is_new {
                sample.moves(&format!("vpc.{old}"), &format!("vpc.{new}"));
                sample.moves(&format!("subnet.{old}"), &format!("subnet.{new}"));
            }
        }
        if lost {
            sample.remembered = Snapshot::new(STACK);
        }
        let plan = sample.plan();
        let totals = plan.totals();
        let new = renamed.iter().filter(|is_new| **is_new).count();
        prop_assert_eq!((totals.update, totals.keep), (2 * new, 2 * (renamed.len() - new)));
        for (_, step) in plan.steps.nodes().filter(|(_, step)| step.action == Action::Update) {
            prop_assert!(step.differences.is_empty() && step.was.is_some());
            prop_assert_eq!(&step.tag_change.set[tags::ADDRESS], &step.address.to_string());
        }
    }
}
