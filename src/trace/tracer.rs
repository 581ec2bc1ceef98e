//! From a question to an answer.

use super::hosts::{self, Callee};
use super::index::{Index, Keyed};
use super::names::{self, Leads, Resolved};
use super::path::{self, Start};
use super::question::{Goal, Naming, Origin, Question};
use super::verdict::{Answer, Block, Door, Need, Stage, Symptom, Trace, Verdict, Way};
use super::walk::{Refusal, Walk};
use super::{interface_endpoints, policies};
use crate::model::network::{Bucket, InterfaceEndpoint, Known, Network, RouteTable, Subnet, Vpc};

/// Answers questions about one network.
#[derive(Debug)]
pub struct Tracer<'a> {
    index: Index<'a>,
}

/// One way of naming, ready to be walked.
struct Call<'q, 'a> {
    question: &'q Question,
    start: Start<'a>,
    vpc: (&'a str, &'a Vpc),
    callee: Callee,
    bucket: Option<&'a Bucket>,
}

impl<'a> Tracer<'a> {
    /// Makes ready to answer about a network.
    #[must_use]
    pub fn new(network: &'a Network) -> Self {
        Self {
            index: Index::new(network),
        }
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> &'a Network {
        self.index.network
    }

    /// How many things were looked at so far.
    #[cfg(test)]
    pub(super) fn looks(&self) -> usize {
        self.index.looks.get()
    }

    /// The table that steers a subnet's traffic: its own, or its VPC's main one.
    pub(super) fn table_of(&self, subnet: &'a Subnet) -> Option<Keyed<'a, RouteTable>> {
        self.index.table_of(subnet)
    }

    /// Answers a question. Of an origin that is not in the network the answer is
    /// that it is not known.
    #[must_use]
    pub fn trace(&self, question: &Question) -> Trace {
        let start = match self.start(&question.from) {
            Ok(start) => start,
            Err(why) => return nothing_known(question, why),
        };
        let network = self.index.network;
        let Some((key, vpc)) = network.vpcs.get_key_value(&start.subnet.1.vpc) else {
            let key = &start.subnet.1.vpc;
            let unread = network.unread.get(key).cloned();
            let why = unread.unwrap_or_else(|| format!("{} is not known", network.label(key)));
            return nothing_known(question, why);
        };
        let bucket = match &question.to {
            Goal::Bucket(key) => network.buckets.get(key),
            Goal::Service(_) => None,
        };
        let region = bucket.and_then(|it| it.region.get());
        let region = region.map_or(network.place.region.as_str(), String::as_str);
        let named = bucket.map(|bucket| (bucket.name.as_str(), region));
        let call = Call {
            question,
            start,
            vpc: (key, vpc),
            callee: hosts::callee(&question.to, &network.place, named),
            bucket,
        };
        match &question.naming {
            Naming::Usual => self.by_usual_name(&call),
            Naming::Endpoint => self.by_best_endpoint(&call),
            naming => self.by_name(&call, naming),
        }
    }

    fn start(&self, from: &Origin) -> Result<Start<'a>, String> {
        let network = self.index.network;
        let unread = |key: &String| {
            let unread = network.unread.get(key).cloned();
            unread.unwrap_or_else(|| format!("{} is not known", network.label(key)))
        };
        let subnet = |key: &String| {
            let found = network.subnets.get_key_value(key);
            found.ok_or_else(|| unread(key))
        };
        match from {
            Origin::Subnet(key) => Ok(Start {
                subnet: subnet(key)?,
                instance: None,
            }),
            Origin::Instance(key) => {
                let found = network.instances.get_key_value(key);
                let instance = found.ok_or_else(|| unread(key))?;
                Ok(Start {
                    subnet: subnet(&instance.1.subnet)?,
                    instance: Some(instance),
                })
            }
        }
    }

    /// By the service's own name, and where the network does not lead there, by
    /// the own name of an endpoint that does.
    fn by_usual_name(&self, call: &Call<'_, 'a>) -> Trace {
        // Clients call a bucket with a dot in its name by path: no certificate
        // covers its virtual-hosted name.
        let dotted = call
            .callee
            .bucket
            .as_ref()
            .is_some_and(|it| it.contains('.'));
        let naming = if dotted { Naming::Path } else { Naming::Bucket };
        let usual = self.by_name(call, &naming);
        let lost =
            matches!(&usual.verdict, Verdict::Blocked(block) if block.stage != Stage::Policy);
        if !lost {
            return usual;
        }
        let own = self.by_best_endpoint(call);
        match own.verdict {
            Verdict::Blocked(Block { stage, .. }) if stage != Stage::Policy => usual,
            _ => Trace {
                instead_of: Some(Box::new(usual)),
                ..own
            },
        }
    }

