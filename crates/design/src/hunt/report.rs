//! What a hunt says: suspects in order, what each rests on, and what was looked at.

use super::activate::Activation;
use netlist::Lit;

/// Why a gate is listed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part {
    /// Serves nothing but the trigger net.
    Trigger,
    /// Passes a signal through while the trigger is quiet, or is constant then.
    Payload,
    /// Serves nothing while the trigger is quiet.
    Idle,
    /// Has no path to any observer.
    Dead,
}

impl Part {
    /// The word of reports.
    pub fn id(self) -> &'static str {
        match self {
            Self::Trigger => "trigger",
            Self::Payload => "payload",
            Self::Idle => "idle",
            Self::Dead => "dead",
        }
    }
    /// The reason in words.
    pub fn why(self) -> &'static str {
        match self {
            Self::Trigger => "reaches observers only through the trigger net",
            Self::Payload => "passes a signal on, or is constant, while the trigger is quiet",
            Self::Idle => "nothing uses it while the trigger is quiet",
            Self::Dead => "has no path to any output",
        }
    }
}

/// What a payload does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PayloadKind {
    /// Forces or holds signals.
    Stops,
    /// Inverts or replaces results.
    Changes,
    /// Puts other registers where a result belongs.
    Leaks,
    /// No effect on any observer.
    Invisible,
}

impl PayloadKind {
    /// The word of reports.
    pub fn id(self) -> &'static str {
        match self {
            Self::Stops => "stops-service",
            Self::Changes => "changes-results",
            Self::Leaks => "leaks-value",
            Self::Invisible => "none-visible",
        }
    }
}

/// A gate of a suspect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gate {
    /// Instance number in the graph.
    pub instance: u32,
    /// Instance name.
    pub name: String,
    /// Kind of cell.
    pub kind: String,
    /// Line of the file; 0 if there are none.
    pub line: u32,
    /// Why it is listed.
    pub part: Part,
}

/// One suspected hidden function.
#[derive(Clone, Debug)]
pub struct Suspect {
    /// Chance that a design with such a suspect is infected, as fitted; see docs/hunt.md.
    pub confidence: f64,
    /// The trigger net.
    pub trigger: String,
    /// Its literal in the gate graph; none for logic without an observer in which no net is rare.
    pub net: Option<Lit>,
    /// Its value in normal use.
    pub quiet: bool,
    /// Nets the payload changes.
    pub payload: Vec<String>,
    /// What the payload does.
    pub kind: PayloadKind,
    /// All gates that belong to it.
    pub gates: Vec<Gate>,
    /// Whether it was fired.
    pub activation: Activation,
    /// Width of the conjunction at the trigger.
    pub width: usize,
    /// Sentences: what speaks for the suspicion, and what against.
    pub why: Vec<String>,
    /// Features by name.
    pub features: Vec<(&'static str, f64)>,
}

/// What a hunt found.
#[derive(Clone, Debug, Default)]
pub struct Hunt {
    /// Suspects, the most suspicious first.
    pub suspects: Vec<Suspect>,
    /// Whether the first is suspicious enough for the verdict `suspect`.
    pub suspicious: bool,
    /// Gates of the design.
    pub gates: usize,
    /// Registers.
    pub registers: usize,
    /// Patterns simulated.
    pub patterns: u64,
    /// Share of registers that moved in simulation.
    pub moving: f64,
    /// Candidates looked at.
    pub candidates: usize,
    /// Candidates dropped because nothing can activate them: literals of the gate graph that are always true.
    pub never: Vec<Lit>,
    /// What the verdict rests on.
    pub notes: Vec<String>,
}
