//! Traces for programs: one document for one trace, or for a matrix of them.
//!
//! What has no id yet has `null` for it. Words that stand for one of several
//! cases are in `snake_case`.

use serde_json::{Value, json};

use super::json::FORMAT_VERSION;
use super::trace_price::tariff;
use super::trace_scene::{Scene, Sight, id};
use super::trace_text::stage;
use crate::cost::{self, Price};
use crate::model::network::Spot;
use crate::trace::{
    Answer, Block, Door, Goal, Hop, Need, Origin, Passes, Question, SourceAddress, Symptom, Trace,
    Verdict,
};

/// One trace as a document.
#[must_use]
pub fn trace_document(trace: &Trace, scene: &Scene<'_>) -> Value {
    document("trace", "trace", told(trace, scene), scene)
}

/// A matrix of traces as a document.
#[must_use]
pub fn matrix_document(traces: &[Trace], scene: &Scene<'_>) -> Value {
    let traces = traces.iter().map(|trace| told(trace, scene)).collect();
    document("trace_matrix", "traces", traces, scene)
}

fn document(name: &str, field: &str, content: Value, scene: &Scene<'_>) -> Value {
    let place = &scene.network.place;
    let account = id(&place.account).filter(|it| !it.is_empty());
    json!({
        "format_version": FORMAT_VERSION,
        "document": name,
        "place": { "account": account, "region": place.region },
        "network": match scene.sight {
            Sight::Wanted => "wanted",
            Sight::Planned => "planned",
            Sight::Live => "live",
        },
        "file": scene.file.map(|file| &file.source.name),
        field: content,
    })
}

/// A trace in all its fields.
fn told(trace: &Trace, scene: &Scene<'_>) -> Value {
    let usual = trace.instead_of.as_deref();
    json!({
        "question": question(&trace.question, scene),
        "naming": trace.naming.to_string(),
        "host": trace.host,
        "answer": answer(&trace.answer, scene),
        "hops": trace.hops.iter().map(|it| hop(it, scene)).collect::<Vec<_>>(),
        "way": way(trace, scene),
        "reachable": match trace.verdict {
            Verdict::Reachable => Some(true),
            Verdict::Blocked(_) => Some(false),
            Verdict::Unknown(_) => None,
        },
        "block": match &trace.verdict {
            Verdict::Blocked(it) => Some(block(it, scene)),
            _ => None,
        },
        "unknown": match &trace.verdict {
            Verdict::Unknown(reasons) => reasons.as_slice(),
            _ => &[],
        },
        "needs": trace.needs.iter().map(need).collect::<Vec<_>>(),
        "assumes": trace.assumes,
        "instead_of": usual.map(|usual| told(usual, scene)),
    })
}

fn question(question: &Question, scene: &Scene<'_>) -> Value {
    let (kind, key) = match &question.from {
        Origin::Subnet(key) => ("subnet", key),
        Origin::Instance(key) => ("instance", key),
    };
    let mut from = thing(key, scene);
    from["kind"] = kind.into();
    let to = match &question.to {
        Goal::Bucket(key) => {
            let bucket = scene.network.buckets.get(key);
            let name = bucket.map_or(key, |bucket| &bucket.name);
            json!({ "kind": "bucket", "name": id(name), "label": scene.goal(&question.to) })
        }
        Goal::Service(name) => json!({ "kind": "service", "name": name, "label": name }),
    };
    json!({
        "from": from,
        "to": to,
        "naming": question.naming.to_string(),
        "action": question.action,
        "object": question.object,
        "principal": question.principal.as_ref().map(|key| thing(key, scene)),
        "tls": question.tls,
    })
}

fn answer(answer: &Answer, scene: &Scene<'_>) -> Value {
    let (kind, of) = match answer {
        Answer::Public => ("public", None),
        Answer::Endpoint(key) => ("endpoint", Some(key)),
        Answer::Addresses => ("addresses", None),
        Answer::NoName(key) => ("no_name", Some(key)),
        Answer::NoResolver => ("no_resolver", None),
        Answer::Unknown => ("unknown", None),
    };
    json!({ "kind": kind, "of": of.map(|key| thing(key, scene)) })
}

fn hop(hop: &Hop, scene: &Scene<'_>) -> Value {
    let (passes, why) = match &hop.passes {
        Passes::Yes => ("yes", None),
        Passes::No => ("no", None),
        Passes::Unknown(why) => ("unknown", Some(why)),
    };
    let rules = hop.rules.iter();
    let rules = rules.map(|rule| json!({ "text": rule.text, "spot": spot(&rule.spot, scene) }));
    json!({
        "stage": stage(hop.stage),
        "text": hop.text,
        "passes": passes,
        "why": why,
        "rules": rules.collect::<Vec<_>>(),
    })
}

fn way(trace: &Trace, scene: &Scene<'_>) -> Option<Value> {
    let way = trace.way.as_ref()?;
    let (source, address) = match way.source {
        SourceAddress::Public(address) => ("public", address.map(|it| it.to_string())),
        SourceAddress::Private(block) if block.prefix_len() == block.max_prefix_len() => {
            ("private", Some(block.addr().to_string()))
        }
        SourceAddress::Private(block) => ("private", Some(block.to_string())),
        SourceAddress::Unknown => ("unknown", None),
    };
    let tariff = tariff(trace, scene);
    let dollars = |price: Option<Price>| price?.to_string().parse::<f64>().ok();
    Some(json!({
        "door": door(&way.door, scene),
        "source": { "kind": source, "address": address },
        "private": way.private,
        "price": {
            "usd_per_gb": tariff.and_then(|it| dollars(it.per_gb)),
            "usd_per_hour": tariff.and_then(|it| dollars(it.per_hour)),
            "between_regions": tariff.is_some_and(|it| it.between_regions),
            "as_of": cost::as_of(),
        },
    }))
}

fn door(door: &Door, scene: &Scene<'_>) -> Value {
    let mut told = thing(door.key(), scene);
    told["kind"] = match door {
        Door::Other(_) => "other".into(),
        _ => door.kind().into(),
    };
    told
}

fn block(block: &Block, scene: &Scene<'_>) -> Value {
    json!({
        "stage": stage(block.stage),
        "symptom": match block.symptom {
            Symptom::NameNotFound => "name_not_found",
            Symptom::TimeOut => "time_out",
            Symptom::AccessDenied => "access_denied",
            Symptom::CertificateMismatch => "certificate_mismatch",
            Symptom::WrongRegion => "wrong_region",
        },
        "problem": block.problem,
        "spot": spot(&block.spot, scene),
        "remedy": block.remedy,
    })
}

fn need(need: &Need) -> Value {
    let (kind, value) = match need {
        Need::Region(region) => ("region", region),
        Need::EndpointUrl(url) => ("endpoint_url", url),
        Need::NoProxy(host) => ("no_proxy", host),
    };
    json!({ "kind": kind, "value": value })
}

fn thing(key: &str, scene: &Scene<'_>) -> Value {
    json!({ "id": id(key), "label": scene.network.label(key) })
}

fn spot(spot: &Option<Spot>, scene: &Scene<'_>) -> Option<Value> {
    let spot = spot.as_ref()?;
    let line = scene.file.and_then(|file| file.line_of(spot));
    Some(json!({
        "address": spot.address,
        "field": Some(spot.field).filter(|field| !field.is_empty()),
        "line": line,
    }))
}

#[cfg(test)]
mod tests;
