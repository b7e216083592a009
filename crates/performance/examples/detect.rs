//! Detection and false alarms on generated series, as Markdown tables.
//!
//! All series are synthetic: a level, Gaussian noise with a correlation from sample to sample, and one
//! step down in the middle that ends after a quarter of the series. `cargo run --release -p
//! probity-performance --example detect [SERIES]`.
#![allow(clippy::print_stdout, reason = "prints the tables")]

use performance::changepoint::change_points;
use performance::throttle::{synthetic, watch};

const NOISE: [(f64, f64); 6] =
    [(0.002, 0.0), (0.01, 0.0), (0.03, 0.0), (0.01, 0.9), (0.03, 0.9), (0.05, 0.5)];

fn percent(hits: usize, of: usize) -> String {
    format!("{:.1} %", 100.0 * hits as f64 / of as f64)
}

fn main() {
    let series: usize = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(200);
    println!("{series} synthetic series per cell.\n");
    println!(
        "Unexplained throttling, 10,000 samples, a loss over 2,500 of them: share found (median error of the onset, in samples)\n"
    );
    println!(
        "| noise (correlation) | false alarms | 2 % | 3 % | 5 % | 10 % | 30 % |\n|---|---|---|---|---|---|---|"
    );
    for (noise, correlation) in NOISE {
        let mut cells = vec![format!("{:.1} % ({correlation})", 100.0 * noise)];
        let quiet = (0..series).filter(|&s| {
            !watch(&synthetic(10_000, noise, correlation, &[], s as u64), None).episodes.is_empty()
        });
        cells.push(percent(quiet.count(), series));
        for loss in [0.02, 0.03, 0.05, 0.1, 0.3] {
            let steps = [(5000, 1.0 - loss), (7500, 1.0)];
            let mut late: Vec<usize> = Vec::new();
            for s in 0..series {
                let device = synthetic(10_000, noise, correlation, &steps, (1000 + s) as u64);
                let found = watch(&device, None).episodes;
                let near = |e: &&performance::throttle::Episode| e.rows.0 < 7500 && e.rows.1 > 5000;
                late.extend(found.iter().find(near).map(|e| e.rows.0.abs_diff(5000)));
            }
            late.sort_unstable();
            let error = late.get(late.len() / 2).map_or("-".to_owned(), |e| format!("±{e}"));
            cells.push(format!("{} ({error})", percent(late.len(), series)));
        }
        println!("| {} |", cells.join(" | "));
    }
    for samples in [60, 300, 2000] {
        println!(
            "\nChange points, {samples} samples, a step at the middle: share found within 5 % of its place\n"
        );
        println!(
            "| noise (correlation) | false alarms | 1 % | 2 % | 5 % | 10 % |\n|---|---|---|---|---|---|"
        );
        for (noise, correlation) in NOISE {
            let values = |step: f64, seed: usize| -> Vec<f64> {
                let steps = [(samples / 2, 1.0 - step)];
                let device = synthetic(samples, noise, correlation, &steps, seed as u64);
                device.clock.iter().map(|&c| f64::from(c)).collect()
            };
            let mut cells = vec![format!("{:.1} % ({correlation})", 100.0 * noise)];
            let quiet = (0..series).filter(|&s| !change_points(&values(0.0, s)).is_empty());
            cells.push(percent(quiet.count(), series));
            for step in [0.01, 0.02, 0.05, 0.1] {
                let near = |s: &usize| {
                    let found = change_points(&values(step, 1000 + s));
                    found.iter().any(|c| c.index.abs_diff(samples / 2) <= samples / 20)
                };
                cells.push(percent((0..series).filter(near).count(), series));
            }
            println!("| {} |", cells.join(" | "));
        }
    }
}
