//! Killed at any write to S3, its state's own among them: the next run goes on.

use super::site::{Site, ended};
use crate::kill::proxy::{At, Blow, Moment, Proxy};
use crate::lab::endpoint;

/// A verb by way of a proxy.
fn by_way_of(site: &Site, proxy: &Proxy, verb: &str) -> i32 {
    let mut command = site.command(verb, &["--auto-approve"]);
    command.env("AWS_ENDPOINT_URL", &proxy.url);
    let child = command.spawn().unwrap();
    proxy.aim_at(child.id());
    ended(child).code
}

/// Kills one apply, or one destroy, at a write; the next must end as if nothing
/// had been.
fn kill_at(site: &Site, verb: &str, call: usize, moment: Moment) -> bool {
    let at = At::Call(call);
    let proxy = Proxy::before(endpoint(), Some(Blow { at, moment }));
    let code = by_way_of(site, &proxy, verb);
    let Some(struck) = proxy.struck() else {
        assert_eq!(code, 0);
        return false;
    };
    assert_eq!(code, -1, "{verb} {call} {moment:?}: {struck}");
    // Its lease would end by itself, which is tried elsewhere.
    site.run("unlock", &["--auto-approve"]).exits(0);
    let next = site.run(verb, &["--auto-approve"]);
    let when = format!("{verb}, {moment:?} {struck} ({call}): {}", next.err);
    assert_eq!(next.code, 0, "{when}");
    assert_eq!(site.keys(), ["labs/small/state.json"], "{when}");
    assert_eq!(site.vpcs(), usize::from(verb == "apply"), "{when}");
    true
}

/// Both verbs at every write, for as many writes as they make.
fn sweep(moment: Moment) -> usize {
    let site = Site::small_on_s3();
    let site = site.without_local();
    let mut points = 0;
    for call in 1.. {
        let struck = [
            kill_at(&site, "apply", call, moment),
            kill_at(&site, "destroy", call, moment),
        ];
        points += struck.iter().filter(|struck| **struck).count();
        if struck == [false, false] {
            break;
        }
        // What was not struck is done, too: an apply before each destroy.
        assert!(call < 40);
    }
    points
}

#[test]
fn killed_before_any_write_the_next_run_goes_on() {
    let points = sweep(Moment::Before);
    println!("state on S3: killed before {points} writes, none lost");
    assert!(points >= 20, "{points}");
}

#[test]
fn killed_after_any_write_the_next_run_goes_on() {
    let points = sweep(Moment::After);
    println!("state on S3: killed after {points} writes, none lost");
    assert!(points >= 20, "{points}");
}
