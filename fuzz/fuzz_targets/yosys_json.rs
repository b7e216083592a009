#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| drop(netlist::read_yosys_json(data, &Default::default())));
