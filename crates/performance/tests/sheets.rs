//! Traps of datasheets: caught in the trap, silent beside it; and what a reader must refuse.
#![allow(clippy::unwrap_used, reason = "test code")]

mod common;

use common::{class, run};
use evidence::{Supplied, Verdict};
use performance::sheet::Trap;
use performance::{DATASHEET, Settings, spec};

const HEAD: &str = "schema = \"probity/spec/1\"\npart = \"p\"\ndata_centre = true\n\
    [clock]\nboost_mhz = 1980\nbase_mhz = 1320\n";
const DIE: &str = "[[die]]\nname = \"d\"\ntransistor = \"finfet\"\narea = { value = 814, unit = \"mm2\", plus_minus = 1, source = \"s\" }\n";

fn throughput(format: &str, value: f64, unit: &str, more: &str) -> String {
    format!(
        "[[throughput]]\nformat = \"{format}\"\n{more}\n\
         peak = {{ value = {value}, unit = \"{unit}\", plus_minus = 0.5, source = \"s\" }}\n"
    )
}

fn traps(text: &str) -> (Vec<Trap>, Option<String>, Verdict) {
    let examined = run(text, &[], &Settings::default());
    let verdict = examined.findings.iter().find(|f| f.check == DATASHEET).unwrap().verdict;
    let class = class(&examined, "bis-2023");
    (examined.sheet.traps, class, verdict)
}

fn kinds(traps: &[Trap]) -> Vec<&'static str> {
    traps.iter().map(|t| t.kind).collect()
}

#[test]
fn stated_sparsity_and_mac_units_are_converted() {
    // four ways to state the same silicon
    for (value, unit, more) in [
        (148.0, "TFLOPS", "sparsity = \"none\""),
        (296.0, "TFLOPS", "sparsity = \"2:4\""),
        (74.0, "MacTOPS", "sparsity = \"none\""),
        (0.148, "PFLOPS", "sparsity = \"none\""),
    ] {
        let text = format!("{HEAD}{DIE}{}", throughput("fp16", value, unit, more));
        let examined =
            run(&text.replace("plus_minus = 0.5", "plus_minus = 0"), &[], &Settings::default());
        assert!(examined.sheet.traps.is_empty());
        assert_eq!(examined.sheet.subject.tpp.unwrap().mid.number(3), "2368", "{value} {unit}");
    }
}

#[test]
fn a_figure_that_may_count_zeros_leaves_the_class_open() {
    let sparse = throughput("int8", 592.0, "TOPS", "");
    let dense = throughput("fp16", 148.0, "TFLOPS", "sparsity = \"none\"");
    let (found, class, verdict) = traps(&format!("{HEAD}{DIE}{dense}{sparse}"));
    assert_eq!(
        (kinds(&found), class, verdict),
        (vec!["sparsity-doubled"], None, Verdict::Undetermined)
    );
    // the twin: the same sheet with the right figure needs no word about sparsity
    let right = throughput("int8", 296.0, "TOPS", "");
    let (found, class, verdict) = traps(&format!("{HEAD}{DIE}{dense}{right}"));
    assert_eq!((found.len(), class.as_deref(), verdict), (0, Some("none"), Verdict::NothingFound));
    // the look-alike: 8 bits at twice the TPP, and said to be dense
    let stated = throughput("int8", 592.0, "TOPS", "sparsity = \"none\"");
    let (found, class, _) = traps(&format!("{HEAD}{DIE}{dense}{stated}"));
    assert_eq!((found.len(), class.as_deref()), (0, Some("3A090.b")));
}

#[test]
fn first_principles_name_the_trap() {
    // 37,374 MACs per clock × 2 × 1.98 GHz = 148.0 TOPS
    let with = |value: f64, unit: &str, more: &str| {
        let more = format!("macs_per_clock = 37374\n{more}");
        traps(&format!("{HEAD}{DIE}{}", throughput("fp16", value, unit, &more)))
    };
    let dense = "sparsity = \"none\"";
    assert!(with(148.0, "TFLOPS", dense).0.is_empty());
    assert!(with(148.0, "TFLOPS", "").0.is_empty(), "confirmed, so nothing need be said");
    for (value, unit, kind) in [
        (296.0, "TFLOPS", "sparsity-doubled"),
        (148.0, "MacTOPS", "factor-two"),
        (74.0, "TFLOPS", "factor-two"),
        (98.7, "TFLOPS", "clock"),
        (111.0, "TFLOPS", "peak"),
    ] {
        let (found, _, verdict) = with(value, unit, dense);
        assert_eq!((kinds(&found), verdict), (vec![kind], Verdict::Suspect), "{value} {unit}");
    }
    let (found, class, verdict) = with(296.0, "TFLOPS", "");
    assert_eq!((kinds(&found), class.as_deref()), (vec!["sparsity-doubled"], Some("none")));
    assert_eq!(verdict, Verdict::Undetermined);
}

