//! Counts of events: a closed set that only a number of messages, commands, errors leads to.
//!
//! Problem: an implant that waits for 2⁴⁰ messages counts nothing while nobody sends any; the timer's quiet
//! word does not move it, and no search sends 2⁴⁰ messages.
//! Method: as for timers, the word whose bits a predecessor of the set fixes is the counter. From a
//! concrete state a few cycles of input that move it by exactly one are asked for by SAT, as close to the
//! quiet word as possible; with quiet cycles after them they make a period. A period that goes on moving
//! the counter by one in simulation, and a predicate that Houdini finds over the bits that are the same at
//! its ends, make a segment of an accelerated run. Whether it is exact is asked before it is offered: the
//! predicate is kept, the counter falls by one and the assumptions hold, from every state of the predicate.
//! The kernel derives the same obligations again.
//! Cost: a SAT call for each input that must differ from the quiet word, a simulation and a Houdini for
//! each period.
//! What it cannot see: events that need a protocol with memory of the count, periods beyond [`LONGEST`] and
//! [`REST`], counters that events move by more than one, and those that time moves as well.

use super::Context;
use super::closed_set::Found;
use super::houdini::{StateLit, StepSystem};
use super::slow::words;
use super::timer::{goal, value};
use crate::slice::{column, spread};
use netlist::Lit;
use proof::certificate::{Accelerated, Segment, Trace};
use proof::replay::print_bits;
use proof::{Circuit, Frames, Var};
use solve::{AigSolver, Outcome};

/// Narrowest counter; what narrower ones lead to is found by bounded search.
const NARROW: usize = 5;
/// Most cycles that an event takes.
const LONGEST: usize = 12;
/// Most quiet cycles between two events.
const REST: usize = 6;
/// Periods simulated.
const PERIODS: usize = 24;
/// Most wishes given up for one event.
const GIVEN_UP: usize = 400;

/// Input bits of an event that a report names.
const NAMED: usize = 16;

/// What is known of the way into a set.
pub(crate) struct Way<'a> {
    /// A predecessor of the set, as far as it matters.
    pub(crate) cube: &'a [StateLit],
    /// The input word that leads from there into the set.
    pub(crate) last: &'a [bool],
    /// The quiet word.
    pub(crate) quiet: &'a [bool],
    /// A quiet run from power-up.
    pub(crate) prefix: Trace,
    /// The state at its end.
    pub(crate) from: &'a [bool],
}

