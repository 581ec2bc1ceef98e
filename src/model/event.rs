//! Events: what a run tells whoever listens.
