//! The same signatures with `openssl`, the same manifests with `xmlsec1`: no disagreement. Ignored visibly where a tool is
//! not installed.
#![allow(clippy::unwrap_used, reason = "a test may fail this way")]
#![allow(clippy::print_stdout, reason = "a test that is ignored says so")]

mod common;

use attestation::certificate::read_chain;
use attestation::chain::out_of_validity;
use attestation::rim::read_manifest;
use attestation::roots::{Anchors, Purpose};
use attestation::spdm::read_report;
use attestation::time::Time;
use common::{corpus, directory};
use std::path::{Path, PathBuf};
use std::process::Command;
use testkit::attestation::{AT, Defect, Layout, set};

fn have(tool: &str, test: &str) -> bool {
    let found = Command::new(tool)
        .arg(if tool == "openssl" { "version" } else { "--version" })
        .output()
        .is_ok();
    if !found {
        println!("{test}: ignored, {tool} is not installed");
    }
    found
}

/// What `xmlsec1` says.
fn xmlsec(file: &Path, root: &Path, at: Time) -> bool {
    let time = at.to_string().replace('T', " ").replace('Z', "");
    let output = Command::new("xmlsec1")
        .arg("--verify")
        .args(["--trusted-pem".as_ref(), root.as_os_str()])
        .args(["--verification-gmt-time", &time])
        .arg(file)
        .output()
        .unwrap();
    output.status.success()
}

/// What we say: authentic and valid.
fn ours(file: &Path, anchors: &Anchors, at: Time) -> bool {
    let bytes = std::fs::read(file).unwrap();
    let manifest =
        read_manifest("m", &bytes, anchors.of(Purpose::Manifest), &mut Default::default());
    manifest.is_ok_and(|m| m.is_authentic() && out_of_validity(&m.chain, at).is_empty())
}

#[test]
fn manifests_with_xmlsec1() {
    if !have("xmlsec1", "manifests_with_xmlsec1") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("root.pem");
    let mut compared = 0;
    let at = Time::parse(AT).unwrap();
    for defect in [
        None,
        Some(Defect::ManifestEdited),
        Some(Defect::ManifestOtherKey),
        Some(Defect::ManifestForeignRoot),
        Some(Defect::ManifestExpired),
        Some(Defect::ManifestDuplicateIndex),
    ] {
        for layout in [Layout::Hopper, Layout::Switch] {
            let set = set(layout, 1, defect);
            std::fs::write(&root, &set.root).unwrap();
            let anchors = Anchors::given(&[set.root.as_bytes()]).unwrap();
            for (name, text) in &set.manifests {
                let path = dir.path().join(name);
                std::fs::write(&path, text).unwrap();
                assert_eq!(
                    ours(&path, &anchors, at),
                    xmlsec(&path, &root, at),
                    "{defect:?} {layout:?} {name}"
                );
                compared += 1;
            }
        }
    }
    if let Some(corpus) = corpus("manifests_with_xmlsec1 on real manifests") {
        let root = corpus.join("nvtrust/gpu_certs/verifier_RIM_root.pem");
        let anchors = Anchors::published();
        for sub in ["nvtrust/samples", "attestation-sdk", "attestation-sdk/sample_rims"] {
            for file in directory("rim", &corpus.join(sub)) {
                if !(file.name.ends_with(".xml") || file.name.ends_with(".swidtag")) {
                    continue;
                }
                let path = corpus.join(sub).join(&file.name);
                for time in ["2024-01-01", "2025-01-01T12:00:00Z", "2025-09-01", "2026-06-15"] {
                    let at = Time::parse(time).unwrap();
                    assert_eq!(
                        ours(&path, &anchors, at),
                        xmlsec(&path, &root, at),
                        "{} {time}",
                        file.name
                    );
                    compared += 1;
                }
            }
        }
    }
    println!("xmlsec1: {compared} comparisons, no disagreement");
}

