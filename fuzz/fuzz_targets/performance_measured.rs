//! No file of measurements panics; what is read is finite and not negative.
#![no_main]

use libfuzzer_sys::fuzz_target;
use performance::readers;

fuzz_target!(|data: &[u8]| {
    for metric in [None, Some("fp16")] {
        let Ok(runs) = readers::read("fuzz", data, metric) else { continue };
        for run in runs {
            assert!(run.values.iter().all(|v| *v >= 0.0));
            performance::changepoint::change_points(&run.values);
            performance::stats::drift(&run.values);
        }
    }
});
