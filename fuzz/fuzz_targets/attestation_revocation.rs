#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    drop(attestation::revocation::read_crl("fuzz.crl", data));
    drop(attestation::revocation::read_ocsp("fuzz.ocsp", data));
});
