//! Parts of the public tables come out in their class, and verdicts claim no more than their sources.
#![allow(clippy::unwrap_used, reason = "test code")]

mod common;

use common::{class, run, spec};
use evidence::{Provenance, Reason, Supplied, Verdict};
use performance::export::EXPORT_CLASS;
use performance::rule::Known;
use performance::{Examined, Settings, examine};

#[test]
fn parts_with_trusted_figures_are_in_their_class() {
    // fp16, 8 bit, die, memory, link; 2023 class, eligible in 2026
    for (part, fp16, int8, die, memory, link, expected, eligible) in [
        ("A100", 312.0, 624.0, Some(826.0), 2039.0, 600.0, "3A090.a", "eligible"),
        ("H100 SXM", 989.0, 1979.0, Some(814.0), 3350.0, 900.0, "3A090.a", "eligible"),
        ("H200", 989.0, 1979.0, Some(814.0), 4800.0, 900.0, "3A090.a", "eligible"),
        ("H20", 148.0, 296.0, Some(814.0), 4000.0, 900.0, "none", "eligible"),
        ("B200", 2250.0, 4500.0, None, 7850.0, 1800.0, "3A090.a", "not eligible"),
        ("MI325X", 1307.0, 2615.0, None, 6000.0, 896.0, "3A090.a", "eligible"),
    ] {
        let examined = run(&spec(fp16, int8, die, memory, link), &[], &Settings::default());
        assert_eq!(class(&examined, "bis-2023").as_deref(), Some(expected), "{part}");
        let found = class(&examined, "bis-2026-case-by-case");
        assert_eq!(found.as_deref(), Some(eligible), "{part}");
    }
    let a800 = run(&spec(312.0, 624.0, Some(826.0), 2039.0, 400.0), &[], &Settings::default());
    assert_eq!(class(&a800, "bis-2022").as_deref(), Some("none"), "its link is below 600 GB/s");
    let a100 = run(&spec(312.0, 624.0, Some(826.0), 2039.0, 600.0), &[], &Settings::default());
    assert_eq!(class(&a100, "bis-2022").as_deref(), Some("3A090.a"));
}

fn export(examined: &Examined) -> &evidence::FindingDraft {
    examined.findings.iter().find(|f| f.check == EXPORT_CLASS).unwrap()
}

#[test]
fn the_margins_of_the_h20() {
    let examined = run(&spec(148.0, 296.0, Some(814.0), 4000.0, 900.0), &[], &Settings::default());
    let finding = export(&examined);
    let margin =
        |name: &str| finding.metrics[&format!("margin.{name}")].as_str().unwrap().to_owned();
    assert!(margin("tpp 2400").starts_with("-32 TPP (-1.33 %"), "{}", margin("tpp 2400"));
    assert!(margin("pd 3.2").starts_with("-0.29 PD (-9.09 %"), "{}", margin("pd 3.2"));
    assert!(
        finding.detail.contains("throughput up 1.35 % to 2400 TPP: 3A090.b"),
        "{}",
        finding.detail
    );
    assert!(
        finding.detail.contains("die area down 9.09 % to 740 mm²: 3A090.b"),
        "{}",
        finding.detail
    );
}

fn with_class(declared: Option<&str>) -> Settings {
    Settings { declared_class: declared.map(str::to_owned), ..Settings::default() }
}

#[test]
fn secondary_sources_neither_prove_nor_refute() {
    let text = spec(148.0, 296.0, Some(814.0), 4000.0, 900.0);
    for (declared, verdict) in [
        (Some("none"), Verdict::NothingFound),
        (Some("3A090.b"), Verdict::Suspect),
        (Some("3A090.a.1"), Verdict::Suspect),
        (None, Verdict::Undetermined),
    ] {
        let examined = run(&text, &[], &with_class(declared));
        let finding = export(&examined);
        assert_eq!(finding.verdict, verdict, "{declared:?}");
        assert_eq!(finding.reason.is_some(), verdict == Verdict::Undetermined);
        assert_eq!(finding.coverage.is_some(), verdict == Verdict::NothingFound);
    }
}

