//! The graph: build it, check it, order it.

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

/// A place in the graph.
pub type Step = NodeIndex<u32>;

/// A directed graph whose edges mean "comes before", with a reason each.
#[derive(Debug, Clone)]
pub struct Dag<N, E> {
    graph: DiGraph<N, E>,
}

impl<N, E> Default for Dag<N, E> {
    fn default() -> Self {
        Self {
            graph: DiGraph::new(),
        }
    }
}

/// Nodes that wait for each other in a circle, in that order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle(pub Vec<Step>);

impl<N, E> Dag<N, E> {
    /// An empty graph.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node.
    pub fn add(&mut self, node: N) -> Step {
        self.graph.add_node(node)
    }

    /// Adds "`first` comes before `then`". A second edge between two nodes is
    /// not added: the first reason stands. A node is never before itself.
    pub fn before(&mut self, first: Step, then: Step, reason: E) {
        if first != then && !self.stands(first, then) {
            self.graph.add_edge(first, then, reason);
        }
    }

    /// Adds an edge unless a circle would come of it; says whether it stands.
    pub fn before_unless_circle(&mut self, first: Step, then: Step, reason: E) -> bool {
        let free = first != then && !self.leads(then, first);
        if free {
            self.before(first, then, reason);
        }
        free
    }

    /// Whether a node comes before another, by however many edges. A node leads
    /// to itself.
    #[must_use]
    pub fn leads(&self, first: Step, then: Step) -> bool {
        petgraph::algo::has_path_connecting(&self.graph, first, then, None)
    }

    /// Whether there is such an edge already. It is looked for from both ends in
    /// turn, so that a node which thousands come after costs no more than others.
    fn stands(&self, first: Step, then: Step) -> bool {
        let (mut onward, mut back) = (self.successors(first), self.predecessors(then));
        loop {
            match (onward.next(), back.next()) {
                (Some(next), _) if next == then => return true,
                (_, Some(previous)) if previous == first => return true,
                (Some(_), Some(_)) => {}
                _ => return false,
            }
        }
    }

    /// Takes away the edges whose reason is not to be kept.
    pub fn keep_edges(&mut self, keep: impl Fn(&E) -> bool) {
        self.graph.retain_edges(|graph, edge| keep(&graph[edge]));
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    /// Whether there is no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The node at a place of this graph.
    #[must_use]
    pub fn node(&self, step: Step) -> &N {
        &self.graph[step]
    }

    /// The node at a place of this graph, to change it.
    pub fn node_mut(&mut self, step: Step) -> &mut N {
        &mut self.graph[step]
    }

    /// Every place.
    pub fn steps(&self) -> impl Iterator<Item = Step> + use<N, E> {
        self.graph.node_indices()
    }

    /// Every place with its node.
    pub fn nodes(&self) -> impl Iterator<Item = (Step, &N)> {
        self.graph.node_indices().zip(self.graph.node_weights())
    }

    /// Every edge: first, then, reason.
    pub fn edges(&self) -> impl Iterator<Item = (Step, Step, &E)> {
        self.graph
            .edge_references()
            .map(|edge| (edge.source(), edge.target(), edge.weight()))
    }

    /// Takes the graph apart: its nodes, by place, and its edges: first, then,
    /// reason.
    pub fn into_parts(self) -> (Vec<N>, impl Iterator<Item = (Step, Step, E)>) {
        let (nodes, edges) = self.graph.into_nodes_edges();
        let nodes = nodes.into_iter().map(|node| node.weight);
        let edges = edges.into_iter();
        let edges = edges.map(|edge| (edge.source(), edge.target(), edge.weight));
        (nodes.collect(), edges)
    }

    /// What comes right before a node.
    pub fn predecessors(&self, step: Step) -> impl Iterator<Item = Step> + '_ {
        self.graph.neighbors_directed(step, Direction::Incoming)
    }

