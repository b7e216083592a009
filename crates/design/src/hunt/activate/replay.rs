//! Replay: a found run on the whole design, with and without the trigger.
//!
//! Method: two runs side by side in the even and odd lanes of one word, 32 pairs that differ in the inputs
//! the trigger does not depend on; in the odd lanes the trigger's net is tied quiet. What differs is what
//! the payload does. Afterwards each input is drawn anew in eight lanes of its own: if the trigger still
//! fires in all, the input does not matter.
//! Cost: a few passes over the design for each cycle of the run.

use super::super::activity::{WORDS, sign};
use super::super::circuit::Circuit;
use super::super::random::Random;
use super::Run;
use super::cone::Cone;

/// Cycles replayed after the trigger has fired.
const AFTER: usize = 256;
/// Node evaluations from which a replay is not worth its time: long runs of large designs.
const MOST_WORK: usize = 2_000_000_000;

/// Runs the whole design with and without the trigger, side by side; nothing if it does not fire or
/// would take too long.
pub(super) fn replay(
    c: &Circuit<'_>,
    cone: &Cone,
    root: u32,
    quiet: bool,
    words: Vec<Vec<bool>>,
    by: &'static str,
    usual: &[Option<bool>],
) -> Option<Run> {
    let mut random = Random::new(99);
    let steps = words.len() + AFTER;
    if steps.saturating_mul(c.len()) > MOST_WORK {
        return None;
    }
    let mut values = vec![0u64; c.len()];
    let mut hold: Vec<u64> = vec![0; c.graph.registers.len()];
    let relevant: std::collections::BTreeSet<usize> = cone.inputs.iter().copied().collect();
    let mut run = Run {
        inputs: Vec::new(),
        cycle: 0,
        differs: None,
        observers: Vec::new(),
        registers: 0,
        by,
        essential: 0,
        relevant: (0..c.graph.free.len()).map(|i| relevant.contains(&i)).collect(),
        usual: usual.to_vec(),
    };
    let mut fired = None;
    let mut differing = vec![false; c.graph.observed.len()];
    let mut moved = vec![false; c.graph.registers.len()];
    // even lanes run free, odd lanes have the trigger tied; 32 pairs differ in inputs the cone ignores
    const TIED: u64 = 0xaaaa_aaaa_aaaa_aaaa;
    let force = if quiet { TIED } else { 0 };
    let mut previous: Vec<u64> = vec![0; c.graph.free.len()];
    for cycle in 0..steps {
        for (i, leaf) in c.graph.free.iter().enumerate() {
            let pairs = {
                let half = random.word() & 0x5555_5555_5555_5555;
                half | half << 1
            };
            let word = match words.get(cycle) {
                Some(w) if relevant.contains(&i) => 0u64.wrapping_sub(u64::from(w[i])),
                Some(_) => pairs,
                // after the run: hold what looks like control, vary the rest
                None if usual[i].is_some() => 0u64.wrapping_sub(u64::from(usual[i] == Some(true))),
                None if cycle % 4 != 0 => previous[i],
                None => pairs & previous[i] | pairs & random.word(),
            };
            // both lanes of a pair see the same
            let word = word & 0x5555_5555_5555_5555;
            values[leaf.index()] = word | word << 1;
            previous[i] = values[leaf.index()];
        }
        for var in 1..c.len() as u32 {
            if let Some((a, b)) = c.graph.fanin(var) {
                let x = values[a.index()] ^ sign(a.code());
                let y = values[b.index()] ^ sign(b.code());
                values[var as usize] = x & y;
            }
            if var == root {
                values[var as usize] = values[var as usize] & !TIED | force;
            }
        }
        let free = (values[root as usize] ^ if quiet { u64::MAX } else { 0 }) & !TIED;
        if fired.is_none() && free != 0 {
            fired = Some(cycle);
        }
        let differs = |v: u64| (v ^ v >> 1) & !TIED != 0;
        for (slot, (_, lit)) in differing.iter_mut().zip(&c.graph.observed) {
            if lit.var() != root && differs(values[lit.index()]) {
                *slot = true;
                run.differs = run.differs.or(Some(cycle));
            }
        }
        for (r, register) in c.graph.registers.iter().enumerate() {
            hold[r] = values[register.next.index()] ^ sign(register.next.code());
            moved[r] |= differs(hold[r]);
        }
        for (r, register) in c.graph.registers.iter().enumerate() {
            values[register.out.index()] = hold[r];
        }
        if fired.is_some_and(|f| cycle > f + AFTER) {
            break;
        }
    }
    run.cycle = fired?;
    run.observers = (0..differing.len())
        .filter(|&i| differing[i])
        .map(|i| c.graph.observed[i].0.clone())
        .collect();
    run.registers = moved.iter().filter(|m| **m).count();
    run.essential = essential(c, cone, root, quiet, &words);
    run.inputs =
        words.iter().map(|w| w.iter().map(|&b| if b { '1' } else { '0' }).collect()).collect();
    Some(run)
}

/// Inputs without which the run does not fire: each is drawn anew in lanes of its own.
fn essential(c: &Circuit<'_>, cone: &Cone, root: u32, quiet: bool, words: &[Vec<bool>]) -> usize {
    const WORK: usize = 200_000_000;
    let cost = words.len() * cone.ands.len().max(1);
    let groups = cone.inputs.chunks(WORDS * 8).count();
    if cost.saturating_mul(groups) > WORK {
        return cone.inputs.len();
    }
    let mut random = Random::new(5);
    let mut count = 0;
    let mut values = vec![[0u64; WORDS]; c.len()];
    let mut hold = Vec::new();
    // eight lanes for each input of a group
    for group in cone.inputs.chunks(WORDS * 8) {
        for &r in &cone.registers {
            values[c.graph.registers[r].out.index()] = [0; WORDS];
        }
        let mut fired = [0u64; WORDS];
        for word in words {
            for &i in &cone.inputs {
                values[c.graph.free[i].index()] = [0u64.wrapping_sub(u64::from(word[i])); WORDS];
            }
            for (k, &i) in group.iter().enumerate() {
                let mask = 0xffu64 << (8 * (k % 8));
                let slot = &mut values[c.graph.free[i].index()][k / 8];
                *slot = *slot & !mask | random.word() & mask;
            }
            cone.settle(&mut values);
            for w in 0..WORDS {
                fired[w] |= values[root as usize][w] ^ if quiet { u64::MAX } else { 0 };
            }
            cone.load(c, &mut values, &mut hold);
        }
        for k in 0..group.len() {
            count += usize::from(fired[k / 8] >> (8 * (k % 8)) & 0xff != 0xff);
        }
    }
    count
}
