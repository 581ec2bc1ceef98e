//! What became of the calls that an interrupted run left open.

use std::time::Duration;

use jiff::Timestamp;

use super::Refreshed;
use crate::model::duration::passed;
use crate::model::{Action, Address};
use crate::state::{OpenCall, Replayed};

/// What became of a call that nobody saw the end of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Became {
    /// It created an object whose id nobody had heard: it is ours from now on.
    Adopted(String),
    /// It created several objects, which all carry the address.
    Several(Vec<String>),
    /// It created an object and did not wait until that was at rest.
    Unfinished(String),
    /// It created nothing.
    NotMade,
    /// Nothing is seen of it, and AWS may not show it yet. Creating it again is
    /// safe: the token or the natural key is the same.
    Unseen,
    /// It changed an object, wholly, in part or not at all: the plan tells.
    Changed(String),
    /// It deleted the object.
    Gone,
    /// It did not delete the object.
    StillThere(String),
}

/// An open call and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resumed {
    /// The node.
    pub address: Address,
    /// What was to be done with it.
    pub action: Action,
    /// What became of that.
    pub became: Became,
    /// The command that was interrupted.
    pub command: String,
    /// When the interrupted run began.
    pub run: Timestamp,
}

/// Finds out what became of each open call, by what lives now.
#[must_use]
pub fn what_became(
    interrupted: &Replayed,
    refreshed: &Refreshed,
    consistency: Duration,
) -> Vec<Resumed> {
    let now = Timestamp::now();
    let mut resumed: Vec<Resumed> = interrupted
        .open
        .iter()
        .map(|call| Resumed {
            address: call.started.address.clone(),
            action: call.started.action,
            became: match became(call, refreshed) {
                Became::NotMade if !is_certain(call, now, consistency) => Became::Unseen,
                certain => certain,
            },
            command: interrupted.opened.command.clone(),
            run: interrupted.opened.at,
        })
        .collect();
    resumed.sort_by(|a, b| a.address.cmp(&b.address));
    resumed
}

/// Whether AWS would show by now what the call made.
fn is_certain(call: &OpenCall, now: Timestamp, consistency: Duration) -> bool {
    passed(call.started.at, now) >= consistency
}

fn became(call: &OpenCall, refreshed: &Refreshed) -> Became {
    let started = &call.started;
    let lives = |id: &String| refreshed.live.iter().any(|live| live.id == *id);
    if started.action != Action::Create {
        return match (&started.id, started.action) {
            (Some(id), Action::Update | Action::Adopt) if lives(id) => Became::Changed(id.clone()),
            (_, Action::Adopt) => Became::NotMade,
            (Some(id), _) if lives(id) => Became::StillThere(id.clone()),
            _ => Became::Gone,
        };
    }
    if let Some(id) = call.made.clone().filter(lives) {
        return Became::Unfinished(id);
    }
    let mut here: Vec<String> = refreshed
        .live
        .iter()
        .filter(|live| live.address.as_ref() == Some(&started.address))
        // What is to be replaced stands at the same address.
        .filter(|live| started.id.as_ref() != Some(&live.id))
        .map(|live| live.id.clone())
        .collect();
    match here.len() {
        0 => Became::NotMade,
        1 => Became::Adopted(here.remove(0)),
        _ => Became::Several(here),
    }
}
