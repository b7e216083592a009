//! What DICE certificates carry beside X.509: the firmware they were issued to, and the device.
//!
//! Method: the structures of the Trusted Computing Group are walked by hand, as far as the first digest and
//! no further, because vendors fill the rest differently; strict DER throughout. Anything of another
//! form gives nothing, and the caller says so.
//! Sources: DICE Attestation Architecture 1.1 (`DiceTcbInfo`), DSP0274 (device id).
//! What it cannot see: further FWIDs of a list, and digests other than SHA-384.

use super::{DMTF_DEVICE, ID_SHA384};
use crate::signature::SIZE;
use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode as _, Reader as _, SliceReader, Tag, Tagged as _};

/// `SEQUENCE { INTEGER, SubjectPublicKeyInfo, SEQUENCE { OID, OCTET STRING } }`: the last is the FWID.
pub(super) fn composite_fwid(value: &[u8]) -> Option<[u8; SIZE]> {
    let mut reader = SliceReader::new(value).ok()?;
    let digest = reader.sequence(|inner| {
        inner.tlv_bytes()?;
        inner.tlv_bytes()?;
        let fwid = read_fwid(inner)?;
        let rest = inner.remaining_len();
        inner.read_slice(rest)?;
        Ok(fwid)
    });
    digest.ok().flatten()
}

fn read_fwid<'a>(reader: &mut impl der::Reader<'a>) -> der::Result<Option<[u8; SIZE]>> {
    reader.sequence(|pair| {
        let algorithm = ObjectIdentifier::decode(pair)?;
        let digest = OctetStringRef::decode(pair)?;
        Ok((algorithm == ID_SHA384).then(|| digest.as_bytes().try_into().ok()).flatten())
    })
}

/// `DiceTcbInfo`: the first of the list of FWIDs in field 6.
pub(super) fn tcb_info_fwid(value: &[u8]) -> Option<[u8; SIZE]> {
    let mut reader = SliceReader::new(value).ok()?;
    let found = reader.sequence(|inner| {
        let mut found = None;
        while !inner.is_finished() {
            let field = der::AnyRef::decode(inner)?;
            let is_list =
                matches!(field.tag(), Tag::ContextSpecific { number, .. } if number.value() == 6);
            if is_list && found.is_none() {
                found = read_fwid(&mut SliceReader::new(field.value())?)?;
            }
        }
        Ok(found)
    });
    found.ok().flatten()
}

/// The DMTF device id among the alternative names.
pub(super) fn device_id(value: &[u8]) -> Option<String> {
    use x509_cert::ext::pkix::{SubjectAltName, name::GeneralName};
    let names = SubjectAltName::from_der(value).ok()?;
    names.0.iter().find_map(|name| match name {
        GeneralName::OtherName(other) if other.type_id == DMTF_DEVICE => {
            let text = std::str::from_utf8(other.value.value()).ok()?;
            (text.len() < 256 && text.chars().all(|c| c.is_ascii_graphic()))
                .then(|| text.to_owned())
        }
        _ => None,
    })
}
