//! The keys of a specification, as written.
//!
//! A closed schema: unknown keys are errors. What may be left out is an `Option` or has its default here;
//! what the words mean, and what they may not be, is decided in `reader`.

use super::{At, Per, Stated};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) schema: String,
    pub(super) part: String,
    pub(super) data_centre: Option<bool>,
    pub(super) declared_class: Option<String>,
    pub(super) slowdown_celsius: Option<f64>,
    #[serde(default)]
    pub(super) throughput: Vec<RawThroughput>,
    #[serde(default)]
    pub(super) die: Vec<RawDie>,
    pub(super) clock: Option<RawClock>,
    pub(super) memory: Option<RawBandwidth>,
    pub(super) link: Option<RawLink>,
    pub(super) memory_stack: Option<RawStack>,
    #[serde(default)]
    pub(super) declared: Vec<RawDeclared>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawThroughput {
    pub(super) format: String,
    pub(super) bits: Option<u32>,
    pub(super) peak: Stated,
    pub(super) sparsity: Option<String>,
    #[serde(default)]
    pub(super) clock: At,
    pub(super) per: Option<Per>,
    #[serde(default)]
    pub(super) processing_unit: String,
    #[serde(default = "one")]
    pub(super) count: u32,
    pub(super) macs_per_clock: Option<u64>,
    pub(super) attainable: Option<[f64; 2]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDie {
    pub(super) name: String,
    pub(super) area: Stated,
    #[serde(default = "one")]
    pub(super) count: u32,
    #[serde(default = "logic")]
    pub(super) kind: DieKind,
    #[serde(default = "yes")]
    pub(super) compute: bool,
    pub(super) transistor: Option<Transistor>,
    #[serde(default)]
    pub(super) process: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum DieKind {
    Logic,
    Memory,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Transistor {
    Planar,
    Finfet,
    Gaa,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawClock {
    pub(super) boost_mhz: Option<f64>,
    pub(super) base_mhz: Option<f64>,
    pub(super) sustained_mhz: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBandwidth {
    pub(super) bandwidth: Stated,
    pub(super) attainable: Option<[f64; 2]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLink {
    pub(super) bandwidth: Stated,
    pub(super) direction: Direction,
    pub(super) attainable: Option<[f64; 2]>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Direction {
    Both,
    Each,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStack {
    pub(super) bandwidth: Stated,
    pub(super) area: Stated,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDeclared {
    pub(super) metric: String,
    pub(super) result: Stated,
}

fn one() -> u32 {
    1
}

fn yes() -> bool {
    true
}

fn logic() -> DieKind {
    DieKind::Logic
}
