//! Robust statistics of a run: median with an interval, and drift.
//!
//! Problem: benchmark samples have outliers, and neighbours resemble each other.
//! Method: the median; its interval at 99 % is the hull of two: the circular block bootstrap (Politis
//! and Romano 1992; block length n^⅓, seeded, so the same data give the same interval anywhere), which
//! sees dependence, and the order-statistic interval, which holds for any continuous distribution and
//! keeps small samples honest: from 8 samples on, minimum to maximum covers the median with 99.2 %.
//! Drift is the Theil–Sen slope (Sen 1968), reported where Kendall's test rejects "no trend" at 0.1 %.
//! Runs above [`MAX_POINTS`] are thinned evenly, which widens intervals and biases nothing.
//! Cost: [`RESAMPLES`] medians. What it cannot see: systematic errors of the clock or the benchmark.

/// Fewest samples an interval is computed from.
pub const MIN_SAMPLES: usize = 8;
/// Samples used at most; longer runs are thinned evenly.
pub const MAX_POINTS: usize = 4096;
/// Points for the drift test, which looks at all pairs.
const MAX_PAIRED: usize = 600;
/// Bootstrap resamples.
pub const RESAMPLES: usize = 999;
/// Confidence of the interval, in percent.
pub const CONFIDENCE: u32 = 99;
/// Quantile of the normal distribution for it.
const NORMAL_99: f64 = 2.575_829;
/// For the drift test at 0.1 %.
const NORMAL_999: f64 = 3.290_527;

/// Median and interval of a run.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Location {
    /// Number of samples.
    pub count: usize,
    /// Median.
    pub median: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A small generator (`SplitMix64`, Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }
    /// 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }
    /// Below `n`; 0 if `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.unit() * n as f64) as usize % n }
    }
    /// Standard normal (Box–Muller).
    pub fn normal(&mut self) -> f64 {
        let (u, v) = (1.0 - self.unit(), self.unit());
        (-2.0 * u.ln()).sqrt() * (2.0 * std::f64::consts::PI * v).cos()
    }
}

/// Median, in place; `None` if empty.
pub fn median(values: &mut [f64]) -> Option<f64> {
    let n = values.len();
    if n == 0 {
        return None;
    }
    let (left, &mut upper, _) = values.select_nth_unstable_by(n / 2, f64::total_cmp);
    if n % 2 == 1 {
        return Some(upper);
    }
    let lower = left.iter().copied().max_by(f64::total_cmp).unwrap_or(upper);
    Some(lower + (upper - lower) / 2.0)
}

/// Every k-th value, so that at most `most` remain.
pub fn thinned(values: &[f64], most: usize) -> Vec<f64> {
    let step = values.len().div_ceil(most.max(1)).max(1);
    values.iter().step_by(step).copied().collect()
}

/// Median and interval; `None` below [`MIN_SAMPLES`].
pub fn location(values: &[f64]) -> Option<Location> {
    if values.len() < MIN_SAMPLES {
        return None;
    }
    let data = thinned(values, MAX_POINTS);
    let n = data.len();
    let centre = median(&mut values.to_vec())?;
    let mut sorted = data.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let reach = NORMAL_99 * (n as f64).sqrt() / 2.0;
    let rank = (n as f64 / 2.0 - reach).floor().max(0.0) as usize;
    let (mut low, mut high) = (sorted[rank.min(n - 1)], sorted[n - 1 - rank.min(n - 1)]);

    let block = (n as f64).cbrt().ceil() as usize;
    let mut random = Random::new(0x7072_6f62_6974_7921 ^ n as u64);
    let mut medians = Vec::with_capacity(RESAMPLES);
    let mut sample = Vec::with_capacity(n + block);
    for _ in 0..RESAMPLES {
        sample.clear();
        while sample.len() < n {
            let start = random.below(n);
            sample.extend((start..start + block).map(|i| data[i % n]));
        }
        sample.truncate(n);
        medians.extend(median(&mut sample));
    }
    medians.sort_unstable_by(f64::total_cmp);
    let tail = medians.len() / 200;
    low = low.min(medians[tail]).min(centre);
    high = high.max(medians[medians.len() - 1 - tail]).max(centre);
    Some(Location { count: values.len(), median: centre, low, high })
}

