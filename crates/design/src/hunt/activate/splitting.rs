//! Splitting: simulation of the cone that goes on from the states that were reached most rarely.
//!
//! Problem: a count that the host's life clears, or a path of several rare steps, is not finished by chance,
//! and is too deep to unroll.
//! Method: importance splitting (Kahn, Harris 1951). 512 runs from all registers 0; after every few cycles the
//! state of the trigger's own registers is looked up in a table of how often each was seen, the runs with the rarest
//! states are copied over those with the most ordinary ones, and all go on with other inputs. A counter's highest
//! count is always the rarest state, and so is the last step of a path. Inputs and ancestors are kept, from which the
//! run that fires is put together.
//! Cost: bounded by node evaluations and by the memory for the kept inputs.
//! What it cannot see: progress that is not in the registers looked at.

use super::super::activity::{Activity, WORDS};
use super::super::circuit::Circuit;
use super::super::random::Random;
use super::cone::Cone;
use std::collections::BTreeMap;

/// Cycles between two selections.
const EPOCH: usize = 2;
const LANES: usize = 64 * WORDS;
/// Runs that go on as they are; the others are replaced by copies …
const KEPT: usize = LANES / 2;
/// … of these.
const COPIED: usize = 8;
/// Node evaluations, in words of 512 patterns.
const WORK: usize = 60_000_000;
/// What a selection costs, in the same measure.
const SELECTION: usize = 30_000;
/// Words of 512 inputs that are kept.
const MEMORY: usize = 1 << 20;
/// Most registers that make a state.
const STATE: usize = 64;

/// What is needed to put a run together.
struct Epoch {
    /// Run each run goes on from.
    from: Vec<u16>,
    /// Input words, cycle by cycle.
    inputs: Vec<[u64; WORDS]>,
}

/// Input words of a run that makes `root` show `!quiet`, found along rare states of `memory`.
pub(super) fn splitting(
    c: &Circuit<'_>,
    cone: &Cone,
    activity: &Activity,
    root: u32,
    quiet: bool,
    memory: &[u32],
) -> Option<Vec<Vec<bool>>> {
    let memory = memory.get(..memory.len().min(STATE)).unwrap_or(&[]);
    if memory.is_empty() || cone.inputs.is_empty() {
        return None;
    }
    let cycle = cone.ands.len() + 4 * cone.inputs.len() + 8;
    let cost = cycle * EPOCH + 64 * cone.registers.len() + SELECTION;
    let epochs = (WORK / cost).min(MEMORY / (cone.inputs.len() * EPOCH)).max(16);
    let mut random = Random::new(u64::from(root) + 29);
    let mut values = vec![[0u64; WORDS]; c.len()];
    let mut hold = Vec::new();
    let mut seen: BTreeMap<u64, u32> = BTreeMap::new();
    let mut history: Vec<Epoch> = Vec::new();
    let mut from: Vec<u16> = (0..LANES as u16).collect();
    let mut profile = draw(cone, activity, &mut random);
    for epoch in 0..epochs {
        history.push(Epoch { from, inputs: Vec::new() });
        if epoch % 16 == 15 {
            profile = draw(cone, activity, &mut random);
        }
        for cycle in 0..EPOCH {
            let kept = &mut history.last_mut()?.inputs;
            for (k, &i) in cone.inputs.iter().enumerate() {
                let leaf = c.graph.free[i].index();
                let old = values[leaf];
                let first = epoch == 0 && cycle < 3;
                let new = std::array::from_fn(|w| match activity.usual[i] {
                    Some(usual) if first => 0u64.wrapping_sub(u64::from(!usual)),
                    _ => {
                        let change = random.biased(profile[k][1][w]);
                        random.biased(profile[k][0][w]) & change | old[w] & !change
                    }
                });
                values[leaf] = new;
                kept.push(new);
            }
            cone.settle(&mut values);
            let flip = if quiet { u64::MAX } else { 0 };
            for (w, word) in values[root as usize].iter().enumerate() {
                if word ^ flip != 0 {
                    let lane = 64 * w + (word ^ flip).trailing_zeros() as usize;
                    return Some(ancestry(c, cone, &history, cycle, lane));
                }
            }
            cone.load(c, &mut values, &mut hold);
        }
        from = select(&values, memory, &mut seen);
        for &r in &cone.registers {
            let slot = &mut values[c.graph.registers[r].out.index()];
            let old = *slot;
            for (w, word) in slot.iter_mut().enumerate() {
                let parents = &from[64 * w..64 * w + 64];
                *word = parents.iter().enumerate().fold(0, |sum, (lane, &p)| {
                    sum | (old[usize::from(p) / 64] >> (p % 64) & 1) << lane
                });
            }
        }
    }
    None
}

