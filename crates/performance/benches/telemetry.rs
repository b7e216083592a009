//! Reading and watching ten million rows of telemetry, and a comparison. Synthetic data.
#![allow(missing_docs, reason = "a benchmark")]
#![allow(clippy::unwrap_used, reason = "a benchmark")]

use divan::Bencher;
use performance::{stats, telemetry, throttle};
use std::fmt::Write as _;

fn main() {
    divan::main();
}

/// One device per second and row, as `nvidia-smi --format=csv` writes it.
fn export(rows: usize) -> Vec<u8> {
    let device =
        throttle::synthetic(rows, 0.01, 0.5, &[(rows / 2, 0.8), (rows / 2 + 5000, 1.0)], 1);
    let mut text = String::with_capacity(rows * 100);
    text.push_str("timestamp, index, clocks.current.sm [MHz], power.draw [W], enforced.power.limit [W], temperature.gpu, utilization.gpu [%], clocks_event_reasons.active\n");
    for (i, clock) in device.clock.iter().enumerate() {
        let (day, second) = (i / 86_400, i % 86_400);
        let _ = writeln!(
            text,
            "2026/{:02}/{:02} {:02}:{:02}:{:02}.123, 0, {clock:.0} MHz, 501.25 W, 700.00 W, 60, 99 %, 0x0000000000000000",
            1 + day / 28 % 12,
            1 + day % 28,
            second / 3600,
            second / 60 % 60,
            second % 60
        );
    }
    text.into_bytes()
}

#[divan::bench(args = [1_000_000, 10_000_000], sample_count = 3)]
fn read_and_watch(bencher: Bencher<'_, '_>, rows: usize) {
    let bytes = export(rows);
    bencher.bench_local(|| {
        let series = telemetry::read("bench", &bytes).unwrap();
        let watched = throttle::watch(&series.devices[0], None);
        assert_eq!(watched.episodes.len(), 1);
        watched
    });
}

#[divan::bench(args = [100, 4096, 1_000_000], sample_count = 5)]
fn median_with_interval(bencher: Bencher<'_, '_>, samples: usize) {
    let mut random = stats::Random::new(1);
    let values: Vec<f64> = (0..samples).map(|_| random.normal()).collect();
    bencher.bench_local(|| stats::location(&values));
}
