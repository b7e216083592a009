#![no_main]
//! Structural Verilog: any bytes are read or refused.
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let library = frontend::liberty::Library::default();
    let _ = frontend::structural::read_verilog(data, None, &library);
});
