//! Replay: traces are run on the model, concretely, before anything is believed.
//!
//! Method: plain evaluation of the whole graph once per cycle, in topological order. No engine, no
//! solver, no shortcut. Cost: one pass over the graph per cycle and copy.

use crate::certificate::{PairTrace, Trace};
use crate::circuit::{Circuit, CircuitError, Var};
use crate::model::{Model, Place};
use netlist::{Lit, Node};

/// Longest trace that is replayed, in cycles.
pub const MAX_TRACE: usize = 2_000_000;

/// A trace that does not do what is said of it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("replay: {0}")]
pub struct ReplayError(pub String);

fn wrong(what: impl Into<String>) -> ReplayError {
    ReplayError(what.into())
}

/// Reads a bit vector of exactly `length` characters.
///
/// # Errors
/// If the length or a character is wrong.
pub fn parse_bits(text: &str, length: usize, what: &str) -> Result<Vec<bool>, ReplayError> {
    if text.len() != length {
        return Err(wrong(format!("{what} has {} bits, expected {length}", text.len())));
    }
    text.bytes()
        .map(|b| match b {
            b'0' => Ok(false),
            b'1' => Ok(true),
            _ => Err(wrong(format!("{what} has a character that is neither 0 nor 1"))),
        })
        .collect()
}

/// Writes a bit vector.
pub fn print_bits(bits: &[bool]) -> String {
    bits.iter().map(|&b| if b { '1' } else { '0' }).collect()
}

/// A concrete run of a model.
#[derive(Clone)]
pub struct Run<'m> {
    model: &'m Model,
    /// Current state, one value per state bit.
    pub state: Vec<bool>,
    values: Vec<bool>,
    cycle: usize,
    held: Lit,
}

impl<'m> Run<'m> {
    /// A run at power-up in `state`.
    pub fn new(model: &'m Model, state: Vec<bool>) -> Self {
        Self { model, state, values: vec![false; model.aig.len()], cycle: 0, held: Lit::TRUE }
    }
    /// A run that is past reset, in `state`.
    pub fn after_reset(model: &'m Model, state: Vec<bool>) -> Self {
        Self { cycle: model.reset_cycles as usize, ..Self::new(model, state) }
    }
    /// Cycles executed since power-up.
    pub fn cycle(&self) -> usize {
        self.cycle
    }
    /// Whether the next cycle is under reset.
    pub fn in_reset(&self) -> bool {
        self.cycle < self.model.reset_cycles as usize
    }
    /// Evaluates the current cycle under `inputs` without leaving it.
    pub fn evaluate(&mut self, inputs: &[bool]) {
        let reset = self.in_reset() == self.model.reset_active;
        for var in 1..self.model.aig.len() as u32 {
            self.values[var as usize] = match self.model.aig.node(var) {
                Node::False => false,
                Node::And(a, b) => self.value(a) && self.value(b),
                Node::Leaf(leaf) => match self.model.places.get(leaf as usize) {
                    Some(Place::State(i)) => self.state[*i as usize],
                    Some(Place::Input(i)) => inputs[*i as usize],
                    Some(Place::Reset) => reset,
                    _ => false,
                },
            };
            if var == self.held.var() {
                self.values[var as usize] = !self.held.is_neg();
            }
        }
    }
    /// The value of a model literal in the cycle last evaluated.
    pub fn value(&self, lit: Lit) -> bool {
        self.values[lit.index()] ^ lit.is_neg()
    }
    /// Goes to the next cycle after [`Run::evaluate`].
    pub fn advance(&mut self) {
        let next: Vec<bool> = self.model.state.iter().map(|s| self.value(s.next)).collect();
        self.state = next;
        self.cycle += 1;
    }
    /// Evaluates a circuit over `State` in the current state; least significant output first.
    ///
    /// # Errors
    /// If the circuit reads anything but state.
    pub fn circuit(&self, circuit: &Circuit) -> Result<Vec<bool>, CircuitError> {
        let mut aig = netlist::Aig::new();
        let lits = circuit.build(&mut aig, |_, var| match var {
            Var::State(i) => self.state.get(i as usize).map(|&b| Lit::constant(b)),
            _ => None,
        })?;
        Ok(lits.into_iter().map(|l| l == Lit::TRUE).collect())
    }
}

/// Replays a trace: `assume` must hold in every cycle after reset, what it says of constants alone
/// even if the trace ends with the reset sequence, and declared power-up values must be respected.
/// `each` sees every cycle after evaluation. Returns the run at the end.
///
/// # Errors
/// If the trace is malformed, too long, or breaks an assumption.
pub fn replay<'m>(
    model: &'m Model,
    trace: &Trace,
    mut each: impl FnMut(&Run<'m>),
) -> Result<Run<'m>, ReplayError> {
    let mut run = start(model, trace)?;
    run.evaluate(&vec![false; model.inputs.len()]);
    if !run.value(model.assume_constants) {
        return Err(wrong("the constants are not as assumed"));
    }
    for word in &trace.inputs {
        let inputs = parse_bits(word, model.inputs.len(), "an input word")?;
        run.evaluate(&inputs);
        if !run.in_reset() && !run.value(model.assume) {
            return Err(wrong(format!("`assume` does not hold in cycle {}", run.cycle())));
        }
        each(&run);
        run.advance();
    }
    Ok(run)
}