/// What `openssl` says about the report's signature under the key of the first certificate.
fn openssl(dir: &Path, report: &[u8], chain: &[u8]) -> bool {
    let read = read_report(report).unwrap();
    let write = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = dir.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let chain = write("chain.pem", chain);
    let signed = write("signed.bin", &report[..read.signed]);
    let (r, s) = read.signature.split_at(48);
    let form = format!(
        "asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x{}\ns=INTEGER:0x{}\n",
        hex::encode(r),
        hex::encode(s)
    );
    let form = write("form", form.as_bytes());
    let signature = dir.join("signature.der");
    let run = |args: &[&std::ffi::OsStr]| Command::new("openssl").args(args).output().unwrap();
    let made = run(&[
        "asn1parse".as_ref(),
        "-genconf".as_ref(),
        form.as_ref(),
        "-noout".as_ref(),
        "-out".as_ref(),
        signature.as_ref(),
    ]);
    assert!(made.status.success());
    let key = run(&[
        "x509".as_ref(),
        "-in".as_ref(),
        chain.as_ref(),
        "-noout".as_ref(),
        "-pubkey".as_ref(),
    ]);
    let key = write("key.pem", &key.stdout);
    run(&[
        "dgst".as_ref(),
        "-sha384".as_ref(),
        "-verify".as_ref(),
        key.as_ref(),
        "-signature".as_ref(),
        signature.as_ref(),
        signed.as_ref(),
    ])
    .status
    .success()
}

#[test]
fn reports_and_links_with_openssl() {
    if !have("openssl", "reports_and_links_with_openssl") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut cases: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for defect in [None, Some(Defect::ReportAltered), Some(Defect::TrailingByte)] {
        for layout in [Layout::Hopper, Layout::Blackwell, Layout::Switch, Layout::Versioned] {
            let set = set(layout, 1, defect);
            cases.push((set.report, set.chain.into_bytes()));
        }
    }
    if let Some(corpus) = corpus("reports_and_links_with_openssl on real reports") {
        let read = |path: &str| std::fs::read(corpus.join(path)).unwrap();
        let report =
            |path: &str| hex::decode(String::from_utf8(read(path)).unwrap().trim()).unwrap();
        let sdk = "attestation-sdk/sample_attestation_data";
        for (r, c) in [
            ("gpu/hopperAttestationReport.txt", "gpu/hopperCertChain.txt"),
            ("gpu/hopperAttestationReportExpired.txt", "gpu/hopperCertChainExpired.txt"),
            ("gpu/blackwellAttestationReport.txt", "gpu/blackwellCertChain.txt"),
            ("gpu/hopperAttestationReportInvalidSignature.txt", "gpu/hopperCertChain.txt"),
            ("switch/switchAttestationReport.txt", "switch/switchCertChain.txt"),
            ("switch/switchAttestationReportInvalidSignature.txt", "switch/switchCertChain.txt"),
        ] {
            cases.push((report(&format!("{sdk}/{r}")), read(&format!("{sdk}/{c}"))));
        }
        cases.push((
            report("nvtrust/samples/hopperAttestationReport.txt"),
            read("nvtrust/samples/hopperCertChain.txt"),
        ));
        cases.push((
            report("go-nvtrust/mocks/attestationReport.txt"),
            read("go-nvtrust/mocks/gpuAkCertChain.txt"),
        ));
    }
    for (number, (report, chain)) in cases.iter().enumerate() {
        let certificates = read_chain(chain).unwrap();
        let read = read_report(report).unwrap();
        let ours = certificates[0]
            .key
            .unwrap()
            .verify_raw(&read.signed_digest(report, &[]), &read.signature);
        assert_eq!(ours, openssl(dir.path(), report, chain), "case {number}");
        // each link as openssl sees it
        for pair in certificates.windows(2) {
            let [below, above] = pair else { continue };
            let pem = |der: &[u8]| testkit::attestation::pki::pem("CERTIFICATE", der);
            let (a, b) = (dir.path().join("below.pem"), dir.path().join("above.pem"));
            std::fs::write(&a, pem(&below.der)).unwrap();
            std::fs::write(&b, pem(&above.der)).unwrap();
            let output = Command::new("openssl")
                .args([
                    "verify",
                    "-partial_chain",
                    "-ignore_critical",
                    "-attime",
                    "1767225600",
                    "-trusted",
                ])
                .args([&b, &a])
                .output()
                .unwrap();
            let ours = below.signed.check(&below.der, above.key.as_ref());
            assert_eq!(
                ours == attestation::certificate::Checked::Good,
                output.status.success(),
                "case {number}: {} under {}: {}",
                below.subject,
                above.subject,
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
    println!("openssl: {} reports with their chains, no disagreement", cases.len());
}
