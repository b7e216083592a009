//! Declared against measured, and telemetry, from files to verdicts. All data are synthetic.
#![allow(clippy::unwrap_used, reason = "test code")]

mod common;

use common::run;
use evidence::{Reason, Supplied, Verdict};
use performance::compare::DECLARED_MEASURED;
use performance::stats::Random;
use performance::{Examined, Settings, THROTTLING};

const SPEC: &str = "schema = \"probity/spec/1\"\npart = \"p\"\nslowdown_celsius = 87\n\
    [[throughput]]\nformat = \"fp16\"\nsparsity = \"none\"\nattainable = [0.7, 0.95]\n\
    peak = { value = 148, unit = \"TFLOPS\", plus_minus = 0.5, source = \"s\" }\n\
    [[throughput]]\nformat = \"int8\"\nsparsity = \"none\"\n\
    peak = { value = 296, unit = \"TOPS\", plus_minus = 0.5, source = \"s\" }\n\
    [link]\ndirection = \"both\"\nattainable = [0.7, 1.0]\n\
    bandwidth = { value = 900, unit = \"GB/s\", plus_minus = 0, source = \"s\" }\n\
    [[declared]]\nmetric = \"mlperf.samples_per_second\"\n\
    result = { value = 1000, unit = \"1/s\", plus_minus = 20, source = \"s\" }\n";

fn table(metric: &str, unit: &str, level: impl Fn(usize) -> f64, n: usize) -> Supplied {
    let mut random = Random::new(11);
    let mut text = "metric,value,unit\n".to_owned();
    for i in 0..n {
        text.push_str(&format!(
            "{metric},{:.4},{unit}\n",
            level(i) * (1.0 + 0.005 * random.normal())
        ));
    }
    Supplied::new("measured", "m.csv", text.into_bytes())
}

fn verdict(examined: &Examined) -> (Verdict, Option<Reason>, Option<&str>) {
    let f = examined.findings.iter().find(|f| f.check == DECLARED_MEASURED).unwrap();
    (f.verdict, f.reason, f.kind.as_deref())
}

#[test]
fn weaker_and_stronger_are_refuted_and_the_twin_is_silent() {
    for (metric, unit, level, expected) in [
        ("fp16", "TFLOPS", 125.0, (Verdict::NothingFound, None, None)),
        ("fp16", "TFLOPS", 90.0, (Verdict::Refuted, None, Some("weaker"))),
        ("fp16", "TFLOPS", 160.0, (Verdict::Refuted, None, Some("stronger"))),
        ("int8", "TOPS", 320.0, (Verdict::Refuted, None, Some("stronger"))),
        ("int8", "TOPS", 250.0, (Verdict::Undetermined, Some(Reason::MissingReference), None)),
        ("link", "GB/s", 370.0, (Verdict::NothingFound, None, None)),
        ("link", "GB/s", 800.0, (Verdict::Refuted, None, Some("stronger"))),
        ("mlperf.samples_per_second", "1/s", 1010.0, (Verdict::NothingFound, None, None)),
        ("mlperf.samples_per_second", "1/s", 900.0, (Verdict::Refuted, None, Some("weaker"))),
        ("tokens", "1/s", 900.0, (Verdict::Undetermined, Some(Reason::MissingReference), None)),
    ] {
        let file = table(metric, unit, |_| level, 60);
        let examined = run(SPEC, &[file], &Settings::default());
        assert_eq!(verdict(&examined), expected, "{metric} {level}");
    }
}

#[test]
fn few_samples_decide_nothing() {
    let examined = run(SPEC, &[table("fp16", "TFLOPS", |_| 90.0, 7)], &Settings::default());
    assert_eq!(verdict(&examined), (Verdict::Undetermined, Some(Reason::MissingArtifact), None));
}

