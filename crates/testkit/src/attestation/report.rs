//! Synthetic reports in every layout.

use super::pki::hash;
use super::{BIOS, DRIVER, Defect, NONCE};
use p384::ecdsa::signature::hazmat::PrehashSigner as _;
use p384::ecdsa::{Signature, SigningKey};
use sha2::{Digest as _, Sha384};

/// Layouts of reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layout {
    /// GPU, TLV, composite FWID.
    Hopper,
    /// GPU, TLV, FWID in DiceTcbInfo.
    Blackwell,
    /// Switch, 31 measurements, no FWID.
    Switch,
    /// GPU with the versioned layout of opaque data.
    Versioned,
    /// GPU with the signing context of SPDM 1.2.
    Spdm12,
}

impl Layout {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Hopper, Self::Blackwell, Self::Switch, Self::Versioned, Self::Spdm12];
    /// Chip name.
    pub fn chip(self) -> &'static str {
        match self {
            Self::Blackwell => "GB100",
            Self::Switch => "LS10",
            _ => "GH100",
        }
    }
    /// Number of measurements.
    pub fn blocks(self) -> u8 {
        if self == Self::Switch { 31 } else { 64 }
    }
}

/// What a report is made from.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Layout.
    pub layout: Layout,
    /// Firmware digest.
    pub fwid: [u8; 48],
    /// What is wrong with it.
    pub defect: Option<Defect>,
}

/// The value of a measurement, by manifest index; zero where nothing is measured.
pub fn value(layout: Layout, index: u8) -> [u8; 48] {
    let measured = if layout == Layout::Switch {
        index < 29
    } else {
        matches!(index, 1..=7 | 9 | 11 | 21 | 22 | 25..=27 | 29..=40)
    };
    if measured { hash(&format!("measurement {index} of {}", layout.chip())) } else { [0; 48] }
}

/// A signed report.
pub fn report(plan: &Plan, key: &SigningKey) -> Vec<u8> {
    let version = if plan.layout == Layout::Spdm12 { 0x12 } else { 0x11 };
    let has = |d: Defect| plan.defect == Some(d);
    let mut out = vec![version, 0xe0, 1, 0xff];
    out.extend(NONCE);
    out.push(0);
    let count = plan.layout.blocks();
    let mut record = Vec::new();
    for index in 0..count {
        let mut value = value(plan.layout, index);
        if has(Defect::Mismatch) && index == 9 {
            value = hash("other firmware");
        }
        if has(Defect::Uncovered) && index == 50 {
            value = hash("measured without reference");
        }
        let stated = if has(Defect::DuplicateIndex) && index == 20 { 5 } else { index };
        record.extend([stated + 1, 1, 51, 0, 1, 48, 0]);
        record.extend(value);
    }
    out.extend([version, 0x60, 0, 0, count]);
    out.extend(&(record.len() as u32).to_le_bytes()[..3]);
    out.extend(record);
    out.extend(&hash("responder nonce")[..32]);
    let opaque = opaque(plan);
    out.extend((opaque.len() as u16).to_le_bytes());
    out.extend(opaque);
    let digest: [u8; 48] = if version == 0x12 {
        let mut prefix = b"dmtf-spdm-v1.2.*".repeat(4);
        prefix.extend([0; 6]);
        prefix.extend(b"responder-measurements signing");
        Sha384::new().chain_update(prefix).chain_update(Sha384::digest(&out)).finalize().into()
    } else {
        Sha384::digest(&out).into()
    };
    let signature: Signature =
        key.sign_prehash(&digest).expect("a digest of 48 bytes can be signed");
    out.extend(signature.to_bytes());
    out
}

fn opaque(plan: &Plan) -> Vec<u8> {
    let has = |d: Defect| plan.defect == Some(d);
    if has(Defect::UnknownLayout) {
        return b"\x03\x00\xff\xffno such layout".to_vec();
    }
    let text = |t: &str| [t.as_bytes(), &[0]].concat();
    let mut fields: Vec<(u16, Vec<u8>)> = Vec::new();
    if plan.layout == Layout::Switch {
        fields.push((6, BIOS.as_bytes().to_vec()));
        fields.push((22, vec![1, 2, 3, 4, 5, 6, 7, 8]));
        fields.push((26, vec![9; 128]));
    } else {
        fields.push((6, vec![0, 0x9f, 0, 0x96, 1, 0, 0, 0]));
        fields.push((14, vec![7, 0, 0, 0]));
        fields.push((15, text("882")));
        fields.push((17, text("1010")));
        fields.push((18, text("0200")));
        fields.push((3, text(DRIVER)));
        fields.push((11, vec![if has(Defect::DecoderStatus) { 0x33 } else { 0x55 }]));
        if !has(Defect::NoFwid) {
            let other = hash("firmware of another part");
            fields.push((20, if has(Defect::OtherFwid) { other } else { plan.fwid }.to_vec()));
        }
        fields.push((36, vec![0, 0]));
        fields.push((900, b"unknown fields are kept".to_vec()));
    }
    if has(Defect::DuplicateField) {
        fields.push((6, vec![0; 8]));
    }
    let mut out = Vec::new();
    if plan.layout == Layout::Versioned {
        out.extend(b"NVDAOD\0\0\x02\0\0\0");
    }
    for (kind, data) in fields {
        out.extend(kind.to_le_bytes());
        if plan.layout == Layout::Versioned {
            out.extend(0x85u16.to_le_bytes());
        }
        out.extend((data.len() as u16).to_le_bytes());
        out.extend(data);
    }
    out
}
