//! No telemetry export panics; the arrays of a device are of one length or empty.
#![no_main]

use libfuzzer_sys::fuzz_target;
use performance::{telemetry, throttle};

fuzz_target!(|data: &[u8]| {
    let Ok(series) = telemetry::read("fuzz", data) else { return };
    for d in &series.devices {
        let n = d.clock.len();
        assert_eq!(d.time.len(), n);
        for column in [&d.power, &d.limit, &d.celsius, &d.load] {
            assert!(column.is_empty() || column.len() == n);
        }
        assert!(d.reasons.is_empty() || d.reasons.len() == n);
        throttle::watch(d, Some(87.0));
        for &time in d.time.iter().take(4) {
            telemetry::shown_time(time);
        }
    }
});
