#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    drop(attestation::audit_report::read_short_form("fuzz.jws", data, &[]));
    drop(attestation::audit_report::AuditorKey::read("fuzz.pem", data));
});
