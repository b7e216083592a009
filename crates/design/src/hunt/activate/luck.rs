//! Long simulation of the cone alone, under the same learning stimulus as the whole design.
//!
//! Problem: a counter of cycles or events needs many cycles, which the whole design cannot be given.
//! Method: 512 runs of the cone from all registers 0, longer and longer, inputs kept; the first lane that
//! fires gives the run.
//! Cost: bounded by node evaluations and by the memory for the kept inputs.
//! What it cannot see: values of data that chance does not hit; `search` finds those.

use super::super::activity::{Activity, WORDS};
use super::super::circuit::Circuit;
use super::super::random::Random;
use super::cone::Cone;

/// Long simulation of the cone. Returns the input words of a lane that fires.
pub(super) fn luck(
    c: &Circuit<'_>,
    cone: &Cone,
    activity: &Activity,
    root: u32,
    quiet: bool,
) -> Option<Vec<Vec<bool>>> {
    const WORK: u64 = 20_000_000;
    const MEMORY: usize = 1 << 23;
    let mut random = Random::new(u64::from(root) + 17);
    let mut values = vec![[0u64; WORDS]; c.len()];
    let mut hold = Vec::new();
    let in_all = (WORK / (cone.ands.len() as u64 + 4 * cone.inputs.len() as u64 + 8)).max(256);
    let longest = (MEMORY / (cone.inputs.len() * WORDS + 1)).clamp(64, 1 << 16) as u64;
    let mut done = 0;
    let mut length = 256.min(longest);
    while done < in_all {
        let mut kept: Vec<[u64; WORDS]> = Vec::new();
        for &r in &cone.registers {
            values[c.graph.registers[r].out.index()] = [0; WORDS];
        }
        let profile: Vec<[u16; 2 * WORDS]> = cone
            .inputs
            .iter()
            .map(|&i| {
                std::array::from_fn(|k| {
                    if k >= WORDS {
                        return [256, 256, 64, 16][random.below(4)];
                    }
                    match activity.usual[i] {
                        Some(value) => {
                            let seldom = if k % 4 == 3 { 2 } else { 0 };
                            if value { 256 - seldom } else { seldom }
                        }
                        None => [128, 128, 64, 192, 16, 240, 0, 256][random.below(8)],
                    }
                })
            })
            .collect();
        for cycle in 0..length {
            for (k, &i) in cone.inputs.iter().enumerate() {
                let leaf = c.graph.free[i].index();
                let old = values[leaf];
                let new: [u64; WORDS] = std::array::from_fn(|w| {
                    let value = random.biased(profile[k][w]);
                    let change =
                        if cycle == 0 { u64::MAX } else { random.biased(profile[k][WORDS + w]) };
                    match activity.usual[i] {
                        Some(usual) if cycle < 3 => 0u64.wrapping_sub(u64::from(!usual)),
                        Some(_) => value,
                        None => value & change | old[w] & !change,
                    }
                });
                values[leaf] = new;
                kept.push(new);
            }
            cone.settle(&mut values);
            let flip = if quiet { u64::MAX } else { 0 };
            for (w, word) in values[root as usize].iter().enumerate() {
                let fired = word ^ flip;
                if fired != 0 {
                    let lane = fired.trailing_zeros();
                    return Some(lane_of(c, cone, &kept, cycle as usize + 1, w, lane));
                }
            }
            cone.load(c, &mut values, &mut hold);
        }
        done += length;
        length = (length * 2).min(longest);
    }
    None
}

fn lane_of(
    c: &Circuit<'_>,
    cone: &Cone,
    kept: &[[u64; WORDS]],
    cycles: usize,
    word: usize,
    lane: u32,
) -> Vec<Vec<bool>> {
    (0..cycles)
        .map(|cycle| {
            let mut inputs = vec![false; c.graph.free.len()];
            for (k, &i) in cone.inputs.iter().enumerate() {
                inputs[i] = kept[cycle * cone.inputs.len() + k][word] >> lane & 1 == 1;
            }
            inputs
        })
        .collect()
}
