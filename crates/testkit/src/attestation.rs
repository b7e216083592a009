//! Synthetic attestation evidence: reports, chains and manifests under a certificate authority of our own.
//!
//! Problem: real evidence names real devices and may not be kept here, and no vendor publishes broken evidence of every
//! kind. Method: everything is made from labels, so the same plan gives the same bytes; every name says
//! `Synthetic`. Certificates and signed XML are written by hand, not by the code under test: the
//! manifest is written in canonical form to begin with, so its digest needs no canonicaliser.
//! What it cannot show: that real devices look so; tests on real evidence do.

pub mod der;
pub mod pki;
pub mod report;
pub mod rim;

pub use pki::{Authority, Entry};
pub use report::Layout;

use p384::ecdsa::SigningKey;

/// The moment the sets are made for.
pub const AT: &str = "2026-01-31T12:00:00Z";
/// Driver version of the sets.
pub const DRIVER: &str = "600.10.01";
/// VBIOS version of GPU sets.
pub const VBIOS: &str = "96.00.9F.00.01";
/// BIOS version of switch sets.
pub const BIOS: &str = "96.10.55.00.01";
/// Nonce of the sets.
pub const NONCE: [u8; 32] = [0x5a; 32];

/// What is wrong with a set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names say it; docs/attestation.md has the table")]
pub enum Defect {
    ReportAltered,
    TrailingByte,
    DuplicateIndex,
    DuplicateField,
    UnknownLayout,
    NoChain,
    IssuerMissing,
    ForeignRoot,
    IssuerNotAuthority,
    LeafIsAuthority,
    CertificateAltered,
    OtherFwid,
    NoFwid,
    DebugNames,
    ManifestEdited,
    ManifestOtherKey,
    ManifestUnsigned,
    ManifestForeignRoot,
    ManifestDebugRoot,
    ManifestExpired,
    ManifestEmpty,
    ManifestMissing,
    ManifestOtherChip,
    ManifestOverlap,
    ManifestDuplicateIndex,
    ManifestAllZero,
    ManifestOtherAlgorithm,
    Mismatch,
    Uncovered,
    DecoderStatus,
}

/// A complete set.
#[derive(Clone, Debug)]
pub struct Set {
    /// The report.
    pub report: Vec<u8>,
    /// The chain, PEM; empty if there is none.
    pub chain: String,
    /// Manifests: file name and contents.
    pub manifests: Vec<(String, String)>,
    /// The root, PEM.
    pub root: String,
    /// The issuers of the chain, from the leaf's to the root; they sign CRLs.
    pub authorities: Vec<Authority>,
}

/// A set of a layout with a defect, or without one. `device` distinguishes parts.
pub fn set(layout: Layout, device: u32, defect: Option<Defect>) -> Set {
    let has = |d: Defect| defect == Some(d);
    let root =
        Authority::root(if has(Defect::ForeignRoot) { "Foreign Root CA" } else { "Root CA" });
    let trusted = Authority::root("Root CA");
    let debug = if has(Defect::DebugNames) { " Debug Only" } else { "" };
    let identity = root.issue(&format!("{} Identity{debug}", layout.chip()), &Entry::authority());
    let provisioner =
        identity.issue(&format!("{} Provisioner ICA 1", layout.chip()), &Entry::authority());
    let brom_entry =
        if has(Defect::IssuerNotAuthority) { Entry::plain() } else { Entry::authority() };
    let brom = provisioner.issue(&format!("{} A01 GSP BROM {device}", layout.chip()), &brom_entry);
    let fwid = pki::hash(&format!("firmware of {}", layout.chip()));
    let mut leaf_entry = Entry::leaf(layout, device, fwid);
    if has(Defect::LeafIsAuthority) {
        leaf_entry = leaf_entry.with_authority();
    }
    let mut leaf = brom.issue(&format!("{} A01 GSP FMC LF", layout.chip()), &leaf_entry);
    if has(Defect::CertificateAltered) {
        // a bit of the signature, so that the certificate still reads
        let last = leaf.der.len() - 1;
        leaf.der[last] ^= 1;
    }
    let plan = report::Plan { layout, fwid, defect };
    let mut report = report::report(&plan, &leaf.key);
    if has(Defect::ReportAltered) {
        report[37 + 8 + 7] ^= 1;
    }
    if has(Defect::TrailingByte) {
        report.push(0);
    }
    let mut chain =
        vec![leaf.clone(), brom.clone(), provisioner.clone(), identity.clone(), root.clone()];
    if has(Defect::IssuerMissing) {
        chain.remove(1);
    }
    let pem = if has(Defect::NoChain) {
        String::new()
    } else {
        chain.iter().map(Authority::pem).collect()
    };
    Set {
        report,
        chain: pem,
        manifests: rim::manifests(layout, defect, &trusted),
        root: trusted.pem(),
        authorities: vec![brom, provisioner, identity, root],
    }
}

/// A key from a label.
pub fn key(label: &str) -> SigningKey {
    let digest = pki::hash(label);
    SigningKey::from_slice(&digest).expect("a digest is a scalar but for one in 2^190")
}
