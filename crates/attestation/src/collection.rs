//! Evidence as it comes: one report in hexadecimal, Base64 or binary, or a JSON collection of many devices.
//!
//! Problem: the vendor's tools write evidence in several shapes, and one file may hold a rack.
//! Method: JSON is walked for objects that hold a report (`evidence`, `report`, …); what surrounds them (`nonce`,
//! `arch`) is inherited, `certificate` beside them is their chain, in Base64 or as PEM. Everything else is tried as
//! hexadecimal digits, then Base64, then as the report itself, by its first byte.
//! Cost: linear.
//! What it cannot see: nothing in a collection outside the report is signed: names and nonces in it are claims of
//! whoever made the file.

use base64ct::{Base64, Base64Url, Encoding as _};
use evidence::{Fault, Supplied};
use serde_json::{Map, Value};

/// Largest file of evidence.
pub const MAX_EVIDENCE: usize = 1 << 30;
/// Most devices in one file.
pub const MAX_DEVICES: usize = 65_536;
/// Deepest nesting of a collection.
const MAX_DEPTH: usize = 16;

/// Keys under which a report stands.
const REPORT_KEYS: &[&str] = &[
    "evidence",
    "attestation_report",
    "attestationReport",
    "attestation_report_data",
    "report",
    "spdm_report",
];
/// Keys under which a chain stands.
const CHAIN_KEYS: &[&str] = &[
    "certificate",
    "certificate_chain",
    "certificateChain",
    "cert_chain",
    "attestation_cert_chain",
    "certificates",
];

/// One device's evidence.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Device {
    /// Place in the file, as a JSON pointer; empty for a file that is one report.
    pub place: String,
    /// Architecture as the file names it; not signed.
    pub arch: Option<String>,
    /// The report.
    pub report: Vec<u8>,
    /// Certificate chain, PEM.
    pub chain: Option<Vec<u8>>,
    /// Nonce as the file states it; not signed.
    pub nonce: Option<String>,
    /// Why the report or chain cannot be had.
    pub unreadable: Option<String>,
}

/// The devices in a file of evidence.
///
/// # Errors
/// If there is none, or the file is of no known shape.
pub fn read_evidence(file: &Supplied) -> Result<Vec<Device>, Fault> {
    let bytes = file.bytes.as_slice();
    let wrong = |place: &str, what: &str, remedy: &str| Fault::new(&file.name, place, what, remedy);
    if bytes.len() > MAX_EVIDENCE {
        return Err(wrong("", "is larger than evidence may be (1 GiB)", "split the collection"));
    }
    let start = bytes.iter().position(|b| !b.is_ascii_whitespace());
    let Some(start) = start else {
        return Err(wrong("", "is empty", "give the report that the device returned"));
    };
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match bytes.get(start) {
        Some(b'{' | b'[' | 0xef) => {
            let value: Value = serde_json::from_slice(text).map_err(|e| {
                wrong(
                    &format!("line {}, column {}", e.line(), e.column()),
                    &format!("not JSON: {e}"),
                    "",
                )
            })?;
            let mut devices = Vec::new();
            walk(&value, &Context::default(), "", 0, &mut devices)
                .map_err(|what| wrong("", &what, "split the collection"))?;
            if devices.is_empty() {
                let remedy = "expected objects with `evidence` (Base64) and `certificate`";
                return Err(wrong("", "no device in this JSON", remedy));
            }
            Ok(devices)
        }
        Some(b'-') => Err(wrong(
            "",
            "this is a certificate chain, not a report",
            "give the report first and the chain with --chain",
        )),
        Some(b'<') => Err(wrong(
            "",
            "this is a manifest, not a report",
            "give the report first and manifests with --rim",
        )),
        _ => Ok(vec![Device { report: report_bytes(file)?, ..Device::default() }]),
    }
}

/// A report in hexadecimal, Base64 or binary.
fn report_bytes(file: &Supplied) -> Result<Vec<u8>, Fault> {
    let bytes = file.bytes.as_slice();
    if matches!(bytes, [0x10..=0x1f, 0x60 | 0xe0, ..]) {
        return Ok(bytes.to_vec());
    }
    let wrong = |place: String, what: String| {
        let remedy = "expected a report in binary, hexadecimal or Base64, or a JSON collection";
        Fault::new(&file.name, &place, &what, remedy)
    };
    if let Some(at) = bytes.iter().position(|b| !b.is_ascii()) {
        return Err(wrong(
            format!("byte {at}"),
            "neither text nor a report (first byte 0x11)".to_owned(),
        ));
    }
    let dense: Vec<u8> = bytes.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    let digits = dense.strip_prefix(b"0x").unwrap_or(&dense);
    if let Some(at) = digits.iter().position(|b| !b.is_ascii_hexdigit()) {
        let decoded = base64(&String::from_utf8_lossy(&dense));
        if let Some(report) =
            decoded.filter(|r| matches!(r.as_slice(), [0x10..=0x1f, 0x60 | 0xe0, ..]))
        {
            return Ok(report);
        }
        let shown = char::from(digits[at]).escape_default().to_string();
        return Err(wrong(format!("digit {at}"), format!("`{shown}` is not a hexadecimal digit")));
    }
    hex::decode(digits).map_err(|_| {
        wrong(format!("digit {}", digits.len()), "an odd number of hexadecimal digits".to_owned())
    })
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let dense: String = text.split_ascii_whitespace().collect();
    Base64::decode_vec(&dense).or_else(|_| Base64Url::decode_vec(&dense)).ok()
}

