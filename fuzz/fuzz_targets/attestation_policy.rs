#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let file = evidence::Supplied::new("policy", "fuzz.toml", data.to_vec());
    drop(attestation::settings::Policy::read(&file));
    if let Ok(text) = std::str::from_utf8(data) {
        drop(attestation::time::Time::parse(text));
        drop(attestation::settings::nonce(text));
    }
});
