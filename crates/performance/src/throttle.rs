//! Unexplained throttling: capacity is lost, and neither heat nor power nor a setting says why.
//!
//! Problem: throttling is normal when a part is hot, capped or idle; it is the rest that matters, and
//! a month of samples has enough noise to raise an alarm by chance.
//! Method, per device, over the samples under load:
//! 1. A sample is *explained* by a stated reason (temperature, power, the owner's setting) unless a
//!    measurement contradicts it — a thermal reason [`COOL`] °C below the slowdown temperature, a power
//!    cap drawing less than [`DRAWS`] of the limit — or, where no reasons are recorded, by temperature or
//!    power at their limits.
//! 2. Capacity is the highest median clock of long windows of unexplained samples; noise is robust and
//!    includes slow noise ([`crate::stats::noise`]).
//! 3. A one-sided CUSUM (Page 1954) on the unexplained samples, tuned to a loss of [`MIN_LOSS`]; its bar
//!    follows from the number of samples, so that by Siegmund's approximation of the run length (1985)
//!    a series has a chance of about [`FALSE_ALARM`] of a false alarm. No single sample adds more than a
//!    fifth of the bar: an episode has at least five. A second CUSUM ends the episode.
//! 4. The onset is where the sum last was zero; what preceded it is told from the minute before.
//!
//! Cost: linear. What it cannot see: losses below [`MIN_LOSS`], a part that was slow from the first sample
//! to the last (unless a sustained clock is declared, see `examine`), throttling that keeps the clock (memory, issue rate), a lying sensor.

use crate::stats::{Random, median, noise};
use crate::telemetry::{Device, HARDWARE, IDLE, POWER, SETTING, THERMAL};

/// Smallest loss of clock that counts, as a fraction.
pub const MIN_LOSS: f64 = 0.03;
/// Chance of a false alarm per device, if noise is as modelled.
pub const FALSE_ALARM: f64 = 1e-3;
/// Load from which a device counts as busy, in percent.
pub const BUSY: f32 = 50.0;
/// Fewest busy samples that are judged.
pub const MIN_ROWS: usize = 50;
/// So far below the slowdown temperature a thermal reason is contradicted, °C.
pub const COOL: f32 = 15.0;
/// Below this fraction of the power limit a power cap is contradicted.
pub const DRAWS: f32 = 0.7;
/// From this fraction of the power limit on a loss is explained where no reasons are recorded.
const AT_LIMIT: f32 = 0.95;
/// Most episodes reported per device.
pub const MAX_EPISODES: usize = 100;
/// Window whose median may set the capacity, in samples.
const WINDOW: usize = 200;
/// Samples that noise is estimated from, in pieces of this many.
const PIECES: (usize, usize) = (16, 4096);
/// Least drift of the CUSUM, in noise levels: noisier series take longer instead of hiding a loss.
const MIN_DRIFT: f64 = 0.05;
/// A loss is measured against a capacity that is itself estimated.
const ROUNDING: f64 = 0.9;
/// What happened before the onset is told from this many samples.
const BEFORE: usize = 60;

/// A stretch of unexplained loss.
#[derive(Clone, PartialEq, Debug)]
pub struct Episode {
    /// First and last sample, as indices into the device's arrays.
    pub rows: (usize, usize),
    /// Times of these.
    pub time: (i64, i64),
    /// Lost clock as a fraction of the capacity, median.
    pub loss: f64,
    /// Samples whose stated reason a measurement contradicts.
    pub contradicted: usize,
    /// What preceded the onset, in words.
    pub before: String,
}

/// What one device's series shows.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Watched {
    /// Samples under load.
    pub busy: usize,
    /// Of these explained by temperature, power, a setting.
    pub explained: usize,
    /// Clock without a reason to be lower, MHz.
    pub capacity: f64,
    /// Noise of the clock, MHz.
    pub noise: f64,
    /// Unexplained episodes.
    pub episodes: Vec<Episode>,
}

/// Whether anything in the series could explain a loss.
pub fn can_explain(device: &Device, slowdown: Option<f32>) -> bool {
    !device.reasons.is_empty()
        || (!device.power.is_empty() && !device.limit.is_empty())
        || (!device.celsius.is_empty() && slowdown.is_some())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Explained,
    Plain,
    Contradicted,
}

fn at(values: &[f32], i: usize) -> f32 {
    values.get(i).copied().unwrap_or(f32::NAN)
}

fn state(d: &Device, i: usize, slowdown: Option<f32>) -> State {
    let reasons = d.reasons.get(i).copied().unwrap_or(0);
    let load = at(&d.load, i);
    if reasons & IDLE != 0 || load < BUSY {
        return State::Idle;
    }
    let (celsius, power, limit) = (at(&d.celsius, i), at(&d.power, i), at(&d.limit, i));
    if d.reasons.is_empty() {
        let hot = slowdown.is_some_and(|s| celsius >= s - 2.0);
        let capped = limit > 0.0 && power >= AT_LIMIT * limit;
        return if hot || capped { State::Explained } else { State::Plain };
    }
    if reasons & (SETTING | HARDWARE) != 0 || reasons & 0x80 != 0 {
        return State::Explained;
    }
    let cool = slowdown.is_some_and(|s| celsius < s - COOL);
    let idle_power = limit > 0.0 && power < DRAWS * limit;
    match (reasons & THERMAL != 0, reasons & POWER != 0) {
        (false, false) => State::Plain,
        (true, _) if !cool => State::Explained,
        (_, true) if !idle_power => State::Explained,
        _ => State::Contradicted,
    }
}

