//! s3net: declarative private network paths from AWS subnets to S3.
//!
//! One TOML file says which network is wanted; s3net makes it so. This crate is
//! the program's engine; the binary only parses the command line.
//!
//! # The way of a run
//!
//! ```text
//!  file ──config──► wanted ─┐
//!                           ├──plan──► execution graph ──apply──► outcome
//!  AWS ──refresh──► live ───┤               │                       │
//!  state ─────► remembered ─┘               └────────report─────────┘
//! ```
//!
//! # The layers
//!
//! | module | what it is | imports |
//! |---|---|---|
//! | [`model`] | the vocabulary: addresses, values, tags, policies, diagnostics, events | nothing |
//! | [`graph`] | a directed acyclic graph that knows nothing of AWS | model |
//! | [`aws`] | clients, errors, waits, retries, reads that kinds share, surveys of what lives | model |
//! | [`kind`] | the contract that every AWS kind fulfils | model, aws |
//! | [`kinds`] | one file per AWS kind, and the registry | kind, model, aws |
//! | [`config`] | the plan file to a stack, all problems at once | model, kind |
//! | [`draft`] | what was found to the text of a plan file | model, kind |
//! | [`cloudformation`] | pure: a CloudFormation template to a draft | draft, kind, model |
//! | [`trace`] | pure: which way traffic takes, and why not | model |
//! | [`cost`] | pure: what the ways cost, embedded and dated | model |
//! | [`state`] | snapshot, journal and lock, in a folder or a bucket | model, aws |
//! | [`refresh`] | what lives, in as few calls as AWS allows | kind, aws, state, model |
//! | [`plan`] | pure: wanted, live and remembered to an execution graph | model, graph, kind, state |
//! | [`apply`] | runs an execution graph and decides nothing | plan, state, kind, graph, aws, model |
//! | [`terraform`] | pure: a stack to Terraform's configuration | kind, model |
//! | [`takeover`] | a live VPC to the draft of a plan file | kind, draft, aws, model |
//! | [`preflight`] | all that would fail of a plan, found before its first change | plan, kind, aws, model |
//! | [`report`] | the only printer | plan, preflight, apply, refresh, config, kind, trace, cost, cloudformation, terraform, model |
//! | [`local`] | installs, starts and stops the local AWS endpoint | model |
//! | [`cli`] | one file per verb | everything |
//!
//! A test reads the `use` lines and holds this.

pub mod apply;
pub mod aws;
pub mod cli;
pub mod cloudformation;
pub mod config;
pub mod cost;
pub mod draft;
pub mod graph;
pub mod kind;
pub mod kinds;
pub mod local;
pub mod model;
pub mod plan;
pub mod preflight;
pub mod refresh;
pub mod report;
pub mod state;
pub mod takeover;
pub mod terraform;
pub mod trace;
