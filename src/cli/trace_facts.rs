//! The facts that a trace is asked of.
//!
//! | asked | from where |
//! |---|---|
//! | a file | the file alone: no call |
//! | a file and --planned | the file, the account, and what a plan would change |
//! | a file and --live | a survey of the VPCs, buckets and roles of the live stack |
//! | --live alone | a survey of the VPC of FROM, and of the bucket TO |

use super::arguments::{Source, Target};
use super::outlook;
use super::prepare::{Depth, Purpose, Seen, look, tell_all, world};
use super::problem::Problem;
use super::reach::{connect_to, load};
use crate::aws::survey::{Area, survey};
use crate::aws::{Aws, CallError};
use crate::config::Desired;
use crate::kinds::registry;
use crate::model::Place;
use crate::model::network::{Network, is_stand_in};
use crate::plan::{Ending, Moved, facts, plan};
use crate::report::{Printer, Scene, Sight};

/// What is to be found out.
pub struct Wish<'a> {
    /// The file, if one is named.
    pub source: Option<Source>,
    /// How to reach AWS.
    pub target: &'a Target,
    /// Whether the network that lives is meant.
    pub live: bool,
    /// Whether the network that apply would leave is meant.
    pub planned: bool,
    /// FROM, as the user wrote it.
    pub from: Option<&'a str>,
    /// TO, as the user wrote it.
    pub to: Option<&'a str>,
    /// The role, as the user wrote it.
    pub principal: Option<&'a str>,
}

/// A network, and the file that wants it.
pub struct Facts {
    /// The network.
    pub network: Network,
    /// Which one it is.
    pub sight: Sight,
    file: Option<Desired>,
}

impl Facts {
    /// Whether the file looks something up that nobody has read.
    pub fn looks_up(&self) -> bool {
        let file = self.file.as_ref();
        self.sight == Sight::Wanted && file.is_some_and(|it| !it.existing.is_empty())
    }

    /// What the file wants.
    pub fn desired(&self) -> Option<&Desired> {
        self.file.as_ref()
    }

    /// What traces of it are told against.
    pub fn scene(&self) -> Scene<'_> {
        Scene {
            sight: self.sight,
            network: &self.network,
            file: self.file.as_ref(),
        }
    }
}

/// Finds the facts out.
///
/// # Errors
/// The [`Problem`] that stands in the way.
pub async fn facts_of(wish: &Wish<'_>, printer: &Printer) -> Result<Facts, Problem> {
    match &wish.source {
        Some(source) if wish.live => of_live_stack(wish, source, printer).await,
        Some(source) if wish.planned => of_plan(wish, source, printer).await,
        Some(source) => of_file(wish, source, printer),
        None => of_any_network(wish, printer).await,
    }
}

/// The network that a file wants, as if nothing of it lived.
fn of_file(wish: &Wish<'_>, source: &Source, printer: &Printer) -> Result<Facts, Problem> {
    let desired = load(source, wish.target.region.as_deref(), printer)?;
    if desired.stack.region.is_empty() {
        return Err(Problem::new("no region is set")
            .remedy("state `region` under [stack], or pass --region, or set AWS_REGION"));
    }
    let place = Place {
        account: desired.account.clone().unwrap_or_default(),
        region: desired.stack.region.clone(),
    };
    let network = facts::of_file(registry(), &desired.stack, &place);
    Ok(Facts {
        network,
        sight: Sight::Wanted,
        file: Some(desired),
    })
}

/// The network that apply would leave.
async fn of_plan(wish: &Wish<'_>, source: &Source, printer: &Printer) -> Result<Facts, Problem> {
    let seen = seen(wish, source, printer).await?;
    let found = world(&seen.at, &seen.kept, &seen.refreshed, &seen.wishes, false);
    let plan = plan(&found).map_err(|errors| tell_all(errors, printer))?;
    let moved = Moved::with_renames(&found);
    let world = moved.world(&found);
    let wanted = facts::wanted(&world, Some(&plan));
    let (aws, place) = (&seen.at.aws, &seen.at.place);
    let network = match outlook::around(aws, place, &world, &wanted, printer).await {
        Some(found) => facts::within(&world, wanted, &found),
        None => wanted,
    };
    Ok(Facts {
        network,
        sight: Sight::Planned,
        file: Some(seen.at.desired),
    })
}

