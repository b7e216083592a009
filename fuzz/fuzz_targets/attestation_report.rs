#![no_main]
// The first bytes choose nothing: the report, its opaque data and what is computed from them.
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(report) = attestation::spdm::read_report(data) {
        drop(report.signed_digest(data, b""));
        drop(report.duplicate_indices());
        let opaque = attestation::opaque::read_opaque(&report.opaque);
        drop((opaque.driver(), opaque.vbios(), opaque.duplicates()));
    }
    let opaque = attestation::opaque::read_opaque(data);
    for field in &opaque.fields {
        drop((field.name(), field.shown()));
    }
});
