//! Looking until AWS shows what it was told to make.
//!
//! AWS's reads lag behind its writes ("eventual consistency", EC2 API Reference).
//! An object that was made a moment ago and is not seen is not yet gone, and a
//! call that was never answered may have made something that is not seen yet.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;

use super::{RefreshError, Refreshed, Wish, refresh};
use crate::kind::{Registry, Stack};
use crate::model::duration::passed;
use crate::model::{Action, Address};
use crate::state::{OpenCall, Snapshot};

/// How long to wait before looking again, at first and at most.
const FIRST_GAP: Duration = Duration::from_millis(250);
const LONGEST_GAP: Duration = Duration::from_secs(5);

/// An object that AWS may have and may not show yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The node.
    pub address: Address,
    /// AWS's id, where it told one.
    pub id: Option<String>,
    /// When it was made, or was to be made.
    pub since: Timestamp,
}

/// What must be seen, or must have had the time to be seen, before a plan can be
/// trusted. What this run is to create again, and may, need not be: its token or
/// natural key leads to the first one. What it is not to create (all of it, where
/// `destroy`) must be found now, or nobody looks for it again.
#[must_use]
pub fn expected(
    registry: Registry,
    wanted: &Stack,
    remembered: &Snapshot,
    open: &[OpenCall],
    destroy: bool,
) -> Vec<Expected> {
    let nodes = remembered.nodes.iter();
    let made = nodes.filter_map(|(address, node)| {
        Some(Expected {
            address: address.clone(),
            id: Some(node.id.clone()),
            since: node.made?,
        })
    });
    let open = open.iter().filter_map(|call| {
        let started = &call.started;
        let kind = registry.of(&started.address)?;
        let again = !destroy && wanted.nodes.contains_key(&started.address);
        let matters = !again || !kind.repeatable();
        let unknown = started.action == Action::Create && call.made.is_none();
        (matters && unknown).then(|| Expected {
            address: started.address.clone(),
            id: None,
            since: started.at,
        })
    });
    made.chain(open).collect()
}

/// Reads what lives, again and again while something that AWS may still show is
/// missing. `waiting` hears once what is looked for, and for how long at most.
///
/// # Errors
/// The first [`RefreshError`].
pub async fn refresh_until_seen(
    wish: &Wish<'_>,
    mut expected: Vec<Expected>,
    waiting: &(dyn Fn(&Expected, Duration) + Send + Sync),
) -> Result<Refreshed, RefreshError> {
    let consistency = wish.aws.consistency();
    let mut gap = FIRST_GAP;
    let mut told = false;
    loop {
        let refreshed = refresh(wish).await?;
        let missing = missing(&refreshed, &expected, wish.remembered);
        expected = missing;
        let now = Timestamp::now();
        let left = |one: &Expected| consistency.saturating_sub(passed(one.since, now));
        let Some(last) = expected.iter().max_by_key(|one| left(one)) else {
            return Ok(refreshed);
        };
        let longest = left(last);
        if longest.is_zero() {
            return Ok(refreshed);
        }
        if !told {
            waiting(last, longest);
            told = true;
        }
        tokio::time::sleep(gap.min(longest)).await;
        gap = (gap * 3 / 2).min(LONGEST_GAP);
    }
}

/// An object's kind, its part's label and its id. An attachment has the id of the
/// gateway that it is a part of, so the id alone would take one for the other.
type Identity<'a> = (&'a str, &'a str, &'a str);

fn identity<'a>(address: &'a Address, id: &'a str) -> Identity<'a> {
    (&address.kind, address.label(), id)
}

/// What is expected and not seen.
fn missing(refreshed: &Refreshed, expected: &[Expected], remembered: &Snapshot) -> Vec<Expected> {
    let live = refreshed.live.iter();
    let live = live.filter_map(|live| Some((live.address.as_ref()?, live.id.as_str())));
    let shown: HashSet<Identity<'_>> = live.clone().map(|(at, id)| identity(at, id)).collect();
    let nodes = remembered.nodes.iter();
    let known: HashSet<Identity<'_>> = nodes.map(|(at, node)| identity(at, &node.id)).collect();
    let new_at = |address: &Address| {
        let mut live = live.clone();
        live.any(|(at, id)| at == address && !known.contains(&identity(at, id)))
    };
    let seen = |one: &Expected| match &one.id {
        Some(id) => shown.contains(&identity(&one.address, id)),
        None => new_at(&one.address),
    };
    expected.iter().filter(|one| !seen(one)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::{Live, Node};
    use crate::kinds::registry;
    use crate::model::Attributes;
    use crate::state::Started;

    fn begun(kind: &str) -> OpenCall {
        OpenCall {
            started: Started {
                call: 0,
                at: Timestamp::UNIX_EPOCH,
                address: Address::new(kind, "main"),
                action: Action::Create,
                generation: 1,
                token: "s3net-1".into(),
                parameters: "0".into(),
                id: None,
                name: None,
            },
            made: None,
        }
    }

    #[test]
    fn a_part_with_the_id_of_its_table_is_looked_for_by_itself() {
        let gateway = Address::new("internet_gateway", "main");
        let expected = |address: &Address| Expected {
            address: address.clone(),
            id: Some("igw-1".into()),
            since: Timestamp::UNIX_EPOCH,
        };
        let attachment = gateway.part("attachment", "");
        let both = [expected(&gateway), expected(&attachment)];
        let mut refreshed = Refreshed::default();
        let live = |address: &Address| Live::keyed(address.clone(), "igw-1", Attributes::new());
        refreshed.live.push(live(&gateway));
        let remembered = Snapshot::new("lab");
        assert_eq!(missing(&refreshed, &both, &remembered), both[1..]);
        refreshed.live.push(live(&attachment));
        assert_eq!(missing(&refreshed, &both, &remembered), []);
    }

    #[test]
    fn only_what_is_safely_made_again_need_not_be_seen() {
        let open = [begun("vpc"), begun("nat_gateway")];
        let both = Stack {
            nodes: open
                .iter()
                .map(|call| (call.started.address.clone(), Node::default()))
                .collect(),
            ..Stack::default()
        };
        let looked_for = |wanted: &Stack, destroy| {
            let remembered = Snapshot::new("lab");
            let found = expected(registry(), wanted, &remembered, &open, destroy);
            let kinds: Vec<String> = found.into_iter().map(|one| one.address.kind).collect();
            kinds
        };
        // A NAT gateway has a client token, a VPC has none.
        assert_eq!(looked_for(&both, false), ["vpc"]);
        assert_eq!(looked_for(&both, true), ["vpc", "nat_gateway"]);
        // The table has left the file: nobody would make it again.
        let neither = Stack::default();
        assert_eq!(looked_for(&neither, false), ["vpc", "nat_gateway"]);
    }
}