/// The network of a stack as it lives, with all that others put beside it.
async fn of_live_stack(
    wish: &Wish<'_>,
    source: &Source,
    printer: &Printer,
) -> Result<Facts, Problem> {
    let seen = seen(wish, source, printer).await?;
    let found = world(&seen.at, &seen.kept, &seen.refreshed, &seen.wishes, false);
    // FROM and TO are the file's names, also where a rename is still to come.
    let moved = Moved::with_renames(&found);
    let world = moved.world(&found);
    let known = facts::live(&world);
    let mut area = named(wish);
    area.vpcs.extend(known.vpcs.keys().cloned());
    area.vpcs
        .extend(known.subnets.values().map(|it| it.vpc.clone()));
    area.buckets
        .extend(known.buckets.values().map(|it| it.name.clone()));
    area.roles.extend(known.roles.keys().cloned());
    for names in [&mut area.vpcs, &mut area.buckets, &mut area.roles] {
        names.retain(|name| !is_stand_in(name));
    }
    if area.vpcs.is_empty() && area.subnets.is_empty() && area.instances.is_empty() {
        return Err(Problem::new(format!(
            "nothing of {} lives in {}, account {}",
            seen.at.desired.stack.name, seen.at.place.region, seen.at.place.account
        ))
        .remedy("leave --live out to ask about the network that the file wants"));
    }
    let mut network = surveyed(&seen.at.aws, &seen.at.place, &area).await?;
    facts::place(&mut network, &facts::wanted(&world, None));
    // What the file calls a thing goes before what a tag says.
    network.labels.extend(known.labels);
    Ok(Facts {
        network,
        sight: Sight::Live,
        file: Some(seen.at.desired),
    })
}

async fn seen(wish: &Wish<'_>, source: &Source, printer: &Printer) -> Result<Seen, Problem> {
    let purpose = Purpose {
        lock: None,
        destroy: false,
        ending: Ending::Kept,
    };
    look(source, wish.target, purpose, Depth::Usual, printer).await
}

/// A network of which only the ids on the command line are known.
async fn of_any_network(wish: &Wish<'_>, printer: &Printer) -> Result<Facts, Problem> {
    let region = wish.target.region.clone();
    let aws = connect_to(region, None, wish.target, printer).await?;
    let place = aws.place_of(&aws.caller().await?);
    let network = surveyed(&aws, &place, &named(wish)).await?;
    Ok(Facts {
        network,
        sight: Sight::Live,
        file: None,
    })
}

async fn surveyed(aws: &Aws, place: &Place, area: &Area) -> Result<Network, Problem> {
    survey(aws, place, area).await.map_err(not_surveyed)
}

fn not_surveyed(error: CallError) -> Problem {
    let problem = Problem::new("the live network cannot be read").because(error.to_string());
    match error.remedy() {
        Some(remedy) => problem.remedy(remedy),
        None => problem,
    }
}

/// What the command line names by AWS's own names.
fn named(wish: &Wish<'_>) -> Area {
    let mut area = Area::default();
    if let Some(from) = wish.from.filter(|from| super::trace::is_id(from)) {
        let ids = match from.split('-').next() {
            Some("i") => &mut area.instances,
            Some("subnet") => &mut area.subnets,
            _ => &mut area.vpcs,
        };
        ids.insert(from.to_owned());
    }
    if let Some(bucket) = wish.to.and_then(|to| to.strip_prefix("s3://")) {
        let bucket = bucket.trim_end_matches('/');
        if !bucket.is_empty() && !bucket.contains('/') {
            area.buckets.insert(bucket.to_owned());
        }
    }
    // arn:aws:iam::123456789012:role/path/name
    let role = wish.principal.and_then(|arn| arn.split_once(":role/"));
    if let Some((_, name)) = role.and_then(|(_, path)| path.rsplit_once('/').or(Some(("", path)))) {
        area.roles.insert(name.to_owned());
    }
    area
}
