//! A set that is not left, state by state, and the run into it.

use super::eval::{lanes, number, outputs, set, sets};
use super::world::{Input, World};
use super::{Stop, Verdict, no, verdict};
use proof::certificate::{Accelerated, ClosedSet, Entry, OwnerScope};
use proof::{Circuit, Var};

/// Longest run that is written out.
const MOST_CYCLES: u128 = 20_000;

impl World<'_> {
    /// What enumeration says of a closed set.
    pub fn closed_set(&mut self, service: usize, c: &ClosedSet) -> Verdict {
        self.begin();
        verdict(self.examine_closed(service, c))
    }

    fn examine_closed(&mut self, service: usize, c: &ClosedSet) -> Result<(), Stop> {
        if self.completions(service, &c.covers)? == 0 {
            return no("no service is shown");
        }
        let n = self.bits();
        let state = |v: Var| match v {
            Var::State(i) if i < n => Some(i),
            _ => None,
        };
        let inside = set(&c.set, n, state)?;
        let potential = c.potential.as_ref().map(|p| sets(p, n, state)).transpose()?;
        let value = |at: u64| potential.as_ref().map(|p| number(p, at));
        let legal = self.word_list(&c.legal_inputs)?;
        for s in inside.members(1 << n) {
            let moves = self.moves(s, false)?;
            let answered = self.adversary(c.adversary.as_ref(), s)?;
            let documented = |w: usize| c.owner == OwnerScope::Any || moves[w].documented;
            if self.straps(s) {
                let fits = |&w: &u32| {
                    let w = answered[w as usize] as usize;
                    moves[w].assume && moves[w].granted && documented(w)
                };
                if !legal.iter().any(fits) {
                    return no("legal");
                }
            }
            if value(s) == Some(0) {
                continue;
            }
            if c.adversary.is_some() {
                // each owner word that can be answered within the rules is answered so
                let fits = |w: usize| moves[w].assume && moves[w].granted && documented(w);
                if (0..moves.len()).any(|w| fits(w) && !fits(answered[w] as usize)) {
                    return no("adversary");
                }
            }
            for &w in &answered {
                let m = moves[w as usize];
                if !m.assume || !documented(w as usize) {
                    continue;
                }
                let falls = value(m.next).zip(value(s)).is_some_and(|(after, now)| after + 1 < now);
                if !inside.has(m.next) || falls {
                    return no("closed");
                }
                if m.complete >> service & 1 == 1 {
                    return no("no-service");
                }
                if c.adversary.is_some() && !m.granted {
                    return no("adversary");
                }
            }
        }
        let end = match &c.entry {
            Entry::Trace(trace) => self.run(trace)?.1,
            Entry::Accelerated(run) => self.accelerated(run)?,
        };
        if !inside.has(end) || !self.idle(end, service) {
            return no("the run does not end in the set");
        }
        if value(end).is_some_and(|v| v < u128::from(self.m.services[service].within)) {
            return no("the potential is too small");
        }
        Ok(())
    }

    /// What each input word becomes when a leash answers.
    fn adversary(&self, circuit: Option<&Circuit>, state: u64) -> Result<Vec<u32>, Stop> {
        let words = 1u64 << self.words;
        let Some(circuit) = circuit else { return Ok((0..words as u32).collect()) };
        let bit = |place: Input| match place {
            Input::Word(b) => b,
            Input::Pick(s) => self.machine.word_bits + s,
        };
        let is_owner = |place: Input| self.owner >> bit(place) & 1 == 1;
        let others: Vec<u32> =
            self.inputs.iter().copied().filter(|&i| !is_owner(i)).map(bit).collect();
        if circuit.outputs.len() != others.len() {
            return no("the leash does not fit");
        }
        let spread = |on: bool| if on { u64::MAX } else { 0 };
        let mut all = Vec::new();
        for base in (0..words).step_by(64) {
            let values = outputs(circuit, |v| match v {
                Var::State(i) if i < self.bits() => Some(spread(state >> i & 1 == 1)),
                Var::Input(i) => {
                    let place = *self.inputs.get(i as usize)?;
                    is_owner(place).then(|| lanes(bit(place), base))
                }
                _ => None,
            })?;
            for lane in 0..(words - base).min(64) {
                let word = (base + lane) as u32 & self.owner;
                let pairs = others.iter().zip(&values);
                all.push(pairs.fold(word, |w, (b, v)| w | ((v >> lane & 1) as u32) << b));
            }
        }
        Ok(all)
    }

    /// Writes a short accelerated run out; its segments must be what they say on the way.
    fn accelerated(&mut self, run: &Accelerated) -> Result<u64, Stop> {
        let (_, mut state) = self.run(&run.prefix)?;
        let bits = self.bits();
        let at = |circuit: &Circuit, state: u64| {
            outputs(circuit, |v| match v {
                Var::State(i) if i < bits => Some(state >> i & 1),
                _ => None,
            })
        };
        let mut bodies = Vec::new();
        for segment in &run.segments {
            let Ok(repeat) = segment.repeat.parse::<u128>() else { return no("a repetition") };
            if repeat.saturating_mul(segment.body.len() as u128) > MOST_CYCLES {
                return Err(Stop::TooLarge);
            }
            bodies.push((segment, repeat));
        }
        if bodies.is_empty() {
            return no("no segment");
        }
        let mut cycles = Vec::new();
        for (segment, repeat) in bodies {
            cycles.extend((0..repeat).rev().map(|left| (Some((segment, left)), &segment.body)));
        }
        cycles.push((None, &run.tail));
        for (segment, body) in cycles {
            for text in body {
                let word = self.word(text)?;
                let m = self.moves(state, false)?[word as usize];
                if !m.assume {
                    return no("an accelerated run breaks an assumption");
                }
                state = m.next;
            }
            if let Some((segment, left)) = segment {
                let count = at(&segment.counter, state)?;
                let count = count.iter().rev().fold(0u128, |n, v| n << 1 | u128::from(v & 1));
                if at(&segment.holds, state)?.first().map(|v| v & 1) != Some(1) || count != left {
                    return no("a segment is left, or does not count");
                }
            }
        }
        Ok(state)
    }
}
