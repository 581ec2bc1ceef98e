//! The graph as it is written down: its nodes in order, and its edges by their
//! places in that order.
//!
//! ```text
//! { "nodes": [vpc, subnet], "edges": [[0, 1, "it refers to it"]] }
//! ```

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Dag, Step};

/// How many nodes a graph has at most.
const MOST: usize = u32::MAX as usize;

impl<N: Serialize, E: Serialize> Serialize for Dag<N, E> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let nodes: Vec<&N> = self.nodes().map(|(_, node)| node).collect();
        let edges: Vec<(usize, usize, &E)> = self
            .edges()
            .map(|(first, then, reason)| (first.index(), then.index(), reason))
            .collect();
        let mut form = out.serialize_struct("Dag", 2)?;
        form.serialize_field("nodes", &nodes)?;
        form.serialize_field("edges", &edges)?;
        form.end()
    }
}

/// What [`Dag`] is read from.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Form<N, E> {
    nodes: Vec<N>,
    edges: Vec<(usize, usize, E)>,
}

impl<'de, N: Deserialize<'de>, E: Deserialize<'de>> Deserialize<'de> for Dag<N, E> {
    /// # Errors
    /// An edge that leads nowhere, and nodes that wait for each other.
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let Form { nodes, edges } = Form::deserialize(input)?;
        if nodes.len() >= MOST {
            return Err(D::Error::custom("a graph with too many nodes"));
        }
        let mut graph = Self::new();
        let steps: Vec<Step> = nodes.into_iter().map(|node| graph.add(node)).collect();
        for (first, then, reason) in edges {
            match (steps.get(first), steps.get(then)) {
                (Some(first), Some(then)) => graph.before(*first, *then, reason),
                _ => return Err(D::Error::custom("an edge of the graph leads nowhere")),
            }
        }
        match graph.order() {
            Ok(_) => Ok(graph),
            Err(_) => Err(D::Error::custom("the graph goes in a circle")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::dag::tests::any_dag;
    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_again(dag in any_dag()) {
            let text = serde_json::to_string(&dag).unwrap();
            let again: Dag<usize, ()> = serde_json::from_str(&text).unwrap();
            let nodes = |dag: &Dag<usize, ()>| dag.nodes().map(|(_, n)| *n).collect::<Vec<_>>();
            let edges = |dag: &Dag<usize, ()>| {
                dag.edges().map(|(a, b, ())| (a, b)).collect::<Vec<_>>()
            };
            prop_assert_eq!(nodes(&again), nodes(&dag));
            prop_assert_eq!(edges(&again), edges(&dag));
        }
    }

    #[test]
    fn what_is_no_graph_is_refused() {
        for text in [
            r#"{"nodes":[1,2],"edges":[[0,2,null]]}"#,
            r#"{"nodes":[1,2],"edges":[[0,1,null],[1,0,null]]}"#,
            r#"{"nodes":[1,2]}"#,
            r#"{"nodes":[],"edges":[],"more":1}"#,
        ] {
            let read: Result<Dag<usize, ()>, _> = serde_json::from_str(text);
            assert!(read.is_err(), "{text}");
        }
    }
}
