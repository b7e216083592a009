//! No rule file panics; what is read gives any part a class.
#![no_main]

use libfuzzer_sys::fuzz_target;
use performance::class::{Subject, changes, classes};
use performance::figure::Figure;
use performance::quantity::Quantity;
use performance::rule;

fuzz_target!(|data: &[u8]| {
    let Ok(rule) = rule::read("fuzz", data) else { return };
    assert!(!classes(&rule, &Subject::default()).classes.is_empty());
    let part = Subject {
        tpp: Quantity::stated(2368.0).map(Figure::exact),
        area: Quantity::stated(814.0).map(Figure::exact),
        ..Subject::default()
    };
    assert!(!classes(&rule, &part).classes.is_empty());
    changes(&rule, &part);
});