/// As [`replay`] with the literal `held` true in every cycle, whatever drives it: what would have been.
/// The assumptions do not bind such a run.
///
/// # Errors
/// If the trace is malformed or too long.
pub fn replay_held<'m>(
    model: &'m Model,
    trace: &Trace,
    held: Lit,
    mut each: impl FnMut(&Run<'m>),
) -> Result<(), ReplayError> {
    let mut run = start(model, trace)?;
    run.held = held;
    for word in &trace.inputs {
        run.evaluate(&parse_bits(word, model.inputs.len(), "an input word")?);
        each(&run);
        run.advance();
    }
    Ok(())
}

/// A run at the beginning of a trace.
fn start<'m>(model: &'m Model, trace: &Trace) -> Result<Run<'m>, ReplayError> {
    if trace.inputs.len() > MAX_TRACE {
        return Err(wrong(format!("longer than {MAX_TRACE} cycles")));
    }
    if trace.inputs.len() < model.reset_cycles as usize {
        return Err(wrong("ends before the reset sequence does"));
    }
    let state = parse_bits(&trace.power_up, model.state.len(), "the power-up state")?;
    for (bit, &value) in model.state.iter().zip(&state) {
        if bit.power_up.is_some_and(|declared| declared != value) {
            return Err(wrong(format!("{}[{}] is not at its power-up value", bit.name, bit.bit)));
        }
    }
    Ok(Run::new(model, state))
}

/// Counts completions of a service along a trace.
///
/// # Errors
/// As [`replay`].
pub fn completions(model: &Model, service: usize, trace: &Trace) -> Result<usize, ReplayError> {
    let complete = model.services[service].complete;
    let mut count = 0;
    replay(model, trace, |run| count += usize::from(!run.in_reset() && run.value(complete)))?;
    Ok(count)
}

/// What a replayed pair of runs shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// `timing` if every port that differs carries the same sequence of values, else `value`.
    pub kind: &'static str,
    /// Whether the difference lies in a declassification window that releases the item.
    pub released: bool,
}

/// Replays a pair of runs that may differ in identity item `item` only and shows that the named
/// output differs in the named cycle.
///
/// # Errors
/// If the runs differ in anything else, or the output does not differ.
pub fn replay_pair(
    model: &Model,
    item: usize,
    pair: &PairTrace,
) -> Result<Difference, ReplayError> {
    let identity = &model.identities[item];
    differ_only_at(&pair.left.power_up, &pair.right.power_up, &identity.state)?;
    if pair.left.inputs.len() != pair.right.inputs.len() {
        return Err(wrong("the two runs differ in length"));
    }
    for (l, r) in pair.left.inputs.iter().zip(&pair.right.inputs) {
        differ_only_at(l, r, &identity.inputs)?;
    }
    let observable = model
        .observables
        .iter()
        .position(|o| o.port == pair.port && o.bit == pair.bit)
        .ok_or_else(|| wrong(format!("{}[{}] is not observable", pair.port, pair.bit)))?;
    let record = |trace: &Trace| {
        let mut rows: Vec<Vec<bool>> = Vec::with_capacity(trace.inputs.len());
        let mut open = Vec::with_capacity(trace.inputs.len());
        replay(model, trace, |run| {
            rows.push(model.observables.iter().map(|o| run.value(o.lit)).collect());
            open.push(
                !run.in_reset()
                    && model.windows.iter().any(|w| {
                        w.releases.contains(&item)
                            && w.observables.contains(&observable)
                            && run.value(w.open)
                    }),
            );
        })
        .map(|_| (rows, open))
    };
    let (left, open) = record(&pair.left)?;
    let (right, _) = record(&pair.right)?;
    let at = pair.cycle as usize;
    match (left.get(at), right.get(at)) {
        (Some(l), Some(r)) if l[observable] != r[observable] => {}
        _ => return Err(wrong(format!("the output does not differ in cycle {at}"))),
    }
    Ok(Difference { kind: kind_of(model, &left, &right), released: open[at] })
}

/// The length limit that [`differ_only_at`] needs is checked when the strings are parsed.
fn differ_only_at(left: &str, right: &str, allowed: &[usize]) -> Result<(), ReplayError> {
    let (l, r) = (left.as_bytes(), right.as_bytes());
    if l.len() != r.len() {
        return Err(wrong("the two runs differ in width"));
    }
    let stray = (0..l.len()).find(|i| l[*i] != r[*i] && !allowed.contains(i));
    stray.map_or(Ok(()), |i| Err(wrong(format!("the two runs differ in bit {i}, not identity"))))
}

/// Stutter comparison per port: `timing` if in the end every port has shown the same sequence of
/// distinct consecutive values in both runs. A pulse that never comes is a difference in value.
fn kind_of(model: &Model, left: &[Vec<bool>], right: &[Vec<bool>]) -> &'static str {
    let mut ports: Vec<&str> = model.observables.iter().map(|o| o.port.as_str()).collect();
    ports.dedup();
    for port in ports {
        let bits: Vec<usize> =
            (0..model.observables.len()).filter(|&o| model.observables[o].port == port).collect();
        let squeeze = |rows: &[Vec<bool>]| {
            let mut words: Vec<Vec<bool>> =
                rows.iter().map(|row| bits.iter().map(|&b| row[b]).collect()).collect();
            words.dedup();
            words
        };
        if squeeze(left) != squeeze(right) {
            return "value";
        }
    }
    "timing"
}
