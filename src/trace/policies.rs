//! Whether policies let a call pass that arrives this way.
//!
//! The way decides what a policy sees: through an endpoint a call carries
//! `aws:SourceVpce`, `aws:SourceVpc` and the private `aws:VpcSourceIp`; by a
//! public address it carries `aws:SourceIp` and none of those (Amazon VPC user
//! guide, "Control access to VPC endpoints using endpoint policies"; Amazon S3
//! user guide, "Controlling access from VPC endpoints with bucket policies").
//!
//! Who calls is an instance's role, or a role that the question names. Where
//! neither is known, the caller's own policies are taken to allow the call, and
//! the trace says so: the question is then about the network and the bucket.

use super::hosts::Callee;
use super::index::Index;
use super::path::Start;
use super::question::Question;
use super::verdict::{Door, Rule, SourceAddress, Stage, Symptom, Way};
use super::walk::{Refusal, Walk};
use crate::model::Value;
use crate::model::network::{Bucket, Key, Known, NamedPolicy, Role, Spot};
use crate::model::policy::{
    self, ANY_OBJECT, Holds, Judgement, Keys, Opinion, Policies, Principal, Request, Says, Source,
};

/// A text with `*` for an object that nobody named.
fn readable(text: &str) -> String {
    text.replace(ANY_OBJECT, "/*")
}

/// Everything that a judgement is about.
pub(super) struct Call<'q, 'a> {
    pub question: &'q Question,
    pub start: Start<'a>,
    pub callee: &'q Callee,
    pub bucket: Option<&'a Bucket>,
    pub way: &'q Way,
}

/// A source with the place in the file that says it.
struct Named<'a> {
    source: Source<'a>,
    spot: Option<Spot>,
}

/// Asks all policies about the question's action.
pub(super) fn ask(index: &Index<'_>, call: &Call<'_, '_>, walk: &mut Walk) {
    let Some(action) = &call.question.action else {
        return;
    };
    let caller = match caller(index, call) {
        Ok(caller) => caller,
        Err(why) => {
            walk.unknown(Stage::Policy, action.as_str(), Vec::new(), why);
            return;
        }
    };
    let (principal, own, boundary) = match caller {
        Caller::Role(role) => {
            let own = role.policies.iter().map(|it| of_role(index, role, it));
            let boundary = role.boundary.as_ref();
            (
                Principal::Session {
                    role: role.arn.clone(),
                    whole: true,
                    session: None,
                },
                own.collect(),
                boundary.map(|it| of_role(index, role, it)),
            )
        }
        Caller::Somebody => {
            walk.assume(format!("the caller's own policies allow {action}"));
            let account = index.network.place.account.clone();
            let own = Named {
                source: Source::new("caller's own policies", &index.unbounded),
                spot: None,
            };
            let account = Some(account).filter(|it| !it.is_empty());
            (Principal::Somebody { account }, vec![own], None)
        }
    };
    let endpoint = of_endpoint(index, &call.way.door);
    let resource = of_bucket(call);
    let owner = match call.bucket {
        Some(bucket) => bucket.account.get().cloned(),
        None if call.callee.bucket.is_some() && !makes_the_bucket(call) => None,
        None => principal.account().map(str::to_owned),
    };
    let policies = Policies {
        identity: Some(own.iter().map(|it| it.source.clone()).collect()),
        boundary: boundary.as_ref().map(|it| it.source.clone()),
        endpoint: endpoint.as_ref().map(|it| it.source.clone()),
        at_gateway: matches!(call.way.door, Door::GatewayEndpoint(_)),
        resource: resource.as_ref().map(|it| it.source.clone()),
        resource_account: owner,
        bucket_block: call
            .bucket
            .map_or_else(Known::default, |bucket| bucket.block.clone()),
        account_block: index.network.account_block.clone(),
        ..Policies::default()
    };
    let request = Request {
        action: action.clone(),
        resource: resource_arn(index, call, action),
        principal,
        keys: keys(call),
    };
    let named = own
        .into_iter()
        .chain(boundary)
        .chain(endpoint)
        .chain(resource)
        .map(|it| (it.source.name, it.spot))
        .collect::<Vec<_>>();
    tell(&policies, &request, &named, walk);
}

