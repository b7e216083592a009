#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    use attestation::{certificate, chain};
    let chain = match certificate::read_chain(data) {
        Ok(chain) => chain,
        // without PEM around it most inputs would stop at the first line
        Err(_) => certificate::Certificate::from_der(data).into_iter().collect(),
    };
    let anchors = attestation::roots::Anchors::published();
    drop(chain::check_path(&chain, anchors.of(attestation::roots::Purpose::Device), &mut Default::default()));
    drop(chain::debug_names(&chain));
});
