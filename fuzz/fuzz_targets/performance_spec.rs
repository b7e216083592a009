//! No specification panics; what is read has ordered intervals, and every rule gives it a class.
#![no_main]

use libfuzzer_sys::fuzz_target;
use performance::{class, rule, sheet, spec};

fuzz_target!(|data: &[u8]| {
    let Ok(spec) = spec::read("fuzz", data) else { return };
    let sheet = sheet::read(&spec);
    for figure in &sheet.tpp {
        assert!(figure.low <= figure.mid && figure.mid <= figure.high);
    }
    for rule in rule::built_in().expect("the rules embedded are well-formed") {
        assert!(!class::classes(&rule, &sheet.subject).classes.is_empty());
        class::margins(&rule, &sheet.subject);
        class::changes(&rule, &sheet.subject);
    }
});
