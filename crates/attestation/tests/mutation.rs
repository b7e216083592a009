//! Every byte flipped in turn: each flip is refused, or stands where nothing is signed.
//!
//! Report: nothing but bytes after the signature may be changed. Chain and manifest: PEM and XML carry bytes that mean
//! nothing (line ends within Base64, white space within tags, text of the PEM labels' surroundings); such a flip may pass,
//! and then all that was read must be the same as before. With `PROBITY_CORPUS` real files are taken too.
#![allow(clippy::unwrap_used, reason = "a test may fail this way")]
#![allow(clippy::print_stdout, reason = "it prints the figures of the documentation")]

mod common;

use attestation::certificate::read_chain;
use attestation::chain::{Links, check_path};
use attestation::rim::read_manifest;
use attestation::roots::{Anchor, Anchors, Purpose};
use attestation::spdm::read_report;
use common::corpus;
use testkit::attestation::{Layout, set};

/// Flips one bit of each byte; gives the offsets whose flip passes.
fn survivors(bytes: &[u8], step: usize, accepted: impl Fn(&[u8]) -> bool + Sync) -> Vec<usize> {
    assert!(accepted(bytes), "unchanged it is accepted");
    let offsets: Vec<usize> = (0..bytes.len()).step_by(step).collect();
    let half = offsets.len().div_ceil(2).max(1);
    let pass = |part: &[usize]| -> Vec<usize> {
        let mut flipped = bytes.to_vec();
        let mut passed = Vec::new();
        for at in part {
            let bit = 1u8 << (at % 7);
            flipped[*at] ^= bit;
            if accepted(&flipped) {
                passed.push(*at);
            }
            flipped[*at] ^= bit;
        }
        passed
    };
    std::thread::scope(|scope| {
        let pass = &pass;
        let handles: Vec<_> =
            offsets.chunks(half).map(|part| scope.spawn(move || pass(part))).collect();
        handles.into_iter().flat_map(|h| h.join().unwrap()).collect()
    })
}

fn report_survivors(report: &[u8], chain: &[u8], step: usize) -> Vec<usize> {
    let key = read_chain(chain).unwrap()[0].key.unwrap();
    survivors(report, step, |bytes| {
        read_report(bytes).is_ok_and(|r| key.verify_raw(&r.signed_digest(bytes, &[]), &r.signature))
    })
}

/// A flip may pass only if the very same certificates are read.
fn chain_survivors(chain: &[u8], anchors: &[Anchor], step: usize) -> Vec<usize> {
    let digests = |bytes: &[u8]| -> Option<Vec<String>> {
        let chain = read_chain(bytes).ok()?;
        let path = check_path(&chain, anchors, &mut Links::default());
        path.is_good().then(|| chain.iter().map(|c| c.digest.hex()).collect())
    };
    let original = digests(chain).unwrap();
    let passed = survivors(chain, step, |bytes| digests(bytes).is_some());
    let mut flipped = chain.to_vec();
    for at in &passed {
        flipped[*at] ^= 1 << (at % 7);
        assert_eq!(digests(&flipped).unwrap(), original, "byte {at}");
        flipped[*at] = chain[*at];
    }
    passed
}

/// A flip may pass only if the very same values and signer are read.
fn manifest_survivors(manifest: &[u8], anchors: &[Anchor], step: usize) -> Vec<usize> {
    let links = std::sync::Mutex::new(Links::default());
    let read = |bytes: &[u8]| {
        let mut own = links.lock().unwrap().clone();
        let m = read_manifest("m", bytes, anchors, &mut own).ok()?;
        let certificates: Vec<String> = m.chain.iter().map(|c| c.digest.hex()).collect();
        m.is_authentic().then(|| {
            (format!("{:?}{}{}{}", m.entries, m.version, m.product, m.edition), certificates)
        })
    };
    let original = read(manifest).unwrap();
    let passed = survivors(manifest, step, |bytes| read(bytes).is_some());
    let mut flipped = manifest.to_vec();
    for at in &passed {
        flipped[*at] ^= 1 << (at % 7);
        assert_eq!(read(&flipped).unwrap(), original, "byte {at}");
        flipped[*at] = manifest[*at];
    }
    passed
}

/// The bytes at some offsets, and how often: what kind of bytes they are.
fn kinds(bytes: &[u8], offsets: &[usize]) -> String {
    let mut counts = std::collections::BTreeMap::new();
    for at in offsets {
        *counts.entry(char::from(bytes[*at]).escape_default().to_string()).or_insert(0usize) += 1;
    }
    let shown: Vec<String> = counts.iter().map(|(c, n)| format!("`{c}` {n}")).collect();
    shown.join(", ")
}

#[test]
fn synthetic_sets() {
    let set = set(Layout::Hopper, 1, None);
    assert_eq!(report_survivors(&set.report, set.chain.as_bytes(), 3), Vec::<usize>::new());
    let anchors = Anchors::given(&[set.root.as_bytes()]).unwrap();
    let chain = set.chain.as_bytes();
    let passed = chain_survivors(chain, anchors.of(Purpose::Device), 5);
    assert!(passed.iter().all(|at| chain[*at] == b'\n'), "{}", kinds(chain, &passed));
    let manifest = set.manifests[0].1.as_bytes();
    let passed = manifest_survivors(manifest, anchors.of(Purpose::Manifest), 11);
    let text = std::str::from_utf8(manifest).unwrap();
    let signature = text.find("<ds:Signature").unwrap();
    // before the signature only white space between attributes is not in the canonical form
    for at in passed {
        assert!(
            at >= signature || manifest[at] == b' ',
            "byte {at} `{}`",
            char::from(manifest[at])
        );
    }
}

#[test]
fn real_files() {
    let Some(dir) = corpus("real_files") else { return };
    let anchors = Anchors::published();
    let sdk = dir.join("attestation-sdk/sample_attestation_data");
    let text = std::fs::read_to_string(sdk.join("gpu/hopperAttestationReportExpired.txt")).unwrap();
    let report = hex::decode(text.trim()).unwrap();
    let chain = std::fs::read(sdk.join("gpu/hopperCertChainExpired.txt")).unwrap();
    let passed = report_survivors(&report, &chain, 1);
    println!("report: {} bytes flipped, {} pass", report.len(), passed.len());
    assert!(passed.is_empty());
    let passed = chain_survivors(&chain, anchors.of(Purpose::Device), 1);
    println!(
        "chain: {} bytes flipped, {} pass: {}",
        chain.len(),
        passed.len(),
        kinds(&chain, &passed)
    );
    let rim =
        std::fs::read(dir.join("nvtrust/samples/1010_0205_862_96005E0004_PROD.swidtag")).unwrap();
    let passed = manifest_survivors(&rim, anchors.of(Purpose::Manifest), 1);
    let at = String::from_utf8_lossy(&rim).find("<ds:Signature").unwrap();
    let (before, after): (Vec<usize>, Vec<usize>) = passed.iter().partition(|p| **p < at);
    println!("manifest: {} bytes flipped, {} pass", rim.len(), passed.len());
    println!("  before the signature: {}", kinds(&rim, &before));
    println!("  within the signature: {}", kinds(&rim, &after));
}
