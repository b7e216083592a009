#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let file = evidence::Supplied::new("evidence", "fuzz", data.to_vec());
    drop(attestation::collection::read_evidence(&file));
});
