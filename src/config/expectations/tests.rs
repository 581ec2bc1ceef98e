//! What texts of an expectation come to stand for.

use crate::config::load::tests::loaded;
use crate::model::expectation::{Doorway, Target};
use crate::model::{Address, Expectation};

const HEAD: &str = r#"
[stack]
name = "lab"
region = "ap-northeast-1"

[variables]
bucket = "lab-data"
open = "false"

[vpc.main]
cidr = "10.0.0.0/16"

[existing.subnet.shared]
tags = { Name = "shared" }

[existing.bucket.logs]
tags = { Name = "logs" }

[subnet.private-1]
vpc = "main"
cidr = "10.0.1.0/24"
zone = "a"

[subnet.private-2]
vpc = "main"
cidr = "10.0.2.0/24"
zone = "a"

[subnet.public]
vpc = "main"
cidr = "10.0.3.0/24"
zone = "a"

[route_table.private]
vpc = "main"

[gateway_endpoint.s3]
vpc = "main"
service = "s3"
route_tables = ["private"]

[bucket.data]
name = "${var.bucket}"
"#;

fn read(tables: &str) -> Vec<Expectation> {
    let loaded = loaded(&format!("{HEAD}{tables}"));
    assert_eq!(loaded.diagnostics, []);
    loaded.desired.unwrap().expectations
}

fn addresses(texts: &[&str]) -> Vec<Address> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn the_least_is_from_and_to() {
    let all = read("[[expect]]\nfrom = 'subnet.public'\nto = 'bucket.data'\n");
    let [one] = all.as_slice() else {
        panic!("{all:?}")
    };
    assert_eq!(one.from, addresses(&["subnet.public"]));
    let data = Address::new("bucket", "data");
    assert_eq!(one.to, [Target::Bucket(data)]);
    assert!(one.reachable);
    assert_eq!(one.private, None);
    assert!(one.via.is_empty() && one.not_via.is_empty() && one.actions.is_empty());
    assert_eq!((&one.naming, &one.object), (&None, &None));
    let text = format!("{HEAD}[[expect]]");
    assert_eq!(one.span, HEAD.len()..text.len());
}

#[test]
fn wildcards_stand_for_tables_and_look_ups() {
    for (from, stands_for) in [
        (
            "'subnet.private-*'",
            &["subnet.private-1", "subnet.private-2"][..],
        ),
        ("'*.public'", &["subnet.public"]),
        ("'subnet.s*'", &["existing.subnet.shared"]),
        ("'existing.*'", &["existing.subnet.shared"]),
        ("'subnet.shared'", &["existing.subnet.shared"]),
        (
            "['subnet.public', 'subnet.p*', 'subnet.public']",
            &["subnet.public", "subnet.private-1", "subnet.private-2"],
        ),
    ] {
        let all = read(&format!("[[expect]]\nfrom = {from}\nto = 'bucket.*'\n"));
        assert_eq!(all[0].from, addresses(stands_for), "{from}");
        let buckets = addresses(&["bucket.data", "existing.bucket.logs"]);
        let buckets: Vec<_> = buckets.into_iter().map(Target::Bucket).collect();
        assert_eq!(all[0].to, buckets);
    }
}

#[test]
fn every_form_of_a_goal_and_a_door_is_read() {
    let all = read(
        "[[expect]]\nfrom = 'subnet.public'\n\
         to = ['s3://${var.bucket}', 'ssm', 'com.amazonaws.ap-northeast-1.ecr.api',\n\
         's3://${existing.bucket.logs.name}', '${bucket.data.id}']\n\
         via = ['gateway_endpoint.*', 'nat_gateway']\nnot_via = 'internet_gateway'\n\
         private = true\nname = 'Path'\nobject = 'logs/${var.bucket}'\n\
         [[expect]]\nfrom = 'subnet.public'\nto = 'bucket.data'\nreachable = '${var.open}'\n\
         action = 's3:PutObject'\n",
    );
    let [one, other] = all.as_slice() else {
        panic!("{all:?}")
    };
    let service = |name: &str| Target::Service(name.to_owned());
    assert_eq!(
        one.to,
        [
            Target::Named("lab-data".to_owned()),
            service("ssm"),
            service("ecr.api"),
            Target::Bucket(Address::existing("bucket", "logs")),
            Target::Bucket(Address::new("bucket", "data")),
        ]
    );
    let endpoint = Address::new("gateway_endpoint", "s3");
    let nat = Doorway::Kind("nat_gateway".to_owned());
    assert_eq!(one.via, [Doorway::One(endpoint), nat]);
    assert_eq!(one.not_via, [Doorway::Kind("internet_gateway".to_owned())]);
    assert_eq!(one.private, Some(true));
    assert_eq!(one.naming.as_deref(), Some("path"));
    assert_eq!(one.object.as_deref(), Some("logs/lab-data"));
    assert!(!other.reachable);
    assert_eq!(other.actions, ["s3:PutObject"]);
}

#[test]
fn one_mistake_is_one_problem() {
    for (table, problem) in [
        (
            "from = 'subnet.*'\nto = 'bucket.dta'",
            "the file has no [bucket.dta]",
        ),
        (
            "from = 'instance.*'\nto = 'bucket.data'",
            "nothing fits `instance.*`",
        ),
        (
            "from = 'subnet.*'\nto = 'smm'",
            "`smm` is neither a bucket nor a service",
        ),
        (
            "from = 'subnet.*'\nto = 'bucket.data'\nvia = 'nat'",
            "`nat` is no door",
        ),
        (
            "from = 'subnet.*'\nto = 'ssm'\nobject = '${existing.bucket.logs.arn}'",
            "what `object` says is not known yet",
        ),
    ] {
        let loaded = loaded(&format!("{HEAD}[[expect]]\n{table}\n"));
        let problems: Vec<&str> = loaded
            .diagnostics
            .iter()
            .map(|it| it.problem.as_str())
            .collect();
        assert_eq!(problems, [problem]);
        assert!(loaded.desired.is_none());
    }
}
