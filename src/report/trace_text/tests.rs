//! How traces read.

use super::*;
use crate::report::fitting::columns;
use crate::report::samples::traces::{LAB, Wanted};
use crate::trace::{Answer, Door, Naming};

fn told(wanted: &Wanted, told: &Trace) -> String {
    trace(told, &wanted.scene(), Style::PLAIN)
}

/// A trace that no network gave.
fn made_up(wanted: &Wanted, verdict: Verdict, way: Option<Way>) -> Trace {
    Trace {
        question: wanted.question("instance.one", "bucket.data"),
        naming: Naming::Bucket,
        host: "lab-data.s3.ap-northeast-1.amazonaws.com".into(),
        answer: Answer::Public,
        hops: Vec::new(),
        way,
        verdict,
        needs: Vec::new(),
        assumes: Vec::new(),
        instead_of: None,
    }
}

fn by(door: Door) -> Way {
    Way {
        door,
        source: SourceAddress::Public(Some([203, 0, 113, 7].into())),
        private: false,
    }
}

#[test]
fn a_way_that_works() {
    let wanted = Wanted::of(LAB);
    insta::assert_snapshot!(told(&wanted, &wanted.trace("instance.one", "bucket.data")));
}

#[test]
fn a_way_that_is_blocked_is_shown_in_the_file() {
    let wanted = Wanted::of(LAB);
    insta::assert_snapshot!(told(&wanted, &wanted.trace("instance.two", "bucket.data")));
}

#[test]
fn a_way_by_an_endpoints_own_name() {
    let text = LAB.replace(
        "routes = [{ to = \"0.0.0.0/0\", via = \"nat_gateway.main\" }]\n",
        "",
    );
    let wanted = Wanted::of(&format!(
        "{text}\n[interface_endpoint.s3]\nvpc = \"main\"\nservice = \"s3\"\n\
         subnets = [\"private\"]\nsecurity_groups = [\"inside\"]\nprivate_dns = false\n\n\
         [security_group.inside]\nvpc = \"main\"\ndescription = \"HTTPS\"\n\
         ingress = [{{ protocol = \"tcp\", port = 443, from = \"security_group.open\" }}]\n"
    ));
    insta::assert_snapshot!(told(&wanted, &wanted.trace("instance.one", "bucket.data")));
}

#[test]
fn what_is_not_known_says_why() {
    let wanted = Wanted::of(LAB);
    let reasons = vec![
        "what peering connection pcx-1 leads to is not known here".to_owned(),
        "the bucket's policy may not be read".to_owned(),
    ];
    let mut unknown = made_up(&wanted, Verdict::Unknown(reasons), None);
    unknown.hops.push(Hop {
        stage: Stage::Route,
        text: "goes to pcx-1".into(),
        passes: Passes::Unknown("what it leads to is not known here".into()),
        rules: Vec::new(),
    });
    unknown.assumes = vec!["the machine has a public address".into()];
    insta::assert_snapshot!(told(&wanted, &unknown));
}

#[test]
fn every_door_has_a_price_or_says_that_it_is_not_known() {
    let wanted = Wanted::of(LAB);
    let mut lines = String::new();
    let key = "eni-1".to_owned();
    for door in [
        Door::InternetGateway(key.clone()),
        Door::NatGateway(key.clone()),
        Door::GatewayEndpoint(key.clone()),
        Door::InterfaceEndpoint(key.clone()),
        Door::Other(key),
    ] {
        for region in ["ap-northeast-1", "mars-north-1"] {
            let mut wanted = Wanted::of(LAB);
            region.clone_into(&mut wanted.network.place.region);
            let text = told(
                &wanted,
                &made_up(&wanted, Verdict::Reachable, Some(by(door.clone()))),
            );
            let price = text.lines().find(|line| line.contains("price")).unwrap();
            lines.push_str(&format!("{} {region}:{}\n", door.noun(), price.trim()));
        }
    }
    // The bucket is of ap-northeast-1, so that each second way leaves the region.
    insta::assert_snapshot!(lines);
    let text = told(
        &wanted,
        &made_up(
            &wanted,
            Verdict::Reachable,
            Some(by(Door::NatGateway("nat-1".into()))),
        ),
    );
    assert!(text.contains("Reachable by NAT gateway nat-1, over public addresses."));
    assert!(text.contains("S3 sees 203.0.113.7, a public address"));
}

#[test]
fn every_line_fits_and_colour_changes_no_word() {
    let wanted = Wanted::of(LAB);
    for one in wanted.traces() {
        for width in [60, 80, 120] {
            let plain = Style {
                width,
                ..Style::PLAIN
            };
            let text = trace(&one, &wanted.scene(), plain);
            for line in text.lines() {
                assert!(columns(line) <= width, "{line}");
                assert_eq!(line, line.trim_end());
            }
            let color = Style {
                color: true,
                ..plain
            };
            let painted = trace(&one, &wanted.scene(), color);
            let stripped = anstream::adapter::strip_str(&painted).to_string();
            assert_eq!(stripped, text);
        }
    }
}

#[test]
fn what_aws_says_cannot_disguise_itself() {
    let mut wanted = Wanted::of(LAB);
    for label in wanted.network.labels.values_mut() {
        label.push_str("\u{1b}[2J");
    }
    for one in wanted.traces() {
        assert!(!told(&wanted, &one).contains('\u{1b}'));
    }
}