    /// By the own name of the endpoint that serves best.
    fn by_best_endpoint(&self, call: &Call<'_, 'a>) -> Trace {
        let service = call.callee.service_name();
        let endpoints = names::endpoints_for(&self.index, call.vpc.0, &service);
        let rank = |trace: &Trace| match &trace.verdict {
            Verdict::Reachable => 0,
            Verdict::Unknown(_) => 1,
            Verdict::Blocked(block) if block.stage == Stage::Policy => 2,
            Verdict::Blocked(_) => 3,
        };
        let traces = endpoints.into_iter().map(|it| self.by_endpoint(call, it));
        traces.min_by_key(rank).unwrap_or_else(|| {
            let mut walk = Walk::default();
            let vpc = self.index.network.label(call.vpc.0);
            let refusal = Refusal::of(
                Symptom::NameNotFound,
                format!(
                    "{vpc} has no interface endpoint for {}",
                    call.callee.service
                ),
            )
            .remedy(format!(
                "add an interface endpoint for {}",
                call.callee.service
            ));
            walk.no(Stage::Name, "no endpoint to name", Vec::new(), refusal);
            let host = format!("bucket.vpce-{}", hosts::LATER);
            finish(call, Naming::Endpoint, host, Answer::Unknown, None, walk)
        })
    }

    /// By the own name of one endpoint, which public DNS knows.
    fn by_endpoint(&self, call: &Call<'_, 'a>, endpoint: Keyed<'a, InterfaceEndpoint>) -> Trace {
        let host = hosts::endpoint_host(endpoint.1, &Naming::Endpoint);
        let mut resolved = names::resolve(&self.index, call.vpc, &host);
        let lost = matches!(resolved.leads, Leads::Unknown(_) | Leads::Public);
        if lost {
            // A name that only apply will know.
            resolved = names::own_name(&self.index, endpoint, &host);
        }
        self.walk(call, Naming::Endpoint, host, resolved)
    }

    fn by_name(&self, call: &Call<'_, 'a>, naming: &Naming) -> Trace {
        let account = &self.index.network.place.account;
        let host = call.callee.host(naming, account);
        let resolved = names::resolve(&self.index, call.vpc, &host);
        self.walk(call, naming.clone(), host, resolved)
    }

    /// Walks from the name's answer to the verdict.
    fn walk(
        &self,
        call: &Call<'_, 'a>,
        naming: Naming,
        host: String,
        resolved: Resolved<'a>,
    ) -> Trace {
        let mut walk = Walk::default();
        let index = &self.index;
        if let Goal::Bucket(key) = &call.question.to {
            match call.bucket.map(|bucket| &bucket.region) {
                Some(Known::Is(_)) => {}
                Some(Known::Not(why)) => walk.assume(format!(
                    "the bucket lies in {}: its region is not known ({why})",
                    call.callee.region
                )),
                None => walk.assume(format!("the bucket {key} lies in {}", call.callee.region)),
            }
        }
        let Resolved {
            answer,
            leads,
            text,
            rules,
            ..
        } = resolved;
        let way = match leads {
            Leads::Nowhere => {
                let problem = self.no_name(&answer, &host);
                let spot = rules.last().and_then(|rule| rule.spot.clone());
                let refusal = Refusal::of(Symptom::NameNotFound, problem)
                    .at(spot)
                    .remedy(self.no_name_remedy(call, &answer, &host));
                walk.no(Stage::Name, text, rules, refusal);
                None
            }
            Leads::Unknown(why) => {
                walk.unknown(Stage::Name, text, rules, why);
                None
            }
            Leads::Public => {
                walk.yes(Stage::Name, text, rules);
                self.certificate(call, &host, &mut walk);
                path::to_public(index, call.start, &call.callee.service_name(), &mut walk)
            }
            Leads::Endpoint(endpoint) => {
                walk.yes(Stage::Name, text, rules);
                self.certificate(call, &host, &mut walk);
                self.served(call, &naming, endpoint, &mut walk);
                interface_endpoints::to_endpoint(index, call.start, endpoint, &mut walk)
            }
            Leads::Addresses(addresses) => {
                walk.yes(Stage::Name, text, rules);
                path::to_addresses(index, call.start, &addresses, &mut walk)
            }
        };
        if let Some(way) = &way {
            let call = policies::Call {
                question: call.question,
                start: call.start,
                callee: &call.callee,
                bucket: call.bucket,
                way,
            };
            policies::ask(index, &call, &mut walk);
        }
        finish(call, naming, host, answer, way, walk)
    }

