//! A trace for people.
//!
//! ```text
//! instance.one → bucket.data  s3:GetObject as role.instance
//! as plans/lab.toml wants it
//!
//!   name    ✓ my-data.s3.ap-northeast-1.amazonaws.com: public addresses
//!   route   ✓ route_table.private decides, by the longest prefix
//!               0.0.0.0/0 → nat_gateway.main  line 12
//!   filter  ✗ security_group.instance lets no HTTPS out
//!
//! Blocked at the filter: security_group.instance lets no HTTPS out to there.
//!     ╭─[plans/lab.toml:31:1]
//!  31 │ egress = []
//!     ╰────
//!   client    sees no answer: the connection times out
//!   change    allow port 443 in `egress` of security_group.instance
//! ```

use super::diagnostic;
use super::fitting::{columns, harmless, padded, wrapped};
use super::style::{Ink, Style};
use super::trace_price::{tariff, words};
use super::trace_scene::Scene;
use crate::model::network::Spot;
use crate::trace::{
    Block, Goal, Hop, Need, Origin, Passes, Question, Rule, SourceAddress, Stage, Symptom, Trace,
    Verdict, Way,
};

/// Where the text of hops and facts begins, and that of the rules beneath hops.
const TEXT: usize = 12;
const RULE: usize = 14;

/// A trace as text.
#[must_use]
pub fn trace(trace: &Trace, scene: &Scene<'_>, style: Style) -> String {
    let writer = Writer { scene, style };
    let mut lines = writer.head(&trace.question);
    lines.push(String::new());
    let mut before = None;
    for hop in &trace.hops {
        lines.extend(writer.hop(hop, before != Some(hop.stage)));
        before = Some(hop.stage);
    }
    if !trace.hops.is_empty() {
        lines.push(String::new());
    }
    lines.extend(writer.verdict(trace));
    let mut text = String::new();
    for line in lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// What a stage is called.
#[must_use]
pub const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Name => "name",
        Stage::Route => "route",
        Stage::Filter => "filter",
        Stage::Policy => "policy",
    }
}

struct Writer<'s> {
    scene: &'s Scene<'s>,
    style: Style,
}

