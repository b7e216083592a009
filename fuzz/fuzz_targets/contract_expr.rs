//! Contract expressions: parsing is total, and printing is its inverse.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proof::contract::{Expr, SetList};

fuzz_target!(|text: &str| {
    match Expr::parse(text) {
        Ok(expr) => {
            // The canonical form may exceed the length limit; it must never change the meaning.
            if let Ok(again) = Expr::parse(&expr.to_string()) {
                assert_eq!(again.root(), expr.root());
            }
        }
        Err(error) => drop(error.to_string()),
    }
    if let Ok(set) = SetList::parse(text) {
        if let Ok(again) = SetList::parse(&set.to_string()) {
            assert_eq!(again.items, set.items);
        }
    }
});
