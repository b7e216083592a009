//! Certificates and witnesses as data: what an engine (or a vendor) hands to the kernel.
//!
//! Everything here is untrusted. A certificate says which object makes a verdict true; the kernel
//! derives the complete list of obligations itself from netlist, contract and check, and only
//! composes what stands here into them. Bit vectors are strings of `0` and `1`, one character per
//! state or input bit in model order.

mod hunted;

use crate::circuit::Circuit;
use evidence::{Digest, Verdict};
use serde::{Deserialize, Serialize};

pub use hunted::{Effect, Excluded, Fired, Hunted, NetBit, NetRef};

/// Schema id of a certificate.
pub const CERTIFICATE_SCHEMA: &str = "probity/certificate/1";
/// Version of the obligation derivation; part of every certificate.
pub const KERNEL_VERSION: u32 = 2;

/// The object behind one finding.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Always [`CERTIFICATE_SCHEMA`].
    pub schema: String,
    /// Always [`KERNEL_VERSION`].
    pub kernel: u32,
    /// Check id.
    pub check: String,
    /// Digest of the netlist file.
    pub netlist: Digest,
    /// Digest of the contract's canonical JSON.
    pub contract: Digest,
    /// The service or identity signal.
    pub item: String,
    /// `proved` or `refuted`.
    pub verdict: Verdict,
    /// Outcome within `refuted`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kind: Option<String>,
    /// The object.
    pub body: Body,
    /// One entry per derived obligation, in the kernel's order.
    pub obligations: Vec<Discharged>,
}

/// How an obligation was discharged.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Discharged {
    /// The kernel's name of the obligation.
    pub name: String,
    /// Digest of the obligation's CNF in DIMACS.
    pub cnf: Digest,
    /// Digest of the LRAT proof (uncompressed); absent where the obligation folds to false while it
    /// is built.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lrat: Option<Digest>,
}

/// The object of a certificate.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// `remote-disable`, proved.
    Recovery(Recovery),
    /// `remote-disable`, refuted.
    ClosedSet(ClosedSet),
    /// `identity-leak`, proved.
    Relation(Relation),
    /// `identity-leak`, refuted.
    Pair(PairTrace),
    /// `hidden-trigger`, proved.
    Function(Box<FunctionProof>),
    /// `hidden-trigger`, refuted by two histories.
    Histories(Histories),
    /// `hidden-trigger`, refuted by an undeclared change of the configuration.
    Unwritten(Unwritten),
    /// `compare`, proved.
    Equivalence(Equivalence),
    /// `compare`, refuted.
    Divergence(Divergence),
    /// `hunt`, suspect or nothing-found.
    Hunted(Hunted),
}

/// An invariant and a staged recovery.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// Inductive invariant over `State` (no tracker bits).
    pub invariant: Circuit,
    /// Input words (all input bits) of which one is legal in every state of the invariant.
    pub legal_inputs: Vec<String>,
    /// The owner's procedure.
    pub controller: Controller,
    /// Stages; a later one is more advanced. The current stage is the last whose predicate holds.
    pub stages: Vec<Stage>,
    /// Input words; their non-owner bits show that the environment is never without a legal move.
    pub adversary_inputs: Vec<String>,
    /// Runs from reset in which the service completes, at least two (non-vacuity).
    pub covers: Vec<Trace>,
}

/// A finite controller that drives the owner's inputs.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controller {
    /// Number of registers, all 0 at the start of the recovery.
    pub registers: u32,
    /// One output per owner input (model order), over `State` and `Ctrl`.
    pub owner: Circuit,
    /// One output per register, over `State`, `Ctrl` and `Input`.
    pub next: Circuit,
    /// Words for people: the steps of the procedure.
    pub steps: Vec<String>,
}

/// One stage of a recovery.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Name for people (`drain`, `wake`, `issue`, `respond`).
    pub name: String,
    /// Predicate over `State` and `Ctrl`.
    pub holds: Circuit,
    /// Rank bits, least significant first, over `State` and `Ctrl`; may be none.
    pub rank: Circuit,
    /// Largest value of the rank within the stage, decimal.
    pub bound: String,
    /// Within this many steps the rank falls, a later stage begins, or the service completes.
    pub steps: u32,
}

/// A run from power-up.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// Value of every state bit at power-up, trackers included.
    pub power_up: String,
    /// Input word of every cycle; the first `reset.cycles` of them are under reset.
    pub inputs: Vec<String>,
    /// Marks (`1`) of the input bits that matter, per cycle; empty if not computed.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub essential: Vec<String>,
}

/// Whose words a closed set is closed under.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnerScope {
    /// Every owner word.
    Any,
    /// Documented owner words only.
    Documented,
}

/// A set without service that is not left, and a run into it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedSet {
    /// The set, over `State`, the service's tracker bits included.
    pub set: Circuit,
    /// Owner words the set is closed under.
    pub owner: OwnerScope,
    /// For `leash`: one output per input bit that is neither owner nor pick (model order), over
    /// `State` and owner `Input`s. Absent: closed under all of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub adversary: Option<Circuit>,
    /// For `overdue`: a potential that falls by at most one per cycle while it is positive, over
    /// `State`, least significant bit first. Absent: never left.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub potential: Option<Circuit>,
    /// Input words of which one is legal in every state of the set.
    pub legal_inputs: Vec<String>,
    /// The run from power-up.
    pub entry: Entry,
    /// Runs from reset in which the service completes, at least one: without service at all there
    /// is nothing to disable.
    pub covers: Vec<Trace>,
    /// For `lock`: the ways out that were found, with the bits they fix (descriptive).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub exits: Vec<Exit>,
}

