//! The performance examination: what a part is said to do, what it measures, which export class
//! that is.
//!
//! Pure functions of files and settings, without clock or IO. The artifact is a specification
//! ([`spec`]); rule versions are data ([`rule`]); classes, margins and what would move them are exact
//! ([`class`]); traps of datasheets become intervals ([`sheet`]). Measurements ([`readers`]) are compared
//! with what is declared ([`compare`]), telemetry ([`telemetry`]) is searched for losses nothing explains
//! ([`throttle`]). [`examine`] makes findings of all that.

pub mod changepoint;
pub mod class;
pub mod compare;
mod examine;
pub mod export;
pub mod figure;
pub mod quantity;
pub mod readers;
pub mod rule;
pub mod sheet;
pub mod spec;
pub mod stats;
pub mod telemetry;
pub mod throttle;

pub use examine::{DATASHEET, Examined, Measured, MeasuredOf, Settings, THROTTLING, examine};