/// Judges, and says what decided.
fn tell(
    policies: &Policies<'_>,
    request: &Request,
    named: &[(String, Option<Spot>)],
    walk: &mut Walk,
) {
    let spot_of = |name: &str| {
        let mut found = named.iter().filter(|(it, _)| it == name);
        found.next().and_then(|(_, spot)| spot.clone())
    };
    let (judgement, opinions) = policy::hear(policies, request);
    let rules = opinions.iter().map(|opinion| Rule {
        text: in_words(opinion),
        spot: spot_of(&opinion.source),
    });
    let rules: Vec<Rule> = rules.collect();
    let what = match &request.resource {
        Some(resource) => format!("{} on {}", request.action, readable(resource)),
        None => request.action.clone(),
    };
    match judgement {
        Judgement::Allowed { .. } => walk.yes(Stage::Policy, format!("{what} is allowed"), rules),
        Judgement::Denied(denial) => {
            let refusal = Refusal::of(Symptom::AccessDenied, readable(&denial.problem()))
                .at(spot_of(&denial.by.source))
                .remedy(readable(&denial.remedy()));
            walk.no(Stage::Policy, format!("{what} is denied"), rules, refusal);
        }
        Judgement::Unknown { why } => {
            let text = format!("{what} cannot be judged");
            let mut doubts = why.iter().map(|it| readable(&it.to_string()));
            let first = doubts
                .next()
                .unwrap_or_else(|| "a policy is not known".to_owned());
            walk.unknown(Stage::Policy, text, rules, first);
            for doubt in doubts {
                walk.doubt(doubt);
            }
        }
    }
}

fn in_words(opinion: &Opinion) -> String {
    let source = &opinion.source;
    match &opinion.says {
        Says::Allows(statement) => format!("{source}: {statement} allows it"),
        Says::Denies(statement) => format!("{source}: {statement} denies it"),
        Says::Nothing => format!("{source}: says nothing of it"),
        Says::Unknown(_) => format!("{source}: cannot be judged"),
    }
}

enum Caller<'a> {
    Role(&'a Role),
    Somebody,
}

/// Who calls: the role that the question names, else the instance's own.
fn caller<'a>(index: &Index<'a>, call: &Call<'_, 'a>) -> Result<Caller<'a>, String> {
    let network = index.network;
    let role = |key: &str| {
        let role = network.roles.get(key);
        role.ok_or_else(|| format!("the policies of {} are not known", network.label(key)))
    };
    if let Some(named) = &call.question.principal {
        let by_arn = || network.roles.values().find(|role| role.arn == *named);
        let labelled = network.labelled(named).map(|key| role(key));
        return match (labelled, by_arn()) {
            (Some(found), _) => found.map(Caller::Role),
            (None, Some(found)) => Ok(Caller::Role(found)),
            (None, None) => role(named).map(Caller::Role),
        };
    }
    match call.start.instance.map(|(_, instance)| &instance.role) {
        Some(Known::Is(Some(key))) => role(key).map(Caller::Role),
        Some(Known::Not(why)) => Err(format!("the instance's role is not known: {why}")),
        Some(Known::Is(None)) | None => Ok(Caller::Somebody),
    }
}

fn of_role<'a>(index: &Index<'a>, role: &'a Role, policy: &'a NamedPolicy) -> Named<'a> {
    let roles = &mut index.network.roles.iter();
    let key = roles
        .find(|(_, it)| std::ptr::eq(*it, role))
        .map(|(key, _)| key.as_str());
    let label = key.map_or(role.arn.as_str(), |key| index.network.label(key));
    Named {
        source: Source {
            name: format!("{} of {label}", policy.name),
            document: known(&policy.document),
        },
        spot: policy.spot.clone(),
    }
}

fn known(document: &Known<Value>) -> Known<&Value> {
    match document {
        Known::Is(document) => Known::Is(document),
        Known::Not(why) => Known::Not(why.clone()),
    }
}

/// The policy of the endpoint on the way; one without has full access.
fn of_endpoint<'s>(index: &'s Index<'_>, door: &Door) -> Option<Named<'s>> {
    let network = index.network;
    let (key, policy, spot): (&Key, _, _) = match door {
        Door::GatewayEndpoint(key) => {
            let it = network.gateway_endpoints.get(key)?;
            (key, &it.policy, &it.spot)
        }
        Door::InterfaceEndpoint(key) => {
            let it = network.interface_endpoints.get(key)?;
            (key, &it.policy, &it.spot)
        }
        Door::InternetGateway(_) | Door::NatGateway(_) | Door::Other(_) => return None,
    };
    let document = match policy {
        Known::Is(Some(document)) => Known::Is(document),
        Known::Is(None) => Known::Is(&index.full_access),
        Known::Not(why) => Known::Not(why.clone()),
    };
    let name = match policy {
        Known::Is(None) => format!("policy of {} (full access)", network.label(key)),
        _ => format!("policy of {}", network.label(key)),
    };
    let spot = spot.clone().map(|mut spot| {
        spot.field = "policy";
        spot
    });
    Some(Named {
        source: Source { name, document },
        spot,
    })
}

/// Whether the bucket is yet to be made: then it has no policy, and it will be the
/// caller's own.
fn makes_the_bucket(call: &Call<'_, '_>) -> bool {
    let action = call.question.action.as_deref().unwrap_or_default();
    action.eq_ignore_ascii_case("s3:CreateBucket")
}

