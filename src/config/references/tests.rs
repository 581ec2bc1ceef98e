//! Which texts a reference field takes, and what it makes of them.

use crate::config::load::tests::loaded;
use crate::model::{Address, Value};

/// The `vpc` of a subnet that states it so, or the problems.
fn vpc(stated: &str) -> Result<Value, Vec<String>> {
    let text = format!(
        "[stack]\nname = \"x\"\nregion = \"us-east-1\"\n\
         [existing.vpc.shared]\nid = \"vpc-0123456789abcdef0\"\n\
         [variables]\nname = \"main\"\n\
         [vpc.main]\ncidr = \"10.0.0.0/16\"\n\
         [subnet.other]\nvpc = \"main\"\ncidr = \"10.0.1.0/24\"\n\
         [subnet.one]\ncidr = \"10.0.0.0/24\"\nvpc = \"{stated}\"\n"
    );
    let loaded = loaded(&text);
    let Some(desired) = loaded.desired else {
        return Err(loaded.diagnostics.into_iter().map(|d| d.problem).collect());
    };
    let node = &desired.stack.nodes[&Address::new("subnet", "one")];
    Ok(node.inputs.get("vpc").unwrap().clone())
}

fn target(stated: &str) -> Option<Address> {
    vpc(stated).ok()?.as_target().cloned()
}

#[test]
fn tables_and_look_ups_are_found_by_name() {
    let main = Some(Address::new("vpc", "main"));
    for stated in [
        "main",
        "vpc.main",
        "${vpc.main.id}",
        "${var.name}",
        "vpc.${var.name}",
        "${subnet.other.vpc}",
    ] {
        assert_eq!(target(stated), main, "{stated}");
    }
    let shared = Some(Address::existing("vpc", "shared"));
    for stated in [
        "shared",
        "vpc.shared",
        "existing.vpc.shared",
        "${existing.vpc.shared.id}",
        "${vpc.shared.id}",
    ] {
        assert_eq!(target(stated), shared, "{stated}");
    }
}

#[test]
fn literal_ids_stand_for_themselves() {
    for stated in ["vpc-0123456789abcdef0", "vpc-1a2b3c4d"] {
        assert_eq!(vpc(stated), Ok(Value::text(stated)));
    }
}

#[test]
fn all_else_is_refused_once() {
    for (stated, problem) in [
        ("", "no vpc is called ``"),
        ("mian", "no vpc is called `mian`"),
        ("vpc-main", "no vpc is called `vpc-main`"),
        ("vpc.mian", "the file has no [vpc.mian]"),
        ("existing.vpc.mian", "the file has no [existing.vpc.mian]"),
        ("subnet.other", "`other` is a subnet"),
        ("other", "`other` is a subnet"),
        ("${vpc.main.cidr}", "no vpc is called `10.0.0.0/16`"),
        (
            "${subnet.other.id}",
            "`vpc` cannot be the id of subnet.other",
        ),
        ("${vpc.main.id}0", "`vpc` must be a whole reference"),
        ("${account}", "`vpc` must be a whole reference"),
    ] {
        assert_eq!(vpc(stated), Err(vec![problem.to_owned()]), "{stated}");
    }
}
