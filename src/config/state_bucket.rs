//! The bucket that keeps state is none that the stack makes: destroying the stack
//! would destroy what says what there is to destroy.

use crate::kind::Stack;
use crate::model::{Address, Diagnostic, Span, StateLocation};

/// The bucket of a stack that a place of state is in, as far as its name is known.
#[must_use]
pub fn made_by<'s>(stack: &'s Stack, state: &StateLocation) -> Option<&'s Address> {
    let bucket = state.bucket()?;
    let mut buckets = stack
        .nodes
        .iter()
        .filter(|(address, _)| address.kind == "bucket" && address.part.is_none());
    buckets
        .find(|(_, node)| node.inputs.text("name") == Some(bucket))
        .map(|(address, _)| address)
}

pub(super) fn check(state: Option<&(StateLocation, Span)>, stack: &Stack) -> Option<Diagnostic> {
    let (state, span) = state?;
    let address = made_by(stack, state)?;
    let name = stack.get(address).map(|node| node.span_of("name"));
    let problem = Diagnostic::error(
        span.clone(),
        format!("state is kept in {address}, which this stack makes itself"),
    );
    Some(
        match name {
            Some(name) => problem.also(name, "the same bucket"),
            None => problem,
        }
        .because("state must be there before the stack is, and outlive it")
        .remedy("keep state in another bucket, one that no stack of s3net makes"),
    )
}
