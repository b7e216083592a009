//! Change points: where the level of a series changes.
//!
//! Problem: a part that is throttled after an hour has a fine median if the run is three hours long.
//! Method: binary segmentation (Scott and Knott 1974) on Huber scores: values are centred at the
//! segment's median, divided by a noise level that includes slow noise ([`crate::stats::noise`]) and
//! clamped, so that outliers weigh little; the statistic is the largest normalised CUSUM. A split
//! counts above [`THRESHOLD`] and if the medians differ by [`MIN_STEP`]. Cost: O(n log n).
//! What it cannot see: steps below the threshold, changes of spread, slow drift (which it may report as
//! a step; drift is tested beside it).

use crate::stats::{median, noise};

/// Normalised CUSUM a split must reach.
pub const THRESHOLD: f64 = 4.5;
/// Smallest relative step.
pub const MIN_STEP: f64 = 0.01;
/// Fewest samples to either side.
pub const MIN_SEGMENT: usize = 5;
/// Most change points reported.
pub const MAX_POINTS: usize = 32;
/// Scores are clamped to this many noise levels.
const CLAMP: f64 = 3.0;

/// The level changes between `index - 1` and `index`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ChangePoint {
    /// First sample at the new level.
    pub index: usize,
    /// Median before, back to the previous change.
    pub before: f64,
    /// Median after, up to the next change.
    pub after: f64,
}

/// The change points of a series, in order.
pub fn change_points(values: &[f64]) -> Vec<ChangePoint> {
    let centre = median(&mut values.to_vec()).unwrap_or(0.0).abs();
    // quantised series have no noise; a tenth of the smallest step that matters stands in
    let level = noise(values).max(centre * MIN_STEP / 10.0).max(f64::MIN_POSITIVE);
    let mut cuts = Vec::new();
    let mut open = vec![(0usize, values.len())];
    while let Some((from, to)) = open.pop() {
        if cuts.len() >= MAX_POINTS {
            break;
        }
        if let Some(at) = split(&values[from..to], level) {
            cuts.push(from + at);
            open.push((from, from + at));
            open.push((from + at, to));
        }
    }
    cuts.sort_unstable();
    let edges: Vec<usize> =
        std::iter::once(0).chain(cuts.iter().copied()).chain([values.len()]).collect();
    let level_of = |from: usize, to: usize| median(&mut values[from..to].to_vec()).unwrap_or(0.0);
    let levels: Vec<f64> = edges.windows(2).map(|e| level_of(e[0], e[1])).collect();
    cuts.iter()
        .zip(levels.windows(2))
        .map(|(&index, l)| ChangePoint { index, before: l[0], after: l[1] })
        .filter(|c| relative(c.before, c.after) >= MIN_STEP)
        .collect()
}

fn relative(before: f64, after: f64) -> f64 {
    let scale = before.abs().max(after.abs());
    if scale > 0.0 { (after - before).abs() / scale } else { 0.0 }
}

fn split(values: &[f64], level: f64) -> Option<usize> {
    let n = values.len();
    if n < 2 * MIN_SEGMENT {
        return None;
    }
    let centre = median(&mut values.to_vec())?;
    let score = |v: f64| ((v - centre) / level).clamp(-CLAMP, CLAMP);
    let total: f64 = values.iter().map(|&v| score(v)).sum();
    let (mut sum, mut best, mut at) = (0.0, 0.0, 0);
    for (i, &v) in values.iter().enumerate().take(n - MIN_SEGMENT) {
        sum += score(v);
        let k = (i + 1) as f64;
        if i + 1 < MIN_SEGMENT {
            continue;
        }
        let m = n as f64;
        let statistic = (sum - total * k / m).abs() / (k * (m - k) / m).sqrt();
        if statistic > best {
            (best, at) = (statistic, i + 1);
        }
    }
    let before = median(&mut values[..at].to_vec())?;
    let after = median(&mut values[at..].to_vec())?;
    (best > THRESHOLD && relative(before, after) >= MIN_STEP).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Random;

    fn synthetic(n: usize, noise: f64, seed: u64) -> Vec<f64> {
        let mut random = Random::new(seed);
        (0..n).map(|_| 100.0 * (1.0 + noise * random.normal())).collect()
    }

    #[test]
    fn a_step_is_found_where_it_is() {
        let mut values = synthetic(400, 0.01, 1);
        values[250..].iter_mut().for_each(|v| *v *= 0.95);
        let found = change_points(&values);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].index.abs_diff(250) <= 2);
        assert!((found[0].after / found[0].before - 0.95).abs() < 0.005);
    }

    #[test]
    fn noise_outliers_and_constants_have_no_change() {
        assert!(change_points(&synthetic(1000, 0.02, 2)).is_empty());
        assert!(change_points(&vec![7.0; 500]).is_empty());
        let mut spiky = synthetic(400, 0.01, 3);
        for i in (0..400).step_by(37) {
            spiky[i] *= 0.3;
        }
        assert!(change_points(&spiky).is_empty());
        assert!(change_points(&[]).is_empty() && change_points(&[1.0; 9]).is_empty());
    }

    #[test]
    fn a_step_between_constants_is_found() {
        let values: Vec<f64> = (0..100).map(|i| if i < 60 { 50.0 } else { 48.0 }).collect();
        assert_eq!(change_points(&values)[0].index, 60);
    }
}
