//! Opaque data: what the device says about itself beside the measurements.
//!
//! Problem: two layouts exist, the field set grows with every driver, and a verifier that drops what it does not
//! know hides it from the auditor.
//! Method: one list of fields for both layouts. *TLV*: type and size, 16 bits each, little-endian, then data.
//! *Versioned*: a header of 12 bytes that begins with `NVDAOD` (profile, version), then type, value type, size,
//! data. Known types are named and shown as text or number; unknown ones are kept as bytes by number. Layout
//! and names follow the vendor's open attestation SDK (NVIDIA/attestation-sdk, Apache-2.0) and its document
//! "Opaque Data Format"; the versioned layout was not seen on data.
//! Cost: linear.
//! What it cannot see: whether the data is true; it is signed by the device and by nobody else.

use crate::bytes::{Cursor, Short};

/// Most fields a report may have.
pub const MAX_FIELDS: usize = 1024;

/// How the fields are laid out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Layout {
    /// Type, size, data.
    Tlv,
    /// With a header that begins with `NVDAOD`.
    Versioned {
        /// Profile, 0 in the published document.
        profile: u16,
        /// Major, minor, patch.
        version: [u8; 3],
    },
    /// Neither: the data is kept, nothing in it is used.
    Unknown(String),
}

/// One field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// Type number.
    pub kind: u16,
    /// Value type, in the versioned layout; a number the published document does not explain here.
    pub value_type: Option<u16>,
    /// Offset within the opaque data.
    pub at: usize,
    /// The data.
    pub data: Vec<u8>,
}

/// Opaque data as read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opaque {
    /// Layout.
    pub layout: Layout,
    /// Fields in their order.
    pub fields: Vec<Field>,
}

/// Type numbers with their names, as the vendor's SDK has them.
const NAMES: &[(u16, &str)] = &[
    (1, "CERT_ISSUER_NAME"),
    (2, "AUTHORITY_KEY_ID"),
    (3, "DRIVER_VERSION"),
    (4, "GPU_INFO"),
    (5, "SKU"),
    (6, "VBIOS_VERSION"),
    (7, "MANUFACTURER_ID"),
    (8, "TAMPER_DETECTION"),
    (9, "SMC"),
    (10, "VPR"),
    (11, "NVDEC0_STATUS"),
    (12, "MSRSCNT"),
    (13, "CPRINFO"),
    (14, "BOARD_ID"),
    (15, "CHIP_SKU"),
    (16, "CHIP_SKU_MOD"),
    (17, "PROJECT"),
    (18, "PROJECT_SKU"),
    (19, "PROJECT_SKU_MOD"),
    (20, "FWID"),
    (21, "PROTECTED_PCIE_STATUS"),
    (22, "SWITCH_PDI"),
    (23, "FLOORSWEPT_PORTS"),
    (24, "POSITION_ID"),
    (25, "LOCK_SWITCH_STATUS"),
    (32, "GPU_LINK_CONN"),
    (33, "SYS_ENABLE_STATUS"),
    (34, "OPAQUE_DATA_VERSION"),
    (35, "CHIP_INFO"),
    (36, "FEATURE_FLAG"),
    (37, "FSP_UCODE_SVN"),
    (38, "NVLE_STATUS"),
    (255, "INVALID"),
];

/// Types that are text.
const TEXT: &[u16] = &[3, 15, 16, 17, 18, 19, 35];

/// Reads opaque data; never fails, see [`Layout::Unknown`].
pub fn read_opaque(data: &[u8]) -> Opaque {
    let fields = if data.starts_with(b"NVDAOD") { versioned(data) } else { tlv(data) };
    fields.unwrap_or_else(|why| Opaque { layout: Layout::Unknown(why), fields: Vec::new() })
}

fn tlv(data: &[u8]) -> Result<Opaque, String> {
    let fields = fields(&mut Cursor::new(data), false)?;
    Ok(Opaque { layout: Layout::Tlv, fields })
}

fn versioned(data: &[u8]) -> Result<Opaque, String> {
    let mut cursor = Cursor::new(data);
    let text = |e: Short| e.to_string();
    cursor.take(6, "magic").map_err(text)?;
    let profile = cursor.u16("profile").map_err(text)?;
    let [major, minor, patch, _padding] = cursor.array("version").map_err(text)?;
    if profile != 0 {
        return Err(format!("byte 6: profile {profile} of the versioned layout is not known"));
    }
    if major > 2 {
        return Err(format!("byte 8: version {major}.{minor}.{patch} of the layout is not known"));
    }
    let fields = fields(&mut cursor, true)?;
    Ok(Opaque { layout: Layout::Versioned { profile, version: [major, minor, patch] }, fields })
}

fn fields(cursor: &mut Cursor<'_>, typed: bool) -> Result<Vec<Field>, String> {
    let text = |e: Short| e.to_string();
    let mut fields = Vec::new();
    while cursor.left() > 0 {
        if fields.len() == MAX_FIELDS {
            return Err(format!("byte {}: more than {MAX_FIELDS} fields", cursor.at()));
        }
        let at = cursor.at();
        let kind = cursor.u16("type of a field").map_err(text)?;
        let value_type =
            if typed { Some(cursor.u16("value type of a field").map_err(text)?) } else { None };
        let size = cursor.u16("size of a field").map_err(text)?;
        let data = cursor.take(usize::from(size), "data of a field").map_err(text)?.to_vec();
        fields.push(Field { kind, value_type, at, data });
    }
    Ok(fields)
}

