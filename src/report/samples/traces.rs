//! Traces for tests: of plan files, by the real tracer, as nobody else asks AWS.

use crate::config::{self, Desired, Options, Source};
use crate::kinds::registry;
use crate::model::Place;
use crate::model::network::Network;
use crate::plan::facts;
use crate::report::trace_scene::{Scene, Sight};
use crate::trace::selection::{all_goals, all_origins, goals, origins};
use crate::trace::{Question, Trace, Tracer};

/// A small network: one private subnet with everything, one with nothing.
pub const LAB: &str = r#"[stack]
name = "lab"
region = "ap-northeast-1"

[vpc.main]
cidr = "10.0.0.0/16"

[subnet.public]
vpc = "main"
cidr = "10.0.0.0/24"
zone = "a"

[subnet.private]
vpc = "main"
cidr = "10.0.1.0/24"
zone = "a"

[internet_gateway.main]
vpc = "main"

[elastic_ip.nat]

[nat_gateway.main]
subnet = "public"
elastic_ip = "nat"

[route_table.public]
vpc = "main"
subnets = ["public"]
routes = [{ to = "0.0.0.0/0", via = "internet_gateway.main" }]

[route_table.private]
vpc = "main"
subnets = ["private"]
routes = [{ to = "0.0.0.0/0", via = "nat_gateway.main" }]

[security_group.open]
vpc = "main"
description = "all out"

[security_group.shut]
vpc = "main"
description = "nothing out"
egress = []

[bucket.data]
name = "lab-data"

[role.reader]
service = "ec2"
inline_policies = { s3 = { allow = ["s3:GetObject"], on = ["bucket.data"] } }

[instance.one]
subnet = "private"
security_groups = ["open"]
role = "reader"
type = "t3.micro"
image = "ami-0123456789abcdef0"

[instance.two]
subnet = "private"
security_groups = ["shut"]
role = "reader"
type = "t3.micro"
image = "ami-0123456789abcdef0"
"#;

/// A plan file that was read, and the network that it wants.
pub struct Wanted {
    desired: Desired,
    pub network: Network,
}

impl Wanted {
    /// The file `plans/lab.toml` with this text.
    pub fn of(text: &str) -> Self {
        let text = Source {
            name: "plans/lab.toml".into(),
            text: text.into(),
        };
        let loaded = config::parse(
            text,
            std::path::Path::new("."),
            &Options::default(),
            registry(),
        );
        assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
        let desired = loaded.desired.unwrap();
        let network = facts::of_file(registry(), &desired.stack, &Place::default());
        Self { desired, network }
    }

    /// What traces of it are told against.
    pub fn scene(&self) -> Scene<'_> {
        Scene {
            sight: Sight::Wanted,
            network: &self.network,
            file: Some(&self.desired),
        }
    }

    /// One question.
    pub fn question(&self, from: &str, to: &str) -> Question {
        let from = origins(&self.network, from).unwrap().remove(0);
        Question::new(from, goals(&self.network, to).unwrap().remove(0))
    }

    /// One trace.
    pub fn trace(&self, from: &str, to: &str) -> Trace {
        Tracer::new(&self.network).trace(&self.question(from, to))
    }

    /// Every trace.
    pub fn traces(&self) -> Vec<Trace> {
        let tracer = Tracer::new(&self.network);
        let mut traces = Vec::new();
        for from in all_origins(&self.network) {
            for to in all_goals(&self.network) {
                traces.push(tracer.trace(&Question::new(from.clone(), to)));
            }
        }
        traces
    }
}
