//! The form of a contract, as it is written in a case file and kept in a dossier.
//!
//! Method: plain structures for serde, one per table of the file. Unknown keys are errors, because
//! a misspelt `asume` would silently weaken what is checked. Keys that are absent are not written
//! back, so the digest of a contract depends on what it says and not on this program's version.
//! [`Contract::check`] enforces the named limits and parses every expression; it does not know any
//! design, so whether names exist is decided later, by [`super::compile`].

use serde::{Deserialize, Serialize};

use super::expr::ExprError;
use evidence::Digest;

/// Most entries in one list of a contract.
pub const MAX_ENTRIES: usize = 1024;
/// Longest name or pattern, in bytes.
pub const MAX_NAME: usize = 1024;
/// Longest reset sequence, in cycles.
pub const MAX_RESET_CYCLES: u32 = 64;
/// Largest number of cycles in a bound: JSON numbers are exact below 2^53.
pub const MAX_CYCLES: u64 = (1 << 53) - 1;

/// What the owner declares about one design.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Top module; the only or the marked one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top: Option<String>,
    /// The clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
    /// The reset sequence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<Reset>,
    /// Who drives which input port.
    #[serde(default, skip_serializing_if = "Inputs::is_empty")]
    pub inputs: Inputs,
    /// Output ports nobody else can see, as patterns; all others are observable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_observable: Vec<String>,
    /// What always holds of the ports.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assume: Vec<String>,
    /// What the environment grants while recovering.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recovery_assume: Vec<String>,
    /// The owner words the manual names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documented: Vec<String>,
    /// The transactions the part is bought for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service: Vec<Service>,
    /// Listed recovery sequences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recovery: Vec<Recovery>,
    /// A documented permanent-off command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off: Option<Off>,
    /// The signals that carry the part's identity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identity: Vec<Identity>,
    /// When the owner asks for an identity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declassify: Vec<Declassify>,
    /// What the part computes, for the claim that it computes nothing else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub function: Vec<Function>,
    /// The netlist that this one must be equivalent to, by the digest of its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Digest>,
    /// Hunt for hidden functions as well, without regard to anything declared here but clock, reset and
    /// assumptions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hunt: bool,
    /// State when power comes on; arbitrary if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power_up: Option<PowerUpRule>,
}

/// The clock of a design.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Its input port.
    pub port: String,
    /// Frequency in megahertz, used only to print cycles as time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mhz: Option<f64>,
}

/// The reset sequence: `port` at `active` for `cycles` cycles, inactive ever after.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reset {
    /// Its one-bit input port.
    pub port: String,
    /// The level that resets.
    pub active: Level,
    /// Length, 1 to [`MAX_RESET_CYCLES`].
    pub cycles: u32,
}

/// A logic level.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// 0.
    Low,
    /// 1.
    High,
}

/// Who drives which input ports, as patterns. An input without a role is remote.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// The party who must stay in control.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owner: Vec<String>,
    /// Anybody else, hostile.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remote: Vec<String>,
    /// Physics and neighbours.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<String>,
    /// Free, but fixed during a run: straps, region.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constant: Vec<String>,
}

impl Inputs {
    /// Whether no role is given at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A transaction the part is bought for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Name in reports.
    pub name: String,
    /// The condition under which the owner starts it, where a start can be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// It has completed.
    pub done: String,
    /// Words that must agree between start and completion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<[String; 2]>,
    /// Cycles; a longer outage breaks the claim.
    pub recover_within: u64,
}

/// A listed recovery sequence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// Name in reports.
    pub name: String,
    /// Where the manual says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What the owner does, in order.
    pub steps: Vec<Step>,
}

/// One step of a recovery sequence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "StepFields", into = "StepFields")]
pub enum Step {
    /// Drive owner inputs, until a condition holds or else for one cycle.
    Set {
        /// A list such as `cmd_valid = 1, cmd_op = 8'h01`.
        set: String,
        /// The condition; the cycle in which it holds is the last.
        until: Option<String>,
    },
    /// Let cycles pass.
    Wait {
        /// How many, at least one.
        cycles: u32,
    },
}

/// A [`Step`] as written.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFields {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    set: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wait: Option<u32>,
}

impl TryFrom<StepFields> for Step {
    type Error = &'static str;
    fn try_from(fields: StepFields) -> Result<Self, Self::Error> {
        match (fields.set, fields.until, fields.wait) {
            (Some(set), until, None) => Ok(Self::Set { set, until }),
            (None, None, Some(cycles)) => Ok(Self::Wait { cycles }),
            _ => Err("a step is either `set` (with an optional `until`) or `wait`"),
        }
    }
}

impl From<Step> for StepFields {
    fn from(step: Step) -> Self {
        match step {
            Step::Set { set, until } => Self { set: Some(set), until, wait: None },
            Step::Wait { cycles } => Self { set: None, until: None, wait: Some(cycles) },
        }
    }
}

/// A documented permanent-off command; states after it are excused.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Off {
    /// The command is given.
    pub when: String,
}

/// A signal that carries the part's identity.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Hierarchical name of a register, net or port.
    pub signal: String,
    /// How it behaves over time.
    pub kind: IdentityKind,
}

/// How an identity signal behaves over time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IdentityKind {
    /// Constant per part.
    Fuse,
    /// May change in each cycle.
    Sensor,
}

/// A window in which the owner has asked for an identity.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declassify {
    /// The condition that opens it.
    pub when: String,
    /// Its length in cycles after the one in which `when` holds; that one is inside as well.
    #[serde(rename = "for")]
    pub window: u32,
    /// Output ports on which it may appear, as patterns.
    pub observable: Vec<String>,
    /// Identity signals released.
    pub releases: Vec<String>,
}

/// A function whose results depend on declared operands and configuration only. Conditions may
/// name registers beside ports.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Name in reports.
    pub name: String,
    /// Input ports that results may depend on, in value or in time, as patterns.
    pub operands: Vec<String>,
    /// Output ports that show results.
    pub results: Vec<Results>,
    /// State that results may depend on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub configuration: Vec<Configuration>,
    /// A job starts in this cycle.
    pub start: String,
    /// A job ends in this cycle.
    pub done: String,
    /// Most jobs in flight, 1 if absent; used where `quiet` is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<u32>,
    /// No job is in flight; as many `done` as `start` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<String>,
    /// Cycles without `start` and without `stall` after which `quiet` has held.
    pub latency: u64,
    /// Cycles that do not count towards the latency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stall: Option<String>,
}

/// Outputs that show results.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// Output ports, as patterns.
    pub ports: Vec<String>,
    /// They mean something in this cycle; always if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
}

/// State that results may depend on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Registers, or output ports that read them back, as patterns.
    pub state: Vec<String>,
    /// They may change after a cycle in which this holds; never if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writes: Option<String>,
}

/// State when power comes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PowerUpRule {
    /// Any state.
    #[default]
    Arbitrary,
    /// The netlist's initial values, as in AIGER models without a reset.
    Declared,
    /// As declared, and 0 where nothing is.
    Zero,
}

/// Why a contract cannot be used, whatever the design.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ContractError {
    /// A value outside its limits.
    #[error("{key}: {what}; {remedy}")]
    Value {
        /// Key path, such as `service[0].recover_within`.
        key: String,
        /// What is wrong.
        what: String,
        /// What to do about it.
        remedy: String,
    },
    /// An expression that cannot be read.
    #[error("{key}: {error}")]
    Expr {
        /// Key path.
        key: String,
        /// What is wrong with it.
        error: ExprError,
    },
}
