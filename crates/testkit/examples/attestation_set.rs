//! Writes the synthetic set of examples/attestation:
//! `cargo run --release -p probity-testkit --example attestation_set -- examples/attestation/evidence`.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a tool of the developers")]

use base64ct::{Base64, Encoding as _};
use testkit::attestation::{Layout, NONCE, set};

fn main() -> std::io::Result<()> {
    let Some(dir) = std::env::args().nth(1).map(std::path::PathBuf::from) else {
        eprintln!("usage: attestation_set DIR");
        return Ok(());
    };
    std::fs::create_dir_all(dir.join("rim"))?;
    let (gpu, switch) = (set(Layout::Hopper, 1, None), set(Layout::Switch, 2, None));
    let item = |set: &testkit::attestation::Set, arch: &str| {
        serde_json::json!({
            "arch": arch,
            "certificate": Base64::encode_string(set.chain.as_bytes()),
            "evidence": Base64::encode_string(&set.report),
            "nonce": hex::encode(NONCE),
        })
    };
    let second = set(Layout::Hopper, 3, None);
    let items = [item(&gpu, "HOPPER"), item(&second, "HOPPER"), item(&switch, "LS10")];
    std::fs::write(dir.join("rack.json"), serde_json::to_vec_pretty(&items).unwrap())?;
    std::fs::write(dir.join("gpu.txt"), hex::encode(&gpu.report))?;
    std::fs::write(dir.join("gpu-chain.pem"), &gpu.chain)?;
    std::fs::write(dir.join("root.pem"), &gpu.root)?;
    let issuer = &gpu.authorities[1];
    std::fs::write(
        dir.join("provisioner.crl"),
        issuer.crl("20260101000000Z", "20260301000000Z", &[(&[9, 9], 0)]),
    )?;
    for (name, text) in gpu.manifests.iter().chain(&switch.manifests) {
        std::fs::write(dir.join("rim").join(name), text)?;
    }
    Ok(())
}