impl Context<'_> {
    /// An accelerated run into `found` that repeats an event.
    pub(crate) fn events(&mut self, found: &Found, way: Way<'_>) -> Option<Accelerated> {
        for (name, bits) in words(self) {
            let place = |&(i, v): &StateLit| Some((bits.iter().position(|&b| b == i)?, v));
            let fixed: Vec<(usize, bool)> = way.cube.iter().filter_map(place).collect();
            if bits.len() < NARROW || bits.len() > 120 || fixed.len() * 2 < bits.len() {
                continue;
            }
            for up in [true, false] {
                let goal = goal(&fixed, bits.len(), up);
                for body in self.periods(&bits, up, &way) {
                    let history = self.repeated(&bits, up, &body, way.from)?;
                    // the first period is part of the prefix: it may end in another state
                    let Some(second) = history.get(1) else { continue };
                    let start = value(&bits, second);
                    let distance =
                        if up { goal.checked_sub(start) } else { start.checked_sub(goal) };
                    let Some(repeat) = distance.filter(|&d| d > 0) else { continue };
                    let Some(segment) = self.segment(&bits, up, goal, &body, &history[1..], repeat)
                    else {
                        continue;
                    };
                    let mut ends = vec![way.quiet.to_vec(), way.last.to_vec()];
                    ends.extend(body.iter().cloned());
                    ends.dedup();
                    if self.is_exact(&segment, &body)
                        && let Some(tail) = self.tail(found, &segment, &ends)
                    {
                        let event = self.said(&body, way.quiet);
                        let cycles = body.len();
                        self.notes.push(format!(
                            "`{name}` counts events to {goal}, one in {cycles} cycles: {event}"
                        ));
                        let mut prefix = way.prefix;
                        prefix.inputs.extend(body.iter().map(|w| print_bits(w)));
                        return Some(Accelerated { prefix, segments: vec![segment], tail });
                    }
                }
            }
        }
        None
    }

    /// Where a period differs from the quiet word.
    fn said(&self, body: &[Vec<bool>], quiet: &[bool]) -> String {
        let mut all: Vec<String> = Vec::new();
        for (input, bit) in self.model.inputs.iter().enumerate() {
            let differs = |word: &&Vec<bool>| word[input] != quiet[input];
            let Some(word) = body.iter().find(differs) else { continue };
            all.push(format!("{}[{}] = {}", bit.name, bit.bit, u8::from(word[input])));
        }
        let more = all.len().saturating_sub(NAMED);
        all.truncate(NAMED);
        if more > 0 {
            all.push(format!("{more} bits more"));
        }
        all.join(", ")
    }

    /// Input words that move the counter by one, the shortest first, with rests of several lengths.
    fn periods(&self, bits: &[usize], up: bool, way: &Way<'_>) -> Vec<Vec<Vec<bool>>> {
        let mut all = Vec::new();
        for length in 1..=LONGEST {
            if let Some(event) = self.event(bits, up, way, length) {
                for rest in 0..=REST {
                    let mut body = event.clone();
                    body.extend(std::iter::repeat_n(way.quiet.to_vec(), rest));
                    all.push(body);
                }
                break;
            }
        }
        all
    }

    /// `length` input words after which the counter has moved by one.
    fn event(
        &self,
        bits: &[usize],
        up: bool,
        way: &Way<'_>,
        length: usize,
    ) -> Option<Vec<Vec<bool>>> {
        let model = self.model;
        let now = value(bits, way.from);
        let moved = if up { now.checked_add(1)? } else { now.checked_sub(1)? };
        let mut frames = Frames::new(model);
        let state = way.from.iter().map(|&b| Lit::constant(b)).collect();
        let mut solver = AigSolver::light();
        let mut inputs: Vec<Vec<Lit>> = vec![frames.fresh_inputs()];
        let mut at = frames.frame(state, inputs[0].clone());
        for _ in 1..length {
            let fresh = frames.fresh_inputs();
            at = frames.frame_after(at, fresh.clone());
            inputs.push(fresh);
        }
        let mut need = Vec::new();
        for frame in 0..=at {
            need.push(frames.lit(frame, model.assume));
        }
        for (p, &b) in bits.iter().enumerate() {
            need.push(frames.next(at, b).xor_sign(moved >> p & 1 == 0));
        }
        for lit in need {
            solver.add_clause(&frames.aig, &[lit]);
        }
        let wish = |word: &[Lit]| -> Vec<Lit> {
            word.iter().zip(way.quiet).map(|(l, &q)| l.xor_sign(!q)).collect()
        };
        let mut wishes: Vec<Lit> = inputs.iter().flat_map(|word| wish(word)).collect();
        for _ in 0..GIVEN_UP {
            match solver.solve(&frames.aig, &wishes, &self.budget) {
                Outcome::Unknown => return None,
                Outcome::Unsat => {
                    let dropped = solver.core().last().copied()?;
                    wishes.retain(|&l| l != dropped);
                }
                Outcome::Sat => {
                    let mut read =
                        |word: &Vec<Lit>| word.iter().map(|&l| solver.value(l)).collect();
                    return Some(inputs.iter().map(&mut read).collect());
                }
            }
        }
        None
    }

    /// The states between periods, if each moves the counter by one and keeps to the assumptions; none
    /// else.
    fn repeated(
        &mut self,
        bits: &[usize],
        up: bool,
        body: &[Vec<bool>],
        from: &[bool],
    ) -> Option<Vec<Vec<bool>>> {
        let body: Vec<_> = body.iter().map(|w| spread(w)).collect();
        let mut state = spread(from);
        let mut history = vec![from.to_vec()];
        for _ in 0..PERIODS {
            for word in &body {
                self.slice.evaluate(&state, word, false);
                if self.slice.value(self.model.assume) & 1 == 0 {
                    return Some(Vec::new());
                }
                self.slice.advance(&mut state);
            }
            let then = column(&state, 0);
            let (a, b) = (value(bits, history.last()?), value(bits, &then));
            let (low, high) = if up { (a, b) } else { (b, a) };
            if high.checked_sub(low) != Some(1) {
                return Some(Vec::new());
            }
            history.push(then);
        }
        Some(history)
    }

    /// Whether a period keeps the predicate, lowers the counter by exactly one while it is not 0, and
    /// keeps to the assumptions, from every state of the predicate.
    fn is_exact(&self, segment: &Segment, body: &[Vec<bool>]) -> bool {
        let mut system = StepSystem::along(self.model, body);
        let legal: Vec<Lit> = (system.now..=system.last)
            .map(|frame| system.frames.lit(frame, self.model.assume))
            .collect();
        let Some(holds) = over(&mut system, &segment.holds, false) else { return false };
        let Some(again) = over(&mut system, &segment.holds, true) else { return false };
        let Some(before) = over(&mut system, &segment.counter, false) else { return false };
        let Some(after) = over(&mut system, &segment.counter, true) else { return false };
        let aig = &mut system.frames.aig;
        let mut borrow = Lit::TRUE;
        let mut good = [legal, again].concat();
        for (&bit, &then) in before.iter().zip(&after) {
            let less = aig.xor(bit, borrow);
            borrow = aig.and(borrow, !bit);
            good.push(aig.iff(less, then));
        }
        let good = aig.and_all(good);
        let mut all = holds;
        all.extend([aig.or_all(before), !good]);
        system.solve(&all, &self.budget) == Outcome::Unsat
    }
}

/// A circuit over the state, now or one step later.
fn over(system: &mut StepSystem<'_>, circuit: &Circuit, then: bool) -> Option<Vec<Lit>> {
    let mut values = Vec::with_capacity(circuit.inputs.len());
    for &var in &circuit.inputs {
        let Var::State(i) = var else { return None };
        let bit = (i as usize, true);
        values.push(if then { system.then(bit) } else { system.here(bit) });
    }
    let mut values = values.into_iter();
    circuit.build(&mut system.frames.aig, |_, _| values.next()).ok()
}
