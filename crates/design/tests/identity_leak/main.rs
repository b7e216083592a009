//! The identity check on designs small enough to be read: each harmless use stands beside a leak.
//!
//! Every answer is sealed and checked by the kernel; an answer that does not pass is a failure.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod bench;
mod designs;
mod harmless;
mod leaks;
mod refused;
