//! What an export to Terraform has to say.

use serde_json::{Value, json};

use super::json::FORMAT_VERSION;
use crate::terraform::Exported;

/// What came of it, in a sentence.
#[must_use]
pub fn summary(exported: &Exported, folder: &str) -> String {
    let resources = exported.resources.len();
    let imports = exported
        .resources
        .iter()
        .filter(|it| it.import_id.is_some())
        .count();
    let files: Vec<&str> = exported.files.keys().copied().collect();
    let resources = match resources {
        1 => "1 resource".to_owned(),
        many => format!("{many} resources"),
    };
    let imports = match imports {
        0 => "no import blocks".to_owned(),
        1 => "1 import block".to_owned(),
        many => format!("{many} import blocks"),
    };
    format!("{folder}: {resources}, {imports} in {}.", files.join(", "))
}

/// What came of it, as one document.
#[must_use]
pub fn document(exported: &Exported, stack: &str, folder: &str) -> Value {
    let resources = exported.resources.iter().map(|resource| {
        json!({
            "address": resource.address,
            "terraform": resource.terraform,
            "import_id": resource.import_id,
        })
    });
    let left_out = exported
        .left_out
        .iter()
        .map(|(address, reason)| json!({ "address": address, "reason": reason }));
    json!({
        "format_version": FORMAT_VERSION,
        "document": "export_terraform",
        "stack": stack,
        "folder": folder,
        "files": exported.files.keys().collect::<Vec<_>>(),
        "resources": resources.collect::<Vec<_>>(),
        "variables": exported.variables,
        "left_out": left_out.collect::<Vec<_>>(),
    })
}