/// A way out of a lock: undocumented words, with the input bits that matter marked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exit {
    /// Input words from the end of the entry run on.
    pub inputs: Vec<String>,
    /// Marks of the bits that are fixed.
    pub fixed: Vec<String>,
    /// How many there are.
    pub fixed_bits: u32,
}

/// A run into a closed set.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// Every cycle given.
    Trace(Trace),
    /// Accelerated: a trace, counted segments, and a tail from any state at their end.
    Accelerated(Accelerated),
}

/// A run too long to write down.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accelerated {
    /// From power-up into the first segment.
    pub prefix: Trace,
    /// Counted segments, in order.
    pub segments: Vec<Segment>,
    /// Input words after the last segment; from every state at its end they lead into the set.
    pub tail: Vec<String>,
}

/// A loop body repeated while a counter runs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Predicate over `State`, inductive over one body while the counter has not arrived.
    pub holds: Circuit,
    /// The counted value over `State`, least significant bit first; each body lowers it by exactly
    /// one.
    pub counter: Circuit,
    /// Input words of one body.
    pub body: Vec<String>,
    /// Number of bodies: the counter's value at the start, decimal; it is 0 at the end.
    pub repeat: String,
}

/// Ties between two copies.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// State bits that may differ; every other state bit is tied.
    pub untied: Vec<u32>,
    /// Variables of the model's graph, ascending, all of them ANDs, that are equal in both copies
    /// although what they are computed from may differ (a masked value where it is unmasked).
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub equal: Vec<u32>,
    /// Further relation over `Left` and `Right`, true after reset.
    pub extra: Circuit,
    /// Input words of which one is legal in every state of the relation.
    pub legal_inputs: Vec<String>,
    /// A pair of runs in which a released item shows within its window, one per declassification
    /// that releases the item (non-vacuity).
    pub declassified: Vec<PairTrace>,
}

/// Two runs with the same inputs and different identity.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairTrace {
    /// The left run.
    pub left: Trace,
    /// The right run: equal but for the identity item.
    pub right: Trace,
    /// Cycle in which they differ, counted from power-up.
    pub cycle: u32,
    /// The observable output that differs.
    pub port: String,
    /// Its bit.
    pub bit: u32,
}

/// What the results of a function rest on.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionProof {
    /// Inductive invariant of one copy, over `State`.
    pub invariant: Circuit,
    /// Input words of which one is legal in every state of the invariant, and in every pair of
    /// states of the relation.
    pub legal_inputs: Vec<String>,
    /// State bits that may differ; every other state bit is tied.
    pub untied: Vec<u32>,
    /// Further relation over `Left` and `Right`.
    pub extra: Circuit,
    /// More ties, each set as long as a condition holds. One of the conditions always does. None at
    /// all is one case without further ties.
    pub cases: Vec<Case>,
    /// Two runs that are equal until quiet and then differ in operands alone: each serves a job, and
    /// results differ (non-vacuity).
    pub cover: Histories,
    /// The part becomes quiet: a recovery of [`crate::Model::draining`].
    pub drain: Recovery,
}

/// Ties under a condition.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The condition over `Left`.
    pub when: Circuit,
    /// State bits that are equal while it holds.
    pub tied: Vec<u32>,
}

/// Two runs from the same power-up state with histories of their own up to a quiet cycle of each,
/// from where on they run side by side.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Histories {
    /// The left run.
    pub left: Trace,
    /// The right run.
    pub right: Trace,
    /// The left run's quiet cycle, counted from power-up.
    pub left_quiet: u32,
    /// The right run's.
    pub right_quiet: u32,
    /// Cycle in which results differ, counted from the quiet one.
    pub cycle: u32,
    /// The result that differs.
    pub port: String,
    /// Its bit.
    pub bit: u32,
}

/// A run in which configuration changes without a declared write.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unwritten {
    /// The run.
    pub run: Trace,
    /// The cycle after which the bit has changed, counted from power-up.
    pub cycle: u32,
    /// Register or port.
    pub name: String,
    /// Its bit.
    pub bit: u32,
}

/// What in a delivered netlist and its reference is equal. Literal codes: twice the number, plus one for
/// the complement.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equivalence {
    /// State bits of the reference without declared power-up value, ascending, each with the code of
    /// what it equals at power-up: number 0 is the constant false, number `n + 1` bit `n` of the
    /// delivered part's state.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub choice: Vec<[u32; 2]>,
    /// State bits of the [`crate::Product`], ascending, each with the code of what it equals: number 0 is
    /// the constant false, number `n + 1` the state bit `n`, which is earlier and not tied itself.
    pub ties: Vec<[u32; 2]>,
    /// ANDs of the product's graph, ascending, each with the code of an earlier literal that it equals
    /// in every state in which the ties hold.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub merges: Vec<[u32; 2]>,
    /// Input words of which one is legal in every state in which the ties hold.
    pub legal_inputs: Vec<String>,
    /// A run beyond reset (non-vacuity).
    pub cover: Trace,
}

/// A run in which an output differs from the reference's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Divergence {
    /// The run of the [`crate::Product`].
    pub run: Trace,
    /// The cycle, counted from power-up.
    pub cycle: u32,
    /// The output that differs.
    pub port: String,
    /// Its bit.
    pub bit: u32,
}
