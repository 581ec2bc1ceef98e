//! What is not ours stays as it is, and nobody is shut out by mistake.

mod guards;
mod lockout;
mod look_alikes;
mod secrets;
