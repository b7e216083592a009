//! Two runs that differ in an identity alone.

use super::world::{Bit, Input, World};
use super::{Stop, Verdict, no, verdict};
use crate::oracle::machine::Source;
use proof::certificate::PairTrace;

impl World<'_> {
    /// What enumeration says of a pair of runs that is to show a leak of `item`.
    pub fn pair(&mut self, item: usize, pair: &PairTrace, kind: Option<&str>) -> Verdict {
        self.begin();
        verdict(self.show(item, pair).and_then(|(found, released)| {
            if released {
                no("the difference is released")
            } else if kind != Some(found) {
                no("the kind is another")
            } else {
                Ok(())
            }
        }))
    }

    /// The kind of the difference, and whether a window releases it.
    pub(super) fn show(
        &mut self,
        item: usize,
        pair: &PairTrace,
    ) -> Result<(&'static str, bool), Stop> {
        let own = self.machine.identities[item].clone();
        let mine = |held: bool, bit: u32| {
            own.iter().any(|s| match *s {
                Source::Held(b) => held && b == bit,
                Source::Word(b) => !held && b == bit,
            })
        };
        let (l, r) = (&pair.left, &pair.right);
        let differ = |a: &str, b: &str| -> Vec<usize> {
            a.bytes().zip(b.bytes()).enumerate().filter(|(_, (x, y))| x != y).map(|d| d.0).collect()
        };
        if l.inputs.len() != r.inputs.len() {
            return no("the runs differ in length");
        }
        let (left, _) = self.run(l)?;
        let (right, _) = self.run(r)?;
        let strange = differ(&l.power_up, &r.power_up)
            .into_iter()
            .any(|i| !matches!(self.state[i], Bit::Held(b) if mine(true, b)));
        let inputs = l.inputs.iter().zip(&r.inputs).flat_map(|(a, b)| differ(a, b));
        let strange = strange
            || inputs
                .into_iter()
                .any(|i| !matches!(self.inputs[i], Input::Word(b) if mine(false, b)));
        if strange {
            return no("the runs differ in something else");
        }
        let mut first = 0;
        let mut found = None;
        let mut kind = "timing";
        for output in &self.m.outputs {
            let bits: Vec<usize> = (first..first + output.wires.len()).collect();
            first += output.wires.len();
            if output.hidden {
                continue;
            }
            if output.name == pair.port {
                found = bits.get(pair.bit as usize).copied();
            }
            let squeeze = |moves: &[super::world::Move]| {
                let mut words: Vec<Vec<u64>> = moves
                    .iter()
                    .map(|m| bits.iter().map(|b| m.outputs >> b & 1).collect())
                    .collect();
                words.dedup();
                words
            };
            if squeeze(&left) != squeeze(&right) {
                kind = "value";
            }
        }
        let (Some(bit), Some(a), Some(b)) =
            (found, left.get(pair.cycle as usize), right.get(pair.cycle as usize))
        else {
            return no("no such output or cycle");
        };
        if (a.outputs ^ b.outputs) >> bit & 1 == 0 {
            return no("the output does not differ");
        }
        let excused = self.excused(item, &pair.port);
        let after = pair.cycle as usize >= self.machine.reset_cycles() as usize;
        Ok((kind, after && a.open & excused != 0))
    }

    /// Windows that release `item` on an output.
    pub(super) fn excused(&self, item: usize, port: &str) -> u32 {
        let mut windows = 0;
        for (w, window) in self.m.windows.iter().enumerate() {
            let listed = window.outputs.iter().any(|&o| self.m.outputs[o].name == port);
            windows |= u32::from(listed && window.releases.contains(&item)) << w;
        }
        windows
    }
}