/// Watches one device. `slowdown`: temperature at which it slows down by itself, °C.
pub fn watch(device: &Device, slowdown: Option<f32>) -> Watched {
    let n = device.clock.len();
    let mut busy = 0;
    let mut explained = 0;
    // indices of samples under load without a valid explanation
    let mut open: Vec<u32> = Vec::with_capacity(n);
    for i in 0..n {
        match state(device, i, slowdown) {
            State::Idle => {}
            State::Explained => {
                busy += 1;
                explained += 1;
            }
            State::Plain | State::Contradicted => {
                busy += 1;
                open.push(i as u32);
            }
        }
    }
    let mut watched = Watched { busy, explained, ..Watched::default() };
    if open.len() < MIN_ROWS {
        return watched;
    }
    let clock = |k: usize| f64::from(device.clock[open[k] as usize]);
    let level = level(open.len(), &clock);
    watched.capacity = capacity(open.len(), &clock, level);
    watched.noise = level.max(0.002 * watched.capacity);
    if watched.capacity <= 0.0 {
        return watched;
    }
    for (from, to) in stretches(open.len(), &clock, watched.capacity, watched.noise) {
        if watched.episodes.len() >= MAX_EPISODES {
            break;
        }
        let mut clocks: Vec<f64> = (from..=to).map(clock).collect();
        let loss = 1.0 - median(&mut clocks).unwrap_or(0.0) / watched.capacity;
        if loss < ROUNDING * MIN_LOSS {
            continue;
        }
        let rows = (open[from] as usize, open[to] as usize);
        let contradicted = open[from..=to]
            .iter()
            .filter(|&&i| state(device, i as usize, slowdown) == State::Contradicted)
            .count();
        watched.episodes.push(Episode {
            rows,
            time: (device.time[rows.0], device.time[rows.1]),
            loss,
            contradicted,
            before: before(device, rows.0),
        });
    }
    watched
}

/// Highest median of long windows, less what the highest of so many exceeds a typical one by chance.
fn capacity(n: usize, clock: &dyn Fn(usize) -> f64, noise: f64) -> f64 {
    let windows = (n / WINDOW).clamp(1, 64);
    let length = n / windows;
    let mut best = 0f64;
    for w in 0..windows {
        // a long window is thinned; a median of 4096 is sharp enough
        let step = length.div_ceil(4096).max(1);
        let mut values: Vec<f64> =
            (w * length..(w + 1) * length).step_by(step).map(clock).collect();
        best = best.max(median(&mut values).unwrap_or(0.0));
    }
    // the median of a window of normal noise has √(π/2) times the error of its mean
    let error = (std::f64::consts::PI / 2.0).sqrt() * noise / (length as f64).sqrt();
    (best - error * (2.0 * (windows as f64).ln()).sqrt()).max(0.0)
}

fn level(n: usize, clock: &dyn Fn(usize) -> f64) -> f64 {
    let (pieces, length) = PIECES;
    if n <= pieces * length {
        let all: Vec<f64> = (0..n).map(clock).collect();
        return noise(&all);
    }
    let mut levels: Vec<f64> = (0..pieces)
        .map(|p| {
            let from = p * (n - length) / (pieces - 1);
            let piece: Vec<f64> = (from..from + length).map(clock).collect();
            noise(&piece)
        })
        .collect();
    median(&mut levels).unwrap_or(0.0)
}

/// First and last open sample of each stretch below capacity.
fn stretches(
    n: usize,
    clock: &dyn Fn(usize) -> f64,
    capacity: f64,
    noise: f64,
) -> Vec<(usize, usize)> {
    let drift = (MIN_LOSS * capacity / (2.0 * noise)).max(MIN_DRIFT);
    let bar = ((2.0 * drift * drift * n as f64 / FALSE_ALARM).ln() / (2.0 * drift)).max(5.0);
    let most = bar / 5.0;
    let mut found = Vec::new();
    let (mut fall, mut rise) = (0f64, 0f64);
    let (mut onset, mut end) = (0usize, 0usize);
    let mut low = false;
    for k in 0..n {
        let z = (capacity - clock(k)) / noise;
        if !low {
            if fall <= 0.0 {
                onset = k;
            }
            fall = (fall + (z - drift).min(most)).max(0.0);
            if fall > bar {
                (low, rise, end) = (true, 0.0, k);
            }
            continue;
        }
        if rise <= 0.0 {
            end = k;
        }
        rise = (rise + (drift - z).min(most)).max(0.0);
        if rise > bar {
            found.push((onset, end.saturating_sub(1).max(onset)));
            (low, fall) = (false, 0.0);
        }
    }
    if low {
        let last = if rise > 0.0 { end.saturating_sub(1) } else { n - 1 };
        found.push((onset, last.max(onset)));
    }
    found
}

