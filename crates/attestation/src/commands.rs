//! Commands of foreign tools that repeat a check: `openssl` for certificates and reports, `xmlsec1` for manifests.
//!
//! They expect the report in binary as `report.bin` (`xxd -r -p REPORT > report.bin`), the chain as `chain.pem` and the
//! root that the finding names as `root.pem`.

use crate::spdm::Report;
use crate::time::Time;

/// Repeats the check of a device's chain.
pub(crate) fn chain(at: Time) -> Vec<String> {
    vec![
        "openssl x509 -in root.pem -noout -fingerprint -sha256".to_owned(),
        format!(
            "openssl verify -attime {} -ignore_critical -CAfile root.pem -untrusted chain.pem chain.pem",
            at.0
        ),
    ]
}

/// Repeats the check of a report's signature (SPDM 1.1).
pub(crate) fn report(report: &Report) -> Vec<String> {
    if report.version >= 0x12 {
        return Vec::new();
    }
    let at = report.signed;
    let part = |skip: usize| format!("$(xxd -p -c 48 -s {skip} -l 48 report.bin)");
    vec![
        format!("head -c {at} report.bin > signed.bin"),
        format!(
            "printf 'asn1=SEQUENCE:s\\n[s]\\nr=INTEGER:0x%s\\ns=INTEGER:0x%s\\n' {} {} | openssl asn1parse -genconf \
             /dev/stdin -noout -out signature.der",
            part(at),
            part(at + 48)
        ),
        "openssl x509 -in chain.pem -noout -pubkey > key.pem".to_owned(),
        "openssl dgst -sha384 -verify key.pem -signature signature.der signed.bin".to_owned(),
    ]
}

/// Repeats the check of a manifest.
pub(crate) fn manifest(name: &str, at: Time) -> Vec<String> {
    let time = at.to_string().replace('T', " ").replace('Z', "");
    vec![format!(
        "xmlsec1 --verify --trusted-pem root.pem --verification-gmt-time '{time}' '{}'",
        name.replace('\'', "'\\''")
    )]
}
