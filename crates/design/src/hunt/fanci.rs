//! FANCI: nets that hardly depend on what they read.
//!
//! Method: Waksman, Suozzo, Sethumadhavan, CCS 2013. The *control value* of an input on a net is the
//! share of the rows of the other inputs for which flipping it flips the net, sampled for wide cones. The
//! inputs of a net are the leaves of its combinational cone. All control values of a net are estimated
//! together here: one random row, then each leaf flipped in a lane of its own. Reported is the mean.
//! Cost: cone size times leaves over 64, per net and row; cones are cut at a size, nets sampled.
//! What it cannot see: triggers spread over several cycles, which have narrow cones.

use super::circuit::Circuit;
use super::random::Random;

const MAX_CONE: usize = 1500;
const MAX_LEAVES: usize = 256;
const ROWS: usize = 16;

/// Mean control value of node `var`, or nothing if its cone is out of bounds.
pub(super) fn control(c: &Circuit<'_>, var: u32, random: &mut Random) -> Option<f64> {
    let mut cone: Vec<u32> = Vec::new();
    let mut leaves: Vec<u32> = Vec::new();
    let mut stack = vec![var];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(v) = stack.pop() {
        if v == 0 || !seen.insert(v) {
            continue;
        }
        match c.graph.fanin(v) {
            Some((a, b)) => {
                cone.push(v);
                stack.push(a.var());
                stack.push(b.var());
            }
            None => leaves.push(v),
        }
        if cone.len() > MAX_CONE || leaves.len() > MAX_LEAVES {
            return None;
        }
    }
    if leaves.len() < 2 {
        return None;
    }
    cone.sort_unstable();
    leaves.sort_unstable();
    let index = |v: u32| -> usize {
        match leaves.binary_search(&v) {
            Ok(i) => i + 1,
            Err(_) => cone.binary_search(&v).map_or(0, |i| 1 + leaves.len() + i),
        }
    };
    let program: Vec<[usize; 4]> = cone
        .iter()
        .filter_map(|&v| {
            let (a, b) = c.graph.fanin(v)?;
            Some([index(a.var()), usize::from(a.is_neg()), index(b.var()), usize::from(b.is_neg())])
        })
        .collect();
    let words = (leaves.len() + 1).div_ceil(64);
    let mut values = vec![0u64; (1 + leaves.len() + cone.len()) * words];
    let mut flips = 0u64;
    for _ in 0..ROWS {
        for i in 0..leaves.len() {
            let row = if random.word() >> 63 == 1 { u64::MAX } else { 0 };
            for w in 0..words {
                values[(1 + i) * words + w] = row;
            }
            values[(1 + i) * words + (i + 1) / 64] ^= 1 << ((i + 1) % 64);
        }
        for (k, &[a, p, b, q]) in program.iter().enumerate() {
            let out = (1 + leaves.len() + k) * words;
            for w in 0..words {
                let x = values[a * words + w] ^ 0u64.wrapping_sub(p as u64);
                let y = values[b * words + w] ^ 0u64.wrapping_sub(q as u64);
                values[out + w] = x & y;
            }
        }
        let root = index(var) * words;
        let base = 0u64.wrapping_sub(values[root] & 1);
        for w in 0..words {
            let mut mask = u64::MAX;
            if w == words - 1 && !(leaves.len() + 1).is_multiple_of(64) {
                mask = (1 << ((leaves.len() + 1) % 64)) - 1;
            }
            flips += u64::from(((values[root + w] ^ base) & mask).count_ones());
        }
    }
    Some(flips as f64 / (ROWS * leaves.len()) as f64)
}