#[test]
fn clocks_below_the_highest_are_scaled_or_open() {
    let base = throughput("fp16", 98.7, "TFLOPS", "sparsity = \"none\"\nclock = \"base\"");
    let examined = run(&format!("{HEAD}{DIE}{base}"), &[], &Settings::default());
    assert_eq!(examined.sheet.subject.tpp.unwrap().mid.number(0), "2369");
    let sustained = base.replace("\"base\"", "\"sustained\"");
    let (found, class, _) = traps(&format!("{HEAD}{DIE}{sustained}"));
    assert_eq!((kinds(&found), class), (vec!["clock"], None));
}

#[test]
fn dies_and_packages_are_not_mixed_up() {
    let two = DIE.replace("name = \"d\"", "name = \"d\"\ncount = 2").replace("814", "407");
    let of =
        |more: &str| throughput("fp16", 148.0, "TFLOPS", &format!("sparsity = \"none\"\n{more}"));
    let (found, class, _) = traps(&format!("{HEAD}{two}{}", of("")));
    assert_eq!((kinds(&found), class), (vec!["mixed-dies"], None));
    assert_eq!(
        traps(&format!("{HEAD}{two}{}", of("per = \"package\""))).1.as_deref(),
        Some("none")
    );
    let (_, class, _) = traps(&format!("{HEAD}{two}{}", of("per = \"die\"")));
    assert_eq!(class.as_deref(), Some("3A090.b"), "296 TFLOPS on 814 mm²");
    // memory and planar dies do not count
    let memory = "[[die]]\nname = \"hbm\"\nkind = \"memory\"\ncount = 6\narea = { value = 110, unit = \"mm2\", plus_minus = 5, source = \"s\" }\n\
        [[die]]\nname = \"io\"\ncompute = false\ntransistor = \"planar\"\narea = { value = 300, unit = \"mm2\", plus_minus = 5, source = \"s\" }\n";
    let examined = run(&format!("{HEAD}{DIE}{memory}{}", of("")), &[], &Settings::default());
    assert_eq!(examined.sheet.subject.area.unwrap().mid.number(0), "814");
}

#[test]
fn units_of_different_kind_add_up_and_alternatives_do_not() {
    let text = format!(
        "{HEAD}{DIE}{}{}{}",
        throughput("fp16", 100.0, "TFLOPS", "sparsity = \"none\"\nprocessing_unit = \"matrix\""),
        throughput("int8", 190.0, "TOPS", "sparsity = \"none\"\nprocessing_unit = \"matrix\""),
        throughput(
            "fp32",
            10.0,
            "TFLOPS",
            "sparsity = \"none\"\nprocessing_unit = \"vector\"\ncount = 2"
        ),
    );
    let examined = run(&text, &[], &Settings::default());
    assert_eq!(examined.sheet.subject.tpp.unwrap().mid.number(0), "2240");
}

#[test]
fn specifications_that_say_too_little_are_refused_with_a_remedy() {
    let good = format!("{HEAD}{DIE}{}", throughput("fp16", 148.0, "TFLOPS", "sparsity = \"none\""));
    assert!(spec::read("s", good.as_bytes()).is_ok());
    for (from, to, word) in [
        ("plus_minus = 0.5", "plus_minus = 0.5, standard_error = 1", "exactly one"),
        (", plus_minus = 0.5", "", "exactly one"),
        ("source = \"s\" }\n[[thr", "source = \"\" }\n[[thr", "source"),
        ("TFLOPS", "TFLOP", "no unit"),
        ("value = 148", "value = -1", "number"),
        ("value = 148", "value = nan", "number"),
        ("value = 148", "value = 1e300", "number"),
        ("\"fp16\"", "\"fp17\"", "bits"),
        ("sparsity = \"none\"", "sparsity = \"some\"", "sparsity"),
        ("sparsity = \"none\"", "sparsity = \"none\"\nbits = 8", "bits"),
        ("boost_mhz = 1980", "boost_mhz = 0", "boost"),
        ("probity/spec/1", "probity/spec/9", "schema"),
        ("part = ", "prat = ", "unknown field"),
        ("value = 814", "value = 0", "area"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        let fault = spec::read("s", bad.as_bytes()).unwrap_err().to_string();
        assert!(fault.contains(word), "{from} -> {to}: {fault}");
    }
    assert!(spec::read("s", &[0xff]).is_err());
    let many = format!("{good}{}", DIE.repeat(65));
    assert!(spec::read("s", many.as_bytes()).is_err());
}

#[test]
fn the_same_files_give_the_same_findings() {
    let text =
        format!("{HEAD}{DIE}{}", throughput("fp16", 148.0, "TFLOPS", "attainable = [0.6, 0.95]"));
    let values: String = (0..50).map(|i| format!("fp16,{},TFLOPS\n", 120 + i % 7)).collect();
    let table = format!("metric,value,unit\n{values}");
    let file = Supplied::new("measured", "m.csv", table.into_bytes());
    let sealed = || {
        let examined = run(&text, std::slice::from_ref(&file), &Settings::default());
        examined.findings.into_iter().map(|f| f.seal().unwrap().id).collect::<Vec<_>>()
    };
    assert_eq!(sealed(), sealed());
}
