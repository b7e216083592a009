//! What the outputs of a micro design show after reset, over all runs within the assumptions.

use super::{BITS, evaluate};
use std::collections::{BTreeMap, BTreeSet};
use testkit::micro::{Micro, Role};

/// For each output bit whether some run within the assumptions makes it 0 and 1 after reset.
pub(super) fn shown(m: &Micro) -> Option<BTreeMap<(usize, usize), [bool; 2]>> {
    let ids: u32 = m.identities.iter().map(|i| i.width).sum();
    let bits = m.registers.len() as u32 + m.input_bits() + ids;
    if bits > BITS || m.identities.iter().any(|i| i.sensor) {
        return None;
    }
    let number = |bits: u32, n: u32| (0..bits).map(|i| n >> i & 1 == 1).collect::<Vec<bool>>();
    let roles = m.roles();
    let strap = |w: u32| {
        (0..roles.len()).filter(|&i| roles[i] == Role::Constant).map(|i| w & 1 << i).sum::<u32>()
    };
    let resets = m.reset.map_or(0, |r| r.cycles);
    let counts = m.reset.is_none() || m.declared;
    let mut seen: BTreeMap<(usize, usize), [bool; 2]> = BTreeMap::new();
    for fuse in 0..1u32 << ids {
        let fused = number(ids, fuse);
        let mut rest = fused.iter().copied();
        let fuses: Vec<Vec<bool>> =
            m.identities.iter().map(|i| rest.by_ref().take(i.width as usize).collect()).collect();
        for straps in (0..1u32 << m.input_bits()).filter(|&w| strap(w) == w) {
            let words: Vec<Vec<bool>> = (0..1u32 << m.input_bits())
                .filter(|&w| strap(w) == straps)
                .map(|w| number(m.input_bits(), w))
                .collect();
            let next =
                |v: &[bool]| m.registers.iter().map(|r| v[r.next as usize]).collect::<Vec<bool>>();
            let mut now: Vec<Vec<bool>> = (0..1u32 << m.registers.len())
                .map(|n| number(m.registers.len() as u32, n))
                .filter(|s| {
                    !counts
                        || m.registers
                            .iter()
                            .zip(s)
                            .all(|(r, v)| r.power_up.is_none_or(|p| p == *v))
                })
                .collect();
            for _ in 0..resets {
                let mut then: Vec<Vec<bool>> = now
                    .iter()
                    .flat_map(|s| {
                        words.iter().map(|w| next(&evaluate(m, true, s, w, &fuses, None)))
                    })
                    .collect();
                then.sort();
                then.dedup();
                now = then;
            }
            let mut known: BTreeSet<Vec<bool>> = now.iter().cloned().collect();
            while let Some(state) = now.pop() {
                for word in &words {
                    let v = evaluate(m, false, &state, word, &fuses, None);
                    let legal = m.assume.iter().all(|c| v[c.wire as usize])
                        && m.off.as_ref().is_none_or(|c| !v[c.wire as usize]);
                    if !legal {
                        continue;
                    }
                    for (o, output) in m.outputs.iter().enumerate() {
                        for (b, &w) in output.wires.iter().enumerate() {
                            seen.entry((o, b)).or_default()[usize::from(v[w as usize])] = true;
                        }
                    }
                    let then = next(&v);
                    if known.insert(then.clone()) {
                        now.push(then);
                    }
                }
            }
        }
    }
    Some(seen)
}