    fn no_name(&self, answer: &Answer, host: &str) -> String {
        let network = self.index.network;
        match answer {
            Answer::NoName(zone) => format!(
                "{host} is not in {}, and a private zone does not fall back to public DNS",
                network.label(zone)
            ),
            _ => format!("nobody resolves {host}: DNS support of the VPC is off"),
        }
    }

    fn no_name_remedy(&self, call: &Call<'_, 'a>, answer: &Answer, host: &str) -> String {
        let network = self.index.network;
        match answer {
            Answer::NoName(zone) => {
                let name = network.private_zones.get(zone).map_or("", |it| &it.name);
                let record = match host.strip_suffix(name) {
                    Some("") => "an alias record at its apex".to_owned(),
                    _ => "an alias record named `*`".to_owned(),
                };
                format!("add {record} to {}", network.label(zone))
            }
            _ => format!("set `dns_support = true` on {}", network.label(call.vpc.0)),
        }
    }

    /// A host name that S3's certificate does not cover fails before any policy.
    fn certificate(&self, call: &Call<'_, 'a>, host: &str, walk: &mut Walk) {
        let suffix = self.index.network.place.dns_suffix();
        let of_bucket = call.callee.bucket.is_some();
        if !of_bucket || !call.question.tls || hosts::certificate_covers(host, suffix) {
            return;
        }
        let refusal = Refusal::of(
            Symptom::CertificateMismatch,
            format!("S3's certificate does not cover {host}"),
        )
        .remedy("call it by path, or by a name of one label before `s3`");
        let text = format!("TLS with {host} fails");
        walk.no(Stage::Name, text, Vec::new(), refusal);
    }

    /// What an interface endpoint does not serve.
    fn served(
        &self,
        call: &Call<'_, 'a>,
        naming: &Naming,
        endpoint: Keyed<'a, InterfaceEndpoint>,
        walk: &mut Walk,
    ) {
        let label = self.index.network.label(endpoint.0);
        let region = hosts::region_of(&endpoint.1.service);
        if *naming == Naming::Global {
            let why = format!("AWS does not support the legacy global name at {label}");
            walk.unknown(
                Stage::Name,
                format!("{label} by the global name"),
                Vec::new(),
                why,
            );
        }
        if call.callee.bucket.is_some() && region != call.callee.region {
            let refusal = Refusal::of(
                Symptom::WrongRegion,
                format!(
                    "{label} is of {region}, and the bucket is in {}",
                    call.callee.region
                ),
            )
            .remedy("call the bucket by its own region's name, by a NAT or internet gateway");
            let text = format!("{label} serves buckets of {region} only");
            walk.no(Stage::Name, text, Vec::new(), refusal);
        }
    }
}

fn nothing_known(question: &Question, why: String) -> Trace {
    let naming = match &question.naming {
        Naming::Usual => Naming::Bucket,
        naming => naming.clone(),
    };
    Trace {
        question: question.clone(),
        naming,
        host: String::new(),
        answer: Answer::Unknown,
        hops: Vec::new(),
        way: None,
        verdict: Verdict::Unknown(vec![why]),
        needs: Vec::new(),
        assumes: Vec::new(),
        instead_of: None,
    }
}

fn finish(
    call: &Call<'_, '_>,
    naming: Naming,
    host: String,
    answer: Answer,
    way: Option<Way>,
    mut walk: Walk,
) -> Trace {
    let verdict = walk.verdict();
    let needs = match (&way, &verdict) {
        (Some(way), Verdict::Reachable | Verdict::Unknown(_)) => needs(call, &naming, &host, way),
        _ => Vec::new(),
    };
    Trace {
        question: call.question.clone(),
        naming,
        host,
        answer,
        hops: walk.hops,
        way,
        verdict,
        needs,
        assumes: walk.assumes,
        instead_of: None,
    }
}

/// What the client must do, by the door and the name.
fn needs(call: &Call<'_, '_>, naming: &Naming, host: &str, way: &Way) -> Vec<Need> {
    let mut needs = Vec::new();
    let private = matches!(
        way.door,
        Door::GatewayEndpoint(_) | Door::InterfaceEndpoint(_)
    );
    if !private {
        return needs;
    }
    if call.callee.bucket.is_some() {
        needs.push(Need::Region(call.callee.region.clone()));
    }
    if *naming == Naming::Endpoint {
        needs.push(Need::EndpointUrl(format!("https://{host}")));
    }
    needs.push(Need::NoProxy(host.to_owned()));
    needs
}