/// The bucket's policy; of a bucket that is not in the network it is not known.
fn of_bucket<'a>(call: &Call<'_, 'a>) -> Option<Named<'a>> {
    let name = call.callee.bucket.as_ref()?;
    if makes_the_bucket(call) {
        return None;
    }
    let Some(bucket) = call.bucket else {
        return Some(Named {
            source: Source {
                name: format!("policy of bucket {name}"),
                document: Known::Not(
                    "the bucket is not in the file; --live reads its policy".to_owned(),
                ),
            },
            spot: None,
        });
    };
    let document = match &bucket.policy.document {
        Known::Is(None) => return None,
        Known::Is(Some(document)) => Known::Is(document),
        Known::Not(why) => Known::Not(why.clone()),
    };
    Some(Named {
        source: Source {
            name: format!("policy of bucket {}", bucket.name),
            document,
        },
        spot: bucket.policy.spot.clone().or_else(|| bucket.spot.clone()),
    })
}

/// The ARN that an action is about: a bucket's, or an object's.
fn resource_arn(index: &Index<'_>, call: &Call<'_, '_>, action: &str) -> Option<String> {
    let bucket = call.callee.bucket.as_ref()?;
    let arn = format!("arn:{}:s3:::{bucket}", index.network.place.partition());
    match action.split_once(':') {
        Some((_, name)) if on_bucket(name) => Some(arn),
        _ => Some(match &call.question.object {
            Some(object) => format!("{arn}/{object}"),
            None => format!("{arn}{ANY_OBJECT}"),
        }),
    }
}

/// Whether an action of S3 is about a bucket and not about objects (service
/// authorization reference, "Actions defined by Amazon S3").
fn on_bucket(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let families = [
        "getbucket",
        "putbucket",
        "deletebucket",
        "listbucket",
        "createbucket",
    ];
    let others = [
        "getaccelerateconfiguration",
        "getencryptionconfiguration",
        "getlifecycleconfiguration",
        "getreplicationconfiguration",
        "getinventoryconfiguration",
        "getmetricsconfiguration",
        "getanalyticsconfiguration",
        "putaccelerateconfiguration",
        "putencryptionconfiguration",
        "putlifecycleconfiguration",
        "putreplicationconfiguration",
        "putinventoryconfiguration",
        "putmetricsconfiguration",
        "putanalyticsconfiguration",
    ];
    families.iter().any(|family| name.starts_with(family)) || others.contains(&name.as_str())
}

/// What a call that arrives this way carries.
fn keys(call: &Call<'_, '_>) -> Keys {
    let mut keys = Keys::new()
        .with_text("aws:SecureTransport", call.question.tls.to_string())
        .with_text("aws:RequestedRegion", call.callee.region.clone())
        .with_text("aws:PrincipalIsAWSService", "false")
        .with_text("aws:ViaAWSService", "false")
        .without(&["aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"])
        .without(&["aws:SourceArn", "aws:SourceAccount"]);
    let vpc = &call.start.subnet.1.vpc;
    match &call.way.door {
        Door::GatewayEndpoint(key) | Door::InterfaceEndpoint(key) => {
            keys.set("aws:SourceVpce", Holds::text(key.as_str()));
            keys.set("aws:SourceVpc", Holds::text(vpc.as_str()));
            let private = call.start.private_source();
            let address = match private.prefix_len() == private.max_prefix_len() {
                true => private.addr().to_string(),
                false => private.to_string(),
            };
            keys.set("aws:VpcSourceIp", Holds::text(address));
            keys.set("aws:SourceIp", Holds::Missing);
        }
        Door::InternetGateway(_) | Door::NatGateway(_) => {
            for key in ["aws:SourceVpce", "aws:SourceVpc", "aws:VpcSourceIp"] {
                keys.set(key, Holds::Missing);
            }
            let address = match call.way.source {
                SourceAddress::Public(Some(address)) => Holds::text(address.to_string()),
                _ => Holds::Something,
            };
            keys.set("aws:SourceIp", address);
        }
        Door::Other(_) => {}
    }
    if let Some(bucket) = call.bucket {
        let account = match &bucket.account {
            Known::Is(account) => Holds::text(account.as_str()),
            Known::Not(_) => Holds::Something,
        };
        keys.set("aws:ResourceAccount", account.clone());
        keys.set("s3:ResourceAccount", account);
    }
    // Credentials of an instance's own role say from where they were given.
    if call.question.principal.is_none() && call.start.instance.is_some() {
        keys.set("aws:Ec2InstanceSourceVpc", Holds::text(vpc.as_str()));
    }
    keys
}
