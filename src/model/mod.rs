//! The vocabulary every layer speaks: addresses, values, tags, places,
//! policies, diagnostics and events.
//!
//! Nothing here does I/O, knows an SDK type or is asynchronous, so that every
//! other layer can import it and tests need no set-up.

pub mod address;
pub mod adoption;
pub mod attributes;
pub mod diagnostic;
pub mod duration;
pub mod event;
pub mod expectation;
pub mod holder;
pub mod images;
pub mod lifetime;
pub mod network;
pub mod pattern;
pub mod place;
pub mod policy;
pub mod secrecy;
pub mod services;
pub mod state_location;
pub mod tags;
pub mod value;

pub use address::{Address, Part};
pub use attributes::Attributes;
pub use diagnostic::{Diagnostic, Label, Severity, Span};
pub use event::{Action, Event};
pub use expectation::Expectation;
pub use holder::Holder;
pub use pattern::AddressPattern;
pub use place::Place;
pub use state_location::StateLocation;
pub use tags::Tags;
pub use value::{Piece, Reference, Value};
