#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    drop(attestation::rim::read_manifest("fuzz.xml", data, &[], &mut Default::default()));
});
