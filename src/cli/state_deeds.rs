//! `s3net state move` and `s3net state forget`.
//!
//! Tags are the memory, so both change the tags of what lives, and then what the
//! state remembers. The file is not changed: it is to say the same.

use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use super::Exit;
use super::completing::addresses;
use super::prepare::Seen;
use super::problem::Problem;
use super::tend::{Deed, TendArgs, tend};
use crate::config::{Desired, Moved};
use crate::model::Address;
use crate::model::diagnostic::did_you_mean;
use crate::plan::Tending;
use crate::report::Verb;

#[derive(Debug, Args)]
pub(super) struct MoveArgs {
    #[command(flatten)]
    how: TendArgs,
    /// The table's name so far, such as `vpc.old`.
    #[arg(value_name = "FROM", add = ArgValueCompleter::new(addresses))]
    from: Address,
    /// Its name from now on.
    #[arg(value_name = "TO", add = ArgValueCompleter::new(addresses))]
    to: Address,
}

#[derive(Debug, Args)]
pub(super) struct ForgetArgs {
    #[command(flatten)]
    how: TendArgs,
    /// The tables, such as `bucket.logs`.
    #[arg(value_name = "ADDRESS", required = true, add = ArgValueCompleter::new(addresses))]
    addresses: Vec<Address>,
}

/// Takes what the file itself asks for away: this deed is to be the only one.
fn nothing_else(desired: &mut Desired) {
    desired.imports.clear();
    desired.moved.clear();
    desired.removed.clear();
}

pub(super) async fn rename(args: MoveArgs) -> Exit {
    let MoveArgs { how, from, to } = args;
    let deed = Deed {
        verb: Verb::Move,
        nothing: format!("No tag of it changes: the state calls it {to} from now on."),
        afterwards: format!("the file is to say [{to}] where it said [{from}]"),
    };
    let moved = Moved {
        from: from.clone(),
        to: to.clone(),
        span: 0..0,
    };
    let edit = move |desired: &mut Desired| {
        tables([&moved.from, &moved.to])?;
        let Moved { from, to, .. } = &moved;
        if from == to {
            return Err(Problem::new(format!("{from} is called so already"))
                .because("the two names are the same")
                .remedy("give its name so far, and the one from now on"));
        }
        if from.kind != to.kind {
            return Err(Problem::new(format!("{from} cannot become {to}"))
                .because("an object of AWS stays what it is; only its name here changes")
                .remedy(format!(
                    "give another name of the same kind: {}.…",
                    from.kind
                )));
        }
        nothing_else(desired);
        desired.moved.push(moved);
        Ok(())
    };
    let (from, to) = (&from, &to);
    tend(how, deed, edit, |seen| {
        known(seen, [from])?;
        Ok(Tending::Move { from, to })
    })
    .await
}

pub(super) async fn forget(args: ForgetArgs) -> Exit {
    let ForgetArgs { how, addresses } = args;
    let deed = Deed {
        verb: Verb::Forget,
        nothing: "Nothing of it lives: the state forgets it.".to_owned(),
        afterwards: "what the file still wants of it, the next apply makes anew".to_owned(),
    };
    let edit = |desired: &mut Desired| {
        tables(&addresses)?;
        nothing_else(desired);
        Ok(())
    };
    tend(how, deed, edit, |seen| {
        known(seen, &addresses)?;
        Ok(Tending::Forget(&addresses))
    })
    .await
}

/// Whether all of these can be tables of a stack.
fn tables<'a>(addresses: impl IntoIterator<Item = &'a Address>) -> Result<(), Problem> {
    for address in addresses {
        if address.part.is_some() {
            return Err(Problem::new(format!("{address} is a part of a table"))
                .because("parts go with their table")
                .remedy(format!("give {}", address.table())));
        }
        if address.existing {
            return Err(Problem::new(format!("{address} is a look-up"))
                .because("what is looked up is not this stack's"));
        }
    }
    Ok(())
}

/// Whether something lives or is remembered at each of these addresses.
fn known<'a>(seen: &Seen, addresses: impl IntoIterator<Item = &'a Address>) -> Result<(), Problem> {
    let live = seen.refreshed.live.iter();
    let live = live.filter_map(|live| live.own_address());
    let all: Vec<&Address> = live.chain(seen.kept.snapshot.nodes.keys()).collect();
    for address in addresses {
        if all.iter().any(|known| known.table() == *address) {
            continue;
        }
        let names: Vec<String> = all.iter().map(|known| known.table().to_string()).collect();
        let problem = Problem::new(format!("the stack has no {address}"));
        let near = did_you_mean(&address.to_string(), names.iter().map(String::as_str));
        return Err(match near {
            Some(near) => problem.remedy(format!("did you mean {near}?")),
            None => problem.remedy("`s3net state list` lists what it has"),
        });
    }
    Ok(())
}