#[test]
fn a_part_that_slows_down_late_is_suspect() {
    let late = table("fp16", "TFLOPS", |i| if i < 200 { 130.0 } else { 80.0 }, 300);
    let examined = run(SPEC, &[late], &Settings::default());
    assert_eq!(verdict(&examined), (Verdict::Suspect, None, Some("weaker-in-part")));
    // the look-alike changes level within what is declared
    let fine = table("fp16", "TFLOPS", |i| if i < 200 { 130.0 } else { 115.0 }, 300);
    let examined = run(SPEC, &[fine], &Settings::default());
    assert_eq!(verdict(&examined).0, Verdict::NothingFound);
    let finding = examined.findings.iter().find(|f| f.check == DECLARED_MEASURED).unwrap();
    assert_eq!(finding.metrics["change_points"], 1);
}

fn export(rows: usize, line: impl Fn(usize) -> (f64, f64, f64, u32)) -> Supplied {
    let mut text = "timestamp, index, clocks.current.sm [MHz], power.draw [W], enforced.power.limit [W], temperature.gpu, utilization.gpu [%], clocks_event_reasons.active\n".to_owned();
    let mut random = Random::new(3);
    for i in 0..rows {
        let (clock, power, celsius, reasons) = line(i);
        let clock = clock + 5.0 * random.normal();
        text.push_str(&format!(
            "2026/01/31 {:02}:{:02}:{:02}.000, 0, {clock:.0} MHz, {power:.2} W, 400.00 W, {celsius:.0}, 99 %, 0x{reasons:016x}\n",
            i / 3600, i / 60 % 60, i % 60
        ));
    }
    Supplied::new("telemetry", "t.csv", text.into_bytes())
}

#[test]
fn telemetry_with_and_without_a_reason() {
    let throttled = |explained: bool| {
        export(4000, move |i| match (2000..2900).contains(&i) {
            false => (1980.0, 350.0, 62.0, 0),
            true if explained => (1400.0, 350.0, 88.0, 0x40),
            true => (1400.0, 250.0, 60.0, 0),
        })
    };
    let examined = run(SPEC, &[throttled(false)], &Settings::default());
    let finding = examined.findings.iter().find(|f| f.check == THROTTLING).unwrap();
    assert_eq!(finding.verdict, Verdict::Suspect, "{}", finding.detail);
    assert_eq!(finding.metrics["first_onset"], "2026-01-31T00:33:20.000");
    assert_eq!(finding.metrics["hours_to_first_onset"], "0.556");
    assert!(finding.detail.contains("power 350 then 250 W"), "{}", finding.detail);
    assert_eq!(examined.events.len(), 1);
    assert_eq!((examined.events[0].to - examined.events[0].from) / 1_000_000, 899);

    let examined = run(SPEC, &[throttled(true)], &Settings::default());
    let finding = examined.findings.iter().find(|f| f.check == THROTTLING).unwrap();
    assert_eq!((finding.verdict, examined.events.len()), (Verdict::NothingFound, 0));
}

#[test]
fn a_part_slow_from_the_first_sample_is_seen_against_its_declared_clock() {
    let slow = || export(1000, |_| (1400.0, 250.0, 60.0, 0));
    let with =
        |clock: u32| SPEC.replacen("[[thr", &format!("[clock]\nsustained_mhz = {clock}\n[[thr"), 1);
    let verdict = |text: &str| {
        let examined = run(text, &[slow()], &Settings::default());
        let finding = examined.findings.into_iter().find(|f| f.check == THROTTLING).unwrap();
        (finding.verdict, finding.kind)
    };
    assert_eq!(verdict(&with(1700)), (Verdict::Suspect, Some("below-declared".to_owned())));
    assert_eq!(verdict(&with(1410)).0, Verdict::NothingFound);
    assert_eq!(verdict(SPEC).0, Verdict::NothingFound, "nothing is declared");
}

#[test]
fn telemetry_that_could_explain_nothing_is_not_judged() {
    let bare: String = (0..500).map(|i| format!("{},0,1980\n", 1_767_261_600 + i)).collect();
    let text = format!("timestamp,index,clocks.sm\n{bare}");
    let file = Supplied::new("telemetry", "t.csv", text.into_bytes());
    let examined = run(SPEC, &[file], &Settings::default());
    let finding = examined.findings.iter().find(|f| f.check == THROTTLING).unwrap();
    assert_eq!(finding.reason, Some(Reason::MissingArtifact));
}
