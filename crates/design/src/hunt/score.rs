//! From features to a judgement, in two steps.
//!
//! Problem: the best of many candidates is good by chance, the more so in a large design, or in one of which
//! half was never woken; a fixed bar for a candidate's score flags such designs.
//! Method: (1) each candidate is scored by gradient-boosted decision trees of depth three (Friedman, Annals
//! of Statistics 2001; fitted by LightGBM, Ke et al., NIPS 2017) over `features` and their ratios, fitted to generated
//! implants (gates agree at F1 0.7 or better) against all other candidates of infected, placebo and clean designs. (2) The *design* is
//! judged by a logistic regression on its best score, on the best score of another region — the design's
//! own null model: honest logic comes in numbers, an implant stands out —, on its size and on the share
//! of it that stayed asleep. It is fitted on scores of families that the trees had not seen
//! (`examples/hunt/fit.py`). Both are committed as text (`model.txt`, one line per tree); whole families of
//! hosts and one family of triggers never took part, and docs/hunt.md reports them apart.
//! One rule stands beside the trees, because generated implants seldom have it and honest designs hardly ever: a
//! comparison of 40 or more registers and inputs with one constant, which almost nothing else compares.
//! Cost: a few hundred comparisons per candidate.
//! What it cannot see: intent. A rare honest mode with the same shape scores the same.

use super::features::Features;
use std::sync::LazyLock;

const TEXT: &str = include_str!("model.txt");
/// Splits of a tree, level by level.
const SPLITS: usize = 7;
/// Leaves of a tree.
const LEAVES: usize = 8;
/// Score of a region that is not there.
const NONE: f64 = -5.0;

/// Bits from which a comparison with a constant speaks for itself, other comparisons of the same nets it may have, and
/// its score.
const MAGIC: (f64, f64, f64) = (40.0, 3.0, 2.5);

struct Tree {
    splits: [(usize, f64); SPLITS],
    leaves: [f64; LEAVES],
}

#[derive(Default)]
struct Model {
    base: f64,
    trees: Vec<Tree>,
    /// Constant, best, second, logarithm of thousands of gates, share asleep.
    design: [f64; 5],
}

static MODEL: LazyLock<Model> = LazyLock::new(|| parse(TEXT).unwrap_or_default());

/// Names of ratios that are asked about beside the features.
const RATIOS: [&str; 6] = ["loss", "memory", "contact", "effect", "step", "breadth"];

/// What trees ask about, in the order of [`names`].
fn terms(f: &Features) -> Vec<f64> {
    let gates = f.gates + 1.0;
    let mut all = f.vector();
    all.extend([
        (f.constant + f.dead) / gates,
        f.registers / gates,
        f.taps / gates,
        f.passing / gates,
        f.bits - f.parent,
        f.bits / (f.widest + 1.0),
    ]);
    all
}

fn names() -> Vec<&'static str> {
    Features::NAMES.iter().copied().chain(RATIOS).collect()
}

fn parse(text: &str) -> Option<Model> {
    let names = names();
    let mut model = Model::default();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let (word, rest) = line.split_once(' ')?;
        match word {
            "base" => model.base = rest.parse().ok()?,
            "design" => {
                let all: Option<Vec<f64>> = rest.split(' ').map(|n| n.parse().ok()).collect();
                model.design = all?.try_into().ok()?;
            }
            "tree" => {
                let (splits, leaves) = rest.split_once(" : ")?;
                let split = |s: &str| {
                    let (name, cut) = s.split_once('>')?;
                    Some((names.iter().position(|n| *n == name)?, cut.parse().ok()?))
                };
                let splits: Option<Vec<(usize, f64)>> = splits.split(' ').map(split).collect();
                let leaves: Option<Vec<f64>> = leaves.split(' ').map(|n| n.parse().ok()).collect();
                let (splits, leaves) = (splits?.try_into().ok()?, leaves?.try_into().ok()?);
                model.trees.push(Tree { splits, leaves });
            }
            _ => return None,
        }
    }
    (!model.trees.is_empty()).then_some(model)
}

/// Score of a candidate: logarithm of its odds.
pub(super) fn score(f: &Features) -> f64 {
    let terms = terms(f);
    let mut sum = MODEL.base;
    for tree in &MODEL.trees {
        let mut node = 0;
        for level in 0..3 {
            let (feature, cut) = tree.splits[(1 << level) - 1 + node];
            node = 2 * node + usize::from(terms[feature] > cut);
        }
        sum += tree.leaves[node];
    }
    if f.compares >= MAGIC.0 && f.relatives <= MAGIC.1 { sum.max(MAGIC.2) } else { sum }
}

/// Chance that a design is infected, from the scores of its best region and of its best other region.
pub(super) fn confidence(best: f64, other: Option<f64>, f: &Features) -> f64 {
    let [constant, first, second, size, asleep] = MODEL.design;
    let odds = constant
        + first * best
        + second * other.unwrap_or(NONE).max(NONE)
        + size * (f.design / 1000.0).ln()
        + asleep * f.asleep;
    1.0 / (1.0 + (-odds).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_model_is_read() {
        let model = parse(TEXT);
        assert!(
            model.is_some_and(|m| m.trees.len() > 10 && m.design.iter().all(|w| w.is_finite()))
        );
        assert!(parse("tree bits>1 : 0").is_none(), "too few splits");
        assert!(parse("tree nonsense>1 : 0").is_none());
    }
}
