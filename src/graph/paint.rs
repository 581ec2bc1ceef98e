//! The graph as DOT or Mermaid text, reasons on the edges.

use std::fmt::{Display, Write};

use super::Dag;

/// The graph in Graphviz's DOT language.
#[must_use]
pub fn dot<N, E: Display>(dag: &Dag<N, E>, name: impl Fn(&N) -> String) -> String {
    let mut text = String::from("digraph s3net {\n  rankdir=LR;\n  node [shape=box];\n");
    for (step, node) in dag.nodes() {
        let _ = writeln!(text, "  n{} [label={:?}];", step.index(), name(node));
    }
    for (first, then, reason) in dag.edges() {
        let _ = writeln!(
            text,
            "  n{} -> n{} [label={:?}];",
            first.index(),
            then.index(),
            reason.to_string()
        );
    }
    text.push_str("}\n");
    text
}

/// The graph in Mermaid's flowchart language.
#[must_use]
pub fn mermaid<N, E: Display>(dag: &Dag<N, E>, name: impl Fn(&N) -> String) -> String {
    let safe = |text: String| text.replace('"', "'");
    let mut text = String::from("flowchart LR\n");
    for (step, node) in dag.nodes() {
        let _ = writeln!(text, "  n{}[\"{}\"]", step.index(), safe(name(node)));
    }
    for (first, then, reason) in dag.edges() {
        let _ = writeln!(
            text,
            "  n{} -->|\"{}\"| n{}",
            first.index(),
            safe(reason.to_string()),
            then.index()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_name_nodes_and_reasons() {
        let mut dag = Dag::new();
        let (a, b) = (dag.add("vpc.main"), dag.add("subnet.a"));
        dag.before(a, b, "vpc");
        assert!(dot(&dag, |n| (*n).to_owned()).contains("n0 -> n1 [label=\"vpc\"]"));
        assert!(mermaid(&dag, |n| (*n).to_owned()).contains("n0 -->|\"vpc\"| n1"));
    }
}
