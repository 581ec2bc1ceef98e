//! Which name a stack gets that is imported: the VPC's, if no stack has it.
//!
//! A plan destroys what carries its stack's name and is not in its file, so two
//! networks under one name would take each other down:
//!
//! ```text
//! --stack NAME ─► taken? ─► refused
//! the VPC's    ─► taken? ─► NAME-2 ─► taken? ─► NAME-3 …
//! ```
//!
//! Taken is what a plan of that name would find alive, and what its state
//! remembers.

use std::collections::BTreeMap;

use super::arguments::Target;
use super::keeping::store;
use super::problem::Problem;
use crate::aws::Aws;
use crate::config::Desired;
use crate::draft::sound;
use crate::kinds::registry;
use crate::model::Place;
use crate::model::address::is_name;
use crate::model::tags::NAME;
use crate::refresh::{Wish, refresh};
use crate::report::Printer;
use crate::takeover::Gathered;

/// The longest name of a stack.
const LONGEST_NAME: usize = 40;

/// Reads a stack's name.
pub(super) fn stack_name(text: &str) -> Result<String, String> {
    match is_name(text) && text.len() <= LONGEST_NAME {
        true => Ok(text.to_owned()),
        false => Err("use letters, digits, `-` and `_`, at most 40 characters".to_owned()),
    }
}

/// Where names are looked for.
pub(super) struct Names<'a> {
    /// The clients.
    pub aws: &'a Aws,
    /// The account and region.
    pub place: &'a Place,
    /// Where state is.
    pub target: &'a Target,
    /// Who says what is strange about that.
    pub printer: &'a Printer,
}

impl Names<'_> {
    /// The name that the user states, if no stack has it.
    ///
    /// # Errors
    /// One has it, or AWS or the state refuses to tell.
    pub(super) async fn stated(&self, name: &str) -> Result<String, Problem> {
        match self.taken_by(name).await? {
            None => Ok(name.to_owned()),
            Some(what) => Err(Problem::new(format!("stack {name} lives here already"))
                .because(format!(
                    "{what}: the first apply of another file of that name would destroy it"
                ))
                .remedy("name another one with --stack")),
        }
    }

    /// A name after `wish`, with a number if others have it.
    ///
    /// # Errors
    /// AWS or the state refuses to tell.
    pub(super) async fn after(&self, wish: &str) -> Result<String, Problem> {
        let mut number = 1;
        loop {
            let name = numbered(wish, number);
            if self.taken_by(&name).await?.is_none() {
                return Ok(name);
            }
            number += 1;
        }
    }

    /// What a stack of this name has here.
    async fn taken_by(&self, name: &str) -> Result<Option<String>, Problem> {
        let nothing = Desired::nothing(name, &self.place.region);
        let store = store(&nothing, self.target, self.aws, false, self.printer).await?;
        let kept = store.read(name).await?;
        if kept.unclosed.is_some() || !kept.snapshot.nodes.is_empty() {
            return Ok(Some(format!("{} remembers it", store.name())));
        }
        let (look_ups, adoptions) = (BTreeMap::new(), BTreeMap::new());
        let wish = Wish {
            registry: registry(),
            aws: self.aws,
            place: self.place,
            wanted: &nothing.stack,
            remembered: &kept.snapshot,
            open: &[],
            look_ups: &look_ups,
            adoptions: &adoptions,
            moved: &nothing.new_names(),
            thorough: false,
        };
        let found = refresh(&wish).await?;
        let mut own = found.live.iter().filter_map(|live| {
            let address = live.own_address()?;
            Some(format!("{} ({}) carries its tag", address, live.id))
        });
        Ok(own.next())
    }
}

/// A name with a number, as long as a stack's name may be.
fn numbered(name: &str, number: u32) -> String {
    let end = match number {
        1 => String::new(),
        _ => format!("-{number}"),
    };
    let mut start = name.to_owned();
    start.truncate(LONGEST_NAME - end.len());
    format!("{}{end}", start.trim_end_matches('-'))
}

/// The VPC's name as far as anything of the file can have it, however long; else
/// its id.
pub(super) fn name_of(gathered: &Gathered) -> String {
    let vpc = gathered.objects.iter().find(|(kind, _)| *kind == "vpc");
    let vpc = vpc.and_then(|(_, vpcs)| vpcs.first());
    let name = vpc
        .and_then(|vpc| vpc.tags.get(NAME))
        .map_or("", String::as_str);
    // `three-ways-main` is how s3net itself names the VPC of `three-ways`.
    let name = name.strip_suffix("-main").unwrap_or(name);
    match sound(name) {
        name if name.is_empty() => gathered.vpc.clone(),
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_finds_room() {
        assert_eq!(numbered("prod", 1), "prod");
        assert_eq!(numbered("prod", 12), "prod-12");
        let long = format!("{}-x", "a".repeat(37));
        assert_eq!(numbered(&long, 1).len(), LONGEST_NAME - 1);
        assert_eq!(numbered(&long, 2), format!("{}-2", "a".repeat(37)));
        for number in [1, 2, 1000] {
            assert!(stack_name(&numbered(&"b".repeat(60), number)).is_ok());
        }
    }
}
