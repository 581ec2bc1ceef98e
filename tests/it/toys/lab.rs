//! A lab: one stack of toys, its cloud and its state, and the whole way of a run.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use futures_util::FutureExt;
use s3net::apply::{Cancel, Outcome, Run, Verifier, apply};
use s3net::aws::Aws;
use s3net::kind::{Live, Stack};
use s3net::model::{Event, Place};
use s3net::plan::{NO_WISHES, Plan, PlanError, Selection, Wishes, World, plan};
use s3net::refresh::{Wish, refresh};
use s3net::state::{Kept, Snapshot, Store};
use tokio_util::sync::CancellationToken;

use super::REGISTRY;
use super::cloud::Cloud;
use super::stacks::Builder;

/// The region that toys live in.
pub const REGION: &str = "eu-west-1";

static AWS: LazyLock<Aws> = LazyLock::new(|| Aws::offline(REGION));

/// The place that toys live in.
pub fn place() -> Place {
    Place {
        account: "123456789012".to_owned(),
        region: REGION.to_owned(),
    }
}

/// One stack's cloud and state.
#[derive(Debug)]
pub struct Lab {
    pub name: String,
    pub cloud: Arc<Cloud>,
    pub store: Store,
    folder: tempfile::TempDir,
    /// How many steps may be in flight.
    pub parallelism: usize,
}

impl Drop for Lab {
    fn drop(&mut self) {
        Cloud::close(&self.name);
    }
}

impl Lab {
    /// A lab of its own name, so that tests do not meet.
    pub fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("lab-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = tempfile::tempdir().expect("a folder for state");
        Self {
            cloud: Cloud::of(&name),
            store: Store::in_folder(folder.path(), &name),
            name,
            folder,
            parallelism: 16,
        }
    }

    /// A stack without a node.
    pub fn builder(&self) -> Builder {
        Builder::new(&self.name)
    }

    /// What the last run left.
    pub fn snapshot(&self) -> Snapshot {
        self.kept().snapshot
    }

    /// What the store holds. A folder answers at once.
    pub fn kept(&self) -> Kept {
        let kept = self.store.read(&self.name).now_or_never();
        kept.expect("a folder").expect("state can be read")
    }

    /// Loses the state file.
    pub fn lose_state(&self) {
        let _ = std::fs::remove_file(self.store.name());
    }

    /// Makes the folder of state such that nothing can be written there.
    pub fn spoil_state(&self) {
        spoil(&self.folder.path().join(&self.name));
    }

    /// Makes the folder of state sound again, and empty.
    pub fn mend_state(&self) {
        let _ = std::fs::remove_file(self.folder.path().join(&self.name));
    }

    /// What lives, as a refresh finds it.
    pub async fn live(&self, wanted: &Stack) -> Vec<Live> {
        let (remembered, place) = (self.snapshot(), place());
        let wish = Wish {
            registry: REGISTRY,
            aws: &AWS,
            place: &place,
            wanted,
            remembered: &remembered,
            open: &[],
            look_ups: &BTreeMap::new(),
            adoptions: &BTreeMap::new(),
            moved: &BTreeMap::new(),
            thorough: false,
        };
        refresh(&wish).await.expect("the cloud answers").live
    }

    async fn plan_of(
        &self,
        wanted: &Stack,
        destroy: bool,
        wishes: &Wishes,
    ) -> Result<Plan, Vec<PlanError>> {
        let live = self.live(wanted).await;
        plan_with(wanted, &live, &self.snapshot(), destroy, wishes)
    }

    /// Plans for a part of the stack.
    pub async fn plan_part(
        &self,
        wanted: &Stack,
        selection: &Selection,
        destroy: bool,
    ) -> Result<Plan, Vec<PlanError>> {
        let wishes = Wishes {
            selection: selection.clone(),
            ..Wishes::default()
        };
        self.plan_of(wanted, destroy, &wishes).await
    }

    /// Plans.
    pub async fn plan(&self, wanted: &Stack) -> Result<Plan, Vec<PlanError>> {
        self.plan_of(wanted, false, &NO_WISHES).await
    }

    /// Plans to destroy everything.
    pub async fn plan_to_destroy(&self, wanted: &Stack) -> Result<Plan, Vec<PlanError>> {
        self.plan_of(wanted, true, &NO_WISHES).await
    }

    /// Runs a plan; asks to stop when so many steps are finished.
    pub async fn run(&self, plan: &Plan, stop_after: Option<usize>) -> Ran {
        self.run_from(plan, self.snapshot(), stop_after).await
    }

