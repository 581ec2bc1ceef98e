//! What holds for every journal.

use std::sync::Arc;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::model::{Action, Address, Attributes, Place};
use crate::state::{Backend, Folder, Part, Remembered, Snapshot, StoreError};

fn opened() -> Opened {
    Opened {
        format_version: JOURNAL_VERSION,
        stack: "lab".into(),
        place: Place {
            account: "123456789012".into(),
            region: "eu-west-1".into(),
        },
        lineage: "first".into(),
        serial: 3,
        command: "s3net apply".into(),
        at: Timestamp::UNIX_EPOCH,
    }
}

fn started(call: u64, name: &str, action: Action) -> Record {
    let id = (action != Action::Create).then(|| format!("vpc-{name}"));
    Record::Started(Started {
        call,
        at: Timestamp::UNIX_EPOCH,
        address: Address::new("vpc", name),
        action,
        generation: 1,
        token: format!("s3net-{call}"),
        parameters: "0".into(),
        id,
        name: None,
    })
}

fn node(name: &str) -> Remembered {
    Remembered {
        id: format!("vpc-{name}"),
        attributes: Attributes::new().with("cidr", "10.0.0.0/16"),
        ..Remembered::default()
    }
}

fn made(call: u64, name: &str) -> Record {
    let (at, node) = (Timestamp::UNIX_EPOCH, node(name));
    Record::Made { call, at, node }
}

fn settled(call: u64, node: Option<Remembered>) -> Record {
    Record::Settled { call, node }
}

fn failed(call: u64) -> Record {
    let reason = "VpcLimitExceeded".into();
    Record::Failed { call, reason }
}

/// Five calls in every state that a kill can leave them in.
fn a_run() -> Vec<Record> {
    vec![
        Record::Opened(opened()),
        started(0, "a", Action::Create),
        started(1, "b", Action::Create),
        made(0, "a"),
        started(2, "c", Action::Delete),
        settled(0, Some(node("a"))),
        failed(1),
        started(3, "d", Action::Create),
        settled(2, None),
        started(4, "e", Action::Create),
        made(4, "e"),
    ]
}

fn text(records: &[Record]) -> Vec<u8> {
    let mut chain = lines::Chain::default();
    records
        .iter()
        .flat_map(|r| chain.line(r).unwrap())
        .collect()
}

fn replayed(records: &[Record]) -> Result<Option<Replayed>, StoreError> {
    replay("journal", parse("journal", &text(records))?)
}

#[test]
fn a_replay_tells_what_is_open_and_what_is_done() {
    let run = replayed(&a_run()).unwrap().unwrap();
    let open: Vec<_> = run
        .open
        .iter()
        .map(|c| (c.started.call, c.made.as_deref()))
        .collect();
    assert_eq!(open, [(3, None), (4, Some("vpc-e"))]);

    let mut snapshot = Snapshot::new("lab");
    snapshot.nodes.insert(Address::new("vpc", "c"), node("c"));
    run.bring_up_to_date(&mut snapshot);
    let once = snapshot.clone();
    run.bring_up_to_date(&mut snapshot);
    assert_eq!(snapshot, once, "twice is as good as once");
    let known: Vec<_> = snapshot
        .nodes
        .values()
        .map(|node| node.id.as_str())
        .collect();
    assert_eq!(known, ["vpc-a", "vpc-e"]);
    assert_eq!(snapshot.lineage, "first", "tokens stay the same");
    assert_eq!(snapshot.generations.len(), 2);
}

