//! Properties of the sum: monotone in every figure, unit-safe, blind to how silicon is cut up.
#![allow(clippy::unwrap_used, reason = "test code")]

mod common;

use common::run;
use performance::class::{Subject, classes};
use performance::figure::Figure;
use performance::quantity::{Quantity, SCALE, Unit};
use performance::rule::{Rule, built_in};
use performance::{Examined, Settings};
use proptest::prelude::*;

fn rule() -> Rule {
    built_in().unwrap().into_iter().find(|r| r.id == "bis-2023").unwrap()
}

/// 0 outside, 1 for b, 2 for a.
fn severity(class: &str) -> u8 {
    match class {
        "3A090.a" => 2,
        "3A090.b" => 1,
        _ => 0,
    }
}

fn exact(tpp: i128, area: i128) -> Subject {
    Subject {
        tpp: Some(Figure::exact(Quantity::from_micro(tpp))),
        area: Some(Figure::exact(Quantity::from_micro(area))),
        data_centre: Some(true),
        ..Subject::default()
    }
}

fn figure<U: Unit>(low: i128, high: i128) -> Figure<U> {
    let units = |n: i128| Quantity::from_micro(n * SCALE);
    Figure { low: units(low), mid: units(low), high: units(high), error: 0.0 }
}

fn at(tpp: i128, area: i128) -> u8 {
    severity(classes(&rule(), &exact(tpp, area)).decided().unwrap())
}

fn sheet(value: &str, unit: &str, dies: &[(f64, u32)], area_unit: &str) -> Examined {
    let mut text = format!(
        "schema = \"probity/spec/1\"\npart = \"p\"\ndata_centre = true\n[[throughput]]\nformat = \"fp16\"\n\
         sparsity = \"none\"\nper = \"package\"\npeak = {{ value = {value}, unit = \"{unit}\", plus_minus = 0, source = \"s\" }}\n"
    );
    for (area, count) in dies {
        text.push_str(&format!(
            "[[die]]\nname = \"d\"\ncount = {count}\ntransistor = \"finfet\"\n\
             area = {{ value = {area:?}, unit = \"{area_unit}\", plus_minus = 0, source = \"s\" }}\n"
        ));
    }
    run(&text, &[], &Settings::default())
}

proptest! {
    #[test]
    fn more_throughput_never_lowers_the_class(
        tpp in 0i128..8_000, more in 0i128..8_000, area in 50i128..2_000,
    ) {
        prop_assert!(at(tpp * SCALE, area * SCALE) <= at((tpp + more) * SCALE, area * SCALE));
    }

    #[test]
    fn a_smaller_die_never_lowers_the_class(
        tpp in 0i128..8_000, area in 50i128..2_000, more in 0i128..2_000,
    ) {
        prop_assert!(at(tpp * SCALE, (area + more) * SCALE) <= at(tpp * SCALE, area * SCALE));
    }

    #[test]
    fn more_bandwidth_is_never_more_eligible(memory in 0i128..9_000, more in 0i128..9_000) {
        let rule = built_in().unwrap().into_iter().find(|r| r.series == "case-by-case").unwrap();
        let eligible = |gb: i128| {
            let memory = Some(Figure::exact(Quantity::from_micro(gb * SCALE)));
            let subject = Subject { memory, ..exact(16_000 * SCALE, 800 * SCALE) };
            classes(&rule, &subject).decided().unwrap() == "eligible"
        };
        prop_assert!(eligible(memory) || !eligible(memory + more));
    }

    /// Every point of the box has one of the classes found, and every class found has a point.
    #[test]
    fn the_classes_of_a_box_are_those_of_its_points(
        tpp in 1_400i128..5_200, wide in 0i128..1_200, area in 200i128..1_500, broad in 0i128..400,
        points in prop::collection::vec((0u32..=100, 0u32..=100), 40),
    ) {
        let subject = Subject {
            tpp: Some(figure(tpp, tpp + wide)),
            area: Some(figure(area, area + broad)),
            data_centre: Some(true),
            ..Subject::default()
        };
        let found = classes(&rule(), &subject);
        for (a, b) in points {
            let t = tpp * SCALE + wide * SCALE * i128::from(a) / 100;
            let s = area * SCALE + broad * SCALE * i128::from(b) / 100;
            let class = classes(&rule(), &exact(t, s));
            prop_assert!(found.classes.is_superset(&class.classes));
        }
        // each class found is that of a corner, or of a point beside a threshold
        let t_range = tpp * SCALE..=(tpp + wide) * SCALE;
        let a_range = area * SCALE..=(area + broad) * SCALE;
        let mut corners = vec![*t_range.start(), *t_range.end()];
        for t in [1600, 2400, 4800] {
            corners.extend([t * SCALE - 1, t * SCALE].iter().filter(|t| t_range.contains(t)));
        }
        let mut seen = std::collections::BTreeSet::new();
        for t in corners {
            let mut areas = vec![*a_range.start(), *a_range.end()];
            for p in [1_600_000, 3_200_000, 5_920_000] {
                let edge = t * SCALE / p;
                areas.extend([edge, edge + 1].iter().filter(|a| a_range.contains(a)));
            }
            seen.extend(areas.into_iter().flat_map(|a| classes(&rule(), &exact(t, a)).classes));
        }
        prop_assert_eq!(seen, found.classes);
    }

    #[test]
    fn units_do_not_matter(value in 1u32..4_000_000, area in 10_000u32..2_000_000) {
        let (tera, square) = (f64::from(value) / 1000.0, f64::from(area) / 1000.0);
        let base = sheet(&format!("{tera:?}"), "TFLOPS", &[(square, 1)], "mm2");
        let giga = sheet(&format!("{value}"), "GFLOPS", &[(square, 1)], "mm²");
        prop_assert_eq!(base.sheet.subject.tpp, giga.sheet.subject.tpp);
        let cm = sheet(&format!("{tera:?}"), "TOPS", &[(square / 100.0, 1)], "cm2");
        let (a, b) = (base.sheet.subject.area.unwrap().mid, cm.sheet.subject.area.unwrap().mid);
        prop_assert!((a.micro() - b.micro()).abs() <= 100);
        let macs = sheet(&format!("{:?}", tera / 2.0), "MacTOPS", &[(square, 1)], "mm2");
        let (a, b) = (base.sheet.subject.tpp.unwrap().mid, macs.sheet.subject.tpp.unwrap().mid);
        prop_assert!((a.micro() - b.micro()).abs() <= 32);
    }

    #[test]
    fn chiplets_of_the_same_total_are_the_same_part(
        value in 50u32..400, area in 200u32..1_600, cut in 1u32..8, part in 1u32..100,
    ) {
        let whole = f64::from(area);
        let first = whole * f64::from(part) / 100.0;
        let one = sheet(&format!("{value}"), "TFLOPS", &[(whole, 1)], "mm2");
        let two = sheet(&format!("{value}"), "TFLOPS", &[(first, 1), (whole - first, 1)], "mm2");
        let many = sheet(&format!("{value}"), "TFLOPS", &[(f64::from(area * 8 / cut) / 8.0, cut)], "mm2");
        let total = |e: &Examined| e.sheet.subject.area.unwrap().mid.micro();
        prop_assert!((total(&one) - total(&two)).abs() <= 2);
        if (area * 8) % cut == 0 {
            prop_assert_eq!(&one.sheet.subject, &many.sheet.subject);
        }
        prop_assert_eq!(one.findings[0].metrics.get("class"), two.findings[0].metrics.get("class"));
    }
}
