#![no_main]
//! Liberty: any bytes are read or refused.
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = frontend::liberty::Library::default().add(data);
});
