//! Groups as a plan file would have them, whoever made them.
//!
//! A group with nothing but AWS's own allow-all egress says nothing of `egress`.
//! The VPC's default group is AWS's: it cannot be made or deleted apart from its
//! VPC, so a file only looks it up.

use super::SecurityGroup;
use super::rule::standing::{Rule, rules_of};
use crate::aws::CallError;
use crate::kind::{Area, Scope, Standings, in_vpc};
use crate::model::{Address, Attributes, Value};

/// The name that AWS gives to the group of a VPC that it makes itself.
const DEFAULT: &str = "default";

pub(super) async fn standing(
    kind: &SecurityGroup,
    scope: &Scope<'_>,
    area: &Area,
) -> Result<Standings, CallError> {
    let mut groups = in_vpc(kind, scope, area).await?;
    let ids: Vec<&str> = groups.iter().map(|group| group.id.as_str()).collect();
    let rules = rules_of(scope.aws, &ids).await?;
    for group in &mut groups {
        let name = group.fields.text("group_name").map(str::to_owned);
        let own = rules.iter().filter(|rule| rule.group == group.id);
        let (mut ingress, mut egress, mut open) = (Vec::new(), Vec::new(), false);
        for rule in own {
            match (&rule.written, rule.egress) {
                (Err(why), _) => group.left_out.push(why.clone()),
                (Ok(_), true) if rule.of_aws => open = true,
                (Ok(written), true) => egress.push(written.clone()),
                (Ok(written), false) => ingress.push(written.clone()),
            }
        }
        if name.as_deref() == Some(DEFAULT) {
            let why = "the VPC's default group, which AWS made and keeps";
            group.kept_by_aws = Some(why.to_owned());
            let words = rules.iter().filter(|rule| rule.group == group.id);
            group.notes.extend(words.map(Rule::in_words));
        }
        ingress.sort();
        egress.sort();
        group.fields.set("ingress", ingress);
        match (open, egress.is_empty()) {
            (true, true) => {}
            (true, false) => {
                egress.insert(0, allow_all());
                group.fields.set("egress", egress);
            }
            (false, _) => group.fields.set("egress", egress),
        }
        group.called = name;
    }
    Ok(groups.into())
}

/// AWS's own rule, as a file that lists others beside it has to list it.
fn allow_all() -> Value {
    Value::Map(
        [
            ("protocol".to_owned(), Value::from("all")),
            ("to".to_owned(), Value::from("0.0.0.0/0")),
        ]
        .into(),
    )
}

/// Writes the other sides of rules that are groups of the file by their names.
pub(super) fn rename(fields: &mut Attributes, named: &(dyn Fn(&str) -> Option<Address> + Sync)) {
    for (list, peer) in [("ingress", "from"), ("egress", "to")] {
        let Some(Value::List(rules)) = fields.0.get_mut(list) else {
            continue;
        };
        for rule in rules.iter_mut() {
            if let Value::Map(rule) = rule
                && let Some(Value::String(text)) = rule.get_mut(peer)
                && let Some(group) = named(text)
            {
                *text = format!("{}.{}", group.kind, group.name);
            }
        }
        // Their order says nothing, and that of names is the same every time.
        rules.sort();
    }
}
