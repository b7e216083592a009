//! Objects of a hunt as data.

use super::Trace;
use crate::circuit::Circuit;
use serde::{Deserialize, Serialize};

/// What a hunt shows of nets: runs that fire them, and which never can.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hunted {
    /// Activations, the most suspicious net first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub fired: Vec<Fired>,
    /// Nets that no state and no input whatsoever makes active.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub never: Vec<NetBit>,
    /// Nets that no run makes active after reset, with an invariant that shows it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub excluded: Option<Excluded>,
}

/// Nets that are quiet in every cycle after reset of every run within the assumptions.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excluded {
    /// Inductive invariant over `State`.
    pub invariant: Circuit,
    /// Input words of which one is legal in every state of the invariant.
    pub legal_inputs: Vec<String>,
    /// A run beyond reset (non-vacuity).
    pub cover: Trace,
    /// The nets.
    pub nets: Vec<NetBit>,
}

/// A net and the value it has in normal use.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetBit {
    /// Where it is.
    pub net: NetRef,
    /// Its quiet value; active is the other one.
    pub quiet: bool,
}

/// Where a net is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NetRef {
    /// A bit of a named net, counted from the least significant.
    Named(String, u32),
    /// A variable of the netlist's graph, where no name leads to it.
    Variable(u32),
}

/// A run that fires a net.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fired {
    /// The net.
    pub bit: NetBit,
    /// The run.
    pub run: Trace,
    /// Cycle in which the net is active, counted from power-up.
    pub cycle: u32,
    /// What differs from the same run with the net held quiet throughout.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub effect: Option<Effect>,
}

/// An output that differs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// The cycle, counted from power-up.
    pub cycle: u32,
    /// The output.
    pub port: String,
    /// Its bit.
    pub bit: u32,
}