#[test]
fn what_cannot_follow_is_refused_with_its_line() {
    let first = || vec![Record::Opened(opened()), started(0, "a", Action::Create)];
    let with = |more: &[Record]| first().into_iter().chain(more.iter().cloned()).collect();
    let wrong: [(Vec<Record>, usize); 9] = [
        (vec![started(0, "a", Action::Create)], 1),
        (with(&[Record::Opened(opened())]), 3),
        (with(&[started(0, "b", Action::Create)]), 3),
        (with(&[made(7, "a")]), 3),
        (with(&[made(0, "a"), made(0, "a")]), 4),
        (with(&[settled(0, None), settled(0, None)]), 4),
        (with(&[failed(0), made(0, "a")]), 4),
        (with(&[failed(0), failed(0)]), 4),
        (with(&[started(1, "c", Action::Delete), made(1, "c")]), 4),
    ];
    for (records, at) in wrong {
        let Err(StoreError::Damaged { line, .. }) = replayed(&records) else {
            panic!("{records:?} was taken");
        };
        assert_eq!(line, Some(at), "{records:?}");
    }
}

#[test]
fn a_newer_form_is_told_from_damage() {
    let newer = Opened {
        format_version: JOURNAL_VERSION + 1,
        ..opened()
    };
    let error = replayed(&[Record::Opened(newer)]).unwrap_err();
    assert!(
        matches!(error, StoreError::Newer { found, .. } if found == u64::from(JOURNAL_VERSION) + 1),
        "{error}"
    );
}

#[tokio::test]
async fn steps_side_by_side_share_appends_and_none_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Arc::new(Folder::new(folder.path().join("lab")));
    let journal = Journal::begin(folder.clone(), opened()).await.unwrap();
    let writes = (0..200).map(|call| {
        let record = started(call, "a", Action::Create);
        let journal = &journal;
        async move { journal.write(&record).await }
    });
    let written = futures_util::future::join_all(writes).await;
    assert!(written.iter().all(Result::is_ok));
    let text = folder.read(Part::Journal).await.unwrap().unwrap();
    let parsed = parse("journal", &text).unwrap();
    assert_eq!(parsed.records.len(), 201);
    assert!(!parsed.torn);
}

#[tokio::test]
async fn after_a_failed_write_nothing_is_added() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lab");
    let journal = Journal::begin(Arc::new(Folder::new(path.clone())), opened())
        .await
        .unwrap();
    std::fs::rename(path.join("journal.jsonl"), path.join("away")).unwrap();
    let record = started(0, "a", Action::Create);
    let first = journal.write(&record).await.unwrap_err();
    std::fs::rename(path.join("away"), path.join("journal.jsonl")).unwrap();
    assert_eq!(journal.write(&record).await.unwrap_err(), first);
}

proptest! {
    #[test]
    fn a_journal_cut_anywhere_gives_its_whole_lines(cut in 0..2000usize) {
        let whole = text(&a_run());
        let cut = cut.min(whole.len());
        let parsed = parse("journal", &whole[..cut]).unwrap();
        let lines = whole[..cut].iter().filter(|byte| **byte == b'\n').count();
        prop_assert_eq!(&parsed.records[..], &a_run()[..lines]);
        prop_assert_eq!(parsed.torn, cut > 0 && whole[cut - 1] != b'\n');
        prop_assert!(replay("journal", parsed).is_ok());
    }

    #[test]
    fn a_changed_byte_is_noticed(at in 0..2000usize, bit in 0..8u32) {
        let mut text = text(&a_run());
        let at = at % text.len();
        text[at] ^= 1 << bit;
        // The last line's end is what tells a torn line from a whole one.
        let last = at == text.len() - 1;
        match parse("journal", &text) {
            Ok(parsed) => prop_assert!(last && parsed.torn),
            Err(error) => {
                let damaged = matches!(error, StoreError::Damaged { .. });
                prop_assert!(damaged, "{error}");
            }
        }
    }

    #[test]
    fn a_lost_or_repeated_line_is_noticed(at in 0..10usize, repeat: bool) {
        let whole = text(&a_run());
        let mut lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
        if repeat {
            lines.insert(at, lines[at]);
        } else {
            lines.remove(at);
        }
        prop_assert!(parse("journal", &lines.concat()).is_err());
    }

    #[test]
    fn any_bytes_give_records_or_an_error(text in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(parsed) = parse("journal", &text) {
            let _ = replay("journal", parsed);
        }
    }
}