/// Chances of a 1 and of a change for each input and word.
fn draw(cone: &Cone, activity: &Activity, random: &mut Random) -> Vec<[[u16; WORDS]; 2]> {
    let of = |&i: &usize| match activity.usual[i] {
        Some(value) => {
            let one = |w: usize| if w % 4 == 3 { 2 } else { 0 };
            [std::array::from_fn(|w| if value { 256 - one(w) } else { one(w) }), [256; WORDS]]
        }
        None => [
            std::array::from_fn(|_| [128, 128, 64, 192, 16, 240, 0, 256][random.below(8)]),
            std::array::from_fn(|_| [256, 256, 64, 16][random.below(4)]),
        ],
    };
    cone.inputs.iter().map(of).collect()
}

/// Counts the states of all runs and says which run each goes on from.
fn select(values: &[[u64; WORDS]], memory: &[u32], seen: &mut BTreeMap<u64, u32>) -> Vec<u16> {
    let state = |lane: usize| -> u64 {
        let bit = |&v: &u32| values[v as usize][lane / 64] >> (lane % 64) & 1;
        memory.iter().fold(0, |sum, v| sum << 1 | bit(v))
    };
    let states: Vec<u64> = (0..LANES).map(state).collect();
    for s in &states {
        *seen.entry(*s).or_insert(0) += 1;
    }
    let count = |lane: u16| seen.get(&states[usize::from(lane)]).copied().unwrap_or(0);
    let mut order: Vec<u16> = (0..LANES as u16).collect();
    order.sort_by_key(|&lane| (count(lane), lane));
    let mut from: Vec<u16> = (0..LANES as u16).collect();
    // nothing to choose from where all states are equally ordinary
    if order.first().map(|&l| count(l)) != order.last().map(|&l| count(l)) {
        for (k, &lane) in order.iter().skip(KEPT).enumerate() {
            from[usize::from(lane)] = order[k % COPIED];
        }
    }
    from
}

/// Inputs of `lane` up to `cycle` of the last epoch.
fn ancestry(
    c: &Circuit<'_>,
    cone: &Cone,
    history: &[Epoch],
    cycle: usize,
    mut lane: usize,
) -> Vec<Vec<bool>> {
    let mut words = Vec::new();
    let mut last = cycle + 1;
    for epoch in history.iter().rev() {
        for row in epoch.inputs.chunks(cone.inputs.len()).take(last).rev() {
            let mut word = vec![false; c.graph.free.len()];
            for (&i, value) in cone.inputs.iter().zip(row) {
                word[i] = value[lane / 64] >> (lane % 64) & 1 == 1;
            }
            words.push(word);
        }
        last = EPOCH;
        lane = usize::from(epoch.from[lane]);
    }
    words.reverse();
    words
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::super::super::activity::measure;
    use super::super::luck::luck;
    use super::*;
    use frontend::liberty::Library;
    use frontend::structural::read_verilog;
    use std::fmt::Write as _;

    /// A counter that goes on only while `a` equals its lowest bit; `hit` at 77. With a `wall` it also starts anew
    /// at 64.
    fn counter(wall: bool) -> String {
        let mut v =
            "module top(clk, a, hit); input clk; input a; output hit; wire c0, ok, go, w;\n"
                .to_owned();
        v += "buf b0(c0, 1'b1); xnor b1(ok, a, q0); nand b2(w, q6, 1'b1);\n";
        v += if wall { "and b3(go, ok, w);\n" } else { "buf b3(go, ok);\n" };
        for i in 0..7 {
            let next = i + 1;
            let _ = writeln!(v, "wire n{i}, d{i}, q{i}, c{next};");
            let _ = writeln!(v, "xor x{i}(n{i}, q{i}, c{i}); and a{i}(c{next}, q{i}, c{i});");
            let _ = writeln!(v, "and e{i}(d{i}, n{i}, go);");
            let _ = writeln!(v, "dff f{i}(.RN(1'b1), .SN(1'b1), .CK(clk), .D(d{i}), .Q(q{i}));");
        }
        v + "and h(hit, q6, q3, q2, q0);\nendmodule\n"
    }

    #[test]
    fn a_count_that_chance_does_not_finish_is_finished() {
        for wall in [false, true] {
            let text = counter(wall);
            let delivered = read_verilog(text.as_bytes(), None, &Library::default()).unwrap();
            let c = Circuit::new(&delivered.graph);
            let root = delivered.graph.observed[0].1;
            let (root, quiet) = (root.var(), root.is_neg());
            let cone = Cone::of(&c, root);
            let activity = measure(&c, 200_000, 1);
            let memory: Vec<u32> = c.graph.registers.iter().map(|r| r.out.var()).collect();
            assert_eq!(luck(&c, &cone, &activity, root, quiet), None);
            let found = splitting(&c, &cone, &activity, root, quiet, &memory);
            assert_eq!(found.is_none(), wall, "wall {wall}");
            // 64 + 8 + 4 + 1 steps and the cycle in which it is seen
            assert!(found.is_none_or(|words| words.len() >= 78));
        }
    }
}
