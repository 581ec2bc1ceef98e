//! The store: what a backend's bytes mean, and whether they may be trusted.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::backend::{Backend, Lock, Part};
use super::journal::{self, Journal, Opened, Replayed};
use super::{FORMAT_VERSION, Folder, Held, Snapshot, StoreError};
use crate::model::Place;

/// How often a lock that is waited for is tried.
const LOCK_GAP: Duration = Duration::from_millis(500);

/// One stack's state.
#[derive(Debug, Clone)]
pub struct Store {
    backend: Arc<dyn Backend>,
}

/// A stack's state as it was found.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The snapshot, with what an interrupted run did after it.
    pub snapshot: Snapshot,
    /// The journal that a run did not close, where there is one: it was
    /// interrupted, or it goes on.
    pub unclosed: Option<Replayed>,
}

impl Store {
    /// The store of a stack below a folder such as `state`.
    #[must_use]
    pub fn in_folder(root: &Path, stack: &str) -> Self {
        Self::on(Folder::new(root.join(stack)))
    }

    /// The store on a backend.
    pub fn on(backend: impl Backend + 'static) -> Self {
        Self {
            backend: Arc::new(backend),
        }
    }

    /// What a user calls the snapshot: a path or a URL.
    #[must_use]
    pub fn name(&self) -> String {
        self.backend.name(Part::Snapshot)
    }

    /// What a user calls a part.
    #[must_use]
    pub fn name_of(&self, part: Part) -> String {
        self.backend.name(part)
    }

    /// Copies a part, damaged or not; gives the copy's name, if there was one.
    ///
    /// # Errors
    /// See [`Backend::back_up`].
    pub async fn back_up(&self, part: Part, ending: &str) -> Result<Option<String>, StoreError> {
        self.backend.back_up(part, ending).await
    }

    /// Takes the stack's lock, waiting for it for as long as `patience`.
    /// `waiting` hears once who holds it.
    ///
    /// # Errors
    /// [`StoreError::Locked`] with its holder, or what stands in the way.
    pub async fn lock(
        &self,
        command: &str,
        patience: Duration,
        waiting: impl Fn(&Held),
    ) -> Result<Lock, StoreError> {
        let me = Held::by_this_process(command);
        let start = Instant::now();
        let mut told = false;
        loop {
            let held = match self.backend.lock(&me).await {
                Err(StoreError::Locked(held)) => held,
                taken_or_broken => return taken_or_broken,
            };
            let left = patience.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Err(StoreError::Locked(held));
            }
            if !told {
                waiting(&held);
                told = true;
            }
            tokio::time::sleep(LOCK_GAP.min(left)).await;
        }
    }

    /// Who holds the lock now.
    ///
    /// # Errors
    /// What stands in the way of asking.
    pub async fn holder(&self) -> Result<Option<Held>, StoreError> {
        self.backend.holder().await
    }

    /// Whether a lock ends the moment that its holder does.
    #[must_use]
    pub fn lock_ends_with_its_holder(&self) -> bool {
        self.backend.lock_ends_with_its_holder()
    }

    /// Takes the lock away from a holder that is gone.
    ///
    /// # Errors
    /// See [`Backend::unlock`].
    pub async fn unlock(&self, holder: &Held) -> Result<(), StoreError> {
        self.backend.unlock(holder).await
    }

    /// Reads the snapshot and the journal; a stack without either has a new
    /// snapshot. Nothing is changed.
    ///
    /// # Errors
    /// Whatever is wrong with them.
    pub async fn read(&self, stack: &str) -> Result<Kept, StoreError> {
        let journal = self.interrupted(stack).await?;
        let snapshot = match self.backend.read(Part::Snapshot).await? {
            Some(text) => Some(parse_snapshot(&self.name(), &text, stack)?),
            None => None,
        };
        if let (Some(snapshot), Some(journal)) = (&snapshot, &journal)
            && (snapshot.lineage != journal.opened.lineage
                || elsewhere(snapshot, &journal.opened.place))
        {
            return Err(StoreError::OtherHistory {
                journal: self.backend.name(Part::Journal),
                snapshot: self.name(),
            });
        }
        let mut snapshot = snapshot.unwrap_or_else(|| Snapshot::new(stack));
        if let Some(journal) = &journal {
            journal.bring_up_to_date(&mut snapshot);
        }
        Ok(Kept {
            snapshot,
            unclosed: journal,
        })
    }

    /// Reads the journal alone: what a run did that has not ended.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub async fn interrupted(&self, stack: &str) -> Result<Option<Replayed>, StoreError> {
        let name = self.backend.name(Part::Journal);
        let Some(text) = self.backend.read(Part::Journal).await? else {
            return Ok(None);
        };
        let replayed = journal::replay(&name, journal::parse(&name, &text)?)?;
        match &replayed {
            Some(replayed) if replayed.opened.stack != stack => Err(StoreError::OtherStack {
                name,
                found: replayed.opened.stack.clone(),
                wanted: stack.to_owned(),
            }),
            _ => Ok(replayed),
        }
    }

    /// Writes the snapshot whole.
    ///
    /// # Errors
    /// The old snapshot is then still there.
    pub async fn write(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let text = serde_json::to_vec_pretty(snapshot)
            .map_err(|error| StoreError::io(self.name(), "written", &std::io::Error::other(error)));
        let mut text = text?;
        text.push(b'\n');
        self.backend.write_snapshot(text).await
    }

    /// Begins a run's journal in the place of any former one, whose content must
    /// be in the snapshot by now.
    ///
    /// # Errors
    /// The former one is then still there.
    pub async fn begin_journal(&self, opened: Opened) -> Result<Journal, StoreError> {
        Journal::begin(Arc::clone(&self.backend), opened).await
    }

    /// Removes the journal of a run whose end is in the snapshot.
    ///
    /// # Errors
    /// It may still be there, which does no harm.
    pub async fn remove_journal(&self) -> Result<(), StoreError> {
        self.backend.remove_journal().await
    }
}

/// Whether a snapshot's objects live at another place than this one.
fn elsewhere(snapshot: &Snapshot, place: &Place) -> bool {
    let home = snapshot.place.as_ref();
    home.is_some_and(|home| home != place) && !snapshot.nodes.is_empty()
}

/// Reads a snapshot's bytes.
///
/// # Errors
/// [`StoreError::Damaged`], [`StoreError::Newer`] or [`StoreError::OtherStack`].
pub fn parse_snapshot(name: &str, text: &[u8], stack: &str) -> Result<Snapshot, StoreError> {
    let damaged = |reason: String| StoreError::Damaged {
        name: name.to_owned(),
        line: None,
        reason,
    };
    let json: serde_json::Value =
        serde_json::from_slice(text).map_err(|error| damaged(error.to_string()))?;
    let version = json
        .get("format_version")
        .and_then(serde_json::Value::as_u64)
        .ok_or_else(|| damaged("it has no format_version".to_owned()))?;
    if version > u64::from(FORMAT_VERSION) {
        return Err(StoreError::Newer {
            name: name.to_owned(),
            found: version,
        });
    }
    let mut snapshot: Snapshot =
        serde_json::from_value(json).map_err(|error| damaged(error.to_string()))?;
    if snapshot.stack != stack {
        return Err(StoreError::OtherStack {
            name: name.to_owned(),
            found: snapshot.stack,
            wanted: stack.to_owned(),
        });
    }
    snapshot.format_version = FORMAT_VERSION;
    Ok(snapshot)
}