fn before(d: &Device, onset: usize) -> String {
    let from = onset.saturating_sub(BEFORE);
    let to = (onset + BEFORE).min(d.clock.len());
    let mut parts = Vec::new();
    for (name, values, unit) in
        [("temperature", &d.celsius, "°C"), ("power", &d.power, "W"), ("load", &d.load, "%")]
    {
        let middle = |range: std::ops::Range<usize>| {
            let known = values.get(range).unwrap_or(&[]).iter().filter(|v| !v.is_nan());
            median(&mut known.map(|&v| f64::from(v)).collect::<Vec<_>>())
        };
        if let (Some(b), Some(a)) = (middle(from..onset), middle(onset..to)) {
            parts.push(format!("{name} {b:.0} then {a:.0} {unit}"));
        }
    }
    let idle = (from..onset).filter(|&i| at(&d.load, i) < BUSY).count();
    if idle > 0 {
        parts.push(format!("{idle} of {} samples before were idle", onset - from));
    }
    if onset == 0 {
        parts.push("the series begins with it".to_owned());
    }
    if parts.is_empty() { "nothing else is recorded".to_owned() } else { parts.join("; ") }
}

/// A synthetic device for tests, examples and benches: noise of the clock as a fraction, its
/// correlation from sample to sample, and steps `(row, factor)`.
pub fn synthetic(
    rows: usize,
    noise: f64,
    correlation: f64,
    steps: &[(usize, f64)],
    seed: u64,
) -> Device {
    let mut random = Random::new(seed);
    let mut device = Device { name: "synthetic".to_owned(), ..Device::default() };
    let (mut wander, mut factor) = (0.0, 1.0);
    let fresh = (1.0 - correlation * correlation).sqrt();
    for i in 0..rows {
        factor = steps.iter().rev().find(|s| s.0 == i).map_or(factor, |s| s.1);
        wander = correlation * wander + fresh * random.normal();
        let clock = 1800.0 * factor * (1.0 + noise * wander);
        device.time.push(i as i64 * 1_000_000);
        device.clock.push(clock as f32);
        device.power.push(500.0);
        device.limit.push(700.0);
        device.celsius.push(60.0);
        device.load.push(99.0);
        device.reasons.push(0);
    }
    device
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_without_reason_is_found_and_its_twin_is_silent() {
        let clean = synthetic(5000, 0.01, 0.0, &[], 1);
        assert!(watch(&clean, None).episodes.is_empty());
        let slow = synthetic(5000, 0.01, 0.0, &[(2000, 0.7), (2600, 1.0)], 1);
        let found = watch(&slow, None).episodes;
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].rows.0.abs_diff(2000) <= 1 && found[0].rows.1.abs_diff(2599) <= 1);
        assert!((found[0].loss - 0.3).abs() < 0.02);
        assert!(found[0].before.contains("temperature 60 then 60"));
    }

    fn with(change: impl Fn(&mut Device, usize)) -> Watched {
        let mut device = synthetic(5000, 0.01, 0.0, &[(2000, 0.7), (2600, 1.0)], 1);
        (2000..2600).for_each(|i| change(&mut device, i));
        watch(&device, Some(87.0))
    }

    #[test]
    fn explained_losses_are_silent() {
        for reason in [0x4, 0x8, 0x20, 0x40, 0x80, 0x2] {
            let watched = with(|d, i| {
                (d.reasons[i], d.celsius[i], d.power[i]) = (reason, 86.0, 690.0);
            });
            assert!(watched.episodes.is_empty(), "{reason:#x}");
            assert_eq!(watched.explained, 600);
        }
        assert!(with(|d, i| d.reasons[i] = 1).episodes.is_empty(), "idle");
        assert!(with(|d, i| d.load[i] = 3.0).episodes.is_empty(), "no load");
    }

    #[test]
    fn a_reason_that_measurements_contradict_is_none() {
        let hot = with(|d, i| (d.reasons[i], d.celsius[i]) = (0x20, 45.0));
        assert_eq!(hot.episodes.len(), 1);
        assert!(hot.episodes[0].contradicted > 550);
        let capped = with(|d, i| (d.reasons[i], d.power[i]) = (0x4, 200.0));
        assert_eq!(capped.episodes.len(), 1);
    }

    #[test]
    fn short_dips_and_quantised_clocks_are_silent() {
        let mut device = synthetic(20_000, 0.0, 0.0, &[], 1);
        for i in (0..20_000).step_by(501) {
            device.clock[i] = 300.0;
        }
        assert!(watch(&device, None).episodes.is_empty());
    }

    #[test]
    fn short_series_are_not_judged() {
        let watched = watch(&synthetic(30, 0.01, 0.0, &[(10, 0.5)], 1), None);
        assert!(watched.episodes.is_empty() && watched.capacity == 0.0);
    }
}