    /// What comes right after a node.
    pub fn successors(&self, step: Step) -> impl Iterator<Item = Step> + '_ {
        self.graph.neighbors_directed(step, Direction::Outgoing)
    }

    /// The nodes in an order that every edge agrees with.
    ///
    /// # Errors
    /// A whole [`Cycle`], if there is one.
    pub fn order(&self) -> Result<Vec<Step>, Cycle> {
        petgraph::algo::toposort(&self.graph, None).map_err(|cycle| self.around(cycle.node_id()))
    }

    /// The circle that a node lies on: petgraph names one node only, so walk
    /// back to it along the shortest way.
    fn around(&self, start: Step) -> Cycle {
        let mut came_from = vec![None; self.len()];
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(step) = queue.pop_front() {
            for next in self.successors(step) {
                if next == start {
                    let mut circle = vec![step];
                    let mut at = step;
                    while at != start {
                        let Some(previous) = came_from[at.index()] else {
                            break;
                        };
                        circle.push(previous);
                        at = previous;
                    }
                    circle.reverse();
                    return Cycle(circle);
                }
                if came_from[next.index()].is_none() {
                    came_from[next.index()] = Some(step);
                    queue.push_back(next);
                }
            }
        }
        Cycle(vec![start])
    }

    /// How many edges the longest way onward from each node has, by index.
    /// The longer, the sooner it should start.
    ///
    /// # Errors
    /// A whole [`Cycle`], if there is one.
    pub fn heights(&self) -> Result<Vec<u32>, Cycle> {
        let mut heights = vec![0; self.len()];
        for step in self.order()?.into_iter().rev() {
            heights[step.index()] = self
                .successors(step)
                .map(|next| heights[next.index()] + 1)
                .max()
                .unwrap_or(0);
        }
        Ok(heights)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Graphs whose edges run from lower to higher numbers, so without cycles.
    pub fn any_dag() -> impl Strategy<Value = Dag<usize, ()>> {
        (1usize..40)
            .prop_flat_map(|count| {
                (
                    Just(count),
                    prop::collection::vec((0..count, 0..count), 0..count * 3),
                )
            })
            .prop_map(|(count, pairs)| {
                let mut dag = Dag::new();
                let steps: Vec<_> = (0..count).map(|n| dag.add(n)).collect();
                for (a, b) in pairs {
                    if a != b {
                        dag.before(steps[a.min(b)], steps[a.max(b)], ());
                    }
                }
                dag
            })
    }

    proptest! {
        #[test]
        fn the_order_agrees_with_every_edge(dag in any_dag()) {
            let order = dag.order().unwrap();
            let place = |step| order.iter().position(|s| *s == step).unwrap();
            prop_assert_eq!(order.len(), dag.len());
            for (first, then, ()) in dag.edges() {
                prop_assert!(place(first) < place(then));
            }
        }

        #[test]
        fn what_would_make_a_circle_is_not_added(
            dag in any_dag(),
            pairs in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 1..40),
        ) {
            let mut dag = dag;
            for (a, b) in pairs {
                let steps: Vec<_> = dag.steps().collect();
                let (first, then) = (steps[a.index(steps.len())], steps[b.index(steps.len())]);
                let stands = dag.before_unless_circle(first, then, ());
                prop_assert_eq!(stands, dag.leads(first, then) && first != then);
                prop_assert!(dag.order().is_ok());
            }
        }

        #[test]
        fn a_cycle_is_told_whole(dag in any_dag(), pick in any::<prop::sample::Index>()) {
            let mut dag = dag;
            let edges: Vec<_> = dag.edges().map(|(a, b, ())| (a, b)).collect();
            prop_assume!(!edges.is_empty());
            let (a, b) = edges[pick.index(edges.len())];
            dag.before(b, a, ());
            let Cycle(circle) = dag.order().unwrap_err();
            prop_assert!(circle.len() >= 2);
            for (i, step) in circle.iter().enumerate() {
                let next = circle[(i + 1) % circle.len()];
                prop_assert!(dag.successors(*step).any(|s| s == next));
            }
        }
    }
}
