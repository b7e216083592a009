//! Every file of the corpus of real evidence gives its expected result. The table it prints stands in
//! docs/measurements.md: `PROBITY_CORPUS=DIR cargo test --release -p probity-attestation --test corpus -- --nocapture`.
#![allow(clippy::unwrap_used, reason = "a test may fail this way")]
#![allow(clippy::print_stdout, reason = "it prints the table of the documentation")]

mod common;

use attestation::chain::out_of_validity;
use attestation::rim::{Manifest, Seal, read_manifest};
use attestation::roots::{Anchors, Purpose};
use attestation::time::Time;
use attestation::{Examined, examine};
use common::{at, corpus, directory, file, of};
use evidence::{Provenance, Supplied, Verdict};
use std::path::Path;

const SDK: &str = "attestation-sdk/sample_attestation_data";

/// Report, chain, whether the signature verifies, whether the chain does, verdict of the binding.
#[rustfmt::skip]
const REPORTS: &[(&str, &str, Verdict, Verdict, Option<Verdict>)] = &[
    ("gpu/hopperAttestationReport.txt", "gpu/hopperCertChain.txt", Verdict::Proved, Verdict::Proved, None),
    ("gpu/hopperAttestationReportExpired.txt", "gpu/hopperCertChainExpired.txt", Verdict::Proved, Verdict::Proved, Some(Verdict::Proved)),
    ("gpu/blackwellAttestationReport.txt", "gpu/blackwellCertChain.txt", Verdict::Proved, Verdict::Proved, Some(Verdict::Proved)),
    ("gpu/hopperAttestationReportInvalidSignature.txt", "gpu/hopperCertChain.txt", Verdict::Refuted, Verdict::Proved, Some(Verdict::Refuted)),
    ("gpu/hopperAttestationReportInvalidSignature.txt", "gpu/hopperCertChainExpired.txt", Verdict::Refuted, Verdict::Proved, Some(Verdict::Refuted)),
    ("switch/switchAttestationReport.txt", "switch/switchCertChain.txt", Verdict::Proved, Verdict::Proved, None),
    ("switch/switchAttestationReportInvalidSignature.txt", "switch/switchCertChain.txt", Verdict::Refuted, Verdict::Proved, None),
    ("../../nvtrust/samples/hopperAttestationReport.txt", "../../nvtrust/samples/hopperCertChain.txt", Verdict::Proved, Verdict::Proved, Some(Verdict::Proved)),
    ("../../go-nvtrust/mocks/attestationReport.txt", "../../go-nvtrust/mocks/gpuAkCertChain.txt", Verdict::Proved, Verdict::Proved, None),
    ("../../go-nvtrust/mocks/attestationReport.txt", "../../go-nvtrust/mocks/invalidCertChain.txt", Verdict::Proved, Verdict::Refuted, None),
];

fn verdict(examined: &Examined, check: &str) -> Option<Verdict> {
    of(examined, check).first().map(|f| f.verdict)
}

fn run(primary: &Supplied, others: &[Supplied], time: &str) -> Examined {
    examine(primary, others, &at(time), Provenance::Public).unwrap()
}

