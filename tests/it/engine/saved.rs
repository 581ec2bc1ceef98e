//! Plans that are saved, and memories that are renewed.

use proptest::prelude::*;
use s3net::model::Action;
use s3net::plan::saved::{
    Asked, Bound, BoundState, Content, SavedPlan, deviations, read, sealed_plan, write,
};
use s3net::plan::{NO_WISHES, Plan, World, drift, plan, renewal};

use super::drafts::{draft, edit};
use super::{block_on, cases};
use crate::toys::REGISTRY;
use crate::toys::lab::{Lab, place};

/// A plan as a file has it.
fn saved(plan: &Plan) -> SavedPlan {
    SavedPlan {
        at: "2026-11-22T08:30:00Z".parse().unwrap(),
        by: "0.1.0".to_owned(),
        bound: Bound {
            stack: plan.stack.clone(),
            place: plan.place.clone(),
            local: true,
            file: "lab.toml".to_owned(),
            text_hash: String::new(),
            variables: [].into(),
            state: BoundState {
                location: None,
                lineage: None,
                serial: 0,
                content: String::new(),
            },
        },
        asked: Asked::default(),
        content: Content::Graph(Box::new(sealed_plan(plan))),
        beside: serde_json::Value::Null,
    }
}

/// Writes a plan, reads it, and holds that nothing has changed.
fn round(plan: &Plan) -> Plan {
    let bytes = write(&saved(plan)).unwrap();
    let again = read(&bytes).unwrap();
    assert_eq!(write(&again).unwrap(), bytes);
    let Content::Graph(again) = again.content else {
        panic!("a graph was saved");
    };
    assert_eq!(again.totals(), plan.totals());
    assert_eq!(deviations(&again, plan, REGISTRY), []);
    *again
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn any_plan_is_read_as_it_was_written_and_is_told_from_another(
        (one, other) in (draft(), draft()), edit in edit()
    ) {
        let lab = Lab::new();
        block_on(async {
            let first = one.stack(&lab.name);
            let making = lab.plan(&first).await.expect("there is a plan");
            round(&making);
            lab.apply(&first).await;
            let wanted = one.edited(&other, &edit).stack(&lab.name);
            if let Ok(changing) = lab.plan(&wanted).await {
                let kept = round(&changing);
                // Once it is done, it is a plan of yesterday.
                lab.apply(&wanted).await;
                let today = lab.plan(&wanted).await.expect("there is a plan");
                let told = deviations(&kept, &today, REGISTRY);
                let acts = kept.steps.nodes().any(|(_, step)| step.action != Action::Keep);
                assert_eq!(told.is_empty(), !acts, "{told:#?}");
            }
            let going = lab.plan_to_destroy(&wanted).await.expect("there is a plan");
            round(&going);
        });
    }

    #[test]
    fn a_renewed_memory_silences_drift_and_changes_no_plan(
        draft in draft(), picks in prop::collection::vec((any::<prop::sample::Index>(), 0..4u8), 0..6)
    ) {
        let lab = Lab::new();
        block_on(async {
            let wanted = draft.stack(&lab.name);
            lab.apply(&wanted).await;
            let (mut live, remembered) = (lab.live(&wanted).await, lab.snapshot());
            for (pick, what) in picks {
                if live.is_empty() {
                    break;
                }
                let place = pick.index(live.len());
                match what {
                    0 => drop(live.remove(place)),
                    1 => live[place].attributes.set("label", "theirs"),
                    2 if !live[place].tags.is_empty() => {
                        live[place].tags.remove("Name");
                        live[place].tags.insert("Team".to_owned(), "theirs".to_owned());
                    }
                    _ => live[place].id.push('x'),
                }
            }
            let (place, nothing) = (place(), Default::default());
            let mut world = World {
                registry: REGISTRY,
                place: &place,
                wanted: &wanted,
                existing: &nothing,
                live: &live,
                remembered: &remembered,
                destroy: false,
                wishes: &NO_WISHES,
            };
            let open = Default::default();
            let before = drift(&world, &open).expect("it can be compared");
            let planned = plan(&world).expect("there is a plan");
            let renewed = renewal(&world, &before);
            world.remembered = &renewed.snapshot;
            let after = drift(&world, &open).expect("it can be compared");
            let left: Vec<_> = after.objects.iter().filter(|it| !it.only_foreign_tags()).collect();
            assert!(left.is_empty(), "{left:#?}\n{before:#?}");
            let again = plan(&world).expect("there is a plan");
            assert_eq!(deviations(&planned, &again, REGISTRY), []);
            // Once renewed, there is nothing to learn.
            assert!(renewal(&world, &after).learned.is_empty());
        });
    }
}
