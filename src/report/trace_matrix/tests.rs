//! How matrices read.

use super::*;
use crate::report::samples::traces::{LAB, Wanted};

/// The lab, with endpoints for services beside it.
fn with_endpoints(services: &[&str]) -> Wanted {
    let mut text = LAB.to_owned();
    for service in services {
        let name = service.replace('.', "-");
        text.push_str(&format!(
            "\n[interface_endpoint.{name}]\nvpc = \"main\"\nservice = \"{service}\"\n\
             subnets = [\"private\"]\nsecurity_groups = [\"open\"]\n"
        ));
    }
    Wanted::of(&text)
}

fn told(wanted: &Wanted) -> String {
    matrix(&wanted.traces(), &wanted.scene(), Style::PLAIN)
}

#[test]
fn who_gets_where() {
    insta::assert_snapshot!(told(&with_endpoints(&["ssm"])));
}

#[test]
fn many_columns_stand_in_several_blocks() {
    let services = ["ec2messages", "ecr.api", "kms", "logs", "monitoring", "ssm"];
    let text = told(&with_endpoints(&services));
    for line in text.lines() {
        assert!(columns(line) <= 80, "{line}");
    }
    for service in services {
        assert_eq!(text.matches(service).count(), 1, "{text}");
    }
    assert_eq!(text.matches("  instance.one").count(), 2, "{text}");
    assert!(text.contains("28 ways asked: "), "{text}");
}

#[test]
fn colour_changes_no_word() {
    let wanted = with_endpoints(&["ssm"]);
    let color = Style {
        color: true,
        ..Style::PLAIN
    };
    let painted = matrix(&wanted.traces(), &wanted.scene(), color);
    let stripped = anstream::adapter::strip_str(&painted).to_string();
    let trimmed: String = stripped
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect();
    assert_eq!(trimmed, told(&wanted));
}