#[test]
fn a_rule_whose_text_was_read_decides_unless_figures_are_assumed() {
    let rule = include_str!("../rules/bis-2023.toml").replace("\"secondary\"", "\"primary\"");
    let file = Supplied::new("rule", "rule.toml", rule.into_bytes());
    let text = spec(148.0, 296.0, Some(814.0), 4000.0, 900.0);
    let verdict = |text: &str, declared: &str| {
        let examined = run(text, std::slice::from_ref(&file), &with_class(Some(declared)));
        assert!(examined.rules.iter().any(|r| r.source == Known::Primary));
        export(&examined).verdict
    };
    assert_eq!(verdict(&text, "none"), Verdict::Proved);
    assert_eq!(verdict(&text, "3A090.b"), Verdict::Refuted);
    let assumed = text.replace("value = 814", "assumed = true, value = 814");
    assert_eq!(verdict(&assumed, "none"), Verdict::NothingFound, "PD rests on the area");
    // an assumed area does not matter where TPP alone decides
    let large = spec(312.0, 624.0, Some(826.0), 2039.0, 600.0);
    let large = large.replace("value = 826", "assumed = true, value = 826");
    assert_eq!(verdict(&large, "3A090.a"), Verdict::Proved);
}

#[test]
fn intervals_across_a_threshold_are_open() {
    // 300 ± 0.5 TFLOPS at 16 bits is 4800 ± 8
    let examined =
        run(&spec(300.0, 100.0, Some(900.0), 1000.0, 100.0), &[], &with_class(Some("3A090.a")));
    let finding = export(&examined);
    assert_eq!(
        (finding.verdict, finding.reason),
        (Verdict::Undetermined, Some(Reason::MissingReference))
    );
    assert_eq!(finding.metrics["class"], "3A090.a or 3A090.b");
    let exact = spec(300.0, 100.0, Some(900.0), 1000.0, 100.0)
        .replace("plus_minus = 0.5", "plus_minus = 0");
    assert_eq!(
        class(&run(&exact, &[], &Settings::default()), "bis-2023").as_deref(),
        Some("3A090.a")
    );
    // a union that covers the interval is decided although no paragraph is
    let both = spec(300.0, 100.0, Some(500.0), 1000.0, 100.0);
    let examined = run(&both, &[], &Settings::default());
    assert_eq!(class(&examined, "bis-2023").as_deref(), Some("3A090.a"), "a.1 or a.2, both are a");
}

#[test]
fn missing_figures_are_named_and_unneeded_ones_are_not_missed() {
    let examined = run(&spec(148.0, 296.0, None, 4000.0, 900.0), &[], &with_class(Some("none")));
    assert_eq!(export(&examined).reason, Some(Reason::MissingArtifact));
    let examined = run(&spec(100.0, 199.0, None, 4000.0, 900.0), &[], &with_class(Some("none")));
    assert_eq!(export(&examined).verdict, Verdict::Undetermined, "TPP 1600 is within reach");
    let examined = run(&spec(90.0, 180.0, None, 4000.0, 900.0), &[], &with_class(Some("none")));
    assert_eq!(export(&examined).verdict, Verdict::NothingFound, "below 1600 no density matters");
}

#[test]
fn parts_for_other_markets_are_excluded_below_4800() {
    let text = spec(200.0, 400.0, Some(400.0), 700.0, 64.0);
    assert_eq!(
        class(&run(&text, &[], &Settings::default()), "bis-2023").as_deref(),
        Some("3A090.a")
    );
    let other = text.replace("data_centre = true", "data_centre = false");
    assert_eq!(class(&run(&other, &[], &Settings::default()), "bis-2023").as_deref(), Some("none"));
    let unsaid = text.replace("data_centre = true\n", "");
    assert_eq!(class(&run(&unsaid, &[], &Settings::default()), "bis-2023"), None);
}

#[test]
fn the_rule_of_the_day_governs() {
    let text = spec(312.0, 624.0, Some(826.0), 2039.0, 400.0);
    let at = |day: &str| Settings { at: Some(day.to_owned()), ..with_class(Some("none")) };
    let before = run(&text, &[], &at("2023-06-01"));
    assert_eq!(export(&before).item.as_deref(), Some("bis-2022"));
    assert_eq!(export(&before).verdict, Verdict::NothingFound);
    let after = run(&text, &[], &at("2023-11-17"));
    assert_eq!(export(&after).item.as_deref(), Some("bis-2023"));
    assert_eq!(export(&after).verdict, Verdict::Suspect);
    let primary = Supplied::new("spec", "spec.toml", text.into_bytes());
    for (settings, word) in [
        (at("2020-01-01"), "in force"),
        (at("tomorrow"), "no day"),
        (with_class(Some("EAR99")), "no class"),
        (Settings { rule: Some("wassenaar".to_owned()), ..Settings::default() }, "no rule"),
    ] {
        let fault = examine(&primary, &[], &settings, Provenance::Public).unwrap_err();
        assert!(fault.to_string().contains(word), "{fault}");
    }
}