impl Writer<'_> {
    /// From where to where, and what is to be done there.
    fn head(&self, question: &Question) -> Vec<String> {
        let Question { from, to, .. } = question;
        let (from, to) = (self.scene.origin(from), self.scene.goal(to));
        let mut more = question.action.as_deref().map(harmless).unwrap_or_default();
        if let Some(object) = &question.object {
            more.push_str(&format!(" of {}", harmless(object)));
        }
        if let Some(role) = self.role(question) {
            more.push_str(&format!(" as {role}"));
        }
        if !question.tls {
            more.push_str(" without TLS");
        }
        let plain = format!("{from} → {to}");
        let painted = self.style.paint(Ink::Strong, &plain);
        let more = more.trim();
        let mut lines = match columns(&plain) + 2 + columns(more) <= self.style.width {
            true => vec![format!("{painted}  {more}")],
            false => std::iter::once(painted)
                .chain(wrapped(more, self.style.width))
                .collect(),
        };
        let network = wrapped(&self.scene.network_words(), self.style.width);
        lines.extend(network.iter().map(|line| self.faint(line)));
        lines
    }

    /// As whom an instance calls, or somebody else is to.
    fn role(&self, question: &Question) -> Option<String> {
        question.action.as_ref()?;
        let own = match &question.from {
            Origin::Instance(key) => {
                let instance = self.scene.network.instances.get(key)?;
                instance.role.get()?.as_ref()
            }
            Origin::Subnet(_) => None,
        };
        let role = question.principal.as_ref().or(own)?;
        Some(self.scene.label(role))
    }

    fn hop(&self, hop: &Hop, first: bool) -> Vec<String> {
        let (mark, ink) = match hop.passes {
            Passes::Yes => ("✓", Ink::Good),
            Passes::No => ("✗", Ink::Bad),
            Passes::Unknown(_) => ("?", Ink::Change),
        };
        let name = if first { stage(hop.stage) } else { "" };
        let start = format!("  {}{} ", padded(name, 8), self.style.paint(ink, mark));
        let text = match &hop.passes {
            Passes::Unknown(why) if *why != hop.text => format!("{}: {why}", hop.text),
            _ => hop.text.clone(),
        };
        let mut lines = self.hung(&start, &text);
        lines.extend(hop.rules.iter().flat_map(|rule| self.rule(rule)));
        lines
    }

    /// A rule and where it stands, on one line where that fits; what does not fit
    /// hangs.
    fn rule(&self, rule: &Rule) -> Vec<String> {
        let room = self.style.width.saturating_sub(RULE);
        let text = harmless(&rule.text);
        let place = self.scene.line(rule.spot.as_ref());
        let place = place.map(|place| format!("  {place}")).unwrap_or_default();
        let lines = match columns(&text) + columns(&place) <= room {
            true => vec![text + &place],
            false => wrapped(&(text + &place), room.saturating_sub(2)),
        };
        let lines = lines.iter().enumerate();
        lines
            .map(|(at, line)| {
                let indent = " ".repeat(if at == 0 { RULE } else { RULE + 2 });
                format!("{indent}{}", self.faint(line))
            })
            .collect()
    }

    fn verdict(&self, trace: &Trace) -> Vec<String> {
        let mut lines = Vec::new();
        match &trace.verdict {
            Verdict::Reachable => {
                let how = match &trace.way {
                    Some(way) => format!(" by {}, {}", self.scene.door(&way.door), manner(way)),
                    None => String::new(),
                };
                lines.extend(self.headline(Ink::Good, &format!("Reachable{how}.")));
            }
            Verdict::Blocked(block) => lines.extend(self.block(trace, block)),
            Verdict::Unknown(reasons) => {
                let how = match &trace.way {
                    Some(way) => format!("; it would go by {}", self.scene.door(&way.door)),
                    None => String::new(),
                };
                let text = format!("Not known whether this works{how}.");
                lines.extend(self.headline(Ink::Change, &text));
                for (place, why) in reasons.iter().enumerate() {
                    lines.extend(self.fact(if place == 0 { "since" } else { "" }, why));
                }
            }
        }
        if !matches!(trace.verdict, Verdict::Blocked(_)) {
            lines.extend(self.way(trace));
        }
        for (place, assumed) in trace.assumes.iter().enumerate() {
            lines.extend(self.fact(if place == 0 { "assumed" } else { "" }, assumed));
        }
        if let Some(usual) = &trace.instead_of
            && let Verdict::Blocked(block) = &usual.verdict
        {
            let text = format!(
                "the usual name, {}, leads nowhere: {}",
                usual.host, block.problem
            );
            lines.extend(self.fact("note", &text));
        }
        lines
    }

    /// What blocks, where it stands, and what would open it.
    fn block(&self, trace: &Trace, block: &Block) -> Vec<String> {
        let by = match &trace.way {
            Some(way) => format!(", on the way by {}", self.scene.door(&way.door)),
            None => String::new(),
        };
        let text = format!(
            "Blocked at the {}{by}: {}.",
            stage(block.stage),
            block.problem
        );
        let mut lines = self.headline(Ink::Bad, &text);
        lines.extend(self.drawn(block.spot.as_ref()));
        lines.extend(self.fact("client", &format!("sees {}", symptom(block.symptom))));
        if let Some(remedy) = &block.remedy {
            lines.extend(self.fact("change", remedy));
        }
        lines
    }

    /// The lines of the file around a place.
    fn drawn(&self, spot: Option<&Spot>) -> Vec<String> {
        let (Some(file), Some(spot)) = (self.scene.file, spot) else {
            return Vec::new();
        };
        let style = diagnostic::Style {
            color: self.style.color,
            width: self.style.width,
        };
        let span = file.place_of(spot);
        let piece = span.and_then(|span| diagnostic::place(&file.source, span, "", style));
        let piece = piece.unwrap_or_default();
        piece.lines().map(str::to_owned).collect()
    }

    /// How it arrives, what it costs, and what the client must do.
    fn way(&self, trace: &Trace) -> Vec<String> {
        let Some(way) = &trace.way else {
            return Vec::new();
        };
        let sees = match trace.question.to {
            Goal::Bucket(_) => "S3 sees",
            Goal::Service(_) => "the service sees",
        };
        let mut lines = self.fact("source", &format!("{sees} {}", source(way.source)));
        if let Some(tariff) = tariff(trace, self.scene) {
            let region = &self.scene.network.place.region;
            lines.extend(self.fact("price", &words(tariff, &way.door, region)));
        }
        for (place, need) in trace.needs.iter().enumerate() {
            let name = if place == 0 { "client" } else { "" };
            lines.extend(self.fact(name, &self::need(need)));
        }
        lines
    }

    fn headline(&self, ink: Ink, text: &str) -> Vec<String> {
        let lines = wrapped(&harmless(text), self.style.width);
        let lines = lines.iter().map(|line| self.style.paint(ink, line));
        lines.collect()
    }

    fn fact(&self, name: &str, text: &str) -> Vec<String> {
        let width = TEXT - 2;
        self.hung(&format!("  {}", padded(name, width)), text)
    }

    /// A text that hangs from its start, which takes the columns before it.
    fn hung(&self, start: &str, text: &str) -> Vec<String> {
        let lines = wrapped(&harmless(text), self.style.width.saturating_sub(TEXT));
        let lines = lines.iter().enumerate();
        lines
            .map(|(place, line)| match place {
                0 => format!("{start}{line}"),
                _ => format!("{}{line}", " ".repeat(TEXT)),
            })
            .collect()
    }

    fn faint(&self, text: &str) -> String {
        self.style.paint(Ink::Faint, text)
    }
}

fn manner(way: &Way) -> &'static str {
    match way.private {
        true => "private end to end",
        false => "over public addresses",
    }
}

fn source(source: SourceAddress) -> String {
    match source {
        SourceAddress::Public(Some(address)) => format!("{address}, a public address"),
        SourceAddress::Public(None) => "a public address, known after apply".to_owned(),
        SourceAddress::Private(block) if block.prefix_len() == block.max_prefix_len() => {
            format!("{}, the machine's private address", block.addr())
        }
        SourceAddress::Private(block) => format!("a private address of {block}"),
        SourceAddress::Unknown => "an address that is not known".to_owned(),
    }
}

fn need(need: &Need) -> String {
    match need {
        Need::Region(region) => format!("passes --region {region}"),
        Need::EndpointUrl(url) => format!("passes --endpoint-url {url}"),
        Need::NoProxy(host) => format!("if it uses a proxy, sets NO_PROXY={host}"),
    }
}

/// What a client sees of a block, as a sentence fragment.
#[must_use]
pub const fn symptom(symptom: Symptom) -> &'static str {
    match symptom {
        Symptom::NameNotFound => "that the name is not found",
        Symptom::TimeOut => "no answer: the connection times out",
        Symptom::AccessDenied => "AccessDenied",
        Symptom::CertificateMismatch => "a TLS error: the certificate is for other names",
        Symptom::WrongRegion => "PermanentRedirect: the bucket is in another region",
    }
}

#[cfg(test)]
mod tests;