fn short(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

#[test]
fn reports_and_chains() {
    let Some(dir) = corpus("reports_and_chains") else { return };
    println!("| report | chain | chain verdict | report signature | FWID |\n|---|---|---|---|---|");
    for (report, chain, signature, path, binding) in REPORTS {
        let base = dir.join(SDK);
        let chain_file = file("chain", &base.join(chain));
        let examined = run(&file("evidence", &base.join(report)), &[chain_file], "2024-01-01");
        assert_eq!(
            verdict(&examined, "attestation.report-signature"),
            Some(*signature),
            "{report}"
        );
        assert_eq!(verdict(&examined, "attestation.chain"), Some(*path), "{report} {chain}");
        assert_eq!(verdict(&examined, "attestation.device-binding"), *binding, "{report} {chain}");
        let bound = binding.map_or("not bound".to_owned(), |v| v.to_string());
        println!("| {} | {} | {path} | {signature} | {bound} |", short(report), short(chain));
    }
    let json = file(
        "evidence",
        &dir.join("attestation-sdk/serialized_test_evidence/hopper_evidence.json"),
    );
    let examined = run(&json, &[], "2024-01-01");
    for check in ["chain", "report-signature", "device-binding"] {
        assert_eq!(verdict(&examined, &format!("attestation.{check}")), Some(Verdict::Proved));
    }
    assert!(of(&examined, "attestation.nonce").is_empty(), "stated and signed nonce are equal");
    println!("| hopper_evidence.json | its own | proved | proved | proved |");
}

fn manifest(path: &Path) -> Manifest {
    let anchors = Anchors::published();
    let bytes = std::fs::read(path).unwrap();
    read_manifest("m", &bytes, anchors.of(Purpose::Manifest), &mut Default::default()).unwrap()
}

#[test]
fn manifests() {
    let Some(dir) = corpus("manifests") else { return };
    let mut paths = Vec::new();
    for (sub, suffix) in [
        ("nvtrust/samples", ".swidtag"),
        ("attestation-sdk", ".xml"),
        ("attestation-sdk/sample_rims", ".xml"),
    ] {
        for file in directory("rim", &dir.join(sub)) {
            if file.name.ends_with(suffix) {
                paths.push(dir.join(sub).join(file.name));
            }
        }
    }
    assert_eq!(paths.len(), 26 + 2 + 5);
    println!(
        "| manifest | version | signature | chain | valid 2024-01-01 | valid 2025-09-10 |\n|---|---|---|---|---|---|"
    );
    for path in paths {
        let m = manifest(&path);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bad = name.contains("incorrect_signature")
            || name.contains("invalid_signature")
            || name.contains("expired")
            || name == "NV_GPU_DRIVER_GH100_535.86.09_measurement_mismatch.xml"
            || name == "NV_SWITCH_BIOS_5612_0002_890_9610550001_measurement_mismatch.xml";
        assert_eq!(m.seal == Seal::Good, !bad, "{name}: {:?}", m.seal);
        assert!(m.path.is_good(), "{name}: {:?}", m.path);
        let valid = |t: &str| out_of_validity(&m.chain, Time::parse(t).unwrap()).is_empty();
        if path.extension().is_some_and(|e| e == "swidtag") {
            assert!(valid("2024-01-01") && !valid("2025-09-10"), "{name}");
        }
        let word = |ok: bool| if ok { "yes" } else { "no" };
        let seal = if m.seal == Seal::Good { "good" } else { "bad" };
        println!(
            "| {name} | {} | {seal} | good | {} | {} |",
            m.version,
            word(valid("2024-01-01")),
            word(valid("2025-09-10"))
        );
    }
    let sdk = dir.join("attestation-sdk");
    let m = manifest(&sdk.join("NV_GPU_DRIVER_GH100_550.144.03.xml"));
    let valid =
        |m: &Manifest, t: &str| out_of_validity(&m.chain, Time::parse(t).unwrap()).is_empty();
    assert!(!valid(&m, "2024-01-01") && valid(&m, "2025-09-01") && valid(&m, "2026-06-15"));
    let m = manifest(&sdk.join("sample_rims/NV_GPU_DRIVER_GH100_570.124.03_expired.xml"));
    assert!(!valid(&m, "2025-09-01") && valid(&m, "2025-01-01T12:00:00Z"));
    let m = manifest(
        &sdk.join("sample_rims/NV_SWITCH_BIOS_5612_0002_890_9610550001_measurement_mismatch.xml"),
    );
    assert_eq!((m.edition.as_str(), m.product.as_str()), ("GPU", "GH100"));
}

/// Report, chain, manifest, what its measurements line says.
#[rustfmt::skip]
const COMPARISONS: &[(&str, &str, &str, &str)] = &[
    ("go-nvtrust/mocks/attestationReport.txt", "go-nvtrust/mocks/gpuAkCertChain.txt", "nvtrust/samples/Driver_RIM_test_no_gpu.swidtag", "20/20 equal, skipped: 35"),
    ("go-nvtrust/mocks/attestationReport.txt", "go-nvtrust/mocks/gpuAkCertChain.txt", "nvtrust/samples/1010_0200_882_96005E0001_test_no_gpu.swidtag", "12/12 equal"),
    ("go-nvtrust/mocks/attestationReport.txt", "go-nvtrust/mocks/gpuAkCertChain.txt", "nvtrust/samples/1010_0200_882_96005E0001_PROD.swidtag", "8/12 equal, differs at 1-3, 9"),
    ("attestation-sdk/sample_attestation_data/gpu/hopperAttestationReport.txt", "attestation-sdk/sample_attestation_data/gpu/hopperCertChain.txt", "nvtrust/samples/1010_0200_882_96005E0001_PROD.swidtag", "12/12 equal"),
    ("attestation-sdk/sample_attestation_data/gpu/hopperAttestationReport.txt", "attestation-sdk/sample_attestation_data/gpu/hopperCertChain.txt", "nvtrust/samples/1010_0200_882_96005E0001_test_no_gpu.swidtag", "8/12 equal, differs at 1-3, 9"),
    ("attestation-sdk/sample_attestation_data/gpu/hopperAttestationReport.txt", "attestation-sdk/sample_attestation_data/gpu/hopperCertChain.txt", "attestation-sdk/sample_rims/NV_GPU_VBIOS_1010_0200_882_96005E0001_measurement_mismatch.xml", "11/12 equal, differs at 9"),
    ("attestation-sdk/sample_attestation_data/gpu/hopperAttestationReport.txt", "attestation-sdk/sample_attestation_data/gpu/hopperCertChain.txt", "attestation-sdk/sample_rims/NV_GPU_DRIVER_GH100_535.86.09_measurement_mismatch.xml", "6/21 equal, differs at"),
    ("attestation-sdk/sample_attestation_data/gpu/hopperAttestationReportExpired.txt", "attestation-sdk/sample_attestation_data/gpu/hopperCertChainExpired.txt", "nvtrust/samples/1010_0205_862_96005E0004_PROD.swidtag", "11/12 equal, differs at 9"),
];

#[test]
fn comparisons() {
    let Some(dir) = corpus("comparisons") else { return };
    println!("| report | manifest | result |\n|---|---|---|");
    for (report, chain, rim, wanted) in COMPARISONS {
        let others = [file("chain", &dir.join(chain)), file("rim", &dir.join(rim))];
        let examined = run(&file("evidence", &dir.join(report)), &others, "2024-01-01");
        let said: Vec<String> = of(&examined, "attestation.measurements")
            .iter()
            .map(|f| format!("{} {} {}", f.verdict, f.title, f.detail))
            .collect();
        assert!(said.iter().any(|t| t.contains(wanted)), "{rim}: {said:#?}");
        let refused = of(&examined, "attestation.rim-signature")
            .iter()
            .any(|f| f.verdict == Verdict::Refuted);
        let note = if refused { " (manifest refused, counts for nothing)" } else { "" };
        println!("| {} | {} | {wanted}{note} |", short(report), short(rim));
    }
}

#[test]
fn audits_are_signed_by_one_reviewer_only() {
    use attestation::audit_report::{AuditorKey, read_short_form};
    let Some(dir) = corpus("audits_are_signed_by_one_reviewer_only") else { return };
    let keys: Vec<AuditorKey> = directory("auditor", &dir.join("ocp-safe/SRP_certificates"))
        .iter()
        .map(|f| AuditorKey::read(&f.name, &f.bytes).unwrap())
        .collect();
    assert_eq!(keys.len(), 8);
    for family in ["Hopper", "Blackwell"] {
        for f in directory("sfr", &dir.join("ocp-safe").join(family)) {
            if f.name.ends_with(".json") {
                assert!(
                    read_short_form(&f.name, &f.bytes, &keys).is_err(),
                    "the unsigned copy is refused"
                );
                continue;
            }
            let audit = read_short_form(&f.name, &f.bytes, &keys).unwrap();
            assert_eq!(audit.verified_by.as_deref(), Some("tetrel-ocp-sfr-signing-key.pub"));
            assert!(audit.product.contains(family) && audit.category.contains("Work Launch"));
            let others: Vec<AuditorKey> =
                keys.iter().filter(|k| !k.name.starts_with("tetrel")).cloned().collect();
            assert_eq!(read_short_form(&f.name, &f.bytes, &others).unwrap().verified_by, None);
            for at in (0..f.bytes.len()).step_by(7) {
                let mut bad = f.bytes.clone();
                bad[at] ^= 1;
                let read = read_short_form(&f.name, &bad, &keys);
                assert!(read.is_err() || read.unwrap().verified_by.is_none(), "byte {at}");
            }
        }
    }
}
