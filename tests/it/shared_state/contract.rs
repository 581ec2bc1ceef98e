//! What every backend promises, held for a folder and for a bucket.

use std::time::Duration;

use s3net::aws::objects::Objects;
use s3net::state::{Backend, Bucket, Folder, Held, Part, StoreError};

use super::site::{Site, is_part};

async fn bucket(site: &Site) -> Bucket {
    let name = site.bucket.as_deref().unwrap();
    let objects = Objects::open(&site.aws, name).await.unwrap();
    Bucket::new(objects, name, "labs", "small", Duration::from_secs(60))
}

fn me() -> Held {
    Held::by_this_process("s3net test")
}

/// Two handles on one state, as two processes have them.
async fn holds(one: &dyn Backend, two: &dyn Backend) {
    let text = |part: Part| async move { one.read(part).await.unwrap().map(|text| text.len()) };
    assert_eq!(text(Part::Snapshot).await, None);
    assert_eq!(text(Part::Journal).await, None);
    let lock = one.lock(&me()).await.unwrap();
    assert!(matches!(
        two.lock(&me()).await,
        Err(StoreError::Locked(held)) if held.pid == std::process::id()
    ));
    assert_eq!(two.holder().await.unwrap().unwrap().pid, std::process::id());
    one.write_snapshot(b"one".to_vec()).await.unwrap();
    one.write_snapshot(b"three".to_vec()).await.unwrap();
    assert_eq!(two.read(Part::Snapshot).await.unwrap().unwrap(), b"three");
    one.begin_journal(b"a\n".to_vec()).await.unwrap();
    one.append_journal(b"b\n".to_vec()).await.unwrap();
    one.append_journal(b"c\nd\n".to_vec()).await.unwrap();
    let whole = b"a\nb\nc\nd\n";
    assert_eq!(two.read(Part::Journal).await.unwrap().unwrap(), whole);
    lock.release().await.unwrap();
    assert_eq!(two.holder().await.unwrap(), None);
    // What a run left open is there for the next, until that begins its own.
    let lock = two.lock(&me()).await.unwrap();
    assert_eq!(two.read(Part::Journal).await.unwrap().unwrap(), whole);
    two.begin_journal(b"e\n".to_vec()).await.unwrap();
    assert_eq!(one.read(Part::Journal).await.unwrap().unwrap(), b"e\n");
    two.remove_journal().await.unwrap();
    two.remove_journal().await.unwrap();
    assert_eq!(one.read(Part::Journal).await.unwrap(), None);
    assert!(two.append_journal(b"f\n".to_vec()).await.is_err());
    lock.release().await.unwrap();
    assert_eq!(one.read(Part::Snapshot).await.unwrap().unwrap(), b"three");
}

#[test]
fn a_folder_and_a_bucket_promise_the_same() {
    let site = Site::small_on_s3();
    let folder = Folder::new(site.lab.folder.path().join("state/contract"));
    site.now(async {
        holds(&folder, &folder.clone()).await;
        holds(&bucket(&site).await, &bucket(&site).await).await;
    });
    assert_eq!(site.keys(), ["labs/small/state.json"]);
}

#[test]
fn a_journal_that_no_head_names_is_rubbish_and_swept_up() {
    let site = Site::small_on_s3();
    site.now(async {
        let one = bucket(&site).await;
        let lock = one.lock(&me()).await.unwrap();
        one.begin_journal(b"old\n".to_vec()).await.unwrap();
        lock.release().await.unwrap();
    });
    // As a kill leaves it between the first part and the head.
    site.put(
        "labs/small/journal/019ab000-0000-7000-8000-000000000000/00000000.jsonl",
        b"new\n",
    );
    site.now(async {
        let two = bucket(&site).await;
        assert_eq!(two.read(Part::Journal).await.unwrap().unwrap(), b"old\n");
        let lock = two.lock(&me()).await.unwrap();
        assert_eq!(two.read(Part::Journal).await.unwrap().unwrap(), b"old\n");
        two.begin_journal(b"newer\n".to_vec()).await.unwrap();
        assert_eq!(two.read(Part::Journal).await.unwrap().unwrap(), b"newer\n");
        two.remove_journal().await.unwrap();
        lock.release().await.unwrap();
    });
    assert_eq!(site.keys(), [""; 0]);
}

#[test]
fn a_former_holder_can_neither_add_nor_begin_nor_overwrite() {
    let site = Site::small_on_s3();
    let lost = |done: Result<(), StoreError>| matches!(done, Err(StoreError::LockLost { .. }));
    site.now(async {
        let (adds, begins, writes, new) =
            tokio::join!(bucket(&site), bucket(&site), bucket(&site), bucket(&site));
        // Each takes the lock, and loses it without knowing.
        let mut locks = Vec::new();
        for former in [&writes, &begins, &adds] {
            locks.push(former.lock(&me()).await.unwrap());
            former.unlock(&me_in(former).await).await.unwrap();
        }
        assert_eq!(writes.read(Part::Snapshot).await.unwrap(), None);
        adds.begin_journal(b"a\n".to_vec()).await.unwrap();
        adds.append_journal(b"b\n".to_vec()).await.unwrap();
        assert!(lost(begins.begin_journal(b"x\n".to_vec()).await));
        let lock = new.lock(&me()).await.unwrap();
        assert!(lost(adds.append_journal(b"c\n".to_vec()).await));
        // Nothing more once it is known.
        assert!(lost(adds.write_snapshot(b"old".to_vec()).await));
        assert!(lost(adds.remove_journal().await));
        let left = new.read(Part::Journal).await.unwrap().unwrap();
        assert!(left.starts_with(b"a\nb\n"), "{left:?}");
        assert_eq!(new.read(Part::Snapshot).await.unwrap(), None);
        new.write_snapshot(b"new".to_vec()).await.unwrap();
        assert!(lost(writes.write_snapshot(b"old".to_vec()).await));
        assert_eq!(new.read(Part::Snapshot).await.unwrap().unwrap(), b"new");
        new.remove_journal().await.unwrap();
        // A former holder's release takes nothing away from the new one.
        for former in locks {
            assert!(former.release().await.is_err());
        }
        assert!(new.holder().await.unwrap().is_some());
        lock.release().await.unwrap();
    });
    assert!(!site.keys().iter().any(|key| is_part(key)));
}

async fn me_in(backend: &Bucket) -> Held {
    backend.holder().await.unwrap().unwrap()
}