#[derive(Clone, Default)]
struct Context {
    arch: Option<String>,
    nonce: Option<String>,
    chain: Option<Vec<u8>>,
}

fn walk(
    value: &Value,
    context: &Context,
    place: &str,
    depth: usize,
    devices: &mut Vec<Device>,
) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!("{place}: nested deeper than {MAX_DEPTH}"));
    }
    match value {
        Value::Array(all) => {
            for (i, inner) in all.iter().enumerate() {
                walk(inner, context, &format!("{place}/{i}"), depth + 1, devices)?;
            }
        }
        Value::Object(map) => {
            let mut context = context.clone();
            let string = |key: &str| map.get(key).and_then(Value::as_str).map(str::to_owned);
            context.arch = string("arch").or_else(|| string("architecture")).or(context.arch);
            context.nonce = string("nonce").or(context.nonce);
            let chain = CHAIN_KEYS.iter().find_map(|key| map.get(*key)).map(chain_bytes);
            let mut unreadable = None;
            match chain {
                Some(Ok(bytes)) => context.chain = Some(bytes),
                Some(Err(what)) => unreadable = Some(what),
                None => {}
            }
            if let Some(report) = report_in(map) {
                if devices.len() == MAX_DEVICES {
                    return Err(format!("{place}: more than {MAX_DEVICES} devices"));
                }
                let (report, bad) = match report {
                    Ok(report) => (report, None),
                    Err(what) => (Vec::new(), Some(what)),
                };
                devices.push(Device {
                    place: place.to_owned(),
                    arch: context.arch,
                    report,
                    chain: context.chain,
                    nonce: context.nonce,
                    unreadable: bad.or(unreadable),
                });
                return Ok(());
            }
            for (key, inner) in map {
                walk(inner, &context, &format!("{place}/{key}"), depth + 1, devices)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// The report of an object, if it holds one.
fn report_in(map: &Map<String, Value>) -> Option<Result<Vec<u8>, String>> {
    let (key, value) = REPORT_KEYS.iter().find_map(|k| Some((*k, map.get(*k)?)))?;
    let text = match value {
        Value::String(text) => text,
        // something else may be below it
        Value::Object(_) | Value::Array(_) => return None,
        _ => return Some(Err(format!("`{key}` is not text"))),
    };
    let dense: String = text.split_ascii_whitespace().collect();
    let is_hex = dense.len().is_multiple_of(2) && dense.bytes().all(|b| b.is_ascii_hexdigit());
    // hexadecimal digits of a report begin with its version and request code
    let decoded = if is_hex
        && dense.starts_with('1')
        && matches!(dense.get(2..4), Some("e0" | "E0" | "60"))
    {
        hex::decode(&dense).ok()
    } else {
        base64(&dense)
    };
    Some(match decoded {
        Some(report) if !report.is_empty() => Ok(report),
        Some(_) => Err(format!("`{key}` is empty")),
        None => Err(format!("`{key}` is neither Base64 nor hexadecimal")),
    })
}

/// A chain: PEM, Base64 of PEM, or a list of PEM or Base64 DER certificates.
fn chain_bytes(value: &Value) -> Result<Vec<u8>, String> {
    let one = |text: &str| -> Result<Vec<u8>, String> {
        if text.contains("-----BEGIN") {
            return Ok(text.as_bytes().to_vec());
        }
        let bytes = base64(text).ok_or("`certificate` is neither PEM nor Base64")?;
        if bytes.first() == Some(&0x30) {
            let body = Base64::encode_string(&bytes);
            return Ok(
                format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n").into()
            );
        }
        Ok(bytes)
    };
    match value {
        Value::String(text) => one(text),
        Value::Array(all) => {
            let mut chain = Vec::new();
            for text in all.iter().filter_map(Value::as_str) {
                chain.extend(one(text)?);
                chain.push(b'\n');
            }
            Ok(chain)
        }
        _ => Err("`certificate` is neither text nor a list".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail this way")]
    use super::*;

    fn read(text: &str) -> Result<Vec<Device>, Fault> {
        read_evidence(&Supplied::new("evidence", "e", text.as_bytes().to_vec()))
    }

    #[test]
    fn shapes() {
        assert_eq!(read("11e0 01\nff").unwrap()[0].report, [0x11, 0xe0, 1, 0xff]);
        assert_eq!(read("0x11E0").unwrap()[0].report, [0x11, 0xe0]);
        assert_eq!(read("EeAB/w==").unwrap()[0].report, [0x11, 0xe0, 1, 0xff]);
        let all = read(
            r#"{"nonce":"ab","evidence_list":[{"evidence":"EeAB/w==","arch":"HOPPER"},{"evidence":"11e0"},{"evidence":"?"}]}"#,
        )
        .unwrap();
        assert_eq!(all.len(), 3);
        assert_eq!(all[0].place, "/evidence_list/0");
        assert_eq!(all[0].nonce.as_deref(), Some("ab"));
        assert_eq!(all[1].report, [0x11, 0xe0]);
        assert!(all[2].unreadable.is_some());
        for bad in [
            "",
            " \n",
            "11e",
            "11zz",
            "{}",
            "[1,2]",
            "{",
            "<x/>",
            "-----BEGIN CERTIFICATE-----",
            "\u{e4}",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
