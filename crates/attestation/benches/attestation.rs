//! Speed of the examination on synthetic sets: `cargo bench -p probity-attestation`.
//!
//! A full verification from cold is five certificates, a report and two manifests; a rack is eight GPUs and four switches; a
//! hall is a thousand devices that share manifests and the vendor's certificates.
#![allow(clippy::unwrap_used, reason = "a benchmark may fail this way")]

use attestation::{Settings, examine};
use base64ct::{Base64, Encoding as _};
use divan::Bencher;
use divan::counter::ItemsCount;
use evidence::{Provenance, Supplied};
use testkit::attestation::{AT, Layout, Set, set};

fn main() {
    divan::main();
}

fn settings() -> Settings {
    Settings { at: Some(AT.to_owned()), ..Settings::default() }
}

fn shared(sets: &[&Set]) -> Vec<Supplied> {
    let mut files = vec![Supplied::new("root", "root.pem", sets[0].root.clone().into_bytes())];
    for set in sets {
        for (name, text) in &set.manifests {
            files.push(Supplied::new("rim", name, text.clone().into_bytes()));
        }
    }
    files
}

fn collection(sets: &[Set]) -> Supplied {
    let items: Vec<serde_json::Value> = sets
        .iter()
        .map(|s| {
            let certificate = Base64::encode_string(s.chain.as_bytes());
            serde_json::json!({"certificate": certificate, "evidence": Base64::encode_string(&s.report)})
        })
        .collect();
    Supplied::new("evidence", "rack.json", serde_json::to_vec(&items).unwrap())
}

fn check(primary: &Supplied, files: &[Supplied], settings: &Settings) {
    let examined = examine(primary, files, settings, Provenance::Synthetic).unwrap();
    assert_eq!(examined.fleet.verdict(), evidence::Verdict::Proved);
}

/// Five certificates, a report, two manifests, nothing remembered.
#[divan::bench(sample_count = 20)]
fn full_verification(bencher: Bencher<'_, '_>) {
    let set = set(Layout::Hopper, 1, None);
    let mut files = shared(&[&set]);
    files.push(Supplied::new("chain", "chain.pem", set.chain.clone().into_bytes()));
    let primary = Supplied::new("evidence", "report.bin", set.report);
    bencher.bench_local(|| check(&primary, &files, &settings()));
}

/// Eight GPUs and four switches.
#[divan::bench(sample_count = 10)]
fn rack(bencher: Bencher<'_, '_>) {
    let mut sets: Vec<Set> = (0..8).map(|i| set(Layout::Hopper, i, None)).collect();
    sets.extend((0..4).map(|i| set(Layout::Switch, i, None)));
    let files = shared(&[&sets[0], &sets[8]]);
    let primary = collection(&sets);
    bencher.bench_local(|| check(&primary, &files, &settings()));
}

/// A thousand devices with shared manifests.
#[divan::bench(sample_count = 2)]
fn hall(bencher: Bencher<'_, '_>) {
    let sets: Vec<Set> = (0..1000).map(|i| set(Layout::Hopper, i, None)).collect();
    let files = shared(&[&sets[0]]);
    let primary = collection(&sets);
    bencher
        .counter(ItemsCount::new(sets.len()))
        .bench_local(|| check(&primary, &files, &settings()));
}

/// One ECDSA P-384 verification, by AWS-LC and by the portable crate `p384`.
#[divan::bench(args = ["aws-lc", "p384"])]
fn signature(bencher: Bencher<'_, '_>, which: &str) {
    use p384::ecdsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
    let key = testkit::attestation::key("bench");
    let digest = [7u8; 48];
    let signature: p384::ecdsa::Signature = key.sign_prehash(&digest).unwrap();
    let raw: [u8; 96] = signature.to_bytes().as_slice().try_into().unwrap();
    let sec1 = key.verifying_key().to_encoded_point(false);
    let public = attestation::signature::PublicKey::from_sec1(sec1.as_bytes()).unwrap();
    if which == "aws-lc" {
        bencher.bench_local(|| assert!(public.verify_raw(&digest, &raw)));
    } else {
        bencher.bench_local(|| key.verifying_key().verify_prehash(&digest, &signature).unwrap());
    }
}