/// Trend in percent of the median over the whole run, if there is one.
pub fn drift(values: &[f64]) -> Option<f64> {
    let mut data = thinned(values, MAX_PAIRED);
    let n = data.len();
    if n < MIN_SAMPLES {
        return None;
    }
    let mut slopes = Vec::with_capacity(n * (n - 1) / 2);
    let mut balance = 0i64;
    for j in 1..n {
        for i in 0..j {
            let rise = data[j] - data[i];
            balance += i64::from(rise > 0.0) - i64::from(rise < 0.0);
            slopes.push(rise / (j - i) as f64);
        }
    }
    let m = n as f64;
    let spread = (m * (m - 1.0) * (2.0 * m + 5.0) / 18.0).sqrt();
    if (balance.unsigned_abs() as f64) < NORMAL_999 * spread {
        return None;
    }
    let slope = median(&mut slopes)?;
    let centre = median(&mut data)?;
    (centre > 0.0).then(|| 100.0 * slope * (m - 1.0) / centre)
}

/// Robust long-run standard deviation: the noise that a mean of `n` values has, times √n. Steps are too
/// few to matter to it. The larger of two estimates:
/// * √block × MAD of differences of block means, over block sizes that leave 32 blocks;
/// * for a first-order autoregression, from the MADs of differences at two lags, whose ratio
///   (1 - ρ)/(1 - ρᵏ) gives the correlation ρ; it sees slow noise in short runs too.
pub fn noise(values: &[f64]) -> f64 {
    let mut largest = autoregressive(values);
    for block in [1usize, 4, 16, 64] {
        if values.len() / block < if block == 1 { 2 } else { 32 } {
            break;
        }
        let means: Vec<f64> =
            values.chunks_exact(block).map(|c| c.iter().sum::<f64>() / block as f64).collect();
        largest = largest.max(at_lag(&means, 1) * (block as f64).sqrt());
    }
    largest
}

/// Standard deviation of the differences at a lag, divided by √2; robust.
fn at_lag(values: &[f64], lag: usize) -> f64 {
    let later = values.iter().skip(lag);
    let mut steps: Vec<f64> = values.iter().zip(later).map(|(a, b)| (b - a).abs()).collect();
    median(&mut steps).unwrap_or(0.0) * 1.4826 / 2f64.sqrt()
}

fn autoregressive(values: &[f64]) -> f64 {
    let lag = match values.len() {
        0..40 => return 0.0,
        40..160 => 4,
        _ => 10,
    };
    let (near, far) = (at_lag(values, 1), at_lag(values, lag));
    if near <= 0.0 || far <= 0.0 {
        return 0.0;
    }
    let wanted = (near / far) * (near / far);
    let ratio = |rho: f64| (1.0 - rho) / (1.0 - rho.powi(lag as i32));
    let (mut low, mut high) = (0.0, 0.98);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if ratio(middle) > wanted { low = middle } else { high = middle }
    }
    let rho = f64::midpoint(low, high);
    near * (1.0 + rho).sqrt() / (1.0 - rho)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&mut []), None);
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn intervals_cover_the_median_of_synthetic_noise() {
        let mut random = Random::new(5);
        let mut missed = 0;
        for _ in 0..300 {
            let values: Vec<f64> = (0..40).map(|_| 100.0 + random.normal()).collect();
            let found = location(&values).unwrap();
            missed += u32::from(found.low > 100.0 || found.high < 100.0);
        }
        assert!(missed <= 9, "{missed} of 300 intervals at 99 % miss");
    }

    #[test]
    fn the_same_data_give_the_same_interval() {
        let mut random = Random::new(6);
        let values: Vec<f64> = (0..10_000).map(|_| random.unit()).collect();
        assert_eq!(location(&values), location(&values));
        assert!(location(&values[..7]).is_none());
    }

    #[test]
    fn drift_is_seen_and_noise_is_not() {
        let mut random = Random::new(7);
        let still: Vec<f64> = (0..500).map(|_| 100.0 + random.normal()).collect();
        assert_eq!(drift(&still), None);
        let falling: Vec<f64> =
            still.iter().enumerate().map(|(i, v)| v - 5.0 * i as f64 / 500.0).collect();
        assert!((drift(&falling).unwrap() + 5.0).abs() < 1.0);
    }
}