/// A text field: printable ASCII up to the first zero byte.
fn printable(data: &[u8]) -> Option<String> {
    let end = data.iter().position(|b| *b == 0).unwrap_or(data.len());
    let text = data.get(..end)?;
    let ok = !text.is_empty() && text.iter().all(|b| (0x20..0x7f).contains(b));
    ok.then(|| String::from_utf8_lossy(text).into_owned())
}

impl Field {
    /// The name of the type, or its number.
    pub fn name(&self) -> String {
        NAMES
            .iter()
            .find(|(k, _)| *k == self.kind)
            .map_or_else(|| format!("type {}", self.kind), |(_, name)| (*name).to_owned())
    }

    /// The value as a reader wants it: text, or hexadecimal digits.
    pub fn shown(&self) -> String {
        let text = if self.kind == 6 {
            vbios_text(&self.data)
        } else if TEXT.contains(&self.kind) {
            printable(&self.data)
        } else {
            None
        };
        text.unwrap_or_else(|| hex::encode(&self.data))
    }
}

/// VBIOS version: 8 bytes in a GPU's report, text in a switch's.
fn vbios_text(data: &[u8]) -> Option<String> {
    let bytes: [u8; 8] = match data.try_into() {
        Ok(bytes) => bytes,
        Err(_) => return printable(data),
    };
    let h: String = bytes.iter().rev().map(|b| format!("{b:02X}")).collect();
    let pairs = [h.get(8..10)?, h.get(10..12)?, h.get(12..14)?, h.get(14..16)?, h.get(6..8)?];
    Some(pairs.join("."))
}

impl Opaque {
    /// The field of that type.
    pub fn field(&self, kind: u16) -> Option<&Field> {
        self.fields.iter().find(|f| f.kind == kind)
    }

    fn text(&self, kind: u16) -> Option<String> {
        self.field(kind).and_then(|f| printable(&f.data))
    }

    /// Driver version.
    pub fn driver(&self) -> Option<String> {
        self.text(3)
    }

    /// VBIOS version.
    pub fn vbios(&self) -> Option<String> {
        self.field(6).and_then(|f| vbios_text(&f.data))
    }

    /// Whether the VBIOS version is written as switches write it.
    pub fn is_switch(&self) -> bool {
        self.field(6).is_some_and(|f| f.data.len() != 8) && self.field(3).is_none()
    }

    /// Project, its SKU and the chip's SKU: parts of the name of a VBIOS manifest.
    pub fn board(&self) -> Option<[String; 3]> {
        Some([self.text(17)?, self.text(18)?, self.text(15)?])
    }

    /// Chip name as manifests of the newer families are named after.
    pub fn chip_info(&self) -> Option<String> {
        self.text(35)
    }

    /// Digest of the firmware that the leaf certificate was issued to.
    pub fn fwid(&self) -> Option<&[u8]> {
        self.field(20).map(|f| f.data.as_slice())
    }

    /// Status of the video decoder, which decides whether its measurement counts.
    pub fn nvdec0(&self) -> Option<u8> {
        self.field(11).and_then(|f| f.data.first().copied())
    }

    /// Feature flag: single-part, multi-part or protected-PCIe mode.
    pub fn feature(&self) -> Option<String> {
        let data: [u8; 2] = self.field(36)?.data.as_slice().try_into().ok()?;
        Some(match u16::from_le_bytes(data) {
            0 => "single GPU (SPT)".to_owned(),
            1 => "several GPUs (MPT)".to_owned(),
            2 => "protected PCIe (PPCIE)".to_owned(),
            n => format!("unknown ({n})"),
        })
    }

    /// Types that occur more than once.
    pub fn duplicates(&self) -> Vec<u16> {
        let mut kinds: Vec<u16> = self.fields.iter().map(|f| f.kind).collect();
        kinds.sort_unstable();
        let mut twice: Vec<u16> = kinds.windows(2).filter(|w| w[0] == w[1]).map(|w| w[0]).collect();
        twice.dedup();
        twice
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vbios_versions_read_as_the_vendor_writes_them() {
        assert_eq!(vbios_text(&[0, 0x9f, 0, 0x96, 1, 0, 0, 0]).as_deref(), Some("96.00.9F.00.01"));
        assert_eq!(vbios_text(b"96.10.55.00.01").as_deref(), Some("96.10.55.00.01"));
        assert_eq!(vbios_text(b""), None);
    }

    #[test]
    fn both_layouts_give_the_same_fields() {
        let tlv = read_opaque(b"\x03\x00\x04\x001.2\x00\xfe\x00\x01\x00\x07");
        assert_eq!(tlv.driver().as_deref(), Some("1.2"));
        assert_eq!(tlv.field(254).map(Field::name).as_deref(), Some("type 254"));
        let new = read_opaque(b"NVDAOD\0\0\x02\0\0\0\x03\x00\x85\x00\x04\x001.2\x00");
        assert_eq!(new.driver().as_deref(), Some("1.2"));
        assert_eq!(new.layout, Layout::Versioned { profile: 0, version: [2, 0, 0] });
        assert!(matches!(read_opaque(b"NVDAOD\x01\0\x02\0\0\0").layout, Layout::Unknown(_)));
        assert!(matches!(read_opaque(b"\x03\x00\x04").layout, Layout::Unknown(_)));
        assert_eq!(read_opaque(b"").layout, Layout::Tlv);
    }
}
