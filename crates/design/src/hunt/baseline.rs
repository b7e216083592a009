//! Published detectors of a single view, for comparison in the protocol.
//!
//! * *FANCI*: nets of which the mean control value is below 2⁻⁸; flagged gates are those nets' drivers.
//! * *Rare nets*: nets that never showed one of their values.
//! * *Largest comparator*: the AND tree of the widest conjunction.
//!
//! Each gives a set of gates; the protocol turns it into a verdict by whether the set is empty, or, for
//! the comparator, at least 16 literals wide.

use super::activity;
use super::circuit::Circuit;
use super::conjunction;
use super::fanci;
use super::random::Random;
use frontend::structural::Delivered;

/// Gates that one view flags.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// `fanci`, `rare` or `comparator`.
    pub name: &'static str,
    /// Instances, sorted.
    pub instances: Vec<u32>,
}

const CONTROL: f64 = 1.0 / 256.0;
const WIDE: usize = 16;

/// Runs all three.
pub fn baselines(delivered: &Delivered, work: u64) -> Vec<Baseline> {
    let c = Circuit::new(&delivered.graph);
    let activity = activity::measure(&c, work, 1);
    let mut random = Random::new(3);
    let (mut low, mut rare) = (vec![false; c.len()], vec![false; c.len()]);
    let mut widest = (0, 0u32);
    for var in 1..c.len() as u32 {
        if !c.primary[var as usize] {
            continue;
        }
        rare[var as usize] = activity.rate(var) == 0.0;
        low[var as usize] = fanci::control(&c, var, &mut random).is_some_and(|v| v < CONTROL);
        let width = conjunction::width(&c, var);
        if width > widest.0 {
            widest = (width, var);
        }
    }
    let mut tree = vec![false; c.len()];
    if widest.0 >= WIDE {
        let mut stack = vec![widest.1];
        while let Some(v) = stack.pop() {
            if std::mem::replace(&mut tree[v as usize], true) {
                continue;
            }
            if let Some((a, b)) = c.graph.fanin(v) {
                stack.extend(
                    [a, b].iter().filter(|l| !l.is_neg() && !l.is_const()).map(|l| l.var()),
                );
            }
        }
    }
    [("fanci", low), ("rare", rare), ("comparator", tree)]
        .into_iter()
        .map(|(name, set)| Baseline { name, instances: c.instances(|v| set[v as usize]) })
        .collect()
}
