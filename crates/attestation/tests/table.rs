//! The documented table, condition by condition: docs/attestation.md prints it, this test walks it. Every
//! condition has a clean twin — the same set without it — which must be proved.
#![allow(clippy::unwrap_used, reason = "a test may fail this way")]

mod common;

use attestation::examine;
use attestation::settings::Versions;
use common::{at, others, primary, run};
use evidence::{Provenance, Supplied, Verdict};
use testkit::attestation::{AT, Defect, Layout, NONCE, Set, set};

/// Condition, check, verdict, outcome or reason, verdict on `genuine`.
type Row = (&'static str, Case, &'static str, &'static str, &'static str, &'static str);

#[derive(Clone, Copy)]
enum Case {
    Made(Defect),
    OnSwitch(Defect),
    Nonce(&'static str),
    Policy(&'static str),
    PolicyWith(&'static str, Defect),
    Crl(u8),
    LeastDriver(&'static str),
    Time(&'static str),
    PublishedRoots,
}
use Case::{Crl, LeastDriver, Made, Nonce, OnSwitch, Policy, PolicyWith, PublishedRoots, Time};

const OTHER_NONCE: &str = "0000000000000000000000000000000000000000000000000000000000000001";
const RIGHT_NONCE: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("report altered after it was signed", Made(Defect::ReportAltered), "report-signature", "refuted", "forged", "refuted"),
    ("bytes after the signature", Made(Defect::TrailingByte), "report-signature", "proved", "", "proved"),
    ("report states an index twice", Made(Defect::DuplicateIndex), "measurements", "refuted", "duplicate-index", "refuted"),
    ("report states an opaque field twice", Made(Defect::DuplicateField), "measurements", "refuted", "duplicate-field", "refuted"),
    ("opaque data of an unknown layout", Made(Defect::UnknownLayout), "measurements", "undetermined", "unsupported", "undetermined"),
    ("no certificate chain", Made(Defect::NoChain), "chain", "undetermined", "missing-artifact", "undetermined"),
    ("a certificate of the chain is missing", Made(Defect::IssuerMissing), "chain", "refuted", "broken-chain", "refuted"),
    ("a certificate of the chain is altered", Made(Defect::CertificateAltered), "chain", "refuted", "bad-certificate", "refuted"),
    ("the chain ends at another root", Made(Defect::ForeignRoot), "chain", "refuted", "unpinned-root", "refuted"),
    ("synthetic root, and only the published ones trusted", PublishedRoots, "chain", "refuted", "unpinned-root", "refuted"),
    ("an issuer is no certificate authority", Made(Defect::IssuerNotAuthority), "chain", "refuted", "wrong-usage", "refuted"),
    ("the leaf is a certificate authority", Made(Defect::LeafIsAuthority), "chain", "refuted", "wrong-usage", "refuted"),
    ("a certificate of a debug hierarchy", Made(Defect::DebugNames), "debug", "refuted", "debug-root", "refuted"),
    ("the same, allowed by the policy", PolicyWith("allow = [\"debug-root\"]", Defect::DebugNames), "debug", "proved", "", "proved"),
    ("leaf issued to other firmware", Made(Defect::OtherFwid), "device-binding", "refuted", "other-firmware", "refuted"),
    ("no FWID in the report", Made(Defect::NoFwid), "device-binding", "limit", "", "proved"),
    ("the same, and the policy requires it", PolicyWith("require = [\"device-binding\"]", Defect::NoFwid), "device-binding", "undetermined", "missing-artifact", "undetermined"),
    ("nonce equals the auditor's", Nonce(RIGHT_NONCE), "nonce", "proved", "", "proved"),
    ("nonce differs from the auditor's", Nonce(OTHER_NONCE), "nonce", "refuted", "other-nonce", "refuted"),
    ("no nonce, and the policy requires it", Policy("require = [\"nonce\"]"), "nonce", "undetermined", "missing-artifact", "undetermined"),
    ("manifest edited after it was signed", Made(Defect::ManifestEdited), "rim-signature", "refuted", "forged-manifest", "refuted"),
    ("manifest signed by another key than its first certificate's", Made(Defect::ManifestOtherKey), "rim-signature", "refuted", "forged-manifest", "refuted"),
    ("manifest without signature", Made(Defect::ManifestUnsigned), "rim-signature", "refuted", "forged-manifest", "refuted"),
    ("manifest's signer under another root", Made(Defect::ManifestForeignRoot), "rim-signature", "refuted", "unpinned-root", "refuted"),
    ("manifest's signer under a debug root", Made(Defect::ManifestDebugRoot), "rim-signature", "refuted", "debug-root", "refuted"),
    ("manifest signed outside the profile", Made(Defect::ManifestOtherAlgorithm), "rim-signature", "undetermined", "unsupported", "undetermined"),
    ("manifest's signer expired", Made(Defect::ManifestExpired), "validity", "refuted", "expired-manifest", "refuted"),
    ("the same, allowed by the policy", PolicyWith("allow = [\"expired-manifest\"]", Defect::ManifestExpired), "validity", "proved", "", "proved"),
    ("manifest's signer not valid yet", Time("2024-06-01"), "validity", "refuted", "manifest-not-yet-valid", "refuted"),
    ("device certificate not valid yet", Time("2019-06-01"), "validity", "refuted", "not-yet-valid", "refuted"),
    ("no manifest for a version", Made(Defect::ManifestMissing), "measurements", "undetermined", "missing-reference", "undetermined"),
    ("no manifest for a switch", OnSwitch(Defect::ManifestMissing), "measurements", "undetermined", "missing-reference", "undetermined"),
    ("manifest present but empty", Made(Defect::ManifestEmpty), "measurements", "undetermined", "missing-reference", "undetermined"),
    ("manifest for another chip", Made(Defect::ManifestOtherChip), "measurements", "undetermined", "missing-reference", "undetermined"),
    ("manifest not among those the policy pins", Policy("manifests = [\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"]"), "measurements", "undetermined", "missing-reference", "undetermined"),
    ("a measurement differs", Made(Defect::Mismatch), "measurements", "refuted", "mismatch", "refuted"),
    ("a measurement of a switch differs", OnSwitch(Defect::Mismatch), "measurements", "refuted", "mismatch", "refuted"),
    ("driver and VBIOS manifest claim one index", Made(Defect::ManifestOverlap), "measurements", "undetermined", "contradiction", "undetermined"),
    ("manifest states an index twice", Made(Defect::ManifestDuplicateIndex), "measurements", "undetermined", "contradiction", "undetermined"),
    ("manifest's values are zero, the device's are not", Made(Defect::ManifestAllZero), "measurements", "refuted", "mismatch", "refuted"),
    ("status of the video decoder unknown", Made(Defect::DecoderStatus), "measurements", "undetermined", "unsupported", "undetermined"),
    ("a measurement that no manifest covers", Made(Defect::Uncovered), "measurements", "proved", "", "proved"),
    ("the same, and the policy requires full coverage", PolicyWith("require = [\"full-coverage\"]", Defect::Uncovered), "policy", "undetermined", "missing-reference", "undetermined"),
    ("no revocation data, and the policy requires it", Policy("require = [\"revocation\"]"), "revocation", "undetermined", "missing-artifact", "undetermined"),
    ("CRL, nothing revoked", Crl(0), "revocation", "proved", "", "proved"),
    ("CRL, a certificate revoked", Crl(1), "revocation", "refuted", "revoked", "refuted"),
    ("CRL, a certificate on hold", Crl(2), "revocation", "refuted", "on-hold", "refuted"),
    ("CRL too old", Crl(3), "revocation", "limit", "", "proved"),
    ("CRL not signed by the issuer", Crl(4), "revocation", "limit", "", "proved"),
    ("version older than the least asked for", LeastDriver("600.10.02"), "version", "refuted", "downgrade", "refuted"),
    ("version as new as asked for", LeastDriver("600.9.99"), "version", "proved", "", "proved"),
    ("version not among those allowed", Policy("versions.driver = [\"600.10.02\"]"), "version", "refuted", "not-allowed", "refuted"),
    ("third-party audit required and not there", Policy("require = [\"third-party-audit\"]"), "policy", "undetermined", "missing-artifact", "undetermined"),
];

fn policy(text: &str) -> Supplied {
    let text = format!("schema = \"probity/attestation-policy/1\"\n{text}\n");
    Supplied::new("policy", "policy.toml", text.into_bytes())
}

/// CRLs of the provisioner, which issues the per-device certificate: 0 good, 1 revoked, 2 hold, 3 old, 4 forged.
fn crl(set: &Set, kind: u8) -> Supplied {
    let (brom, provisioner, identity) =
        (&set.authorities[0], &set.authorities[1], &set.authorities[2]);
    let (from, to) = if kind == 3 {
        ("20240101000000Z", "20250101000000Z")
    } else {
        ("20260101000000Z", "20260301000000Z")
    };
    let serial = brom.serial.as_slice();
    let der = match kind {
        1 => provisioner.crl(from, to, &[(&[9, 9], 0), (serial, 1)]),
        2 => provisioner.crl(from, to, &[(serial, 6)]),
        4 => {
            // under the right name, by another key
            let mut other = identity.clone();
            other.name.clone_from(&provisioner.name);
            other.crl(from, to, &[(serial, 1)])
        }
        _ => provisioner.crl(from, to, &[(&[9, 9], 0)]),
    };
    Supplied::new("crl", "provisioner.crl", der)
}

fn examined(case: Case) -> attestation::Examined {
    let (defect, layout) = match case {
        Made(defect) | PolicyWith(_, defect) => (Some(defect), Layout::Hopper),
        OnSwitch(defect) => (Some(defect), Layout::Switch),
        _ => (None, Layout::Hopper),
    };
    let set = set(layout, 7, defect);
    let mut files = others(&set);
    let mut settings = at(AT);
    match case {
        Nonce(digits) => settings.nonce = Some(digits.to_owned()),
        Policy(text) | PolicyWith(text, _) => files.push(policy(text)),
        Crl(kind) => files.push(crl(&set, kind)),
        LeastDriver(least) => {
            settings.min_versions =
                Versions { driver: Some(least.to_owned()), ..Versions::default() };
        }
        Time(time) => settings.at = Some(time.to_owned()),
        PublishedRoots => files.retain(|f| f.role != "root"),
        Made(_) | OnSwitch(_) => {}
    }
    examine(&primary(&set), &files, &settings, Provenance::Synthetic).unwrap()
}

fn printed(row: &Row) -> String {
    let (condition, _, check, verdict, outcome, genuine) = row;
    let outcome = if outcome.is_empty() { "–".to_owned() } else { format!("`{outcome}`") };
    format!("| {condition} | `{check}` | {verdict} | {outcome} | {genuine} |")
}

#[test]
fn every_condition_has_its_verdict() {
    let mut wrong = Vec::new();
    for row in TABLE {
        let (condition, case, check, verdict, outcome, genuine) = *row;
        let examined = examined(case);
        let id = format!("attestation.{check}");
        let said: Vec<String> = examined
            .findings
            .iter()
            .filter(|f| f.check == id)
            .map(|f| {
                let outcome =
                    f.kind.clone().or(f.reason.map(|r| r.to_string())).unwrap_or_default();
                format!("{} {outcome}", f.verdict)
            })
            .collect();
        let wanted = format!("{verdict} {outcome}");
        let right = if verdict == "limit" { said.is_empty() } else { said.contains(&wanted) };
        if !right || examined.fleet.verdict().id() != genuine {
            wrong.push(format!(
                "{condition}: {id} says {said:?}, genuine {}",
                examined.fleet.verdict()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_documentation_prints_the_table() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/attestation.md");
    let text = std::fs::read_to_string(path).unwrap();
    let missing: Vec<String> = TABLE.iter().map(printed).filter(|l| !text.contains(l)).collect();
    assert!(missing.is_empty(), "docs/attestation.md lacks:\n{}", missing.join("\n"));
}

#[test]
fn clean_twins_are_proved_in_every_layout() {
    for layout in Layout::ALL {
        let set = set(layout, 1, None);
        let mut settings = at(AT);
        settings.nonce = Some(hex::encode(NONCE));
        let examined =
            examine(&primary(&set), &others(&set), &settings, Provenance::Synthetic).unwrap();
        let weak: Vec<_> = examined
            .findings
            .iter()
            .filter(|f| f.claim == evidence::Claim::Genuine && f.verdict != Verdict::Proved)
            .collect();
        assert!(weak.is_empty(), "{layout:?}: {weak:#?}");
        assert_eq!(examined.fleet.verdict(), Verdict::Proved);
        for finding in &examined.findings {
            assert!(finding.scope.contains("synthetic"), "{}", finding.scope);
        }
    }
}

#[test]
fn the_same_input_gives_the_same_findings() {
    let set = set(Layout::Hopper, 3, None);
    let (a, b) = (run(&set).unwrap(), run(&set).unwrap());
    assert_eq!(a.findings, b.findings);
}

#[test]
fn a_forged_manifest_beside_an_authentic_one_refutes_nothing_and_is_named() {
    let good = set(Layout::Hopper, 3, None);
    let forged = set(Layout::Hopper, 3, Some(Defect::ManifestEdited));
    let mut files = others(&good);
    files.push(Supplied::new("rim", "forged.xml", forged.manifests[0].1.clone().into_bytes()));
    let examined = examine(&primary(&good), &files, &at(AT), Provenance::Synthetic).unwrap();
    assert_eq!(examined.fleet.verdict(), Verdict::Proved);
    let named = examined.findings.iter().flat_map(|f| &f.assumptions);
    assert!(named.into_iter().any(|a| a.contains("forged.xml") && a.starts_with("refused")));
}

#[test]
fn a_fleet_shows_what_differs() {
    let mut items = Vec::new();
    for device in 0..8 {
        let defect = (device == 3).then_some(Defect::Mismatch);
        let set = set(Layout::Hopper, device, defect);
        items.push(serde_json::json!({
            "arch": "HOPPER", "evidence": hex::encode(&set.report), "certificate": set.chain,
        }));
    }
    let switch = set(Layout::Switch, 0, None);
    items.push(serde_json::json!({"arch": "LS10", "evidence": hex::encode(&switch.report), "certificate": switch.chain}));
    let json = serde_json::to_vec(&items).unwrap();
    let mut files = others(&set(Layout::Hopper, 0, None));
    files.retain(|f| f.role != "chain");
    files.extend(others(&switch).into_iter().filter(|f| f.role == "rim"));
    let evidence = Supplied::new("evidence", "rack.json", json);
    let examined = examine(&evidence, &files, &at(AT), Provenance::Synthetic).unwrap();
    let told = examined.fleet.differences();
    assert_eq!(told[0], "7 of 9 identical");
    assert!(
        told[1..].iter().any(|l| l.starts_with("GPU 3: ") && l.contains("at index 9")),
        "{told:?}"
    );
    assert_eq!(examined.fleet.rows[8].label, "switch 0");
    assert_eq!(examined.fleet.rows[8].verdict, Verdict::Proved);
    assert_eq!(examined.fleet.verdict(), Verdict::Refuted);
}