    /// Runs a plan from a snapshot.
    pub async fn run_from(
        &self,
        plan: &Plan,
        snapshot: Snapshot,
        stop_after: Option<usize>,
    ) -> Ran {
        let cancel = Cancel::new();
        if stop_after == Some(0) {
            cancel.ask();
        }
        let events = Arc::new(Mutex::new(Vec::new()));
        let (asker, finished) = (cancel.clone(), AtomicUsize::new(0));
        let asks = move |nth| {
            if Some(nth) == stop_after {
                asker.ask();
            }
        };
        self.run_heard(plan, snapshot, cancel, events, move |event| {
            if matches!(event, Event::Finished { .. }) {
                asks(finished.fetch_add(1, Ordering::Relaxed) + 1);
            }
        })
        .await
    }

    /// Runs a plan; the folder of state is spoiled when so many steps are finished.
    pub async fn run_spoiled(&self, plan: &Plan, after: usize) -> Ran {
        let events = Arc::new(Mutex::new(Vec::new()));
        let folder = self.folder.path().join(&self.name);
        let finished = AtomicUsize::new(0);
        self.run_heard(plan, self.snapshot(), Cancel::new(), events, move |event| {
            let done = matches!(event, Event::Finished { .. });
            if done && finished.fetch_add(1, Ordering::Relaxed) + 1 == after {
                spoil(&folder);
            }
        })
        .await
    }

    /// Runs a plan whose gates are watched; what it tells goes to `events` at once.
    pub async fn run_watched(
        &self,
        plan: &Plan,
        verifier: &dyn Verifier,
        events: Arc<Mutex<Vec<Event>>>,
    ) -> Ran {
        let snapshot = self.snapshot();
        self.run_asking(
            plan,
            snapshot,
            Cancel::new(),
            events,
            |_| (),
            Some(verifier),
        )
        .await
    }

    async fn run_heard(
        &self,
        plan: &Plan,
        snapshot: Snapshot,
        cancel: Cancel,
        events: Arc<Mutex<Vec<Event>>>,
        hear: impl Fn(&Event) + Send + Sync + 'static,
    ) -> Ran {
        self.run_asking(plan, snapshot, cancel, events, hear, None)
            .await
    }

    async fn run_asking(
        &self,
        plan: &Plan,
        snapshot: Snapshot,
        cancel: Cancel,
        events: Arc<Mutex<Vec<Event>>>,
        hear: impl Fn(&Event) + Send + Sync + 'static,
        verifier: Option<&dyn Verifier>,
    ) -> Ran {
        let heard = events.clone();
        let outcome = apply(Run {
            plan,
            registry: REGISTRY,
            aws: &AWS,
            store: &self.store,
            kept: Kept {
                snapshot,
                unclosed: None,
            },
            command: "s3net apply",
            lock_lost: CancellationToken::new(),
            parallelism: self.parallelism,
            cancel,
            sink: Arc::new(move |event| {
                hear(&event);
                heard.lock().expect("no listener panics").push(event);
            }),
            verifier,
        })
        .await;
        let events = std::mem::take(&mut *events.lock().expect("no listener panics"));
        Ran { outcome, events }
    }

    /// Plans and runs the plan.
    pub async fn apply(&self, wanted: &Stack) -> Ran {
        let plan = self.plan(wanted).await.expect("there is a plan");
        self.run(&plan, None).await
    }

    /// Destroys everything.
    pub async fn destroy(&self, wanted: &Stack) -> Ran {
        let plan = self.plan_to_destroy(wanted).await.expect("there is a plan");
        self.run(&plan, None).await
    }
}

/// Puts a file where a folder should be.
fn spoil(folder: &Path) {
    // Somebody who is just writing may make the folder again.
    loop {
        let _ = std::fs::remove_dir_all(folder);
        if std::fs::write(folder, "").is_ok() {
            break;
        }
    }
}

/// What came of a run, and what it told on its way.
#[derive(Debug)]
pub struct Ran {
    pub outcome: Outcome,
    pub events: Vec<Event>,
}

impl Ran {
    /// Whether all was done.
    pub fn complete(&self) -> bool {
        self.outcome.is_complete()
    }
}

/// Plans from what is given.
pub fn plan_from(
    wanted: &Stack,
    live: &[Live],
    remembered: &Snapshot,
    destroy: bool,
) -> Result<Plan, Vec<PlanError>> {
    plan_with(wanted, live, remembered, destroy, &NO_WISHES)
}

fn plan_with(
    wanted: &Stack,
    live: &[Live],
    remembered: &Snapshot,
    destroy: bool,
    wishes: &Wishes,
) -> Result<Plan, Vec<PlanError>> {
    plan(&World {
        registry: REGISTRY,
        place: &place(),
        wanted,
        existing: &BTreeMap::new(),
        live,
        remembered,
        destroy,
        wishes,
    })
}
